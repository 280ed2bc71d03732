"""Literals and the clock: numbers, dates, times, intervals, current_date and their like."""

from __future__ import annotations

import datetime as dt
import re

from comotion.adapters.fake_dash.lake.analysis.casts import NoSuchCast, convert
from comotion.adapters.fake_dash.lake.analysis.context import CATALOG, SCHEMA, Context
from comotion.adapters.fake_dash.lake.analysis.typed import Typed, refusal, text
from comotion.adapters.fake_dash.lake.kernels.moments import TIMESTAMP_TEXT, parse_date, zone_name
from comotion.adapters.fake_dash.lake.kernels.registry import KernelRefusal
from comotion.adapters.fake_dash.lake.refusal import SqlNotSupported
from comotion.adapters.fake_dash.lake.sql import tree
from comotion.adapters.fake_dash.lake.sql.lexer import Position
from comotion.adapters.fake_dash.lake.types import (
    BIGINT,
    DATE,
    DAY_TO_SECOND,
    INTEGER,
    MAX_PRECISION,
    VARCHAR,
    YEAR_TO_MONTH,
    Type,
    UnknownType,
    decimal,
    duck,
    parse_type,
)

_MILLIS = {"day": 86_400_000, "hour": 3_600_000, "minute": 60_000, "second": 1_000}
_FIELDS = ("year", "month", "day", "hour", "minute", "second")


def integer(value: int, at: Position) -> Typed:
    kind = INTEGER if -(2**31) <= value < 2**31 else BIGINT
    if not -(2**63) <= value < 2**63:
        raise refusal(at, f"Invalid numeric literal: {value}", "SYNTAX_ERROR")
    return Typed(f"CAST({value} AS {duck(kind)})", kind, value)


def decimal_literal(written: str, at: Position) -> Typed:
    digits = written.lstrip("+-")
    whole, _, fraction = digits.partition(".")
    whole = whole.lstrip("0")
    precision = max(len(whole) + len(fraction), 1)
    if precision > MAX_PRECISION:
        raise refusal(at, f"Invalid decimal literal: {written}", "INVALID_LITERAL")
    kind = decimal(precision, len(fraction))
    sign = "-" if written.startswith("-") else ""
    return Typed(f"CAST('{sign}{whole or '0'}{'.' if fraction else ''}{fraction}' AS {duck(kind)})", kind, written)


def typed_literal(context: Context, node: tree.TypedLiteral) -> Typed:
    """``DATE '2020-01-01'`` and its like; the word may be any type's name."""
    try:
        kind = parse_type(node.type_name)
    except UnknownType:
        raise refusal(node.at, f"Unknown type: {node.type_name}", "TYPE_NOT_FOUND") from None
    rules = {"date": _date, "timestamp": _timestamp, "time": _time, "decimal": _decimal}
    if kind.base in rules:
        return rules[kind.base](context, node)
    if kind.base == "json":
        return Typed(context.kernel("json_parse", [Typed(text(node.text), VARCHAR)], kind), kind)
    if kind.base == "char":
        return Typed(text(node.text), Type("char", (len(node.text),)), node.text)
    if kind.base == "varchar":
        return Typed(text(node.text), kind, node.text)
    try:
        return Typed(convert(context, text(node.text), VARCHAR, kind), kind)
    except NoSuchCast:
        raise refusal(node.at, f"No literal form for type {kind}", "TYPE_MISMATCH") from None


def _date(context: Context, node: tree.TypedLiteral) -> Typed:
    try:
        found = parse_date(node.text)
    except KernelRefusal:
        raise refusal(node.at, f"'{node.text}' is not a valid DATE literal", "INVALID_LITERAL") from None
    return Typed(f"DATE '{found.isoformat()}'", DATE, found)


def _timestamp(context: Context, node: tree.TypedLiteral) -> Typed:
    match = TIMESTAMP_TEXT.fullmatch(node.text.strip())
    invalid = refusal(node.at, f"'{node.text}' is not a valid TIMESTAMP literal", "INVALID_LITERAL")
    if match is None:
        raise invalid
    fraction = match["fraction"] or ""
    if len(fraction) > 12:
        raise invalid
    if fraction[6:].strip("0"):
        raise SqlNotSupported(f"timestamp({len(fraction)}): no more than microseconds")
    try:
        moment = dt.datetime(
            int(match["year"]),
            int(match["month"]),
            int(match["day"]),
            int(match["hour"] or 0),
            int(match["minute"] or 0),
            int(match["second"] or 0),
            int(fraction[:6].ljust(6, "0")),
        )
        zone = zone_name(match["zone"]) if match["zone"] else None
    except (ValueError, KernelRefusal):
        raise invalid from None
    shown = f"TIMESTAMP '{moment.isoformat(sep=' ')}'"
    if zone is None:
        return Typed(shown, Type("timestamp", (len(fraction),)), moment)
    kind = Type("timestamp with time zone", (len(fraction),), zone=zone)
    from comotion.adapters.fake_dash.lake.kernels.moments import to_utc

    return Typed(f"struct_pack(t := TIMESTAMP '{to_utc(moment, zone).isoformat(sep=' ')}', z := {text(zone)})", kind)


