"""The CSV of data model v1: quotes, NULLs, chunks with a header each."""

import datetime
import decimal
import gzip

import pandas as pd
import pyarrow as pa
import pytest

from comotion.adapters.legacy_csv import chunk_csv, gzip_csv
from comotion.domain.schema import Schema


def text(packed: bytes) -> str:
    return gzip.decompress(packed).decode("utf-8")


class Batches:
    """An opened source over given record batches."""

    name = "p.csv"

    def __init__(self, *batches: pa.RecordBatch, names=("a",)) -> None:
        self._batches, self._names = batches, names

    def batches(self):
        yield from self._batches

    def schema(self) -> Schema:
        from comotion.adapters.readers.types import schema_from_arrow

        return schema_from_arrow(pa.schema([(name, pa.string()) for name in self._names]))


def batch(**columns) -> pa.RecordBatch:
    return pa.RecordBatch.from_pydict(columns)


def test_all_but_numbers_and_booleans_is_quoted():
    frame = pd.DataFrame(
        {
            "text": ["a"],
            "int": [1],
            "float": [0.1],
            "bool": [True],
            "day": [datetime.date(2024, 1, 2)],
            "decimal": [decimal.Decimal("1.10")],
        }
    )
    assert text(gzip_csv(frame)) == ('"text","int","float","bool","day","decimal"\n"a",1,0.1,True,"2024-01-02",1.10\n')


@pytest.mark.parametrize(
    "column", [["a", None], [1.5, None], pd.array([1, None], "Int64"), pd.array([True, None], "boolean"),
               [pd.Timestamp("2024-01-01"), pd.NaT]],
)  # fmt: skip
def test_a_null_is_an_empty_quoted_field_in_any_column(column):
    assert text(gzip_csv(pd.DataFrame({"x": column}))).splitlines()[-1] == '""'


def test_lines_end_in_a_newline_alone_and_quotes_are_doubled():
    assert text(gzip_csv(pd.DataFrame({"x": ['say "hi"', "two\nlines", "cr\r\n"]}))) == (
        '"x"\n"say ""hi"""\n"two\nlines"\n"cr\r\n"\n'
    )


def test_the_index_is_left_out_and_the_frame_not_changed():
    frame = pd.DataFrame({"x": [1]}, index=pd.Index([7], name="id"))
    before = frame.copy()
    assert text(gzip_csv(frame)) == '"x"\n1\n'
    pd.testing.assert_frame_equal(frame, before)


def test_equal_frames_give_equal_bytes():
    assert gzip_csv(pd.DataFrame({"x": [1]})) == gzip_csv(pd.DataFrame({"x": [1]}))


def test_chunks_hold_so_many_rows_whatever_the_batches_and_each_has_the_header():
    source = Batches(batch(a=["1", "2", "3"]), batch(a=["4"]), batch(a=["5", "6", "7"]))
    chunks = list(chunk_csv(source, 2))
    assert [text(chunk.gzip_csv) for chunk in chunks] == [
        '"a"\n"1"\n"2"\n', '"a"\n"3"\n"4"\n', '"a"\n"5"\n"6"\n', '"a"\n"7"\n',
    ]  # fmt: skip
    assert [(chunk.first_row, chunk.last_row, chunk.rows) for chunk in chunks] == [
        (1, 2, 2), (3, 4, 2), (5, 6, 2), (7, 7, 1),
    ]  # fmt: skip


def test_no_chunk_size_is_one_chunk():
    chunks = list(chunk_csv(Batches(batch(a=["1"]), batch(a=["2"])), None))
    assert [text(chunk.gzip_csv) for chunk in chunks] == ['"a"\n"1"\n"2"\n']


def test_rows_that_fill_their_chunks_leave_no_empty_one():
    assert len(list(chunk_csv(Batches(batch(a=["1", "2"])), 1))) == 2


def test_a_source_without_rows_is_one_header():
    [chunk] = chunk_csv(Batches(names=("My Column", "b")), 10)
    assert (text(chunk.gzip_csv), chunk.rows) == ('"My Column","b"\n', 0)


def test_text_is_sent_as_it_stands_and_names_are_unchanged():
    rows = ["007", " NA ", "null", "1e5", "", "é\u2028ü"]
    [chunk] = chunk_csv(Batches(batch(**{"Policy No": rows})), None)
    assert text(chunk.gzip_csv) == '"Policy No"\n' + "".join(f'"{row}"\n' for row in rows)


def test_whole_numbers_stay_whole_where_some_are_null():
    [chunk] = chunk_csv(Batches(batch(n=[1, None, 2**53 + 1])), None)
    assert text(chunk.gzip_csv) == '"n"\n1\n""\n9007199254740993\n'


def test_columns_of_one_name_are_both_sent():
    twice = pa.RecordBatch.from_arrays([pa.array(["1"]), pa.array(["2"])], names=["a", "a"])
    [chunk] = chunk_csv(Batches(twice), None)
    assert text(chunk.gzip_csv) == '"a","a"\n"1","2"\n'
