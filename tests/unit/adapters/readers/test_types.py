"""The bridge between the domain's types and Arrow's loses nothing but how a value is coded."""

import pyarrow as pa
import pytest

from comotion.adapters.readers.types import cast_exactly, conform, from_arrow, schema_from_arrow, to_arrow
from comotion.domain.errors import LossyValue
from comotion.domain.schema import Column, Float, Schema, Text, Unseen

EXACT = [
    pa.bool_(), pa.int8(), pa.uint64(), pa.float16(), pa.float32(), pa.float64(), pa.decimal128(38, 10),
    pa.decimal256(50, 3), pa.string(), pa.binary(), pa.date32(), pa.timestamp("ns"),
    pa.timestamp("us", tz="Africa/Nairobi"), pa.list_(pa.int32()), pa.time64("us"),
    pa.struct([("a", pa.list_(pa.date32())), ("b", pa.string())]),
    pa.duration("s"), pa.map_(pa.string(), pa.int64()), pa.list_(pa.int8(), 3), pa.binary(16),
]  # fmt: skip


@pytest.mark.parametrize("type_", EXACT, ids=str)
def test_every_type_comes_back_as_it_went(type_):
    assert to_arrow(from_arrow(type_)) == type_


@pytest.mark.parametrize(
    ("type_", "stored"),
    [
        (pa.large_string(), pa.string()),
        (pa.string_view(), pa.string()),
        (pa.dictionary(pa.int8(), pa.string()), pa.string()),
        (pa.large_binary(), pa.binary()),
        (pa.large_list(pa.large_string()), pa.list_(pa.string())),
        (pa.date64(), pa.date32()),
        (pa.null(), pa.float64()),
    ],
    ids=str,
)
def test_types_that_parquet_stores_alike_are_one(type_, stored):
    assert to_arrow(from_arrow(type_)) == stored


def test_a_column_of_nulls_is_unseen():
    assert schema_from_arrow(pa.schema([("a", pa.null())])) == Schema((Column("a", Unseen()),))


def test_batches_conform_by_name_and_nulls_to_any_type():
    batch = pa.RecordBatch.from_pydict({"b": pa.array([None], pa.float64()), "a": pa.array([1], pa.int32())})
    schema = pa.schema([("a", pa.float64()), ("b", pa.string())])
    assert conform(batch, schema, source="file").to_pylist() == [{"a": 1.0, "b": None}]


@pytest.mark.parametrize(
    ("values", "type_"),
    [
        (pa.array([2**53 + 1]), pa.float64()),
        (pa.array([300]), pa.int8()),
        (pa.array([1.5]), pa.int64()),
        (pa.array([2**62], pa.timestamp("s")), pa.timestamp("us")),
    ],
)
def test_a_cast_that_would_change_a_value_names_source_and_column(values, type_):
    with pytest.raises(LossyValue, match="file: column 'a'"):
        cast_exactly(values, type_, what="file: column 'a'")


def test_opaque_types_are_compared_and_never_opened():
    one, other = from_arrow(pa.time32("s")), from_arrow(pa.time32("ms"))
    assert (one == from_arrow(pa.time32("s")), one == other, str(one)) == (True, False, "time32[s]")
    assert from_arrow(pa.float64()) == Float(64)
    assert from_arrow(pa.utf8()) == Text()
