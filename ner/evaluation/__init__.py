"""Predictions -> scores, errors, calibration, and comparisons with what train alone explains."""
