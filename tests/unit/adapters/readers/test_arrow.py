"""Tables of other libraries come in by Arrow's C stream, exactly."""

import datetime as dt

import pyarrow as pa
import pytest

from comotion.adapters.readers.arrow import BATCH_ROWS, open_arrow
from comotion.domain.errors import DataError, InvalidArgument, UnreadableSource
from comotion.ports.tables import SourceSpec


def opened(data, **more):
    return open_arrow(SourceSpec(data=data, name="table", **more))


def read(data):
    return pa.Table.from_batches(list(opened(data).batches()))


def test_a_polars_frame_with_categories_lists_and_times():
    polars = pytest.importorskip("polars")
    frame = polars.DataFrame(
        {
            "c": polars.Series(["q", None, "q"], dtype=polars.Categorical),
            "l": [[1], [], None],
            "t": [dt.datetime(2020, 1, 1, 5), None, None],
        }
    )
    assert read(frame).to_pylist() == frame.to_dicts()


def test_lists_of_categories_of_a_polars_frame():
    polars = pytest.importorskip("polars")
    frame = polars.DataFrame({"c": polars.Series([["q", None], None, ["r"]], dtype=polars.List(polars.Categorical))})
    assert read(frame).to_pylist() == frame.to_dicts()


def test_booleans_of_eight_bits_are_booleans():
    stored = read(pa.table({"a": pa.array([True, None, False]).cast(pa.int8()).cast(pa.bool8())}))
    assert (stored.schema.types, stored["a"].to_pylist()) == ([pa.bool_()], [True, None, False])


def test_python_objects_in_a_polars_frame_are_refused_and_never_stored_as_addresses():
    polars = pytest.importorskip("polars")
    with pytest.raises(DataError, match="column 'a' holds Python objects"):
        opened(polars.DataFrame({"a": polars.Series([object()], dtype=polars.Object)}))


def test_a_duckdb_relation():
    duckdb = pytest.importorskip("duckdb")
    relation = duckdb.sql("select 1::int a, 1.50::decimal(10,2) d, [1, 2] l, {'x': 'y'} s")
    source = opened(relation)
    assert source.schema().described() == {
        "a": "int32",
        "d": "decimal(10,2)",
        "l": "list<int32>",
        "s": "struct<x: string>",
    }
    assert next(source.batches()).to_pylist()[0]["s"] == {"x": "y"}


def test_a_table_can_be_read_again_and_a_reader_cannot():
    table = pa.table({"a": [1]})
    assert opened(table).is_repeatable()
    assert not opened(table.to_reader()).is_repeatable()


def test_asking_for_the_schema_of_a_reader_loses_no_rows():
    source = opened(pa.table({"a": [1, 2]}).to_reader())
    source.schema()
    assert sum(batch.num_rows for batch in source.batches()) == 2


def test_a_table_without_columns_is_no_table():
    with pytest.raises(UnreadableSource, match="table has no columns"):
        opened(pa.table({})).schema()


def test_a_stream_that_breaks_off_is_an_error_and_never_a_short_table():
    def batches():
        yield pa.record_batch({"a": [1]})
        raise RuntimeError("half way")

    reader = pa.RecordBatchReader.from_batches(pa.schema([("a", pa.int64())]), batches())
    with pytest.raises(UnreadableSource, match=r"table broke off: .*half way"):
        read(reader)


@pytest.mark.parametrize("wrapped", [lambda one: one, lambda one: pa.StructArray.from_arrays([one], ["x"])])
def test_views_of_lists_are_lists(wrapped):
    views = pa.ListViewArray.from_arrays([2, 0, 0], [1, 2, 0], [7, 8, 9])
    assert read(pa.table({"a": wrapped(views)})).to_pylist() == pa.table({"a": wrapped(views)}).to_pylist()
    with_null = pa.array([[1], None, [2, 3]], pa.list_view(pa.int8()))
    assert read(pa.table({"a": with_null}).slice(1)).to_pylist() == [{"a": None}, {"a": [2, 3]}]


def test_one_long_batch_is_cut():
    batches = list(opened(pa.table({"a": range(BATCH_ROWS + 1)})).batches())
    assert [batch.num_rows for batch in batches] == [BATCH_ROWS, 1]


@pytest.mark.parametrize(
    "kind", [pa.duration("s"), pa.month_day_nano_interval(), pa.struct([]), pa.decimal256(50, 0)], ids=str
)
def test_a_type_that_the_lake_lacks_is_an_error_that_names_the_column(kind):
    with pytest.raises(DataError, match="column 'a'"):
        opened(pa.table({"a": pa.nulls(1, kind)})).schema()


def test_types_within_lists_structs_and_maps_are_made_right_too():
    ns = pa.timestamp("ns")
    kind = pa.struct([("l", pa.large_list(ns)), ("m", pa.map_(pa.large_string(), ns))])
    value = {"l": [dt.datetime(2020, 1, 1)], "m": [("k", dt.datetime(2021, 1, 1))]}
    assert read(pa.table({"a": pa.array([value], kind)})).to_pylist() == [{"a": value}]


def test_a_single_column_is_no_table():
    polars = pytest.importorskip("polars")
    with pytest.raises(UnreadableSource, match="table"):
        opened(polars.Series([1])).schema()


def test_reading_arguments_are_refused():
    with pytest.raises(InvalidArgument, match="sep"):
        opened(pa.table({"a": [1]}), options={"sep": ";"})
