"""What a column of CSV fields holds in pandas' eyes."""

import re
from typing import TYPE_CHECKING

from comotion.adapters.readers.csv_columns import read_integers
from comotion.adapters.readers.csv_fields import BOOL, FLOAT, INTEGER, bare, look_at_large, null_flag
from comotion.domain.schema import Seen

if TYPE_CHECKING:
    import pyarrow as pa

FEW_ROWS, GLANCE_ROWS = 1024, 64
"""More rows than the first number are worth a glance at so many, before all are looked at one by one."""
_INTEGER = re.compile(INTEGER)
_NO_WORD = re.compile(f"{INTEGER}|{FLOAT}|{BOOL}")


def look(texts: "pa.StringArray", known: Seen = Seen.NOTHING) -> Seen:
    """What pandas would see in these fields, joined with what is ``known`` of the column already."""
    seen = known | null_flag(texts)
    if Seen.TEXT in seen or texts.null_count == len(texts):
        return seen
    filled = texts.drop_null() if texts.null_count else texts
    first = filled[0].as_py()
    if not _NO_WORD.match(first):  # text gives itself away at once, and nothing undoes it
        return seen | Seen.TEXT
    integers = read_integers(filled, signed=True) if _INTEGER.match(first) else None
    if integers is not None:
        return seen | Seen.INTEGER | integers.seen
    if len(filled) > FEW_ROWS and Seen.TEXT in _look_closely(filled.slice(0, GLANCE_ROWS)):
        return seen | Seen.TEXT
    return seen | _look_closely(filled)


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

    return Seen.NEGATIVE if pc.any(pc.starts_with(bare(filled), "-")).as_py() else Seen.NOTHING
