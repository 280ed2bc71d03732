"""A statement without end ends, and says that it is the fake's limit; one that nobody waits for any more is stopped."""

import threading
import time

import pyarrow as pa
import pytest

from comotion.adapters.fake_dash.lake import Lake, SqlNotSupported

NUMBERS = "(SELECT n FROM UNNEST(sequence(1, 10000)) AS t(n))"
ENDLESS = f"SELECT count(*) FROM {NUMBERS} a, {NUMBERS} b, {NUMBERS} c WHERE a.n * b.n % 7919 < c.n"


def test_a_statement_that_takes_too_long_is_refused_and_the_next_one_runs():
    lake = Lake(longest_s=0.2)
    with pytest.raises(SqlNotSupported, match=r"takes more than 0\.2 s"):
        lake.sql(ENDLESS)
    assert lake.sql("SELECT 1 AS one").to_pylist() == [{"one": 1}]
    lake.close()


@pytest.mark.parametrize("after_s", [0.0, 0.3])
def test_a_statement_is_stopped_whether_it_has_begun_or_not(after_s):
    lake = Lake()
    prepared = lake.prepare(ENDLESS)
    stopper = threading.Timer(after_s, prepared.stop)
    stopper.start()
    if not after_s:
        stopper.join()
    began = time.monotonic()
    with pytest.raises(SqlNotSupported):
        prepared.run()
    assert time.monotonic() - began < 10
    lake.close()


def test_a_statement_reads_the_lake_as_it_was_when_it_was_prepared():
    lake = Lake()
    lake.create("t", pa.table({"a": [1, 2]}))
    prepared = lake.prepare("SELECT sum(a) AS total FROM t")
    lake.create("t", pa.table({"b": ["another table"]}))
    assert prepared.run().to_pylist() == [{"total": 3}]
    lake.close()
