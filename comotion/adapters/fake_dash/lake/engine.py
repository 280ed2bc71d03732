"""The one DuckDB of the process: locked against files and network, one attached in-memory database a world."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Sequence
from functools import cache
from typing import Any

from comotion.adapters.fake_dash.lake.kernels.registry import Kernel, Limits, is_batchwise, kernel_named
from comotion.adapters.fake_dash.lake.types import Type, duck

_SETTINGS = (
    "SET enable_external_access = false",
    "SET autoinstall_known_extensions = false",
    "SET autoload_known_extensions = false",
    "SET allow_community_extensions = false",
    "SET python_enable_replacements = false",
    "SET GLOBAL TimeZone = 'UTC'",
    "SET GLOBAL order_by_non_integer_literal = true",  # a constant is a key that leaves the order alone
    "SET threads = 2",
    "SET lock_configuration = true",
)

_KEPT = 4096  # translations


class Engine:
    """A DuckDB that can reach nothing but the tables it was given.

    Kernels are registered once for each combination of types, when a translation first needs them.
    """

    def __init__(self) -> None:
        import duckdb

        self._root = duckdb.connect(":memory:")
        for setting in _SETTINGS:
            self._root.execute(setting)
        self._lock = threading.RLock()
        self._worlds = itertools.count(1)
        self._functions: dict[tuple[str, tuple[str, ...], str, bool], str] = {}
        self.translations: dict[Any, Any] = {}
        self.limits = Limits()

    def attach(self) -> str:
        """A new, empty database; its name."""
        name = f"world_{next(self._worlds)}"
        with self._lock:
            self._root.execute(f"ATTACH ':memory:' AS {name}")
        return name

    def detach(self, name: str) -> None:
        with self._lock:
            self._root.execute(f"DETACH {name}")

    def cursor(self) -> Any:
        """A connection of its own to the same engine."""
        return self._root.cursor()

    def remember(self, key: Any, translation: Any) -> None:
        """Keep a translation; when there are too many the oldest goes."""
        with self._lock:
            while len(self.translations) >= _KEPT:
                self.translations.pop(next(iter(self.translations)))
            self.translations[key] = translation

    def function(self, name: str, parameters: Sequence[Type], returns: Type, *, keep_null: bool = False) -> str:
        """The DuckDB name of a kernel for these types."""
        kernel = kernel_named(name)
        shown = (name, tuple(map(_shown, parameters)), _shown(returns), keep_null or kernel.keep_null)
        with self._lock:
            found = self._functions.get(shown)
            if found is None:
                found = f"{name}__{len(self._functions)}"
                self._register(found, kernel, parameters, returns, shown[3])
                self._functions[shown] = found
        return found

    def _register(self, name: str, kernel: Kernel, parameters: Sequence[Type], returns: Type, keep_null: bool) -> None:
        self._root.create_function(
            name,
            kernel.specialised(tuple(parameters), returns, keep_null=keep_null, limits=self.limits),
            [duck(p) for p in parameters],
            duck(returns),
            type="arrow" if is_batchwise(kernel, returns) else "native",
            null_handling="special",
            side_effects=kernel.volatile,
        )


def _shown(kind: Type) -> str:
    return f"{kind}/{kind.zone}" if kind.holds("timestamp with time zone") else str(kind)


@cache
def engine() -> Engine:
    """The process's engine, made when first needed."""
    return Engine()
