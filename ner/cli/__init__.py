"""The command line `ner`."""
