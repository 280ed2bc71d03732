"""Operators: Trino's typing of + - * / %, comparisons that know NaN and zones, logic."""

from __future__ import annotations

from comotion.adapters.fake_dash.lake.analysis.casts import coerce
from comotion.adapters.fake_dash.lake.analysis.context import Context
from comotion.adapters.fake_dash.lake.analysis.typed import Typed, mismatch, refusal
from comotion.adapters.fake_dash.lake.refusal import SqlNotSupported
from comotion.adapters.fake_dash.lake.sql.lexer import Position
from comotion.adapters.fake_dash.lake.types import (
    BIGINT,
    BOOLEAN,
    DAY_TO_SECOND,
    DOUBLE,
    MAX_PRECISION,
    Type,
    common_type,
    decimal,
    duck,
    integer_as_decimal,
)

_DAY, _MONTHS = "interval day to second", "interval year to month"
_FLIP = {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "=": "=", "<>": "<>"}


def arithmetic(context: Context, operator: str, left: Typed, right: Typed, at: Position) -> Typed:
    """``left operator right``.

    Raises
    ------
    SqlRefused
        Where Trino has no such operator for the types.
    """
    if "unknown" in (left.type.base, right.type.base):
        left, right = _known(context, operator, left, right, at)
    if left.type.is_number and right.type.is_number:
        return _numbers(context, operator, left, right)
    found = _with_time(context, operator, left, right, at)
    if found is None:
        raise mismatch(at, f"Cannot apply operator: {left.type} {operator} {right.type}")
    return found


def _known(context: Context, operator: str, left: Typed, right: Typed, at: Position) -> tuple[Typed, Typed]:
    if left.type.base == right.type.base == "unknown":
        raise mismatch(at, f"Cannot apply operator: unknown {operator} unknown")
    other = right.type if left.type.base == "unknown" else left.type
    target = other
    if other.base in ("date", "timestamp", "timestamp with time zone", "time"):
        target = DAY_TO_SECOND if operator in "+-" and right.type.base == "unknown" else other
    if other.base in (_DAY, _MONTHS) and operator in ("*", "/"):
        target = BIGINT
    return (
        (coerce(context, left, target), right)
        if left.type.base == "unknown"
        else (left, coerce(context, right, target))
    )


def _numbers(context: Context, operator: str, left: Typed, right: Typed) -> Typed:
    kind = common_type(left.type, right.type)
    assert kind is not None
    if kind.base == "decimal":
        return _decimals(context, operator, left, right)
    a, b = coerce(context, left, kind).sql, coerce(context, right, kind).sql
    if kind.is_integer:
        b = _divisor(context, operator, Typed(b, kind, right.literal))
        return Typed(f"({a} {'//' if operator == '/' else operator} {b})", kind)
    if operator == "%":
        wide = [Typed(f"CAST({one} AS DOUBLE)", DOUBLE) for one in (a, b)]
        return Typed(f"CAST({context.kernel('floating_modulus', wide, DOUBLE)} AS {duck(kind)})", kind)
    return Typed(f"CAST({a} {operator} {b} AS {duck(kind)})" if kind.base == "real" else f"({a} {operator} {b})", kind)


def _divisor(context: Context, operator: str, value: Typed) -> str:
    """What stands right of a whole number's operator; not every DuckDB refuses to divide those by zero."""
    if operator not in ("/", "%") or value.literal:
        return value.sql
    refused = context.fail("Division by zero", value.type, "DIVISION_BY_ZERO")
    return f"CASE WHEN {value.sql} = 0 THEN {refused} ELSE {value.sql} END"


