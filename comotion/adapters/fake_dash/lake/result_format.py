"""A result as Athena writes it: one text a value, in the CSV dialect or as the rows of a results page.

NULL is an empty unquoted field in CSV and no text on a page; within arrays, maps and rows it is ``null``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from comotion.adapters.fake_dash.lake.kernels.texts import java_double

if TYPE_CHECKING:
    import pyarrow as pa

ROWS_AT_ONCE = 1 << 16
PLAIN_FROM, PLAIN_BELOW = 1e-3, 1e7
"""Between these Java writes a double without an exponent."""


def csv_bytes(table: pa.Table) -> Iterator[bytes]:
    """The result file: header first, every value in double quotes, UTF-8, in pieces."""
    import pyarrow.compute as pc

    header = ",".join('"' + name.replace('"', '""') + '"' for name in table.column_names)
    yield header.encode() + b"\n"
    for start in range(0, table.num_rows, ROWS_AT_ONCE):
        block = table.slice(start, ROWS_AT_ONCE)
        fields = [_quoted(text) for text in _texts(block)]
        lines = pc.binary_join_element_wise(*fields, ",") if len(fields) > 1 else fields[0]
        yield "\n".join(lines.to_pylist()).encode() + b"\n"


def varchar_rows(table: pa.Table) -> list[list[str | None]]:
    """The rows of a results page, header left out; None is NULL."""
    columns = [text.to_pylist() for text in _texts(table)]
    return [list(row) for row in zip(*columns, strict=True)]


def _quoted(text: pa.Array) -> pa.Array:
    import pyarrow as pa
    import pyarrow.compute as pc

    doubled = pc.replace_substring(text, '"', '""')
    quote = pa.scalar('"', pa.string())
    return pc.fill_null(pc.binary_join_element_wise(quote, doubled, quote, ""), "")


def _texts(table: pa.Table) -> list[pa.Array]:
    columns = [column.combine_chunks() for column in table.columns]
    return [_text(column, _type_name(field)) for column, field in zip(columns, table.schema, strict=True)]


def _type_name(field: pa.Field) -> str:
    named: bytes = (field.metadata or {}).get(b"trino_type", b"")
    return named.decode()


def _text(column: Any, trino_type: str) -> pa.Array:
    """A column as text, whole columns at once where Arrow writes what Athena writes."""
    import pyarrow as pa
    import pyarrow.types as types

    kind = column.type
    if isinstance(column, pa.ChunkedArray):  # no chunk, or too large for one
        column = pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], kind)
    if types.is_string(kind) or types.is_large_string(kind):
        return column.cast(pa.string())
    if types.is_integer(kind) or types.is_boolean(kind) or types.is_date(kind) or types.is_null(kind):
        return column.cast(pa.string())
    if types.is_float64(kind):
        return _doubles(column)
    write = _writer(kind, trino_type)
    return pa.array([None if value is None else write(value) for value in column.to_pylist()], pa.string())


def _doubles(column: pa.Array) -> pa.Array:
    """Doubles as Java writes them: the shortest digits, always a point, an exponent beyond seven digits."""
    import pyarrow as pa
    import pyarrow.compute as pc

    size = pc.abs(column)
    plain = pc.or_(pc.equal(column, 0.0), pc.and_(pc.greater_equal(size, PLAIN_FROM), pc.less(size, PLAIN_BELOW)))
    if not pc.all(pc.fill_null(plain, True)).as_py():
        texts = [None if value is None else java_double(value) for value in column.to_pylist()]
        return pa.array(texts, pa.string())
    text = column.cast(pa.string())
    return pc.if_else(pc.match_substring(text, "."), text, pc.binary_join_element_wise(text, ".0", ""))


Writer = Callable[[Any], str]


def _writer(kind: pa.DataType, trino_type: str) -> Writer:
    """What writes one value of a type; nested values by the writers of their elements."""
    import pyarrow.types as types

    if types.is_list(kind) or types.is_large_list(kind):
        element = _nullable(_writer(kind.value_type, ""))
        return lambda values: f"[{', '.join(map(element, values))}]"
    if types.is_map(kind):
        key, item = _writer(kind.key_type, ""), _nullable(_writer(kind.item_type, ""))
        return lambda entries: "{" + ", ".join(f"{key(k)}={item(v)}" for k, v in entries) + "}"
    if types.is_struct(kind):
        parts = [(field.name, _nullable(_writer(field.type, ""))) for field in kind]
        return lambda row: "{" + ", ".join(f"{name}={write(row[name])}" for name, write in parts) + "}"
    if types.is_float32(kind):
        return _real
    if types.is_timestamp(kind) and kind.tz is not None:
        return lambda moment: f"{_stamp(moment)} {kind.tz}"
    return _year_to_month if trino_type == "interval year to month" else _scalar


def _nullable(write: Writer) -> Writer:
    return lambda value: "null" if value is None else write(value)


def _scalar(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return java_double(value)
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, datetime):
        return _stamp(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return value.isoformat(timespec="milliseconds")
    if isinstance(value, timedelta):
        return _day_to_second(value)
    if isinstance(value, bytes):
        return value.hex(" ")
    return str(value)


def _stamp(moment: datetime) -> str:
    return moment.replace(tzinfo=None).isoformat(sep=" ", timespec="milliseconds")


def _real(value: float) -> str:
    """A 32-bit float by its own shortest digits, not by those of the double that holds it."""
    import numpy as np

    return java_double(float(str(np.float32(value))))


def _day_to_second(value: timedelta) -> str:
    milliseconds = value // timedelta(milliseconds=1)
    sign, rest = ("-" if milliseconds < 0 else ""), abs(milliseconds)
    days, rest = divmod(rest, 86_400_000)
    hours, rest = divmod(rest, 3_600_000)
    minutes, rest = divmod(rest, 60_000)
    return f"{sign}{days} {hours:02}:{minutes:02}:{rest // 1000:02}.{rest % 1000:03}"


def _year_to_month(value: Any) -> str:
    months = value[0]
    return f"{'-' if months < 0 else ''}{abs(months) // 12}-{abs(months) % 12}"
