"""How a Python function becomes a kernel: by name, plain, batch-wise, or made for the types at hand."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import cache
from typing import Any

from attrs import define, frozen

from comotion.adapters.fake_dash.lake.types import Type

MARK_START, MARK_END = "\u2039", "\u203a"


class KernelRefusal(ValueError):
    """A kernel refuses its input; the text travels through DuckDB between two marks."""

    def __init__(self, message: str, kind: str = "INVALID_FUNCTION_ARGUMENT") -> None:
        super().__init__(f"{MARK_START}{kind}|{message}{MARK_END}")
        self.message = message
        self.kind = kind


@frozen
class Kernel:
    """A Python function that DuckDB calls.

    `typed` kernels are makers: called with the parameter types and the result type, they return the function.
    `vectorised` kernels take and return Arrow arrays.
    """

    function: Callable[..., Any]
    typed: bool = False
    vectorised: bool = False
    volatile: bool = False
    keep_null: bool = False

    def specialised(self, parameters: tuple[Type, ...], returns: Type, *, keep_null: bool) -> Callable[..., Any]:
        made = self.function(parameters, returns) if self.typed else self.function
        if self.vectorised:
            return made
        return _of_arity(made if keep_null else _null_in_null_out(made), len(parameters))


@define
class Kernels:
    """The kernels of one module."""

    found: dict[str, Kernel]

    def __init__(self) -> None:
        self.found = {}

    def __call__(self, name: str | None = None, **how: bool) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        def keep(function: Callable[..., Any]) -> Callable[..., Any]:
            self.found[name or function.__name__] = Kernel(function, **how)
            return function

        return keep


def _null_in_null_out(function: Callable[..., Any]) -> Callable[..., Any]:
    """DuckDB's own rule of that name would forbid to answer NULL to what is not NULL."""

    def guarded(*values: Any) -> Any:
        return None if None in values else function(*values)

    return guarded


def _of_arity(function: Callable[..., Any], count: int) -> Callable[..., Any]:
    """The function with exactly that many parameters, as DuckDB counts them by the signature."""

    def called(*values: Any) -> Any:
        return function(*values)

    kind = inspect.Parameter.POSITIONAL_ONLY
    called.__signature__ = inspect.Signature([inspect.Parameter(f"a{i}", kind) for i in range(count)])  # type: ignore[attr-defined]
    return called


@cache
def _all() -> dict[str, Kernel]:
    from comotion.adapters.fake_dash.lake.kernels import (
        collections,
        digests,
        formats,
        jsonpath,
        jsonvalues,
        moments,
        numbers,
        patterns,
        stemming,
        sums,
        texts,
    )

    found: dict[str, Kernel] = {}
    for module in (numbers, moments, formats, texts, stemming, patterns, jsonvalues, jsonpath, collections, digests, sums):
        found.update(module.KERNELS.found)
    return found


def kernel_named(name: str) -> Kernel:
    return _all()[name]
