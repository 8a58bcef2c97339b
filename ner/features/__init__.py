"""Sentences -> what a network reads; vectors and clusters as a tagger carries them."""
