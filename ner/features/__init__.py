"""Sentences -> the input arrays of a network; the trimmed vectors and clusters that a tagger carries."""
