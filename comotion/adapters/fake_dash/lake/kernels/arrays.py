"""Arrays: sorting by a rule, sets of elements, positions, pieces, combinations."""

from __future__ import annotations

import functools
import itertools
import math
import random
from collections.abc import Callable
from typing import Any

from comotion.adapters.fake_dash.lake.kernels.comparison import equal, frozen_key, order
from comotion.adapters.fake_dash.lake.kernels.registry import KernelRefusal, Kernels
from comotion.adapters.fake_dash.lake.types import Type

KERNELS = Kernels()


# ---- equality and order ----------------------------------------------------------------------------------


# ---- sorting and combining -------------------------------------------------------------------------------


@KERNELS(typed=True)
def array_sort(parameters: tuple[Type, ...], returns: Type) -> Callable[[list[Any]], list[Any]]:
    kind = parameters[0].element

    def sort(items: list[Any]) -> list[Any]:
        present = [item for item in items if item is not None]
        return sorted(present, key=functools.cmp_to_key(lambda a, b: order(a, b, kind))) + [None] * (
            len(items) - len(present)
        )

    return sort


@KERNELS()
def array_sort_ranked(items: list[Any], size: int, ranks: list[int | None]) -> list[Any]:
    """Sorted by a comparison worked out beforehand for every pair."""

    def compare(left: int, right: int) -> int:
        found = ranks[left * size + right]
        if found is None:
            raise KernelRefusal("Lambda comparator must return either -1, 0, or 1")
        if found not in (-1, 0, 1):
            raise KernelRefusal("Lambda comparator must return either -1, 0, or 1")
        return found

    return [items[i] for i in sorted(range(size), key=functools.cmp_to_key(compare))]


def distinct(items: list[Any]) -> list[Any]:
    seen: set[Any] = set()
    out = []
    for item in items:
        key = frozen_key(item)
        if key not in seen:
            seen.add(key)
            out.append(item)
    return out


@KERNELS()
def array_distinct(items: list[Any]) -> list[Any]:
    return distinct(items)


@KERNELS()
def array_union(left: list[Any], right: list[Any]) -> list[Any]:
    return distinct([*left, *right])


@KERNELS()
def array_intersect(left: list[Any], right: list[Any]) -> list[Any]:
    # the service goes through the shorter side
    others = {frozen_key(item) for item in right}
    return [item for item in distinct(left) if frozen_key(item) in others]


@KERNELS()
def array_except(left: list[Any], right: list[Any]) -> list[Any]:
    others = {frozen_key(item) for item in right}
    return [item for item in distinct(left) if frozen_key(item) not in others]


@KERNELS(typed=True)
def array_remove(parameters: tuple[Type, ...], returns: Type) -> Callable[[list[Any], Any], list[Any]]:
    kind = parameters[1]
    return lambda items, gone: [item for item in items if item is None or equal(item, gone, kind) is not True]


@KERNELS(typed=True)
def array_position(parameters: tuple[Type, ...], returns: Type) -> Callable[..., int]:
    kind = parameters[1]

    def position(items: list[Any], wanted: Any, instance: int = 1) -> int:
        if instance == 0:
            raise KernelRefusal("array_position cannot take a 0-valued instance argument.")
        places = [i for i, item in enumerate(items, 1) if item is not None and equal(item, wanted, kind)]
        if instance > 0:
            return places[instance - 1] if instance <= len(places) else 0
        return places[instance] if -instance <= len(places) else 0

    return position


@KERNELS(typed=True)
def contains(parameters: tuple[Type, ...], returns: Type) -> Callable[[list[Any], Any], bool | None]:
    kind = parameters[1]

    def has(items: list[Any], wanted: Any) -> bool | None:
        found = [equal(item, wanted, kind) for item in items]
        return True if any(found) else None if None in found else False

    return has


@KERNELS(typed=True)
def arrays_overlap(parameters: tuple[Type, ...], returns: Type) -> Callable[[list[Any], list[Any]], bool | None]:
    def overlap(left: list[Any], right: list[Any]) -> bool | None:
        keys = {frozen_key(item) for item in left if item is not None}
        if any(frozen_key(item) in keys for item in right if item is not None):
            return True
        # the service says unknown where either side holds a NULL, unless a side is empty
        if left and right and (None in left or None in right):
            return None
        return False

    return overlap


@KERNELS()
def contains_sequence(items: list[Any], wanted: list[Any]) -> bool:
    keys, looked = [frozen_key(i) for i in items], [frozen_key(i) for i in wanted]
    return any(keys[i : i + len(looked)] == looked for i in range(len(keys) - len(looked) + 1))


