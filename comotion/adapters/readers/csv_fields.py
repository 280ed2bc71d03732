"""One CSV field in pandas' eyes: whether it is a number or a boolean, how large it is, what zeros it begins with."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from comotion.domain.schema import EXACT_IN_DOUBLE, Seen

if TYPE_CHECKING:
    import pyarrow as pa

_SPACE = r"[ \t\n\x0b\f\r]*"
INTEGER = rf"^{_SPACE}[+-]?[0-9]+{_SPACE}$"
FLOAT = rf"^{_SPACE}[+-]?(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|(?i:inf|infinity)){_SPACE}$"
BOOL = r"^(?i:true|false)$"
_ZERO, _NINE = ord("0"), ord("9")
_LONG_INTEGER = rf"^{_SPACE}[+-]?[0-9]{{16,}}{_SPACE}$"
"""One with fewer digits is below 2**53."""


def null_flag(texts: "pa.Array") -> Seen:
    """Whether there is a NULL among them."""
    return Seen.NULL if texts.null_count else Seen.NOTHING


def all_match(texts: "pa.StringArray", pattern: str) -> bool:
    """Whether every field that is no NULL matches."""
    import pyarrow.compute as pc

    return bool(pc.all(pc.match_substring_regex(texts, pattern), min_count=0).as_py())


def bare(texts: "pa.StringArray") -> "pa.StringArray":
    """The fields without spaces about them and without a plus sign."""
    import pyarrow.compute as pc

    return pc.replace_substring_regex(pc.ascii_trim_whitespace(texts), r"^\+", "")


def leading_zeros(texts: "pa.StringArray") -> int | None:
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


def count_leading_zeros(texts: "pa.StringArray") -> int:
    """How many fields begin with a zero and another digit."""
    return leading_zeros(texts) or 0


def look_at_large(texts: "pa.StringArray") -> Seen:
    """What the integers among some fields are too large for."""
    seen = Seen.NOTHING
    for _, number in _long_integers(texts):
        seen |= size_of(number)
    return seen


def _long_integers(texts: "pa.StringArray") -> "Iterator[tuple[int, int]]":
    """Row and value of each field that is an integer long enough to be beyond 2**53."""
    import pyarrow.compute as pc

    # No Python value is handed to Arrow here: to convert one it would import pandas.
    rows = pc.indices_nonzero(pc.match_substring_regex(texts, _LONG_INTEGER))
    if not len(rows):
        return
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


def first_row(texts: "pa.StringArray", flag: Seen) -> int | None:
    """The first row whose field is an integer that is too large in the sense of ``flag``."""
    return next((row for row, number in _long_integers(texts) if flag in size_of(number)), None)
