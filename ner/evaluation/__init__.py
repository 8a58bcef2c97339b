"""Predictions -> scores, errors, confidence, and what train explains of them."""
