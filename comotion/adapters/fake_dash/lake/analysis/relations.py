"""FROM: tables with their versions, joins, UNNEST, derived tables, samples; each becomes DuckDB text and fields."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from attrs import evolve, frozen

from comotion.adapters.fake_dash.lake.analysis import commits, metadata
from comotion.adapters.fake_dash.lake.analysis.casts import coerce
from comotion.adapters.fake_dash.lake.analysis.context import CATALOG, SCHEMA
from comotion.adapters.fake_dash.lake.analysis.expressions import Expressions
from comotion.adapters.fake_dash.lake.analysis.operators import compare
from comotion.adapters.fake_dash.lake.analysis.typed import Field, Scope, Typed, mismatch, quoted, refusal, text
from comotion.adapters.fake_dash.lake.refusal import SqlNotSupported
from comotion.adapters.fake_dash.lake.sql import tree
from comotion.adapters.fake_dash.lake.types import BIGINT, VARCHAR, Type, can_coerce, common_type

if TYPE_CHECKING:
    from comotion.adapters.fake_dash.lake.analysis.queries import Queries
    from comotion.adapters.fake_dash.lake.analysis.results import Result


@frozen
class Source:
    """Rows that can be selected from; `left` fields come before `USING` columns are merged."""

    sql: str
    fields: tuple[Field, ...]


class Relations:
    """Translates what stands in a FROM."""

    def __init__(self, queries: Queries, parent: Scope | None) -> None:
        self.queries = queries
        self.context = queries.context
        self.parent = parent

    def analyse(self, node: tree.Relation) -> Source:
        """The rows of a relation.

        Raises
        ------
        SqlRefused
            Where a table or column is unknown.
        """
        self.context.reading = node
        if isinstance(node, tree.Table):
            return self.table(node)
        if isinstance(node, tree.Aliased):
            return self.aliased(node)
        if isinstance(node, tree.Derived):
            return self.derived(self.queries.query(node.query, self.parent))
        if isinstance(node, tree.Unnest):
            return self.unnest(Source("(SELECT 1)", ()), node, keep=False)
        if isinstance(node, tree.Join):
            return self.join(node)
        if isinstance(node, tree.Sampled):
            return self.sampled(node)
        if isinstance(node, tree.TableFunction):
            return self.table_function(node)
        raise SqlNotSupported(type(node).__name__)

    # ---- tables

    def table(self, node: tree.Table) -> Source:
        if len(node.name) == 1:
            cte = self.queries.find_cte(node.name[0].value.lower())
            if cte is not None:
                if node.version is not None:
                    raise refusal(node.at, f"Table '{node.name[0].value}' does not support versioning", "NOT_SUPPORTED")
                return cte
        names = [part.value.lower() for part in node.name]
        catalog, schema, table = ([CATALOG, SCHEMA][: 3 - len(names)] + names)[-3:]
        if len(names) > 3:
            raise refusal(node.at, f"Too many dots in table name: {'.'.join(names)}", "SYNTAX_ERROR")
        if catalog != CATALOG:
            raise refusal(node.at, f"Catalog '{catalog}' not found", "CATALOG_NOT_FOUND")
        if schema == "information_schema":
            return self._constant(metadata.information_schema(self.context, table, node.at), (catalog, schema, table))
        if schema != SCHEMA:
            raise refusal(node.at, f"Schema '{schema}' does not exist", "SCHEMA_NOT_FOUND")
        base, _, extra = table.partition("$")
        columns = self.context.tables.columns(base)
        if columns is None:
            raise refusal(
                node.at, f"Table '{catalog}.{schema}.{base if extra else table}' does not exist", "TABLE_NOT_FOUND"
            )
        if extra:
            return self._constant(commits.of_table(self.context, base, extra, node.at), (catalog, schema, table))
        return self._stored(node, table, columns)

    def _stored(self, node: tree.Table, table: str, columns: Mapping[str, Type]) -> Source:
        self.context.scanned.add(table)
        alias = self.context.fresh("r")
        qualifier = (CATALOG, SCHEMA, table)
        fields: list[Field] = []
        for name, kind in columns.items():
            sql = f"{alias}.{quoted(name)}"
            if kind.is_zoned:
                sql = f"CASE WHEN {sql} IS NULL THEN NULL ELSE struct_pack(t := {sql}, z := 'UTC') END"
            fields.append(Field(name, sql, kind, qualifier))
        snapshot = f"{alias}.{quoted('$snapshot')}"
        paths = self.context.tables.snapshots(table)
        arms = " ".join(f"WHEN {s.number} THEN {text(s.path)}" for s in paths)
        stamps = " ".join(f"WHEN {s.number} THEN make_timestamp({s.at_us})" for s in paths)
        shown = f"CASE {snapshot} {arms} END" if arms else "CAST(NULL AS VARCHAR)"
        at = f"CASE {snapshot} {stamps} END" if stamps else "CAST(NULL AS TIMESTAMP)"
        fields.append(Field("$path", shown, VARCHAR, qualifier, hidden=True))
        zoned = Type("timestamp with time zone", (3,), zone="UTC")
        fields.append(
            Field("$file_modified_time", f"struct_pack(t := {at}, z := 'UTC')", zoned, qualifier, hidden=True)
        )
        sql = f"{self.context.tables.storage(table)} AS {alias}"
        if node.version is not None:
            condition = self._version(node, table)
            sql = (
                f"(SELECT * FROM {self.context.tables.storage(table)} WHERE {quoted('$snapshot')} "
                f"<= {condition}) AS {alias}"
            )
        return Source(sql, tuple(fields))

    def _version(self, node: tree.Table, table: str) -> str:
        """The number of the last snapshot in sight, as DuckDB text."""
        assert node.version is not None
        kind, place = node.version
        value = Expressions(self.context, Scope(())).analyse(place)
        snapshots = self.context.tables.snapshots(table)
        missing = self.context.fail(
            f'No version history table "{SCHEMA}"."{table}" at or before the requested time', BIGINT
        )
        if kind == "VERSION":
            if not value.type.is_integer:
                raise mismatch(place.at, f"Unsupported type for table version: {value.type}")
            arms = " ".join(f"WHEN {s.id} THEN {s.number}" for s in snapshots)
            missing = self.context.fail(
                f"Iceberg snapshot ID does not exists: {place.value if isinstance(place, tree.Integer) else ''}", BIGINT
            )
            return f"(CASE {value.sql} {arms} ELSE {missing} END)" if arms else f"({missing})"
        target = Type("timestamp with time zone", (6,), zone="UTC")
        if common_type(value.type, target) is None or value.type.base == "unknown":
            raise mismatch(place.at, f"Unsupported type for temporal table version: {value.type}")
        moment = f"epoch_us(({coerce(self.context, value, target).sql}).t)"
        arms = " ".join(f"WHEN {moment} >= {s.at_us} THEN {s.number}" for s in reversed(snapshots))
        return f"(CASE {arms} ELSE {missing} END)" if arms else "0"

    def _constant(
        self, rows: tuple[tuple[tuple[str, Type], ...], list[tuple[str, ...]]], qualifier: tuple[str, ...]
    ) -> Source:
        """A relation whose rows are DuckDB literals."""
        columns, values = rows
        alias = self.context.fresh("r")
        names = ", ".join(f"c{i}" for i in range(len(columns)))
        if values:
            listed = ", ".join(f"({', '.join(one)})" for one in values)
            sql = f"(VALUES {listed}) AS {alias}({names})"
        else:
            from comotion.adapters.fake_dash.lake.types import duck

            nothing = ", ".join(f"CAST(NULL AS {duck(kind)}) AS c{i}" for i, (_, kind) in enumerate(columns))
            sql = f"(SELECT {nothing} LIMIT 0) AS {alias}"
        fields = tuple(Field(name, f"{alias}.c{i}", kind, qualifier) for i, (name, kind) in enumerate(columns))
        return Source(sql, fields)

    # ---- aliases and queries

    def derived(self, result: Result) -> Source:
        alias = self.context.fresh("r")
        fields = tuple(Field(c.name, f"{alias}.c{i}", c.type) for i, c in enumerate(result.columns))
        return Source(f"({result.sql}) AS {alias}", fields)

    def aliased(self, node: tree.Aliased) -> Source:
        inner = self.analyse(node.relation)
        return self._named(inner, node)

    def _named(self, inner: Source, node: tree.Aliased) -> Source:
        visible = [f for f in inner.fields if not f.hidden]
        if node.columns and len(node.columns) != len(visible):
            raise refusal(
                node.at,
                (
                    f"Column alias list has {len(node.columns)} entries but '{node.alias.value}' has "
                    f"{len(visible)} columns available"
                ),
                "MISMATCHED_COLUMN_ALIASES",
            )
        qualifier = (node.alias.value.lower(),)
        if node.columns:
            fields = tuple(
                evolve(f, name=n.value, qualifier=qualifier) for f, n in zip(visible, node.columns, strict=True)
            )
        else:
            fields = tuple(evolve(f, qualifier=qualifier) for f in inner.fields)
        return Source(inner.sql, fields)

    # ---- joins

    def join(self, node: tree.Join) -> Source:
        left = self.analyse(node.left)
        unnest, alias = _unnest_of(node.right)
        if unnest is not None:
            return self._join_unnest(node, left, unnest, alias)
        right = self._right(node, left)
        if node.using or node.natural:
            return self._using(node, left, right)
        fields = left.fields + right.fields
        lateral = "LATERAL " if _is_lateral(node.right) else ""
        if node.kind == "cross":
            return Source(f"{left.sql} CROSS JOIN {lateral}{right.sql}", fields)
        assert node.condition is not None
        expressions = Expressions(self.context, Scope(fields, self.parent), clause="JOIN clause")
        condition = expressions.boolean(node.condition, "JOIN ON clause").sql
        return Source(f"({left.sql} {node.kind.upper()} JOIN {lateral}{right.sql} ON {condition})", fields)

    def _right(self, node: tree.Join, left: Source) -> Source:
        if not _is_lateral(node.right):
            return self.analyse(node.right)
        return Relations(self.queries, Scope(left.fields, self.parent)).analyse(node.right)

    def _using(self, node: tree.Join, left: Source, right: Source) -> Source:
        names = [n.value.lower() for n in node.using]
        if node.natural:
            ours = {f.name.lower() for f in left.fields if f.name and not f.hidden}
            names = [f.name.lower() for f in right.fields if f.name and not f.hidden and f.name.lower() in ours]
            if node.natural:
                raise refusal(node.at, "Natural join not supported", "NOT_SUPPORTED")
        conditions: list[str] = []
        merged: list[Field] = []
        for name, place in zip(names, node.using, strict=True):
            one = self._one(left, name, place, "left")
            two = self._one(right, name, place, "right")
            kind = common_type(one.type, two.type)
            if kind is None:
                raise mismatch(
                    place.at, f"Column '{place.value}' is of incompatible types in join: {one.type}, {two.type}"
                )
            a, b = Typed(one.sql, one.type), Typed(two.sql, two.type)
            conditions.append(compare(self.context, "=", a, b, place.at).sql)
            x, y = coerce(self.context, a, kind).sql, coerce(self.context, b, kind).sql
            chosen = {"inner": x, "left": x, "right": y, "full": f"coalesce({x}, {y})"}[node.kind]
            merged.append(Field(place.value, chosen, kind))
        taken = set(names)
        rest = tuple(f for f in left.fields + right.fields if f.name is None or f.name.lower() not in taken)
        condition = " AND ".join(conditions) or "TRUE"
        return Source(f"({left.sql} {node.kind.upper()} JOIN {right.sql} ON {condition})", (*merged, *rest))

    def _one(self, source: Source, name: str, place: tree.Name, side: str) -> Field:
        found = [f for f in source.fields if f.name is not None and f.name.lower() == name]
        if not found:
            raise refusal(place.at, f"Column '{place.value}' is missing from {side} side of join", "COLUMN_NOT_FOUND")
        if len(found) > 1:
            raise refusal(place.at, f"Column '{place.value}' is ambiguous", "AMBIGUOUS_NAME")
        return found[0]

    # ---- UNNEST

    def _join_unnest(self, node: tree.Join, left: Source, unnest: tree.Unnest, alias: tree.Aliased | None) -> Source:
        if node.kind not in ("cross", "inner", "left"):
            raise refusal(
                node.at,
                f"{node.kind.upper()} JOIN involving UNNEST is only supported with condition ON TRUE"
                if node.kind in ("right", "full")
                else "",
                "NOT_SUPPORTED",
            )
        if node.using or node.natural or (node.kind != "cross" and node.condition != tree.Boolean(True, at=node.at)):
            raise refusal(
                node.at,
                f"{node.kind.upper()} JOIN involving UNNEST is only supported with condition ON TRUE",
                "NOT_SUPPORTED",
            )
        found = self.unnest(left, unnest, keep=node.kind == "left")
        if alias is None:
            return found
        ours, theirs = found.fields[: len(left.fields)], found.fields[len(left.fields) :]
        return Source(found.sql, ours + self._named(Source("", theirs), alias).fields)

    def unnest(self, left: Source, node: tree.Unnest, *, keep: bool) -> Source:
        """The left rows, each once for every element; `keep` keeps those that have none."""
        expressions = Expressions(self.context, Scope(left.fields, self.parent), clause="UNNEST")
        values = expressions.all(node.items)
        lists: list[str] = []
        columns: list[tuple[str, Type]] = []  # how a column is read from the unnested name, and its type
        alias = self.context.fresh("r")
        for value, place in zip(values, node.items, strict=True):
            self._unnest_one(value, place, lists, columns, alias)
        longest = f"greatest({', '.join(f'coalesce(len({one}), 0)' for one in lists)})"
        count = f"greatest({longest}, 1)" if keep else longest
        lists = [self._padded(one, count) for one in lists] if keep else lists
        selected = [f"{f.sql} AS c{i}" for i, f in enumerate(left.fields)]
        selected += [f"unnest({one}) AS u{i}" for i, one in enumerate(lists)]
        if node.ordinality:
            number = f"unnest(range(1, {longest} + 1))"
            if keep:
                number = f"unnest(CASE WHEN {longest} = 0 THEN [NULL] ELSE range(1, {longest} + 1) END)"
            selected.append(f"{number} AS ordinality")
            columns.append((f"{alias}.ordinality", BIGINT))
        inner = f"(SELECT {', '.join(selected) or '1'} FROM {left.sql}) AS {alias}"
        fields = [f.moved(f"{alias}.c{i}") for i, f in enumerate(left.fields)]
        names = self._unnest_names(node, values)
        fields += [Field(name, sql, kind) for name, (sql, kind) in zip(names, columns, strict=True)]
        return Source(inner, tuple(fields))

    def _padded(self, one: str, count: str) -> str:
        return f"list_resize(coalesce({one}, []), {count})" if count else one

    def _unnest_one(
        self, value: Typed, place: tree.Expression, lists: list[str], columns: list[tuple[str, Type]], alias: str
    ) -> None:
        kind = value.type
        if kind.base == "map":
            for part, function in ((kind.element, "map_keys"), (kind.value, "map_values")):
                columns.append((f"{alias}.u{len(lists)}", part))
                lists.append(f"{function}({value.sql})")
            return
        if kind.base != "array":
            raise mismatch(place.at, f"Cannot unnest type: {kind}")
        if kind.element.base == "row":
            for index, part in enumerate(kind.element.parts):
                columns.append((f"({alias}.u{len(lists)}).f{index}", part))
            lists.append(value.sql)
            return
        columns.append((f"{alias}.u{len(lists)}", kind.element))
        lists.append(value.sql)

    def _unnest_names(self, node: tree.Unnest, values: list[Typed]) -> list[str | None]:
        names: list[str | None] = []
        for value in values:
            element = value.type.element if value.type.base == "array" else None
            if element is not None and element.base == "row":
                names += list(element.names or (None,) * len(element.parts))
            else:
                names += [None] * (2 if value.type.base == "map" else 1)
        return names + (["ordinality"] if node.ordinality else [])

    # ---- samples and table functions

    def sampled(self, node: tree.Sampled) -> Source:
        inner = self.analyse(node.relation)
        value = Expressions(self.context, Scope(())).analyse(node.percentage)
        try:
            share = float(str(value.literal))
        except ValueError:
            raise refusal(
                node.percentage.at, "Sample percentage should be a numeric literal", "TYPE_MISMATCH"
            ) from None
        if not 0 <= share <= 100:
            raise refusal(
                node.percentage.at,
                f"Sample percentage must be between 0 and 100: {share}",
                "NUMERIC_VALUE_OUT_OF_RANGE",
            )
        if share == 100:
            return inner
        alias = self.context.fresh("r")
        selected = ", ".join(f"{f.sql} AS c{i}" for i, f in enumerate(inner.fields)) or "1"
        sql = f"(SELECT {selected} FROM {inner.sql} WHERE random() * 100 < {share}) AS {alias}"
        return Source(sql, tuple(f.moved(f"{alias}.c{i}") for i, f in enumerate(inner.fields)))

    def table_function(self, node: tree.TableFunction) -> Source:
        if node.name not in ("sequence", "system.builtin.sequence"):
            if node.name in ("exclude_columns",):
                raise SqlNotSupported(f"table function {node.name}")
            raise refusal(node.at, f"Table function '{node.name}' not registered", "FUNCTION_NOT_FOUND")
        expressions = Expressions(self.context, Scope((), self.parent))
        given: dict[str, Typed] = {}
        for (name, value), default in zip(node.arguments, ("start", "stop", "step"), strict=False):
            found = expressions.analyse(value)
            if not can_coerce(found.type, BIGINT):
                raise mismatch(value.at, f"Cannot cast type {found.type} to bigint")
            if found.type.base == "unknown":
                raise refusal(value.at, f"{(name or default).capitalize()} is null", "INVALID_FUNCTION_ARGUMENT")
            given[name or default] = coerce(self.context, found, BIGINT)
        if "stop" not in given or not set(given) <= {"start", "stop", "step"}:
            raise refusal(node.at, "Missing argument: STOP", "MISSING_ARGUMENT")
        ends = [given.get("start", Typed("CAST(0 AS BIGINT)", BIGINT)), given["stop"]]
        wanted = given.get("step", Typed("CAST(1 AS BIGINT)", BIGINT))
        step = self.context.kernel("table_step", [*ends, wanted], BIGINT)
        alias = self.context.fresh("r")
        sql = f"(SELECT unnest(generate_series({ends[0].sql}, {ends[1].sql}, {step})) AS c0) AS {alias}"
        return Source(sql, (Field("sequential_number", f"{alias}.c0", BIGINT),))


def _unnest_of(node: tree.Relation) -> tuple[tree.Unnest | None, tree.Aliased | None]:
    if isinstance(node, tree.Unnest):
        return node, None
    if isinstance(node, tree.Aliased) and isinstance(node.relation, tree.Unnest):
        return node.relation, node
    return None, None


def _is_lateral(node: tree.Relation) -> bool:
    if isinstance(node, tree.Aliased):
        return _is_lateral(node.relation)
    return isinstance(node, tree.Derived) and node.lateral
