"""Learning from unlabelled text: pseudo-labels, language models."""