def zone_of(written: str) -> str | None:
    """The zone that a literal text of a timestamp names, UTC where it names none."""
    match = TIMESTAMP_TEXT.fullmatch(written.strip())
    if match is None:
        return None
    try:
        return zone_name(match["zone"]) if match["zone"] else "UTC"
    except KernelRefusal:
        return None


def _time(context: Context, node: tree.TypedLiteral) -> Typed:
    match = re.fullmatch(r"(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d{1,12}))?)?\s*([+-]\d\d:\d\d)?", node.text.strip())
    if match is None:
        raise refusal(node.at, f"'{node.text}' is not a valid TIME literal", "INVALID_LITERAL")
    fraction = match[4] or ""
    if len(fraction) > 6:
        raise SqlNotSupported("time of more than microseconds")
    try:
        found = dt.time(int(match[1]), int(match[2]), int(match[3] or 0), int(fraction.ljust(6, "0")))
    except ValueError:
        raise refusal(node.at, f"'{node.text}' is not a valid TIME literal", "INVALID_LITERAL") from None
    if match[5] is None:
        return Typed(f"TIME '{found.isoformat()}'", Type("time", (len(fraction),)), found)
    hours, minutes = int(match[5][1:3]), int(match[5][4:])
    if hours * 60 + minutes > 14 * 60 or minutes > 59:
        raise refusal(node.at, f"'{node.text}' is not a valid TIME literal", "INVALID_LITERAL")
    offset = (hours * 60 + minutes) * (-1 if match[5][0] == "-" else 1)
    sql = f"struct_pack(t := TIME '{found.isoformat()}', o := {offset})"
    return Typed(sql, Type("time with time zone", (len(fraction),)))


def _decimal(context: Context, node: tree.TypedLiteral) -> Typed:
    if not re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)", node.text.strip()):
        raise refusal(node.at, f"'{node.text}' is not a valid DECIMAL literal", "INVALID_LITERAL")
    return decimal_literal(node.text.strip(), node.at)


def interval(node: tree.Interval) -> Typed:
    """An interval literal: milliseconds, or months."""
    start, end = node.start, node.end or node.start
    invalid = refusal(node.at, f"'{node.text}' is not a valid INTERVAL literal", "INVALID_LITERAL")
    first, last = _FIELDS.index(start), _FIELDS.index(end)
    if last < first or (first < 2) != (last < 2):
        raise refusal(node.at, f"Invalid interval {start.upper()} TO {end.upper()}", "SYNTAX_ERROR")
    written, sign = node.text.strip(), node.sign
    if written.startswith(("-", "+")):
        sign, written = (-sign if written[0] == "-" else sign), written[1:]
    amounts = _amounts(written, _FIELDS[first : last + 1])
    if amounts is None:
        raise invalid
    if first < 2:
        months = sum(n * (12 if name == "year" else 1) for name, n in amounts.items())
        return Typed(f"CAST({sign * int(months)} AS INTEGER)", YEAR_TO_MONTH)
    millis = sum(round(n * _MILLIS[name]) for name, n in amounts.items())
    return Typed(f"CAST({sign * millis} AS BIGINT)", DAY_TO_SECOND)


def _amounts(written: str, names: tuple[str, ...]) -> dict[str, float] | None:
    shapes = {"year": r"(\d+)", "month": r"(\d+)", "day": r"(\d+)", "hour": r"(\d+)", "minute": r"(\d+)",
              "second": r"(\d+(?:\.\d{1,3})?)"}  # fmt: skip
    pattern = shapes[names[0]]
    for name in names[1:]:
        # what is missing at the end counts as nothing
        separator = {"month": "-", "hour": " ", "minute": ":", "second": ":"}[name]
        pattern += f"(?:{separator}{shapes[name]})?"
    match = re.fullmatch(pattern, written)
    if match is None:
        return None
    return {name: float(found) for name, found in zip(names, match.groups(), strict=True) if found is not None}


def now(context: Context, node: tree.Now) -> Typed:
    """CURRENT_DATE and its like, and the names of the session."""
    names = {"current_catalog": CATALOG, "current_schema": SCHEMA, "current_user": "fake", "current_path": ""}
    if node.name in names:
        return Typed(text(names[node.name]), VARCHAR, names[node.name])
    if node.name == "current_role":
        raise SqlNotSupported("current_role")
    size = 3 if node.precision is None else node.precision
    if size > 12:
        raise refusal(node.at, f"TIMESTAMP precision must be in range [0, 12]: {size}", "NUMERIC_VALUE_OUT_OF_RANGE")
    moment = context.now()
    if size < 6:
        moment = f"make_timestamp(epoch_us({moment}) // {10 ** (6 - size)} * {10 ** (6 - size)})"
    if node.name == "current_date":
        return Typed(f"CAST({moment} AS DATE)", DATE)
    if node.name == "localtimestamp":
        return Typed(moment, Type("timestamp", (size,)))
    if node.name == "localtime":
        return Typed(f"CAST({moment} AS TIME)", Type("time", (size,)))
    if node.name == "current_time":
        sql = f"struct_pack(t := CAST({moment} AS TIME), o := 0)"
        return Typed(sql, Type("time with time zone", (size,)))
    return Typed(f"struct_pack(t := {moment}, z := 'UTC')", Type("timestamp with time zone", (size,), zone="UTC"))
