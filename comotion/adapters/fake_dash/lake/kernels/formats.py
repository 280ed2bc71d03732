"""Patterns of dates: MySQL's (date_format, date_parse) and Joda's (format_datetime, parse_datetime)."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from comotion.adapters.fake_dash.lake.kernels.moments import to_local, zone_name, zone_offset, zoned
from comotion.adapters.fake_dash.lake.kernels.registry import KernelRefusal, Kernels, KernelUnknown

KERNELS = Kernels()
_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
           "November", "December")  # fmt: skip
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

_MYSQL: dict[str, Callable[[dt.datetime], str]] = {
    "a": lambda t: _DAYS[t.weekday()][:3], "b": lambda t: _MONTHS[t.month - 1][:3], "c": lambda t: str(t.month),
    "d": lambda t: f"{t.day:02d}", "e": lambda t: str(t.day), "f": lambda t: f"{t.microsecond // 1000:03d}000",
    "H": lambda t: f"{t.hour:02d}", "h": lambda t: f"{(t.hour - 1) % 12 + 1:02d}",
    "I": lambda t: f"{(t.hour - 1) % 12 + 1:02d}", "i": lambda t: f"{t.minute:02d}",
    "j": lambda t: f"{t.timetuple().tm_yday:03d}", "k": lambda t: str(t.hour),
    "l": lambda t: str((t.hour - 1) % 12 + 1), "M": lambda t: _MONTHS[t.month - 1],
    "m": lambda t: f"{t.month:02d}", "p": lambda t: "AM" if t.hour < 12 else "PM",
    "r": lambda t: f"{(t.hour - 1) % 12 + 1:02d}:{t.minute:02d}:{t.second:02d} {'AM' if t.hour < 12 else 'PM'}",
    "S": lambda t: f"{t.second:02d}", "s": lambda t: f"{t.second:02d}",
    "T": lambda t: f"{t.hour:02d}:{t.minute:02d}:{t.second:02d}", "v": lambda t: f"{t.isocalendar().week:02d}",
    "W": lambda t: _DAYS[t.weekday()], "x": lambda t: f"{t.isocalendar().year:04d}", "Y": lambda t: f"{t.year:04d}",
    "y": lambda t: f"{t.year % 100:02d}", "%": lambda t: "%",
}  # fmt: skip
_MYSQL_UNKNOWN = "DUuVwX"


def _mysql_words(pattern: str) -> list[tuple[bool, str]]:
    if not pattern:
        raise KernelRefusal("Both printing and parsing not supported")
    words: list[tuple[bool, str]] = []
    index = 0
    while index < len(pattern):
        if pattern[index] == "%" and index + 1 < len(pattern):
            letter = pattern[index + 1]
            if letter in _MYSQL_UNKNOWN:
                raise KernelRefusal(f"%{letter} not supported in date format string")
            words.append((True, letter) if letter in _MYSQL else (False, letter))
            index += 2
        else:
            words.append((False, pattern[index]))
            index += 1
    return words


@KERNELS()
def date_format(moment: dt.datetime, pattern: str) -> str:
    return "".join(_MYSQL[word](moment) if coded else word for coded, word in _mysql_words(pattern))


@KERNELS()
def date_format_zoned(value: dict[str, Any], pattern: str) -> str:
    return date_format(to_local(value["t"], value["z"]), pattern)


_NAMES_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True)) + "|" + "|".join(m[:3] for m in _MONTHS)
_NAMES_DAY = "|".join(_DAYS) + "|" + "|".join(d[:3] for d in _DAYS)
_MYSQL_READ = {
    "a": f"(?P<weekday>{_NAMES_DAY})",
    "W": f"(?P<weekday>{_NAMES_DAY})",
    "b": f"(?P<name>{_NAMES_MONTH})",
    "M": f"(?P<name>{_NAMES_MONTH})",
    "c": r"(?P<month>\d{1,2})",
    "m": r"(?P<month>\d{1,2})",
    "d": r"(?P<day>\d{1,2})",
    "e": r"(?P<day>\d{1,2})",
    "f": r"(?P<fraction>\d{1,9})",
    "H": r"(?P<hour>\d{1,2})",
    "k": r"(?P<hour>\d{1,2})",
    "h": r"(?P<half>\d{1,2})",
    "I": r"(?P<half>\d{1,2})",
    "l": r"(?P<half>\d{1,2})",
    "i": r"(?P<minute>\d{1,2})",
    "j": r"(?P<yearday>\d{1,3})",
    "p": r"(?P<noon>[AaPp][Mm])",
    "S": r"(?P<second>\d{1,2})",
    "s": r"(?P<second>\d{1,2})",
    "T": r"(?P<hour>\d{1,2}):(?P<minute>\d{1,2}):(?P<second>\d{1,2})",
    "r": r"(?P<half>\d{1,2}):(?P<minute>\d{1,2}):(?P<second>\d{1,2}) (?P<noon>[AaPp][Mm])",
    "v": r"(?P<week>\d{1,2})",
    "x": r"(?P<weekyear>\d{4})",
    "Y": r"(?P<year>[-+]?\d{1,9})",
    "y": r"(?P<short>\d{1,2})",
    "%": "%",
}


@lru_cache(maxsize=512)
def _mysql_reader(pattern: str) -> re.Pattern[str]:
    words = _mysql_words(pattern)
    pieces: list[str] = []
    for index, (coded, word) in enumerate(words):
        if not coded:
            pieces.append(re.escape(word))
            continue
        piece = _MYSQL_READ[word]
        following = words[index + 1] if index + 1 < len(words) else None
        if following is not None and (following[0] and following[1] not in "abMWp%") and word in "Y":
            piece = piece.replace(r"[-+]?\d{1,9}", r"\d{4}")
        elif following is not None and following[0] and following[1] not in "abMWp%":
            piece = piece.replace("{1,2}", "{2}").replace("{1,3}", "{3}")
        pieces.append(piece)
    return _compiled("".join(pieces), re.IGNORECASE)


def _compiled(pattern: str, flags: int = 0) -> re.Pattern[str]:
    """A pattern in which a field may come twice; the last one counts."""
    seen: dict[str, int] = {}

    def renamed(match: re.Match[str]) -> str:
        seen[match[1]] = seen.get(match[1], 0) + 1
        return f"(?P<{match[1]}_{seen[match[1]]}>"

    return re.compile(re.sub(r"\(\?P<(\w+?)>", renamed, pattern), flags)


def _fields(match: re.Match[str]) -> dict[str, str]:
    return {name.rsplit("_", 1)[0]: text for name, text in match.groupdict().items() if text is not None}


@KERNELS()
def date_parse(text: str, pattern: str) -> dt.datetime:
    match = _mysql_reader(pattern).fullmatch(text)
    if match is None:
        raise KernelRefusal(f'Invalid format: "{text}"')
    return _assembled(_fields(match), text)


def _assembled(fields: dict[str, str], text: str) -> dt.datetime:
    try:
        year = int(fields.get("year", fields.get("era_year", 1970)))
        if "short" in fields:
            year = _century(int(fields["short"]))
        month = int(fields.get("month", 1))
        if "name" in fields:
            month = [m[:3].lower() for m in _MONTHS].index(fields["name"][:3].lower()) + 1
        day = dt.date(year, month, int(fields.get("day", 1)))
        if "yearday" in fields:
            day = dt.date(year, 1, 1) + dt.timedelta(days=int(fields["yearday"]) - 1)
            if day.year != year:
                raise ValueError("day of year")
        if "week" in fields or "weekyear" in fields:
            weekday = int(fields.get("weekday_number", 1))
            if "weekday" in fields:
                weekday = [d[:3].lower() for d in _DAYS].index(fields["weekday"][:3].lower()) + 1
            day = dt.date.fromisocalendar(int(fields.get("weekyear", year)), int(fields.get("week", 1)), weekday)
        return dt.datetime.combine(day, _time_of(fields))
    except ValueError:
        raise KernelRefusal(f'Cannot parse "{text}": Value out of range') from None


def _century(short: int) -> int:
    return short + (2000 if short < 70 else 1900)


def _time_of(fields: dict[str, str]) -> dt.time:
    hour = int(fields.get("hour", 0))
    if "half" in fields:
        half = int(fields["half"])
        if not 1 <= half <= 12:
            raise ValueError("hour of half day")
        hour = half % 12
    if "noon" in fields and fields["noon"].lower() == "pm":
        hour = hour % 12 + 12
    elif "noon" in fields:
        hour %= 12
    millis = int(fields.get("fraction", "0").ljust(3, "0")[:3])
    return dt.time(hour, int(fields.get("minute", 0)), int(fields.get("second", 0)), millis * 1000)


# ---- Joda ------------------------------------------------------------------------------------------------

_JODA = re.compile(r"'((?:[^']|'')*)'|([A-Za-z])\2*|(.)", re.S)


@lru_cache(maxsize=512)
def _joda_words(pattern: str) -> tuple[tuple[str, str], ...]:
    """Letters with their count, and plain text under the empty letter."""
    if not pattern:
        raise KernelRefusal("Invalid pattern specification")
    words: list[tuple[str, str]] = []
    index = 0
    while index < len(pattern):
        match = _JODA.match(pattern, index)
        if match is None or (match[3] == "'"):
            raise KernelRefusal(f"Illegal pattern component: {pattern[index:]}")
        if match[1] is not None:
            words.append(("", match[1].replace("''", "'") or "'"))
        elif match[2] is not None:
            if match[2] not in "GCYxwedDMyaKhHkmsSzZE":
                raise KernelRefusal(f"Illegal pattern component: {match[0]}")
            words.append((match[2], match[0]))
        else:
            words.append(("", match[3]))
        index = match.end()
    return tuple(words)


def _padded(value: int, word: str) -> str:
    return f"{value:0{len(word)}d}"


def _joda_piece(letter: str, word: str, local: dt.datetime, value: dict[str, Any]) -> str:
    numbers: dict[str, int] = {
        "C": local.year // 100, "x": local.isocalendar().year, "w": local.isocalendar().week, "e": local.isoweekday(),
        "D": local.timetuple().tm_yday, "d": local.day, "K": local.hour % 12, "h": (local.hour - 1) % 12 + 1,
        "H": local.hour, "k": local.hour or 24, "m": local.minute, "s": local.second,
    }  # fmt: skip
    if letter in ("Y", "y", "x"):
        year = local.isocalendar().year if letter == "x" else local.year
        return f"{year % 100:02d}" if len(word) == 2 else _padded(year, word)
    if letter in numbers:
        return _padded(numbers[letter], word)
    if letter == "M":
        name = _MONTHS[local.month - 1]
        return _padded(local.month, word) if len(word) < 3 else (name[:3] if len(word) == 3 else name)
    if letter == "E":
        return _DAYS[local.weekday()] if len(word) > 3 else _DAYS[local.weekday()][:3]
    if letter == "S":
        return f"{local.microsecond:06d}"[:3].ljust(len(word), "0")[: len(word)]
    if letter == "a":
        return "AM" if local.hour < 12 else "PM"
    if letter == "G":
        return "AD"
    return _joda_zone(word, value)


def _joda_zone(word: str, value: dict[str, Any]) -> str:
    if len(word) >= 3:
        return str(value["z"])
    seconds = zone_offset(value)
    sign = "-" if seconds < 0 else "+"
    colon = ":" if len(word) == 2 else ""
    return f"{sign}{abs(seconds) // 3600:02d}{colon}{abs(seconds) % 3600 // 60:02d}"


@KERNELS()
def format_datetime(value: dict[str, Any], pattern: str) -> str:
    local = to_local(value["t"], value["z"])
    shown: list[str] = []
    for letter, word in _joda_words(pattern):
        if not letter:
            shown.append(word)
        elif letter == "z":
            shown.append(zone_abbreviation(value, word))
        else:
            shown.append(_joda_piece(letter, word, local, value))
    return "".join(shown)


def zone_abbreviation(value: dict[str, Any], word: str) -> str:
    """A zone's name at that moment, by the letters of a pattern: CET for z to zzz; an offset is its own name."""
    from comotion.adapters.fake_dash.lake.kernels.moments import _zone

    if value["z"].startswith(("+", "-")):
        return str(value["z"])
    if len(word) > 3 and value["z"] == "UTC":
        return "Coordinated Universal Time"
    if len(word) > 3:
        raise KernelUnknown(f"the long name of the time zone {value['z']}")
    return value["t"].replace(tzinfo=dt.UTC).astimezone(_zone(value["z"])).tzname() or "UTC"


