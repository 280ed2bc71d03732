"""Aggregates over a list of values: exact sums of doubles, moments, sketches, frequent values."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

from comotion.adapters.fake_dash.lake.kernels.numbers import _WIDE, fitted
from comotion.adapters.fake_dash.lake.kernels.registry import KernelRefusal, Kernels, KernelUnknown
from comotion.adapters.fake_dash.lake.types import Type

KERNELS = Kernels()


def _over_lists(function: Callable[[Any], Any]) -> Callable[..., Any]:
    """An Arrow function that gives each list, without its NULLs, to a function of a numpy array."""

    def maker(parameters: tuple[Type, ...], returns: Type) -> Callable[[Any], Any]:
        import pyarrow as pa

        from comotion.adapters.fake_dash.lake.arrow_types import to_arrow

        def vectorised(lists: Any) -> Any:
            lists = lists.combine_chunks() if isinstance(lists, pa.ChunkedArray) else lists
            out = []
            for one in lists:
                values = one.values.drop_null() if one.is_valid else None
                out.append(
                    function(values.to_numpy(zero_copy_only=False)) if values is not None and len(values) else None
                )
            return pa.array(out, to_arrow(returns))

        return vectorised

    return maker


def exact_sum(values: Any) -> float:
    """The sum as if with unlimited precision, rounded once; infinities and NaN as IEEE has them."""
    try:
        return math.fsum(values)
    except (OverflowError, ValueError):
        total = 0.0
        for value in values:
            total += float(value)
        return total


KERNELS("exact_sum", typed=True, vectorised=True, keep_null=True)(_over_lists(exact_sum))
KERNELS("exact_avg", typed=True, vectorised=True, keep_null=True)(_over_lists(lambda v: exact_sum(v) / len(v)))


def _power_sum(values: Any, power: int) -> float:
    mean = exact_sum(values) / len(values)
    return math.fsum((float(v) - mean) ** power for v in values)


def _skewness(values: Any) -> float | None:
    if len(values) < 3:
        return None
    spread = _power_sum(values, 2)
    return math.sqrt(len(values)) * _power_sum(values, 3) / spread**1.5 if spread else math.nan


def _kurtosis(values: Any) -> float | None:
    n = len(values)
    if n < 4:
        return None
    variance = _power_sum(values, 2) / (n - 1)
    if not variance:
        return math.nan
    scaled = n * (n + 1) / ((n - 1) * (n - 2) * (n - 3)) * _power_sum(values, 4) / variance**2
    return scaled - 3 * (n - 1) ** 2 / ((n - 2) * (n - 3))


def _geometric_mean(values: Any) -> float:
    if any(v < 0 or math.isnan(v) for v in values):
        return math.nan
    if any(v == 0 for v in values):
        return 0.0
    return math.exp(math.fsum(math.log(v) for v in values) / len(values))


def _entropy(values: Any) -> float:
    if any(v < 0 for v in values):
        raise KernelRefusal("Entropy count argument must be non-negative")
    total = math.fsum(values)
    if not total:
        return 0.0
    return -math.fsum(v / total * math.log2(v / total) for v in map(float, values) if v) + 0.0


for _name, _function in (("skewness", _skewness), ("kurtosis", _kurtosis), ("geometric_mean", _geometric_mean),
                         ("entropy", _entropy)):  # fmt: skip
    KERNELS(_name, typed=True, vectorised=True, keep_null=True)(_over_lists(_function))


@KERNELS(typed=True, keep_null=True)
def decimal_avg(parameters: tuple[Type, ...], returns: Type) -> Callable[[Decimal | None, int], Decimal | None]:
    def average(total: Decimal | None, count: int) -> Decimal | None:
        return (
            None
            if total is None or not count
            else fitted(_WIDE.divide(total, Decimal(count)), returns, "Decimal overflow")
        )

    return average


# ---- frequent values and histograms ----------------------------------------------------------------------


@KERNELS(keep_null=True)
def frequent(items: list[Any] | None, buckets: int) -> dict[Any, int] | None:
    if buckets < 2:
        raise KernelRefusal(
            "approx_most_frequent bucket count must be greater than one, input bucket count: " + str(buckets)
        )
    counts: dict[Any, int] = {}
    for item in items or []:
        if item is not None:
            counts[item] = counts.get(item, 0) + 1
    best = sorted(counts.items(), key=lambda pair: -pair[1])[:buckets]
    return dict(best) if best else None


@KERNELS(keep_null=True)
def numeric_histogram(pairs: list[dict[str, Any]] | None, buckets: int) -> dict[float, float] | None:
    if buckets < 2:
        raise KernelRefusal("numeric_histogram bucket count must be greater than one")
    kept: list[tuple[float, float]] = []
    for chunk in _batched(pairs or [], 100):
        kept = _compacted([*kept, *((p["v"], p["w"]) for p in chunk if p["v"] is not None)], buckets)
    return dict(kept) if kept else None


def _batched(items: list[Any], size: int) -> list[list[Any]]:
    return [items[i : i + size] for i in range(0, len(items), size)]


def _compacted(pairs: list[tuple[float, float]], buckets: int) -> list[tuple[float, float]]:
    """As many pairs of value and weight as there are buckets: the two that cost least become one."""
    merged: list[tuple[float, float]] = []
    for value, weight in sorted(pairs):
        if merged and merged[-1][0] == value:
            merged[-1] = (value, merged[-1][1] + weight)
        else:
            merged.append((value, weight))
    while len(merged) > buckets:
        costs = [_cost(a, b) for a, b in itertools.pairwise(merged)]
        at = costs.index(min(costs))
        (v1, w1), (v2, w2) = merged[at : at + 2]
        merged[at : at + 2] = [((v1 * w1 + v2 * w2) / (w1 + w2), w1 + w2)]
    return merged


def _cost(left: tuple[float, float], right: tuple[float, float]) -> float:
    weight = left[1] + right[1]
    return weight * (left[0] - right[0]) ** 2 * (left[1] * right[1]) / weight**2


# ---- percentiles -----------------------------------------------------------------------------------------


def percentile(sorted_values: list[float], weights: list[float] | None, share: float) -> float:
    """The value under which a share of the weight lies, between neighbours where it falls between."""
    if weights is None:
        place = share * (len(sorted_values) - 1)
        low = math.floor(place)
        high = min(low + 1, len(sorted_values) - 1)
        return sorted_values[low] + (sorted_values[high] - sorted_values[low]) * (place - low)
    total, running = math.fsum(weights), 0.0
    for value, weight in zip(sorted_values, weights, strict=True):
        running += weight
        if running >= share * total:
            return value
    return sorted_values[-1]


def _weighed(values: Iterable[Any], weights: Iterable[float | None]) -> list[tuple[float, float]]:
    """The values that a t-digest takes, with their weights."""
    pairs = [(float(v), w) for v, w in zip(values, weights, strict=False) if v is not None and w is not None]
    for value, weight in pairs:
        if not math.isfinite(value):
            raise KernelRefusal("value is NaN" if math.isnan(value) else "value must be finite")
        if not weight >= 1:
            raise KernelRefusal("weight must be >= 1")
    return pairs


@KERNELS("approx_percentile", typed=True, keep_null=True)
def approx_percentile(parameters: tuple[Type, ...], returns: Type) -> Callable[..., Any]:
    element = returns.element if returns.base == "array" else returns

    def result(value: float) -> Any:
        return math.floor(value + 0.5) if element.is_integer else value

    def convert(values: list[Any] | None, weights: list[Any] | None, shares: Any) -> Any:
        pairs = _weighed(values or [], weights or itertools.repeat(1.0))
        if not pairs or shares is None:
            return None
        pairs.sort(key=lambda pair: pair[0])
        ordered = [v for v, _ in pairs]
        weighing = [w for _, w in pairs] if weights else None
        wanted = shares if isinstance(shares, list) else [shares]
        for share in wanted:
            if share is None or not 0 <= share <= 1:
                raise KernelRefusal("Percentile must be between 0 and 1")
        found = [result(percentile(ordered, weighing, share)) for share in wanted]
        return found if isinstance(shares, list) else found[0]

    return convert


# ---- tdigest and qdigest: the values themselves, so nothing is lost --------------------------------------


@KERNELS()
def tdigest_made(values: list[float | None], weights: list[float | None]) -> list[dict[str, float]] | None:
    pairs = _weighed(values, weights)
    return [{"v": v, "w": w} for v, w in sorted(pairs)] or None


@KERNELS()
def tdigest_merged(digests: list[list[dict[str, float]] | None]) -> list[dict[str, float]] | None:
    merged = [pair for one in digests for pair in one or []]
    return sorted(merged, key=lambda pair: (pair["v"], pair["w"])) or None


@KERNELS()
def tdigest_scaled(digest: list[dict[str, float]], factor: float) -> list[dict[str, float]]:
    if factor <= 0:
        raise KernelRefusal("Scale factor should be positive.")
    return [{"v": pair["v"], "w": pair["w"] * factor} for pair in digest]


@KERNELS()
def tdigest_value(digest: list[dict[str, float]], share: float) -> float:
    """The value at a share of the weight, as a t-digest of single values gives it."""
    if not 0 <= share <= 1:
        raise KernelRefusal("Quantile should be within bounds [0, 1], was: " + str(share))
    total = math.fsum(pair["w"] for pair in digest)
    if len(digest) == 1:
        return digest[0]["v"]
    index = share * total
    if index < 1:
        return digest[0]["v"]
    if index > total - 1:
        return digest[-1]["v"]
    reached = digest[0]["w"] / 2
    for left, right in itertools.pairwise(digest):
        step = (left["w"] + right["w"]) / 2
        if reached + step > index:
            return _between(left, right, index - reached, reached + step - index)
        reached += step
    return digest[-1]["v"]


def _between(left: dict[str, float], right: dict[str, float], after: float, before: float) -> float:
    left_unit = right_unit = 0.0
    if left["w"] == 1:
        if after < 0.5:
            return left["v"]
        left_unit = 0.5
    if right["w"] == 1:
        if before <= 0.5:
            return right["v"]
        right_unit = 0.5
    z1, z2 = after - left_unit, before - right_unit
    return (left["v"] * z2 + right["v"] * z1) / (z1 + z2)


@KERNELS()
def tdigest_values(digest: list[dict[str, float]], shares: list[float]) -> list[float]:
    return [tdigest_value(digest, share) for share in shares]


@KERNELS()
def qdigest_sorted(values: list[Any], weights: list[int | None]) -> list[Any] | None:
    found: list[Any] = []
    for value, weight in zip(values, weights, strict=True):
        if value is not None and weight is not None:
            if not 0 < weight <= 100_000:
                raise (
                    KernelRefusal("weight must be > 0")
                    if weight <= 0
                    else KernelUnknown("qdigest weights above 100000")
                )
            found += [value] * weight
    return sorted(found) or None


@KERNELS()
def qdigest_merged(digests: list[list[Any] | None]) -> list[Any] | None:
    return sorted(value for one in digests for value in one or []) or None


@KERNELS()
def qdigest_value(digest: list[Any], share: float) -> Any:
    if not 0 <= share <= 1:
        raise KernelRefusal("Quantile should be within bounds [0, 1], was: " + str(share))
    return digest[min(math.floor(share * len(digest)), len(digest) - 1)]


@KERNELS()
def qdigest_values(digest: list[Any], shares: list[float]) -> list[Any]:
    return [qdigest_value(digest, share) for share in shares]


@KERNELS()
def qdigest_share(digest: list[Any], value: Any) -> float | None:
    if not digest or value < digest[0] or value > digest[-1]:
        return None
    return sum(1 for one in digest if one < value) / len(digest)


@KERNELS()
def hashes_merged(sets: list[list[int] | None]) -> list[int]:
    return sorted({one for found in sets for one in found or []})


@KERNELS()
def hashes_shared(left: list[int], right: list[int]) -> float:
    union = len(set(left) | set(right))
    return len(set(left) & set(right)) / union if union else 0.0


@KERNELS(typed=True)
def decimal_checked(parameters: tuple[Type, ...], returns: Type) -> Callable[[Decimal], Decimal]:
    return lambda value: fitted(value, returns, "Decimal overflow")


_LISTAGG_BYTES = 1_048_576


@KERNELS()
def listagg(items: list[str], separator: str, overflow: str) -> str | None:
    """The texts joined; beyond a mebibyte it is refused, or cut where the call says so."""
    joined = separator.join(items)
    if len(joined.encode()) <= _LISTAGG_BYTES:
        return joined if items else None
    if not overflow:
        message = f"Concatenated string has the length in bytes larger than the maximum output length {_LISTAGG_BYTES}"
        raise KernelRefusal(message, "EXCEEDED_FUNCTION_MEMORY_LIMIT")
    size = 0
    kept: list[str] = []
    for item in items:
        size += len(item.encode()) + (len(separator.encode()) if kept else 0)
        if size > _LISTAGG_BYTES:
            break
        kept.append(item)
    left = f"({len(items) - len(kept)})" if overflow[0] == "+" else ""
    return separator.join([*kept, overflow[1:]]) + left
