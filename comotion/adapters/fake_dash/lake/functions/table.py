"""The table of functions: how families declare them, how a call finds its signature."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

from attrs import define, field, frozen

from comotion.adapters.fake_dash.lake.analysis.typed import Typed
from comotion.adapters.fake_dash.lake.functions.signature import Call, ReturnRule, Rule, Signature, read

_HOLE = re.compile(r"\$(\d|\*)")


@frozen
class Function:
    """A function of Trino's and its signatures; `kind` is scalar, aggregate or window."""

    name: str
    kind: str
    signatures: tuple[Signature, ...]


@define
class Family:
    """The functions that one module declares."""

    kind: str = "scalar"
    found: dict[str, list[Signature]] = field(factory=dict)

    def add(self, declaration: str, rule: str | Rule, returns: ReturnRule | None = None) -> None:
        """Declare one signature with the rule that renders it: a template, or a function of the call."""
        name, parameters, variadic, result = read(declaration)
        ready = template(rule) if isinstance(rule, str) else rule
        signature = Signature(name, parameters, variadic, result, ready, returns)
        self.found.setdefault(name, []).append(signature)

    def functions(self) -> dict[str, Function]:
        return {name: Function(name, self.kind, tuple(s)) for name, s in self.found.items()}


def template(pattern: str) -> Rule:
    """A rule that writes the arguments into a text: $1, $2, ... and $* for all."""

    def rule(call: Call) -> str:
        def fill(match: re.Match[str]) -> str:
            if match[1] == "*":
                return ", ".join(a.sql for a in call.arguments)
            index = int(match[1]) - 1
            found = call.lambdas[index] if index < len(call.lambdas) else None
            return found.sql if found is not None else call.arguments[index].sql

        return _HOLE.sub(fill, pattern)

    return rule


def kernel(name: str | None = None, *, keep_null: bool = False) -> Rule:
    """A rule that calls a kernel with the arguments as they are."""

    def rule(call: Call) -> str:
        return call.kernel(name or call.name, keep_null=keep_null)

    return rule


def typed(rule: Callable[[Call], Typed]) -> Rule:
    return rule


@cache
def functions() -> dict[str, Function]:
    """Every function of the fake, by name."""
    from comotion.adapters.fake_dash.lake.functions import (
        aggregates,
        arrays,
        binary,
        dates,
        json,
        maps,
        numbers,
        sketches,
        strings,
        windows,
    )

    found: dict[str, Function] = {}
    for family in (numbers, strings, binary, dates, json, arrays, maps, aggregates, windows, sketches):
        for one in family.FAMILIES:
            for name, function in one.functions().items():
                if name in found:
                    merged = found[name].signatures + function.signatures
                    found[name] = Function(name, function.kind, merged)
                else:
                    found[name] = function
    return found
