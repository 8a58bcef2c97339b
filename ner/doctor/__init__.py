"""`python -m ner.doctor`: machine, environment, storage and sources, checked; each fault with its cure."""
