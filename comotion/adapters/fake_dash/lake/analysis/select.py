"""One SELECT: FROM, WHERE, grouping, HAVING, the list, DISTINCT and order become one DuckDB query."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from comotion.adapters.fake_dash.lake.analysis import walk
from comotion.adapters.fake_dash.lake.analysis.expressions import Expressions, aggregate_names
from comotion.adapters.fake_dash.lake.analysis.group_by import Sets, group_by, read_sets
from comotion.adapters.fake_dash.lake.analysis.grouping import GroupedScope, Grouping
from comotion.adapters.fake_dash.lake.analysis.operators import is_comparable, is_orderable, one_zone
from comotion.adapters.fake_dash.lake.analysis.ordering import limited, sort_key, sort_value
from comotion.adapters.fake_dash.lake.analysis.relations import Relations, Source
from comotion.adapters.fake_dash.lake.analysis.results import Column, Result
from comotion.adapters.fake_dash.lake.analysis.select_list import Named, SelectList
from comotion.adapters.fake_dash.lake.analysis.typed import Scope, Typed, mismatch, refusal
from comotion.adapters.fake_dash.lake.analysis.windows import resolved, window_text
from comotion.adapters.fake_dash.lake.sql import tree

if TYPE_CHECKING:
    from comotion.adapters.fake_dash.lake.analysis.queries import Queries


class Select:
    """One SELECT on its way."""

    def __init__(self, queries: Queries, node: tree.Select, parent: Scope | None, query: tree.Query | None) -> None:
        self.queries, self.node, self.parent, self.query = queries, node, parent, query
        self.context = queries.context
        self.order = query.order if query is not None else ()
        if node.source is not None:
            self.source = Relations(queries, parent).analyse(node.source)
        else:
            self.source = Source("(SELECT 1) AS nothing", ())
        self.scope = Scope(self.source.fields, parent, queries.ctes)
        self.chosen = SelectList(node, self.source.fields)
        self.sets: list[Sets] = []
        self.windows: dict[str, tree.Window] = {}
        for name, window in node.windows:
            if name.value.lower() in self.windows:
                raise refusal(name.at, f"WINDOW name '{name.value}' specified more than once", "DUPLICATE_WINDOW_NAME")
            self.windows[name.value.lower()] = resolved(window, self.windows)

    def result(self) -> Result:
        where = ""
        if self.node.where is not None:
            condition = Expressions(self.context, self.scope, clause="WHERE clause").boolean(
                self.node.where, "WHERE clause"
            )
            where = f" WHERE {condition.sql}"
        expressions, grouping = self._expressions()
        items = self.chosen.named(expressions)
        having = self._having(expressions, grouping)
        outputs = [value for _, value in items]
        order = self._order(expressions, items)
        rows = f"{self.source.sql}{where}"
        if grouping is not None:
            rows = f"(SELECT {grouping.columns()} FROM {rows}{group_by(self.node, self.sets)}) AS {grouping.alias}"
            rows += f" WHERE {having}" if having else ""
        columns = tuple(Column(name, value.type) for name, value in items)
        return Result(self._finished(outputs, order, rows), columns)

    def _finished(self, outputs: list[Typed], order: list[tuple[Typed, tree.SortItem]], rows: str) -> str:
        selected = [f"{value.sql} AS c{i}" for i, value in enumerate(outputs)]
        if self.node.distinct:
            for value in outputs:
                if not is_comparable(value.type):
                    raise mismatch(
                        self.node.at, f"DISTINCT can only be applied to comparable types (actual: {value.type})"
                    )
                one_zone(value.type, "DISTINCT")
        distinct = "DISTINCT " if self.node.distinct else ""
        query = self.query
        if query is None or not (query.order or query.limit or query.offset):
            return f"SELECT {distinct}{', '.join(selected)} FROM {rows}"
        texts = [value.sql for value in outputs]
        keys: list[str] = []
        for number, (value, item) in enumerate(order):
            if value.sql in texts:
                place = texts.index(value.sql)
                keys.append(sort_key(Typed(f"q.c{place}", value.type), item))
                continue
            if self.node.distinct:
                raise refusal(
                    item.key.at,
                    "For SELECT DISTINCT, ORDER BY expressions must appear in select list",
                    "EXPRESSION_NOT_IN_DISTINCT",
                )
            if not is_orderable(value.type):
                sort_key(value, item)
            selected.append(f"{value.sql} AS o{number}")
            keys.append(sort_key(Typed(f"q.o{number}", value.type), item))
        inner = f"SELECT {distinct}{', '.join(selected)} FROM {rows}"
        if not keys:
            return limited(self.context, inner, "", query)
        wanted = ", ".join(f"q.c{i}" for i in range(len(outputs)))
        if query.ties:
            outer = limited(self.context, f"SELECT * FROM ({inner}) AS q", ", ".join(keys), query)
            return f"SELECT {wanted} FROM ({outer}) AS q"
        return limited(self.context, f"SELECT {wanted} FROM ({inner}) AS q", ", ".join(keys), query)

    # ---- grouping

    def _expressions(self) -> tuple[Expressions, Grouping | None]:
        plain = Expressions(self.context, self.scope, windows=self.windows)
        names = aggregate_names()
        looked = (self.node.items, self.node.having, self.order)
        if self.node.group is None and self.node.having is None and not walk.has_aggregate(looked, names):
            for window in self.windows.values():  # one that nobody uses is looked at too
                window_text(plain, window)
            return plain, None
        grouping = Grouping(self.context.fresh("g"))
        self.sets = read_sets(self.chosen, attrs.evolve(plain, clause="GROUP BY clause"), grouping)
        scope = GroupedScope(self.source.fields, self.parent, self.queries.ctes, grouping=grouping)
        return Expressions(self.context, scope, grouping, plain, windows=self.windows), grouping

    def _having(self, expressions: Expressions, grouping: Grouping | None) -> str:
        if self.node.having is None or grouping is None:
            return ""
        if walk.has_window(self.node.having):
            raise refusal(
                self.node.having.at,
                "HAVING clause cannot contain window functions or row pattern measures",
                "NESTED_WINDOW",
            )
        return expressions.boolean(self.node.having, "HAVING clause").sql

    # ---- ordering

    def _order(self, expressions: Expressions, items: list[Named]) -> list[tuple[Typed, tree.SortItem]]:
        if not self.order:
            return []
        overrides: dict[str, Typed] = {}
        doubled: set[str] = set()
        for name, value in items:
            if name is None:
                continue
            lowered = name.lower()
            if lowered in overrides and overrides[lowered].sql != value.sql:
                doubled.add(lowered)
            overrides[lowered] = value
        ordering = attrs.evolve(expressions, overrides=overrides)
        found = []
        for item in self.order:
            if isinstance(item.key, tree.Name) and item.key.value.lower() in doubled:
                raise refusal(item.key.at, f"Column '{item.key.value.lower()}' is ambiguous", "AMBIGUOUS_NAME")
            found.append((sort_value(ordering, item, [value for _, value in items]), item))
        return found
