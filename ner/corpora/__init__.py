"""Published corpora: downloaded, read, split and counted."""
