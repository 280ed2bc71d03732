"""One column of CSV fields, as text, and its values as numbers and booleans.

The common case costs one Arrow cast and a glance at first characters; only fields that Arrow does not read as
pandas does (spaces, plus signs, hexadecimal digits, numbers beyond a double) are looked at one by one.
"""

from typing import TYPE_CHECKING

from attrs import frozen

from comotion.adapters.readers.csv_fields import (
    FLOAT,
    INTEGER,
    all_match,
    bare,
    leading_zeros,
    look_at_large,
    null_flag,
    size_of,
)
from comotion.domain.schema import EXACT_IN_DOUBLE, Bool, ColumnType, Float, Int, Seen, Text, Unseen

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

_DTYPES = {"Int64Array": "i8", "UInt64Array": "u8", "DoubleArray": "f8"}


@frozen
class Values:
    """A column's values under its type, and in how many fields leading zeros were lost."""

    array: "pa.Array"
    zeros_lost: int = 0
    seen: Seen = Seen.NOTHING
    """What the conversion happened to notice: NULLs, negative numbers."""


def read_as(texts: "pa.StringArray", type_: ColumnType) -> Values | None:
    """The column under ``type_``, or None where a field does not fit it as pandas reads it."""
    match type_:
        case Text():
            return Values(texts)
        case Unseen(Text()):
            return None if len(texts) else Values(texts)
        case Unseen():
            return _nothing(texts)
        case Bool():
            return _bools(texts)
        case Int() if texts.null_count:
            return None
        case Int(64):
            return read_integers(texts, signed=type_.signed)
        case Float(64):
            return _doubles(texts)
        case _:
            return None


def checked(array: "pa.Array", type_: ColumnType) -> Values | None:
    """Numbers and booleans that Arrow read; None where pandas may see something else in their fields."""
    match type_:
        case Bool():
            return Values(array, seen=null_flag(array))
        case Int():
            return None if array.null_count else Values(array, seen=_extremes(array))
    numbers = _numbers(array)
    smallest, largest = (float(numbers.min()), float(numbers.max())) if len(numbers) else (0.0, 0.0)
    if not -EXACT_IN_DOUBLE < smallest <= largest < EXACT_IN_DOUBLE:
        return None  # an integer may have been rounded, or a word like NAN been taken for a number
    return Values(array, seen=null_flag(array) | (Seen.NEGATIVE if smallest < 0 else Seen.NOTHING))


def first_large(array: "pa.Array") -> int:
    """The first row of integers that holds one beyond 2**53."""
    import numpy as np

    numbers = _numbers(array)
    return int(np.argmax(np.greater(numbers, EXACT_IN_DOUBLE) | np.less(numbers, -EXACT_IN_DOUBLE)))


def _nothing(texts: "pa.StringArray") -> Values | None:
    import pyarrow as pa

    return Values(pa.nulls(len(texts), pa.float64()), seen=Seen.NULL) if texts.null_count == len(texts) else None


def _bools(texts: "pa.StringArray") -> Values | None:
    import pyarrow.compute as pc

    lower = pc.ascii_lower(texts)
    true = pc.equal(lower, "true")
    if pc.all(pc.or_(true, pc.equal(lower, "false")), min_count=0).as_py():
        return Values(true, seen=null_flag(texts))
    return None


def read_integers(texts: "pa.StringArray", *, signed: bool) -> Values | None:
    """Whole numbers of 64 bits and NULLs; None where a field is none."""
    import pyarrow as pa

    type_ = pa.int64() if signed else pa.uint64()
    try:
        array = texts.cast(type_)
    except pa.ArrowInvalid:
        array = None
    zeros = None if array is None else leading_zeros(texts)
    if array is None or zeros is None:
        return _odd_integers(texts, type_)
    return Values(array, zeros, _extremes(array))


def _odd_integers(texts: "pa.StringArray", type_: "pa.DataType") -> Values | None:
    """Integers with spaces or plus signs about them."""
    import pyarrow as pa

    if not all_match(texts, INTEGER):
        return None
    plain = bare(texts)
    try:
        array = plain.cast(type_)
    except pa.ArrowInvalid:
        return None
    return Values(array, leading_zeros(plain) or 0, _extremes(array))


def _extremes(array: "pa.Array") -> Seen:
    """What the smallest and the largest of some integers tell."""
    if not len(array):
        return Seen.NOTHING
    numbers = _numbers(array)
    smallest, largest = int(numbers.min()), int(numbers.max())
    seen = Seen.NEGATIVE if smallest < 0 else Seen.NOTHING
    for number in (smallest, largest):
        if abs(number) > EXACT_IN_DOUBLE:
            seen |= Seen.LARGE | size_of(number)
    return seen


def _doubles(texts: "pa.StringArray") -> Values | None:
    import numpy as np
    import pyarrow as pa

    try:
        array = texts.cast(pa.float64())
    except pa.ArrowInvalid:
        return _odd_doubles(texts)
    seen = null_flag(texts)
    numbers = _numbers(array)
    if len(numbers) and not (numbers.min() > -EXACT_IN_DOUBLE and numbers.max() < EXACT_IN_DOUBLE):
        if np.isnan(numbers).any() and not all_match(texts, FLOAT):
            return None  # "NAN" is a number to Arrow and text to pandas
        seen |= look_at_large(texts)
    return Values(array, leading_zeros(texts) or 0, seen)


def _odd_doubles(texts: "pa.StringArray") -> Values | None:
    """Numbers with spaces or plus signs about them, or beyond what a double can hold: infinite, as in pandas."""
    import pyarrow as pa

    if not all_match(texts, FLOAT):
        return None
    plain = bare(texts)
    numbers = [None if text is None else float(text) for text in plain.to_pylist()]
    return Values(pa.array(numbers, pa.float64()), leading_zeros(plain) or 0, null_flag(texts) | look_at_large(texts))


def _numbers(array: "pa.Array") -> "np.ndarray[tuple[int], np.dtype[np.generic]]":
    """The values as numpy sees them, without a copy; what stands under a NULL is arbitrary."""
    import numpy as np

    dtype = _DTYPES[type(array).__name__]  # to_pandas_dtype() would import pandas
    return np.frombuffer(array.buffers()[1], dtype, count=len(array), offset=array.offset * 8)
