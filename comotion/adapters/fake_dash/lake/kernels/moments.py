"""Dates, times and zones: reading and writing them in the ways of Trino, MySQL and Joda."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from comotion.adapters.fake_dash.lake.kernels.registry import KernelRefusal, Kernels, KernelUnknown

KERNELS = Kernels()
_EPOCH = dt.datetime(1970, 1, 1)
_MOST_MILLIS = 0x7FFFFFFFFFFFF  # what Trino packs beside a zone
_OFFSET = re.compile(r"(?:(?:UTC|GMT|UT)?)([+-])(\d{1,2})(?::?(\d{2}))?")

TIMESTAMP_TEXT = re.compile(
    r"(?P<year>[-+]?\d{4,})-(?P<month>\d{1,2})-(?P<day>\d{1,2})"
    r"(?: (?:(?P<hour>\d{1,2}):(?P<minute>\d{1,2})(?::(?P<second>\d{1,2})(?:\.(?P<fraction>\d+))?)?)?"
    r"\s*(?P<zone>\S.*)?)?"
)


# ---- zones -----------------------------------------------------------------------------------------------


@lru_cache(maxsize=1024)
def zone_name(text: str) -> str:
    """A zone's name as Trino shows it: UTC, an offset as +02:00, or a region."""
    stripped = text.strip()
    if stripped.upper() in ("UTC", "Z", "GMT", "UT", "ZULU"):
        return "UTC"
    match = _OFFSET.fullmatch(stripped)
    if match is not None:
        hours, minutes = int(match[2]), int(match[3] or 0)
        if hours > 14 or minutes > 59:
            raise KernelRefusal(f"Invalid time zone: '{text}'")
        return "UTC" if hours == minutes == 0 else f"{match[1]}{hours:02d}:{minutes:02d}"
    try:
        ZoneInfo(stripped)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise KernelRefusal(f"'{text}' is not a valid time zone") from None
    return stripped


@lru_cache(maxsize=1024)
def _zone(name: str) -> dt.tzinfo:
    if name == "UTC":
        return dt.UTC
    match = _OFFSET.fullmatch(name)
    if match is not None:
        offset = dt.timedelta(hours=int(match[2]), minutes=int(match[3] or 0))
        return dt.timezone(offset if match[1] == "+" else -offset)
    return ZoneInfo(name)


def to_utc(local: dt.datetime, zone: str) -> dt.datetime:
    """The moment at which a zone's wall clock shows a time; a time skipped in spring is moved on."""
    return local.replace(tzinfo=_zone(zone)).astimezone(dt.UTC).replace(tzinfo=None)


def to_local(moment: dt.datetime, zone: str) -> dt.datetime:
    return moment.replace(tzinfo=dt.UTC).astimezone(_zone(zone)).replace(tzinfo=None)


@KERNELS()
def local_time(moment: dt.datetime, zone: str) -> dt.datetime:
    return to_local(moment, zone)


def zoned(local: dt.datetime, zone: str) -> dict[str, Any]:
    name = zone_name(zone)
    return {"t": to_utc(local, name), "z": name}


@KERNELS()
def zone_time(local: dt.datetime, zone: str) -> dict[str, Any]:
    return zoned(local, zone)


@KERNELS()
def at_zone(value: dict[str, Any], zone: str) -> dict[str, Any]:
    return {"t": value["t"], "z": zone_name(zone)}


@KERNELS("offset_name")
def offset_name(hours: int, minutes: int) -> str:
    total = hours * 60 + minutes
    if abs(total) > 14 * 60:
        raise KernelRefusal(f"Invalid offset minutes: {total}")
    return "UTC" if total == 0 else f"{'-' if total < 0 else '+'}{abs(total) // 60:02d}:{abs(total) % 60:02d}"


@KERNELS()
def zone_offset(value: dict[str, Any]) -> int:
    """Seconds east of UTC."""
    offset = value["t"].replace(tzinfo=dt.UTC).astimezone(_zone(value["z"])).utcoffset()
    assert offset is not None
    return int(offset.total_seconds())


