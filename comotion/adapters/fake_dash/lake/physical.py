"""Arrow columns to what DuckDB holds and back: rows lose their field names, zoned timestamps their zone."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from attrs import evolve

from comotion.adapters.fake_dash.lake.arrow_types import to_arrow
from comotion.adapters.fake_dash.lake.kernels.urls import address_text
from comotion.adapters.fake_dash.lake.refusal import SqlNotSupported
from comotion.adapters.fake_dash.lake.types import Type

_STAMP = pa.timestamp("us")
_FIRST_DAY, _LAST_DAY = ((day - dt.date(1970, 1, 1)).days for day in (dt.date.min, dt.date.max))


def stored(column: pa.ChunkedArray | pa.Array, kind: Type) -> pa.Array:
    """A loaded column as the lake's tables hold it: top-level zoned timestamps as UTC wall clock."""
    array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if kind.is_zoned:
        return _naive(array)
    return _held(array, kind)


def _naive(array: pa.Array) -> pa.Array:
    return array.cast(pa.timestamp("us", "UTC")).cast(pa.int64()).cast(_STAMP)


def _held(array: pa.Array, kind: Type) -> pa.Array:
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    if kind.is_zoned:
        zones = pa.array(["UTC"] * len(array), pa.string())
        return pa.StructArray.from_arrays([_naive(array), zones], names=["t", "z"], mask=array.is_null())
    if kind.base == "array":
        lists = array if pa.types.is_list(array.type) else array.cast(pa.list_(array.type.value_type))
        values = _held(lists.values, kind.element)
        return pa.ListArray.from_arrays(lists.offsets, values, mask=lists.is_null() if lists.null_count else None)
    if kind.base == "map":
        keys, items = _held(array.keys, kind.element), _held(array.items, kind.value)
        made = pa.MapArray.from_arrays(array.offsets, keys, items)
        return _masked(made, array)
    if kind.base == "row":
        fields = [_held(child, part) for child, part in zip(array.flatten(), kind.parts, strict=True)]
        names = [f"f{i}" for i in range(len(fields))]
        return pa.StructArray.from_arrays(fields, names=names, mask=array.is_null())
    if kind.base == "unknown":
        return array.cast(pa.int32())
    return array.cast(_flat(kind))


def _masked(made: pa.Array, like: pa.Array) -> pa.Array:
    if not like.null_count:
        return made
    return pc.if_else(like.is_valid(), made, pa.scalar(None, made.type))


def _flat(kind: Type) -> pa.DataType:
    if kind.base == "timestamp":
        return _STAMP
    if kind.base == "time":
        return pa.time64("us")
    return to_arrow(kind)


def shown(column: pa.ChunkedArray | pa.Array, kind: Type) -> pa.Array:
    """A result column as Arrow's own types.

    Raises
    ------
    SqlNotSupported
        Where one column shows its moments in several time zones, which Arrow cannot say.
    """
    array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if isinstance(array, pa.ChunkedArray):
        array = array.chunk(0) if array.num_chunks == 1 else pa.concat_arrays(array.chunks)
    if kind.base == "unknown":
        return pa.nulls(len(array))
    if kind.is_zoned:
        kind = evolve(kind, zone=kind.zone or _only_zone(array))
        _check_years(array.field("t"))
        moments = array.field("t").cast(pa.int64()).cast(pa.timestamp("us", kind.zone))
        moments = pc.if_else(array.is_valid(), moments, pa.scalar(None, moments.type))
        return moments.cast(to_arrow(kind), safe=False)
    if kind.base == "array":
        return pa.ListArray.from_arrays(array.offsets, shown(array.values, kind.element),
                                        mask=array.is_null() if array.null_count else None)  # fmt: skip
    if kind.base == "map":
        made = pa.MapArray.from_arrays(array.offsets, shown(array.keys, kind.element), shown(array.items, kind.value))
        return _masked(made, array)
    if kind.base == "row":
        fields = [shown(child, part) for child, part in zip(array.flatten(), kind.parts, strict=True)]
        names = kind.names or (None,) * len(fields)
        written = [name if name is not None else f"field{i}" for i, name in enumerate(names)]
        return pa.StructArray.from_arrays(fields, names=written, mask=array.is_null())
    return _shown_flat(array, kind)


def _only_zone(array: pa.Array) -> str:
    zones = pc.unique(array.field("z").drop_null()).to_pylist()
    if len(zones) > 1:
        raise SqlNotSupported("a result column whose time zone differs by row")
    return zones[0] if zones else "UTC"


def _shown_flat(array: pa.Array, kind: Type) -> pa.Array:
    if kind.base == "interval year to month":
        months = [None if m is None else pa.MonthDayNano([m, 0, 0]) for m in array.to_pylist()]
        return pa.array(months, pa.month_day_nano_interval())
    if kind.base in ("hyperloglog", "setdigest", "tdigest", "qdigest"):
        return pa.array([None if v is None else repr(v).encode() for v in array.to_pylist()], pa.binary())
    if kind.base == "ipaddress":
        return pa.array([None if v is None else address_text(v) for v in array.to_pylist()], pa.string())
    if kind.base == "time with time zone":
        return pa.array([_offset_time(v, kind.size[0]) for v in array.to_pylist()], pa.string())
    if kind.base in ("date", "timestamp"):
        _check_years(array)
    target = to_arrow(kind)
    return array if array.type == target else array.cast(target, safe=kind.base not in ("timestamp", "time"))


def _check_years(array: pa.Array) -> None:
    """Days or moments that Python has no date for: Trino would show them."""
    days = array.cast(pa.date32(), safe=False).cast(pa.int32())
    found = pc.min_max(days).as_py()
    if found["min"] is not None and not _FIRST_DAY <= found["min"] <= found["max"] <= _LAST_DAY:
        raise SqlNotSupported("dates outside of the years 1 to 9999")


def _offset_time(value: dict[str, Any] | None, digits: int) -> str | None:
    """A time with its offset, which Arrow has no type for, as the service writes it."""
    if value is None:
        return None
    clock = f"{value['t']:%H:%M:%S.%f}"[: 9 + digits if digits else 8]
    hours, minutes = divmod(abs(value["o"]), 60)
    return f"{clock}{'-' if value['o'] < 0 else '+'}{hours:02d}:{minutes:02d}"


def resolved(kind: Type, array: pa.Array) -> Type:
    """The type with the zone that its values turned out to have."""
    if kind.is_zoned and kind.zone is None:
        return evolve(kind, zone=array.type.tz)
    return kind
