"""JSON as Trino's JSON type has it: parsing, canonical text, simple paths, casts both ways."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache
from typing import Any

from comotion.adapters.fake_dash.lake.kernels.formatting import java_double
from comotion.adapters.fake_dash.lake.kernels.registry import KernelRefusal, Kernels
from comotion.adapters.fake_dash.lake.types import Type

KERNELS = Kernels()
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"}
_UNSAFE = re.compile(r'["\\\x00-\x1f]')


class Number(float):
    """A JSON number with a fraction or an exponent, with its text as written."""

    text: str

    def __new__(cls, text: str) -> Number:
        made = super().__new__(cls, text)
        made.text = text
        return made


def _no_constant(name: str) -> Any:
    raise ValueError(name)


def parsed(text: str) -> Any:
    """The value of a JSON text.

    Raises
    ------
    ValueError
        Where it is none.
    """
    return json.loads(text, parse_float=Number, parse_constant=_no_constant)


def parsed_or_refused(text: str) -> Any:
    try:
        return parsed(text)
    except (ValueError, RecursionError):
        raise KernelRefusal(f"Cannot convert value to JSON: '{text}'") from None


def quote(text: str) -> str:
    return '"' + _UNSAFE.sub(lambda m: _ESCAPES.get(m[0]) or f"\\u{ord(m[0]):04X}", text) + '"'


def written(value: Any, *, sort: bool = False) -> str:
    """A value as compact JSON text."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return quote(value)
    if isinstance(value, float):
        return java_double(float(value)) if math.isfinite(value) else quote(java_double(value))
    if isinstance(value, int):
        return str(value)
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, dict):
        items = sorted(value.items()) if sort else value.items()
        return "{" + ",".join(f"{quote(k)}:{written(v, sort=sort)}" for k, v in items) + "}"
    return "[" + ",".join(written(item, sort=sort) for item in value) + "]"


@KERNELS()
def json_parse(text: str) -> str:
    return written(parsed_or_refused(text), sort=True)


@KERNELS()
def is_json_scalar(text: str) -> bool:
    return not isinstance(parsed_or_refused(text), dict | list)


# ---- the simple paths of json_extract --------------------------------------------------------------------

_STEP = re.compile(
    r"""\.(?P<field>[\w:]+)|\[(?P<index>\d+)\]|\["(?P<quoted>(?:[^"\\]|\\["\\])*)"\]|\[(?P<bare>\w+)\]"""
)


@lru_cache(maxsize=1024)
def simple_path(path: str) -> tuple[str | int, ...]:
    if not path.startswith("$"):
        raise KernelRefusal(f"Invalid JSON path: '{path}'")
    steps: list[str | int] = []
    index = 1
    while index < len(path):
        match = _STEP.match(path, index)
        if match is None:
            raise KernelRefusal(f"Invalid JSON path: '{path}'")
        if match["index"] is not None:
            steps.append(int(match["index"]))
        elif match["quoted"] is not None:
            steps.append(re.sub(r"\\(.)", r"\1", match["quoted"]))
        else:
            steps.append(match["field"] if match["field"] is not None else match["bare"])
        index = match.end()
    return tuple(steps)


_MISSING = object()


def _followed(text: str, path: str) -> Any:
    steps = simple_path(path)
    try:
        value = parsed(text)
    except (ValueError, RecursionError):
        return _MISSING
    for step in steps:
        if isinstance(value, dict):
            value = value.get(str(step), _MISSING)
        elif isinstance(value, list) and (isinstance(step, int) or step.isdigit()):
            value = value[int(step)] if int(step) < len(value) else _MISSING
        else:
            return _MISSING
        if value is _MISSING:
            return _MISSING
    return value


@KERNELS()
def json_extract(text: str, path: str) -> str | None:
    found = _followed(text, path)
    return None if found is _MISSING else written(found)


@KERNELS()
def json_extract_scalar(text: str, path: str) -> str | None:
    return scalar_text(_followed(text, path))


def scalar_text(value: Any) -> str | None:
    if value is None or value is _MISSING or isinstance(value, dict | list):
        return None
    if isinstance(value, Number):
        return value.text
    return str(value).lower() if isinstance(value, bool) else str(value)


@KERNELS()
def json_size(text: str, path: str) -> int | None:
    found = _followed(text, path)
    if found is _MISSING:
        return None
    return len(found) if isinstance(found, dict | list) else 0


def _array(text: str) -> list[Any] | None:
    try:
        value = parsed(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, list) else None


@KERNELS()
def json_array_length(text: str) -> int | None:
    found = _array(text)
    return None if found is None else len(found)


@KERNELS(typed=True)
def json_array_contains(parameters: tuple[Type, ...], returns: Type) -> Callable[[str, Any], bool | None]:
    kind = parameters[1].base

    def matches(item: Any, wanted: Any) -> bool:
        if kind == "boolean":
            return isinstance(item, bool) and item is wanted
        if isinstance(item, bool):
            return False
        if kind == "bigint":
            return isinstance(item, int) and item == wanted
        if kind == "double":
            return isinstance(item, float) and item == wanted
        return isinstance(item, str) and item == wanted

    def contains(text: str, wanted: Any) -> bool | None:
        found = _array(text)
        return None if found is None else any(matches(item, wanted) for item in found)

    return contains


@KERNELS()
def json_array_get(text: str, index: int) -> str | None:
    found = _array(text)
    if found is None:
        return None
    place = index if index >= 0 else len(found) + index
    if not 0 <= place < len(found) or found[place] is None:
        return None
    return found[place] if isinstance(found[place], str) else written(found[place])


# ---- JSON_OBJECT and JSON_ARRAY --------------------------------------------------------------------------


@KERNELS("json_object_text", keep_null=True)
def json_object_text(keep_nulls: bool, unique: bool, *members: str | None) -> str:
    found: dict[str, str] = {}
    for key, value in zip(members[::2], members[1::2], strict=True):
        if key is None:
            raise KernelRefusal("null value passed for JSON object key to JSON_OBJECT function")
        if value is None and not keep_nulls:
            continue
        if key in found:
            if unique:
                raise KernelRefusal("duplicate key passed to JSON_OBJECT function")
            raise KernelRefusal("cannot construct a JSON object with duplicate key", "NOT_SUPPORTED")
        found[key] = "null" if value is None else value
    return "{" + ",".join(f"{quote(key)}:{value}" for key, value in found.items()) + "}"


@KERNELS("json_array_text", keep_null=True)
def json_array_text(keep_nulls: bool, unique: bool, *members: str | None) -> str:
    return "[" + ",".join("null" if m is None else m for m in members if m is not None or keep_nulls) + "]"
