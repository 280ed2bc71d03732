import json

import pytest

from comotion.domain.errors import InvalidArgument, LossyValue, SchemaConflict, UnreadableSource
from comotion.domain.schema import SchemaWidened
from tests.unit.adapters.readers.reading import opened, read_all, table_of, types_of

MANY = 200_000


@pytest.mark.parametrize(
    "text",
    [
        b'[{"a": 1, "b": "x"}, {"a": 2, "b": null}]',
        b'{"a": 1, "b": "x"}\n{"a": 2, "b": null}\n',
        b'{"a": 1, "b": "x"}\r\n\r\n{"a": 2}',
        b'{"a": {"0": 1, "1": 2}, "b": {"0": "x", "1": null}}',
        b'{"a": [1, 2], "b": ["x", null]}',
        b'\xef\xbb\xbf[\n {"a": 1,\n  "b": "x"},\n {"a": 2}\n]\n',
    ],
)
def test_records_lines_and_columns_are_the_same_table(text):
    assert table_of(text).to_pylist() == [{"a": 1, "b": "x"}, {"a": 2, "b": None}]


def test_one_record_is_a_table_of_one_row():
    assert table_of(b'{"a": 1, "b": "x"}').to_pylist() == [{"a": 1, "b": "x"}]


def test_nested_values_become_lists_and_structs():
    text = b'{"p": {"x": 1, "y": [1, 2.5]}, "t": ["a"]}\n{"p": {"z": true}, "t": []}\n'
    table = table_of(text, lines=True)
    assert {one.name: str(one.type) for one in table.schema} == {
        "p": "struct<x: int64, y: list<item: double>, z: bool>",
        "t": "list<item: string>",
    }
    assert table.to_pylist() == [
        {"p": {"x": 1, "y": [1.0, 2.5], "z": None}, "t": ["a"]},
        {"p": {"x": None, "y": None, "z": True}, "t": []},
    ]


def test_dates_and_numbers_in_quotes_stay_text():
    assert types_of(b'{"date": "2024-01-02", "n": "007"}\n') == {"date": "string", "n": "string"}


def test_whole_numbers_and_fractions_are_double_and_whole_numbers_with_nulls_stay_whole():
    assert types_of(b'{"a": 1, "b": 1}\n{"a": 2.5, "b": null}\n') == {"a": "double", "b": "int64"}


@pytest.mark.parametrize("shape", ["{}", "[{}]"])
def test_a_late_key_and_a_late_fraction_widen_the_schema(shape):
    separator = "\n" if shape == "{}" else ","
    text = shape.replace("{}", separator.join(['{"a": 1}'] * MANY + ['{"a": 2.5, "z": {"k": "late"}}']))
    source = opened(text.encode())
    with pytest.raises(SchemaWidened):
        list(source.batches())
    table = read_all(source)
    assert (len(table), table.slice(MANY).to_pylist()) == (MANY + 1, [{"a": 2.5, "z": {"k": "late"}}])


def test_a_column_of_nulls_takes_the_type_of_its_first_value_however_late():
    text = b'{"a": null}\n' * MANY + b'{"a": "x"}\n'
    assert types_of(text) == {"a": "string"}
    assert types_of(b'{"a": null}\n') == {"a": "double"}


@pytest.mark.parametrize(
    "text",
    [
        b'{"a": 1}\n{"a": 18446744073709551616}\n',
        b'{"a": 0.5}\n{"a": 9007199254740993}\n',
        b'{"a": 0.5}\n' * MANY + b'{"a": 9007199254740993}\n',
        b'{"p": {"a": [0.5]}}\n{"p": {"a": [9007199254740993]}}\n',
    ],
)
def test_an_integer_that_would_lose_digits_names_line_and_column(text):
    with pytest.raises(LossyValue, match=r"line \d+: column '(p\.)?a' holds \d+"):
        table_of(text, lines=True)


def test_kinds_that_no_column_holds_together_are_refused_with_their_line():
    with pytest.raises(SchemaConflict, match=r"line 3: column 'a' is string here and int64 in lines before"):
        table_of(b'{"a": 1}\n{"a": null}\n{"a": "x"}\n')


def test_a_dtype_is_taken_for_records_one_a_line_too():
    text = b'{"a": 7, "b": "x"}\n{"a": 8}\n'
    assert table_of(text, dtype={"a": str})["a"].to_pylist() == ["7", "8"]


def test_a_dtype_makes_them_text():
    assert table_of(b'[{"a": 1}, {"a": "x"}]', dtype={"a": str})["a"].to_pylist() == ["1", "x"]


