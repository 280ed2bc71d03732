"""Athena's dialect of results: the text of every value, the CSV file, the types of the columns.

Source: what the service's result files look like; where they have not been seen, Athena's documented formats.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from attrs import frozen

from comotion.adapters.fake_dash.lake.arrow_types import from_arrow
from comotion.adapters.fake_dash.lake.kernels.formatting import java_double
from comotion.adapters.fake_dash.lake.kernels.moments import interval_text, month_interval_text
from comotion.adapters.fake_dash.lake.kernels.numbers import shortest_real
from comotion.adapters.fake_dash.lake.types import VARCHAR, Type, parse_type

if TYPE_CHECKING:
    import pyarrow as pa

_BATCH = 8192  # rows


@frozen
class ColumnInfo:
    """A column as the results page describes it."""

    name: str
    type: str
    precision: int
    scale: int


def trino_types(table: pa.Table) -> list[Type]:
    """The Trino type of each column, from the field metadata, else by its Arrow type."""
    found: list[Type] = []
    for field in table.schema:
        written = (field.metadata or {}).get(b"trino_signature") or (field.metadata or {}).get(b"trino_type")
        found.append(parse_type(written.decode()) if written else from_arrow(field.type))
    return found


def column_info(table: pa.Table) -> list[ColumnInfo]:
    """Names, Athena's type names, precision and scale."""
    return [_info(field.name, kind) for field, kind in zip(table.schema, trino_types(table), strict=True)]


_PRECISIONS = {
    "boolean": 0,
    "tinyint": 3,
    "smallint": 5,
    "integer": 10,
    "bigint": 19,
    "real": 17,
    "double": 17,
    "date": 0,
    "timestamp": 3,
    "timestamp with time zone": 3,
    "varchar": 2147483647,
    "varbinary": 1073741824,
}


def _info(name: str, kind: Type) -> ColumnInfo:
    athena = {"real": "float", "unknown": "unknown"}.get(kind.base, kind.base)
    if kind.base == "decimal":
        return ColumnInfo(name, athena, kind.size[0], kind.size[1])
    if kind.base in ("varchar", "char") and kind.size:
        return ColumnInfo(name, athena, kind.size[0], 0)
    return ColumnInfo(name, athena, _PRECISIONS.get(kind.base, 0), 0)


# ---- one value -------------------------------------------------------------------------------------------


def text_of(value: Any, kind: Type) -> str | None:
    """A value as the service writes it; None for NULL."""
    if value is None:
        return None
    rule = _TEXTS.get(kind.base)
    if rule is not None:
        return rule(value)
    if kind.base == "array":
        return "[" + ", ".join(_inner(item, kind.element) for item in value) + "]"
    if kind.base == "map":
        pairs = value.items() if isinstance(value, dict) else value
        return "{" + ", ".join(f"{_inner(k, kind.element)}={_inner(v, kind.value)}" for k, v in pairs) + "}"
    if kind.base == "row":
        names = kind.names or (None,) * len(kind.parts)
        items = zip(names, value.values(), kind.parts, strict=True)
        shown = (
            f"{name if name is not None else f'field{i}'}={_inner(item, part)}"
            for i, (name, item, part) in enumerate(items)
        )
        return "{" + ", ".join(shown) + "}"
    return str(value)


def _inner(value: Any, kind: Type) -> str:
    found = text_of(value, kind)
    return "null" if found is None else found


def _timestamp(value: dt.datetime) -> str:
    return f"{value.year:04d}-{value:%m-%d %H:%M:%S}.{value.microsecond // 1000:03d}"


def _zoned(value: dt.datetime) -> str:
    import pyarrow as pa

    return f"{_timestamp(value)} {pa.lib.tzinfo_to_string(value.tzinfo)}"  # pytz says a zone's name otherwise


def _real(value: float) -> str:
    import math

    return java_double(float(shortest_real(value)) if math.isfinite(value) else value)


_TEXTS: dict[str, Callable[[Any], str]] = {
    "boolean": lambda v: "true" if v else "false", "double": java_double, "real": _real,
    "decimal": lambda v: f"{Decimal(v):f}", "varbinary": lambda v: " ".join(f"{byte:02x}" for byte in v),
    "date": lambda v: v.isoformat(), "timestamp": _timestamp, "timestamp with time zone": _zoned,
    "time": lambda v: f"{v:%H:%M:%S}.{v.microsecond // 1000:03d}",
    "interval day to second": lambda v: interval_text(round(v / dt.timedelta(milliseconds=1))),
    "interval year to month": lambda v: month_interval_text(v.months),
}  # fmt: skip


# ---- whole results ---------------------------------------------------------------------------------------


def varchar_rows(table: pa.Table) -> Iterator[tuple[str | None, ...]]:
    """Each row as the texts of its values, None for NULL."""
    kinds = trino_types(table)
    for batch in table.to_batches(max_chunksize=_BATCH):
        columns = [_column(column, kind) for column, kind in zip(batch.columns, kinds, strict=True)]
        if columns:
            yield from zip(*columns, strict=True)


def _column(column: pa.Array, kind: Type) -> list[str | None]:
    values: list[Any] = column.to_pylist()
    if kind == VARCHAR:
        return values
    return [text_of(value, kind) for value in values]


def csv_bytes(table: pa.Table) -> Iterator[bytes]:
    """The result file, in pieces: the header first, every value quoted, NULL an empty field without quotes."""
    yield (",".join(_quoted(name) for name in table.column_names) + "\n").encode()
    lines: list[str] = []
    for row in varchar_rows(table):
        lines.append(",".join("" if value is None else _quoted(value) for value in row) + "\n")
        if len(lines) == _BATCH:
            yield "".join(lines).encode()
            lines.clear()
    if lines:
        yield "".join(lines).encode()


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
