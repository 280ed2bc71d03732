"""Queries: SELECT with its grouping, ordering and limits, set operations, VALUES, WITH."""

from __future__ import annotations

import itertools
from typing import Any

import attrs
from attrs import frozen

from comotion.adapters.fake_dash.lake.analysis import walk
from comotion.adapters.fake_dash.lake.analysis.calls import sort_key
from comotion.adapters.fake_dash.lake.analysis.casts import coerce
from comotion.adapters.fake_dash.lake.analysis.context import Context
from comotion.adapters.fake_dash.lake.analysis.expressions import Expressions, aggregate_names
from comotion.adapters.fake_dash.lake.analysis.grouping import GroupedScope, Grouping
from comotion.adapters.fake_dash.lake.analysis.operators import is_comparable, is_orderable
from comotion.adapters.fake_dash.lake.analysis.relations import Relations, Source
from comotion.adapters.fake_dash.lake.analysis.typed import Field, Scope, Typed, mismatch, refusal
from comotion.adapters.fake_dash.lake.refusal import SqlNotSupported
from comotion.adapters.fake_dash.lake.sql import tree
from comotion.adapters.fake_dash.lake.types import BOOLEAN, INTEGER, Type, common_type

_MAX_DEPTH = 10


@frozen
class Column:
    """A column of a result."""

    name: str | None
    type: Type


@frozen
class Result:
    """A query as DuckDB text whose columns are c0, c1, ..."""

    sql: str
    columns: tuple[Column, ...]


