"""Conditions: comparisons, IN, EXISTS, LIKE, BETWEEN, the logic over them, and CASE, which chooses by them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from comotion.adapters.fake_dash.lake.analysis import walk
from comotion.adapters.fake_dash.lake.analysis.casts import coerce
from comotion.adapters.fake_dash.lake.analysis.operators import compare, compare_text, instant, is_distinct
from comotion.adapters.fake_dash.lake.analysis.results import packed
from comotion.adapters.fake_dash.lake.analysis.typed import Typed, mismatch
from comotion.adapters.fake_dash.lake.sql import tree
from comotion.adapters.fake_dash.lake.types import BOOLEAN, UNKNOWN, VARCHAR, Type, common_type

if TYPE_CHECKING:
    from comotion.adapters.fake_dash.lake.analysis.context import Context
    from comotion.adapters.fake_dash.lake.analysis.expressions import Expressions


def comparison(expressions: Expressions, node: tree.Comparison) -> Typed:
    left, right = expressions.analyse(node.left), expressions.analyse(node.right)
    return compare(expressions.context, node.operator, left, right, node.at)


def quantified(expressions: Expressions, node: tree.Quantified) -> Typed:
    left = expressions.analyse(node.left)
    inner = expressions.subquery_of(node.query)
    name = expressions.context.fresh("q")
    condition = compare(expressions.context, node.operator, left, packed(name, inner.columns), node.at).sql
    return _over_rows(node.quantifier, condition, f"({inner.sql}) AS {name}")


def _over_rows(quantifier: str, condition: str, rows: str) -> Typed:
    """Whether it holds for ALL or ANY rows; one unknown leaves it unknown, unless a row settles it."""
    aggregate, empty, settling = ("bool_and", "TRUE", "FALSE") if quantifier == "ALL" else ("bool_or", "FALSE", "TRUE")
    decided = f"{aggregate}({condition})"
    nulls = f"count(*) FILTER (WHERE ({condition}) IS NULL) > 0"
    return Typed(
        f"(SELECT CASE WHEN count(*) = 0 THEN {empty} WHEN {decided} = {settling} THEN {settling} "
        f"WHEN {nulls} THEN NULL ELSE {decided} END FROM {rows})",
        BOOLEAN,
    )


def logical(expressions: Expressions, node: tree.Logical) -> Typed:
    terms = [
        expressions.boolean(term, f"Logical expression term (actual: {walk.written(term)})") for term in node.terms
    ]
    return Typed(f"({f' {node.operator} '.join(t.sql for t in terms)})", BOOLEAN)


def negation(expressions: Expressions, node: tree.Not) -> Typed:
    return Typed(f"(NOT {expressions.boolean(node.operand, 'Value of logical NOT expression').sql})", BOOLEAN)


def between(expressions: Expressions, node: tree.Between) -> Typed:
    value, low, high = expressions.all((node.operand, node.low, node.high))
    kind = common_type(value.type, low.type)
    kind = common_type(kind, high.type) if kind is not None else None
    if kind is None:
        raise mismatch(node.at, f"Cannot check if {value.type} is BETWEEN {low.type} and {high.type}")
    first = compare(expressions.context, ">=", value, low, node.at)
    second = compare(expressions.context, "<=", value, high, node.at)
    return Typed(f"({first.sql} AND {second.sql})", BOOLEAN)


def in_list(expressions: Expressions, node: tree.InList) -> Typed:
    value = expressions.analyse(node.operand)
    items = expressions.all(node.items)
    kind = value.type
    for item, place in zip(items, node.items, strict=True):
        found = common_type(kind, item.type)
        if found is None:
            raise mismatch(place.at, f"IN value and list items must be the same type: {kind}, {item.type}")
        kind = found
    value = coerce(expressions.context, value, kind)
    ready = [coerce(expressions.context, item, kind) for item in items]
    if kind.parts or kind.is_floating or kind.base.endswith("with time zone"):
        tests = [compare_text(expressions.context, "=", value.sql, i.sql, kind) for i in ready]
        return Typed(f"({' OR '.join(tests)})", BOOLEAN)
    return Typed(f"({value.sql} IN ({', '.join(i.sql for i in ready)}))", BOOLEAN)


def in_query(expressions: Expressions, node: tree.InQuery) -> Typed:
    value = expressions.analyse(node.operand)
    inner = expressions.subquery_of(node.query)
    name = expressions.context.fresh("q")
    item = packed(name, inner.columns)
    kind = common_type(value.type, item.type)
    if kind is None:
        raise mismatch(
            node.at,
            f"value and result of subquery must be of the same type for IN expression: {value.type} vs {item.type}",
        )
    left, right = (coerce(expressions.context, one, kind).sql for one in (value, item))
    if kind.parts:  # a NULL inside makes the answer unknown; DuckDB's IN takes two of them for equal
        same = _same_parts(expressions.context, left, right, kind)
        return _over_rows("ANY", same, f"({inner.sql}) AS {name}")
    left, right = instant(left, kind), instant(right, kind)
    return Typed(f"({left} IN (SELECT {right} FROM ({inner.sql}) AS {name}))", BOOLEAN)


def _same_parts(context: Context, left: str, right: str, kind: Type) -> str:
    """Equality of two values, field by field where they are rows: there are as many pairs as rows times rows."""
    if kind.base != "row":
        return compare_text(context, "=", left, right, kind)
    pairs = ((f"({left}).f{i}", f"({right}).f{i}", part) for i, part in enumerate(kind.parts))
    return f"({' AND '.join(_same_parts(context, a, b, part) for a, b, part in pairs)})"


def exists(expressions: Expressions, node: tree.Exists) -> Typed:
    return Typed(f"EXISTS ({expressions.subquery_of(node.query).sql})", BOOLEAN)


def like(expressions: Expressions, node: tree.Like) -> Typed:
    value, pattern = expressions.analyse(node.operand), expressions.analyse(node.pattern)
    for side, place in ((value, node.operand), (pattern, node.pattern)):
        if side.type.base not in ("varchar", "char", "unknown"):
            raise mismatch(
                place.at,
                f"Left side of LIKE expression must evaluate to a varchar (actual: {side.type})"
                if side is value
                else f"Pattern for LIKE expression must evaluate to a varchar (actual: {side.type})",
            )
    value, pattern = coerce(expressions.context, value, VARCHAR), coerce(expressions.context, pattern, VARCHAR)
    arguments = [value, pattern]
    if node.escape is not None:
        escape = expressions.analyse(node.escape)
        if escape.type.base not in ("varchar", "unknown"):
            raise mismatch(
                node.escape.at, f"Escape for LIKE expression must evaluate to a varchar (actual: {escape.type})"
            )
        arguments.append(coerce(expressions.context, escape, VARCHAR))
        return Typed(expressions.context.kernel("like", arguments, BOOLEAN), BOOLEAN)
    if isinstance(pattern.literal, str) and "\n" not in pattern.literal:
        return Typed(f"({value.sql} LIKE {pattern.sql})", BOOLEAN)
    return Typed(expressions.context.kernel("like", arguments, BOOLEAN), BOOLEAN)


def is_null(expressions: Expressions, node: tree.IsNull) -> Typed:
    return Typed(f"({expressions.analyse(node.operand).sql} IS NULL)", BOOLEAN)


def distinct_from(expressions: Expressions, node: tree.IsDistinct) -> Typed:
    return is_distinct(expressions.context, expressions.analyse(node.left), expressions.analyse(node.right), node.at)


def case(expressions: Expressions, node: tree.Case) -> Typed:
    operand = expressions.analyse(node.operand) if node.operand is not None else None
    conditions: list[str] = []
    for condition, _ in node.branches:
        if operand is None:
            conditions.append(expressions.boolean(condition, "CASE WHEN clause").sql)
        else:
            value = expressions.analyse(condition)
            if common_type(operand.type, value.type) is None:
                raise mismatch(
                    condition.at,
                    f"CASE operand type does not match WHEN clause operand type: {operand.type} vs {value.type}",
                )
            conditions.append(compare(expressions.context, "=", operand, value, condition.at).sql)
    results = expressions.all(tuple(result for _, result in node.branches))
    default = expressions.analyse(node.default) if node.default is not None else Typed("NULL", UNKNOWN)
    kind = expressions.common([*results, default], node.at, "All CASE results must be the same type")
    arms = [
        f"WHEN {c} THEN {coerce(expressions.context, r, kind).sql}" for c, r in zip(conditions, results, strict=True)
    ]
    return Typed(f"CASE {' '.join(arms)} ELSE {coerce(expressions.context, default, kind).sql} END", kind)
