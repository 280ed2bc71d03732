"""Column types, what two of them have in common, and what pandas would have said of a column of text."""

from collections.abc import Sequence
from enum import Flag, auto

from attrs import field, frozen

from comotion.domain.errors import SchemaConflict

WIDEST_DECIMAL = 38
EXACT_IN_DOUBLE = 2**53
_DIGITS = {8: 3, 16: 5, 32: 10, 64: 20}
_UNITS = ("s", "ms", "us", "ns")


@frozen
class Unseen:
    """No value has been seen; yields to any other type.

    Attributes
    ----------
    written_as : ColumnType
        What it is where no other type comes: double where there were rows, all of them NULL, and text where there
        was no row, as pandas has it; or what a table without rows says itself.
    """

    written_as: "ColumnType" = field(factory=lambda: Float(64))

    def __str__(self) -> str:
        return str(self.written_as)


@frozen
class Bool:
    def __str__(self) -> str:
        return "boolean"


@frozen
class Int:
    """A whole number of 8, 16, 32 or 64 bits."""

    bits: int = 64
    signed: bool = True

    def __str__(self) -> str:
        return f"{'' if self.signed else 'u'}int{self.bits}"


@frozen
class Float:
    """A binary floating point number of 16, 32 or 64 bits."""

    bits: int = 64

    def __str__(self) -> str:
        return {16: "halffloat", 32: "float", 64: "double"}[self.bits]


@frozen
class Decimal:
    precision: int
    scale: int

    def __str__(self) -> str:
        return f"decimal({self.precision},{self.scale})"


@frozen
class Text:
    def __str__(self) -> str:
        return "string"


@frozen
class Binary:
    def __str__(self) -> str:
        return "binary"


@frozen
class Date:
    def __str__(self) -> str:
        return "date"


@frozen
class Timestamp:
    """A point in time: ``unit`` is s, ms, us or ns; ``zone`` is None for local times."""

    unit: str
    zone: str | None = None

    def __str__(self) -> str:
        return f"timestamp[{self.unit}{'' if self.zone is None else ', ' + self.zone}]"


@frozen
class ListOf:
    item: "ColumnType"

    def __str__(self) -> str:
        return f"list<{self.item}>"


@frozen
class Struct:
    fields: tuple["Column", ...]

    def __str__(self) -> str:
        return f"struct<{', '.join(f'{one.name}: {one.type}' for one in self.fields)}>"


@frozen
class Opaque:
    """Any other type, carried exactly: ``token`` is the reader's own word for it, compared and never opened."""

    token: object = field(repr=False)
    label: str = field(eq=False)

    def __str__(self) -> str:
        return self.label


NO_ROWS = Unseen(Text())
"""A column of which not one row has been seen."""

ColumnType = Unseen | Bool | Int | Float | Decimal | Text | Binary | Date | Timestamp | ListOf | Struct | Opaque


@frozen
class Column:
    """A column of a table: its name and its type. Any column may hold NULLs."""

    name: str
    type: ColumnType


