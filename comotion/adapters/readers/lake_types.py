"""What typed sources hold, as the lake can hold it: the same values, or an error that names column and row.

The lake's tables are Iceberg, read by Athena: times have microseconds, decimals 38 digits, durations do not exist.
"""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NoReturn

from comotion.domain.errors import DataError, LossyValue

if TYPE_CHECKING:
    import pyarrow as pa

_REMEDIES = {
    "duration": "convert it to a number, for example column.dt.total_seconds()",
    "interval": "convert it to a number or a text",
    "uuid": "make it text, for example column.astype(str)",
    "union": "split it into columns of one type each",
}


def lake_type(type_: "pa.DataType", *, what: str) -> "pa.DataType":
    """The Arrow type under which values of ``type_`` are stored.

    Parameters
    ----------
    what : str
        Source and column, for the error.

    Raises
    ------
    DataError
        The lake has no such type.
    """
    import pyarrow as pa
    import pyarrow.types as t

    if isinstance(type_, pa.BaseExtensionType):
        if type_.extension_name == "arrow.uuid":
            _refuse(type_, what, "uuid")
        return pa.bool_() if type_.extension_name == "arrow.bool8" else lake_type(type_.storage_type, what=what)
    if t.is_dictionary(type_) or t.is_run_end_encoded(type_):
        return lake_type(type_.value_type, what=what)
    if t.is_timestamp(type_):
        return type_ if type_.unit in ("ms", "us") else pa.timestamp("us", tz=type_.tz)
    if t.is_nested(type_):
        return _nested(type_, what=what)
    if t.is_decimal(type_):
        if type_.precision > 38:
            raise DataError(f"{what} is {type_}: the lake's decimals have at most 38 digits; round it, or pass text")
        return pa.decimal128(type_.precision, type_.scale)
    if t.is_duration(type_) or t.is_interval(type_):
        _refuse(type_, what, "duration" if t.is_duration(type_) else "interval")
    return _plain(type_)


def _plain(type_: "pa.DataType") -> "pa.DataType":
    import pyarrow as pa
    import pyarrow.types as t

    if t.is_float16(type_):
        return pa.float32()
    if t.is_date64(type_):
        return pa.date32()
    if t.is_time64(type_):
        return pa.time64("us")
    if t.is_large_string(type_) or t.is_string_view(type_):
        return pa.string()
    if t.is_large_binary(type_) or t.is_binary_view(type_) or t.is_fixed_size_binary(type_):
        return pa.binary()
    return type_


def _nested(type_: "pa.DataType", *, what: str) -> "pa.DataType":
    import pyarrow as pa
    import pyarrow.types as t

    if t.is_map(type_):
        return pa.map_(lake_type(type_.key_type, what=what), lake_type(type_.item_type, what=what))
    if t.is_struct(type_):
        if not type_.num_fields:
            raise DataError(f"{what} is a struct without members, which Parquet cannot hold; drop the column")
        return pa.struct([pa.field(one.name, lake_type(one.type, what=what)) for one in type_])
    if t.is_union(type_):
        _refuse(type_, what, "union")
    return pa.list_(lake_type(type_.value_type, what=what))


def _refuse(type_: "pa.DataType", what: str, kind: str) -> NoReturn:
    raise DataError(f"{what} is {type_}, and the lake has no such type; {_REMEDIES[kind]}")


def lake_schema(schema: "pa.Schema", *, source: str) -> "pa.Schema":
    """The schema under which a source's columns are stored; metadata is dropped."""
    import pyarrow as pa

    return pa.schema([pa.field(one.name, lake_type(one.type, what=f"{source}: column {one.name!r}")) for one in schema])


def lake_table(table: "pa.Table", *, source: str) -> "pa.Table":
    """``table`` as the lake can hold it. Raises DataError, LossyValue."""
    import pyarrow as pa

    schema = lake_schema(table.schema, source=source)
    return pa.Table.from_batches(in_lake_types(table.to_batches(), schema, source=source), schema=schema)


def in_lake_types(
    batches: "Iterable[pa.RecordBatch]", schema: "pa.Schema", *, source: str
) -> "Iterator[pa.RecordBatch]":
    """``batches`` cast to ``schema`` by position. Raises LossyValue (column, row) rather than change a value."""
    import pyarrow as pa

    rows = 0
    for batch in batches:
        columns = [
            _stored(column, wanted, source=source, rows_before=rows)
            for column, wanted in zip(batch.columns, schema, strict=True)
        ]
        yield pa.RecordBatch.from_arrays(columns, schema=schema)
        rows += batch.num_rows


def _stored(column: "pa.Array", wanted: "pa.Field", *, source: str, rows_before: int) -> "pa.Array":
    import pyarrow as pa

    if column.type.equals(wanted.type):
        return column
    try:
        return _cast(column, wanted.type)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as wrong:
        row, value = _first_misfit(column, wanted.type)
        place = "" if row is None else f", row {rows_before + row + 1} holds {value}:"
        raise LossyValue(
            f"{source}: column {wanted.name!r}{place} it cannot be stored as {wanted.type} without loss "
            f"({wrong}); {_how_to_mend(column.type)}"
        ) from None


def _cast(column: "pa.Array", wanted: "pa.DataType") -> "pa.Array":
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.types as t

    if isinstance(column.type, pa.BaseExtensionType):
        column = column.storage
    if t.is_run_end_encoded(column.type):
        column = pc.run_end_decode(column)
    named = str(column.type)
    # Arrow's cast of views of lists is broken where they overlap, leave gaps or are NULL; of nested categories of views
    # of text it has none.
    if "list_view" in named or (t.is_nested(column.type) and "dictionary<values=string_view" in named):
        return pa.array(column.to_pylist(), wanted)
    if t.is_dictionary(column.type):
        return column.dictionary.cast(wanted).take(column.indices)
    return column.cast(wanted)


def _first_misfit(column: "pa.Array", wanted: "pa.DataType") -> tuple[int | None, str]:
    """Position and text of the first value that cannot be cast, found by halving."""
    low, high = 0, len(column)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if not _fits(column.slice(low, middle - low), wanted) else (middle, high)
    if high == low or _fits(column.slice(low, 1), wanted):
        return None, ""
    return low, str(column[low])[:60]


def _fits(column: "pa.Array", wanted: "pa.DataType") -> bool:
    import pyarrow as pa

    try:
        _cast(column, wanted)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return False
    return True


def _how_to_mend(type_: "pa.DataType") -> str:
    import pyarrow.types as t

    if t.is_timestamp(type_) or t.is_time(type_):
        return "the lake has microseconds: round it first, for example column.dt.floor('us')"
    return "convert the column first"
