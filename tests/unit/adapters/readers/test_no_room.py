"""A disk without room for what a reader keeps for its second pass: the error names the source and the remedy."""

import gzip
import io
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from comotion.domain.errors import UploadFailed
from tests.unit.adapters.readers.reading import OneWay, table_of

resource = pytest.importorskip("resource")
ROOM_BYTES = 4096
CSV = b"a,b\n" + b"".join(b"%d,%d\n" % (n, n * n) for n in range(5000))


@contextmanager
def no_room() -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (ROOM_BYTES, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def _parquet() -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.table({"a": [str(n) * 3 for n in range(5000)]}), sink)
    return sink.getvalue()


def _workbook() -> bytes:
    sink = io.BytesIO()
    pd.DataFrame({"a": range(3000)}).to_excel(sink, index=False)
    return sink.getvalue()


SOURCES = {
    "stream": lambda: OneWay(CSV),
    "compressed stream": lambda: OneWay(gzip.compress(CSV, 0)),
    "result": lambda: lambda: io.BytesIO(CSV),
    "stream of Parquet": lambda: OneWay(_parquet()),
    "compressed Parquet": lambda: io.BytesIO(gzip.compress(_parquet())),
    "stream of a workbook": lambda: OneWay(_workbook()),
    "compressed workbook": lambda: io.BytesIO(gzip.compress(_workbook())),
}


@pytest.mark.parametrize("make", SOURCES.values(), ids=SOURCES)
def test_what_cannot_be_kept_names_the_source_and_the_remedy(make):
    data = make()
    with no_room(), pytest.raises(UploadFailed, match=r"^sales cannot be kept in .*File too large.*TMPDIR$"):
        table_of(data, name="sales")


def test_frames_of_a_hook_that_cannot_be_kept_name_the_source_and_the_remedy():
    with no_room(), pytest.raises(UploadFailed, match=r"^sales cannot be kept in .*TMPDIR$"):
        table_of(CSV, name="sales", hook=lambda frame: None)


def test_rows_of_a_query_that_cannot_be_kept_name_the_remedy(tmp_path):
    with sqlite3.connect(tmp_path / "a.db") as connection:
        connection.execute("CREATE TABLE t (a integer)")
        connection.executemany("INSERT INTO t VALUES (?)", [(n,) for n in range(5000)])
    connection.close()
    with no_room(), pytest.raises(UploadFailed, match=r"^SQL query cannot be kept in .*TMPDIR$"):
        table_of("SELECT a FROM t", con=f"sqlite:///{tmp_path}/a.db")


def test_a_folder_for_temporary_files_that_is_not_there_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "gone"))
    with pytest.raises(UploadFailed, match=r"^sales cannot be kept in .*TMPDIR$"):
        table_of(OneWay(CSV), name="sales")
