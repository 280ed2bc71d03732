"""Arrays, maps and rows: comparison with NULLs inside, sorting by a rule, combinations, maps from lists."""

from __future__ import annotations

import datetime as dt
import functools
import itertools
import math
import random
from collections.abc import Callable
from typing import Any

from comotion.adapters.fake_dash.lake.kernels.registry import KernelRefusal, Kernels, KernelUnknown
from comotion.adapters.fake_dash.lake.types import Type

KERNELS = Kernels()


# ---- equality and order -------------------------------------------------------------------------------------------


def equal(left: Any, right: Any, kind: Type) -> bool | None:
    """SQL's equality: unknown where a NULL inside decides."""
    if left is None or right is None:
        return None
    if kind.base == "array":
        if len(left) != len(right):
            return False
        return _all_equal((equal(a, b, kind.element) for a, b in zip(left, right, strict=True)))
    if kind.base == "row":
        return _all_equal(
            equal(a, b, part) for a, b, part in zip(left.values(), right.values(), kind.parts, strict=True)
        )
    if kind.base == "map":
        if left.keys() != right.keys():
            return False
        return _all_equal(equal(left[key], right[key], kind.value) for key in left)
    if kind.is_zoned:
        return bool(left["t"] == right["t"])
    return bool(left == right)


def _all_equal(found: Any) -> bool | None:
    unknown = False
    for one in found:
        if one is False:
            return False
        unknown = unknown or one is None
    return None if unknown else True


@KERNELS(typed=True)
def nested_equal(parameters: tuple[Type, ...], returns: Type) -> Callable[[Any, Any], bool | None]:
    return lambda left, right: equal(left, right, parameters[0])


@KERNELS(typed=True)
def nested_not_equal(parameters: tuple[Type, ...], returns: Type) -> Callable[[Any, Any], bool | None]:
    def unequal(left: Any, right: Any) -> bool | None:
        found = equal(left, right, parameters[0])
        return None if found is None else not found

    return unequal


def order(left: Any, right: Any, kind: Type) -> int:
    """Which of two values comes first; a NULL inside is refused as Trino refuses it."""
    if left is None or right is None:
        raise KernelRefusal(
            f"{'Array' if kind.base == 'array' else 'row'} comparison not supported for {'arrays' if kind.base == 'array' else 'fields'} with null elements",
            "NOT_SUPPORTED",
        )
    if kind.base == "array":
        for a, b in zip(left, right, strict=False):
            _no_null(a, b, "ARRAY comparison not supported for arrays with null elements")
            found = order(a, b, kind.element)
            if found:
                return found
        return (len(left) > len(right)) - (len(left) < len(right))
    if kind.base == "row":
        for a, b, part in zip(left.values(), right.values(), kind.parts, strict=True):
            _no_null(a, b, "ROW comparison not supported for rows with null elements")
            found = order(a, b, part)
            if found:
                return found
        return 0
    if kind.is_zoned:
        left, right = left["t"], right["t"]
    if isinstance(left, float):
        left, right = _nan_last(left), _nan_last(right)
    return int(left > right) - int(left < right)


def _no_null(left: Any, right: Any, message: str) -> None:
    if left is None or right is None:
        raise KernelRefusal(message, "NOT_SUPPORTED")


def _nan_last(value: float) -> tuple[bool, float]:
    return (True, 0.0) if math.isnan(value) else (False, value)


@KERNELS(typed=True)
def nested_compare(parameters: tuple[Type, ...], returns: Type) -> Callable[[Any, Any], int]:
    return lambda left, right: order(left, right, parameters[0])


def frozen_key(value: Any) -> Any:
    """A value as something that can be looked up; NaN is itself."""
    if isinstance(value, list):
        return ("list", tuple(frozen_key(item) for item in value))
    if isinstance(value, dict):
        return ("dict", tuple((frozen_key(k), frozen_key(v)) for k, v in value.items()))
    if isinstance(value, float):
        return "NaN" if math.isnan(value) else value + 0.0
    if isinstance(value, bytearray | memoryview):
        return bytes(value)
    return (type(value).__name__, value) if isinstance(value, bool) else value


# ---- sorting and combining --------------------------------------------------------------------------------------


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


@KERNELS()
def sequence(start: int, stop: int, step: int) -> list[int]:
    _check_steps(start, stop, step)
    return list(range(start, stop + (1 if step > 0 else -1), step))


def _check_steps(start: Any, stop: Any, step: int) -> None:
    if step == 0:
        raise KernelRefusal("step must not be zero")
    if (step > 0 and stop < start) or (step < 0 and stop > start):
        raise KernelRefusal(
            "sequence stop value should be greater than or equal to start value if step is greater than zero otherwise stop should be less than or equal to start"
        )
    if isinstance(start, int) and abs(stop - start) // abs(step) + 1 > 10_000:
        raise KernelRefusal("result of sequence function must not have more than 10000 entries")


