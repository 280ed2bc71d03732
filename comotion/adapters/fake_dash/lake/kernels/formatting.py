"""format(): Java's String.format for the conversions that have one meaning; numbers as Java writes them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from comotion.adapters.fake_dash.lake.kernels.registry import KernelRefusal, Kernels, KernelUnknown
from comotion.adapters.fake_dash.lake.types import Type

KERNELS = Kernels()


_SPEC = re.compile(r"%(?:(\d+)\$)?([-#+ 0,(<]*)(\d+)?(?:\.(\d+))?([tT])?([a-zA-Z%])")


@KERNELS("format", typed=True, keep_null=True)
def formatted(parameters: tuple[Type, ...], returns: Type) -> Callable[..., str | None]:
    """Java's String.format for the conversions that have one meaning."""

    def format_(pattern: str | None, *values: Any) -> str | None:
        if pattern is None:
            return None
        out, at, ordinary = [], 0, 0
        for found in _SPEC.finditer(pattern):
            out.append(pattern[at : found.start()])
            if "%" in out[-1]:
                raise KernelRefusal(f"Invalid format string: {pattern}")
            at = found.end()
            if found[6] == "%":
                out.append("%")
                continue
            if found[6] == "n":
                out.append("\n")
                continue
            index = int(found[1]) - 1 if found[1] else ordinary
            ordinary += 0 if found[1] else 1
            if index >= len(values):
                raise KernelRefusal(f"Invalid format string: {pattern} (Format specifier '{found[0]}')")
            out.append(_java_format(found, values[index], parameters[index + 1], pattern))
        if "%" in pattern[at:]:
            raise KernelRefusal(f"Invalid format string: {pattern}")
        return "".join([*out, pattern[at:]])

    return format_


def _java_format(found: re.Match[str], value: Any, kind: Type, pattern: str) -> str:
    flags, width, precision, time, letter = found[2] or "", found[3], found[4], found[5], found[6]
    if time:
        shown = _java_moment(letter, value, kind, pattern) if value is not None else "null"
        size = int(width or 0)
        shown = shown.upper() if time == "T" else shown
        return shown.ljust(size) if "-" in flags else shown.rjust(size)
    if letter in "aAhHgG":
        raise KernelUnknown(f"the conversion '{found[0]}' of format()")
    if letter in "sSbB" or value is None:
        shown = (
            _java_text(value, kind)
            if letter in "sS"
            else (
                "null"
                if value is None and letter not in "bB"
                else str(bool(value) if kind.base == "boolean" else value is not None).lower()
            )
        )
        shown = shown[: int(precision)] if precision else shown
        body = shown.upper() if letter in "SB" else shown
    elif letter in "dxXo":
        if not kind.is_integer or precision:
            raise KernelRefusal(f"Invalid format string: {pattern} ({letter} != {_java_class(kind)})")
        body = _java_integer(int(value), letter, flags, width, kind)
    elif letter in "eEf":
        if not (kind.is_floating or kind.base == "decimal"):
            raise KernelRefusal(f"Invalid format string: {pattern} ({letter} != {_java_class(kind)})")
        body = _java_float(value, letter, flags, int(precision) if precision else 6, width)
    elif letter in "cC":
        body = chr(value) if kind.base == "integer" else str(value)
    else:
        raise KernelRefusal(f"Invalid format string: {pattern} (Conversion = '{letter}')")
    size = int(width or 0)
    return body.ljust(size) if "-" in flags else body.rjust(size)


_JAVA_MOMENTS = {
    "A": "%A", "a": "%a", "B": "%B", "b": "%b", "h": "%b", "Y": "%Y", "y": "%y", "m": "%m", "d": "%d", "j": "%j",
    "H": "%H", "I": "%I", "M": "%M", "S": "%S", "F": "%Y-%m-%d", "D": "%m/%d/%y", "T": "%H:%M:%S", "R": "%H:%M",
}  # fmt: skip


_JAVA_NUMBERS: dict[str, Callable[[Any], str]] = {
    "e": lambda v: str(v.day), "k": lambda v: str(v.hour), "l": lambda v: str((v.hour - 1) % 12 + 1),
    "p": lambda v: "am" if v.hour < 12 else "pm", "L": lambda v: f"{v.microsecond // 1000:03d}",
}  # fmt: skip


