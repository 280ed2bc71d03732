"""A CSV file has the names, types and values that pandas.read_csv of the whole file gives it.

Allowed to differ: an integer that would lose digits is refused, and a double is the nearest one (pandas may be one unit
in the last place off). Left out of the comparison are files that pandas itself misreads: integers beyond 64 bits among
other values, where it keeps NA strings as text or counts ``1_0`` as ten; an empty first field in a file with bare
carriage returns, which it drops.
"""

import io
import math
import warnings

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from comotion.adapters.readers import open_source
from comotion.adapters.readers.csv_head import read_head
from comotion.adapters.readers.csv_options import plan
from comotion.adapters.readers.csv_rows import TextRows
from comotion.adapters.readers.csv_source import CsvSource
from comotion.adapters.readers.streams import raw_of
from comotion.adapters.readers.types import schema_to_arrow
from comotion.domain.errors import DataError, LossyValue
from comotion.domain.schema import SchemaWidened
from comotion.ports.tables import Source, SourceSpec

NULLS = ["", "NA", "nan", "None", "null", "#N/A", "NULL", "-1.#IND", "<NA>", "n/a"]
INTEGERS = ["1", "0", "-1", "007", "-05", "+3", " 4", "5 ", "00", "-0", "\t6", "\x0b7", "9007199254740993"]
LARGE = ["9223372036854775807", "9223372036854775808", "18446744073709551615", "1", "007"]
FLOATS = ["1.5", "-2.25", "1e5", "1.", "  .5", "inf", "-inf", "Infinity", "1e400", "0.1", "123456.789", "1E-3", "0e1"]
BOOLS = ["True", "False", "TRUE", "false", "tRue"]
TEXTS = [
    "x", "é", "a b", "2024-01-01", "08:30", "NAN", "0x1F", "1_0", "-", "+", 'a"b', '"q"', "li\nne", "com,ma", '"',
    "1,000", "  ", " True", "0x1p3", "1e", ".", "٣", "1.5.2",
]  # fmt: skip
KINDS = [NULLS, INTEGERS, FLOATS, BOOLS, TEXTS]


@st.composite
def columns(draw: st.DrawFn, rows: int) -> list[str]:
    """One column: few kinds of tokens, so that each inference is met, and mixtures of two."""
    if draw(st.integers(0, 9)) == 0:
        return draw(st.lists(st.sampled_from(LARGE), min_size=rows, max_size=rows))
    kinds = draw(st.lists(st.sampled_from(KINDS), min_size=1, max_size=2))
    tokens = st.sampled_from([token for kind in kinds for token in kind])
    pool = draw(st.lists(tokens, min_size=1, max_size=4))
    return draw(st.lists(st.sampled_from(pool), min_size=rows, max_size=rows))


@st.composite
def csv_files(draw: st.DrawFn) -> bytes:
    rows = draw(st.integers(0, 7))
    width = draw(st.integers(1, 4))
    header = draw(st.lists(st.sampled_from(["a", "b", "", "c d", "x.1", "Ü"]), min_size=width, max_size=width))
    body = [draw(columns(rows)) for _ in range(width)]
    must_not_be_empty = any(value == "" for value in body[0])
    end = draw(st.sampled_from(["\n", "\r\n"] if must_not_be_empty else ["\n", "\r\n", "\r"]))
    lines = [",".join(draw(quoted(name)) for name in header)]
    for row in zip(*body, strict=True):
        if draw(st.integers(0, 9)) == 0:
            lines.append(draw(st.sampled_from(["", " ", "\t"])))
        lines.append(",".join(draw(quoted(value)) for value in row))
    text = end.join(lines) + draw(st.sampled_from([end, ""]))
    return draw(st.sampled_from([b"", b"", b"", b"\xef\xbb\xbf"])) + text.encode()


@st.composite
def quoted(draw: st.DrawFn, value: str) -> str:
    if any(mark in value for mark in ",\n\r") or value.startswith('"') or draw(st.integers(0, 6)) == 0:
        return '"' + value.replace('"', '""') + '"'
    return value


