"""One pandas column as an Arrow array with the very same values, or an error that names the row."""

import datetime as dt
import itertools
from collections.abc import Iterable, Iterator
from decimal import Decimal
from numbers import Number
from typing import TYPE_CHECKING, NoReturn, cast

from comotion.domain.errors import DataError, LossyValue

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

_NULLS = frozenset({"NAType", "NaTType"})
_PLAIN = frozenset({str, int, float, bool, bytes, Decimal, dt.date})
"""Kinds whose values Arrow takes as they are, as long as a column holds nothing else."""


def column_to_arrow(column: "pd.Series", *, what: str, remedy: str = "convert it") -> "pa.Array | pa.ChunkedArray":
    """The column's values; NaN, NaT, NA and None are NULL.

    Parameters
    ----------
    what : str
        Source and column, for the error.
    remedy : str
        What makes one kind of several, for the error.

    Raises
    ------
    DataError
        Values of several kinds in one column, or a kind that Arrow or the lake does not know.
    LossyValue
        A whole number beyond 64 bits.
    """
    import pandas as pd
    import pyarrow as pa

    values = column.cat.categories.dtype if isinstance(column.dtype, pd.CategoricalDtype) else column.dtype
    if isinstance(values, pd.PeriodDtype | pd.IntervalDtype):
        raise DataError(f"{what} is of type {values}, which the lake does not have; {remedy}")
    if isinstance(column.dtype, pd.SparseDtype):
        column = pd.Series(column.to_numpy())
    if not isinstance(values, pd.ArrowDtype) and pd.api.types.is_object_dtype(values):  # not all of Arrow's are known
        _check_kinds(column, what=what, remedy=remedy)
    try:
        if isinstance(column.dtype, pd.DatetimeTZDtype):
            return _zoned(column, column.dtype)
        return pa.array(column, from_pandas=True)
    except (pa.ArrowException, OverflowError, TypeError, UnicodeError) as wrong:
        _explain(column, wrong, what=what, remedy=remedy)


def _zoned(column: "pd.Series", dtype: "pd.DatetimeTZDtype") -> "pa.Array":
    """Instants with their zone; Arrow's own bridge drops the zone on its way, which pandas warns of."""
    import pyarrow as pa

    instants = pa.array(column.dt.tz_convert(None), from_pandas=True)
    return instants.cast(pa.timestamp(instants.type.unit, tz=pa.lib.tzinfo_to_string(dtype.tz)))


def _check_kinds(column: "pd.Series", *, what: str, remedy: str) -> None:
    """Refuse values that Arrow would change without a word to make one kind of several: a date of a datetime, bytes
    of a text; also a time's zone and nanoseconds, which it drops.
    """
    import pandas as pd

    if _is_taken_as_it_is(column.dropna().array):
        return
    first: dict[tuple[object, ...], object] = {}
    for row, whole in enumerate(column.array, start=1):
        for path, value in _leaves(whole, ()):
            known = first.setdefault(path, value)
            if not _are_alike(known, value):
                raise DataError(
                    f"{what}, row {row}: {_shown(value)} is {_kind(value)} and the values before it are "
                    f"{_kind(known)}; a column holds one kind: {remedy}"
                )
            if isinstance(value, pd.Timestamp) and value.nanosecond:
                raise LossyValue(f"{what}, row {row}: {value} has nanoseconds, the lake microseconds: round it first")
            if isinstance(value, pd.Timestamp) and not dt.MINYEAR <= value.year <= dt.MAXYEAR:
                raise LossyValue(f"{what}, row {row}: {value} is beyond the years 1 to 9999")
            if isinstance(value, dt.time) and value.tzinfo is not None:
                raise DataError(
                    f"{what}, row {row}: {value} has a time zone, which the lake's times have not; {remedy}"
                )


def _is_taken_as_it_is(values: "Iterable[object]") -> bool:
    """Whether Arrow takes all of some values as they are: the common case, told in little time."""
    kinds = set(map(type, values))
    if kinds in ({dt.datetime}, {dt.time}):
        is_local = {time.tzinfo is None for time in cast("Iterable[dt.datetime]", values)}
        return is_local == {True} or (is_local == {False} and kinds == {dt.datetime})
    return _is_one_plain(kinds)


def _is_one_plain(kinds: set[type]) -> bool:
    """Whether that is one kind at most, and Arrow takes its values as they are."""
    return len(kinds) < 2 and kinds <= _PLAIN


def _leaves(value: object, path: tuple[object, ...]) -> "Iterator[tuple[tuple[object, ...], object]]":
    """The values that are no NULLs within one value, each with its place in a nested one."""
    import numpy as np

    if isinstance(value, dict):
        for name, one in value.items():
            yield from _leaves(one, (*path, name))
    elif isinstance(value, list | tuple | set | frozenset) or (isinstance(value, np.ndarray) and value.dtype == object):
        filled = (one for one in value if not _is_null(one))
        is_plain = _is_one_plain(set(map(type, value)) - {type(None)})
        for one in itertools.islice(filled, 1) if is_plain else filled:  # one stands for all of its kind
            yield from _leaves(one, (*path, None))
    elif not _is_null(value):
        yield path, value.item() if isinstance(value, np.generic) else value


def _explain(column: "pd.Series", wrong: Exception, *, what: str, remedy: str) -> NoReturn:
    """Say which row stands out, where one does."""
    for row, value in enumerate(column.array, start=1):
        if isinstance(value, int) and not -(2**63) <= value < 2**64:
            raise LossyValue(f"{what}, row {row}: the whole number {value} is beyond 64 bits; {remedy}") from None
        if isinstance(value, str) and not value.isascii() and _has_surrogate(value):
            raise DataError(f"{what}, row {row}: {_shown(value)} is no valid Unicode text") from None
    raise DataError(f"{what} cannot be stored: {wrong}") from None


def _is_null(value: object) -> bool:
    return value is None or type(value).__name__ in _NULLS or (isinstance(value, float) and value != value)


def _are_alike(one: object, other: object) -> bool:
    """Whether both can stand in one column without either becoming something else."""
    a, b = type(one), type(other)
    if isinstance(one, dt.datetime) and isinstance(other, dt.datetime):
        return (one.tzinfo is None) == (other.tzinfo is None)
    if bool in (a, b) or dt.datetime in (a, b) or isinstance(one, dt.datetime) != isinstance(other, dt.datetime):
        return a is b
    if isinstance(one, Number) and isinstance(other, Number):
        return True  # Arrow refuses what cannot be joined exactly
    return isinstance(other, a) or isinstance(one, b)


def _kind(value: object) -> str:
    name = type(value).__name__
    if isinstance(value, dt.datetime):
        return f"{name} {'without' if value.tzinfo is None else 'with'} a time zone"
    return name


def _has_surrogate(text: str) -> bool:
    return any("\ud800" <= character <= "\udfff" for character in text)


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 40 else text[:37] + "..."
