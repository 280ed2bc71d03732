"""Trino's functions: one table, a family a module. A name that is in no family is not Trino's, or is listed as unknown here."""
