"""A statement without end ends, and says that it is the fake's limit."""

import pytest

from comotion.adapters.fake_dash.lake import Lake, SqlNotSupported

NUMBERS = "(SELECT n FROM UNNEST(sequence(1, 10000)) AS t(n))"


def test_a_statement_that_takes_too_long_is_refused_and_the_next_one_runs():
    lake = Lake(longest_s=0.2)
    with pytest.raises(SqlNotSupported, match=r"takes more than 0\.2 s"):
        lake.sql(f"SELECT count(*) FROM {NUMBERS} a, {NUMBERS} b, {NUMBERS} c WHERE a.n * b.n % 7919 = c.n")
    assert lake.sql("SELECT 1 AS one").to_pylist() == [{"one": 1}]
    lake.close()
