"""How a Python function becomes a kernel: by name, plain, batch-wise, or made for the types at hand."""

from __future__ import annotations

import functools
import importlib
import inspect
import threading
from collections.abc import Callable
from typing import Any, TypeVar

from attrs import frozen

from comotion.adapters.fake_dash.lake.arrow_types import held_arrow
from comotion.adapters.fake_dash.lake.types import Type
from comotion.adapters.fake_dash.lake.unforeseen import said

F = TypeVar("F", bound=Callable[..., Any])
MARK_START, MARK_END = "\u2039", "\u203a"
LIMIT = "LIMIT_OF_THE_FAKE"

_MODULES = (
    "arrays", "calendar", "comparison", "digests", "distributions", "formats", "formatting", "java_formats",
    "json_answers", "json_casts", "jsonvalues", "maps", "mathematics", "moments", "number_texts", "numbers", "patterns",
    "sequences", "similarity", "stemming", "sums", "texts", "urls",
)  # fmt: skip


class KernelRefusal(ValueError):
    """A kernel refuses its input; the text travels through DuckDB between two marks."""

    def __init__(self, message: str, kind: str = "INVALID_FUNCTION_ARGUMENT") -> None:
        super().__init__(f"{MARK_START}{kind}|{message}{MARK_END}")
        self.message = message
        self.kind = kind


class KernelUnknown(Exception):
    """Trino would answer and this fake cannot; not even TRY may hide that, nor anybody who catches a ValueError."""

    def __init__(self, feature: str) -> None:
        super().__init__(f"{MARK_START}{LIMIT}|{feature}{MARK_END}")
        self.feature = feature


class Limits:
    """The features that kernels met and do not know, whichever query called them."""

    def __init__(self) -> None:
        self.met = 0
        self.last = ""
        self._lock = threading.Lock()

    def note(self, feature: str) -> None:
        with self._lock:
            self.met += 1
            self.last = feature


@frozen
class Kernel:
    """A Python function that DuckDB calls.

    `typed` kernels are makers: called with the parameter types and the result type, they return the function.
    `vectorised` kernels take and return Arrow arrays.
    """

    name: str
    function: Callable[..., Any]
    typed: bool = False
    vectorised: bool = False
    volatile: bool = False
    keep_null: bool = False

    def specialised(self, parameters: tuple[Type, ...], returns: Type, *, keep_null: bool,
                    limits: Limits) -> Callable[..., Any]:  # fmt: skip
        """The function as DuckDB calls it; what it does not know is noted in `limits`."""
        made = self.function(parameters, returns) if self.typed else self.function
        if self.vectorised:
            return _noting(self.name, made, limits)
        guarded = made if keep_null else _null_in_null_out(made)
        if is_batchwise(self, returns):
            guarded = _batchwise(guarded, parameters, returns)
        return _of_arity(_noting(self.name, guarded, limits), len(parameters))


class Kernels:
    """The kernels of one module."""

    def __init__(self) -> None:
        self.found: dict[str, Kernel] = {}

    def __call__(self, name: str | None = None, **how: bool) -> Callable[[F], F]:
        def keep(function: F) -> F:
            known = name or function.__name__
            self.found[known] = Kernel(known, function, **how)
            return function

        return keep


def is_batchwise(kernel: Kernel, returns: Type) -> bool:
    """Whether DuckDB hands over Arrow arrays: row by row it would take a NaN in an answer for NULL."""
    return kernel.vectorised or any(returns.holds(base) for base in ("double", "real", "map", "tdigest"))


def _batchwise(function: Callable[..., Any], parameters: tuple[Type, ...], returns: Type) -> Callable[..., Any]:
    import pyarrow as pa

    target = held_arrow(returns)

    def called(*columns: Any) -> Any:
        rows = zip(
            *(_plain(column.to_pylist(), kind) for column, kind in zip(columns, parameters, strict=True)), strict=True
        )
        return pa.array([_entries(function(*row), returns) for row in rows], target, from_pandas=False)

    return called


def _plain(values: list[Any], kind: Type) -> list[Any]:
    """Arrow shows a map as a list of pairs; kernels want a dict, as DuckDB hands it over row by row."""
    return [dict(value) if isinstance(value, list) else value for value in values] if kind.base == "map" else values


def _entries(value: Any, kind: Type) -> Any:
    if value is None:
        return None
    if kind.base == "map":
        pairs = value.items() if isinstance(value, dict) else value
        return [(_entries(k, kind.element), _entries(v, kind.value)) for k, v in pairs]
    if kind.base == "array":
        return [_entries(item, kind.element) for item in value]
    if kind.base == "row":
        return {name: _entries(item, part) for (name, item), part in zip(value.items(), kind.parts, strict=True)}
    return value


def _noting(name: str, function: Callable[..., Any], limits: Limits) -> Callable[..., Any]:
    """The function, noting what it does not know and what nobody foresaw: SQL's TRY would make a NULL of both."""

    @functools.wraps(function)
    def called(*values: Any) -> Any:
        try:
            return function(*values)
        except KernelRefusal:
            raise
        except KernelUnknown as error:
            limits.note(error.feature)
            raise
        except Exception as error:
            unknown = KernelUnknown(f"{name} of these values ({said(error)})")
            limits.note(unknown.feature)
            raise unknown from error

    return called


def _null_in_null_out(function: Callable[..., Any]) -> Callable[..., Any]:
    """DuckDB's own rule of that name would forbid to answer NULL to what is not NULL."""

    def guarded(*values: Any) -> Any:
        return None if any(value is None for value in values) else function(*values)

    return guarded


def _of_arity(function: Callable[..., Any], count: int) -> Callable[..., Any]:
    """The function with exactly that many parameters, as DuckDB counts them by the signature."""

    def called(*values: Any) -> Any:
        return function(*values)

    kind = inspect.Parameter.POSITIONAL_ONLY
    called.__signature__ = inspect.Signature([inspect.Parameter(f"a{i}", kind) for i in range(count)])  # type: ignore[attr-defined]
    return called


@functools.cache
def _all() -> dict[str, Kernel]:
    found: dict[str, Kernel] = {}
    for name in _MODULES:
        module = importlib.import_module(f"comotion.adapters.fake_dash.lake.kernels.{name}")
        found.update(module.KERNELS.found)
    return found


def kernel_named(name: str) -> Kernel:
    return _all()[name]