def _joda_read(letter: str, word: str, glued: bool) -> str:
    size = len(word)

    def number(name: str, most: int) -> str:
        return rf"(?P<{name}>\d{{{size}}})" if glued else rf"(?P<{name}>\d{{1,{max(size, most)}}})"

    if letter in "Yy":
        if size == 2:
            return r"(?P<short>\d{2})"
        return rf"(?P<year>\d{{{size}}})" if glued else r"(?P<year>[-+]?\d{1,9})"
    if letter == "M":
        return number("month", 2) if size < 3 else f"(?P<name>{_NAMES_MONTH})"
    if letter == "E":
        return f"(?P<weekday>{_NAMES_DAY})"
    simple = {"d": "day", "H": "hour", "k": "clock", "h": "half", "K": "zero_half", "m": "minute", "s": "second",
              "w": "week", "e": "weekday_number", "D": "yearday"}  # fmt: skip
    if letter in simple:
        return number(simple[letter], 3 if letter == "D" else 2)
    if letter == "x":
        return r"(?P<weekyear>\d{4})"
    if letter == "S":
        return rf"(?P<fraction>\d{{{size}}})" if glued else rf"(?P<fraction>\d{{1,{size}}})"
    if letter == "a":
        return "(?P<noon>[AaPp][Mm])"
    if letter == "Z":
        return r"(?P<zone>Z|[+-]\d{2}:?\d{2})" if size < 3 else r"(?P<zone>[A-Za-z_+\-/0-9:]+)"
    if letter == "z":
        return r"(?P<zone>UTC|GMT)"
    raise KernelRefusal(f"Parsing not supported for pattern component: {word}", "NOT_SUPPORTED")


@lru_cache(maxsize=512)
def _joda_reader(pattern: str) -> re.Pattern[str]:
    words = _joda_words(pattern)
    pieces: list[str] = []
    for index, (letter, word) in enumerate(words):
        if not letter:
            pieces.append(re.escape(word))
            continue
        following = words[index + 1] if index + 1 < len(words) else ("", "")
        glued = (
            bool(following[0]) and following[0] not in "aEGzZ" and not (following[0] == "M" and len(following[1]) > 2)
        )
        pieces.append(_joda_read(letter, word, glued))
    return _compiled("".join(pieces), re.IGNORECASE)


@KERNELS()
def parse_datetime(text: str, pattern: str) -> dict[str, Any]:
    match = _joda_reader(pattern).fullmatch(text)
    if match is None:
        raise KernelRefusal(f'Invalid format: "{text}"')
    fields = _fields(match)
    if "clock" in fields:
        fields["hour"] = str(int(fields.pop("clock")) % 24)
    if "zero_half" in fields:
        fields["hour"] = fields.pop("zero_half")
    return zoned(_assembled(fields, text), zone_name(fields.get("zone", "UTC")))
