"""Word vectors and clusters: published ones read, others trained on text."""
