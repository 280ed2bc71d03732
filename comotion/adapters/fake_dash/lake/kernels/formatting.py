"""Numbers as Java writes them, and format_number()."""

from __future__ import annotations

from comotion.adapters.fake_dash.lake.kernels.registry import Kernels

KERNELS = Kernels()


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