@frozen
class Schema:
    """The columns of a table, in order."""

    columns: tuple[Column, ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    def described(self) -> dict[str, str]:
        """Column name to the word for its type, as a receipt shows it."""
        return {column.name: str(column.type) for column in self.columns}


class SchemaWidened(Exception):
    """A value did not fit; the source has looked at all of its rows and its schema is wider now."""

    def __init__(self, schema: Schema) -> None:
        super().__init__("a later value needs a wider schema; read the source again from its start")
        self.schema = schema


# What two types have in common ------------------------------------------------------------------


def join(a: ColumnType, b: ColumnType) -> ColumnType | None:
    """The narrowest type that holds the values of both exactly, or None where there is none.

    Whole numbers join double: a number that double cannot hold is an error when it is met, never a rounding.
    """
    if isinstance(a, Unseen) and isinstance(b, Unseen):
        return _joined_unseen(a, b)
    if a == b or isinstance(b, Unseen):
        return a
    if isinstance(a, Unseen):
        return b
    for one, other in ((a, b), (b, a)):
        joined = _joined(one, other)
        if joined is not None:
            return joined
    return None


def _joined_unseen(a: Unseen, b: Unseen) -> Unseen:
    """NULLs say more than no row at all."""
    if Unseen() in (a, b):
        return Unseen()
    return Unseen(join(a.written_as, b.written_as) or Text())


def _joined(a: ColumnType, b: ColumnType) -> ColumnType | None:
    match a, b:
        case Int(), Int():
            return _joined_ints(a, b)
        case Int(), Float():
            return Float(64)
        case Float(), Float():
            return Float(max(a.bits, b.bits))
        case Decimal(), Decimal():
            return _joined_decimals(a, b)
        case Int(), Decimal():
            return _joined_decimals(Decimal(_DIGITS[a.bits], 0), b)
        case Timestamp(), Timestamp() if a.zone == b.zone:
            return Timestamp(max(a.unit, b.unit, key=_UNITS.index), a.zone)
        case ListOf(), ListOf():
            item = join(a.item, b.item)
            return None if item is None else ListOf(item)
        case Struct(), Struct():
            return _joined_structs(a, b)
        case _:
            return None


def _joined_ints(a: Int, b: Int) -> Int | None:
    if a.signed == b.signed:
        return Int(max(a.bits, b.bits), a.signed)
    unsigned, signed = (b, a) if a.signed else (a, b)
    bits = max(signed.bits, unsigned.bits * 2)
    return Int(bits) if bits <= 64 else None


def _joined_decimals(a: Decimal, b: Decimal) -> Decimal | None:
    scale = max(a.scale, b.scale)
    precision = max(a.precision - a.scale, b.precision - b.scale) + scale
    return Decimal(precision, scale) if precision <= max(WIDEST_DECIMAL, a.precision, b.precision) else None


def _joined_structs(a: Struct, b: Struct) -> Struct | None:
    """By name; a member that one of them lacks is NULL there."""
    types = {one.name: one.type for one in a.fields}
    for other in b.fields:
        joined = join(types.get(other.name, Unseen()), other.type)
        if joined is None:
            return None
        types[other.name] = joined
    return Struct(tuple(Column(name, type_) for name, type_ in types.items()))


def join_schemas(named: Sequence[tuple[str, Schema]]) -> Schema:
    """One schema for all sources of a load, in the column order of the first.

    Parameters
    ----------
    named : sequence of (source name, Schema)

    Raises
    ------
    SchemaConflict
        Types that cannot be joined, or a column that one source has and another lacks; the message
        names both sources and the column.
    """
    first_name, first = named[0]
    joined = {column.name: column.type for column in first.columns}
    from_whom = dict.fromkeys(joined, first_name)
    for name, schema in named[1:]:
        _check_same_columns(first_name, first, name, schema)
        for column in schema.columns:
            before = joined[column.name]
            both = join(before, column.type)
            if both is None:
                raise SchemaConflict(
                    f"column {column.name!r} is {before} in {from_whom[column.name]} and {column.type} in {name}: "
                    f"no type holds both; pass dtype={{{column.name!r}: 'str'}}, or another dtype, for all sources"
                )
            if both != before:
                joined[column.name], from_whom[column.name] = both, name
    return Schema(tuple(Column(name, type_) for name, type_ in joined.items()))


def _check_same_columns(first_name: str, first: Schema, name: str, schema: Schema) -> None:
    for has, lacks, holder, other in (
        (first, schema, first_name, name),
        (schema, first, name, first_name),
    ):
        known = set(lacks.names)
        missing = next((column for column in has.names if column not in known), None)
        if missing is not None:
            raise SchemaConflict(
                f"column {missing!r} is in {holder} and not in {other}: "
                "the sources of one load must have the same columns"
            )


# What pandas would have said of a column of text ------------------------------------------------


class Seen(Flag):
    """What the fields of a text column have held so far. Two observations join with ``|``."""

    NOTHING = 0
    NULL = auto()
    BOOL = auto()
    INTEGER = auto()
    NEGATIVE = auto()
    LARGE = auto()
    """An integer beyond 2**53, where doubles have gaps."""
    ROUNDED = auto()
    """An integer that a double does not hold."""
    BEYOND_INT64 = auto()
    BEYOND_UINT64 = auto()
    FLOAT = auto()
    TEXT = auto()


def is_text(seen: Seen) -> bool:
    """Whether pandas keeps such fields as the text they are: words, or booleans among numbers."""
    return Seen.TEXT in seen or (Seen.BOOL in seen and bool(seen & (Seen.INTEGER | Seen.FLOAT)))


def pandas_type(seen: Seen) -> ColumnType:
    """The type that ``pandas.read_csv`` of the whole file gives a column with such fields.

    Whole numbers with NULLs are double, booleans with NULLs stay boolean (pandas keeps them as objects, which
    Parquet stores as boolean), a column of NULLs is double, and one without a row text (pandas: object).
    """
    if is_text(seen):
        return Text()
    if Seen.BOOL in seen:
        return Bool()
    if Seen.FLOAT in seen:
        return Float(64)
    if Seen.INTEGER not in seen:
        return Unseen() if Seen.NULL in seen else NO_ROWS
    if Seen.NULL in seen:
        return Float(64)
    return Int(64, signed=Seen.BEYOND_INT64 not in seen)


def lost_digits(seen: Seen) -> Seen:
    """Which of the fields would lose digits under ``pandas_type``: one flag, or NOTHING.

    Whole numbers with NULLs lose them beyond 2**53, whole numbers among fractions where the double differs, and
    any number beyond 64 bits has no type at all.
    """
    if is_text(seen):
        return Seen.NOTHING
    if Seen.BEYOND_UINT64 in seen:
        return Seen.BEYOND_UINT64
    if Seen.FLOAT in seen:
        return seen & Seen.ROUNDED
    if Seen.BEYOND_INT64 in seen and seen & (Seen.NEGATIVE | Seen.NULL):
        return Seen.BEYOND_INT64
    return seen & Seen.LARGE if Seen.NULL in seen else Seen.NOTHING
