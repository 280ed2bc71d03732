"""What DuckDB cannot say, said in Python: plain functions over plain values, called by DuckDB row by row or by batch."""
