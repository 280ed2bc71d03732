"""The ``dtype`` argument of pandas, where Arrow can honour it exactly as pandas does."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from comotion.adapters.readers.csv_columns import Values, read_as
from comotion.adapters.readers.types import to_arrow
from comotion.domain.schema import Bool, ColumnType, Float, Int, Text

if TYPE_CHECKING:
    import pyarrow as pa

_TEXTS = {"str", "string", "object", "O", "U", "category"}
_INTS = {
    f"{'' if signed else 'u'}int{bits}": Int(bits, signed) for bits in (8, 16, 32, 64) for signed in (True, False)
}
_OTHERS: dict[str, ColumnType] = {"bool": Bool(), "float32": Float(32), "float64": Float(64), **_INTS}


def forced_types(dtype: object, names: Sequence[object]) -> dict[object, ColumnType] | None:
    """Column to the type the user asked for, or None where only pandas can say what is meant."""
    if dtype is None:
        return {}
    wanted = dtype if isinstance(dtype, Mapping) else dict.fromkeys(names, dtype)
    forced: dict[object, ColumnType] = {}
    for name in names:
        try:
            one = wanted[name]
        except KeyError:
            continue
        type_ = _type_of(one)
        if type_ is None:
            return None
        forced[name] = type_
    return forced if set(wanted) <= set(names) else None


def _type_of(dtype: object) -> ColumnType | None:
    import numpy as np
    import pandas as pd

    if isinstance(dtype, str) and dtype in _TEXTS:
        return Text()
    if isinstance(dtype, pd.StringDtype | pd.CategoricalDtype):
        return None if getattr(dtype, "categories", None) is not None else Text()
    if dtype in (str, object):
        return Text()
    try:
        name = np.dtype(dtype).name  # type: ignore[call-overload]
    except TypeError:
        return None
    return Text() if name in ("object", "str") else _OTHERS.get(name)


def read_forced(texts: "pa.StringArray", type_: ColumnType) -> Values | None:
    """The column as the type that was asked for; None where a field does not fit it.

    A NULL does not fit whole numbers and booleans, as in pandas. What a double rounds, and the zeros that a number
    does not keep, were asked for.
    """
    import pyarrow as pa

    match type_:
        case Text():
            return Values(texts)
        case Int(_, signed):
            read = read_as(texts, Int(64, signed))
        case Float():
            read = read_as(texts, Float(64))
        case _:
            read = None if texts.null_count else read_as(texts, type_)
    if read is None:
        return None
    wanted = to_arrow(type_)
    try:
        return Values(read.array.cast(wanted, safe=not isinstance(type_, Float)))
    except pa.ArrowInvalid:
        return None
