"""Published vectors, unlabelled text, word clusters -> one form on disk, in which taggers look words up."""
