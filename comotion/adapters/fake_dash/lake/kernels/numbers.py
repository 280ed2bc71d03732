"""Numbers: decimal division, doubles as text, text as numbers, bases, and the refusals of arithmetic."""

from __future__ import annotations

import decimal
import math
import re
import struct
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from comotion.adapters.fake_dash.lake.kernels.registry import KernelRefusal, Kernels
from comotion.adapters.fake_dash.lake.types import Type

KERNELS = Kernels()
_WIDE = decimal.Context(prec=120, rounding=decimal.ROUND_HALF_UP)
_BOUNDS = {"tinyint": 7, "smallint": 15, "integer": 31, "bigint": 63}


@KERNELS()
def fail(message: str, kind: str) -> Any:
    raise KernelRefusal(message, kind)


@KERNELS()
def fail_key(key: str) -> Any:
    raise KernelRefusal(f"Key not present in map: {key}")


@KERNELS()
def show_key(key: Any) -> str:
    if isinstance(key, dict):
        return "[" + ", ".join(show_key(v) for v in key.values()) + "]"
    return str(key)


@KERNELS()
def array_index(length: int, index: int) -> int:
    if index == 0:
        raise KernelRefusal("SQL array indices start at 1")
    if index < 0:
        raise KernelRefusal(f"Array subscript is negative: {index}")
    if index > length:
        raise KernelRefusal(f"Array subscript must be less than or equal to array length: {index} > {length}")
    return index


@KERNELS()
def element_index(length: int, index: int) -> int | None:
    if index == 0:
        raise KernelRefusal("SQL array indices start at 1")
    place = index if index > 0 else length + index + 1
    return place if 1 <= place <= length else None


# ---- decimals --------------------------------------------------------------------------------------------


def fitted(value: Decimal, kind: Type, message: str) -> Decimal:
    """The value rounded half up to a decimal type, refused where it is too wide."""
    precision, scale = kind.size
    rounded = value.quantize(Decimal(1).scaleb(-scale), context=_WIDE)
    if abs(rounded) >= Decimal(10) ** (precision - scale):
        raise KernelRefusal(message, "NUMERIC_VALUE_OUT_OF_RANGE")
    return rounded


@KERNELS(typed=True)
def decimal_divide(parameters: tuple[Type, ...], returns: Type) -> Callable[[Decimal, Decimal], Decimal]:
    def divide(left: Decimal, right: Decimal) -> Decimal:
        if right == 0:
            raise KernelRefusal("Division by zero", "DIVISION_BY_ZERO")
        return fitted(_WIDE.divide(left, right), returns, "Decimal overflow")

    return divide


@KERNELS(typed=True)
def decimal_modulus(parameters: tuple[Type, ...], returns: Type) -> Callable[[Decimal, Decimal], Decimal]:
    def modulus(left: Decimal, right: Decimal) -> Decimal:
        if right == 0:
            raise KernelRefusal("Division by zero", "DIVISION_BY_ZERO")
        return fitted(_WIDE.remainder(Decimal(left), Decimal(right)), returns, "Decimal overflow")

    return modulus


def shortest_real(value: float) -> str:
    """The fewest digits that say the same 32-bit float."""
    for digits in range(1, 10):
        text = f"{value:.{digits}g}"
        if struct.pack("f", float(text)) == struct.pack("f", value):
            return text
    return repr(value)


@KERNELS(typed=True)
def real_to_decimal(parameters: tuple[Type, ...], returns: Type) -> Callable[[float], Decimal]:
    precision, scale = returns.size

    def convert(value: float) -> Decimal:
        message = f"Cannot cast REAL '{value}' to DECIMAL({precision}, {scale})"
        if not math.isfinite(value):
            raise KernelRefusal(message, "INVALID_CAST_ARGUMENT")
        return fitted(Decimal(shortest_real(value)), returns, message)

    return convert


def _scientific(value: float, digits: str) -> str:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    if value == 0:
        return "0E0" if math.copysign(1, value) > 0 else "-0E0"
    sign, mantissa, exponent = Decimal(digits).as_tuple()
    assert isinstance(exponent, int)
    shown = "".join(map(str, mantissa)).rstrip("0")
    power = exponent + len(mantissa) - 1
    return f"{'-' if sign else ''}{shown[0]}.{shown[1:] or '0'}E{power}"


@KERNELS()
def double_text(value: float) -> str:
    return _scientific(value, repr(value))


@KERNELS()
def real_text(value: float) -> str:
    return _scientific(value, shortest_real(value) if math.isfinite(value) else "0")


@KERNELS()
def floating_to_integer(value: float, kind: str) -> int:
    if math.isnan(value) or math.isinf(value):
        shown = "NaN" if math.isnan(value) else ("Infinity" if value > 0 else "-Infinity")
        raise KernelRefusal(
            f"Cannot cast double {shown} to {kind}" if math.isnan(value) else f"Out of range for {kind}: {shown}",
            "INVALID_CAST_ARGUMENT",
        )
    rounded = int(Decimal(value).quantize(Decimal(1), context=_WIDE)) if abs(value) < 2**53 else int(value)
    if not -(2 ** _BOUNDS[kind]) <= rounded < 2 ** _BOUNDS[kind]:
        raise KernelRefusal(
            f"Out of range for {kind}: {value}" if kind != "bigint" else f"Unable to cast {value} to bigint",
            "INVALID_CAST_ARGUMENT",
        )
    return rounded


@KERNELS()
def fits_text(text: str, length: int, kind: str) -> str:
    if len(text) > length:
        raise KernelRefusal(f"Value {text} cannot be represented as {kind}", "INVALID_CAST_ARGUMENT")
    return text


# ---- text as numbers -------------------------------------------------------------------------------------


# ---- functions -------------------------------------------------------------------------------------------


@KERNELS()
def whole_days(millis: int) -> int:
    if millis % 86_400_000:
        raise KernelRefusal("Cannot add hour, minutes or seconds to a date")
    return millis // 86_400_000


@KERNELS()
def positive_offset(offset: int) -> int:
    if offset < 1:
        raise KernelRefusal("Offset must be at least 1")
    return offset


@KERNELS()
def not_negative_offset(offset: int) -> int:
    if offset < 0:
        raise KernelRefusal("Offset must be at least 0")
    return offset


@KERNELS()
def positive_buckets(count: int) -> int:
    if count <= 0:
        raise KernelRefusal("Buckets must be greater than 0")
    return count


@KERNELS()
def parse_data_size(text: str) -> Decimal:
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([a-zA-Z]+)\s*", text)
    units = ("B", "kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB")
    if match is None or match[2] not in units:
        raise KernelRefusal(f"Invalid data size: '{text}'")
    scale: int = 1024 ** units.index(match[2])
    size = _WIDE.multiply(Decimal(match[1]), Decimal(scale)).to_integral_value(decimal.ROUND_DOWN)
    if size >= Decimal(10) ** 38:
        raise KernelRefusal(f"Value out of range: '{text}' ('{size}B')", "NUMERIC_VALUE_OUT_OF_RANGE")
    return size


@KERNELS()
def top_count(count: int, name: str) -> int:
    what = "max_by/min_by" if name.endswith("_by") else "max_n/min_n"
    place = "third" if name.endswith("_by") else "second"
    if count <= 0:
        raise KernelRefusal(f"{place} argument of {what} must be a positive integer")
    if count > 10_000:
        raise KernelRefusal(f"{place} argument of {what} must be less than or equal to 10000; found {count}")
    return count
