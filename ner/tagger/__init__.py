"""The exported tagger: its files, tagging without TensorFlow, export, compression, model card."""