def _decimals(context: Context, operator: str, left: Typed, right: Typed) -> Typed:
    one = integer_as_decimal(left.type) if left.type.is_integer else left.type
    two = integer_as_decimal(right.type) if right.type.is_integer else right.type
    (p1, s1), (p2, s2) = one.size, two.size
    a, b = coerce(context, left, one), coerce(context, right, two)
    if operator in ("+", "-"):
        scale = max(s1, s2)
        kind = decimal(max(p1 - s1, p2 - s2) + scale + 1, scale)
        return Typed(
            f"CAST(CAST({a.sql} AS {duck(kind)}) {operator} CAST({b.sql} AS {duck(kind)}) AS {duck(kind)})", kind
        )
    if operator == "*":
        if s1 + s2 > MAX_PRECISION:
            raise refusal((1, 1), f"DECIMAL scale must be in range [0, precision ({MAX_PRECISION})]: {s1 + s2}")
        kind = decimal(p1 + p2, s1 + s2)
        return Typed(f"CAST({a.sql} * {b.sql} AS {duck(kind)})", kind)
    if operator == "/":
        scale = max(s1, s2)
        kind = decimal(p1 + s2 + max(0, s2 - s1), scale)
        return Typed(context.kernel("decimal_divide", [a, b], kind), kind)
    scale = max(s1, s2)
    kind = decimal(min(p1 - s1, p2 - s2) + scale, scale)
    return Typed(context.kernel("decimal_modulus", [a, b], kind), kind)


def negate(context: Context, value: Typed, at: Position) -> Typed:
    if not (value.type.is_number or value.type.base in (_DAY, _MONTHS)):
        raise mismatch(at, f"Cannot negate {value.type}")
    if value.type.is_floating or value.type.base == "decimal":
        return Typed(f"(-{value.sql})", value.type)
    return Typed(f"(CAST(0 AS {duck(value.type)}) - {value.sql})", value.type)


# ---- dates, times and intervals --------------------------------------------------------------------------


def _with_time(context: Context, operator: str, left: Typed, right: Typed, at: Position) -> Typed | None:
    a, b = left.type.base, right.type.base
    if operator in ("+", "-") and b in (_DAY, _MONTHS):
        if a == b:
            return Typed(f"({left.sql} {operator} {right.sql})", left.type)
        return _shift(context, operator, left, right, at)
    if operator == "+" and a in (_DAY, _MONTHS):
        return _shift(context, operator, right, left, at)
    if operator == "-" and a == b and a in ("date", "timestamp", "timestamp with time zone", "time"):
        return Typed(_difference(left, right), DAY_TO_SECOND)
    if operator == "-" and {a, b} <= {"date", "timestamp", "timestamp with time zone"}:
        kind = common_type(left.type, right.type)
        assert kind is not None
        return Typed(_difference(coerce(context, left, kind), coerce(context, right, kind)), DAY_TO_SECOND)
    if operator in ("*", "/"):
        return _scaled(context, operator, left, right)
    return None


def _difference(left: Typed, right: Typed) -> str:
    if left.type.base == "date":
        return f"(CAST({left.sql} - {right.sql} AS BIGINT) * 86400000)"
    a, b = left.sql, right.sql
    if left.type.is_zoned:
        a, b = f"({a}).t", f"({b}).t"
    return f"((epoch_us({a}) - epoch_us({b})) // 1000)"


def _shift(context: Context, operator: str, moment: Typed, interval: Typed, at: Position) -> Typed | None:
    base, kind = moment.type.base, interval.type.base
    months = kind == _MONTHS
    amount = f"to_months({interval.sql})" if months else f"to_microseconds({interval.sql} * 1000)"
    if base == "date":
        if months:
            return Typed(f"CAST({moment.sql} {operator} {amount} AS DATE)", moment.type)
        days = context.kernel("whole_days", [interval], BIGINT)
        return Typed(f"CAST({moment.sql} {operator} to_days(CAST({days} AS INTEGER)) AS DATE)", moment.type)
    if base == "timestamp":
        size = moment.type.size if months else (max(3, moment.type.size[0]),)
        return Typed(f"({moment.sql} {operator} {amount})", Type("timestamp", size))
    if base == "timestamp with time zone":
        size = moment.type.size if months else (max(3, moment.type.size[0]),)
        result = Type(base, size, zone=moment.type.zone)
        if months and moment.type.zone != "UTC":
            signed = interval.sql if operator == "+" else f"(-{interval.sql})"
            return Typed(context.kernel("zoned_months", [moment, Typed(signed, BIGINT)], result), result)
        shifted = f"struct_pack(t := ({moment.sql}).t {operator} {amount}, z := ({moment.sql}).z)"
        return Typed(f"CASE WHEN {moment.sql} IS NULL THEN NULL ELSE {shifted} END", result)
    if base == "time" and not months:
        return Typed(f"({moment.sql} {operator} {amount})", Type("time", (max(3, moment.type.size[0]),)))
    return None


