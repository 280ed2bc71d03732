"""Trino's grammar: text to tokens to a tree, with the position of every word kept for error messages."""
