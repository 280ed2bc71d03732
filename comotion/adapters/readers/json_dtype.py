"""The ``dtype`` argument of pandas, applied to JSON values one by one: texts and numbers, never by way of a double."""

import json
from collections.abc import Mapping

from attrs import field, frozen

from comotion.adapters.readers.csv_dtype import type_of
from comotion.domain.errors import LossyValue
from comotion.domain.schema import ColumnType, Float, Int, Text


@frozen
class Wanted:
    """The types that the user asked for.

    Attributes
    ----------
    of_all : ColumnType or None
        For every column.
    of_some : mapping of column name to ColumnType
    """

    of_all: ColumnType | None = None
    of_some: Mapping[str, ColumnType] = field(factory=dict)

    def __bool__(self) -> bool:
        return self.of_all is not None or bool(self.of_some)

    def of(self, name: str) -> ColumnType | None:
        """The type asked for a column, if one was."""
        return self.of_some.get(name, self.of_all)

    def applied(self, record: Mapping[str, object], *, where: str) -> dict[str, object]:
        """The record with its values under these types. Raises LossyValue."""
        return {name: self.value(name, one, where=where) for name, one in record.items()}

    def value(self, name: str, value: object, *, where: str) -> object:
        """One value under the type of its column. Raises LossyValue."""
        type_ = self.of(name)
        if type_ is None or value is None or value != value:
            return value if type_ is None else None
        converted = _as(value, type_)
        if converted is None:
            raise LossyValue(f"{where}: column {name!r} holds {str(value)[:40]!r}, not {type_}")
        return converted


def wanted_types(dtype: object) -> Wanted | None:
    """What ``dtype`` asks for, or None where only pandas can say what is meant. None and False ask for nothing."""
    if dtype is None or dtype is False:
        return Wanted()
    if dtype is True:
        return None
    named = dtype.items() if isinstance(dtype, Mapping) else [("", dtype)]
    types = {str(name): type_of(one) for name, one in named}
    known = {name: one for name, one in types.items() if isinstance(one, Text | Int | Float)}
    if len(known) != len(types):
        return None
    return Wanted(of_some=known) if isinstance(dtype, Mapping) else Wanted(of_all=known[""])


def _as(value: object, type_: ColumnType) -> object:
    """The value under the type; None where it does not fit."""
    match type_:
        case Text():
            return _text(value)
        case Int():
            return _whole(value, type_)
        case _:
            return _number(value)


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int | float) else json.dumps(value, ensure_ascii=False)


def _whole(value: object, type_: Int) -> int | None:
    if not isinstance(value, int | str) and not (isinstance(value, float) and value.is_integer()):
        return None
    try:
        number = int(value)
    except ValueError:
        return None
    lowest = -(2 ** (type_.bits - 1)) if type_.signed else 0
    return number if lowest <= number < lowest + 2**type_.bits else None


def _number(value: object) -> float | None:
    try:
        return float(value) if isinstance(value, int | float | str) else None
    except (ValueError, OverflowError):
        return None
