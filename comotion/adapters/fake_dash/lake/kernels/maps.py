"""Maps: from lists and entries, and the aggregates that make them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from comotion.adapters.fake_dash.lake.kernels.comparison import frozen_key
from comotion.adapters.fake_dash.lake.kernels.registry import KernelRefusal, Kernels

KERNELS = Kernels()


def _gathered(pairs: Iterable[tuple[Any, Any]]) -> list[tuple[Any, list[Any]]]:
    """The values of each key, in the order of the keys; a NULL is no key."""
    found: dict[Any, tuple[Any, list[Any]]] = {}
    for key, value in pairs:
        if key is not None:
            found.setdefault(frozen_key(key), (key, []))[1].append(value)
    return list(found.values())


@KERNELS()
def array_histogram(items: list[Any]) -> list[tuple[Any, int]]:
    return [(key, len(found)) for key, found in _gathered((item, None) for item in items)]


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


def _entries(entries: list[dict[str, Any] | None]) -> Iterator[tuple[Any, Any]]:
    for entry in entries:
        if entry is None:
            raise KernelRefusal("map entry cannot be null")
        key, value = entry.values()
        if key is None:
            raise KernelRefusal("map key cannot be null")
        yield key, value


@KERNELS()
def map_from_entries(entries: list[dict[str, Any] | None]) -> list[tuple[Any, Any]]:
    found: list[tuple[Any, Any]] = []
    seen: set[Any] = set()
    for key, value in _entries(entries):
        if frozen_key(key) in seen:
            raise KernelRefusal(f"Duplicate keys ({key}) are not allowed")
        seen.add(frozen_key(key))
        found.append((key, value))
    return found


@KERNELS()
def multimap_from_entries(entries: list[dict[str, Any] | None]) -> list[tuple[Any, list[Any]]]:
    return _gathered(_entries(entries))


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
def map_agg(rows: list[dict[str, Any]] | None) -> list[tuple[Any, Any]] | None:
    return [(key, found[0]) for key, found in _gathered(_pairs(rows))] or None


@KERNELS(keep_null=True)
def multimap_agg(rows: list[dict[str, Any]] | None) -> list[tuple[Any, list[Any]]] | None:
    return _gathered(_pairs(rows)) or None


@KERNELS(keep_null=True)
def histogram(items: list[Any] | None) -> list[tuple[Any, int]] | None:
    return array_histogram(items or []) or None
