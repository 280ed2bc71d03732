"""WITH RECURSIVE: an anchor, a step that names the query itself, and a limit to its depth."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import attrs

from comotion.adapters.fake_dash.lake.analysis.casts import coerce
from comotion.adapters.fake_dash.lake.analysis.context import Context
from comotion.adapters.fake_dash.lake.analysis.relations import Source
from comotion.adapters.fake_dash.lake.analysis.results import Column, Result, renamed
from comotion.adapters.fake_dash.lake.analysis.select import Select
from comotion.adapters.fake_dash.lake.analysis.typed import Field, Scope, Typed, mismatch, refusal
from comotion.adapters.fake_dash.lake.refusal import SqlNotSupported
from comotion.adapters.fake_dash.lake.sql import tree
from comotion.adapters.fake_dash.lake.types import BOOLEAN, INTEGER, common_type

if TYPE_CHECKING:
    from comotion.adapters.fake_dash.lake.analysis.queries import Queries

_MAX_DEPTH = 10


def mentions_table(node: object, name: str) -> bool:
    """Whether a table of that bare name stands anywhere in it, in the queries inside too."""
    if isinstance(node, tree.Table):
        return len(node.name) == 1 and node.name[0].value.lower() == name
    if isinstance(node, tree.Node):
        return any(mentions_table(getattr(node, f.name), name) for f in attrs.fields(type(node)) if f.name != "at")
    return isinstance(node, tuple) and any(mentions_table(item, name) for item in node)


def _anchor_and_step(cte: tree.With) -> tuple[tree.Body, tree.Select]:
    body = cte.query.body
    plain = not (cte.query.order or cte.query.limit or cte.query.offset or cte.query.ctes)
    if not (plain and isinstance(body, tree.SetOperation) and body.operator == "UNION" and not body.distinct):
        raise refusal(
            cte.at,
            "Recursive query must be a UNION ALL of an anchor and a step"
            if plain
            else "unsupported immediate clause of a recursive query",
            "NOT_SUPPORTED",
        )
    if not cte.columns:
        raise refusal(cte.at, "missing column aliases in recursive WITH query", "MISSING_COLUMN_ALIASES")
    if not isinstance(body.right, tree.Select) or body.right.distinct or body.right.group is not None:
        raise SqlNotSupported("this form of recursive step")
    return body.left, body.right


def _fitted(context: Context, cte: tree.With, columns: tuple[Column, ...], step: Result) -> list[str]:
    """The step's columns as the anchor's types; the last, the depth, is no column of the query."""
    if len(step.columns) != len(columns) + 1:
        raise refusal(
            cte.at,
            (
                "base and step relations of recursion have different number of fields: "
                f"{len(columns)}, {len(step.columns) - 1}"
            ),
            "TYPE_MISMATCH",
        )
    taken = []
    for i, (want, got) in enumerate(zip(columns, step.columns, strict=False)):
        if common_type(want.type, got.type) != want.type:
            raise mismatch(
                cte.at,
                (
                    f"recursion step relation output type ({got.type}) is not coercible to recursion "
                    f"base relation output type ({want.type}) at column {i + 1}"
                ),
            )
        taken.append(coerce(context, Typed(f"s.c{i}", got.type), want.type).sql + f" AS c{i}")
    return taken


def recursive(queries: Queries, cte: tree.With, parent: Scope | None) -> Callable[[], Source]:
    """The rows of a recursive WITH query, each time it is named.

    Raises
    ------
    SqlRefused
        Where the anchor and the step do not fit.
    """
    context, name = queries.context, cte.name.value.lower()
    written, select = _anchor_and_step(cte)
    anchor = queries.within({}).body(written, parent)
    columns = renamed(anchor, cte)
    table = context.fresh("w")

    def reference() -> Source:
        alias = context.fresh("r")
        fields = [Field(c.name, f"{alias}.c{i}", c.type, (name,)) for i, c in enumerate(columns)]
        fields.append(Field("$depth", f"{alias}.depth", INTEGER, (name,), hidden=True))
        return Source(f"{table} AS {alias}", tuple(fields))

    inner = queries.within({name: reference})
    depth = tree.Arithmetic("+", tree.Name("$depth", at=cte.at), tree.Integer(1, at=cte.at), at=cte.at)
    extended = attrs.evolve(select, items=(*select.items, tree.Item(depth, None, at=cte.at)))
    step = Select(inner, extended, parent, None).result()
    taken = _fitted(context, cte, columns, step)
    selected = ", ".join(f"b.c{i}" for i in range(len(columns)))
    limit = (
        f"Recursion depth limit exceeded ({_MAX_DEPTH}). Use 'max_recursion_depth' session "
        "property to modify the limit."
    )
    depth_sql = f"s.c{len(columns)}"
    checked = f"CASE WHEN {depth_sql} > {_MAX_DEPTH} THEN {context.fail(limit, BOOLEAN)} ELSE TRUE END"
    names = ", ".join([f"c{i}" for i in range(len(columns))] + ["depth"])
    first = f"SELECT {selected}, CAST(0 AS INTEGER) FROM ({anchor.sql}) AS b"
    then = f"SELECT {', '.join(taken)}, {depth_sql} FROM ({step.sql}) AS s WHERE {checked}"
    whole = f"WITH RECURSIVE {table}({names}) AS ({first} UNION ALL {then}) SELECT * FROM {table}"

    def source() -> Source:
        alias = context.fresh("r")
        fields = tuple(Field(c.name, f"{alias}.c{i}", c.type, (name,)) for i, c in enumerate(columns))
        return Source(f"({whole}) AS {alias}", fields)

    return source
