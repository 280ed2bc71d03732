"""Conversions: what Trino does unasked, CAST and TRY_CAST."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from comotion.adapters.fake_dash.lake.analysis.typed import Typed, text
from comotion.adapters.fake_dash.lake.refusal import SqlNotSupported, SqlRefused
from comotion.adapters.fake_dash.lake.types import VARCHAR, Type, array, duck

if TYPE_CHECKING:
    from comotion.adapters.fake_dash.lake.analysis.context import Context

CastRule = Callable[["Context", str, Type, Type], str]
_TEXTUAL = ("varchar", "char")
_SKETCHES = ("hyperloglog", "p4hyperloglog", "tdigest", "qdigest", "setdigest")


def coerce(context: Context, value: Typed, target: Type) -> Typed:
    """The value as a type that it coerces into."""
    if value.type == target:
        return Typed(value.sql, target, value.literal) if value.type.zone == target.zone else value
    if value.type.base == "unknown":
        return Typed(f"CAST(NULL AS {duck(target)})", target)
    literal = value.literal if target.base == value.type.base or target.is_floating else None
    return Typed(convert(context, value.sql, value.type, target), target, literal)


def convert(context: Context, sql: str, source: Type, target: Type) -> str:
    """DuckDB text for a value of one type as another, as Trino's CAST would have it.

    Raises
    ------
    NoSuchCast
        Where Trino has no such cast.
    """
    if source == target:
        return sql
    if source.base == "unknown":
        return f"CAST(NULL AS {duck(target)})"
    if source.base in _SKETCHES or target.base in _SKETCHES:
        raise SqlNotSupported(f"cast from {source} to {target}")
    if "json" in (source.base, target.base):
        return _json(context, sql, source, target)
    if source.parts or target.parts:
        return _nested(context, sql, source, target)
    rule = _RULES.get((source.base, target.base))
    if rule is None:
        raise NoSuchCast(f"Cannot cast {source} to {target}")
    return rule(context, sql, source, target)


class NoSuchCast(SqlRefused):
    """Trino has no cast between the two types."""

    def __init__(self, message: str) -> None:
        super().__init__(message, kind="TYPE_MISMATCH")


def _nested(context: Context, sql: str, source: Type, target: Type) -> str:
    if source.base != target.base or len(source.parts) != len(target.parts):
        raise NoSuchCast(f"Cannot cast {source} to {target}")
    if source.base == "array":
        name = context.fresh("e")
        inner = convert(context, name, source.element, target.element)
        return sql if inner == name else f"list_transform({sql}, lambda {name}: {inner})"
    if source.base == "map":
        key, value = context.fresh("k"), context.fresh("v")
        keys = convert(context, key, source.element, target.element)
        values = convert(context, value, source.value, target.value)
        if keys == key and values == value:
            return sql
        return context.kernel(
            "map_from_lists",
            [Typed(f"list_transform(map_keys({sql}), lambda {key}: {keys})", array(target.element)),
             Typed(f"list_transform(map_values({sql}), lambda {value}: {values})", array(target.value))],
            target,
        )  # fmt: skip
    name = context.fresh("r")
    fields = [
        convert(context, f"({name}).f{i}", a, b)
        for i, (a, b) in enumerate(zip(source.parts, target.parts, strict=True))
    ]
    if all(part == f"({name}).f{i}" for i, part in enumerate(fields)):
        return sql
    packed = ", ".join(f"f{i} := {part}" for i, part in enumerate(fields))
    body = f"CASE WHEN {name} IS NULL THEN NULL ELSE struct_pack({packed}) END"
    return f"list_transform([{sql}], lambda {name}: {body})[1]"


def _json(context: Context, sql: str, source: Type, target: Type) -> str:
    castable = {"boolean", "tinyint", "smallint", "integer", "bigint", "real", "double", "decimal", "varchar",
                "char", "timestamp", "date", "array", "map", "row", "json", "unknown"}  # fmt: skip
    other = target if source.base == "json" else source
    if not _all_in(other, castable):
        raise NoSuchCast(f"Cannot cast {source} to {target}")
    if source.base == "json":
        if target.base in ("timestamp", "char"):
            raise NoSuchCast(f"Cannot cast {source} to {target}")
        return context.kernel("json_to", [Typed(sql, source)], target)
    return context.kernel("json_from", [Typed(sql, source)], target, keep_null=True)


def _all_in(kind: Type, bases: set[str]) -> bool:
    if kind.base == "map" and kind.element.parts:
        return False
    return kind.base in bases and all(_all_in(part, bases) for part in kind.parts)


# ---- one rule for each pair of plain types ---------------------------------------------------------------


def _same(context: Context, sql: str, source: Type, target: Type) -> str:
    return sql


def _plain(context: Context, sql: str, source: Type, target: Type) -> str:
    return f"CAST({sql} AS {duck(target)})"


def _kernel(context: Context, sql: str, source: Type, target: Type) -> str:
    return context.kernel(f"cast_{source.base}_to_{target.base}".replace(" ", "_"), [Typed(sql, source)], target)


def _text_to_text(context: Context, sql: str, source: Type, target: Type) -> str:
    if target.base == "char":
        (length,) = target.size
        return f"rpad(left({sql}, {length}), {length}, ' ')"
    if target.size and not (source.size and source.size[0] <= target.size[0]):
        return f"left({sql}, {target.size[0]})"
    return sql


def _fits(context: Context, sql: str, source: Type, target: Type) -> str:
    """A number or time as text of limited length: refused where it is too long."""
    if target.base == "char":
        plain = context.kernel("fits_text", [Typed(sql, VARCHAR), Typed(str(target.size[0]), Type("integer")),
                                             Typed(text(str(target)), VARCHAR)], VARCHAR)  # fmt: skip
        return f"rpad({plain}, {target.size[0]}, ' ')"
    if not target.size:
        return sql
    return context.kernel("fits_text", [Typed(sql, VARCHAR), Typed(str(target.size[0]), Type("integer")),
                                        Typed(text(str(target)), VARCHAR)], VARCHAR)  # fmt: skip


def _to_text(context: Context, sql: str, source: Type, target: Type) -> str:
    return _fits(context, f"CAST({sql} AS VARCHAR)", source, target)


def decimal_text(sql: str, source: Type) -> str:
    """A decimal with its zero before the point, which DuckDB leaves out where no digit has room there."""
    precision, scale = source.size
    if precision > scale:
        return f"CAST({sql} AS VARCHAR)"
    shown = f"CAST(abs({sql}) AS VARCHAR)"
    return f"CASE WHEN {sql} < 0 THEN '-0' || {shown} ELSE '0' || {shown} END"


def _decimal_to_text(context: Context, sql: str, source: Type, target: Type) -> str:
    return _fits(context, decimal_text(sql, source), source, target)


def _floating_to_text(context: Context, sql: str, source: Type, target: Type) -> str:
    return _fits(context, context.kernel(f"{source.base}_text", [Typed(sql, source)], VARCHAR), source, target)


def _timestamp_to_text(context: Context, sql: str, source: Type, target: Type) -> str:
    return _fits(context, timestamp_text(sql, source.size[0]), source, target)


def timestamp_text(sql: str, precision: int) -> str:
    """``2020-01-01 00:00:00`` with as many digits after the point as the precision says."""
    if precision == 0:
        return f"strftime({sql}, '%Y-%m-%d %H:%M:%S')"
    if precision == 3:
        return f"strftime({sql}, '%Y-%m-%d %H:%M:%S.%g')"
    shown = f"strftime({sql}, '%Y-%m-%d %H:%M:%S.%f')"
    # no value holds more than microseconds: what is finer is zero
    return f"left({shown}, {20 + precision})" if precision <= 6 else f"({shown} || '{'0' * (precision - 6)}')"


def _time_to_text(context: Context, sql: str, source: Type, target: Type) -> str:
    stamp = f"(DATE '2000-01-01' + {sql})"
    if source.size[0] > 6:
        raise SqlNotSupported(f"{source} as text")
    length = 19 + (source.size[0] + 1 if source.size[0] else 0)
    return _fits(context, f"substr(strftime({stamp}, '%Y-%m-%d %H:%M:%S.%f'), 12, {length - 11})", source, target)


def _offset_time_to_text(context: Context, sql: str, source: Type, target: Type) -> str:
    clock = _time_to_text(context, f"({sql}).t", Type("time", source.size), VARCHAR)
    minutes = f"({sql}).o"
    sign = f"CASE WHEN {minutes} < 0 THEN '-' ELSE '+' END"
    offset = f"printf('%s%02d:%02d', {sign}, abs({minutes}) // 60, abs({minutes}) % 60)"
    return _fits(context, f"({clock} || {offset})", source, target)


def _offset_time_to_time(context: Context, sql: str, source: Type, target: Type) -> str:
    return _time_to_time(context, f"({sql}).t", source, target)


def _to_offset_time(context: Context, sql: str, source: Type, target: Type) -> str:
    clock, offset = (sql, "0") if source.base == "time" else (f"({sql}).t", f"({sql}).o")
    packed = f"struct_pack(t := {_time_to_time(context, clock, source, target)}, o := {offset})"
    return f"CASE WHEN {sql} IS NULL THEN NULL ELSE {packed} END"


def _zoned_to_text(context: Context, sql: str, source: Type, target: Type) -> str:
    local = timestamp_text(local_time(context, sql, source), source.size[0])
    return _fits(context, f"({local} || ' ' || ({sql}).z)", source, target)


def local_time(context: Context, sql: str, kind: Type) -> str:
    """The wall clock of a zoned timestamp, as a DuckDB TIMESTAMP."""
    if kind.zone == "UTC":
        return f"({sql}).t"
    return context.kernel("local_time", [Typed(f"({sql}).t", Type("timestamp", (6,))), Typed(f"({sql}).z", VARCHAR)],
                          Type("timestamp", (6,)))  # fmt: skip


def zoned(context: Context, sql: str, zone_sql: str, *, zone: str | None) -> str:
    """A wall clock TIMESTAMP in a zone, as a zoned timestamp."""
    if zone == "UTC":
        return f"struct_pack(t := {sql}, z := 'UTC')"
    stamp = Type("timestamp", (6,))
    return context.kernel(
        "zone_time", [Typed(sql, stamp), Typed(zone_sql, VARCHAR)], Type("timestamp with time zone", (6,))
    )


def _number_to_decimal(context: Context, sql: str, source: Type, target: Type) -> str:
    return f"CAST({sql} AS {duck(target)})"


def _floating_to_integer(context: Context, sql: str, source: Type, target: Type) -> str:
    return context.kernel("floating_to_integer", [Typed(f"CAST({sql} AS DOUBLE)", Type("double")),
                                                  Typed(text(target.base), VARCHAR)], target)  # fmt: skip


def _floating_to_decimal(context: Context, sql: str, source: Type, target: Type) -> str:
    if source.base == "real":
        return context.kernel("real_to_decimal", [Typed(sql, source)], target)
    # by way of the shortest digits that say the number, rounded half up, as the service does
    return f"CAST(CAST({sql} AS VARCHAR) AS {duck(target)})"


def _double_to_real(context: Context, sql: str, source: Type, target: Type) -> str:
    # from half a step above the largest real a number becomes infinite, which DuckDB refuses
    return f"CAST(CASE WHEN abs({sql}) >= 3.4028235677973366e38 THEN {sql} * 1e308 ELSE {sql} END AS FLOAT)"


def _number_to_boolean(context: Context, sql: str, source: Type, target: Type) -> str:
    return f"({sql} <> 0)"


def _boolean_to_number(context: Context, sql: str, source: Type, target: Type) -> str:
    return f"CAST(CAST({sql} AS INTEGER) AS {duck(target)})"


def _date_to_timestamp(context: Context, sql: str, source: Type, target: Type) -> str:
    return f"CAST({sql} AS TIMESTAMP)"


def _to_zoned(context: Context, sql: str, source: Type, target: Type) -> str:
    local = _round_timestamp(f"CAST({sql} AS TIMESTAMP)", source.size[0] if source.size else 0, target.size[0])
    return f"CASE WHEN {sql} IS NULL THEN NULL ELSE struct_pack(t := {local}, z := 'UTC') END"


def _round_timestamp(sql: str, source: int, target: int) -> str:
    if target >= min(source, 6):
        return sql
    unit = 10 ** (6 - target)
    return f"make_timestamp(CAST(floor((epoch_us({sql}) + {unit // 2}) / {unit}.0) AS BIGINT) * {unit})"


def _timestamp_to_timestamp(context: Context, sql: str, source: Type, target: Type) -> str:
    return _round_timestamp(sql, source.size[0], target.size[0])


def _zoned_to_zoned(context: Context, sql: str, source: Type, target: Type) -> str:
    rounded = _round_timestamp(f"({sql}).t", source.size[0], target.size[0])
    if rounded == f"({sql}).t":
        return sql
    return f"CASE WHEN {sql} IS NULL THEN NULL ELSE struct_pack(t := {rounded}, z := ({sql}).z) END"


def _zoned_to_timestamp(context: Context, sql: str, source: Type, target: Type) -> str:
    return _round_timestamp(local_time(context, sql, source), source.size[0], target.size[0])


def _zoned_to_date(context: Context, sql: str, source: Type, target: Type) -> str:
    return f"CAST({local_time(context, sql, source)} AS DATE)"


def _zoned_to_time(context: Context, sql: str, source: Type, target: Type) -> str:
    return f"CAST({_zoned_to_timestamp(context, sql, source, target)} AS TIME)"


def _timestamp_to_time(context: Context, sql: str, source: Type, target: Type) -> str:
    return f"CAST({_round_timestamp(sql, source.size[0], target.size[0])} AS TIME)"


def _time_to_timestamp(context: Context, sql: str, source: Type, target: Type) -> str:
    return f"(CAST({context.now()} AS DATE) + {sql})"


def _time_to_time(context: Context, sql: str, source: Type, target: Type) -> str:
    if target.size[0] >= source.size[0]:
        return sql
    stamp = f"(DATE '2000-01-01' + {sql})"
    return f"CAST({_round_timestamp(stamp, source.size[0], target.size[0])} AS TIME)"


def _rules() -> dict[tuple[str, str], CastRule]:
    rules: dict[tuple[str, str], CastRule] = {}
    integers = ("tinyint", "smallint", "integer", "bigint")
    for whole in integers:
        for other in (*integers, "real", "double"):
            rules[whole, other] = _plain
        rules[whole, "decimal"] = _number_to_decimal
        rules["decimal", whole] = _plain
        rules[whole, "boolean"] = _number_to_boolean
        rules["boolean", whole] = _boolean_to_number
        for floating in ("real", "double"):
            rules[floating, whole] = _floating_to_integer
        for textual in _TEXTUAL:
            rules[whole, textual] = _to_text
        rules["varchar", whole] = _kernel
    for floating in ("real", "double"):
        rules[floating, "decimal"] = _floating_to_decimal
        rules["decimal", floating] = _plain
        rules[floating, "boolean"] = _number_to_boolean
        rules["boolean", floating] = _boolean_to_number
        rules[floating, "double"] = _plain
        rules["varchar", floating] = _kernel
        for textual in _TEXTUAL:
            rules[floating, textual] = _floating_to_text
    rules["real", "real"], rules["double", "real"] = _plain, _double_to_real
    rules["decimal", "decimal"] = _number_to_decimal
    rules["decimal", "boolean"] = _number_to_boolean
    rules["boolean", "decimal"] = _boolean_to_number
    for textual in _TEXTUAL:
        rules["boolean", textual] = rules["date", textual] = _to_text
        rules["decimal", textual] = _decimal_to_text
        rules["timestamp", textual] = _timestamp_to_text
        rules["timestamp with time zone", textual] = _zoned_to_text
        rules["time", textual] = _time_to_text
        rules["time with time zone", textual] = _offset_time_to_text
        rules["varchar", textual] = rules["char", textual] = _text_to_text
        rules["uuid", textual], rules["ipaddress", textual] = _to_text, _address_to_text
        rules["interval day to second", textual] = rules["interval year to month", textual] = _interval_to_text
    for target in ("boolean", "decimal", "date", "timestamp", "time", "timestamp with time zone", "uuid", "ipaddress"):
        rules["varchar", target] = _kernel
    rules["date", "timestamp"] = _date_to_timestamp
    rules["date", "timestamp with time zone"] = rules["timestamp", "timestamp with time zone"] = _to_zoned
    rules["timestamp", "date"] = _plain
    rules["timestamp", "timestamp"] = _timestamp_to_timestamp
    rules["timestamp with time zone", "timestamp with time zone"] = _zoned_to_zoned
    rules["timestamp with time zone", "timestamp"] = _zoned_to_timestamp
    rules["timestamp with time zone", "date"] = _zoned_to_date
    rules["timestamp with time zone", "time"] = _zoned_to_time
    rules["timestamp", "time"] = _timestamp_to_time
    rules["time", "timestamp"] = _time_to_timestamp
    rules["time", "time"] = _time_to_time
    rules["time with time zone", "time"] = _offset_time_to_time
    rules["time", "time with time zone"] = rules["time with time zone", "time with time zone"] = _to_offset_time
    rules["varchar", "varbinary"] = _text_to_bytes
    rules["uuid", "varbinary"] = rules["varbinary", "uuid"] = rules["varbinary", "ipaddress"] = _kernel
    rules["ipaddress", "varbinary"] = _plain_bytes
    return rules


def _address_to_text(context: Context, sql: str, source: Type, target: Type) -> str:
    return _fits(context, context.kernel("address_text", [Typed(sql, source)], VARCHAR), source, target)


def _plain_bytes(context: Context, sql: str, source: Type, target: Type) -> str:
    return sql  # an address is held as its 16 bytes


def _text_to_bytes(context: Context, sql: str, source: Type, target: Type) -> str:
    return f"encode({sql})"


def _interval_to_text(context: Context, sql: str, source: Type, target: Type) -> str:
    name = "interval_text" if source.base == "interval day to second" else "month_interval_text"
    return _fits(context, context.kernel(name, [Typed(sql, source)], VARCHAR), source, target)


_RULES = _rules()
