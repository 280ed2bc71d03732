"""Rows of several origins under common types: UNION, INTERSECT, EXCEPT and VALUES."""

from __future__ import annotations

from typing import TYPE_CHECKING

from comotion.adapters.fake_dash.lake.analysis.casts import coerce
from comotion.adapters.fake_dash.lake.analysis.context import Context
from comotion.adapters.fake_dash.lake.analysis.expressions import Expressions
from comotion.adapters.fake_dash.lake.analysis.operators import is_comparable, one_zone
from comotion.adapters.fake_dash.lake.analysis.results import Column, Result
from comotion.adapters.fake_dash.lake.analysis.typed import Scope, Typed, mismatch
from comotion.adapters.fake_dash.lake.sql import tree
from comotion.adapters.fake_dash.lake.types import Type, common_type

if TYPE_CHECKING:
    from comotion.adapters.fake_dash.lake.analysis.queries import Queries


def set_operation(queries: Queries, node: tree.SetOperation, parent: Scope | None) -> Result:
    """UNION, INTERSECT or EXCEPT of two queries whose columns fit pairwise."""
    context = queries.context
    left, right = queries.body(node.left, parent), queries.body(node.right, parent)
    what = node.operator
    if len(left.columns) != len(right.columns):
        raise mismatch(
            node.at, f"{what} query has different number of fields: {len(left.columns)}, {len(right.columns)}"
        )
    columns: list[Column] = []
    for index, (a, b) in enumerate(zip(left.columns, right.columns, strict=True)):
        kind = common_type(a.type, b.type)
        if kind is None:
            raise mismatch(node.at, f"column {index + 1} in {what} query has incompatible types: {a.type}, {b.type}")
        if (node.distinct or what != "UNION") and not is_comparable(kind):
            raise mismatch(
                node.at,
                f"Type {kind} is not comparable and therefore cannot be used in {what}",
            )
        if node.distinct or what != "UNION":
            one_zone(kind, what)
        columns.append(Column(a.name, kind))
    word = what + ("" if node.distinct else " ALL")
    # DuckDB would bind a chain of them from the left with one precedence, so each side is closed
    sql = f"(SELECT * FROM ({_as(context, left, columns)})) {word} (SELECT * FROM ({_as(context, right, columns)}))"
    return Result(sql, tuple(columns))


def _as(context: Context, result: Result, columns: list[Column]) -> str:
    name = context.fresh("s")
    picked = [
        coerce(context, Typed(f"{name}.c{i}", have.type), want.type).sql + f" AS c{i}"
        for i, (have, want) in enumerate(zip(result.columns, columns, strict=True))
    ]
    return f"SELECT {', '.join(picked)} FROM ({result.sql}) AS {name}"


def values(context: Context, node: tree.Values, parent: Scope | None) -> Result:
    """Rows written out, each column of the type that all its values coerce into."""
    expressions = Expressions(context, Scope((), parent), clause="VALUES")
    rows: list[list[Typed]] = []
    for item in node.rows:
        if isinstance(item, tree.Row):
            rows.append(expressions.all(item.items))
            continue
        value = expressions.analyse(item)
        if value.type.base == "row":
            rows.append([Typed(f"({value.sql}).f{i}", part) for i, part in enumerate(value.type.parts)])
        else:
            rows.append([value])
    width = len(rows[0])
    if any(len(one) != width for one in rows):
        shown = ", ".join(f"row({', '.join(str(v.type) for v in one)})" for one in rows[:2])
        raise mismatch(node.at, f"Values rows have mismatched sizes: {shown}")
    kinds: list[Type] = []
    for index in range(width):
        kind = rows[0][index].type
        for one in rows[1:]:
            found = common_type(kind, one[index].type)
            if found is None:
                raise mismatch(node.at, f"Values rows have mismatched types: {kind} vs {one[index].type}")
            kind = found
        kinds.append(kind)
    name = context.fresh("v")
    listed = ", ".join(
        f"({', '.join(coerce(context, v, k).sql for v, k in zip(one, kinds, strict=True))})" for one in rows
    )
    names = ", ".join(f"c{i}" for i in range(width))
    return Result(f"SELECT * FROM (VALUES {listed}) AS {name}({names})", tuple(Column(None, k) for k in kinds))
