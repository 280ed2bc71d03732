"""The bridge between the domain's column types and Arrow's, and the one cast that never changes a value.

``from_arrow`` loses nothing but the width of offsets and the coding of values: ``large_string``,
``string_view`` and dictionaries of strings are all text, because Parquet stores them alike.
"""

from typing import TYPE_CHECKING, cast

from comotion.domain import schema as d
from comotion.domain.errors import LossyValue

if TYPE_CHECKING:
    import pyarrow as pa


def from_arrow(type_: "pa.DataType") -> d.ColumnType:
    """The domain's word for an Arrow type; what it has no word for is carried as an opaque token."""
    import pyarrow.types as t

    if t.is_dictionary(type_) or t.is_run_end_encoded(type_):
        return from_arrow(type_.value_type)
    if t.is_null(type_):
        return d.Unseen()
    if t.is_boolean(type_):
        return d.Bool()
    if t.is_integer(type_):
        return d.Int(type_.bit_width, t.is_signed_integer(type_))
    if t.is_floating(type_):
        return d.Float(type_.bit_width)
    if t.is_decimal(type_):
        return d.Decimal(type_.precision, type_.scale)
    if t.is_string(type_) or t.is_large_string(type_) or t.is_string_view(type_):
        return d.Text()
    if t.is_binary(type_) or t.is_large_binary(type_) or t.is_binary_view(type_):
        return d.Binary()
    if t.is_date(type_):
        return d.Date()
    if t.is_timestamp(type_):
        return d.Timestamp(type_.unit, type_.tz)
    if t.is_list(type_) or t.is_large_list(type_):
        return d.ListOf(from_arrow(type_.value_type))
    if t.is_struct(type_):
        return d.Struct(tuple(d.Column(one.name, from_arrow(one.type)) for one in type_))
    return d.Opaque(type_, label=str(type_))


def to_arrow(type_: d.ColumnType) -> "pa.DataType":
    """The Arrow type that a column of this domain type has in batches and in Parquet."""
    import pyarrow as pa

    match type_:
        case d.Unseen(written_as):
            return to_arrow(written_as)
        case d.Bool():
            return pa.bool_()
        case d.Int(bits, signed):
            return getattr(pa, f"{'' if signed else 'u'}int{bits}")()
        case d.Float(bits):
            return getattr(pa, f"float{bits}")()
        case d.Decimal(precision, scale):
            return pa.decimal128(precision, scale) if precision <= 38 else pa.decimal256(precision, scale)
        case d.Text():
            return pa.string()
        case d.Binary():
            return pa.binary()
        case d.Date():
            return pa.date32()
        case d.Timestamp(unit, zone):
            return pa.timestamp(unit, tz=zone)
        case d.ListOf(item):
            return pa.list_(to_arrow(item))
        case d.Struct(fields):
            return pa.struct([pa.field(one.name, to_arrow(one.type)) for one in fields])
        case d.Opaque(token):
            return cast("pa.DataType", token)


def schema_from_arrow(schema: "pa.Schema", *, has_rows: bool = True) -> d.Schema:
    """The domain's word for each column; one of nothing but NULLs says even less where there are no rows."""
    columns = (d.Column(one.name, from_arrow(one.type)) for one in schema)
    if has_rows:
        return d.Schema(tuple(columns))
    return d.Schema(tuple(d.Column(one.name, d.NO_ROWS) if one.type == d.Unseen() else one for one in columns))


def schema_of_no_rows(schema: "pa.Schema") -> d.Schema:
    """That of a table whose types come from its values, and that has none: it yields to any other."""
    columns = schema_from_arrow(schema, has_rows=False).columns
    return d.Schema(
        tuple(one if isinstance(one.type, d.Unseen) else d.Column(one.name, d.Unseen(one.type)) for one in columns)
    )


def schema_to_arrow(schema: d.Schema) -> "pa.Schema":
    import pyarrow as pa

    return pa.schema([pa.field(one.name, to_arrow(one.type)) for one in schema.columns])


def conform(batch: "pa.RecordBatch", schema: "pa.Schema", *, source: str) -> "pa.RecordBatch":
    """``batch`` under ``schema``: columns by name (by position where the names are equal), types cast.

    Raises
    ------
    LossyValue
        A value that the cast would change; the message names source and column.
    """
    import pyarrow as pa

    if batch.schema.equals(schema):
        return batch
    by_position = batch.schema.names == schema.names
    columns = [
        cast_exactly(batch.column(i if by_position else one.name), one.type, what=f"{source}: column {one.name!r}")
        for i, one in enumerate(schema)
    ]
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def cast_exactly(array: "pa.Array", type_: "pa.DataType", *, what: str) -> "pa.Array":
    """``array`` as ``type_``; raises LossyValue where a value would change."""
    import pyarrow as pa

    if array.type.equals(type_):
        return array
    if array.null_count == len(array):
        return pa.nulls(len(array), type_)
    try:
        return _cast(array, type_)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as wrong:
        raise LossyValue(f"{what}: a value does not fit {type_} without loss: {wrong}") from None


def _cast(array: "pa.Array", type_: "pa.DataType") -> "pa.Array":
    import pyarrow.compute as pc
    import pyarrow.types as t

    if t.is_run_end_encoded(array.type):
        array = pc.run_end_decode(array)
    return array.cast(type_)
