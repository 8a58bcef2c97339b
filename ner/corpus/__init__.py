"""Corpus files of any format -> sentences, and the numbers that describe them."""