@KERNELS()
def zoned_months(value: dict[str, Any], months: int) -> dict[str, Any]:
    local = to_local(value["t"], value["z"])
    return {"t": to_utc(plus_months(local, months), value["z"]), "z": value["z"]}


def plus_months(moment: dt.datetime, months: int) -> dt.datetime:
    total = moment.year * 12 + moment.month - 1 + months
    year, month = divmod(total, 12)
    day = min(moment.day, calendar.monthrange(year, month + 1)[1])
    return moment.replace(year=year, month=month + 1, day=day)


# ---- text as dates ---------------------------------------------------------------------------------------


def parse_date(text: str) -> dt.date:
    match = re.fullmatch(r"\s*([-+]?\d{1,9})-(\d{1,2})-(\d{1,2})\s*", text)
    try:
        if match is None:
            raise ValueError(text)
        return dt.date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        raise KernelRefusal(f"Value cannot be cast to date: {text}", "INVALID_CAST_ARGUMENT") from None


@KERNELS()
def cast_varchar_to_date(text: str) -> dt.date:
    return parse_date(text)


def _moment(text: str, target: str, precision: int) -> tuple[dt.datetime, str | None]:
    match = TIMESTAMP_TEXT.fullmatch(text.strip())
    try:
        if match is None:
            raise ValueError(text)
        fraction = (match["fraction"] or "").ljust(7, "0")
        if precision > 6 and fraction[6:].strip("0"):
            raise KernelUnknown("timestamps finer than a microsecond")
        found = dt.datetime(int(match["year"]), int(match["month"]), int(match["day"]), int(match["hour"] or 0),
                            int(match["minute"] or 0), int(match["second"] or 0), int(fraction[:6]))  # fmt: skip
        return found + dt.timedelta(microseconds=fraction[6] >= "5"), match["zone"]
    except ValueError:
        raise KernelRefusal(f"Value cannot be cast to {target}: {text}", "INVALID_CAST_ARGUMENT") from None


