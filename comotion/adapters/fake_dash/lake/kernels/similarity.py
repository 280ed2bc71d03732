"""Likeness of vectors, normal and Wilson intervals."""

from __future__ import annotations

import math
from typing import Any

from comotion.adapters.fake_dash.lake.kernels.registry import KernelRefusal, Kernels

KERNELS = Kernels()


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
