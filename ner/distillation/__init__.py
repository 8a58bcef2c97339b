"""Learning from unlabelled text: teachers and students, language models."""
