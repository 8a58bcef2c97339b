"""Checks of the set-up, run by `python -m ner.doctor`: machine, params.yaml, sources of files, DVC remotes."""
