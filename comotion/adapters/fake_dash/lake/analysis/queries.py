"""Queries: WITH, and under it a SELECT, a set operation, VALUES or TABLE with its order."""

from __future__ import annotations

from collections.abc import Callable

import attrs

from comotion.adapters.fake_dash.lake.analysis.context import Context
from comotion.adapters.fake_dash.lake.analysis.expressions import Expressions
from comotion.adapters.fake_dash.lake.analysis.ordering import limited, sort_key, sort_value
from comotion.adapters.fake_dash.lake.analysis.recursion import mentions_table, recursive
from comotion.adapters.fake_dash.lake.analysis.relations import Relations, Source
from comotion.adapters.fake_dash.lake.analysis.results import Result, renamed
from comotion.adapters.fake_dash.lake.analysis.select import Select
from comotion.adapters.fake_dash.lake.analysis.sets import set_operation, values
from comotion.adapters.fake_dash.lake.analysis.typed import Field, Scope, Typed, refusal
from comotion.adapters.fake_dash.lake.sql import tree


class Queries:
    """Translates queries; knows the WITH queries in sight."""

    def __init__(self, context: Context, ctes: dict[str, Callable[[], Source]] | None = None) -> None:
        self.context = context
        self.ctes: dict[str, Callable[[], Source]] = ctes if ctes is not None else {}

    def find_cte(self, name: str) -> Source | None:
        found = self.ctes.get(name)
        return found() if found is not None else None

    def within(self, ctes: dict[str, Callable[[], Source]]) -> Queries:
        """The same place with more WITH queries in sight."""
        return Queries(self.context, {**self.ctes, **ctes})

    # ---- a whole query

    def query(self, node: tree.Query, parent: Scope | None) -> Result:
        """The rows of a query.

        Raises
        ------
        SqlRefused
            Where Trino refuses it.
        """
        known = parent.queries_in_sight() if parent is not None else {}
        inner = Queries(self.context, {**known, **self.ctes})
        seen: set[str] = set()
        for cte in node.ctes:
            if cte.name.value.lower() in seen:
                raise refusal(
                    cte.at, f"WITH query name '{cte.name.value}' specified more than once", "DUPLICATE_NAMED_QUERY"
                )
            seen.add(cte.name.value.lower())
            inner.add_cte(cte, parent, may_recur=node.recursive)
        if isinstance(node.body, tree.Select):
            return Select(inner, node.body, parent, node).result()
        body = inner.body(node.body, parent)
        return inner.ordered(body, node, parent)

    def body(self, node: tree.Body, parent: Scope | None) -> Result:
        if isinstance(node, tree.Select):
            return Select(self, node, parent, None).result()
        if isinstance(node, tree.Query):
            return self.query(node, parent)
        if isinstance(node, tree.SetOperation):
            return set_operation(self, node, parent)
        if isinstance(node, tree.Values):
            return values(self.context, node, parent)
        query = tree.Select(
            False, (tree.AllColumns(None, (), at=node.at),), node.table, None, None, False, None, (), at=node.at
        )
        return Select(self, query, parent, None).result()

    def add_cte(self, cte: tree.With, parent: Scope | None, *, may_recur: bool) -> None:
        name = cte.name.value.lower()
        if may_recur and mentions_table(cte.query, name):
            self.ctes[name] = recursive(self, cte, parent)
            return
        outer = self.within({})
        result = outer.query(cte.query, parent)
        names = renamed(result, cte)
        relations = Relations(self, parent)

        def source() -> Source:
            found = relations.derived(Result(result.sql, names))
            return Source(found.sql, tuple(attrs.evolve(f, qualifier=(name,)) for f in found.fields))

        self.ctes[name] = source

    # ---- ORDER BY and limits of what is no SELECT

    def ordered(self, body: Result, node: tree.Query, parent: Scope | None) -> Result:
        if not (node.order or node.limit or node.offset):
            return body
        fields = tuple(Field(c.name, f"q.c{i}", c.type) for i, c in enumerate(body.columns))
        expressions = Expressions(self.context, Scope(fields, parent), clause="ORDER BY clause")
        keys = [sort_value(expressions, item, [Typed(f.sql, f.type) for f in fields]) for item in node.order]
        order = ", ".join(sort_key(value, item) for value, item in zip(keys, node.order, strict=True))
        selected = ", ".join(f"q.c{i}" for i in range(len(body.columns)))
        return Result(limited(self.context, f"SELECT {selected} FROM ({body.sql}) AS q", order, node), body.columns)
