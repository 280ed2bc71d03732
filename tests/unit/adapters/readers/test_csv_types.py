import pandas as pd
import pyarrow as pa
import pytest

from comotion.domain.errors import ColumnCollision, DataWarning, LossyValue
from comotion.domain.schema import SchemaWidened
from tests.unit.adapters.readers.reading import opened, read_all, table_of, types_of

NULL_STRINGS = [
    "", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>", "N/A", "NA",
    "NULL", "NaN", "None", "n/a", "nan", "null",
]  # fmt: skip
MANY = 300_000


def one_column(*fields: str) -> bytes:
    return ("k,a\n" + "".join(f"1,{one}\n" for one in fields)).encode()


@pytest.mark.parametrize("text", NULL_STRINGS)
def test_each_of_the_null_strings_is_null_quoted_or_not(text):
    assert table_of(one_column(text, f'"{text}"', "x"))["a"].to_pylist() == [None, None, "x"]


@pytest.mark.parametrize("text", ["NAN", "nil", " ", "na", "nan "])
def test_what_only_resembles_a_null_string_is_text(text):
    assert table_of(one_column(text, "x"))["a"].to_pylist() == [text, "x"]


def test_whole_numbers_are_int64():
    assert table_of(one_column("1", " 2", "+3", "-4"))["a"].to_pylist() == [1, 2, 3, -4]


def test_whole_numbers_with_nulls_are_double():
    table = table_of(one_column("1", "", "3"))
    assert (str(table.schema.field("a").type), table["a"].to_pylist()) == ("double", [1.0, None, 3.0])


def test_booleans_are_told_in_any_case_and_may_be_null():
    table = table_of(one_column("True", "FALSE", "true", ""))
    assert table["a"].to_pylist() == [True, False, True, None]


@pytest.mark.parametrize("other", ["1", "1.5", "yes"])
def test_booleans_among_other_values_are_text(other):
    assert table_of(one_column("True", other))["a"].to_pylist() == ["True", other]


@pytest.mark.parametrize("text", ["2024-01-02", "08:30", "2024-01-02T03:04:05Z", "0x1F", "1_000", "1,000"])
def test_dates_times_and_odd_numbers_stay_text(text):
    quoted = f'"{text}"'
    assert table_of(one_column(quoted))["a"].to_pylist() == [text]


def test_a_column_without_a_value_is_double():
    assert types_of(one_column("", "NA")) == {"k": "int64", "a": "double"}


def test_a_column_without_a_value_yields_to_the_type_of_another_file():
    from comotion.domain.schema import join_schemas

    empty, words = opened(one_column("")).schema(), opened(one_column("x")).schema()
    assert join_schemas([("a.csv", empty), ("b.csv", words)]) == words


def test_integers_up_to_two_to_the_64_are_unsigned():
    table = table_of(one_column("18446744073709551615", "1"))
    assert (str(table.schema.field("a").type), table["a"].to_pylist()) == ("uint64", [2**64 - 1, 1])


@pytest.mark.parametrize(
    "fields",
    [
        ("18446744073709551616", "1"),
        ("-9223372036854775809", "1"),
        ("9223372036854775808", "-1"),
        ("9007199254740993", ""),
        ("", "-9007199254740993"),
        ("9007199254740993", "0.5"),
    ],
)
def test_an_integer_that_would_lose_digits_names_line_column_and_dtype(fields):
    with pytest.raises(LossyValue, match=r"file\.csv, line [23]: column 'a' .* dtype=\{'a': '") as refused:
        table_of(one_column(*fields))
    assert isinstance(refused.value, ValueError)


def test_an_integer_that_would_lose_digits_far_into_the_file_is_found():
    data = one_column(*["1"] * MANY, "9007199254740993", "")
    with pytest.raises(LossyValue, match=f"line {MANY + 2}:"):
        table_of(data)


def test_a_dtype_keeps_the_digits():
    data = one_column("9007199254740993", "")
    assert table_of(data, dtype={"a": "str"})["a"].to_pylist() == ["9007199254740993", None]
    assert table_of(data, dtype={"a": "Int64"})["a"].to_pylist() == [9007199254740993, None]


def test_a_large_integer_in_a_column_of_words_is_a_word():
    assert table_of(one_column("18446744073709551616", "x"))["a"].to_pylist() == ["18446744073709551616", "x"]


def test_lost_leading_zeros_are_a_warning_with_the_count_and_a_note():
    source = opened(one_column("007", "12", "-08", "0", "00"))
    with pytest.warns(DataWarning, match="column 'a': leading zeros were lost in 3 values") as caught:
        read_all(source)
    assert len(caught) == 1
    assert source.notes() == ("column 'a': leading zeros were lost in 3 values; pass dtype={'a': 'str'} to keep them",)


def test_a_zero_before_a_decimal_point_is_not_lost(recwarn):
    table_of(one_column("0.5", "-0.25", "0"))
    assert not recwarn.list


def test_leading_zeros_of_text_are_kept_without_a_word(recwarn):
    assert table_of(one_column("007", "7a"))["a"].to_pylist() == ["007", "7a"]
    assert not recwarn.list


def test_duplicate_and_empty_headers_are_renamed_as_in_pandas():
    assert table_of(b"a,a,,a\n1,2,3,4\n").column_names == ["a", "a.1", "unnamed:_2", "a.2"]


def test_columns_that_the_lake_would_call_alike_are_refused_before_a_row_is_read():
    with pytest.raises(ColumnCollision, match=r"'Policy ID' and 'policy_id'"):
        opened(b"Policy ID,policy_id\n1,2\n").schema()


def test_a_late_text_widens_the_schema_once_and_keeps_the_digits_of_all():
    source = opened(one_column(*["07"] * MANY, "x"))
    assert str(source.schema().columns[1].type) == "int64"
    with pytest.raises(SchemaWidened) as widened:
        list(source.batches())
    assert str(widened.value.schema.columns[1].type) == "string"
    values = pa.concat_arrays([batch.column("a") for batch in source.batches()])
    assert (len(values), values[0].as_py(), values[-1].as_py()) == (MANY + 1, "07", "x")


def test_all_columns_that_change_late_are_widened_in_one_go():
    late = ["1,1"] * MANY + [",1"] * MANY + ["2.5,x"]
    source = opened(("a,b\n" + "\n".join(late)).encode())
    with pytest.raises(SchemaWidened):
        list(source.batches())
    assert {str(one.type) for batch in source.batches() for one in batch.schema} == {"double", "string"}


def test_a_dtype_is_honoured_and_what_does_not_fit_is_named():
    assert types_of(b"a,b,c\n1,2,3\n", dtype={"a": "int32", "b": str, "c": "float32"}) == {
        "a": "int32",
        "b": "string",
        "c": "float",
    }
    with pytest.raises(LossyValue, match=r"line 3: column 'a' holds 'x', not int32"):
        table_of(one_column("1", "x"), dtype={"a": "int32"})
    with pytest.raises(LossyValue, match=r"line 2: column 'a' holds '300', not int8"):
        table_of(one_column("300"), dtype={"a": "int8"})
    with pytest.raises(LossyValue, match="NULL"):
        table_of(one_column(""), dtype={"a": "int64"})


@pytest.mark.parametrize("dtype", ["str", "string", object, "category", pd.StringDtype()])
def test_every_way_to_ask_for_text_gives_text(dtype):
    assert table_of(one_column("007", "NA"), dtype={"a": dtype})["a"].to_pylist() == ["007", None]
