"""Pretrained encoders: their files, pieces of words, windows of text, and the network."""
