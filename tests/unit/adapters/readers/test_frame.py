"""A DataFrame reaches the lake with the values it has, and is never changed."""

import datetime as dt
import uuid
import warnings
from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from comotion.adapters.readers.frame import open_frame
from comotion.domain.errors import DataError, DataWarning, InvalidArgument, LossyValue, UnreadableSource
from comotion.ports.tables import SourceSpec


def opened(frame, **more):
    return open_frame(SourceSpec(data=frame, name="DataFrame", **more))


def read(frame, **more):
    return pa.Table.from_batches(list(opened(frame, **more).batches()))


def column(values, **kwargs):
    return read(pd.DataFrame({"a": pd.Series(values, **kwargs)})).column("a")


@pytest.mark.parametrize(
    ("series", "kind", "values"),
    [
        (pd.Series([1, 2]), pa.int64(), [1, 2]),
        (pd.Series([1.5, None]), pa.float64(), [1.5, None]),
        (pd.Series([1, None], dtype="Int32"), pa.int32(), [1, None]),
        (pd.Series([2**63, 0], dtype="uint64"), pa.uint64(), [2**63, 0]),
        (pd.Series([True, None], dtype="boolean"), pa.bool_(), [True, None]),
        (pd.Series(["x", None]), pa.string(), ["x", None]),
        (pd.Series(["x", np.nan], dtype=object), pa.string(), ["x", None]),
        (pd.Series(["q", None, "q"], dtype="category"), pa.string(), ["q", None, "q"]),
        (pd.Series([2, 1, 2], dtype="category"), pa.int64(), [2, 1, 2]),
        (pd.Series([Decimal("1.20"), None]), pa.decimal128(3, 2), [Decimal("1.20"), None]),
        (pd.Series([dt.date(2020, 2, 29), None]), pa.date32(), [dt.date(2020, 2, 29), None]),
        (pd.Series([[1, 2], None, []]), pa.list_(pa.int64()), [[1, 2], None, []]),
        (pd.Series([b"\x00", None]), pa.binary(), [b"\x00", None]),
        (pd.Series([dt.time(1, 2, 3, 4), None]), pa.time64("us"), [dt.time(1, 2, 3, 4), None]),
        (pd.Series(pd.arrays.SparseArray([0, 0, 1])), pa.int64(), [0, 0, 1]),
        (pd.Series([1, 2.5], dtype=object), pa.float64(), [1.0, 2.5]),
        (pd.Series([None, None]), pa.float64(), [None, None]),
        (pd.Series([1, None], dtype="int64[pyarrow]"), pa.int64(), [1, None]),
        (pd.Series([1, 2], dtype="float16"), pa.float32(), [1.0, 2.0]),
    ],
    ids=lambda value: str(getattr(value, "dtype", value))[:20],
)
def test_a_column_keeps_its_type_and_values(series, kind, values):
    source = opened(pd.DataFrame({"a": series}))
    table = pa.Table.from_batches(list(source.batches()))
    stored = table.column("a")
    assert stored.to_pylist() == values
    assert stored.type == kind or (
        stored.null_count == len(stored) and str(source.schema().columns[0].type) == "double"
    )


def test_dicts_are_structs():
    stored = column([{"x": 1}, {"y": "z"}, None])
    assert stored.to_pylist() == [{"x": 1, "y": None}, {"x": None, "y": "z"}, None]


def test_a_time_with_a_zone_keeps_its_instant_and_zone():
    times = pd.Series(pd.to_datetime(["2020-06-01 12:00", None])).dt.tz_localize("Africa/Johannesburg")
    stored = read(pd.DataFrame({"a": times})).column("a")
    assert stored.type == pa.timestamp("us", tz="Africa/Johannesburg")
    assert stored[0].as_py() == times[0].to_pydatetime()


def test_a_timestamp_among_objects_beyond_the_years_that_python_knows_is_an_error_with_its_row():
    early = pd.Timestamp(np.datetime64("-001-01-01", "s"))
    with pytest.raises(LossyValue, match=r"column 'a', row 2: .* is beyond the years 1 to 9999"):
        column([pd.Timestamp("2024-01-01"), early], dtype=object)


