"""What DuckDB cannot say, said in Python: plain functions that DuckDB calls row by row or by batch."""
