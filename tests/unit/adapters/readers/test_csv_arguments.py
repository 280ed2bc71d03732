"""pandas' arguments mean what they mean in pandas, whoever reads the file."""

import datetime as dt
import warnings
from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from comotion.domain.errors import DataError, DataWarning, InvalidArgument, LossyValue, UnreadableSource
from tests.unit.adapters.readers.reading import opened, table_of, types_of


@pytest.mark.parametrize(
    ("data", "options", "rows"),
    [
        (b"a;b\n1.234,5;x\n", {"sep": ";", "decimal": ",", "thousands": "."}, [{"a": 1234.5, "b": "x"}]),
        (b"junk\na,b\n1,2\n", {"skiprows": 1}, [{"a": 1, "b": 2}]),
        (b'"ju\nnk"\na,b\n1,2\n', {"skiprows": 1}, [{"a": 1, "b": 2}]),
        (b"a,b\n1,2\n3,4\n5,6\n", {"skiprows": [1]}, [{"a": 3, "b": 4}, {"a": 5, "b": 6}]),
        (b"1,2\n3,4\n", {"header": None}, [{"0": 1, "1": 2}, {"0": 3, "1": 4}]),
        (b"1,2\n3,4\n", {"names": ["x", "y"]}, [{"x": 1, "y": 2}, {"x": 3, "y": 4}]),
        (b"a,b\n1,2\n", {"names": ["x", "y"], "header": 0}, [{"x": 1, "y": 2}]),
        (b"#\n\na,b\n1,2\n", {"header": 1}, [{"a": 1, "b": 2}]),
        (b"a,b,c\n1,2,3\n", {"usecols": ["c", "a"]}, [{"a": 1, "c": 3}]),
        (b"a,b,c\n1,2,3\n", {"usecols": [0, 2]}, [{"a": 1, "c": 3}]),
        (b"a,b,c\n1,2,3\n", {"usecols": lambda name: name != "b"}, [{"a": 1, "c": 3}]),
        (b"a,b,c\n1,2,3\n", {"usecols": np.array([0, 2])}, [{"a": 1, "c": 3}]),
        (b"a,b,c\n1,2,3\n", {"usecols": pd.Index(["a"])}, [{"a": 1}]),
        (b"a,b,c\n1,2,3\n", {"usecols": [2, 0], "names": ["x", "y"], "header": 0}, [{"x": 1, "y": 3}]),
        (b"1,2,3\n", {"usecols": [1, 2], "names": ["x", "y"], "dtype": {"y": "str"}}, [{"x": 2, "y": "3"}]),
        (b"a,b\n1,-\n-,3\n", {"na_values": "-"}, [{"a": 1, "b": None}, {"a": None, "b": 3}]),
        (b"a,b\n1,999\n2,3\n", {"na_values": [999]}, [{"a": 1, "b": None}, {"a": 2, "b": 3}]),
        (b"a,b\n1,-\n-,3\n", {"na_values": {"a": ["-"]}}, [{"a": 1, "b": "-"}, {"a": None, "b": "3"}]),
        (b"a,b\n1,\n2,NA\n", {"keep_default_na": False}, [{"a": 1, "b": ""}, {"a": 2, "b": "NA"}]),
        (b"a,b\n1,\n2,NA\n", {"na_filter": False}, [{"a": 1, "b": ""}, {"a": 2, "b": "NA"}]),
        (b"a,b\n1,yes\n", {"true_values": ["yes"], "false_values": ["no"]}, [{"a": 1, "b": True}]),
        (b"a,b\n'x,y',2\n", {"quotechar": "'"}, [{"a": "x,y", "b": 2}]),
        (b'#c\na,b\n1,x#foo\n', {"comment": "#"}, [{"a": 1, "b": "x"}]),
        (b'a, b\n1, "x,y"\n', {"skipinitialspace": True}, [{"a": 1, "b": "x,y"}]),
        (b"a::b\n1::2\n", {"sep": "::", "engine": "python"}, [{"a": 1, "b": 2}]),
        (b"a b\n1   2\n", {"sep": r"\s+"}, [{"a": 1, "b": 2}]),
        (b"a,b\n1,2\nsum,3\n", {"skipfooter": 1, "engine": "python"}, [{"a": 1, "b": 2}]),
        (b"a,b\n1,x\\,y\n", {"escapechar": "\\"}, [{"a": 1, "b": "x,y"}]),
        (b"a,b\n1,2\n", {"converters": {"a": lambda text: f"<{text}>"}}, [{"a": "<1>", "b": 2}]),
        (b"a,b\nx,y\n1,2\n", {"header": [0, 1]}, [{"a_x": 1, "b_y": 2}]),
    ],
)  # fmt: skip
def test_an_argument_means_what_it_means_in_pandas(data, options, rows):
    assert table_of(data, **options).to_pylist() == rows


