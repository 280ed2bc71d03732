"""Which types of one column, in different parts of a load, the service reads as one.

It reads parts as a union: numbers of different widths and kinds meet, anything else must be the same.
"""

from comotion.domain.schema import ColumnType, Decimal, Float, Int, Schema, Unseen

_NUMBERS = (Int, Float, Decimal)


def is_read_as(written: ColumnType, wanted: ColumnType) -> bool:
    """Whether a part that holds ``written`` can stand beside parts that hold ``wanted``."""
    written, wanted = _as_written(written), _as_written(wanted)
    return written == wanted or (isinstance(written, _NUMBERS) and isinstance(wanted, _NUMBERS))


def first_unreadable(written: Schema, wanted: Schema) -> str | None:
    """The first column of parts under ``written`` that cannot stand beside ``wanted``; None when all can."""
    types = {column.name: column.type for column in wanted.columns}
    for column in written.columns:
        if not is_read_as(column.type, types[column.name]):
            return column.name
    return None


def is_written_alike(written: Schema, wanted: Schema) -> bool:
    """Whether parts under either schema have the same columns and types, so that none must be sent again."""
    return [_as_written(column.type) for column in written.columns] == [
        _as_written(column.type) for column in wanted.columns
    ] and written.names == wanted.names


def _as_written(type_: ColumnType) -> ColumnType:
    return type_.written_as if isinstance(type_, Unseen) else type_