SHAPES = [
    lambda values: json.dumps([{"a": one} for one in values]),
    lambda values: "\n".join(json.dumps({"a": one}) for one in values),
    lambda values: json.dumps({"a": dict(enumerate(values))}),
]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(
    ("dtype", "values", "texts"),
    [
        ("str", [2**53 + 1, None, 2.5], ["9007199254740993", None, "2.5"]),
        ("str", [2**70, True, {"x": [1]}], ["1180591620717411303424", "True", '{"x": [1]}']),
        ("Int64", [2**53 + 1, None, "7"], [2**53 + 1, None, 7]),
        ("uint64", [2**64 - 1, 0, None], [2**64 - 1, 0, None]),
        ("float64", [1, "2.5", None], [1.0, 2.5, None]),
    ],
)
def test_a_dtype_keeps_every_digit(shape, dtype, values, texts):
    for asked in (dtype, {"a": dtype, "z": "str"}):
        assert table_of(shape(values).encode(), dtype=asked)["a"].to_pylist() == texts


@pytest.mark.parametrize("shape", SHAPES)
def test_not_a_number_is_null_as_in_pandas(shape):
    assert table_of(shape([float("nan"), 1.5, None]).encode())["a"].to_pylist() == [None, 1.5, None]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(("dtype", "value"), [("int8", 128), ("Int64", 1.5), ("Int64", "x"), ("float64", [1])])
def test_a_value_that_is_not_of_the_dtype_is_an_error_that_names_it(shape, dtype, value):
    with pytest.raises(LossyValue, match="column 'a' holds"):
        table_of(shape([1, value]).encode(), dtype={"a": dtype})


def test_a_dtype_of_one_column_changes_no_other():
    records = [{"a": 1, "b": "007", "created_at": "2024-01-01", "n": 2**53 + 1}, {"a": "x", "n": None}]
    table = table_of(json.dumps(records).encode(), dtype={"a": "str"})
    assert table.drop_columns("a").to_pylist() == [
        {"b": "007", "created_at": "2024-01-01", "n": 2**53 + 1},
        {"b": None, "created_at": None, "n": None},
    ]


@pytest.mark.parametrize(
    ("orient", "text"),
    [
        ("split", {"columns": ["0", "1"], "index": [5, 6], "data": [["007", 2**53 + 1], ["8", None]]}),
        ("index", {"5": {"0": "007", "1": 2**53 + 1}, "6": {"0": "8", "1": None}}),
        ("values", [["007", 2**53 + 1], ["8", None]]),
    ],
)
def test_another_orientation_changes_no_value(orient, text):
    table = table_of(json.dumps(text).encode(), orient=orient)
    assert table.to_pylist() == [{"0": "007", "1": 2**53 + 1}, {"0": "8", "1": None}]
    with pytest.raises(UnreadableSource, match=f"no table oriented by {orient}"):
        table_of(b'{"columns": ["a", "a"], "data": [[1, 2]]}', orient=orient)


@pytest.mark.parametrize("text", [b'{"a": {"0": 1}, "a": {"0": 2}}', b'{"a": {"0": 1, "0": 2}}', b'[{"a": 1, "a": 2}]'])
def test_a_name_that_stands_twice_is_an_error_and_no_value_is_forgotten(text):
    for dtype in (None, {"a": "str"}):
        with pytest.raises(UnreadableSource, match="twice"):
            table_of(text, dtype=dtype)


@pytest.mark.parametrize(
    ("text", "where"),
    [
        (b'{"a": 1}\n{"a": x}\n', "line 2, column 7"),
        (b'{"a": 1}\n{"a":\n', "line 3"),
        (b'[{"a": 1},\n {"a": 2}', "line 2, column .*: ',' or"),
        (b'[{"a": 1}] 5', "after the end of the array"),
        (b"[1, 2]", "a record is an object"),
        (b'{"a": 1}{"a": 2}\n', "two records stand on one line"),
        (b'{"a": "\xff"}\n', "line 1"),
        (b'{"a": 1}\n' * MANY + b'{"a": 1\n', f"line {MANY + 2}"),
    ],
)
def test_broken_json_is_located(text, where):
    with pytest.raises(UnreadableSource, match=where):
        table_of(text)


@pytest.mark.parametrize("text", [b"[]", b"{}", b"[{}]", b'{"a": {}}\n{"a": {}}\n'])
def test_json_without_a_column_is_refused(text):
    with pytest.raises(ValueError, match=r"no record|without members"):
        table_of(text)


def test_other_orientations_are_read_by_pandas():
    text = b'{"columns": ["a", "b"], "index": [0], "data": [[1, "x"]]}'
    assert table_of(text, orient="split").to_pylist() == [{"a": 1, "b": "x"}]
    with pytest.raises(InvalidArgument, match="sheet_name="):
        opened(text, sheet_name=1)
    with pytest.raises(InvalidArgument, match="nrows="):
        opened(text, lines=True, nrows=1)


def test_a_record_larger_than_a_block_is_read():
    large = "x" * 5_000_000
    text = f'{{"a": "{large}"}}\n{{"a": "y"}}\n'
    assert table_of(text.encode())["a"].to_pylist() == [large, "y"]


def test_another_encoding_is_read_when_named():
    assert table_of('{"a": "é"}\n'.encode("utf-16"), encoding="utf-16")["a"].to_pylist() == ["é"]


def test_records_without_a_member_in_another_orientation_are_no_table():
    with pytest.raises(UnreadableSource, match="has no columns"):
        table_of(b'{"0": {}, "1": {}}', orient="index")