@pytest.mark.parametrize(
    "options",
    [
        {"engine": "python"},
        {"sep": None, "engine": "python"},
        {"sep": "[,]"},
        {"comment": "#"},
        {"skipinitialspace": True},
        {"names": ["x", "y"], "header": 0, "comment": "#"},
        {"header": [0, 1], "engine": "python"},
    ],
)
@pytest.mark.parametrize("first", [b"0", b"5", b"x"])
def test_no_argument_makes_an_index_of_a_column_that_the_header_lacks(first, options):
    with pytest.raises(UnreadableSource, match="more fields than there are columns"):
        table_of(b"a,b\n" + b"c,d\n" * isinstance(options.get("header"), list) + first + b",2,3\n1,5,6\n", **options)


def test_rows_left_out_as_the_user_asked_are_told_where_the_user_asked_for_that():
    with pytest.warns(pd.errors.ParserWarning, match="Skipping line 3"):
        table = table_of(b"a,b\n1,2\n3,4,5\n", on_bad_lines="warn")
    assert table.to_pylist() == [{"a": 1, "b": 2}]


def test_dates_are_parsed_where_asked():
    table = table_of(b"d,x\n2024-01-02,1\n,2\n", parse_dates=["d"])
    assert table["d"].to_pylist() == [dt.datetime(2024, 1, 2), None]


def test_the_format_of_dates_is_that_of_the_first_one_in_every_chunk():
    data = b"d,x\n" + b"02/01/2024,1\n" * 150_000 + b"03/01/2024,1\n"
    table = table_of(data, parse_dates=["d"], dayfirst=True)
    assert set(table["d"].to_pylist()) == {dt.datetime(2024, 1, 2), dt.datetime(2024, 1, 3)}


MANY = 150_000
"""Rows of several chunks, whichever way they are cut."""


def test_a_chunk_without_a_date_yields_to_the_zone_of_the_others():
    data = b"d,x\n" + b"2024-01-01T00:00:00Z,1\n" * MANY + b",1\n" * MANY
    table = table_of(data, parse_dates=["d"])
    assert str(table.schema.field("d").type) == "timestamp[us, tz=UTC]"
    assert table["d"].null_count == MANY


def test_dates_that_are_all_null_are_times():
    assert types_of(b"d,x\n,1\n", parse_dates=["d"])["d"].startswith("timestamp")


def test_zones_that_differ_leave_the_whole_column_text_as_in_pandas():
    lines = [b"2024-01-01T00:00:00Z,1\n" * MANY, b"2024-01-01T00:00:00+02:00,1\n"]
    table = table_of(b"d,x\n" + b"".join(lines), parse_dates=["d"])
    assert (table["d"][0].as_py(), table["d"][-1].as_py()) == ("2024-01-01T00:00:00Z", "2024-01-01T00:00:00+02:00")


def test_a_number_that_is_null_stays_a_text_that_is_none_in_a_column_of_texts():
    table = table_of(b"a,b\n" + b"1.000,2\n" * MANY + b"x,2\n", na_values=[1])
    assert set(table["a"].to_pylist()) == {"1.000", "x"}


