"""One function's signature: patterns of types, how arguments bind to them, what comes back.

A pattern is written as Trino's documentation writes it: ``split_part(varchar(x), varchar, bigint) -> varchar(x)``.
One upper-case letter stands for any type: N for a number, I for an integer, F for a double or real, the rest for
anything. A lower-case letter in parentheses stands for a length, a precision or a scale. ``...`` repeats the last.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from attrs import define, field, frozen

from comotion.adapters.fake_dash.lake.analysis.typed import Typed
from comotion.adapters.fake_dash.lake.functions.modifiers import Modifiers
from comotion.adapters.fake_dash.lake.sql.lexer import Position
from comotion.adapters.fake_dash.lake.types import (
    Type,
    can_coerce,
    common_type,
    decimal,
    integer_as_decimal,
    parse_type,
)

if TYPE_CHECKING:
    from comotion.adapters.fake_dash.lake.analysis.context import Context

_WORD = re.compile(r"[A-Za-z_]\w*|\d+|\.\.\.|->|[(),]")
_ZONED = "timestamp with time zone"


@frozen
class Pattern:
    """A type with holes."""

    base: str
    sizes: tuple[str, ...] = ()
    parts: tuple[Pattern, ...] = ()

    @property
    def is_variable(self) -> bool:
        return len(self.base) == 1 and self.base.isupper()

    def __str__(self) -> str:
        inner = ",".join([*self.sizes, *map(str, self.parts)])
        if self.base == _ZONED:
            return f"timestamp({inner}) with time zone" if inner else self.base
        return f"{self.base}({inner})" if inner else self.base


@define
class Binding:
    """What the holes of a pattern were filled with."""

    types: dict[str, Type] = field(factory=dict)
    sizes: dict[str, int | None] = field(factory=dict)
    zone: str | None = None
    zoned: bool = False

    def fill(self, pattern: Pattern) -> Type:
        """The type that a pattern has become."""
        if pattern.is_variable:
            return self.types.get(pattern.base, Type("unknown"))
        if pattern.base == _ZONED:
            size = self.sizes.get(pattern.sizes[0], 3) if pattern.sizes else 3
            return Type(_ZONED, (size if size is not None else 3,), zone=self.zone)
        if pattern.sizes:
            sizes = [int(s) if s.isdigit() else self.sizes.get(s) for s in pattern.sizes]
            if any(s is None for s in sizes):
                return Type(pattern.base) if pattern.base == "varchar" else Type(pattern.base, (3,))
            return Type(pattern.base, tuple(s for s in sizes if s is not None))
        if pattern.parts:
            return Type(pattern.base, (), tuple(self.fill(part) for part in pattern.parts))
        return parse_type(pattern.base)

    def accepts(self, pattern: Pattern, actual: Type, *, coerce: bool) -> bool:
        """Whether an argument fits, filling holes on the way."""
        if pattern.is_variable:
            return self._variable(pattern.base, actual, coerce=coerce)
        if pattern.base == "function":
            return False
        if actual.base == "unknown" and coerce:
            return self._sizes(pattern, decimal(1, 0)) if pattern.base == "decimal" and pattern.sizes else True
        if pattern.base == actual.base:
            return (
                self._sizes(pattern, actual)
                and len(pattern.parts) == len(actual.parts)
                and all(self.accepts(p, a, coerce=coerce) for p, a in zip(pattern.parts, actual.parts, strict=True))
            )
        if not coerce or pattern.parts:
            return False
        return self._widened(pattern, actual)

    def _variable(self, name: str, actual: Type, *, coerce: bool) -> bool:
        bound = self.types.get(name)
        if bound is not None:
            found = common_type(bound, actual) if coerce else (common_type(bound, actual) if bound == actual else None)
            if found is None:
                return False
            self.types[name] = found
            return True
        if actual.base == "unknown" and not coerce:
            return False
        if actual.base != "unknown":
            if name == "N" and not actual.is_number:
                return False
            if name == "I" and not actual.is_integer:
                return False
            if name == "F" and not actual.is_floating:
                return False
        self.types[name] = actual
        return True

    def _sizes(self, pattern: Pattern, actual: Type) -> bool:
        if actual.is_zoned:
            self.zone = actual.zone if not self.zoned or self.zone == actual.zone else None
            self.zoned = True
        for index, name in enumerate(pattern.sizes):
            size = actual.size[index] if index < len(actual.size) else None
            if name in self.sizes and pattern.base in ("varchar", "char", "timestamp", _ZONED):
                known = self.sizes[name]
                size = None if known is None or size is None else max(known, size)
            self.sizes[name] = size
        return True

    def _widened(self, pattern: Pattern, actual: Type) -> bool:
        if pattern.base == "decimal" and pattern.sizes and actual.is_integer:
            return self._sizes(pattern, integer_as_decimal(actual))
        if pattern.base == "varchar" and actual.base == "char":
            return self._sizes(pattern, Type("varchar", actual.size))
        if pattern.base in ("timestamp", _ZONED) and pattern.sizes:
            if actual.base == "date":
                return self._sizes(pattern, Type(pattern.base, (0,), zone="UTC"))
            if actual.base == "timestamp" and pattern.base == _ZONED:
                return self._sizes(pattern, Type(_ZONED, actual.size, zone="UTC"))
            return False
        if pattern.base == _ZONED and can_coerce(actual, Type(_ZONED, (3,))):
            self.zone, self.zoned = "UTC", True
            return True
        if pattern.base == "varchar" or pattern.sizes:
            return False
        return can_coerce(actual, self.fill(pattern))


@frozen
class Call:
    """A call whose arguments fit: what a rule needs to write DuckDB text."""

    context: Context
    name: str
    arguments: tuple[Typed, ...]
    returns: Type
    binding: Binding
    at: Position
    lambdas: tuple[LambdaText | None, ...] = ()
    modifiers: Modifiers = field(factory=Modifiers)

    def sql(self, index: int) -> str:
        return self.arguments[index].sql

    def aggregate(self, function: str, arguments: str | None = None, *, distinct: bool | None = None,
                  order: str | None = None, keep: str = "") -> str:  # fmt: skip
        """A DuckDB aggregate over the arguments, with the call's own DISTINCT, ORDER BY, FILTER and OVER."""
        chosen = ", ".join(a.sql for a in self.arguments) if arguments is None else arguments
        return self.modifiers.call(function, chosen, distinct=distinct, order=order, keep=keep)

    def kernel(self, name: str, arguments: Sequence[Typed] | None = None, returns: Type | None = None, *,
               keep_null: bool = False) -> str:  # fmt: skip
        chosen = self.arguments if arguments is None else arguments
        return self.context.kernel(name, chosen, returns or self.returns, keep_null=keep_null)


