"""The exported tagger, which needs no TensorFlow: its files, tagging, export, compression, model card."""
