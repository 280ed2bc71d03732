"""Dates, times, intervals and zones."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from attrs import evolve

from comotion.adapters.fake_dash.lake.analysis.casts import local_time, timestamp_text
from comotion.adapters.fake_dash.lake.analysis.typed import Typed, refusal
from comotion.adapters.fake_dash.lake.functions.signature import Binding, Call
from comotion.adapters.fake_dash.lake.functions.table import Family, kernel
from comotion.adapters.fake_dash.lake.kernels.moments import iso_moment, zone_name
from comotion.adapters.fake_dash.lake.kernels.registry import KernelRefusal
from comotion.adapters.fake_dash.lake.types import BIGINT, DAY_TO_SECOND, VARCHAR, Type, varchar

SCALARS = Family()
FAMILIES = (SCALARS,)
add = SCALARS.add

_ZONED = "timestamp with time zone"
_STAMP = Type("timestamp", (6,))


def zoned_type(precision: int, zone: str | None) -> Type:
    return Type(_ZONED, (precision,), zone=zone)


def known_zone(value: Typed, call: Call) -> str | None:
    """The zone that a literal names."""
    if not isinstance(value.literal, str):
        return None
    try:
        return zone_name(value.literal)
    except KernelRefusal as error:
        raise refusal(call.at, error.message, "INVALID_FUNCTION_ARGUMENT") from None


# ---- now -------------------------------------------------------------------------------------------------


def _now(call: Call) -> Typed:
    moment = call.context.now()
    return Typed(
        f"struct_pack(t := make_timestamp(epoch_us({moment}) // 1000 * 1000), z := 'UTC')", zoned_type(3, "UTC")
    )


add("now() -> timestamp(3) with time zone", _now)
add("current_timezone() -> varchar", "'UTC'")
add("date(varchar) -> date", kernel("cast_varchar_to_date"))
add("date(timestamp(p)) -> date", "CAST($1 AS DATE)")
add(
    "date(timestamp(p) with time zone) -> date",
    lambda call: f"CAST({local_time(call.context, call.sql(0), call.arguments[0].type)} AS DATE)",
)
add("date(date) -> date", "$1")
add("last_day_of_month(date) -> date", "last_day($1)")
add("last_day_of_month(timestamp(p)) -> date", "last_day($1)")
add(
    "last_day_of_month(timestamp(p) with time zone) -> date",
    lambda call: f"last_day({local_time(call.context, call.sql(0), call.arguments[0].type)})",
)

# ---- parts of a moment ------------------------------------------------------------------------------------

_PARTS = {
    "year": "year({})", "quarter": "quarter({})", "month": "month({})", "week": "weekofyear({})",
    "week_of_year": "weekofyear({})", "day": "day({})", "day_of_month": "day({})", "day_of_week": "isodow({})",
    "dow": "isodow({})", "day_of_year": "dayofyear({})", "doy": "dayofyear({})", "year_of_week": "isoyear({})",
    "yow": "isoyear({})",
}  # fmt: skip
_CLOCK = {"hour": "hour({})", "minute": "minute({})", "second": "second({})", "millisecond": "(millisecond({}) % 1000)"}


def _part(template: str) -> Callable[[Call], str]:
    def rule(call: Call) -> str:
        value = call.arguments[0]
        sql = value.sql
        if value.type.is_zoned:
            sql = local_time(call.context, sql, value.type)
        elif value.type.base == "time with time zone":
            sql = f"({sql}).t"
        return f"CAST({template.format(sql)} AS BIGINT)"

    return rule


for _name, _template in _PARTS.items():
    for _type in ("date", "timestamp(p)", "timestamp(p) with time zone"):
        add(f"{_name}({_type}) -> bigint", _part(_template))
for _name, _template in _CLOCK.items():
    for _type in ("time(p)", "timestamp(p)", "timestamp(p) with time zone", "time(p) with time zone"):
        add(f"{_name}({_type}) -> bigint", _part(_template))
_MONTHS = {"year": "($1 // 12)", "month": "($1 % 12)"}
for _name, _template in _MONTHS.items():
    add(f"{_name}(interval year to month) -> bigint", f"CAST({_template} AS BIGINT)")
_MILLIS = {"day": "($1 // 86400000)", "hour": "($1 // 3600000 % 24)", "minute": "($1 // 60000 % 60)",
           "second": "($1 // 1000 % 60)", "millisecond": "($1 % 1000)"}  # fmt: skip
for _name, _template in _MILLIS.items():
    add(f"{_name}(interval day to second) -> bigint", _template)
add("to_milliseconds(interval day to second) -> bigint", "$1")
add(
    "timezone_hour(timestamp(p) with time zone) -> bigint",
    lambda call: f"({call.kernel('zone_offset', returns=BIGINT)} // 3600)",
)
add(
    "timezone_minute(timestamp(p) with time zone) -> bigint",
    lambda call: f"(({call.kernel('zone_offset', returns=BIGINT)} // 60) % 60)",
)
add("timezone_hour(time(p) with time zone) -> bigint", "CAST(($1).o // 60 AS BIGINT)")
add("timezone_minute(time(p) with time zone) -> bigint", "CAST(($1).o % 60 AS BIGINT)")
add("timezone(timestamp(p) with time zone) -> varchar", "($1).z")

# ---- cut, add, subtract -----------------------------------------------------------------------------------


def _trunc(call: Call) -> Typed:
    kind = call.arguments[1].type
    name = {"date": "date_trunc_day", "timestamp": "date_trunc", "time": "date_trunc_time"}.get(
        kind.base, "date_trunc_zoned"
    )
    return Typed(call.kernel(name, returns=kind), kind)


for _type in ("date", "timestamp(p)", "timestamp(p) with time zone", "time(p)"):
    add(f"date_trunc(varchar, {_type}) -> {_type}", _trunc)


def _date_add(call: Call) -> Typed:
    kind = call.arguments[2].type
    name = {"date": "date_add_days", "timestamp": "date_add", "time": "date_add_time"}.get(kind.base, "date_add_zoned")
    unit = call.arguments[0].literal
    if kind.base != "date" and isinstance(unit, str) and unit.lower() == "millisecond":
        kind = evolve(kind, size=(max(3, kind.size[0]),))
    return Typed(call.kernel(name, returns=kind), kind)


def _date_diff(call: Call) -> str:
    base = call.arguments[1].type.base
    name = {"date": "date_diff_days", "timestamp": "date_diff", "time": "date_diff_times"}.get(base, "date_diff_zoned")
    return call.kernel(name)


for _type in ("date", "timestamp(p)", "timestamp(p) with time zone", "time(p)"):
    add(f"date_add(varchar, bigint, {_type}) -> {_type}", _date_add)
    add(f"date_diff(varchar, {_type}, {_type}) -> bigint", _date_diff)

# ---- text -------------------------------------------------------------------------------------------------

add("date_format(timestamp(p), varchar) -> varchar", kernel())
add("date_format(timestamp(p) with time zone, varchar) -> varchar", kernel("date_format_zoned"))
add("date_parse(varchar, varchar) -> timestamp(3)", kernel())
add("format_datetime(timestamp(p) with time zone, varchar) -> varchar", kernel())


def _parse_datetime(call: Call) -> Typed:
    pattern = call.arguments[1].literal
    zone = "UTC" if isinstance(pattern, str) and not any(c in pattern for c in "Zz") else None
    kind = zoned_type(3, zone)
    return Typed(call.kernel("parse_datetime", returns=kind), kind)


add("parse_datetime(varchar, varchar) -> timestamp(3) with time zone", _parse_datetime)
add("from_iso8601_date(varchar) -> date", kernel())


def _from_iso(precision: int) -> Callable[[Call], Typed]:
    def rule(call: Call) -> Typed:
        text, zone = call.arguments[0].literal, None
        if isinstance(text, str):
            try:
                zone = iso_moment(text, 3)[1]
            except KernelRefusal:
                zone = None
        kind = zoned_type(precision, zone)
        return Typed(call.kernel(call.name, returns=kind), kind)

    return rule


add("from_iso8601_timestamp(varchar) -> timestamp(3) with time zone", _from_iso(3))
add("from_iso8601_timestamp_nanos(varchar) -> timestamp(9) with time zone", _from_iso(9))


def _to_iso(call: Call) -> str:
    value = call.arguments[0]
    if value.type.base == "date":
        return f"strftime({value.sql}, '%Y-%m-%d')"
    local = local_time(call.context, value.sql, value.type) if value.type.is_zoned else value.sql
    text = f"replace({timestamp_text(local, value.type.size[0])}, ' ', 'T')"
    if not value.type.is_zoned:
        return text
    return f"({text} || {call.kernel('iso_zone', returns=VARCHAR)})"


def _iso_length(binding: Binding, arguments: Sequence[Typed]) -> Type:
    """As many characters as the service makes room for: a sign, six digits of a year, the rest."""
    kind = arguments[0].type
    if kind.base == "date":
        return varchar(16)
    precision = kind.size[0]
    return varchar(22 + min(precision, 1) + precision + (6 if kind.is_zoned else 0))


for _type in ("date", "timestamp(p)", "timestamp(p) with time zone"):
    add(f"to_iso8601({_type}) -> varchar", _to_iso, _iso_length)
add("human_readable_seconds(double) -> varchar", kernel())


def _duration(call: Call) -> str:
    return call.kernel("parse_duration", returns=DAY_TO_SECOND)


add("parse_duration(varchar) -> interval day to second", _duration)

# ---- seconds since 1970 -----------------------------------------------------------------------------------


def _from_unixtime(call: Call) -> Typed:
    moment = call.kernel("from_unixtime", call.arguments[:1], _STAMP)
    if len(call.arguments) == 1:
        return Typed(
            f"CASE WHEN {call.sql(0)} IS NULL THEN NULL ELSE struct_pack(t := {moment}, z := 'UTC') END",
            zoned_type(3, "UTC"),
        )
    if len(call.arguments) == 3:
        zone, known = call.kernel("offset_name", call.arguments[1:], VARCHAR), None
    else:
        zone, known = call.sql(1), known_zone(call.arguments[1], call)
    kind = zoned_type(3, known)
    base = Typed(
        f"CASE WHEN {call.sql(0)} IS NULL THEN NULL ELSE struct_pack(t := {moment}, z := 'UTC') END",
        zoned_type(3, "UTC"),
    )
    return Typed(call.kernel("at_zone", [base, Typed(zone, VARCHAR)], kind), kind)


add("from_unixtime(double) -> timestamp(3) with time zone", _from_unixtime)
add("from_unixtime(double, varchar) -> timestamp(3) with time zone", _from_unixtime)
add("from_unixtime(double, bigint, bigint) -> timestamp(3) with time zone", _from_unixtime)


def _from_nanos(call: Call) -> Typed:
    nanos = Typed(f"CAST({call.sql(0)} AS BIGINT)", BIGINT)  # a decimal is rounded half up
    micros = call.kernel("whole_micros", [nanos], BIGINT)
    moment = f"struct_pack(t := make_timestamp({micros}), z := 'UTC')"
    return Typed(f"CASE WHEN {call.sql(0)} IS NULL THEN NULL ELSE {moment} END", zoned_type(9, "UTC"))


add("from_unixtime_nanos(bigint) -> timestamp(9) with time zone", _from_nanos)
add("from_unixtime_nanos(decimal(p,s)) -> timestamp(9) with time zone", _from_nanos)
add("to_unixtime(timestamp(p)) -> double", "(epoch_us($1) / 1000000.0::DOUBLE)")
add("to_unixtime(timestamp(p) with time zone) -> double", "(epoch_us(($1).t) / 1000000.0::DOUBLE)")

# ---- zones ------------------------------------------------------------------------------------------------


def _at_timezone(call: Call) -> Typed:
    value, zone = call.arguments
    if zone.type == DAY_TO_SECOND:
        minutes = f"({zone.sql} // 60000)"
        name = call.kernel("offset_name", [Typed("CAST(0 AS BIGINT)", BIGINT), Typed(minutes, BIGINT)], VARCHAR)
        kind = zoned_type(value.type.size[0], None)
        return Typed(call.kernel("at_zone", [value, Typed(name, VARCHAR)], kind), kind)
    kind = zoned_type(value.type.size[0], known_zone(zone, call))
    return Typed(call.kernel("at_zone", [value, zone], kind), kind)


add("at_timezone(timestamp(p) with time zone, varchar) -> timestamp(p) with time zone", _at_timezone)
add("at_timezone(timestamp(p) with time zone, interval day to second) -> timestamp(p) with time zone", _at_timezone)


def _with_timezone(call: Call) -> Typed:
    value, zone = call.arguments
    kind = zoned_type(value.type.size[0], known_zone(zone, call))
    return Typed(call.kernel("zone_time", [value, zone], kind), kind)


add("with_timezone(timestamp(p), varchar) -> timestamp(p) with time zone", _with_timezone)