class Queries:
    """Translates queries; knows the WITH queries in sight."""

    def __init__(self, context: Context, ctes: dict[str, Any] | None = None) -> None:
        self.context = context
        self.ctes: dict[str, Any] = ctes if ctes is not None else {}

    def find_cte(self, name: str) -> Source | None:
        found = self.ctes.get(name)
        if found is None:
            return None
        made: Source = found()
        return made

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
            inner.add_cte(cte, parent, recursive=node.recursive)
        if isinstance(node.body, tree.Select):
            return inner.select(node.body, parent, node)
        body = inner.body(node.body, parent)
        return inner.ordered(body, node, parent)

    def body(self, node: tree.Body, parent: Scope | None) -> Result:
        if isinstance(node, tree.Select):
            return self.select(node, parent, None)
        if isinstance(node, tree.Query):
            return self.query(node, parent)
        if isinstance(node, tree.SetOperation):
            return self.set_operation(node, parent)
        if isinstance(node, tree.Values):
            return self.values(node, parent)
        query = tree.Select(
            False, (tree.AllColumns(None, (), at=node.at),), node.table, None, None, False, None, (), at=node.at
        )
        return self.select(query, parent, None)

    def add_cte(self, cte: tree.With, parent: Scope | None, *, recursive: bool) -> None:
        name = cte.name.value.lower()
        if recursive and _mentions_table(cte.query, name):
            self.ctes[name] = self._recursive(cte, parent, name)
            return
        outer = Queries(self.context, dict(self.ctes))
        result = outer.query(cte.query, parent)
        names = _renamed(result, cte)
        relations = Relations(self, parent)

        def source() -> Source:
            found = relations.derived(Result(result.sql, names))
            return Source(found.sql, tuple(attrs.evolve(f, qualifier=(name,)) for f in found.fields))

        self.ctes[name] = source

    def _recursive(self, cte: tree.With, parent: Scope | None, name: str) -> Any:
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
        anchor = Queries(self.context, dict(self.ctes)).body(body.left, parent)
        columns = _renamed(anchor, cte)
        table = self.context.fresh("w")

        def reference() -> Source:
            alias = self.context.fresh("r")
            fields = [Field(c.name, f"{alias}.c{i}", c.type, (name,)) for i, c in enumerate(columns)]
            fields.append(Field("$depth", f"{alias}.depth", INTEGER, (name,), hidden=True))
            return Source(f"{table} AS {alias}", tuple(fields))

        inner = Queries(self.context, {**self.ctes, name: reference})
        depth = tree.Arithmetic("+", tree.Name("$depth", at=cte.at), tree.Integer(1, at=cte.at), at=cte.at)
        extended = attrs.evolve(body.right, items=(*body.right.items, tree.Item(depth, None, at=cte.at)))
        step = inner.select(extended, parent, None)
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
            taken.append(coerce(self.context, Typed(f"s.c{i}", got.type), want.type).sql + f" AS c{i}")
        selected = ", ".join(f"b.c{i}" for i in range(len(columns)))
        limit = (
            f"Recursion depth limit exceeded ({_MAX_DEPTH}). Use 'max_recursion_depth' session "
            "property to modify the limit."
        )
        depth_sql = f"s.c{len(columns)}"
        checked = f"CASE WHEN {depth_sql} > {_MAX_DEPTH} THEN {self.context.fail(limit, BOOLEAN)} ELSE TRUE END"
        names = ", ".join([f"c{i}" for i in range(len(columns))] + ["depth"])
        first = f"SELECT {selected}, CAST(0 AS INTEGER) FROM ({anchor.sql}) AS b"
        then = f"SELECT {', '.join(taken)}, {depth_sql} FROM ({step.sql}) AS s WHERE {checked}"
        whole = f"WITH RECURSIVE {table}({names}) AS ({first} UNION ALL {then}) SELECT * FROM {table}"

        def source() -> Source:
            alias = self.context.fresh("r")
            fields = tuple(Field(c.name, f"{alias}.c{i}", c.type, (name,)) for i, c in enumerate(columns))
            return Source(f"({whole}) AS {alias}", fields)

        return source

    # ---- ORDER BY and limits of what is no SELECT

    def ordered(self, body: Result, node: tree.Query, parent: Scope | None) -> Result:
        if not (node.order or node.limit or node.offset):
            return body
        fields = tuple(Field(c.name, f"q.c{i}", c.type) for i, c in enumerate(body.columns))
        expressions = Expressions(self.context, Scope(fields, parent), clause="ORDER BY clause")
        keys = [self._key(expressions, item, [Typed(f.sql, f.type) for f in fields]) for item in node.order]
        order = ", ".join(sort_key(value, item) for value, item in zip(keys, node.order, strict=True))
        selected = ", ".join(f"q.c{i}" for i in range(len(body.columns)))
        return Result(self._limited(f"SELECT {selected} FROM ({body.sql}) AS q", order, node), body.columns)

    def _key(self, expressions: Expressions, item: tree.SortItem, outputs: list[Typed]) -> Typed:
        if isinstance(item.key, tree.Integer):
            if not 1 <= item.key.value <= len(outputs):
                raise refusal(
                    item.key.at, f"ORDER BY position {item.key.value} is not in select list", "INVALID_COLUMN_REFERENCE"
                )
            return outputs[item.key.value - 1]
        return expressions.analyse(item.key)

    def _limited(self, sql: str, order: str, node: tree.Query) -> str:
        limit, offset = _count(node.limit), _count(node.offset)
        if node.ties and limit is not None:
            name = self.context.fresh("q")
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

    # ---- set operations and VALUES

    def set_operation(self, node: tree.SetOperation, parent: Scope | None) -> Result:
        left, right = self.body(node.left, parent), self.body(node.right, parent)
        what = node.operator
        if len(left.columns) != len(right.columns):
            raise mismatch(
                node.at, f"{what} query has different number of fields: {len(left.columns)}, {len(right.columns)}"
            )
        columns: list[Column] = []
        for index, (a, b) in enumerate(zip(left.columns, right.columns, strict=True)):
            kind = common_type(a.type, b.type)
            if kind is None:
                raise mismatch(
                    node.at, f"column {index + 1} in {what} query has incompatible types: {a.type}, {b.type}"
                )
            if (node.distinct or what != "UNION") and not is_comparable(kind):
                raise mismatch(
                    node.at,
                    f"Type {kind} is not comparable and therefore cannot be used in {what}",
                )
            if node.distinct or what != "UNION":
                _one_zone(kind, what)
            columns.append(Column(a.name, kind))
        word = what + ("" if node.distinct else " ALL")
        # DuckDB would bind a chain of them from the left with one precedence, so each side is closed
        sql = f"(SELECT * FROM ({self._as(left, columns)})) {word} (SELECT * FROM ({self._as(right, columns)}))"
        return Result(sql, tuple(columns))

    def _as(self, result: Result, columns: list[Column]) -> str:
        name = self.context.fresh("s")
        picked = [
            coerce(self.context, Typed(f"{name}.c{i}", have.type), want.type).sql + f" AS c{i}"
            for i, (have, want) in enumerate(zip(result.columns, columns, strict=True))
        ]
        return f"SELECT {', '.join(picked)} FROM ({result.sql}) AS {name}"

    def values(self, node: tree.Values, parent: Scope | None) -> Result:
        expressions = Expressions(self.context, Scope((), parent), clause="VALUES")
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
        name = self.context.fresh("v")
        listed = ", ".join(
            f"({', '.join(coerce(self.context, v, k).sql for v, k in zip(one, kinds, strict=True))})" for one in rows
        )
        names = ", ".join(f"c{i}" for i in range(width))
        return Result(f"SELECT * FROM (VALUES {listed}) AS {name}({names})", tuple(Column(None, k) for k in kinds))

    # ---- SELECT

    def select(self, node: tree.Select, parent: Scope | None, query: tree.Query | None) -> Result:
        return SelectTranslation(self, node, parent, query).result()


