"""Expressions: each node of the tree becomes DuckDB text with a Trino type."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from attrs import define, evolve, field

from comotion.adapters.fake_dash.lake.analysis import literals, walk
from comotion.adapters.fake_dash.lake.analysis.calls import analyse_call
from comotion.adapters.fake_dash.lake.analysis.casts import NoSuchCast, coerce, convert
from comotion.adapters.fake_dash.lake.analysis.context import Context
from comotion.adapters.fake_dash.lake.analysis.grouping import Grouping
from comotion.adapters.fake_dash.lake.analysis.jsonfunctions import build_json, json_path_call
from comotion.adapters.fake_dash.lake.analysis.operators import arithmetic, compare, compare_text, is_distinct, negate
from comotion.adapters.fake_dash.lake.analysis.typed import Field, Scope, Typed, mismatch, refusal, text
from comotion.adapters.fake_dash.lake.functions.table import functions
from comotion.adapters.fake_dash.lake.refusal import SqlNotSupported, SqlRefused
from comotion.adapters.fake_dash.lake.sql import tree
from comotion.adapters.fake_dash.lake.types import (
    BIGINT,
    BOOLEAN,
    DOUBLE,
    INTEGER,
    UNKNOWN,
    VARBINARY,
    VARCHAR,
    Type,
    UnknownType,
    array,
    common_type,
    duck,
    parse_type,
    row,
    varchar,
)


def aggregate_names() -> frozenset[str]:
    return frozenset(name for name, one in functions().items() if one.kind == "aggregate")


@define
class Expressions:
    """Translates expressions against the columns in sight.

    `grouping` is set where the query is grouped; `overrides` are output columns that ORDER BY sees first;
    `clause` names a place where aggregates and windows may not stand.
    """

    context: Context
    scope: Scope
    grouping: Grouping | None = None
    source: Expressions | None = None
    overrides: dict[str, Typed] = field(factory=dict)
    clause: str | None = None
    windows: dict[str, tree.Window] = field(factory=dict)

    def analyse(self, node: tree.Expression) -> Typed:
        """The translation of a node.

        Raises
        ------
        SqlRefused
            Where Trino refuses it.
        SqlNotSupported
            Where this fake does not know it.
        """
        self.context.reading = node
        if self.overrides and isinstance(node, tree.Name) and node.value.lower() in self.overrides:
            return self.overrides[node.value.lower()]
        if self.grouping is not None:
            key = self._as_key(node)
            if key is not None:
                return key
        return _ANALYSE[type(node)](self, node)

    def _as_key(self, node: tree.Expression) -> Typed | None:
        assert self.grouping is not None
        if self.source is None or isinstance(node, tree.Lambda) or not self.grouping.keys:
            return None
        if walk.has_aggregate(node, aggregate_names()) or walk.has_window(node):
            return None
        if self.overrides and walk.names(node) & self.overrides.keys():
            return None
        try:
            return self.grouping.key(self.source.analyse(node).sql)
        except SqlRefused:
            return None  # said again, with its place, when the parts are analysed

    def all(self, nodes: tuple[tree.Expression, ...]) -> list[Typed]:
        return [self.analyse(node) for node in nodes]

    def boolean(self, node: tree.Expression, where: str) -> Typed:
        """A condition."""
        found = self.analyse(node)
        if found.type.base not in ("boolean", "unknown"):
            raise mismatch(node.at, f"{where} must evaluate to a boolean (actual: {found.type})")
        return coerce(self.context, found, BOOLEAN)

    def within(self, fields: tuple[Field, ...]) -> Expressions:
        """The same place with a lambda's parameters in sight."""
        return evolve(self, scope=Scope(fields, self.scope), source=None if self.grouping is None else self.source)

    # ---- literals

    def null(self, node: tree.Null) -> Typed:
        return Typed("NULL", UNKNOWN)

    def truth(self, node: tree.Boolean) -> Typed:
        return Typed("TRUE" if node.value else "FALSE", BOOLEAN, node.value)

    def integer(self, node: tree.Integer) -> Typed:
        return literals.integer(node.value, node.at)

    def decimal(self, node: tree.Decimal) -> Typed:
        return literals.decimal_literal(node.text, node.at)

    def double(self, node: tree.Double) -> Typed:
        return Typed(f"CAST({text(node.text)} AS DOUBLE)", DOUBLE, float(node.text))

    def string(self, node: tree.String) -> Typed:
        return Typed(text(node.value), varchar(len(node.value)), node.value)

    def binary(self, node: tree.Binary) -> Typed:
        return Typed(f"from_hex('{node.value.hex()}')" if node.value else "CAST('' AS BLOB)", VARBINARY, node.value)

    def typed_literal(self, node: tree.TypedLiteral) -> Typed:
        return literals.typed_literal(self.context, node)

    def interval(self, node: tree.Interval) -> Typed:
        return literals.interval(node)

    def now(self, node: tree.Now) -> Typed:
        return literals.now(self.context, node)

    # ---- names

    def name(self, node: tree.Name) -> Typed:
        found = self.scope.find((node.value.lower(),), node.at)
        if found is None:
            raise refusal(node.at, f"Column '{walk.written(node)}' cannot be resolved", "COLUMN_NOT_FOUND")
        return Typed(found.sql, found.type)

    def dereference(self, node: tree.Dereference) -> Typed:
        parts = walk.dotted(node)
        if parts is not None:
            found = self.scope.find(parts, node.at)
            if found is not None:
                return Typed(found.sql, found.type)
        try:
            base = self.analyse(node.base)
        except SqlRefused as error:
            if error.kind == "COLUMN_NOT_FOUND" and parts is not None:
                shown = walk.written(node)
                raise refusal(node.at, f"Column '{shown}' cannot be resolved", "COLUMN_NOT_FOUND") from None
            raise
        if base.type.base != "row":
            raise mismatch(node.at, f"Expression {walk.written(node.base)} is not of type ROW")
        wanted = node.field.value.lower()
        places = [i for i, name in enumerate(base.type.names) if name is not None and name.lower() == wanted]
        if not places:
            raise refusal(node.at, f"Column '{walk.written(node)}' cannot be resolved", "COLUMN_NOT_FOUND")
        if len(places) > 1:
            raise refusal(node.at, f"Ambiguous row field reference: {node.field.value}", "AMBIGUOUS_NAME")
        return Typed(f"({base.sql}).f{places[0]}", base.type.parts[places[0]])

    # ---- operators

    def unary(self, node: tree.Unary) -> Typed:
        if node.operator == "-" and isinstance(node.operand, tree.Integer):
            return literals.integer(-node.operand.value, node.at)
        if node.operator == "-" and isinstance(node.operand, tree.Decimal):
            return literals.decimal_literal("-" + node.operand.text, node.at)
        value = self.analyse(node.operand)
        if node.operator == "-":
            return negate(self.context, value, node.at)
        if not value.type.is_number:
            raise mismatch(node.at, f"Unary '+' operator cannot by applied to {value.type} type")
        return value

    def arithmetic(self, node: tree.Arithmetic) -> Typed:
        return arithmetic(self.context, node.operator, self.analyse(node.left), self.analyse(node.right), node.at)

    def concat(self, node: tree.Concat) -> Typed:
        return self.analyse(tree.Call("concat", (node.left, node.right), at=node.at))

    def comparison(self, node: tree.Comparison) -> Typed:
        left, right = self.analyse(node.left), self.analyse(node.right)
        return compare(self.context, node.operator, left, right, node.at)

    def quantified(self, node: tree.Quantified) -> Typed:
        left = self.analyse(node.left)
        inner = self._one_column(node.query)
        name = self.context.fresh("q")
        right = Typed(f"{name}.c0", inner.columns[0].type)
        condition = compare(self.context, node.operator, left, right, node.at).sql
        rows = f"FROM ({inner.sql}) AS {name}"
        # three-valued: an ALL over no rows is true, an unknown is unknown unless the rest settles it
        aggregate = "bool_and" if node.quantifier == "ALL" else "bool_or"
        nulls = f"count(*) FILTER (WHERE ({condition}) IS NULL) > 0"
        empty = "TRUE" if node.quantifier == "ALL" else "FALSE"
        settled = empty if node.quantifier == "ANY" else "TRUE"
        decided = f"{aggregate}({condition})"
        stop = f"{decided} = {'FALSE' if node.quantifier == 'ALL' else 'TRUE'}"
        return Typed(
            f"(SELECT CASE WHEN count(*) = 0 THEN {settled} WHEN {stop} THEN {decided} WHEN {nulls} THEN NULL "
            f"ELSE {decided} END {rows})",
            BOOLEAN,
        )

    def logical(self, node: tree.Logical) -> Typed:
        terms = [self.boolean(term, f"Logical expression term (actual: {walk.written(term)})") for term in node.terms]
        return Typed(f"({f' {node.operator} '.join(t.sql for t in terms)})", BOOLEAN)

    def negation(self, node: tree.Not) -> Typed:
        return Typed(f"(NOT {self.boolean(node.operand, 'Value of logical NOT expression').sql})", BOOLEAN)

    def between(self, node: tree.Between) -> Typed:
        value, low, high = self.all((node.operand, node.low, node.high))
        kind = common_type(value.type, low.type)
        kind = common_type(kind, high.type) if kind is not None else None
        if kind is None:
            raise mismatch(node.at, f"Cannot check if {value.type} is BETWEEN {low.type} and {high.type}")
        first = compare(self.context, ">=", value, low, node.at)
        second = compare(self.context, "<=", value, high, node.at)
        return Typed(f"({first.sql} AND {second.sql})", BOOLEAN)

    def in_list(self, node: tree.InList) -> Typed:
        value = self.analyse(node.operand)
        items = self.all(node.items)
        kind = value.type
        for item, place in zip(items, node.items, strict=True):
            found = common_type(kind, item.type)
            if found is None:
                raise mismatch(place.at, f"IN value and list items must be the same type: {kind}, {item.type}")
            kind = found
        value = coerce(self.context, value, kind)
        ready = [coerce(self.context, item, kind) for item in items]
        if kind.parts or kind.is_floating or kind.is_zoned:
            tests = [compare_text(self.context, "=", value.sql, i.sql, kind) for i in ready]
            return Typed(f"({' OR '.join(tests)})", BOOLEAN)
        return Typed(f"({value.sql} IN ({', '.join(i.sql for i in ready)}))", BOOLEAN)

    def in_query(self, node: tree.InQuery) -> Typed:
        value = self.analyse(node.operand)
        inner = self.subquery_of(node.query)
        if value.type.base == "row" and len(value.type.parts) == len(inner.columns) > 1:
            raise SqlNotSupported("IN with a row of several columns")
        if len(inner.columns) != 1:
            raise mismatch(
                node.at, f"Multiple columns returned by subquery are not yet supported. Found {len(inner.columns)}"
            )
        kind = common_type(value.type, inner.columns[0].type)
        if kind is None:
            shown = inner.columns[0].type
            raise mismatch(
                node.at,
                f"value and result of subquery must be of the same type for IN expression: {value.type} vs {shown}",
            )
        name = self.context.fresh("q")
        item = coerce(self.context, Typed(f"{name}.c0", inner.columns[0].type), kind).sql
        left = coerce(self.context, value, kind).sql
        if kind.is_zoned:
            left, item = f"({left}).t", f"({item}).t"
        elif kind.parts:
            raise SqlNotSupported(f"IN a subquery of {kind}")
        return Typed(f"({left} IN (SELECT {item} FROM ({inner.sql}) AS {name}))", BOOLEAN)

    def exists(self, node: tree.Exists) -> Typed:
        return Typed(f"EXISTS ({self.subquery_of(node.query).sql})", BOOLEAN)

    def like(self, node: tree.Like) -> Typed:
        value, pattern = self.analyse(node.operand), self.analyse(node.pattern)
        for side, place in ((value, node.operand), (pattern, node.pattern)):
            if side.type.base not in ("varchar", "char", "unknown"):
                raise mismatch(
                    place.at,
                    f"Left side of LIKE expression must evaluate to a varchar (actual: {side.type})"
                    if side is value
                    else f"Pattern for LIKE expression must evaluate to a varchar (actual: {side.type})",
                )
        value, pattern = coerce(self.context, value, VARCHAR), coerce(self.context, pattern, VARCHAR)
        arguments = [value, pattern]
        if node.escape is not None:
            escape = self.analyse(node.escape)
            if escape.type.base not in ("varchar", "unknown"):
                raise mismatch(
                    node.escape.at, f"Escape for LIKE expression must evaluate to a varchar (actual: {escape.type})"
                )
            arguments.append(coerce(self.context, escape, VARCHAR))
            return Typed(self.context.kernel("like", arguments, BOOLEAN), BOOLEAN)
        if isinstance(pattern.literal, str) and "\n" not in pattern.literal:
            return Typed(f"({value.sql} LIKE {pattern.sql})", BOOLEAN)
        return Typed(self.context.kernel("like", arguments, BOOLEAN), BOOLEAN)

    def is_null(self, node: tree.IsNull) -> Typed:
        return Typed(f"({self.analyse(node.operand).sql} IS NULL)", BOOLEAN)

    def is_distinct(self, node: tree.IsDistinct) -> Typed:
        return is_distinct(self.context, self.analyse(node.left), self.analyse(node.right), node.at)

    # ---- CASE and what is short for it

    def case(self, node: tree.Case) -> Typed:
        operand = self.analyse(node.operand) if node.operand is not None else None
        conditions: list[str] = []
        for condition, _ in node.branches:
            if operand is None:
                conditions.append(self.boolean(condition, "CASE WHEN clause").sql)
            else:
                value = self.analyse(condition)
                if common_type(operand.type, value.type) is None:
                    raise mismatch(
                        condition.at,
                        f"CASE operand type does not match WHEN clause operand type: {operand.type} vs {value.type}",
                    )
                conditions.append(compare(self.context, "=", operand, value, condition.at).sql)
        results = self.all(tuple(result for _, result in node.branches))
        default = self.analyse(node.default) if node.default is not None else Typed("NULL", UNKNOWN)
        kind = self.common([*results, default], node.at, "All CASE results must be the same type")
        arms = [f"WHEN {c} THEN {coerce(self.context, r, kind).sql}" for c, r in zip(conditions, results, strict=True)]
        return Typed(f"CASE {' '.join(arms)} ELSE {coerce(self.context, default, kind).sql} END", kind)

    def common(self, values: list[Typed], at: tuple[int, int], message: str) -> Type:
        """The type that all values coerce into."""
        kind = values[0].type
        for value in values[1:]:
            found = common_type(kind, value.type)
            if found is None:
                raise mismatch(at, f"{message}: {kind}, {value.type}" if "BETWEEN" not in message else message)
            kind = found
        return kind

    def cast(self, node: tree.Cast) -> Typed:
        value = self.analyse(node.operand)
        try:
            target = parse_type(node.type_name)
        except UnknownType:
            raise mismatch(node.at, f"Unknown type: {node.type_name}") from None
        if target.base in ("timestamp", "timestamp with time zone", "time") and target.size[0] > 12:
            what = target.base.partition(" ")[0]
            raise refusal(
                node.at,
                f"{what.upper()} precision must be in range [0, 12]: {target.size[0]}",
                "NUMERIC_VALUE_OUT_OF_RANGE",
            )
        if target.base == "time with time zone":
            raise SqlNotSupported("time with time zone")
        if target.is_zoned:
            zone = (
                value.type.zone
                if value.type.is_zoned
                else ("UTC" if value.type.base in ("date", "timestamp") else None)
            )
            if isinstance(value.literal, str):
                zone = literals.zone_of(value.literal)
            target = evolve(target, zone=zone)
        try:
            sql = convert(self.context, value.sql, value.type, target)
        except NoSuchCast as error:
            raise mismatch(node.at, str(error)) from None
        return Typed(f"TRY({sql})" if node.safe and sql != value.sql else sql, target)

    # ---- constructors and parts

    def row(self, node: tree.Row) -> Typed:
        items = self.all(node.items)
        packed = ", ".join(f"f{i} := {item.sql}" for i, item in enumerate(items))
        names = node.names or (None,) * len(items)
        return Typed(f"struct_pack({packed})", row(tuple(i.type for i in items), tuple(names)))

    def array(self, node: tree.Array) -> Typed:
        items = self.all(node.items)
        if not items:
            return Typed("CAST([] AS INTEGER[])", array(UNKNOWN))
        kind = self.common(items, node.at, "All ARRAY elements must be the same type")
        return Typed(f"[{', '.join(coerce(self.context, i, kind).sql for i in items)}]", array(kind))

    def subscript(self, node: tree.Subscript) -> Typed:
        base, index = self.analyse(node.base), self.analyse(node.index)
        kind = base.type
        if kind.base == "array" and (index.type.is_integer or index.type.base == "unknown"):
            place = coerce(self.context, index, BIGINT)
            checked = self.context.kernel("array_index", [Typed(f"len({base.sql})", BIGINT), place], BIGINT)
            return Typed(f"({base.sql})[{checked}]", kind.element)
        if kind.base == "map" and common_type(index.type, kind.element) == kind.element:
            key = coerce(self.context, index, kind.element)
            shown = self.context.kernel("show_key", [key], VARCHAR)
            missing = self.context.kernel("fail_key", [Typed(shown, VARCHAR)], kind.value)
            found = f"list_position(map_keys({base.sql}), {key.sql})"
            return Typed(
                f"CASE WHEN {base.sql} IS NULL OR {key.sql} IS NULL THEN NULL WHEN {found} IS NULL THEN {missing} "
                f"ELSE map_values({base.sql})[{found}] END",
                kind.value,
            )
        if kind.base == "row" and isinstance(index.literal, int):
            if not 1 <= index.literal <= len(kind.parts):
                raise refusal(node.at, f"ROW subscript must be in range [1, {len(kind.parts)}]: {index.literal}")
            return Typed(f"({base.sql}).f{index.literal - 1}", kind.parts[index.literal - 1])
        raise mismatch(
            node.at,
            f"Cannot use {index.type} for subscript of {kind}"
            if kind.parts
            else f"Cannot apply operator: {kind}[{index.type}]",
        )

    def at_time_zone(self, node: tree.AtTimeZone) -> Typed:
        return self.analyse(tree.Call("at_timezone", (node.operand, node.zone), at=node.at))

    def extract(self, node: tree.Extract) -> Typed:
        value = self.analyse(node.operand).type
        clock = node.part in ("hour", "minute", "second", "timezone_hour", "timezone_minute")
        if (clock and value.base == "date") or value.base not in _EXTRACTABLE:
            raise mismatch(node.operand.at, f"Cannot extract {node.part.upper()} from {value}")
        name = {"dow": "day_of_week", "day_of_week": "day_of_week", "doy": "day_of_year", "day_of_year": "day_of_year",
                "yow": "year_of_week", "year_of_week": "year_of_week", "timezone_hour": "timezone_hour",
                "timezone_minute": "timezone_minute", "day_of_month": "day"}.get(node.part, node.part)  # fmt: skip
        if name not in ("year", "quarter", "month", "week", "day", "hour", "minute", "second", "day_of_week",
                        "day_of_year", "year_of_week", "timezone_hour", "timezone_minute"):  # fmt: skip
            raise refusal(node.at, f"Invalid EXTRACT field: {node.part.upper()}", "SYNTAX_ERROR")
        return self.analyse(tree.Call(name, (node.operand,), at=node.at))

    def lambda_alone(self, node: tree.Lambda) -> Typed:
        raise mismatch(node.at, "Lambda expression should always be used inside a function")

    def grouping_call(self, node: tree.Grouping) -> Typed:
        if self.grouping is None or self.source is None:
            raise refusal(
                node.at,
                "A GROUPING() operation can only be used with a corresponding GROUPING SET/CUBE/ROLLUP/GROUP BY clause",
            )
        names = [self.source.analyse(item).sql for item in node.items]
        for name, item in zip(names, node.items, strict=True):
            if self.grouping.key(name) is None:
                raise refusal(
                    item.at,
                    (
                        "The arguments to GROUPING() must be expressions referenced by the GROUP BY at "
                        "the corresponding query level"
                    ),
                )
        if not self.grouping.sets:
            return Typed("CAST(0 AS INTEGER)", INTEGER)
        kind = INTEGER if len(names) < 32 else BIGINT
        keys = ", ".join(self.grouping.written(name) or name for name in names)
        return self.grouping.aggregate(Typed(f"CAST(GROUPING({keys}) AS {duck(kind)})", kind))

    def call(self, node: tree.Call) -> Typed:
        return analyse_call(self, node)

    # ---- queries inside

    def subquery_of(self, query: tree.Query) -> Any:
        from comotion.adapters.fake_dash.lake.analysis.queries import Queries

        return Queries(self.context).query(query, self.scope)

    def _one_column(self, query: tree.Query) -> Any:
        inner = self.subquery_of(query)
        if len(inner.columns) != 1:
            raise mismatch(
                query.at, f"Multiple columns returned by subquery are not yet supported. Found {len(inner.columns)}"
            )
        return inner

    def subquery(self, node: tree.Subquery) -> Typed:
        inner = self.subquery_of(node.query)
        if len(inner.columns) == 1:
            return Typed(f"({inner.sql})", inner.columns[0].type)
        name = self.context.fresh("q")
        packed = ", ".join(f"f{i} := {name}.c{i}" for i in range(len(inner.columns)))
        kind = row(tuple(c.type for c in inner.columns), tuple(c.name for c in inner.columns))
        return Typed(f"(SELECT struct_pack({packed}) FROM ({inner.sql}) AS {name})", kind)

    def json_path_call(self, node: tree.JsonPathCall) -> Typed:
        return json_path_call(self, node)

    def json_build(self, node: tree.JsonBuild) -> Typed:
        return build_json(self, node)


