"""Trino's functions: one table, a family a module; what is in none is not Trino's, or is listed as unknown."""
