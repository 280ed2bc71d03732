"""Beta and t distributions."""

from __future__ import annotations

import math

from comotion.adapters.fake_dash.lake.kernels.registry import KernelRefusal, Kernels

KERNELS = Kernels()


def _incomplete_beta(a: float, b: float, x: float) -> float:
    """The regularised incomplete beta function, by its continued fraction."""
    if x <= 0 or x >= 1:
        return 0.0 if x <= 0 else 1.0
    front = math.exp(math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x))
    if x > (a + 1) / (a + b + 2):
        return 1 - front * _fraction(b, a, 1 - x) / b
    return front * _fraction(a, b, x) / a


def _fraction(a: float, b: float, x: float) -> float:
    tiny = 1e-300
    c, d = 1.0, 1 - (a + b) * x / (a + 1)
    d = 1 / (d if abs(d) > tiny else tiny)
    result = d
    for m in range(1, 1000):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for numerator in (even, odd):
            d = 1 + numerator * d
            d = 1 / (d if abs(d) > tiny else tiny)
            c = 1 + numerator / c
            c = c if abs(c) > tiny else tiny
            result *= d * c
        if abs(d * c - 1) < 1e-16:
            break
    return result


@KERNELS()
def beta_cdf(a: float, b: float, value: float) -> float:
    if not 0 <= value <= 1:
        raise KernelRefusal("value must be in the interval [0, 1]")
    if a <= 0 or b <= 0:
        raise KernelRefusal("a, b must be > 0")
    return _incomplete_beta(a, b, value)


@KERNELS()
def inverse_beta_cdf(a: float, b: float, probability: float) -> float:
    if not 0 <= probability <= 1:
        raise KernelRefusal("p must be in the interval [0, 1]")
    if a <= 0 or b <= 0:
        raise KernelRefusal("a, b must be > 0")
    low, high = 0.0, 1.0
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if _incomplete_beta(a, b, middle) < probability else (low, middle)
    return (low + high) / 2


@KERNELS()
def t_cdf(value: float, freedom: float) -> float:
    if freedom <= 0:
        raise KernelRefusal("df must be greater than 0")
    tail = _incomplete_beta(freedom / 2, 0.5, freedom / (freedom + value * value)) / 2
    return 1 - tail if value > 0 else tail


@KERNELS()
def t_pdf(value: float, freedom: float) -> float:
    if freedom <= 0:
        raise KernelRefusal("df must be greater than 0")
    front = math.lgamma((freedom + 1) / 2) - math.lgamma(freedom / 2) - 0.5 * math.log(freedom * math.pi)
    return math.exp(front - (freedom + 1) / 2 * math.log1p(value * value / freedom))