def _java_moment(letter: str, value: Any, kind: Type, pattern: str) -> str:
    """A date or timestamp by one of Java's %t letters."""
    if kind.base not in ("date", "timestamp"):
        raise KernelRefusal(f"Invalid format string: {pattern} ({letter} != {_java_class(kind)})")
    if kind.base == "date" and letter in "HIMSTRpLklr":
        raise KernelRefusal(f"Invalid format string: {pattern} (Unsupported field)")
    if letter in _JAVA_NUMBERS:
        return _JAVA_NUMBERS[letter](value)
    if letter not in _JAVA_MOMENTS:
        raise KernelUnknown(f"the conversion '%t{letter}' of format()")
    return str(value.strftime(_JAVA_MOMENTS[letter]))


def _java_class(kind: Type) -> str:
    return {
        "varchar": "java.lang.String",
        "double": "java.lang.Double",
        "bigint": "java.lang.Long",
        "integer": "java.lang.Integer",
        "decimal": "java.math.BigDecimal",
        "boolean": "java.lang.Boolean",
    }.get(kind.base, kind.base)


def _java_text(value: Any, kind: Type) -> str:
    if value is None:
        return "null"
    if kind.base == "boolean":
        return str(value).lower()
    if kind.is_floating:
        return java_double(value)
    if kind.base in ("varchar", "char", "decimal", "date", "json", "uuid") or kind.is_integer:
        return str(value)
    if kind.base == "timestamp":
        text: str = value.isoformat()
        return text.removesuffix(":00") if value.second == 0 and value.microsecond == 0 else text
    raise KernelUnknown(f"format() of {kind}")


def java_double(value: float) -> str:
    """Double.toString."""
    import math
    from decimal import Decimal

    if math.isnan(value) or math.isinf(value):
        return "NaN" if math.isnan(value) else ("Infinity" if value > 0 else "-Infinity")
    if value == 0 or 1e-3 <= abs(value) < 1e7:
        plain = f"{Decimal(repr(value)):f}"
        return plain if "." in plain else plain + ".0"
    sign, digits, exponent = Decimal(repr(value)).as_tuple()
    assert isinstance(exponent, int)
    body = "".join(map(str, digits)).rstrip("0")
    return f"{'-' if sign else ''}{body[0]}.{body[1:] or '0'}E{exponent + len(digits) - 1}"


def _java_integer(value: int, letter: str, flags: str, width: str | None, kind: Type) -> str:
    if letter == "d":
        return _signed(f"{abs(value):,}" if "," in flags else str(abs(value)), value < 0, flags, width)
    bits = {"tinyint": 8, "smallint": 16, "integer": 32}.get(kind.base, 64)
    unsigned = value & ((1 << bits) - 1)
    body = f"{unsigned:o}" if letter == "o" else f"{unsigned:x}"
    body = ("0" if letter == "o" else "0x") + body if "#" in flags else body
    body = body.rjust(int(width or 0), "0") if "0" in flags else body
    return body.upper() if letter == "X" else body


def _signed(body: str, negative: bool, flags: str, width: str | None) -> str:
    head = "-" if negative else "+" if "+" in flags else " " if " " in flags else ""
    tail = ""
    if negative and "(" in flags:
        head, tail = "(", ")"
    if "0" in flags:
        body = body.rjust(int(width or 0) - len(head) - len(tail), "0")
    return head + body + tail


def _java_float(value: Any, letter: str, flags: str, places: int, width: str | None) -> str:
    import math
    from decimal import ROUND_HALF_UP, Context, Decimal

    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else ("Infinity" if value > 0 else "-Infinity")
    number = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    if letter == "f":
        rounded = abs(number).quantize(Decimal(1).scaleb(-places), context=Context(400, ROUND_HALF_UP))
        body = f"{rounded:,f}" if "," in flags else f"{rounded:f}"
    else:
        digits = Context(places + 1, ROUND_HALF_UP).plus(abs(number))
        power = digits.adjusted() if digits else 0
        mantissa = digits.scaleb(-power).quantize(Decimal(1).scaleb(-places), context=Context(400, ROUND_HALF_UP))
        body = f"{mantissa:f}{letter}{'-' if power < 0 else '+'}{abs(power):02d}"
    return _signed(body, number < 0 or (isinstance(value, float) and math.copysign(1, value) < 0), flags, width)


@KERNELS()
def format_number(value: float) -> str:
    return _format_number(value)


def _format_number(value: float) -> str:
    units = ("", "K", "M", "B", "T", "Q")
    index, rest = 0, value
    while abs(rest) >= 1000 and index < len(units) - 1:
        rest, index = rest / 1000, index + 1
    from decimal import ROUND_HALF_UP, Decimal

    places = 2 if abs(rest) < 10 else 1 if abs(rest) < 100 else 0
    shown = Decimal(repr(float(rest))).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    text = f"{shown:f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text) + units[index]
