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
    if values[0].type.base not in ("varchar", "char", "unknown"):
        raise refusal(
            node.at,
            (
                f"Unexpected parameters ({', '.join(str(v.type) for v in values)}) for function format. "
                "Expected: format(varchar, ...)"
            ),
            "FUNCTION_NOT_FOUND",
        )
    ready = [coerce(expressions.context, values[0], VARCHAR)]
    for value in values[1:]:
        if value.type.parts or value.type.base == "varbinary":
            raise refusal(node.at, f"Type not supported for formatting: {value.type}", "NOT_SUPPORTED")
        spoken = value.type.base.startswith("interval")  # Java has no class for these: their text is formatted
        ready.append(coerce(expressions.context, value, VARCHAR) if spoken else value)
    return Typed(expressions.context.kernel("format", ready, VARCHAR, keep_null=True), VARCHAR)


SPECIAL: dict[str, Callable[[Expressions, tree.Call], Typed]] = {
    "try": _try, "if": _if, "coalesce": _coalesce, "nullif": _nullif, "greatest": _extreme("greatest"),
    "least": _extreme("least"), "format": _format,
}  # fmt: skip
