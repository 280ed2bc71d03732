"""Values converted, put together and taken apart: CAST, ROW, ARRAY, subscripts, AT TIME ZONE, EXTRACT."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve

from comotion.adapters.fake_dash.lake.analysis import literals
from comotion.adapters.fake_dash.lake.analysis.casts import NoSuchCast, coerce, convert
from comotion.adapters.fake_dash.lake.analysis.typed import Typed, mismatch, refusal
from comotion.adapters.fake_dash.lake.refusal import SqlNotSupported
from comotion.adapters.fake_dash.lake.sql import tree
from comotion.adapters.fake_dash.lake.types import (
    BIGINT,
    UNKNOWN,
    VARCHAR,
    UnknownType,
    array,
    common_type,
    parse_type,
    row,
)

if TYPE_CHECKING:
    from comotion.adapters.fake_dash.lake.analysis.expressions import Expressions

_EXTRACTABLE = (
    "date",
    "time",
    "time with time zone",
    "timestamp",
    "timestamp with time zone",
    "interval day to second",
    "interval year to month",
    "unknown",
)


def cast(expressions: Expressions, node: tree.Cast) -> Typed:
    value = expressions.analyse(node.operand)
    try:
        target = parse_type(node.type_name)
    except UnknownType:
        raise mismatch(node.at, f"Unknown type: {node.type_name}") from None
    if target.base in ("timestamp", "timestamp with time zone", "time") and target.size[0] > 12:
        what = target.base.partition(" ")[0]
        raise refusal(
            node.at,
            f"{what.upper()} precision must be in range [0, 12]: {target.size[0]}",
            "NUMERIC_VALUE_OUT_OF_RANGE",
        )
    if target.base == "time with time zone" and value.type.base in ("varchar", "timestamp with time zone"):
        raise SqlNotSupported(f"cast from {value.type.base} to time with time zone")
    if target.is_zoned:
        zone = value.type.zone if value.type.is_zoned else ("UTC" if value.type.base in ("date", "timestamp") else None)
        if isinstance(value.literal, str):
            zone = literals.zone_of(value.literal)
        target = evolve(target, zone=zone)
    try:
        sql = convert(expressions.context, value.sql, value.type, target)
    except NoSuchCast as error:
        raise mismatch(node.at, str(error)) from None
    return Typed(f"TRY({sql})" if node.safe and sql != value.sql else sql, target)


def row_of(expressions: Expressions, node: tree.Row) -> Typed:
    items = expressions.all(node.items)
    packed = ", ".join(f"f{i} := {item.sql}" for i, item in enumerate(items))
    names = node.names or (None,) * len(items)
    return Typed(f"struct_pack({packed})", row(tuple(i.type for i in items), tuple(names)))


def array_of(expressions: Expressions, node: tree.Array) -> Typed:
    items = expressions.all(node.items)
    if not items:
        return Typed("CAST([] AS INTEGER[])", array(UNKNOWN))
    kind = expressions.common(items, node.at, "All ARRAY elements must be the same type")
    return Typed(f"[{', '.join(coerce(expressions.context, i, kind).sql for i in items)}]", array(kind))


def subscript(expressions: Expressions, node: tree.Subscript) -> Typed:
    base, index = expressions.analyse(node.base), expressions.analyse(node.index)
    kind = base.type
    if kind.base == "array" and (index.type.is_integer or index.type.base == "unknown"):
        place = coerce(expressions.context, index, BIGINT)
        checked = expressions.context.kernel("array_index", [Typed(f"len({base.sql})", BIGINT), place], BIGINT)
        return Typed(f"({base.sql})[{checked}]", kind.element)
    if kind.base == "map" and common_type(index.type, kind.element) == kind.element:
        key = coerce(expressions.context, index, kind.element)
        shown = expressions.context.kernel("show_key", [key], VARCHAR)
        missing = expressions.context.kernel("fail_key", [Typed(shown, VARCHAR)], kind.value)
        found = f"list_position(map_keys({base.sql}), {key.sql})"
        return Typed(
            f"CASE WHEN {base.sql} IS NULL OR {key.sql} IS NULL THEN NULL WHEN {found} IS NULL THEN {missing} "
            f"ELSE map_values({base.sql})[{found}] END",
            kind.value,
        )
    if kind.base == "row" and isinstance(index.literal, int):
        if not 1 <= index.literal <= len(kind.parts):
            raise refusal(node.at, f"ROW subscript must be in range [1, {len(kind.parts)}]: {index.literal}")
        return Typed(f"({base.sql}).f{index.literal - 1}", kind.parts[index.literal - 1])
    raise mismatch(
        node.at,
        f"Cannot use {index.type} for subscript of {kind}"
        if kind.parts
        else f"Cannot apply operator: {kind}[{index.type}]",
    )


def at_time_zone(expressions: Expressions, node: tree.AtTimeZone) -> Typed:
    kind = expressions.analyse(node.operand).type
    if kind.base in ("time", "time with time zone"):
        raise SqlNotSupported(f"{kind.base} AT TIME ZONE")
    if kind.base not in ("timestamp", "timestamp with time zone"):  # at_timezone() itself takes a date too
        message = f"Type of value must be a time or timestamp with or without time zone (actual {kind})"
        raise mismatch(node.operand.at, message)
    return expressions.analyse(tree.Call("at_timezone", (node.operand, node.zone), at=node.at))


def extract(expressions: Expressions, node: tree.Extract) -> Typed:
    value = expressions.analyse(node.operand).type
    clock = node.part in ("hour", "minute", "second", "timezone_hour", "timezone_minute")
    if (clock and value.base == "date") or value.base not in _EXTRACTABLE:
        raise mismatch(node.operand.at, f"Cannot extract {node.part.upper()} from {value}")
    name = {"dow": "day_of_week", "day_of_week": "day_of_week", "doy": "day_of_year", "day_of_year": "day_of_year",
            "yow": "year_of_week", "year_of_week": "year_of_week", "timezone_hour": "timezone_hour",
            "timezone_minute": "timezone_minute", "day_of_month": "day"}.get(node.part, node.part)  # fmt: skip
    if name not in ("year", "quarter", "month", "week", "day", "hour", "minute", "second", "day_of_week",
                    "day_of_year", "year_of_week", "timezone_hour", "timezone_minute"):  # fmt: skip
        raise refusal(node.at, f"Invalid EXTRACT field: {node.part.upper()}", "SYNTAX_ERROR")
    return expressions.analyse(tree.Call(name, (node.operand,), at=node.at))