def read(source: Source) -> pa.Table:
    while True:
        try:
            batches = list(source.batches())
        except SchemaWidened:
            continue
        return pa.Table.from_batches(batches, schema=schema_to_arrow(source.schema()))


def in_blocks(data: bytes, *, size_bytes: int) -> Source:
    """The CSV source over blocks of a size; in small ones, types are told from few rows and widened later."""
    raw, how = raw_of(io.BytesIO(data), name="file"), plan({})
    head = read_head(raw, how)
    return CsvSource(raw, TextRows(raw, how, head, nulls=how.nulls, block_bytes=size_bytes), head, forced={})


def outcome(data: bytes, *, size_bytes: int) -> object:
    """What is read, or the kind of error that is raised instead."""
    try:
        table = read(in_blocks(data, size_bytes=size_bytes))
    except DataError as wrong:
        return type(wrong)
    return table.schema, table.to_pylist()


def as_pandas_reads(data: bytes) -> pd.DataFrame | None:
    try:
        frame = pd.read_csv(io.BytesIO(data), low_memory=False)
    except (pd.errors.ParserError, pd.errors.EmptyDataError):
        return None
    return frame if isinstance(frame.index, pd.RangeIndex) else None


def arrow_type_of(column: pd.Series) -> str:
    if column.dtype == object:
        return "bool" if len(column) else "string"
    return {"float64": "double", "str": "string"}.get(str(column.dtype), str(column.dtype))


def is_same(mine: object, theirs: object) -> bool:
    if mine is None or (isinstance(theirs, float) and math.isnan(theirs)):
        return mine is None and theirs is not None and isinstance(theirs, float) and math.isnan(theirs)
    if isinstance(mine, float) and math.isfinite(mine):
        return abs(mine - theirs) <= abs(np.spacing(theirs))
    return bool(mine == theirs)


def assert_same(table: pa.Table, frame: pd.DataFrame) -> None:
    assert table.column_names == [str(name) for name in frame.columns]
    assert [str(one.type) for one in table.schema] == [arrow_type_of(frame.iloc[:, i]) for i in range(frame.shape[1])]
    assert len(table) == len(frame)
    for i, column in enumerate(table.columns):
        for mine, theirs in zip(column.to_pylist(), frame.iloc[:, i], strict=True):
            assert is_same(mine, theirs), (i, mine, theirs)


QUIET = settings(max_examples=2 * settings.default.max_examples, suppress_health_check=list(HealthCheck))


@QUIET
@given(csv_files())
def test_a_csv_file_is_read_as_pandas_reads_the_whole_file(data: bytes):
    frame = as_pandas_reads(data)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            table = read(in_blocks(data, size_bytes=48))
        except LossyValue:
            return
        except DataError:
            assert frame is None
            return
    assert frame is not None
    assert_same(table, frame)


@QUIET
@given(csv_files())
@pytest.mark.filterwarnings("ignore")
def test_the_size_of_a_block_does_not_change_what_is_read(data: bytes):
    assert outcome(data, size_bytes=48) == outcome(data, size_bytes=1 << 20)


@given(st.lists(st.floats(allow_nan=False), min_size=1, max_size=20))
def test_a_double_comes_back_bit_for_bit_from_its_shortest_text(numbers: list[float]):
    data = "a,b\n" + "".join(f"{number!r},x\n" for number in numbers)
    source = open_source(SourceSpec(data=io.StringIO(data), name="numbers"))
    assert read(source).column("a").to_pylist() == numbers


@given(st.lists(st.text(alphabet=st.characters(blacklist_categories=["Cs"], blacklist_characters="\r")), min_size=1))
def test_any_text_comes_back_as_it_was_written(texts: list[str]):
    data = "a,b\n" + "".join('"' + text.replace('"', '""') + '",x\n' for text in texts)
    spec = SourceSpec(data=io.BytesIO(data.encode()), name="texts", verbatim=True)
    assert read(open_source(spec)).column("a").to_pylist() == texts