@pytest.mark.parametrize("how", [{"date_format": "%Y"}, {"dayfirst": True}])
def test_how_dates_are_written_means_nothing_where_none_are_parsed(how):
    assert table_of(b"a,b\n1,2\n", thousands=",", **how).to_pylist() == [{"a": 1, "b": 2}]


@pytest.mark.parametrize("wanted", [{"day": ["a", "d"]}, "d", 1])
def test_parse_dates_that_pandas_refuses_are_refused(wanted):
    with pytest.raises(InvalidArgument, match="parse_dates is a list of columns"):
        table_of(b"a,d\n1,2024-01-02\n", parse_dates=wanted)


def test_a_date_that_does_not_parse_leaves_the_whole_column_text():
    data = b"d,x\n" + b"01/02/2024,1\n" * 150_000 + b"13/01/2024,1\n"
    assert set(table_of(data, parse_dates=["d"])["d"].to_pylist()) == {"01/02/2024", "13/01/2024"}


@pytest.mark.parametrize("data", [b"a,b\n1,2\n", b'[{"a": 1}]', b'{"a": 1}\n', b'{"a": 1}\n{"a": 2}\n'])
@pytest.mark.parametrize("dtype", [{"a": "integer"}, {"nowhere": "integer"}, "integer", {"a": ["int32"]}])
def test_a_dtype_that_pandas_does_not_know_is_refused_whatever_the_format(data, dtype):
    with pytest.raises(InvalidArgument, match=r"^dtype=.*'Int64'"):
        table_of(data, dtype=dtype)


def test_nullable_and_arrow_dtypes_are_exact():
    assert table_of(b"a,b\n1,x\n,y\n", dtype={"a": "Int64"})["a"].to_pylist() == [1, None]
    assert types_of(b"a,b\n1,\n,x\n", dtype_backend="numpy_nullable") == {"a": "int64", "b": "string"}
    table = table_of(b"a,b\n1.50,x\n", dtype={"a": pd.ArrowDtype(pa.decimal128(10, 2))})
    assert table["a"].to_pylist() == [Decimal("1.50")]


def test_what_pandas_refuses_is_refused():
    with pytest.raises(InvalidArgument, match="'z'"):
        opened(b"a,b\n1,2\n", usecols=["z"])
    with pytest.raises(InvalidArgument, match="'z'"):
        opened(b"a,b\n1,2\n", parse_dates=["z"])
    with pytest.raises(DataError):
        table_of(b"a,b\n1,2\nx,4\n", dtype={"a": "Int64"})
    with pytest.raises(InvalidArgument, match="encoding"):
        opened(b"a,b\n1,2\n", encoding="klingon")
    with pytest.raises(UnreadableSource):
        table_of(b"a,b\n1,2\n1,2,3\n", comment="#")
    with pytest.raises(UnreadableSource):
        table_of(b"a,b\n1,2,3\n4,5,6\n", comment="#")


def test_leading_zeros_and_lost_digits_are_told_also_where_pandas_reads():
    with pytest.warns(DataWarning, match="leading zeros were lost in 1 value;"):
        table_of(b"a,b\n007,1\n8,2\n", thousands=",")
    with pytest.raises(LossyValue, match="'a'"):
        table_of(b"a,b\n9007199254740993,1\n,2\n", thousands=",")


@pytest.mark.parametrize(
    ("data", "options"),
    [
        (b"a\n1\n2\n", {"index_col": 0}),
        (b"a,b\n1,2\n", {"index_col": ["a", "b"], "thousands": ","}),
        (b"a,b\n1,2\n", {"usecols": lambda name: False}),
        (b"\na,b\n", {"skip_blank_lines": False}),
    ],
)
@pytest.mark.filterwarnings("ignore::comotion.domain.errors.DataWarning")
def test_a_table_of_which_no_column_is_left_is_refused(data, options):
    with pytest.raises(UnreadableSource, match=r"file\.csv: no column is left"):
        table_of(data, **options)


