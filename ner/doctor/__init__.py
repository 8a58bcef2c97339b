"""`python -m ner.doctor`: checks of the machine, params.yaml, the sources of corpora, and the DVC remotes."""
