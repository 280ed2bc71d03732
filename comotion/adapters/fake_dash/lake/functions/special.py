"""Functions with rules of their own: try, if, coalesce, nullif, greatest, least, format, $internal ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from comotion.adapters.fake_dash.lake.analysis.casts import coerce
from comotion.adapters.fake_dash.lake.analysis.operators import compare, is_orderable
from comotion.adapters.fake_dash.lake.analysis.typed import Typed, mismatch, refusal
from comotion.adapters.fake_dash.lake.sql import tree
from comotion.adapters.fake_dash.lake.types import UNKNOWN, VARCHAR, Type, duck

if TYPE_CHECKING:
    from comotion.adapters.fake_dash.lake.analysis.expressions import Expressions


def _arguments(node: tree.Call, least: int, most: int | None) -> tuple[tree.Expression, ...]:
    count = len(node.arguments)
    if count < least or (most is not None and count > most):
        raise refusal(node.at, f"Invalid number of arguments for '{node.name.lower()}' function", "SYNTAX_ERROR")
    return node.arguments


def _try(expressions: Expressions, node: tree.Call) -> Typed:
    (inner,) = _arguments(node, 1, 1)
    value = expressions.analyse(inner)
    return Typed(f"TRY({value.sql})", value.type)


def _if(expressions: Expressions, node: tree.Call) -> Typed:
    arguments = _arguments(node, 2, 3)
    condition = expressions.boolean(arguments[0], "IF condition")
    values = expressions.all(arguments[1:])
    if len(values) == 1:
        values.append(Typed("NULL", UNKNOWN))
    kind = expressions.common(values, node.at, "Result types for IF must be the same")
    yes, no = (coerce(expressions.context, value, kind).sql for value in values)
    return Typed(f"CASE WHEN {condition.sql} THEN {yes} ELSE {no} END", kind)


def _coalesce(expressions: Expressions, node: tree.Call) -> Typed:
    values = expressions.all(_arguments(node, 2, None))
    kind = expressions.common(values, node.at, "All COALESCE operands must be the same type")
    return Typed(f"coalesce({', '.join(coerce(expressions.context, v, kind).sql for v in values)})", kind)


def _nullif(expressions: Expressions, node: tree.Call) -> Typed:
    first, second = expressions.all(_arguments(node, 2, 2))
    same = compare(expressions.context, "=", first, second, node.at)
    null = coerce(expressions.context, Typed("NULL", UNKNOWN), first.type).sql
    return Typed(f"CASE WHEN {same.sql} THEN {null} ELSE {first.sql} END", first.type)


def _extreme(name: str) -> Callable[[Expressions, tree.Call], Typed]:
    def rule(expressions: Expressions, node: tree.Call) -> Typed:
        if not node.arguments:
            raise refusal(node.at, f"There must be one or more arguments to {name}()", "FUNCTION_NOT_FOUND")
        values = expressions.all(node.arguments)
        kind: Type = expressions.common(values, node.at, f"All {name.upper()} arguments must be the same type")
        if not is_orderable(kind):
            raise mismatch(node.at, f"Type {kind} is not orderable, and therefore cannot be used in {name}")
        ready = [coerce(expressions.context, v, kind).sql for v in values]
        nulls = " OR ".join(f"{one} IS NULL" for one in ready)
        if kind.is_floating and name == "greatest":
            numbers = ", ".join(
                f"CASE WHEN isnan({one}) THEN CAST('-inf' AS {duck(kind)}) ELSE {one} END" for one in ready
            )
            all_nan = " AND ".join(f"isnan({one})" for one in ready)
            return Typed(
                f"CASE WHEN {nulls} THEN NULL WHEN {all_nan} THEN {ready[0]} ELSE greatest({numbers}) END", kind
            )
        return Typed(f"CASE WHEN {nulls} THEN NULL ELSE {name}({', '.join(ready)}) END", kind)

    return rule


def _format(expressions: Expressions, node: tree.Call) -> Typed:
    values = expressions.all(_arguments(node, 1, None))
    if len(values) < 2:
        raise refusal(node.at, "There must be one or more arguments to format()", "FUNCTION_NOT_FOUND")
    if values[0].type.base != "varchar":
        raise mismatch(
            node.arguments[0].at,
            f"Type of first argument to format() must be VARCHAR (actual: {values[0].type})",
        )
    ready = [values[0]]
    for value, argument in zip(values[1:], node.arguments[1:], strict=True):
        if value.type.parts or value.type.base in _NO_TEXT:
            raise refusal(argument.at, f"Type not supported for formatting: {value.type}", "NOT_SUPPORTED")
        ready.append(value if _is_handed_over(value.type) else coerce(expressions.context, value, VARCHAR))
    return Typed(expressions.context.kernel("format", ready, VARCHAR, keep_null=True), VARCHAR)


_NO_TEXT = frozenset(["varbinary", "hyperloglog", "p4hyperloglog", "setdigest", "tdigest", "qdigest"])
_HANDED_OVER = frozenset(
    ["unknown", "boolean", "date", "time", "timestamp", "timestamp with time zone", "json", "varchar", "char"]
)


def _is_handed_over(kind: Type) -> bool:
    """Whether format() takes a value as it is; of what Java has no class for, it takes the text."""
    return kind.is_number or kind.base in _HANDED_OVER


SPECIAL: dict[str, Callable[[Expressions, tree.Call], Typed]] = {
    "try": _try, "if": _if, "coalesce": _coalesce, "nullif": _nullif, "greatest": _extreme("greatest"),
    "least": _extreme("least"), "format": _format,
}  # fmt: skip
