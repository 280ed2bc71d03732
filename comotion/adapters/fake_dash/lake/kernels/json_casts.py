"""CAST between JSON and the other types."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from comotion.adapters.fake_dash.lake.kernels import numbers
from comotion.adapters.fake_dash.lake.kernels.jsonvalues import Number, parsed, quote, written
from comotion.adapters.fake_dash.lake.kernels.moments import parse_date
from comotion.adapters.fake_dash.lake.kernels.number_texts import KERNELS as TEXTS
from comotion.adapters.fake_dash.lake.kernels.registry import KernelRefusal, Kernels
from comotion.adapters.fake_dash.lake.types import Type

KERNELS = Kernels()


@KERNELS(typed=True)
def json_from(parameters: tuple[Type, ...], returns: Type) -> Callable[[Any], str | None]:
    kind = parameters[0]

    def convert(value: Any) -> str | None:
        return None if value is None else encoded(value, kind)

    return convert


def encoded(value: Any, kind: Type) -> str:
    """A value of a Trino type as JSON text."""
    if value is None:
        return "null"
    if kind.base == "json":
        return str(value)
    if kind.base == "array":
        return "[" + ",".join(encoded(item, kind.element) for item in value) + "]"
    if kind.base == "row":
        names = kind.names or (None,) * len(kind.parts)
        pairs = zip(names, value.values(), kind.parts, strict=True)
        return "{" + ",".join(f"{quote(name or '')}:{encoded(item, part)}" for name, item, part in pairs) + "}"
    if kind.base == "map":
        entries = sorted((_key(key, kind.element), encoded(item, kind.value)) for key, item in _pairs(value))
        return "{" + ",".join(f"{quote(key)}:{item}" for key, item in entries) + "}"
    if kind.base == "real":
        return written(float(numbers.shortest_real(value)) if math.isfinite(value) else value)
    if kind.base == "timestamp":
        return quote(_timestamp(value, kind.size[0]))
    if isinstance(value, dt.date):
        return quote(value.isoformat())
    return written(value)


def _timestamp(value: dt.datetime, precision: int) -> str:
    shown = f"{value:%Y-%m-%d %H:%M:%S}".rjust(19, "0")
    return f"{shown}.{value.microsecond:06d}"[: 20 + precision] if precision else shown


def _pairs(value: Any) -> list[tuple[Any, Any]]:
    return list(value.items())


def _key(key: Any, kind: Type) -> str:
    if isinstance(key, bool):
        return str(key).lower()
    if isinstance(key, float):
        return numbers.double_text(key)
    return str(key)


@KERNELS(typed=True)
def json_to(parameters: tuple[Type, ...], returns: Type) -> Callable[[str], Any]:
    def convert(text: str) -> Any:
        value = parsed(text) if _is_json(text) else text
        try:
            return decoded(value, returns)
        except KernelRefusal as error:
            shown = text if len(text) < 200 else text[:200] + "..."
            reason = f" {error.message}" if returns.parts else ""
            raise KernelRefusal(
                f"Cannot cast to {returns}.{reason}\n{shown}"
                if returns.parts
                else f"Cannot cast '{shown}' to {returns}",
                "INVALID_CAST_ARGUMENT",
            ) from None

    return convert


def _is_json(text: str) -> bool:
    try:
        parsed(text)
    except ValueError:
        return False
    return True


def decoded(value: Any, kind: Type) -> Any:
    """A JSON value as a value of a Trino type."""
    if kind.base == "json":
        return written(value, sort=True)
    if value is None:
        return None
    if kind.base == "array":
        if not isinstance(value, list):
            raise KernelRefusal("Expected a json array")
        return [decoded(item, kind.element) for item in value]
    if kind.base == "map":
        if not isinstance(value, dict):
            raise KernelRefusal("Expected a json object")
        return {decoded(key, kind.element): decoded(item, kind.value) for key, item in value.items()}
    if kind.base == "row":
        return _decoded_row(value, kind)
    if isinstance(value, dict | list):
        raise KernelRefusal("Unexpected token")
    return _SCALARS[kind.base](value, kind)


def _decoded_row(value: Any, kind: Type) -> dict[str, Any]:
    if isinstance(value, list):
        if len(value) != len(kind.parts):
            raise KernelRefusal("Expected json array of the row's size")
        return {f"f{i}": decoded(item, part) for i, (item, part) in enumerate(zip(value, kind.parts, strict=True))}
    if not isinstance(value, dict):
        raise KernelRefusal("Expected a json array or object")
    lowered = {key.lower(): item for key, item in value.items()}
    names = kind.names or (None,) * len(kind.parts)
    return {
        f"f{i}": decoded(lowered.get((name or "").lower()), part)
        for i, (name, part) in enumerate(zip(names, kind.parts, strict=True))
    }


def _to_boolean(value: Any, kind: Type) -> bool:
    if isinstance(value, str):
        return bool(TEXTS.found["cast_varchar_to_boolean"].function(value))
    return bool(value)


def _to_integer(value: Any, kind: Type) -> int:
    if isinstance(value, str):
        found = int(TEXTS.found[f"cast_varchar_to_{kind.base}"].function(value))
    elif isinstance(value, float):
        found = numbers.floating_to_integer(float(value), kind.base)
    else:
        found = int(value)
    limit = {"tinyint": 7, "smallint": 15, "integer": 31, "bigint": 63}[kind.base]
    if not -(2**limit) <= found < 2**limit:
        raise KernelRefusal("out of range")
    return found


def _to_double(value: Any, kind: Type) -> float:
    if isinstance(value, str):
        return float(TEXTS.found["cast_varchar_to_double"].function(value))
    return float(value)


def _to_decimal(value: Any, kind: Type) -> Decimal:
    text = value.text if isinstance(value, Number) else str(int(value)) if isinstance(value, bool) else str(value)
    try:
        number = Decimal(text)
    except ArithmeticError:
        raise KernelRefusal("not a number") from None
    return numbers.fitted(number, kind, "out of range")


def _to_varchar(value: Any, kind: Type) -> str:
    if isinstance(value, bool):
        text = str(value).lower()
    elif isinstance(value, float):
        text = numbers.double_text(float(value))
    else:
        text = str(value)
    return text[: kind.size[0]] if kind.size else text


def _to_date(value: Any, kind: Type) -> dt.date:
    if not isinstance(value, str):
        raise KernelRefusal("not a date")
    return parse_date(value)


_SCALARS: dict[str, Callable[[Any, Type], Any]] = {
    "boolean": _to_boolean, "tinyint": _to_integer, "smallint": _to_integer, "integer": _to_integer,
    "bigint": _to_integer, "real": _to_double, "double": _to_double, "decimal": _to_decimal, "varchar": _to_varchar,
    "date": _to_date,
}  # fmt: skip