@pytest.mark.filterwarnings("ignore::comotion.domain.errors.DataWarning")
def test_dates_of_an_index_that_is_left_out_do_not_matter():
    table = table_of(b"d,when\n2024-01-01,2024-01-02\n", index_col=0, parse_dates=[0, 1])
    assert table.to_pydict() == {"when": [dt.datetime(2024, 1, 2)]}


@pytest.mark.parametrize("options", [{"engine": "python"}, {"skipfooter": 1}, {"sep": "[,]"}], ids=str)
def test_numbers_are_read_as_the_parser_in_python_reads_them_where_that_is_used(options):
    table = table_of(
        b"a,b\n1.5,x\n2.5,y\n3,z\nend,\n"[: None if "skipfooter" in options else -5], decimal=",", **options
    )
    assert table["a"].to_pylist() == [1.5, 2.5, 3.0]


@pytest.mark.parametrize("dtype", ["str", {"d": "str"}, {"d": object}], ids=str)
def test_dates_are_parsed_in_columns_of_a_forced_type_too(dtype):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        table = table_of(b"d,x\n01/02/2024,1\n31/12/2024,2\n", dtype=dtype, parse_dates=["d"], dayfirst=True)
    assert table["d"].to_pylist() == [dt.datetime(2024, 2, 1), dt.datetime(2024, 12, 31)]


@pytest.mark.filterwarnings("ignore:Both a converter and dtype")
def test_a_converter_has_the_last_word_over_a_dtype():
    assert table_of(b"a,b\nx,yy\n", dtype="str", converters={"b": len}).to_pydict() == {"a": ["x"], "b": [2]}


@pytest.mark.filterwarnings("ignore::comotion.domain.errors.DataWarning")
@pytest.mark.parametrize(
    "options",
    [
        {"converters": {1: str.upper}, "usecols": [1, 2]},
        {"converters": {0: str.lower, 1: str.upper}, "index_col": 0},
        {"converters": {0: str.upper}, "usecols": ["b", "c"], "engine": "python"},
        {"converters": {1: str.upper}, "index_col": "a", "engine": "python"},
        {"converters": {1: str.upper}, "comment": "#", "index_col": "a"},
    ],
    ids=str,
)
def test_a_converter_for_a_place_is_for_that_column_of_the_file(options):
    assert table_of(b"a,b,c\nx,y,z\n", **options).to_pydict() == {"b": ["Y"], "c": ["z"]}


@pytest.mark.filterwarnings("ignore::comotion.domain.errors.DataWarning")
@pytest.mark.parametrize(
    "options",
    [
        {"dtype": {1: "str"}, "usecols": [1, 2]},
        {"dtype": {0: "float", 1: "str"}, "index_col": 0},
        {"dtype": {"b": "str"}, "na_values": {0: "9", 2: "2"}, "index_col": 0},
    ],
    ids=str,
)
def test_a_dtype_or_null_for_a_place_is_for_that_column_of_the_file(options):
    assert table_of(b"a,b,c\n1,2,9\n", **options).to_pydict() == {"b": ["2"], "c": [9]}


@pytest.mark.parametrize("nulls", ["-", ["-"], {"d": "-"}, {0: ["-"]}], ids=str)
def test_the_format_of_dates_is_guessed_from_the_first_that_is_no_null(nulls):
    with pytest.warns(DataWarning, match="column 'd' holds what is no date"):  # a 31st month; never day and month mixed
        table = table_of(b"d\n-\n01/02/2024\n31/12/2024\n", na_values=nulls, parse_dates=["d"])
    assert table["d"].to_pylist() == [None, "01/02/2024", "31/12/2024"]


