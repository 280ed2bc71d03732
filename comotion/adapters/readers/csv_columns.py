"""One column of CSV fields, as text: what it holds in pandas' eyes, and its values as numbers.

The common case costs one Arrow cast and a glance at first characters; only fields that Arrow does not read as
pandas does (spaces, plus signs, hexadecimal digits, numbers beyond a double) are looked at one by one.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from attrs import frozen

from comotion.domain.schema import EXACT_IN_DOUBLE, Bool, ColumnType, Float, Int, Seen, Text, Unseen

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

_SPACE = r"[ \t\n\x0b\f\r]*"
INTEGER = rf"^{_SPACE}[+-]?[0-9]+{_SPACE}$"
FLOAT = rf"^{_SPACE}[+-]?(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|(?i:inf|infinity)){_SPACE}$"
BOOL = r"^(?i:true|false)$"
_ZERO, _NINE = ord("0"), ord("9")
GLANCE_ROWS = 64
DIGITS_IN_DOUBLE = 16
"""An integer with fewer digits is below 2**53."""


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


def checked(array: "pa.Array") -> Values | None:
    """Numbers and booleans that Arrow read; None where pandas may see something else in their fields."""
    import pyarrow as pa

    if pa.types.is_boolean(array.type):
        return Values(array, seen=_null_flag(array))
    if pa.types.is_integer(array.type):
        return None if array.null_count else Values(array, seen=_extremes(array))
    numbers = _numbers(array)
    smallest, largest = (float(numbers.min()), float(numbers.max())) if len(numbers) else (0.0, 0.0)
    if not -EXACT_IN_DOUBLE < smallest <= largest < EXACT_IN_DOUBLE:
        return None  # an integer may have been rounded, or a word like NAN been taken for a number
    return Values(array, seen=_null_flag(array) | (Seen.NEGATIVE if smallest < 0 else Seen.NOTHING))


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
        return Values(true, seen=_null_flag(texts))
    return None


def _null_flag(texts: "pa.Array") -> Seen:
    return Seen.NULL if texts.null_count else Seen.NOTHING


def read_integers(texts: "pa.StringArray", *, signed: bool) -> Values | None:
    """Whole numbers of 64 bits and NULLs; None where a field is none."""
    import pyarrow as pa

    type_ = pa.int64() if signed else pa.uint64()
    try:
        array = texts.cast(type_)
    except pa.ArrowInvalid:
        array = None
    zeros = None if array is None else _leading_zeros(texts)
    if array is None or zeros is None:
        return _odd_integers(texts, type_)
    return Values(array, zeros, _extremes(array))


def _odd_integers(texts: "pa.StringArray", type_: "pa.DataType") -> Values | None:
    """Integers with spaces or plus signs about them."""
    import pyarrow as pa

    if not _all_match(texts, INTEGER):
        return None
    bare = _bare(texts)
    try:
        array = bare.cast(type_)
    except pa.ArrowInvalid:
        return None
    return Values(array, _leading_zeros(bare) or 0, _extremes(array))


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
    seen = _null_flag(texts)
    numbers = _numbers(array)
    if len(numbers) and not (numbers.min() > -EXACT_IN_DOUBLE and numbers.max() < EXACT_IN_DOUBLE):
        if np.isnan(numbers).any() and not _all_match(texts, FLOAT):
            return None  # "NAN" is a number to Arrow and text to pandas
        seen |= look_at_large(texts)
    return Values(array, _leading_zeros(texts) or 0, seen)


def _odd_doubles(texts: "pa.StringArray") -> Values | None:
    """Numbers with spaces or plus signs about them, or beyond what a double can hold: infinite, as in pandas."""
    import pyarrow as pa

    if not _all_match(texts, FLOAT):
        return None
    bare = _bare(texts)
    numbers = [None if text is None else float(text) for text in bare.to_pylist()]
    return Values(pa.array(numbers, pa.float64()), _leading_zeros(bare) or 0, _null_flag(texts) | look_at_large(texts))


def _all_match(texts: "pa.StringArray", pattern: str) -> bool:
    import pyarrow.compute as pc

    return bool(pc.all(pc.match_substring_regex(texts, pattern), min_count=0).as_py())


def _bare(texts: "pa.StringArray") -> "pa.StringArray":
    import pyarrow.compute as pc

    return pc.replace_substring_regex(pc.ascii_trim_whitespace(texts), r"^\+", "")


def _numbers(array: "pa.Array") -> "np.ndarray[tuple[int], np.dtype[np.generic]]":
    """The values as numpy sees them, without a copy; what stands under a NULL is arbitrary."""
    import numpy as np

    width = array.type.bit_width // 8
    dtype = array.type.to_pandas_dtype()
    return np.frombuffer(array.buffers()[1], dtype, count=len(array), offset=array.offset * width)


def _leading_zeros(texts: "pa.StringArray") -> int | None:
    """How many fields begin with a zero and another digit; None where one is hexadecimal."""
    import numpy as np

    if len(texts) == 0:
        return 0
    _, ends, data = texts.buffers()
    if data is None or data.size == 0:
        return 0
    offsets = np.frombuffer(ends, np.int32, count=len(texts) + 1, offset=texts.offset * 4)
    characters = np.frombuffer(data, np.uint8)
    starts = offsets[:-1]
    few = np.flatnonzero(np.take(characters, starts, mode="clip") <= _ZERO)
    if not few.size:
        return 0
    at, lengths = starts[few], offsets[few + 1] - starts[few]
    signed = (lengths > 0) & (np.take(characters, at, mode="clip") < _ZERO)
    at, lengths = at + signed, lengths - signed
    long = lengths > 1
    at = at[long]
    zero_led = at[np.take(characters, at, mode="clip") == _ZERO]
    second = np.take(characters, zero_led + 1, mode="clip")
    if ((second == ord("x")) | (second == ord("X"))).any():
        return None
    return int(np.count_nonzero((second >= _ZERO) & (second <= _NINE)))


# What a column holds --------------------------------------------------------------------------


def look(texts: "pa.StringArray", known: Seen = Seen.NOTHING) -> Seen:
    """What pandas would see in these fields, joined with what is ``known`` of the column already."""
    seen = known | _null_flag(texts)
    if Seen.TEXT in seen or texts.null_count == len(texts):
        return seen
    filled = texts.drop_null() if texts.null_count else texts
    few = _look_closely(filled.slice(0, GLANCE_ROWS))  # text gives itself away at once, and nothing undoes it
    if Seen.TEXT in few:
        return seen | few
    integers = read_integers(filled, signed=True) if few & ~Seen.NEGATIVE == Seen.INTEGER else None
    return seen | (_look_closely(filled) if integers is None else Seen.INTEGER | integers.seen)


def _look_closely(filled: "pa.StringArray") -> Seen:
    import pyarrow.compute as pc

    seen = Seen.NOTHING
    is_integer = pc.match_substring_regex(filled, INTEGER)
    if pc.any(is_integer).as_py():
        seen |= _look_at_integers(filled.filter(is_integer))
    others = filled.filter(pc.invert(is_integer))
    is_float = pc.match_substring_regex(others, FLOAT)
    if pc.any(is_float).as_py():
        seen |= Seen.FLOAT | _negative_flag(others.filter(is_float))
    others = others.filter(pc.invert(is_float))
    is_bool = pc.match_substring_regex(others, BOOL)
    if pc.any(is_bool).as_py():
        seen |= Seen.BOOL
    if not pc.all(is_bool, min_count=0).as_py():
        seen |= Seen.TEXT
    return seen


def _look_at_integers(filled: "pa.StringArray") -> Seen:
    return Seen.INTEGER | _negative_flag(filled) | look_at_large(filled)


def _negative_flag(filled: "pa.StringArray") -> Seen:
    import pyarrow.compute as pc

    return Seen.NEGATIVE if pc.any(pc.starts_with(_bare(filled), "-")).as_py() else Seen.NOTHING


def look_at_large(texts: "pa.StringArray") -> Seen:
    """What the integers among some fields are too large for."""
    seen = Seen.NOTHING
    for _, number in _long_integers(texts):
        seen |= size_of(number)
    return seen


def _long_integers(texts: "pa.StringArray") -> "Iterator[tuple[int, int]]":
    """Row and value of each field that is an integer long enough to be beyond 2**53."""
    import pyarrow.compute as pc

    is_long = pc.and_(
        pc.greater_equal(pc.binary_length(texts), DIGITS_IN_DOUBLE), pc.match_substring_regex(texts, INTEGER)
    )
    rows = pc.indices_nonzero(pc.fill_null(is_long, False))
    for row, text in zip(rows.to_pylist(), texts.take(rows).to_pylist(), strict=True):
        yield row, int(text)


def size_of(number: int) -> Seen:
    """What an integer is too large for: a double, 64 bits with a sign, 64 bits without one."""
    seen = Seen.NOTHING
    if abs(number) > EXACT_IN_DOUBLE:
        seen |= Seen.LARGE | (Seen.ROUNDED if _differs_as_double(number) else Seen.NOTHING)
    if not -(2**63) <= number < 2**63:
        seen |= Seen.BEYOND_INT64
    if not -(2**63) <= number < 2**64:
        seen |= Seen.BEYOND_UINT64
    return seen


def _differs_as_double(number: int) -> bool:
    try:
        return int(float(number)) != number
    except OverflowError:
        return True


def count_leading_zeros(texts: "pa.StringArray") -> int:
    """How many fields begin with a zero and another digit."""
    return _leading_zeros(texts) or 0


def first_row(texts: "pa.StringArray", flag: Seen) -> int | None:
    """The first row whose field is an integer that is too large in the sense of ``flag``."""
    return next((row for row, number in _long_integers(texts) if flag in size_of(number)), None)
