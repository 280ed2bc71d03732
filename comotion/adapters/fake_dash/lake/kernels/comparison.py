"""Equality and order of arrays, maps and rows, with NULL and NaN inside."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from comotion.adapters.fake_dash.lake.kernels.registry import KernelRefusal, Kernels
from comotion.adapters.fake_dash.lake.types import Type

KERNELS = Kernels()


def equal(left: Any, right: Any, kind: Type) -> bool | None:
    """SQL's equality: unknown where a NULL inside decides."""
    if left is None or right is None:
        return None
    if kind.base == "array":
        if len(left) != len(right):
            return False
        return _all_equal((equal(a, b, kind.element) for a, b in zip(left, right, strict=True)))
    if kind.base == "row":
        return _all_equal(
            equal(a, b, part) for a, b, part in zip(left.values(), right.values(), kind.parts, strict=True)
        )
    if kind.base == "map":
        if left.keys() != right.keys():
            return False
        return _all_equal(equal(left[key], right[key], kind.value) for key in left)
    if kind.is_zoned:
        return bool(left["t"] == right["t"])
    return bool(left == right)


def _all_equal(found: Any) -> bool | None:
    unknown = False
    for one in found:
        if one is False:
            return False
        unknown = unknown or one is None
    return None if unknown else True


@KERNELS(typed=True)
def nested_equal(parameters: tuple[Type, ...], returns: Type) -> Callable[[Any, Any], bool | None]:
    return lambda left, right: equal(left, right, parameters[0])


@KERNELS(typed=True)
def nested_not_equal(parameters: tuple[Type, ...], returns: Type) -> Callable[[Any, Any], bool | None]:
    def unequal(left: Any, right: Any) -> bool | None:
        found = equal(left, right, parameters[0])
        return None if found is None else not found

    return unequal


def order(left: Any, right: Any, kind: Type) -> int:
    """Which of two values comes first; a NULL inside is refused as Trino refuses it."""
    if left is None or right is None:
        raise KernelRefusal(
            (
                f"{'Array' if kind.base == 'array' else 'row'} comparison not supported for "
                f"{'arrays' if kind.base == 'array' else 'fields'} with null elements"
            ),
            "NOT_SUPPORTED",
        )
    if kind.base == "array":
        for a, b in zip(left, right, strict=False):
            _no_null(a, b, "ARRAY comparison not supported for arrays with null elements")
            found = order(a, b, kind.element)
            if found:
                return found
        return (len(left) > len(right)) - (len(left) < len(right))
    if kind.base == "row":
        for a, b, part in zip(left.values(), right.values(), kind.parts, strict=True):
            _no_null(a, b, "ROW comparison not supported for rows with null elements")
            found = order(a, b, part)
            if found:
                return found
        return 0
    if kind.is_zoned:
        left, right = left["t"], right["t"]
    if isinstance(left, float):
        left, right = _nan_last(left), _nan_last(right)
    return int(left > right) - int(left < right)


def _no_null(left: Any, right: Any, message: str) -> None:
    if left is None or right is None:
        raise KernelRefusal(message, "NOT_SUPPORTED")


def _nan_last(value: float) -> tuple[bool, float]:
    return (True, 0.0) if math.isnan(value) else (False, value)


@KERNELS(typed=True)
def nested_compare(parameters: tuple[Type, ...], returns: Type) -> Callable[[Any, Any], int]:
    return lambda left, right: order(left, right, parameters[0])


def frozen_key(value: Any) -> Any:
    """A value as something that can be looked up; NaN is itself."""
    if isinstance(value, list):
        return ("list", tuple(frozen_key(item) for item in value))
    if isinstance(value, dict) and value.keys() == {"t", "z"}:
        return value["t"]  # moments are equal whatever zone shows them
    if isinstance(value, dict):
        return ("dict", tuple((frozen_key(k), frozen_key(v)) for k, v in value.items()))
    if isinstance(value, float):
        return "NaN" if math.isnan(value) else value + 0.0
    if isinstance(value, bytearray | memoryview):
        return bytes(value)
    return (type(value).__name__, value) if isinstance(value, bool) else value
