"""Trino's types as Arrow has them: of a file's column, of a result's, of a value inside DuckDB."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa
from comotion.adapters.fake_dash.lake.types import (
    BIGINT,
    BOOLEAN,
    DATE,
    DOUBLE,
    INTEGER,
    MAX_PRECISION,
    REAL,
    SMALLINT,
    TINYINT,
    UNKNOWN,
    VARBINARY,
    VARCHAR,
    Type,
    UnknownType,
    array,
    decimal,
    map_of,
    row,
)


def from_arrow(kind: pa.DataType) -> Type:
    """The Trino type of an Arrow column.

    Raises
    ------
    UnknownType
        Where the lake has no type for it.
    """
    import pyarrow as pa

    simple: list[tuple[Any, Type]] = [
        (pa.types.is_boolean, BOOLEAN), (pa.types.is_int8, TINYINT), (pa.types.is_int16, SMALLINT),
        (pa.types.is_uint8, SMALLINT), (pa.types.is_int32, INTEGER), (pa.types.is_uint16, INTEGER),
        (pa.types.is_int64, BIGINT), (pa.types.is_uint32, BIGINT), (pa.types.is_uint64, decimal(20, 0)),
        (pa.types.is_float16, REAL), (pa.types.is_float32, REAL), (pa.types.is_float64, DOUBLE),
        (pa.types.is_date, DATE), (pa.types.is_null, UNKNOWN),
    ]  # fmt: skip
    for is_it, found in simple:
        if is_it(kind):
            return found
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return VARCHAR
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind):
        return VARBINARY
    if pa.types.is_binary_view(kind):
        return VARBINARY
    if pa.types.is_decimal(kind) and kind.precision <= MAX_PRECISION:
        return decimal(kind.precision, kind.scale)
    if pa.types.is_timestamp(kind):
        size = 3 if kind.unit in ("s", "ms") else 6
        if kind.tz is not None:
            return Type("timestamp with time zone", (size,), zone="UTC")
        return Type("timestamp", (size,))
    if pa.types.is_time(kind):
        return Type("time", (3 if kind.unit in ("s", "ms") else 6,))
    if pa.types.is_dictionary(kind):
        return from_arrow(kind.value_type)
    if pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind):
        return array(from_arrow(kind.value_type))
    if pa.types.is_map(kind):
        return map_of(from_arrow(kind.key_type), from_arrow(kind.item_type))
    if pa.types.is_struct(kind):
        fields = [kind.field(i) for i in range(kind.num_fields)]
        return row(tuple(from_arrow(f.type) for f in fields), tuple(f.name for f in fields))
    raise UnknownType(str(kind))


def to_arrow(kind: Type) -> pa.DataType:
    """The Arrow type in which a result shows a Trino type."""
    import pyarrow as pa

    plain: dict[str, Any] = {
        "unknown": pa.null(), "boolean": pa.bool_(), "tinyint": pa.int8(), "smallint": pa.int16(),
        "integer": pa.int32(), "bigint": pa.int64(), "real": pa.float32(), "double": pa.float64(),
        "varchar": pa.string(), "char": pa.string(), "varbinary": pa.binary(), "date": pa.date32(),
        "json": pa.string(), "interval day to second": pa.duration("ms"), "uuid": pa.string(),
        "time with time zone": pa.string(),
        "interval year to month": pa.month_day_nano_interval(), "ipaddress": pa.string(),
    }  # fmt: skip
    if kind.base in plain:
        return plain[kind.base]
    if kind.base == "decimal":
        return pa.decimal128(*kind.size)
    if kind.base == "time":
        return pa.time32("ms") if kind.size[0] <= 3 else pa.time64("us")
    if kind.base in ("timestamp", "timestamp with time zone"):
        return pa.timestamp("ms" if kind.size[0] <= 3 else "us", kind.zone if kind.is_zoned else None)
    if kind.base == "array":
        return pa.list_(to_arrow(kind.element))
    if kind.base == "map":
        return pa.map_(to_arrow(kind.element), to_arrow(kind.value))
    if kind.base == "row":
        names = kind.names or (None,) * len(kind.parts)
        fields = [pa.field(n if n is not None else f"field{i}", to_arrow(p))
                  for i, (n, p) in enumerate(zip(names, kind.parts, strict=True))]  # fmt: skip
        return pa.struct(fields)
    return pa.binary()


def held_arrow(kind: Type) -> pa.DataType:
    """The Arrow type of a value as DuckDB holds it."""
    import pyarrow as pa

    if kind.base == "array":
        return pa.list_(held_arrow(kind.element))
    if kind.base == "map":
        return pa.map_(held_arrow(kind.element), held_arrow(kind.value))
    if kind.base == "row":
        return pa.struct([pa.field(f"f{i}", held_arrow(part)) for i, part in enumerate(kind.parts)])
    if kind.is_zoned:
        return pa.struct([pa.field("t", pa.timestamp("us")), pa.field("z", pa.string())])
    if kind.base == "time with time zone":
        return pa.struct([pa.field("t", pa.time64("us")), pa.field("o", pa.int32())])
    if kind.base == "tdigest":
        return pa.list_(pa.struct([pa.field("v", pa.float64()), pa.field("w", pa.float64())]))
    if kind.base == "qdigest":
        return pa.list_(held_arrow(kind.element))
    if kind.base in ("hyperloglog", "setdigest"):
        return pa.list_(pa.int64())
    plain = {"timestamp": pa.timestamp("us"), "time": pa.time64("us"), "unknown": pa.int32(),
             "interval day to second": pa.int64(), "interval year to month": pa.int32(),
             "ipaddress": pa.binary()}  # fmt: skip
    return plain[kind.base] if kind.base in plain else to_arrow(kind)