class SelectTranslation:
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
        self.windows: dict[str, tree.Window] = {}
        for name, window in node.windows:
            if name.value.lower() in self.windows:
                raise refusal(name.at, f"WINDOW name '{name.value}' specified more than once", "DUPLICATE_WINDOW_NAME")
            self.windows[name.value.lower()] = window

    def result(self) -> Result:
        where = ""
        if self.node.where is not None:
            condition = Expressions(self.context, self.scope, clause="WHERE clause").boolean(
                self.node.where, "WHERE clause"
            )
            where = f" WHERE {condition.sql}"
        expressions, grouping = self._expressions()
        items = self._items(expressions, grouping)
        having = self._having(expressions, grouping)
        outputs = [value for _, value in items]
        order = self._order(expressions, items)
        rows = f"{self.source.sql}{where}"
        if grouping is not None:
            rows = f"(SELECT {grouping.columns()} FROM {rows}{self._group_by(grouping)}) AS {grouping.alias}"
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
                _one_zone(value.type, "DISTINCT")
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
            return self.queries._limited(inner, "", query)
        wanted = ", ".join(f"q.c{i}" for i in range(len(outputs)))
        if query.ties:
            outer = self.queries._limited(f"SELECT * FROM ({inner}) AS q", ", ".join(keys), query)
            return f"SELECT {wanted} FROM ({outer}) AS q"
        return self.queries._limited(f"SELECT {wanted} FROM ({inner}) AS q", ", ".join(keys), query)

    # ---- grouping

    def _expressions(self) -> tuple[Expressions, Grouping | None]:
        plain = Expressions(self.context, self.scope, windows=self.windows)
        names = aggregate_names()
        looked = (self.node.items, self.node.having, self.order)
        if self.node.group is None and self.node.having is None and not walk.has_aggregate(looked, names):
            return plain, None
        grouping = Grouping(self.context.fresh("g"))
        self._sets(plain, grouping)
        scope = GroupedScope(self.source.fields, self.parent, self.queries.ctes, grouping=grouping)
        return Expressions(self.context, scope, grouping, plain, windows=self.windows), grouping

    def _sets(self, plain: Expressions, grouping: Grouping) -> None:
        self.sets: list[list[tuple[str, ...]]] = []
        source = attrs.evolve(plain, clause="GROUP BY clause")
        for element in self.node.group or ():
            keyed = [tuple(self._group_key(source, grouping, item) for item in group) for group in element.sets]
            if element.kind == "simple":
                self.sets.append([keyed[0]])
            elif element.kind == "sets":
                self.sets.append(keyed)
            elif element.kind == "rollup":
                self.sets.append([tuple(itertools.chain(*keyed[:n])) for n in range(len(keyed), -1, -1)])
            else:
                chosen = itertools.chain.from_iterable(
                    itertools.combinations(keyed, n) for n in range(len(keyed), -1, -1)
                )
                self.sets.append([tuple(itertools.chain(*one)) for one in chosen])
        grouping.sets = any(len(one) > 1 for one in self.sets)

    def _group_key(self, source: Expressions, grouping: Grouping, item: tree.Expression) -> str:
        if isinstance(item, tree.Integer):
            expanded = self._outputs_written()
            if not 1 <= item.value <= len(expanded):
                raise refusal(
                    item.at, f"GROUP BY position {item.value} is not in select list", "INVALID_COLUMN_REFERENCE"
                )
            chosen = expanded[item.value - 1]
            if isinstance(chosen, Field):
                value = Typed(chosen.sql, chosen.type)
            else:
                value = source.analyse(chosen)
        else:
            value = source.analyse(item)
        if not is_comparable(value.type):
            raise mismatch(item.at, f"{value.type} is not comparable, and therefore cannot be used in GROUP BY")
        _one_zone(value.type, "GROUP BY")
        return grouping.add_key(value)

    def _outputs_written(self) -> list[tree.Expression | Field]:
        found: list[tree.Expression | Field] = []
        for item in self.node.items:
            if isinstance(item, tree.Item):
                found.append(item.value)
            else:
                found.extend(self._star_fields(item))
        return found

    def _group_by(self, grouping: Grouping) -> str:
        if self.node.group is None:
            return ""
        combined = [tuple(dict.fromkeys(itertools.chain(*one))) for one in itertools.product(*self.sets)]
        if self.node.group_distinct:
            combined = list({frozenset(one): one for one in combined}.values())
        if len(combined) == 1:
            return f" GROUP BY {', '.join(combined[0])}" if combined[0] else ""
        shown = ", ".join(f"({', '.join(one)})" for one in combined)
        return f" GROUP BY GROUPING SETS ({shown})"

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

    # ---- the select list

    def _items(self, expressions: Expressions, grouping: Grouping | None) -> list[tuple[str | None, Typed]]:
        found: list[tuple[str | None, Typed]] = []
        for item in self.node.items:
            if isinstance(item, tree.Item):
                value = expressions.analyse(item.value)
                found.append((item.alias.value if item.alias else _name_of(item.value), value))
            else:
                found.extend(self._star(expressions, item))
        return found

    def _star_fields(self, item: tree.AllColumns) -> list[Field]:
        visible = [f for f in self.source.fields if not f.hidden]
        if item.target is None:
            if self.node.source is None:
                raise refusal(item.at, "SELECT * not allowed in queries without FROM clause", "COLUMN_NOT_FOUND")
            return visible
        parts = _parts(item.target)
        if parts is not None:
            chosen = [f for f in visible if f.within(parts)]
            if chosen:
                return chosen
        return []

    def _star(self, expressions: Expressions, item: tree.AllColumns) -> list[tuple[str | None, Typed]]:
        fields = self._star_fields(item)
        found: list[tuple[str | None, Typed]] = []
        if fields:
            for one in fields:
                shown = expressions.scope.translate(one, item.at)
                found.append((one.name, Typed(shown.sql, shown.type)))
        else:
            found = self._row_star(expressions, item)
        if item.aliases:
            if len(item.aliases) != len(found):
                raise refusal(
                    item.aliases[0].at,
                    f"Column alias list has {len(item.aliases)} entries but relation has {len(found)} columns",
                    "MISMATCHED_COLUMN_ALIASES",
                )
            found = [(alias.value, value) for alias, (_, value) in zip(item.aliases, found, strict=True)]
        return found

    def _row_star(self, expressions: Expressions, item: tree.AllColumns) -> list[tuple[str | None, Typed]]:
        assert item.target is not None
        parts = _parts(item.target)
        if parts is not None and expressions.scope.find(parts, item.at) is None and len(parts) == 1:
            raise refusal(
                item.at, f"Unable to resolve reference {walk.written(item.target)}", "INVALID_COLUMN_REFERENCE"
            )
        value = expressions.analyse(item.target)
        if value.type.base != "row":
            raise mismatch(item.at, "expected expression of type Row")
        names = value.type.names or (None,) * len(value.type.parts)
        return [
            (n, Typed(f"({value.sql}).f{i}", p)) for i, (n, p) in enumerate(zip(names, value.type.parts, strict=True))
        ]

    # ---- ordering

    def _order(
        self, expressions: Expressions, items: list[tuple[str | None, Typed]]
    ) -> list[tuple[Typed, tree.SortItem]]:
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
            found.append((self.queries._key(ordering, item, [value for _, value in items]), item))
        return found


