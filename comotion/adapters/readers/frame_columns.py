"""One pandas column as an Arrow array with the very same values, or an error that names the row."""

import datetime as dt
from numbers import Number
from typing import TYPE_CHECKING, NoReturn

from comotion.domain.errors import DataError, LossyValue

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa


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

    if isinstance(column.dtype, pd.PeriodDtype | pd.IntervalDtype):
        raise DataError(f"{what} is of type {column.dtype}, which the lake does not have; {remedy}")
    if isinstance(column.dtype, pd.SparseDtype):
        column = pd.Series(column.to_numpy())
    if column.dtype == object:
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
    """Refuse a column of several kinds that Arrow would make one of: a date of a datetime, bytes of a text."""
    kinds = set(map(type, column.array))
    if len(kinds) > 1 or any(issubclass(kind, dt.datetime) for kind in kinds):
        _refuse_several_kinds(column, what=what, remedy=remedy)


def _refuse_several_kinds(column: "pd.Series", *, what: str, remedy: str) -> None:
    import numpy as np

    first: object = None
    for row, value in enumerate(column.array, start=1):
        if _is_null(value):
            continue
        value = value.item() if isinstance(value, np.generic) else value
        first = value if first is None else first
        if not _are_alike(first, value):
            raise DataError(
                f"{what}, row {row}: {_shown(value)} is {_kind(value)} and the values before it are "
                f"{_kind(first)}; a column holds one kind: {remedy}"
            )


def _explain(column: "pd.Series", wrong: Exception, *, what: str, remedy: str) -> NoReturn:
    """Say which row stands out, where one does."""
    for row, value in enumerate(column.array, start=1):
        if isinstance(value, int) and not -(2**63) <= value < 2**64:
            raise LossyValue(f"{what}, row {row}: the whole number {value} is beyond 64 bits; {remedy}") from None
        if isinstance(value, str) and not value.isascii() and _has_surrogate(value):
            raise DataError(f"{what}, row {row}: {_shown(value)} is no valid Unicode text") from None
    raise DataError(f"{what} cannot be stored: {wrong}") from None


def _is_null(value: object) -> bool:
    import pandas as pd

    return value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and value != value)


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