@pytest.mark.parametrize("kind", [pa.string_view(), pa.run_end_encoded(pa.int32(), pa.string())], ids=str)
def test_kinds_of_arrow_that_pandas_does_not_know_are_taken(kind):
    values = pd.Series(pd.arrays.ArrowExtensionArray(pa.chunked_array([pa.array(["a", None], kind)])))
    assert read(pd.DataFrame({"a": values})).column("a").to_pylist() == ["a", None]


def test_nanoseconds_that_are_whole_microseconds_are_stored_as_these():
    times = pd.Series(pd.to_datetime(["2020-06-01 12:00:00.000001"])).astype("datetime64[ns]")
    stored = column(times)
    assert (stored.type, stored[0].as_py()) == (pa.timestamp("us"), dt.datetime(2020, 6, 1, 12, 0, 0, 1))


def test_nanoseconds_that_the_lake_cannot_hold_are_an_error_with_column_and_row():
    times = pd.Series([0] * 70_000 + [1]).astype("datetime64[ns]")
    with pytest.raises(LossyValue, match=r"'a', row 70001 .*floor\('us'\)"):
        column(times)


@pytest.mark.parametrize(
    ("values", "row"),
    [
        ([1, None, "x"], 3),
        (["x", 3.5], 2),
        ([True, 1], 2),
        ([b"a", "b"], 2),
        ([dt.date(2020, 1, 1), dt.datetime(2020, 1, 1, 5)], 2),
        ([dt.datetime(2020, 1, 1), dt.datetime(2020, 1, 1, tzinfo=dt.UTC)], 2),
        ([np.nan, "x", 2], 3),
    ],
    ids=repr,
)
def test_values_of_several_kinds_are_an_error_with_column_and_row(values, row):
    with pytest.raises(DataError, match=f"DataFrame: column 'a', row {row}"):
        column(values, dtype=object)


@pytest.mark.parametrize(
    "values",
    [
        [[dt.date(2024, 1, 1)], [dt.datetime(2024, 1, 1, 5)]],
        [{"x": dt.date(2024, 1, 1)}, {"x": dt.datetime(2024, 1, 1, 5)}],
        [[b"x"], ["y"]],
        [None, [[float("nan"), "x"], [b"y"]]],
        [(dt.datetime(2024, 1, 1),), (dt.datetime(2024, 1, 1, tzinfo=dt.UTC),)],
    ],
)
def test_values_of_several_kinds_within_lists_and_dicts_are_an_error_too(values):
    with pytest.raises(DataError, match=r"DataFrame: column 'a', row 2: .* a column holds one kind"):
        column(values, dtype=object)


@pytest.mark.parametrize("values", [[[1, None], [2.5]], [["x", None], [float("nan")], []], [[Decimal(1)], [2]]])
def test_nulls_and_numbers_within_lists_go_together(values):
    assert len(column(values, dtype=object)) == len(values)


@pytest.mark.parametrize("wrapped", [lambda one: one, lambda one: [one], lambda one: {"x": [one]}])
def test_nanoseconds_of_a_timestamp_among_objects_are_an_error_with_their_row(wrapped):
    times = [pd.Timestamp("2024-01-01"), pd.Timestamp("2024-01-01 00:00:00.000000001")]
    with pytest.raises(LossyValue, match=r"row 2: .* has nanoseconds"):
        column([wrapped(time) for time in times], dtype=object)
    with pytest.raises(LossyValue, match="has nanoseconds"):
        column(pd.Categorical(pd.Index(times, dtype=object)))


def test_a_zone_of_a_time_of_day_is_an_error_with_its_row():
    with pytest.raises(DataError, match=r"row 1: 01:02:03\+00:00 has a time zone"):
        column([dt.time(1, 2, 3, tzinfo=dt.UTC)], dtype=object)


@pytest.mark.parametrize("values", [pd.period_range("2024", periods=2, freq="M"), pd.interval_range(0, 2)])
def test_categories_of_a_type_that_the_lake_lacks_are_an_error_like_the_type_itself(values):
    with pytest.raises(DataError, match="which the lake does not have"):
        column(pd.Categorical(values))


