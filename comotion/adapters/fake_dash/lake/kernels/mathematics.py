"""Mathematical functions: rounding, bases, bits, buckets, logarithms, random numbers."""

from __future__ import annotations

import decimal
import math
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from comotion.adapters.fake_dash.lake.kernels.numbers import fitted, shortest_real
from comotion.adapters.fake_dash.lake.kernels.registry import KernelRefusal, Kernels
from comotion.adapters.fake_dash.lake.types import Type

KERNELS = Kernels()


_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


@KERNELS()
def round_double(value: float, digits: int) -> float:
    if not math.isfinite(value) or value == 0:
        return value
    factor = 10.0**digits
    scaled = value * factor
    if not math.isfinite(scaled) or abs(scaled) >= 2**62:
        found = Decimal(repr(value)).quantize(
            Decimal(1).scaleb(-digits), context=decimal.Context(400, decimal.ROUND_HALF_UP)
        )
        return float(found)
    rounded = math.floor(abs(scaled) + 0.5)
    return math.copysign(rounded / factor, value)


@KERNELS()
def round_real(value: float, digits: int) -> float:
    return round_double(float(shortest_real(value)) if math.isfinite(value) else value, digits)


@KERNELS()
def round_integer(value: int, digits: int) -> int:
    if digits >= 0:
        return value
    factor: int = 10**-digits
    rounded = (abs(value) + factor // 2) // factor * factor
    return rounded if value >= 0 else -rounded


@KERNELS()
def round_bigint(value: int, digits: int) -> int:
    found = round_integer(value, digits)
    if not -(2**63) <= found < 2**63:
        raise KernelRefusal(f"bigint overflow: {found}", "NUMERIC_VALUE_OUT_OF_RANGE")
    return found


def _decimal_rounding(mode: str) -> Callable[..., Any]:
    def maker(parameters: tuple[Type, ...], returns: Type) -> Callable[..., Decimal]:
        context = decimal.Context(prec=120, rounding=mode)

        def convert(value: Decimal, digits: int = 0) -> Decimal:
            scale = parameters[0].size[1]
            if digits >= scale and len(parameters) == 2:
                return value
            rounded = value.quantize(Decimal(1).scaleb(-digits), context=context)
            return fitted(rounded, returns, "decimal overflow: " + str(value))

        return convert

    return maker


@KERNELS()
def from_base(text: str, radix: int) -> int:
    _check_radix(radix)
    body = text.lower()
    if not re.fullmatch(r"[+-]?[0-9a-z]+", body) or any(c not in _DIGITS[:radix] for c in body.lstrip("+-")):
        raise KernelRefusal(f"Not a valid base-{radix} number: {text}")
    value = int(body, radix)
    if not -(2**63) <= value < 2**63:
        raise KernelRefusal(f"Not a valid base-{radix} number: {text}")
    return value


@KERNELS()
def to_base(value: int, radix: int) -> str:
    _check_radix(radix)
    rest, digits = abs(value), ""
    while True:
        rest, digit = divmod(rest, radix)
        digits = _DIGITS[digit] + digits
        if not rest:
            return ("-" if value < 0 else "") + digits


def _check_radix(radix: int) -> None:
    if not 2 <= radix <= 36:
        raise KernelRefusal("Radix must be between 2 and 36")


@KERNELS()
def bit_count(value: int, bits: int) -> int:
    if not 2 <= bits <= 64:
        raise KernelRefusal(f"Bits specified in bit_count must be between 2 and 64, got {bits}")
    if not -(2 ** (bits - 1)) <= value < 2 ** (bits - 1):
        raise KernelRefusal(
            f"Number must be representable with the bits specified. {value} cannot be represented with {bits} bits"
        )
    return (value & ((1 << bits) - 1)).bit_count()


@KERNELS()
def width_bucket(value: float, low: float, high: float, count: int) -> int:
    if count <= 0:
        raise KernelRefusal("bucketCount must be greater than 0")
    if math.isnan(value):
        raise KernelRefusal("operand must not be NaN")
    if not (math.isfinite(low) and math.isfinite(high)):
        raise KernelRefusal("first bound must be finite" if not math.isfinite(low) else "second bound must be finite")
    if low == high:
        raise KernelRefusal("bounds cannot equal each other")
    lower, upper = min(low, high), max(low, high)
    if value < lower:
        result = 0
    elif value >= upper:
        result = count + 1
    else:
        result = int(count * (value - lower) / (upper - lower)) + 1
    return result if low < high else count - result + 1


@KERNELS()
def width_bucket_bins(value: float, bins: list[float | None]) -> int:
    if not bins:
        raise KernelRefusal("Bins cannot be an empty array")
    if math.isnan(value):
        raise KernelRefusal("Operand cannot be NaN")
    lower, upper = 0, len(bins)
    while lower < upper:
        if any(b is None or not math.isfinite(b) for b in (bins[0], bins[-1])):
            raise KernelRefusal("Bin value must be finite")
        index = (lower + upper) // 2
        edge = bins[index]
        if edge is None or not math.isfinite(edge):
            raise KernelRefusal(f"Bin value must be finite, got {edge}")
        if (bins[lower] or 0) > (bins[upper - 1] or 0):
            raise KernelRefusal("Bin values are not sorted in ascending order")
        if value < edge:
            upper = index
        else:
            lower = index + 1
    return lower


@KERNELS()
def java_power(base: float, exponent: float) -> float:
    try:
        if base == 0 and exponent < 0:
            return math.copysign(math.inf, base) if exponent % 2 == 1 else math.inf
        return math.pow(base, exponent)
    except OverflowError:
        return -math.inf if base < 0 and exponent % 2 == 1 else math.inf
    except ValueError:
        return math.nan


def _logarithm(function: Callable[[float], float]) -> Callable[[float], float]:
    def convert(value: float) -> float:
        if math.isnan(value) or value < 0:
            return math.nan
        return -math.inf if value == 0 else function(value)

    return convert


KERNELS("ln")(_logarithm(math.log))


KERNELS("log2")(_logarithm(math.log2))


KERNELS("log10")(_logarithm(math.log10))


@KERNELS("log")
def log_base(base: float, value: float) -> float:
    top, bottom = _logarithm(math.log)(value), _logarithm(math.log)(base)
    if bottom == 0:
        return math.nan if top == 0 or math.isnan(top) else math.copysign(math.inf, top)
    return top / bottom


def _trigonometric(function: Callable[[float], float]) -> Callable[[float], float]:
    def convert(value: float) -> float:
        try:
            return function(value)
        except ValueError:
            return math.nan
        except OverflowError:
            return math.inf if value > 0 or function is math.cosh else (-math.inf if function is math.sinh else 0.0)

    return convert


@KERNELS()
def cbrt(value: float) -> float:
    return math.cbrt(value)


@KERNELS(volatile=True)
def random_below(low: int, high: int) -> int:
    import random

    if low >= high:
        raise KernelRefusal("start value must be less than stop value" if low else "bound must be positive")
    return random.randrange(low, high)


@KERNELS(volatile=True)
def random_double(low: float, high: float) -> float:
    import random

    return random.uniform(low, high)


def _signed(value: int, bits: int) -> int:
    value &= (1 << bits) - 1
    return value - (1 << bits) if value >> (bits - 1) else value


@KERNELS()
def bitwise_left_shift(value: int, count: int, bits: int) -> int:
    return 0 if count < 0 or count >= bits else _signed(value << count, bits)


@KERNELS()
def bitwise_right_shift(value: int, count: int, bits: int) -> int:
    return 0 if count < 0 or count >= bits else _signed((value & ((1 << bits) - 1)) >> count, bits)


@KERNELS()
def bitwise_right_shift_arithmetic(value: int, count: int, bits: int) -> int:
    if count < 0 or count >= bits:
        return 0 if value >= 0 else -1
    return value >> count


@KERNELS()
def floating_modulus(left: float, right: float) -> float:
    if right == 0 or math.isinf(left) or math.isnan(left) or math.isnan(right):
        return math.nan
    return math.fmod(left, right)


for _name, _mode in (("round", decimal.ROUND_HALF_UP), ("truncate", decimal.ROUND_DOWN),
                     ("ceiling", decimal.ROUND_CEILING), ("floor", decimal.ROUND_FLOOR)):  # fmt: skip
    KERNELS(f"decimal_{_name}", typed=True)(_decimal_rounding(_mode))


for _function in (math.acos, math.asin, math.atan, math.cos, math.cosh, math.sin, math.sinh, math.tan, math.tanh,
                  math.sqrt, math.exp):  # fmt: skip
    KERNELS(_function.__name__)(_trigonometric(_function))
