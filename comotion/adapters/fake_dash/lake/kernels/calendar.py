"""Adding to dates and times, their differences, cutting them to a unit."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from typing import Any

from comotion.adapters.fake_dash.lake.kernels.formatting import java_double
from comotion.adapters.fake_dash.lake.kernels.moments import plus_months, to_local, to_utc
from comotion.adapters.fake_dash.lake.kernels.registry import KernelRefusal, Kernels

KERNELS = Kernels()


_MILLIS = {
    "millisecond": 1,
    "second": 1000,
    "minute": 60_000,
    "hour": 3_600_000,
    "day": 86_400_000,
    "week": 604_800_000,
}


_MONTHS = {"month": 1, "quarter": 3, "year": 12}


def _unit(unit: str, what: str) -> str:
    lowered = unit.lower()
    if lowered not in _MILLIS and lowered not in _MONTHS:
        raise KernelRefusal(f"'{unit}' is not a valid {what} field")
    return lowered


def _whole(numerator: int, denominator: int) -> int:
    return abs(numerator) // denominator * (1 if numerator >= 0 else -1)


@KERNELS()
def date_diff(unit: str, start: dt.datetime, end: dt.datetime) -> int:
    name = _unit(unit, "Timestamp")
    if end < start:
        return -date_diff(unit, end, start)
    if name in _MILLIS:
        # milliseconds of each side first, as the values' own precision is cut there
        micros = (end - start) // dt.timedelta(microseconds=1)
        return _whole(micros, _MILLIS[name] * 1000)
    months = (end.year - start.year) * 12 + end.month - start.month
    while months > 0 and plus_months(start, months) > end:
        months -= 1
    return _whole(months, _MONTHS[name])


@KERNELS()
def date_diff_days(unit: str, start: dt.date, end: dt.date) -> int:
    name = _unit(unit, "DATE")
    if name in ("millisecond", "second", "minute", "hour"):
        raise KernelRefusal(f"'{unit}' is not a valid DATE field")
    return date_diff(unit, dt.datetime.combine(start, dt.time()), dt.datetime.combine(end, dt.time()))


@KERNELS()
def date_diff_times(unit: str, start: dt.time, end: dt.time) -> int:
    if unit.lower() not in ("millisecond", "second", "minute", "hour"):
        raise KernelRefusal(f"'{unit}' is not a valid Time field")
    day = dt.date(2000, 1, 1)
    return date_diff(unit, dt.datetime.combine(day, start), dt.datetime.combine(day, end))


@KERNELS()
def date_add(unit: str, count: int, moment: dt.datetime) -> dt.datetime:
    name = _unit(unit, "Timestamp")
    try:
        if name in _MILLIS:
            return moment + dt.timedelta(milliseconds=_MILLIS[name] * count)
        return plus_months(moment, _MONTHS[name] * count)
    except (OverflowError, ValueError):
        raise KernelRefusal("timestamp out of range", "NUMERIC_VALUE_OUT_OF_RANGE") from None


@KERNELS()
def date_add_days(unit: str, count: int, day: dt.date) -> dt.date:
    if _unit(unit, "DATE") in ("millisecond", "second", "minute", "hour"):
        raise KernelRefusal(f"'{unit}' is not a valid DATE field")
    return date_add(unit, count, dt.datetime.combine(day, dt.time())).date()


@KERNELS()
def date_add_time(unit: str, count: int, time: dt.time) -> dt.time:
    if unit.lower() not in ("millisecond", "second", "minute", "hour"):
        raise KernelRefusal(f"'{unit}' is not a valid Time field")
    return date_add(unit, count % 86_400_000, dt.datetime.combine(dt.date(2000, 1, 1), time)).time()


@KERNELS()
def date_add_zoned(unit: str, count: int, value: dict[str, Any]) -> dict[str, Any]:
    if unit.lower() in ("millisecond", "second", "minute", "hour"):
        return {"t": date_add(unit, count, value["t"]), "z": value["z"]}
    return {"t": to_utc(date_add(unit, count, to_local(value["t"], value["z"])), value["z"]), "z": value["z"]}


@KERNELS()
def date_diff_zoned(unit: str, start: dict[str, Any], end: dict[str, Any]) -> int:
    if unit.lower() in ("millisecond", "second", "minute", "hour"):
        return date_diff(unit, start["t"], end["t"])
    return date_diff(unit, to_local(start["t"], start["z"]), to_local(end["t"], start["z"]))


@KERNELS()
def date_trunc(unit: str, moment: dt.datetime) -> dt.datetime:
    name = _unit(unit, "Timestamp")
    if name == "millisecond":
        return moment.replace(microsecond=moment.microsecond // 1000 * 1000)
    fields = ("year", "month", "day", "hour", "minute", "second")
    if name == "week":
        day = moment.replace(hour=0, minute=0, second=0, microsecond=0)
        return day - dt.timedelta(days=day.weekday())
    if name == "quarter":
        return dt.datetime(moment.year, (moment.month - 1) // 3 * 3 + 1, 1)
    kept = [getattr(moment, field) for field in fields[: fields.index(name) + 1]]
    return dt.datetime(*(kept + [1] * (3 - len(kept))))


@KERNELS()
def date_trunc_day(unit: str, day: dt.date) -> dt.date:
    if _unit(unit, "DATE") in ("millisecond", "second", "minute", "hour"):
        raise KernelRefusal(f"'{unit}' is not a valid DATE field")
    return date_trunc(unit, dt.datetime.combine(day, dt.time())).date()


@KERNELS()
def date_trunc_time(unit: str, time: dt.time) -> dt.time:
    if unit.lower() not in ("millisecond", "second", "minute", "hour"):
        raise KernelRefusal(f"'{unit}' is not a valid Time field")
    return date_trunc(unit, dt.datetime.combine(dt.date(2000, 1, 1), time)).time()


@KERNELS()
def date_trunc_zoned(unit: str, value: dict[str, Any]) -> dict[str, Any]:
    return {"t": to_utc(date_trunc(unit, to_local(value["t"], value["z"])), value["z"]), "z": value["z"]}


@KERNELS()
def last_day_of_month(day: dt.date) -> dt.date:
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


@KERNELS()
def human_readable_seconds(seconds: float) -> str:
    import math

    if not math.isfinite(seconds):
        raise KernelRefusal(f"Invalid argument found: {java_double(seconds)}")
    total = math.floor(abs(seconds) + 0.5)
    parts = []
    for size, name in ((604_800, "week"), (86_400, "day"), (3_600, "hour"), (60, "minute")):
        count, total = divmod(total, size)
        if count:
            parts.append(f"{count} {name}{'' if count == 1 else 's'}")
    if total or not parts:
        parts.append(f"{total} second{'' if total == 1 else 's'}")
    return ", ".join(parts)


_DURATIONS = {"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


@KERNELS()
def parse_duration(text: str) -> int:
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([a-zA-Z]+)\s*", text)
    if match is None or match[2] not in _DURATIONS:
        raise KernelRefusal(f"Invalid duration: {text}" if match is None else f"Unknown time unit: {match[2]}")
    from decimal import ROUND_HALF_UP, Decimal

    millis = Decimal(match[1]) * Decimal(repr(_DURATIONS[match[2]])) * 1000
    return int(millis.quantize(Decimal(1), ROUND_HALF_UP))
