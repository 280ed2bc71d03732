"""Unicode's general categories, which Python's re does not know, as the inside of a character class."""

from __future__ import annotations

import sys
import unicodedata
from functools import lru_cache

_MAJOR = "LMNPSZC"
_CATEGORIES = frozenset(
    f"{major}{minor}"
    for major, minors in zip(_MAJOR, ("ultmo", "nce", "dlo", "cdseifo", "mcko", "slp", "cfson"), strict=True)
    for minor in ("", *minors)
)


def is_category(name: str) -> bool:
    """Whether there is one of that name, such as L or Lu."""
    return name in _CATEGORIES


@lru_cache(maxsize=32)
def category_body(name: str, negated: bool) -> str:
    """What goes between the brackets: the ranges of the characters that are, or are not, of a category."""
    ranges: list[str] = []
    first: int | None = None
    for number in range(sys.maxunicode + 2):
        belongs = number <= sys.maxunicode and unicodedata.category(chr(number)).startswith(name) != negated
        if belongs and first is None:
            first = number
        elif not belongs and first is not None:
            ranges.append(f"\\U{first:08x}-\\U{number - 1:08x}")
            first = None
    return "".join(ranges)
