"""Results of all runs: tables, pictures, references, README."""
