"""format(): what Java's String.format writes, or why it refuses a pattern."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from attrs import frozen

from comotion.adapters.fake_dash.lake.kernels import java_moments, java_numbers
from comotion.adapters.fake_dash.lake.kernels.formatting import java_double
from comotion.adapters.fake_dash.lake.kernels.java_moments import JavaRefusal
from comotion.adapters.fake_dash.lake.kernels.numbers import shortest_real
from comotion.adapters.fake_dash.lake.kernels.registry import KernelRefusal, Kernels, KernelUnknown
from comotion.adapters.fake_dash.lake.types import Type

KERNELS = Kernels()
_SPECIFIER = re.compile(r"%(?:(\d+)\$)?([-#+ 0,(<]*)(\d+)?(?:\.(\d+))?([tT])?([a-zA-Z%])")
_LETTERS = frozenset("bBhHsScCdoxXeEfgGaAn%")


@frozen
class Specifier:
    """One ``%...`` of a pattern, its flags known to fit each other."""

    text: str
    index: int | None
    flags: str
    width: int | None
    precision: int | None
    time: bool
    letter: str
    upper: bool


@KERNELS("format", typed=True, keep_null=True)
def formatted(parameters: tuple[Type, ...], returns: Type) -> Callable[..., str | None]:
    kinds = parameters[1:]

    def format_(pattern: str | None, *values: Any) -> str | None:
        if pattern is None:
            return None
        try:
            return "".join(_pieces(_read(pattern), values, kinds))
        except JavaRefusal as refused:
            raise KernelRefusal(f"Invalid format string: {pattern} ({refused})") from None

    return format_


@lru_cache(maxsize=256)
def _read(pattern: str) -> tuple[str | Specifier, ...]:
    """The pattern's plain texts and specifiers, in order."""
    found: list[str | Specifier] = []
    at = 0
    while (percent := pattern.find("%", at)) >= 0:
        match = _SPECIFIER.match(pattern, percent)
        if match is None:
            raise JavaRefusal(f"UnknownFormatConversion: Conversion = '{pattern[percent + 1 : percent + 2] or '%'}'")
        found += [pattern[at:percent], _specifier(match)]
        at = match.end()
    return (*found, pattern[at:])


def _specifier(match: re.Match[str]) -> Specifier:
    index, flags, width, precision, time, letter = match.groups()
    twice = next((flag for at, flag in enumerate(flags) if flag in flags[:at]), None)
    if twice is not None:
        raise JavaRefusal(f"DuplicateFormatFlags: Flags = '{twice}'")
    found = Specifier(
        match[0],
        int(index) if index is not None else None,
        flags,
        int(width) if width is not None else None,
        int(precision) if precision is not None else None,
        time is not None,
        letter if time is not None else letter.lower(),
        letter.isupper() if time is None else time == "T",
    )
    known = letter in (java_moments.LETTERS if found.time else _LETTERS)
    if not known:
        raise JavaRefusal(f"UnknownFormatConversion: Conversion = '{'t' if found.time else ''}{letter}'")
    _check(found)
    return found


def _check(one: Specifier) -> None:
    """The rules by which Java refuses flags, widths and precisions, whatever the value."""
    letter, flags = one.letter, set(one.flags) - {"<"}
    if one.precision is not None and (one.time or letter in "cdoxn%"):
        raise JavaRefusal(f"IllegalFormatPrecision: {one.precision}")
    if letter == "n" and not one.time and one.width is not None:
        raise JavaRefusal(f"IllegalFormatWidth: {one.width}")
    if letter in "n%" and not one.time and flags - ({"-"} if letter == "%" else set()):
        raise JavaRefusal(f"IllegalFormatFlags: Flags = '{_ordered(flags)}'")
    numeric = not one.time and letter in "doxefga"
    if one.width is None and flags & ({"-", "0"} if numeric else {"-"}):
        raise JavaRefusal(f"MissingFormatWidth: {one.text}")
    if numeric and ({"+", " "} <= flags or {"-", "0"} <= flags):
        raise JavaRefusal(f"IllegalFormatFlags: Flags = '{_ordered(flags)}'")
    wrong = "#+ 0,(" if one.time or letter in "bhsc" else {"d": "#", "e": ",", "g": "#", "a": "(,"}.get(letter, "")
    wrong = "+ (," if letter in "ox" and not one.time else wrong  # Trino's whole numbers are Java's long
    for flag in wrong:
        if flag in flags:
            raise JavaRefusal(f"FormatFlagsConversionMismatch: Conversion = {letter}, Flags = {flag}")


def _ordered(flags: set[str]) -> str:
    return "".join(flag for flag in "-#+ 0,(" if flag in flags)


def _pieces(pattern: tuple[str | Specifier, ...], values: tuple[Any, ...], kinds: tuple[Type, ...]) -> list[str]:
    shown: list[str] = []
    last = ordinary = -1
    for piece in pattern:
        if isinstance(piece, str):
            shown.append(piece)
            continue
        if piece.letter in "n%" and not piece.time:
            shown.append("\n" if piece.letter == "n" else _aligned("%", piece))
            continue
        if "<" not in piece.flags:
            ordinary += 0 if piece.index else 1
            last = piece.index - 1 if piece.index else ordinary
        if not 0 <= last < len(values):
            raise JavaRefusal(f"MissingFormatArgument: Format specifier '{piece.text}'")
        body = _shown(piece, values[last], kinds[last])
        shown.append(_aligned(body.upper() if piece.upper else body, piece))
    return shown


def _aligned(body: str, one: Specifier) -> str:
    width = one.width or 0
    return body.ljust(width) if "-" in one.flags else body.rjust(width)


def _shown(one: Specifier, value: Any, kind: Type) -> str:
    letter = one.letter
    if letter == "b" and not one.time:
        return str(bool(value) if kind.base == "boolean" else value is not None).lower()[: one.precision]
    if value is None:
        return "null" if one.time else "null"[: one.precision]
    if one.time:
        return java_moments.shown(letter, value, kind)
    if letter == "s":
        return _text(value, kind)[: one.precision]
    if letter in "ha":
        raise KernelUnknown(f"the conversion '{one.text}' of format()")
    fits = kind.is_integer if letter in "dox" else kind.is_floating or kind.base == "decimal"
    if letter == "c" or not fits:
        written = letter.upper() if one.upper else letter
        raise JavaRefusal(f"IllegalFormatConversion: {written} != {java_moments.class_of(kind)}")
    if letter in "dox":
        return java_numbers.whole(int(value), letter, one.flags, one.width)
    return java_numbers.fraction(value, letter, one.flags, one.precision, one.width)


def _text(value: Any, kind: Type) -> str:
    if kind.base == "boolean":
        return str(value).lower()
    if kind.base == "real":
        return java_double(float(shortest_real(value)) if value - value == 0 else value)
    if kind.is_floating:
        return java_double(value)
    if kind.base == "decimal":
        return f"{value:f}"
    return java_moments.text(value, kind) if kind.base in java_moments.CLASSES else str(value)
