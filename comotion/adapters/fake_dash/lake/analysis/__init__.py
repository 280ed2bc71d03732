"""From tree to DuckDB: every expression gets its Trino type on the way, and what Trino refuses is refused."""
