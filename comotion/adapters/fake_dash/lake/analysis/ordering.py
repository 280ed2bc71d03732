"""ORDER BY of queries and calls; OFFSET, LIMIT and WITH TIES of a query."""

from __future__ import annotations

from typing import TYPE_CHECKING

from comotion.adapters.fake_dash.lake.analysis.context import Context
from comotion.adapters.fake_dash.lake.analysis.operators import instant, is_orderable
from comotion.adapters.fake_dash.lake.analysis.typed import Typed, mismatch, refusal
from comotion.adapters.fake_dash.lake.sql import tree

if TYPE_CHECKING:
    from comotion.adapters.fake_dash.lake.analysis.expressions import Expressions


def sort_value(expressions: Expressions, item: tree.SortItem, outputs: list[Typed]) -> Typed:
    """What a sort item stands for: a column by its place, or an expression."""
    if isinstance(item.key, tree.Integer):
        if not 1 <= item.key.value <= len(outputs):
            raise refusal(
                item.key.at, f"ORDER BY position {item.key.value} is not in select list", "INVALID_COLUMN_REFERENCE"
            )
        return outputs[item.key.value - 1]
    return expressions.analyse(item.key)


def sort_text(expressions: Expressions, items: tuple[tree.SortItem, ...]) -> str:
    return ", ".join(sort_key(expressions.analyse(item.key), item) for item in items)


def sort_key(value: Typed, item: tree.SortItem) -> str:
    """One key of an ORDER BY; NULLs come last unless told otherwise."""
    if not is_orderable(value.type):
        raise mismatch(item.at, f"Type {value.type} is not orderable, and therefore cannot be used in ORDER BY")
    sql = instant(value.sql, value.type)
    if sql.startswith("CAST(") and value.literal is not None:
        sql = f"({sql})"
    return f"{sql} {'DESC' if item.descending else 'ASC'} NULLS {'FIRST' if item.nulls_first else 'LAST'}"


def limited(context: Context, sql: str, order: str, node: tree.Query) -> str:
    """A query's text with its ORDER BY keys, OFFSET, LIMIT and WITH TIES behind it."""
    limit, offset = _count(node.limit), _count(node.offset)
    if node.ties and limit is not None:
        name = context.fresh("q")
        ranked = (
            f"SELECT *, rank() OVER (ORDER BY {order}) AS place, row_number() OVER (ORDER BY "
            f"{order}) AS number FROM ({sql}) AS q"
        )
        first = offset or 0
        edge = f"(SELECT max(place) FROM ({ranked}) WHERE number <= {first + limit} AND number > {first})"
        return (
            f"SELECT * EXCLUDE (place, number) FROM ({ranked}) AS {name} WHERE number > "
            f"{first} AND place <= {edge} ORDER BY number"
        )
    tail = f" ORDER BY {order}" if order else ""
    tail += f" LIMIT {limit}" if limit is not None else ""
    tail += f" OFFSET {offset}" if offset is not None else ""
    return sql + tail


def _count(node: tree.Expression | None) -> int | None:
    if node is None:
        return None
    if isinstance(node, tree.Integer):
        return node.value
    raise refusal(node.at, "Incorrect number of parameters: expected 1 but found 0", "INVALID_PARAMETER_USAGE")
