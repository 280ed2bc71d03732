"""Parquet files are read as they are typed, in bounded memory, or sent as they lie there."""

import io

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from comotion.adapters.readers.parquet import open_parquet
from comotion.adapters.readers.streams import raw_of
from comotion.domain.errors import DataWarning, InvalidArgument, LossyValue, UnreadableSource
from comotion.ports.tables import SourceSpec

TABLE = pa.table({"a": [1, 2, 3], "b": ["x", None, "z"]})


def opened(data, *, hook=None, **options):
    return open_parquet(SourceSpec(data=data, name="f", options=options, hook=hook), raw_of(data, name="f"))


def read(data, **options):
    return pa.Table.from_batches(list(opened(data, **options).batches()))


@pytest.fixture
def path(tmp_path):
    def write(table=TABLE, **how):
        place = tmp_path / "f.parquet"
        pq.write_table(table, place, **how)
        return place

    return write


def as_bytes(table=TABLE):
    sink = io.BytesIO()
    pq.write_table(table, sink)
    return sink.getvalue()


def test_a_file_is_read_with_its_types(path):
    assert read(path()).equals(TABLE)


def test_a_stream_is_read_from_where_it_stands():
    stream = io.BytesIO(b"before" + as_bytes())
    stream.seek(6)
    assert read(stream).equals(TABLE)


def test_columns_filters_and_dtype_mean_what_they_mean_in_pandas(path):
    table = read(path(), columns=["a"], filters=[("b", "==", "z")], dtype={"a": "float64"})
    assert table.to_pylist() == [{"a": 3.0}]
    assert table.schema.field("a").type == pa.float64()


def test_a_dtype_that_would_change_a_value_is_an_error(path):
    with pytest.raises(LossyValue, match="'a'"):
        read(path(pa.table({"a": [300]})), dtype={"a": "int8"})


@pytest.mark.parametrize("options", [{"sep": ";"}, {"dtype": {"nope": "str"}}, {"dtype": "nope"}], ids=str)
def test_other_arguments_are_refused(path, options):
    with pytest.raises(InvalidArgument):
        opened(path(), **options)


def test_a_column_that_is_not_there_is_named(path):
    with pytest.raises(UnreadableSource, match=r"'q'.*a, b"):
        opened(path(), columns=["q"])


@pytest.mark.parametrize("keep", [10, 200, -1])
def test_a_cut_file_is_an_error(tmp_path, keep):
    place = tmp_path / "cut.parquet"
    place.write_bytes(as_bytes()[:keep])
    with pytest.raises(UnreadableSource):
        opened(place)


def test_a_damaged_page_is_an_error(tmp_path):
    damaged = bytearray(as_bytes(pa.table({"b": [f"text {n}" for n in range(1000)]})))
    damaged[40:400] = b"\xff" * 360
    place = tmp_path / "damaged.parquet"
    place.write_bytes(damaged)
    with pytest.raises(UnreadableSource, match="damaged"):
        read(place)


def test_an_index_that_pandas_saved_as_a_column_is_left_out_loudly(tmp_path):
    place = tmp_path / "i.parquet"
    pd.DataFrame({"a": [1, 2]}, index=["x", "y"]).to_parquet(place)
    with pytest.warns(DataWarning, match="__index_level_0__"):
        source = opened(place)
    assert source.schema().names == ("a",)
    assert source.verbatim_file() is None


def test_an_index_with_a_name_is_a_column_like_the_others(tmp_path):
    place = tmp_path / "i.parquet"
    pd.DataFrame({"a": [1, 2]}, index=pd.Index(["x", "y"], name="id")).to_parquet(place)
    assert opened(place).schema().names == ("a", "id")


def test_a_named_range_that_only_metadata_holds_is_noted(tmp_path):
    place = tmp_path / "i.parquet"
    pd.DataFrame({"a": [1, 2]}, index=pd.RangeIndex(2, name="id")).to_parquet(place)
    with pytest.warns(DataWarning, match="'id'"):
        opened(place)


def test_a_right_file_is_a_part_as_it_is(path):
    place = path()
    part = opened(place).verbatim_file()
    assert b"".join(part.body.chunks(100)) == place.read_bytes()
    assert (part.rows(), part.body.size_bytes()) == (3, place.stat().st_size)


@pytest.mark.parametrize(
    "table",
    [
        pa.table({"a": pa.array([0], pa.timestamp("ns"))}),
        pa.table({"a": pa.nulls(1)}),
        pa.table({"a": pa.array([np.float16(1)])}),
    ],
    ids=["nanoseconds", "nulls", "halffloat"],
)
def test_a_file_with_a_type_that_the_lake_lacks_is_decoded(path, table):
    assert opened(path(table)).verbatim_file() is None


def test_a_file_with_a_codec_that_the_service_may_not_read_is_decoded(path):
    assert opened(path(compression="brotli")).verbatim_file() is None


def test_a_file_is_decoded_where_there_is_a_hook_or_an_argument(path):
    assert opened(path(), hook=lambda frame: None).verbatim_file() is None
    assert opened(path(), columns=["a"]).verbatim_file() is None


def test_two_columns_of_one_name_are_an_error(path):
    with pytest.raises(UnreadableSource, match="'a'"):
        opened(path(pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["a", "a"])))