def test_a_whole_number_beyond_64_bits_is_an_error_with_its_row():
    with pytest.raises(LossyValue, match=r"row 2.*1180591620717411303424"):
        column([1, 2**70], dtype=object)


def test_a_lone_surrogate_is_an_error_with_its_row():
    with pytest.raises(DataError, match="row 2"):
        column(["a", "\ud800"], dtype=object)


@pytest.mark.parametrize(
    "series",
    [
        pd.Series(pd.to_timedelta([1, 2])),
        pd.Series(pd.period_range("2020", periods=2, freq="D")),
        pd.Series(pd.interval_range(0, 2)),
        pd.Series([1 + 2j, 0]),
        pd.Series([uuid.UUID(int=1), None]),
    ],
    ids=lambda series: str(series.dtype),
)
def test_a_type_that_the_lake_lacks_is_an_error_that_names_the_column(series):
    with pytest.raises(DataError, match="column 'a'"):
        read(pd.DataFrame({"a": series}))


def test_numpy_and_python_scalars_of_one_kind_go_together():
    assert column([np.int64(3), 4, np.bool_(True)][:2], dtype=object).to_pylist() == [3, 4]
    assert column([np.bool_(True), False], dtype=object).to_pylist() == [True, False]


def test_an_index_without_a_name_is_not_uploaded():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert read(pd.DataFrame({"a": [1]}, index=[7])).column_names == ["a"]


def test_a_named_index_that_is_left_out_is_a_warning_and_a_note():
    frame = pd.DataFrame({"a": [1]}, index=pd.Index([7], name="id"))
    with pytest.warns(DataWarning, match="'id'.*index=True"):
        source = opened(frame)
    assert "'id'" in source.notes()[0]


def test_the_index_becomes_columns_when_asked_for():
    frame = pd.DataFrame({"a": [1]}, index=pd.MultiIndex.from_tuples([(7, "x")], names=["id", None]))
    assert read(frame, index=True).to_pylist() == [{"id": 7, "level_1": "x", "a": 1}]


@pytest.mark.parametrize(
    ("label", "name"), [(3, "3"), (("a", "x"), "a_x"), (None, "None"), (dt.date(2020, 1, 1), "2020-01-01")]
)
def test_a_column_label_of_any_type_is_a_name(label, name):
    frame = pd.DataFrame([[1]])
    frame.columns = pd.Index([label], tupleize_cols=False)
    assert read(frame).column_names == [name]


def test_two_columns_of_one_name_both_come_out():
    frame = pd.DataFrame([[1, 2]], columns=["a", "a"])
    assert [one.name for one in opened(frame).schema().columns] == ["a", "a"]


def test_a_frame_without_columns_is_no_table():
    with pytest.raises(UnreadableSource):
        opened(pd.DataFrame()).schema()


def test_a_series_is_no_frame():
    with pytest.raises(InvalidArgument, match="to_frame"):
        opened(pd.Series([1]))


def test_a_frame_without_rows_has_a_schema_and_no_batches_with_rows():
    source = opened(pd.DataFrame({"a": pd.Series([], dtype="int64")}))
    assert source.schema().described() == {"a": "int64"}
    assert sum(batch.num_rows for batch in source.batches()) == 0


def test_reading_arguments_are_refused():
    with pytest.raises(InvalidArgument, match="sep"):
        opened(pd.DataFrame({"a": [1]}), options={"sep": ";"})


def test_the_frame_is_as_it_was_and_can_be_read_again():
    frame = pd.DataFrame({"A b": [1, 2], "c": pd.Categorical(["x", None])}, index=[5, 6])
    before = frame.copy(deep=True)
    source = opened(frame)
    first = pa.Table.from_batches(list(source.batches()))
    assert first == pa.Table.from_batches(list(source.batches()))
    pd.testing.assert_frame_equal(frame, before)


def test_a_hook_gets_copies_of_so_many_rows():
    frame = pd.DataFrame({"a": [1, 2, 3]})
    seen = []
    for piece in opened(frame).frames(2):
        piece["a"] = 0
        seen.append(len(piece))
    assert (seen, list(frame["a"])) == ([2, 1], [1, 2, 3])
