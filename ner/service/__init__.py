"""Tagging over HTTP: request bodies are checked, requests of all clients are batched, a page tries the taggers out."""