def _extreme(sign: int) -> Callable[..., Any]:
    def maker(parameters: tuple[Type, ...], returns: Type) -> Callable[[list[Any]], Any]:
        kind = parameters[0].element

        def extreme(items: list[Any]) -> Any:
            if not items or any(item is None for item in items):
                return None
            present = [item for item in items if not (isinstance(item, float) and math.isnan(item))] or items
            return functools.reduce(lambda a, b: b if order(b, a, kind) * sign > 0 else a, present)

        return extreme

    return maker


KERNELS("array_max", typed=True)(_extreme(1))
KERNELS("array_min", typed=True)(_extreme(-1))


def _ranked(sign: int) -> Callable[..., Any]:
    def specialise(parameters: tuple[Type, ...], returns: Type) -> Callable[..., Any]:
        kind = parameters[0].element.parts[1]

        def compare(left: Any, right: Any) -> int:
            return sign * order(left["f1"], right["f1"], kind)

        def first(pairs: list[Any], count: int) -> list[Any] | None:
            keyed = [pair for pair in pairs if pair["f1"] is not None]
            return [pair["f0"] for pair in sorted(keyed, key=functools.cmp_to_key(compare))[:count]] or None

        return first

    return specialise


KERNELS("max_ranked", typed=True)(_ranked(-1))
KERNELS("min_ranked", typed=True)(_ranked(1))


@KERNELS(keep_null=True)
def largest(items: list[float | None] | None, count: int) -> list[float] | None:
    """The largest values first; a NaN counts as less than any number."""
    if count <= 0:
        raise KernelRefusal("third argument of max_n/min_n must be a positive integer")
    present = [item for item in items or [] if item is not None]
    return (
        sorted(present, key=lambda v: (not math.isnan(v), v if not math.isnan(v) else 0.0), reverse=True)[:count]
        or None
    )


@KERNELS()
def array_slice(items: list[Any], start: int, length: int) -> list[Any]:
    if length < 0:
        raise KernelRefusal("length must be greater than or equal to 0")
    if start == 0:
        raise KernelRefusal("SQL array indices start at 1")
    begin = start - 1 if start > 0 else len(items) + start
    return items[begin : begin + length] if begin >= 0 else []


@KERNELS()
def trim_array(items: list[Any], count: int) -> list[Any]:
    if count < 0:
        raise KernelRefusal("size must not be negative: " + str(count))
    if count > len(items):
        raise KernelRefusal(f"size must not exceed array cardinality {len(items)}: {count}")
    return items[: len(items) - count]


@KERNELS()
def repeat(count: int, item: Any) -> list[Any]:
    if count < 0:
        raise KernelRefusal("count argument of repeat function must be greater than or equal to 0")
    if count > 10000:
        raise KernelRefusal("count argument of repeat function must be less than or equal to 10000")
    return [item] * count


@KERNELS(keep_null=True)
def repeat_any(item: Any, count: int | None) -> list[Any] | None:
    return None if count is None else repeat(count, item)


@KERNELS()
def combinations(items: list[Any], size: int) -> list[list[Any]]:
    if size < 0:
        raise KernelRefusal("combination size must not be negative: " + str(size))
    if size > 5:
        raise KernelRefusal("combination size must not exceed 5: " + str(size))
    # the service counts in the order of the highest place
    places = sorted(itertools.combinations(range(len(items)), size), key=lambda one: one[::-1])
    if len(places) > 100_000:
        raise KernelRefusal("combinations exceed max size")
    return [[items[i] for i in one] for one in places]


@KERNELS()
def ngrams(items: list[Any], size: int) -> list[list[Any]]:
    if size <= 0:
        raise KernelRefusal("N must be positive")
    if size > len(items):
        return [items]
    return [items[i : i + size] for i in range(len(items) - size + 1)]


@KERNELS(volatile=True)
def shuffle(items: list[Any]) -> list[Any]:
    return random.sample(items, len(items))


@KERNELS()
def array_text(items: list[str | None], delimiter: str, instead: str | None = None) -> str:
    shown = [instead if item is None else item for item in items]
    return delimiter.join(one for one in shown if one is not None)


@KERNELS("concat_ws", keep_null=True)
def joined_with(separator: str | None, *items: str | None) -> str | None:
    return None if separator is None else separator.join(item for item in items if item is not None)


@KERNELS()
def concat_ws_array(separator: str, items: list[str | None]) -> str:
    return separator.join(item for item in items if item is not None)


# ---- maps ------------------------------------------------------------------------------------------------
