"""Reports on all runs: comparison, pictures, published references, tables of the pages."""