def _one_zone(kind: Type, what: str) -> None:
    """Values equal as moments may be shown in two zones; which one a group shows cannot be said here."""
    if kind.is_zoned and kind.zone is None:
        raise SqlNotSupported(f"{what} over timestamps whose time zone differs by row")
    for part in kind.parts:
        _one_zone(part, what)


def _renamed(result: Result, cte: tree.With) -> tuple[Column, ...]:
    if not cte.columns:
        return result.columns
    if len(cte.columns) != len(result.columns):
        raise refusal(
            cte.at,
            f"WITH column alias list has {len(cte.columns)} entries but WITH query({cte.name.value}) has "
            f"{len(result.columns)} columns",
            "MISMATCHED_COLUMN_ALIASES",
        )
    return tuple(Column(n.value, c.type) for n, c in zip(cte.columns, result.columns, strict=True))


def _mentions_table(node: object, name: str) -> bool:
    if isinstance(node, tree.Table):
        return len(node.name) == 1 and node.name[0].value.lower() == name
    if isinstance(node, tree.Node):
        return any(_mentions_table(getattr(node, f.name), name) for f in attrs.fields(type(node)) if f.name != "at")
    return isinstance(node, tuple) and any(_mentions_table(item, name) for item in node)


def _name_of(node: tree.Expression) -> str | None:
    if isinstance(node, tree.Name):
        return node.value
    if isinstance(node, tree.Dereference):
        return node.field.value
    return None


def _parts(node: tree.Expression) -> tuple[str, ...] | None:
    if isinstance(node, tree.Name):
        return (node.value.lower(),)
    if isinstance(node, tree.Dereference):
        base = _parts(node.base)
        return None if base is None else (*base, node.field.value.lower())
    return None


def _count(node: tree.Expression | None) -> int | None:
    if node is None:
        return None
    if isinstance(node, tree.Integer):
        return node.value
    raise refusal(node.at, "Incorrect number of parameters: expected 1 but found 0", "INVALID_PARAMETER_USAGE")