@frozen
class LambdaText:
    """A translated lambda: its DuckDB parameters, its body and the body's type."""

    parameters: tuple[str, ...]
    body: str
    type: Type

    @property
    def sql(self) -> str:
        head = self.parameters[0] if len(self.parameters) == 1 else ", ".join(self.parameters)
        return f"lambda {head}: {self.body}"


Rule = Callable[[Call], "str | Typed"]
ReturnRule = Callable[[Binding, Sequence[Typed]], Type]


@frozen
class Signature:
    """One way to call a function."""

    name: str
    parameters: tuple[Pattern, ...]
    variadic: bool
    returns: Pattern
    rule: Rule
    return_rule: ReturnRule | None = None

    def __str__(self) -> str:
        dots = ", ..." if self.variadic else ""
        return f"{self.name}({', '.join(map(str, self.parameters))}{dots})"

    def pattern(self, index: int) -> Pattern:
        return self.parameters[min(index, len(self.parameters) - 1)]

    def takes(self, count: int) -> bool:
        if self.variadic:
            return count >= len(self.parameters)
        return count == len(self.parameters)


@lru_cache(maxsize=4096)
def read(declaration: str) -> tuple[str, tuple[Pattern, ...], bool, Pattern]:
    """Name, parameters, whether the last repeats, and result of a written signature."""
    words = _WORD.findall(declaration)
    name, at = words[0], 2
    parameters: list[Pattern] = []
    variadic = False
    while words[at] != ")":
        if words[at] == "...":
            variadic, at = True, at + 1
        elif words[at] == ",":
            at += 1
        else:
            pattern, at = _pattern(words, at)
            parameters.append(pattern)
    assert words[at + 1] == "->", declaration
    returns, end = _pattern(words, at + 2)
    assert end == len(words), declaration
    return name, tuple(parameters), variadic, returns


def _pattern(words: list[str], at: int) -> tuple[Pattern, int]:
    base = words[at]
    at += 1
    if base == "interval":
        return Pattern(" ".join([base, *words[at : at + 3]])), at + 3
    sizes: list[str] = []
    parts: list[Pattern] = []
    if at < len(words) and words[at] == "(":
        at += 1
        while words[at] != ")":
            if words[at] == ",":
                at += 1
            elif words[at].isdigit() or (len(words[at]) == 1 and words[at].islower()):
                sizes.append(words[at])
                at += 1
            else:
                part, at = _pattern(words, at)
                parts.append(part)
        at += 1
    if words[at : at + 3] == ["with", "time", "zone"]:
        base, at = f"{base} with time zone", at + 3
    return Pattern(base, tuple(sizes), tuple(parts)), at