def _rounded(moment: dt.datetime, precision: int) -> dt.datetime:
    unit = 10 ** max(6 - precision, 0)
    micros = (moment - _EPOCH) // dt.timedelta(microseconds=1)
    return _EPOCH + dt.timedelta(microseconds=(micros + unit // 2) // unit * unit)


@KERNELS(typed=True)
def cast_varchar_to_timestamp(parameters: Any, returns: Any) -> Any:
    def convert(text: str) -> dt.datetime:
        found, zone = _moment(text, "timestamp", returns.size[0])
        if zone is not None:
            raise KernelRefusal(f"Value cannot be cast to timestamp: {text}", "INVALID_CAST_ARGUMENT")
        return _rounded(found, returns.size[0])

    return convert


@KERNELS("cast_varchar_to_timestamp_with_time_zone", typed=True)
def cast_varchar_to_zoned(parameters: Any, returns: Any) -> Any:
    def convert(text: str) -> dict[str, Any]:
        found, zone = _moment(text, "timestamp with time zone", returns.size[0])
        try:
            return zoned(_rounded(found, returns.size[0]), zone or "UTC")
        except KernelRefusal:
            raise KernelRefusal(
                f"Value cannot be cast to timestamp with time zone: {text}", "INVALID_CAST_ARGUMENT"
            ) from None

    return convert


@KERNELS()
def cast_varchar_to_time(text: str) -> dt.time:
    match = re.fullmatch(r"(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d{1,6}))?)?", text)
    try:
        if match is None:
            raise ValueError(text)
        return dt.time(int(match[1]), int(match[2]), int(match[3] or 0), int((match[4] or "0").ljust(6, "0")))
    except ValueError:
        raise KernelRefusal(f"Value cannot be cast to time: {text}", "INVALID_CAST_ARGUMENT") from None


@KERNELS()
def interval_text(millis: int) -> str:
    sign, rest = ("-" if millis < 0 else ""), abs(millis)
    days, rest = divmod(rest, 86_400_000)
    hours, rest = divmod(rest, 3_600_000)
    minutes, rest = divmod(rest, 60_000)
    return f"{sign}{days} {hours:02d}:{minutes:02d}:{rest // 1000:02d}.{rest % 1000:03d}"


@KERNELS()
def month_interval_text(months: int) -> str:
    return f"{'-' if months < 0 else ''}{abs(months) // 12}-{abs(months) % 12}"


# ---- ISO 8601 --------------------------------------------------------------------------------------------

# Joda, which reads these for Trino, asks for no leading zeros
_ISO_DATE = (
    r"(?P<year>[-+]?\d{1,9})(?:-W(?P<week>\d{1,2})(?:-(?P<weekday>\d))?"
    r"|(?:-(?P<month>\d{1,2})(?:-(?P<day>\d{1,2}))?)?|-(?P<yearday>\d{3}))"
)
_ISO_TIME = r"(?P<hour>\d{1,2})(?::(?P<minute>\d{1,2})(?::(?P<second>\d{1,2})(?:[.,](?P<fraction>\d+))?)?)?"
_ISO = re.compile(rf"{_ISO_DATE}(?:T(?:{_ISO_TIME})?(?P<zone>Z|[+-]\d{{2}}(?::?\d{{2}})?)?)?")


def _iso_date(match: re.Match[str]) -> dt.date:
    year = int(match["year"])
    if match["week"]:
        return dt.date.fromisocalendar(year, int(match["week"]), int(match["weekday"] or 1))
    if match["yearday"]:
        found = dt.date(year, 1, 1) + dt.timedelta(days=int(match["yearday"]) - 1)
        if found.year != year:
            raise ValueError("day of year")
        return found
    return dt.date(year, int(match["month"] or 1), int(match["day"] or 1))


def iso_moment(text: str, places: int) -> tuple[dt.datetime, str]:
    """The wall clock and the zone of an ISO 8601 text, UTC where it names none."""
    match = _ISO.fullmatch(text)
    try:
        if match is None:
            raise ValueError(text)
        day = _iso_date(match)
        fraction = (match["fraction"] or "").ljust(places, "0")[:places].ljust(6, "0")
        time = dt.time(int(match["hour"] or 0), int(match["minute"] or 0), int(match["second"] or 0), int(fraction))
    except ValueError:
        raise KernelRefusal(f'Invalid format: "{text}"') from None
    zone = match["zone"]
    return dt.datetime.combine(day, time), zone_name(zone if zone else "UTC")


@KERNELS()
def from_iso8601_timestamp(text: str) -> dict[str, Any]:
    return zoned(*iso_moment(text, 3))


@KERNELS()
def from_iso8601_timestamp_nanos(text: str) -> dict[str, Any]:
    fraction = re.search(r"[.,]\d{6}(\d+)", text)
    if fraction is not None and fraction[1].strip("0"):
        raise KernelUnknown("timestamps finer than a microsecond")
    return zoned(*iso_moment(text, 6))


@KERNELS()
def from_iso8601_date(text: str) -> dt.date:
    match = re.fullmatch(_ISO_DATE, text)
    try:
        if match is None:
            raise ValueError(text)
        return _iso_date(match)
    except ValueError:
        raise KernelRefusal(f'Invalid format: "{text}"') from None


@KERNELS()
def iso_zone(value: dict[str, Any]) -> str:
    """The end of to_iso8601: Z or an offset."""
    seconds = zone_offset(value)
    if seconds == 0:
        return "Z"
    return f"{'-' if seconds < 0 else '+'}{abs(seconds) // 3600:02d}:{abs(seconds) % 3600 // 60:02d}"


# ---- differences and cuts --------------------------------------------------------------------------------


@KERNELS()
def from_unixtime(seconds: float) -> dt.datetime:
    import math

    if not math.isfinite(seconds):
        raise KernelRefusal(f"Invalid unix time: {seconds}")
    millis = math.floor(seconds * 1000 + 0.5)
    if abs(millis) > _MOST_MILLIS:
        raise KernelRefusal(f"Millis overflow: {millis}")
    try:
        return _EPOCH + dt.timedelta(milliseconds=millis)
    except OverflowError:
        raise KernelUnknown("dates outside of the years 1 to 9999") from None


@KERNELS()
def whole_micros(nanos: int) -> int:
    if nanos % 1000:
        raise KernelUnknown("timestamps finer than a microsecond")
    return nanos // 1000
