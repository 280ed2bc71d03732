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
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


@KERNELS()
def fail(message: str) -> Any:
    raise KernelRefusal(message)


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


# ---- decimals -------------------------------------------------------------------------------------------------


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


# ---- text as numbers ------------------------------------------------------------------------------------------


def _text_to_integer(kind: str, shown: str) -> Callable[[str], int]:
    def convert(text: str) -> int:
        if not re.fullmatch(r"[+-]?[0-9]+", text):
            raise KernelRefusal(f"Cannot cast '{text}' to {shown}", "INVALID_CAST_ARGUMENT")
        value = int(text)
        if not -(2 ** _BOUNDS[kind]) <= value < 2 ** _BOUNDS[kind]:
            raise KernelRefusal(f"Cannot cast '{text}' to {shown}", "INVALID_CAST_ARGUMENT")
        return value

    return convert


for _kind, _shown in (("tinyint", "TINYINT"), ("smallint", "SMALLINT"), ("integer", "INT"), ("bigint", "BIGINT")):
    KERNELS(f"cast_varchar_to_{_kind}")(_text_to_integer(_kind, _shown))

_FLOAT = re.compile(r"[+-]?(NaN|Infinity|((\d+\.?\d*|\.\d+)([eE][+-]?\d+)?)[fFdD]?)")


def _text_to_float(shown: str) -> Callable[[str], float]:
    def convert(text: str) -> float:
        stripped = text.strip()
        if not _FLOAT.fullmatch(stripped):
            raise KernelRefusal(f"Cannot cast '{text}' to {shown}", "INVALID_CAST_ARGUMENT")
        return float(stripped.rstrip("fFdD") if "nf" not in stripped else stripped)

    return convert


KERNELS("cast_varchar_to_double")(_text_to_float("DOUBLE"))
KERNELS("cast_varchar_to_real")(_text_to_float("REAL"))


@KERNELS(typed=True)
def cast_varchar_to_decimal(parameters: tuple[Type, ...], returns: Type) -> Callable[[str], Decimal]:
    precision, scale = returns.size

    def convert(text: str) -> Decimal:
        message = f"Cannot cast VARCHAR '{text}' to DECIMAL({precision}, {scale})."
        if not re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", text):
            raise KernelRefusal(message + " Value is not a number.", "INVALID_CAST_ARGUMENT")
        return fitted(Decimal(text), returns, message + " Value too large.")

    return convert


@KERNELS()
def cast_varchar_to_boolean(text: str) -> bool:
    lowered = text.lower()
    if lowered in ("t", "true", "1"):
        return True
    if lowered in ("f", "false", "0"):
        return False
    raise KernelRefusal(f"Cannot cast '{text}' to BOOLEAN", "INVALID_CAST_ARGUMENT")


