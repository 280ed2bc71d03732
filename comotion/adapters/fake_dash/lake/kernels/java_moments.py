"""Dates and times in format(): toString() of Java's classes, and the letters after %t."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from comotion.adapters.fake_dash.lake.kernels.formats import zone_abbreviation
from comotion.adapters.fake_dash.lake.kernels.moments import iso_zone, to_local, zone_offset
from comotion.adapters.fake_dash.lake.kernels.registry import KernelUnknown
from comotion.adapters.fake_dash.lake.types import Type

LETTERS = frozenset("HIklMSLNpzZsQBbhAaCYyjmdeRTrDFc")
CLASSES = {
    "date": "java.time.LocalDate",
    "time": "java.time.LocalTime",
    "timestamp": "java.time.LocalDateTime",
    "timestamp with time zone": "java.time.ZonedDateTime",
}
_OTHER_CLASSES = {
    "boolean": "java.lang.Boolean",
    "real": "java.lang.Float",
    "double": "java.lang.Double",
    "decimal": "java.math.BigDecimal",
}
_OF_A_DAY = frozenset("HIklMSLNpRTr")
_WRITTEN = {
    "A": "%A", "a": "%a", "B": "%B", "b": "%b", "h": "%b", "y": "%y", "m": "%m", "d": "%d", "j": "%j", "H": "%H",
    "I": "%I", "M": "%M", "S": "%S", "D": "%m/%d/%y", "T": "%H:%M:%S", "R": "%H:%M", "r": "%I:%M:%S %p",
}  # fmt: skip
_COUNTED: dict[str, Callable[[Any], str]] = {
    "Y": lambda v: f"{v.year:04d}", "C": lambda v: f"{v.year // 100:02d}", "e": lambda v: str(v.day),
    "F": lambda v: f"{v.year:04d}-{v:%m-%d}", "k": lambda v: str(v.hour), "l": lambda v: str((v.hour - 1) % 12 + 1),
    "p": lambda v: "am" if v.hour < 12 else "pm", "L": lambda v: f"{v.microsecond // 1000:03d}",
    "N": lambda v: f"{v.microsecond:06d}000",
}  # fmt: skip


class JavaRefusal(Exception):
    """What one of Java's exceptions about a format says: its name without ``Exception``, and its message."""


def class_of(kind: Type) -> str:
    """The Java class as which Trino hands a value to String.format."""
    if kind.is_integer:
        return "java.lang.Long"
    return CLASSES.get(kind.base) or _OTHER_CLASSES.get(kind.base, "java.lang.String")


def shown(letter: str, value: Any, kind: Type) -> str:
    """A value by a letter after %t."""
    if kind.base not in CLASSES:
        if kind.is_integer:
            raise KernelUnknown(f"format() of {kind} by %t{letter}")
        raise JavaRefusal(f"IllegalFormatConversion: {letter} != {class_of(kind)}")
    if kind.is_zoned:
        return _zoned(letter, value)
    if letter in "zZ":
        raise JavaRefusal(f"IllegalFormatConversion: {letter} != {class_of(kind)}")
    known = _OF_A_DAY if kind.base == "time" else LETTERS - set("sQc")
    if letter not in (known - _OF_A_DAY if kind.base == "date" else known):
        raise JavaRefusal("Unsupported field")
    return _local(letter, value)


def _local(letter: str, value: Any) -> str:
    return _COUNTED[letter](value) if letter in _COUNTED else str(value.strftime(_WRITTEN[letter]))


def _zoned(letter: str, value: dict[str, Any]) -> str:
    if letter == "z":
        seconds = abs(zone_offset(value))
        return f"{'-' if zone_offset(value) < 0 else '+'}{seconds // 3600:02d}{seconds % 3600 // 60:02d}"
    if letter == "Z":
        return zone_abbreviation(value, "z")
    local = to_local(value["t"], value["z"])
    if letter in "sQ":
        return str((value["t"] - dt.datetime(1970, 1, 1)) // dt.timedelta(milliseconds=1 if letter == "Q" else 1000))
    if letter == "c":
        return f"{local:%a %b %d %H:%M:%S} {zone_abbreviation(value, 'z')} {local.year:04d}"
    return _local(letter, local)


def text(value: Any, kind: Type) -> str:
    """toString() of the value's class: seconds that are zero are left out, fractions come by three digits."""
    if kind.base == "date":
        return str(value.isoformat())
    local = to_local(value["t"], value["z"]) if kind.is_zoned else value
    unit = "microseconds" if local.microsecond % 1000 else "milliseconds" if local.microsecond else "seconds"
    written = local.isoformat(timespec=unit if local.second or local.microsecond else "minutes")
    if not kind.is_zoned:
        return str(written)
    region = "" if value["z"].startswith(("+", "-")) else f"[{value['z']}]"
    return f"{written}{iso_zone(value)}{region}"
