"""Taggers behind HTTP: bodies checked, requests batched across clients, a page to try them on."""
