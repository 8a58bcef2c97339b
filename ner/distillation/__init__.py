"""Learning from unlabelled text: teachers and students."""