@KERNELS()
def cast_varchar_to_uuid(text: str) -> str:
    if not re.fullmatch(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", text):
        raise KernelRefusal(f"Cannot cast value to UUID: {text}", "INVALID_CAST_ARGUMENT")
    return text.lower()


@KERNELS()
def cast_uuid_to_varbinary(value: Any) -> bytes:
    return bytes(value.bytes)


@KERNELS()
def cast_varbinary_to_uuid(value: bytes) -> str:
    import uuid

    if len(value) != 16:
        raise KernelRefusal(f"Invalid UUID binary length: {len(value)}", "INVALID_CAST_ARGUMENT")
    return str(uuid.UUID(bytes=bytes(value)))


@KERNELS()
def cast_varchar_to_ipaddress(text: str) -> str:
    import ipaddress

    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        raise KernelRefusal(f"Cannot cast value to IPADDRESS: {text}", "INVALID_CAST_ARGUMENT") from None
    mapped = getattr(found, "ipv4_mapped", None)
    return str(mapped or found)


# ---- functions ------------------------------------------------------------------------------------------------


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


for _name, _mode in (("round", decimal.ROUND_HALF_UP), ("truncate", decimal.ROUND_DOWN),
                     ("ceiling", decimal.ROUND_CEILING), ("floor", decimal.ROUND_FLOOR)):  # fmt: skip
    KERNELS(f"decimal_{_name}", typed=True)(_decimal_rounding(_mode))


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


for _function in (math.acos, math.asin, math.atan, math.cos, math.cosh, math.sin, math.sinh, math.tan, math.tanh,
                  math.sqrt, math.exp):  # fmt: skip
    KERNELS(_function.__name__)(_trigonometric(_function))


@KERNELS()
def cbrt(value: float) -> float:
    return math.cbrt(value)


@KERNELS()
def whole_days(millis: int) -> int:
    if millis % 86_400_000:
        raise KernelRefusal("Cannot add hour, minutes or seconds to a date")
    return millis // 86_400_000


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


@KERNELS()
def cosine_similarity(left: list[float | None], right: list[float | None]) -> float | None:
    pairs = list(zip(left, right, strict=False))
    if len(left) != len(right):
        raise KernelRefusal("The arguments must have the same length")
    if any(a is None or b is None for a, b in pairs):
        return None
    a = [float(x) for x in left if x is not None]
    b = [float(x) for x in right if x is not None]
    return _cosine(dict(enumerate(a)), dict(enumerate(b)))


@KERNELS()
def cosine_similarity_maps(left: dict[str, float], right: dict[str, float]) -> float | None:
    if any(v is None for v in (*left.values(), *right.values())):
        return None
    return _cosine(left, right)


def _cosine(left: dict[Any, float], right: dict[Any, float]) -> float | None:
    norms = math.sqrt(math.fsum(v * v for v in left.values())), math.sqrt(math.fsum(v * v for v in right.values()))
    if 0 in norms:
        return None
    return math.fsum(v * right.get(k, 0.0) for k, v in left.items()) / (norms[0] * norms[1])


@KERNELS()
def normal_cdf(mean: float, deviation: float, value: float) -> float:
    if deviation <= 0:
        raise KernelRefusal("standardDeviation must be > 0")
    return 0.5 * math.erfc(-(value - mean) / (deviation * math.sqrt(2)))


@KERNELS()
def inverse_normal_cdf(mean: float, deviation: float, probability: float) -> float:
    from statistics import NormalDist

    if not 0 < probability < 1:
        raise KernelRefusal("p must be 0 > p > 1")
    if deviation <= 0:
        raise KernelRefusal("sd must be > 0")
    return mean + deviation * NormalDist().inv_cdf(probability)


@KERNELS()
def wilson_lower(successes: int, trials: int, z: float) -> float:
    return _wilson(successes, trials, z, -1)


@KERNELS()
def wilson_upper(successes: int, trials: int, z: float) -> float:
    return _wilson(successes, trials, z, 1)


def _wilson(successes: int, trials: int, z: float, side: int) -> float:
    if successes < 0:
        raise KernelRefusal("number of successes must not be negative")
    if trials <= 0:
        raise KernelRefusal("number of trials must be positive")
    if successes > trials:
        raise KernelRefusal("number of successes must not be larger than number of trials")
    if z < 0:
        raise KernelRefusal("z-score must not be negative")
    p = successes / trials
    middle = p + z * z / (2 * trials)
    spread = z * math.sqrt(p * (1 - p) / trials + z * z / (4 * trials * trials))
    return (middle + side * spread) / (1 + z * z / trials)


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
def positive_offset(offset: int) -> int:
    if offset < 1:
        raise KernelRefusal("Offset must be at least 1")
    return offset


@KERNELS()
def floating_modulus(left: float, right: float) -> float:
    if right == 0 or math.isinf(left) or math.isnan(left) or math.isnan(right):
        return math.nan
    return math.fmod(left, right)


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
    return (Decimal(match[1]) * scale).quantize(Decimal(1), decimal.ROUND_DOWN)
