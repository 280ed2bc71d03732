"""The published classes and functions: their names, signatures and attributes, and no rules of their own."""
