"""What the business decides, as values: no I/O, no clock, no chance, nothing but the standard library and attrs."""