@KERNELS()
def sequence_dates(start: dt.date, stop: dt.date, millis: int) -> list[dt.date]:
    if millis % 86_400_000:
        raise KernelRefusal("sequence step must be a day interval if start and end values are dates")
    return [dt.date.fromordinal(n) for n in sequence(start.toordinal(), stop.toordinal(), millis // 86_400_000)]


@KERNELS()
def sequence_date_months(start: dt.date, stop: dt.date, months: int) -> list[dt.date]:
    found = sequence_moment_months(dt.datetime.combine(start, dt.time()), dt.datetime.combine(stop, dt.time()), months)
    return [one.date() for one in found]


@KERNELS()
def sequence_moments(start: dt.datetime, stop: dt.datetime, millis: int) -> list[dt.datetime]:
    _check_steps(start, stop, millis)
    step = dt.timedelta(milliseconds=millis)
    count = (stop - start) // step
    if count >= 10_000:
        raise KernelRefusal("result of sequence function must not have more than 10000 entries")
    return [start + step * n for n in range(count + 1)]


@KERNELS()
def sequence_moment_months(start: dt.datetime, stop: dt.datetime, months: int) -> list[dt.datetime]:
    from comotion.adapters.fake_dash.lake.kernels.moments import plus_months

    _check_steps(start, stop, months)
    found: list[dt.datetime] = []
    for number in itertools.count():
        one = plus_months(start, months * number)
        if (months > 0 and one > stop) or (months < 0 and one < stop):
            return found
        found.append(one)
        if len(found) > 10_000:
            raise KernelRefusal("result of sequence function must not have more than 10000 entries")
    return found


@KERNELS()
def array_histogram(items: list[Any]) -> dict[Any, int]:
    found: dict[Any, int] = {}
    for item in items:
        if item is not None:
            found[_hashable(item)] = found.get(_hashable(item), 0) + 1
    return found


# ---- maps ---------------------------------------------------------------------------------------------------------


def _hashable(key: Any) -> Any:
    """DuckDB hands lists and rows over as lists and dicts, which no dict can key."""
    if isinstance(key, list | dict):
        raise KernelUnknown("maps keyed by arrays or rows")
    return key


@KERNELS()
def map_from_lists(keys: list[Any], values: list[Any]) -> list[tuple[Any, Any]]:
    if len(keys) != len(values):
        raise KernelRefusal("Key and value arrays must be the same length")
    seen: set[Any] = set()
    for key in keys:
        if key is None:
            raise KernelRefusal("map key cannot be null")
        if frozen_key(key) in seen:
            raise KernelRefusal(f"Duplicate map keys ({key}) are not allowed")
        seen.add(frozen_key(key))
    return list(zip(keys, values, strict=True))


@KERNELS()
def map_from_entries(entries: list[dict[str, Any] | None]) -> list[tuple[Any, Any]]:
    found: list[tuple[Any, Any]] = []
    seen: set[Any] = set()
    for entry in entries:
        if entry is None:
            raise KernelRefusal("map entry cannot be null")
        key, value = entry.values()
        if key is None:
            raise KernelRefusal("map key cannot be null")
        if frozen_key(key) in seen:
            raise KernelRefusal(f"Duplicate keys ({key}) are not allowed")
        seen.add(frozen_key(key))
        found.append((key, value))
    return found


@KERNELS()
def multimap_from_entries(entries: list[dict[str, Any] | None]) -> dict[Any, list[Any]]:
    found: dict[Any, list[Any]] = {}
    for entry in entries:
        if entry is None:
            raise KernelRefusal("map entry cannot be null")
        key, value = entry.values()
        if key is None:
            raise KernelRefusal("map key cannot be null")
        found.setdefault(_hashable(key), []).append(value)
    return found


@KERNELS()
def map_entries(found: dict[Any, Any]) -> list[dict[str, Any]]:
    return [{"f0": key, "f1": value} for key, value in found.items()]


@KERNELS("map_concat")
def map_concat(*maps: dict[Any, Any]) -> dict[Any, Any]:
    found: dict[Any, Any] = {}
    for one in maps:
        found.update(one)
    return found


@KERNELS(keep_null=True)
def map_union(maps: list[Any] | None) -> list[tuple[Any, Any]] | None:
    if maps is None or all(one is None for one in maps):
        return None
    found: dict[Any, tuple[Any, Any]] = {}
    for one in maps:
        for key, value in one.items() if isinstance(one, dict) else one or ():
            found.setdefault(frozen_key(key), (key, value))
    return list(found.values())


def _pairs(rows: list[dict[str, Any]] | None) -> list[tuple[Any, Any]]:
    return [tuple(row.values()) for row in rows or []]


@KERNELS(keep_null=True)
def map_agg(rows: list[dict[str, Any]] | None) -> dict[Any, Any] | None:
    found: dict[Any, Any] = {}
    for key, value in _pairs(rows):
        if key is not None:
            found.setdefault(_hashable(key), value)
    return found if rows and found else None


@KERNELS(keep_null=True)
def multimap_agg(rows: list[dict[str, Any]] | None) -> dict[Any, list[Any]] | None:
    found: dict[Any, list[Any]] = {}
    for key, value in _pairs(rows):
        if key is not None:
            found.setdefault(_hashable(key), []).append(value)
    return found if rows and found else None


@KERNELS(keep_null=True)
def histogram(items: list[Any] | None) -> dict[Any, int] | None:
    return array_histogram(items) if items else None
