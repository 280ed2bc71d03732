"""A table without rows says nothing of its columns: they are text, as in pandas, and yield to any other source."""

import io
import sqlite3
import zipfile

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from comotion.domain.schema import NO_ROWS, Bool, Float, Int, Unseen, join_schemas
from tests.unit.adapters.readers.reading import opened, read_all, table_of


def _zipped(data):
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        archive.writestr("a.csv", data)
    return sink.getvalue()


def _workbook():
    sink = io.BytesIO()
    pd.DataFrame(columns=["a", "b"]).to_excel(sink, index=False)
    return sink.getvalue()


def _parquet():
    sink = io.BytesIO()
    pq.write_table(pa.table({"a": pa.nulls(0), "b": pa.nulls(0)}), sink)
    return sink.getvalue()


def _types(source):
    return [column.type for column in source.schema().columns]


EMPTY = {
    "csv": (b"a,b\n", {}),
    "csv whose values pandas reads": (b"a,b\n", {"thousands": ","}),
    "csv that pandas cuts": (b"a,b\n", {"comment": "#"}),
    "csv with dates": (b"a,b\n", {"parse_dates": ["a", "b"]}),
    "zip": (_zipped(b"a,b\n"), {}),
    "workbook": (_workbook(), {}),
    "json": (b'{"a": {}, "b": {}}', {}),
    "split json": (b'{"columns": ["a", "b"], "data": []}', {"orient": "split"}),
    "parquet": (_parquet(), {}),
    "frame": (pd.DataFrame(columns=["a", "b"]), {}),
    "arrow": (pa.table({"a": pa.nulls(0), "b": pa.nulls(0)}), {}),
    "result": (lambda: io.BytesIO(b'"a","b"\n'), {}),
}


@pytest.mark.parametrize(("data", "options"), EMPTY.values(), ids=EMPTY)
def test_columns_without_rows_are_written_as_text(data, options):
    table = table_of(data, **options)
    assert (table.num_rows, table.schema.types) == (0, [pa.string()] * 2)


@pytest.mark.parametrize(("data", "options"), EMPTY.values(), ids=EMPTY)
def test_columns_without_rows_yield_to_those_of_any_other_source(data, options):
    other = opened(io.BytesIO(b"a,b\n1,true\n"))
    for named in ([("e", opened(data, **options).schema()), ("o", other.schema())], [("o", other.schema())]):
        assert [column.type for column in join_schemas(named).columns] == [Int(64), Bool()]


def test_a_query_without_rows_has_columns_of_text(tmp_path):
    with sqlite3.connect(tmp_path / "a.db") as connection:
        connection.execute("CREATE TABLE t (a integer)")
    table = table_of("SELECT a FROM t", con=f"sqlite:///{tmp_path}/a.db")
    assert (table.num_rows, table.schema.types) == (0, [pa.string()])


def test_columns_of_nulls_are_double_still():
    for options in ({}, {"thousands": ","}, {"dtype_backend": "pyarrow"}):
        assert table_of(b"a,b\n,1\n", **options).schema.types[0] == pa.float64()
    assert _types(opened(pa.table({"a": pa.nulls(1)}))) == [Unseen()]


def test_a_type_that_was_asked_for_is_kept():
    assert _types(opened(b"a,b\n", dtype={"a": "int64"})) == [Int(64), NO_ROWS]
    assert _types(opened(pd.DataFrame({"a": pd.Series([], dtype="float32")}))) == [Float(32)]


def test_a_hook_sees_columns_of_text_where_there_are_no_rows():
    seen = []
    table = table_of(b"a,b\n", hook=lambda frame: seen.append([str(one) for one in frame.dtypes]), rows=2)
    assert seen in ([["str"] * 2], [["object"] * 2])  # the second of pyarrow 21
    assert table.schema.types == [pa.string()] * 2


def test_a_frame_without_rows_that_a_hook_makes_yields_to_its_other_frames():
    def large(frame):
        frame = frame[frame["a"] > 2].copy()
        frame["word"] = [str(one) for one in frame["a"]] if len(frame) else []  # pandas makes double of an empty list
        return frame

    table = table_of(b"a\n1\n2\n3\n4\n", hook=large, rows=2)
    assert table.to_pydict() == {"a": [3, 4], "word": ["3", "4"]}
    assert read_all(opened(b"a\n3\n4\n1\n2\n", hook=large, rows=2)).to_pydict() == {"a": [3, 4], "word": ["3", "4"]}


def test_where_no_frame_of_a_hook_has_rows_their_own_types_count():
    source = opened(
        b"a\n1\n2\n", hook=lambda frame: frame[frame["a"] > 9].assign(w=lambda f: f["a"].astype(str)), rows=1
    )
    assert _types(source) == [Unseen(Int(64)), NO_ROWS]
    assert [str(one) for one in _types(source)] == ["int64", "string"]
