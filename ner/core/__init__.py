"""Sentences, tags, entity F1, parameters and files: what all other rooms share."""
