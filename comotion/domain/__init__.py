"""What the business decides, as values: no I/O, no clock, no chance, nothing beyond the standard library and attrs."""
