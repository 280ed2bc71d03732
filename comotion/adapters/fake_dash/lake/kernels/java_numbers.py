"""Numbers in format(): the conversions d, o, x, e, f and g of Java's String.format."""

from __future__ import annotations

import math
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any


def whole(value: int, letter: str, flags: str, width: int | None) -> str:
    """A bigint; o and x show the 64 bits."""
    if letter == "d":
        return _signed(f"{abs(value):,}" if "," in flags else str(abs(value)), value < 0, flags, width)
    body = format(value & (1 << 64) - 1, letter)
    head = {"o": "0", "x": "0x"}[letter] if "#" in flags else ""
    return head + (body.rjust((width or 0) - len(head), "0") if "0" in flags else body)


def fraction(value: Any, letter: str, flags: str, precision: int | None, width: int | None) -> str:
    """A double, real or decimal, rounded half up."""
    negative = math.copysign(1, value) < 0
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else _signed("Infinity", negative, flags.replace("0", ""), width)
    number = abs(Decimal(repr(value)) if isinstance(value, float) else Decimal(value))
    places = 6 if precision is None else precision
    if letter == "f":
        body = _plain(number, places, flags)
    elif letter == "e":
        body = _scientific(number, places, flags)
    else:
        body = _general(number, places or 1, flags)
    return _signed(body, negative, flags, width)


def _plain(number: Decimal, places: int, flags: str) -> str:
    rounded = number.quantize(Decimal(1).scaleb(-places), context=Context(400, ROUND_HALF_UP))
    body = f"{rounded:,f}" if "," in flags else f"{rounded:f}"
    return body + "." if "#" in flags and places == 0 else body


def _scientific(number: Decimal, places: int, flags: str) -> str:
    digits = Context(places + 1, ROUND_HALF_UP).plus(number)
    power = digits.adjusted() if digits else 0
    mantissa = _plain(digits.scaleb(-power), places, flags.replace(",", ""))
    return f"{mantissa}e{'-' if power < 0 else '+'}{abs(power):02d}"


def _general(number: Decimal, precision: int, flags: str) -> str:
    """As many digits as the precision says, without a power of ten where the number is from 0.0001 up to that size."""
    rounded = Context(precision, ROUND_HALF_UP).plus(number)
    if rounded and not -4 <= rounded.adjusted() < precision:
        return _scientific(number, precision - 1, flags)
    return _plain(number, precision - 1 - (rounded.adjusted() if rounded else 0), flags)


def _signed(body: str, negative: bool, flags: str, width: int | None) -> str:
    head = "-" if negative else "+" if "+" in flags else " " if " " in flags else ""
    tail = ""
    if negative and "(" in flags:
        head, tail = "(", ")"
    if "0" in flags:
        body = body.rjust((width or 0) - len(head) - len(tail), "0")
    return head + body + tail