@pytest.mark.parametrize(
    ("data", "options", "type_", "value"),
    [
        (
            b"c\n2024-01-01 00:00:00.123456000\n",
            {"parse_dates": ["c"]},
            pa.timestamp("us"),
            dt.datetime(2024, 1, 1, 0, 0, 0, 123456),
        ),
        (b"c\n12:00:00.5\n", {"dtype": pd.ArrowDtype(pa.time64("ns"))}, pa.time64("us"), dt.time(12, 0, 0, 500_000)),
        (b"c\n1.5\n", {"dtype": "float16"}, pa.float32(), 1.5),
        (b"c\n1.5\n", {"dtype": pd.ArrowDtype(pa.float16())}, pa.float32(), 1.5),
    ],
    ids=str,
)
def test_what_is_finer_than_the_lake_is_stored_as_the_lake_has_it(data, options, type_, value):
    table = table_of(data, **options)
    assert (table.schema.types, table["c"].to_pylist()) == ([type_], [value])


@pytest.mark.parametrize(
    ("data", "options", "error"),
    [
        (b"c\n2024-01-01 00:00:00.123456789\n", {"parse_dates": ["c"]}, "column 'c': a value does not fit timestamp"),
        (b"c\n1\n", {"dtype": pd.ArrowDtype(pa.duration("ns"))}, "the lake has no such type"),
        (b"c\n1\n", {"dtype": pd.ArrowDtype(pa.decimal256(50, 2))}, "at most 38 digits"),
        (b"c\n1\n", {"converters": {"c": pd.Timedelta}}, "column 'c' is duration.*no such type"),
    ],
    ids=str,
)
def test_what_no_lake_can_hold_is_refused_before_it_is_sent(data, options, error):
    with pytest.raises(DataError, match=error):
        table_of(data, **options)


def test_an_index_column_is_left_out_with_a_warning_or_taken_when_asked():
    with pytest.warns(DataWarning, match="'a' is not uploaded"):
        assert table_of(b"a,b\n1,2\n", index_col="a").column_names == ["b"]
    assert table_of(b"a,b\n1,2\n", index_col=0, index=True).column_names == ["a", "b"]


def test_verbatim_keeps_every_field_and_name_as_it_stands():
    table = table_of(b'A b,A b,c\n007,"",NA\n 1 ,,"x\ny"\n9\n', verbatim=True)
    assert table.column_names == ["A b", "A b", "c"]
    assert [tuple(str(v) for v in batch) for batch in zip(*(c.to_pylist() for c in table.columns), strict=True)] == [
        ("007", "", "NA"),
        (" 1 ", "", "x\ny"),
        ("9", "", ""),
    ]


def test_dates_that_cannot_be_read_stay_text_and_that_is_said():
    text = b"id,d\n1,02/03/2024\n2,13/03/2024\n"
    with pytest.warns(DataWarning, match="'d' holds what is no date and stays text; pass date_format="):
        assert table_of(text, parse_dates=["d"])["d"].to_pylist() == ["02/03/2024", "13/03/2024"]
    assert str(table_of(text, parse_dates=["d"], date_format="%d/%m/%Y").schema.field("d").type).startswith("timestamp")


def test_a_wide_text_that_pandas_cuts_a_few_rows_at_a_time_is_whole():
    row = b",".join([b"7"] * 99 + [b"x"])
    table = table_of(b"\n".join([b",".join(b"c%d" % i for i in range(100)), *[row] * 9_000]) + b"\n", comment="#")
    assert (table.num_rows, set(table["c0"].to_pylist()), set(table["c99"].to_pylist())) == (9_000, {7}, {"x"})


@pytest.mark.parametrize("names", [["x", "y", "z"], [10, 11, 12]])
def test_columns_with_new_names_are_taken_by_their_place_where_pandas_cuts_in_python(names):
    options = {"sep": r"\|\|", "engine": "python", "header": 0, "names": names, "usecols": [2, 1], "thousands": ","}
    table = table_of(b"a||b||c\n1||2||3,000\n", **options, converters={names[1]: str})
    assert table.to_pydict() == {str(names[1]): ["2"], str(names[2]): [3000]}
