"""The ``dtype`` argument of pandas, where Arrow can honour it exactly as pandas does."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from comotion.adapters.readers.csv_columns import Values, read_as, read_integers
from comotion.adapters.readers.lake_types import lake_type
from comotion.adapters.readers.types import from_arrow, to_arrow
from comotion.domain.errors import InvalidArgument
from comotion.domain.schema import Bool, ColumnType, Decimal, Float, Int, Text

if TYPE_CHECKING:
    import pyarrow as pa

_TEXTS = {"str", "string", "object", "O", "U", "category"}
_INTS = {f"{'' if signed else 'u'}int{bits}": Int(bits, signed) for bits in (8, 16, 32, 64) for signed in (True, False)}
_OTHERS: dict[str, ColumnType] = {"bool": Bool(), "float32": Float(32), "float64": Float(64), **_INTS}


def check_known(dtype: object) -> None:
    """Raises InvalidArgument for a type that pandas does not know, which its JSON reader passes over."""
    if dtype is None or isinstance(dtype, bool):  # of JSON: whether to look for types at all
        return
    from pandas.api.types import pandas_dtype

    for column, one in dtype.items() if isinstance(dtype, Mapping) else ((None, dtype),):
        try:
            pandas_dtype(one)
        except (TypeError, ValueError) as unknown:
            said = f"dtype={one!r}" if column is None else f"dtype={{{column!r}: {one!r}}}"
            raise InvalidArgument(
                f"{said}: {unknown}; name a type of pandas, such as 'str', 'Int64' or 'float64'"
            ) from None


def forced_types(dtype: object, names: Sequence[object]) -> dict[object, ColumnType] | None:
    """Column to the type the user asked for, or None where only pandas can say what is meant."""
    forced: dict[object, ColumnType] = {}
    wanted = _wanted(dtype, names)
    for name, one in wanted.items():
        type_ = type_of(one)
        if type_ is None:
            return None
        forced[name] = type_
    return forced if not isinstance(dtype, Mapping) or set(dtype) <= set(names) else None


def nullable_names(dtype: object, names: Sequence[object]) -> frozenset[object]:
    """The columns whose forced type takes NULLs: those with an extension dtype of pandas."""
    wanted = _wanted(dtype, names)
    if not wanted:  # the common case does not import pandas
        return frozenset()
    from pandas.api.extensions import ExtensionDtype
    from pandas.api.types import pandas_dtype

    return frozenset(name for name, one in wanted.items() if isinstance(pandas_dtype(one), ExtensionDtype))


def _wanted(dtype: object, names: Sequence[object]) -> dict[object, Any]:
    if dtype is None:
        return {}
    if not isinstance(dtype, Mapping):
        return dict.fromkeys(names, dtype)
    wanted = {}
    for name in names:
        try:
            wanted[name] = dtype[name]  # a defaultdict answers for names that it does not hold
        except KeyError:
            continue
    return wanted


def type_of(dtype: Any) -> ColumnType | None:
    """The type that one pandas dtype asks for, or None where only pandas can say what is meant.

    Raises DataError for one of Arrow's that the lake does not have.
    """
    import pandas as pd

    if dtype in (str, object) or (isinstance(dtype, str) and dtype in _TEXTS):
        return Text()
    try:
        known = pd.api.types.pandas_dtype(dtype)
    except TypeError:
        return None
    if isinstance(known, pd.CategoricalDtype):
        return Text() if known.categories is None else None
    if isinstance(known, pd.StringDtype) or known.name in ("object", "str"):
        return Text()
    if isinstance(known, pd.ArrowDtype):
        type_ = from_arrow(lake_type(known.pyarrow_dtype, what=f"dtype {known}"))
        return type_ if isinstance(type_, Int | Float | Decimal | Text) else None
    if isinstance(known, pd.BooleanDtype):
        return None  # pandas takes 1 and 0 for it
    return _OTHERS.get(known.name.lower())


def read_forced(texts: "pa.StringArray", type_: ColumnType, *, takes_nulls: bool = False) -> Values | None:
    """The column as the type that was asked for; None where a field does not fit it.

    Without ``takes_nulls`` a NULL does not fit whole numbers and booleans, as in pandas. What a double rounds, and the
    zeros that a number does not keep, were asked for.
    """
    import pyarrow as pa

    wanted = to_arrow(type_)
    try:
        match type_:
            case Text():
                return Values(texts)
            case Decimal():
                return Values(texts.cast(wanted))
            case Int(_, signed) if takes_nulls or not texts.null_count:
                read = read_integers(texts, signed=signed) or _whole_floats(texts, takes_nulls)
            case Float():
                read = read_as(texts, Float(64))
            case Bool() if not texts.null_count:
                read = read_as(texts, type_)
            case _:
                return None
        return None if read is None else Values(read.array.cast(wanted, safe=not isinstance(type_, Float)))
    except pa.ArrowInvalid:
        return None


def _whole_floats(texts: "pa.StringArray", takes_nulls: bool) -> Values | None:
    """``1.0`` is a whole number to pandas' nullable integers, and to no other."""
    return read_as(texts, Float(64)) if takes_nulls else None
