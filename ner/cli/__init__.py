"""The command `ner`."""
