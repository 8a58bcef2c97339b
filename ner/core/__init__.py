"""Sentences, tags, entity F1, parameters and files: what all the others share."""
