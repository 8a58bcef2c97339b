"""Word vectors and clusters: reads published ones, and trains others on text."""