_EXTRACTABLE = (
    "date",
    "time",
    "time with time zone",
    "timestamp",
    "timestamp with time zone",
    "interval day to second",
    "interval year to month",
    "unknown",
)


_ANALYSE: dict[type, Callable[[Expressions, Any], Typed]] = {
    tree.Null: Expressions.null, tree.Boolean: Expressions.truth, tree.Integer: Expressions.integer,
    tree.Decimal: Expressions.decimal, tree.Double: Expressions.double, tree.String: Expressions.string,
    tree.Binary: Expressions.binary, tree.TypedLiteral: Expressions.typed_literal,
    tree.Interval: Expressions.interval, tree.Now: Expressions.now, tree.Name: Expressions.name,
    tree.Dereference: Expressions.dereference, tree.Unary: Expressions.unary, tree.Concat: Expressions.concat,
    tree.Arithmetic: Expressions.arithmetic, tree.Comparison: Expressions.comparison,
    tree.Quantified: Expressions.quantified, tree.Logical: Expressions.logical, tree.Not: Expressions.negation,
    tree.Between: Expressions.between, tree.InList: Expressions.in_list, tree.InQuery: Expressions.in_query,
    tree.Exists: Expressions.exists, tree.Like: Expressions.like, tree.IsNull: Expressions.is_null,
    tree.IsDistinct: Expressions.is_distinct, tree.Case: Expressions.case, tree.Cast: Expressions.cast,
    tree.Row: Expressions.row, tree.Array: Expressions.array, tree.Subscript: Expressions.subscript,
    tree.AtTimeZone: Expressions.at_time_zone, tree.Extract: Expressions.extract,
    tree.Lambda: Expressions.lambda_alone, tree.Grouping: Expressions.grouping_call, tree.Call: Expressions.call,
    tree.Subquery: Expressions.subquery, tree.JsonPathCall: Expressions.json_path_call,
    tree.JsonBuild: Expressions.json_build,
}  # fmt: skip