def _scaled(context: Context, operator: str, left: Typed, right: Typed) -> Typed | None:
    if operator == "*" and right.type.base in (_DAY, _MONTHS):
        left, right = right, left
    if left.type.base not in (_DAY, _MONTHS) or not right.type.is_number:
        return None
    if right.type.is_integer:
        by = _divisor(context, operator, right)
        return Typed(f"CAST({left.sql} {'//' if operator == '/' else '*'} {by} AS {duck(left.type)})", left.type)
    factor = coerce(context, right, DOUBLE).sql
    return Typed(f"CAST(trunc({left.sql} {operator} {factor}) AS {duck(left.type)})", left.type)


# ---- comparisons -----------------------------------------------------------------------------------------


def is_comparable(kind: Type) -> bool:
    if kind.base in ("hyperloglog", "p4hyperloglog", "tdigest", "qdigest", "setdigest", "function", "geometry"):
        return False
    return all(is_comparable(part) for part in kind.parts)


def one_zone(kind: Type, what: str) -> None:
    """Values equal as moments may be shown in two zones; which one a group shows cannot be said here."""
    if kind.is_zoned and kind.zone is None:
        raise SqlNotSupported(f"{what} over timestamps whose time zone differs by row")
    for part in kind.parts:
        one_zone(part, what)


def is_orderable(kind: Type) -> bool:
    if kind.base in ("map", "json"):
        return False
    return is_comparable(kind) and all(is_orderable(part) for part in kind.parts)


def instant(sql: str, kind: Type) -> str:
    """What a value is compared and ordered by: itself, or without the zone that shows it."""
    if kind.base == "time with time zone":
        return f"((epoch_us(({sql}).t) + (1440 - ({sql}).o) * 60000000::BIGINT) % 86400000000)"
    return f"({sql}).t" if kind.is_zoned else sql


def unify(context: Context, left: Typed, right: Typed, operator: str, at: Position) -> tuple[Typed, Typed, Type]:
    """Both sides as their common type, if they have one that the operator knows."""
    kind = common_type(left.type, right.type)
    fits = is_comparable if operator in ("=", "<>", "IS DISTINCT FROM") else is_orderable
    if kind is None or not fits(kind):
        raise mismatch(at, f"Cannot apply operator: {left.type} {operator} {right.type}")
    return coerce(context, left, kind), coerce(context, right, kind), kind


def compare(context: Context, operator: str, left: Typed, right: Typed, at: Position) -> Typed:
    """``left operator right`` as a boolean."""
    left, right, kind = unify(context, left, right, operator, at)
    return Typed(compare_text(context, operator, left.sql, right.sql, kind, _finite(left), _finite(right)), BOOLEAN)


def _finite(value: Typed) -> bool:
    return value.literal is not None


def compare_text(
    context: Context, operator: str, a: str, b: str, kind: Type, a_finite: bool = False, b_finite: bool = False
) -> str:
    """A comparison of two values of one type; NaN is equal to nothing and smaller than nothing."""
    if kind.parts:
        function = {"=": "nested_equal", "<>": "nested_not_equal"}.get(operator)
        if function is not None:
            return context.kernel(function, [Typed(a, kind), Typed(b, kind)], BOOLEAN)
        order = context.kernel("nested_compare", [Typed(a, kind), Typed(b, kind)], BIGINT)
        return f"({order} {operator} 0)"
    a, b = instant(a, kind), instant(b, kind)
    plain = f"{a} {operator} {b}"
    if not kind.is_floating:
        return f"({plain})"
    if operator == "<>":
        return f"({plain})" if a_finite or b_finite else f"({plain} OR isnan({a}))"
    if operator in ("<", "<="):
        return f"({plain})" if b_finite else f"({plain} AND NOT isnan({b}))"
    if operator == "=":
        return f"({plain})" if a_finite or b_finite else f"({plain} AND NOT isnan({a}))"
    return f"({plain})" if a_finite else f"({plain} AND NOT isnan({a}))"


def is_distinct(context: Context, left: Typed, right: Typed, at: Position) -> Typed:
    left, right, kind = unify(context, left, right, "IS DISTINCT FROM", at)
    return Typed(f"({instant(left.sql, kind)} IS DISTINCT FROM {instant(right.sql, kind)})", BOOLEAN)
