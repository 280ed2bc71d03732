"""Expressions: each node of the tree becomes DuckDB text with a Trino type."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from attrs import define, evolve, field

from comotion.adapters.fake_dash.lake.analysis import conditions, literals, values, walk
from comotion.adapters.fake_dash.lake.analysis.calls import analyse_call
from comotion.adapters.fake_dash.lake.analysis.casts import coerce
from comotion.adapters.fake_dash.lake.analysis.context import Context
from comotion.adapters.fake_dash.lake.analysis.grouping import Grouping
from comotion.adapters.fake_dash.lake.analysis.jsonfunctions import build_json, json_path_call
from comotion.adapters.fake_dash.lake.analysis.operators import arithmetic, negate
from comotion.adapters.fake_dash.lake.analysis.results import packed
from comotion.adapters.fake_dash.lake.analysis.typed import Field, Scope, Typed, mismatch, refusal, text
from comotion.adapters.fake_dash.lake.functions.table import functions
from comotion.adapters.fake_dash.lake.refusal import SqlRefused
from comotion.adapters.fake_dash.lake.sql import tree
from comotion.adapters.fake_dash.lake.types import (
    BIGINT,
    BOOLEAN,
    DOUBLE,
    INTEGER,
    UNKNOWN,
    VARBINARY,
    Type,
    common_type,
    duck,
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

    def common(self, values: list[Typed], at: tuple[int, int], message: str) -> Type:
        """The type that all values coerce into."""
        kind = values[0].type
        for value in values[1:]:
            found = common_type(kind, value.type)
            if found is None:
                raise mismatch(at, f"{message}: {kind}, {value.type}")
            kind = found
        return kind

    # ---- what stands only somewhere

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

    def subquery(self, node: tree.Subquery) -> Typed:
        inner = self.subquery_of(node.query)
        if len(inner.columns) == 1:
            return Typed(f"({inner.sql})", inner.columns[0].type)
        name = self.context.fresh("q")
        found = packed(name, inner.columns)
        return Typed(f"(SELECT {found.sql} FROM ({inner.sql}) AS {name})", found.type)


_ANALYSE: dict[type, Callable[[Expressions, Any], Typed]] = {
    tree.Null: Expressions.null, tree.Boolean: Expressions.truth, tree.Integer: Expressions.integer,
    tree.Decimal: Expressions.decimal, tree.Double: Expressions.double, tree.String: Expressions.string,
    tree.Binary: Expressions.binary, tree.TypedLiteral: Expressions.typed_literal,
    tree.Interval: Expressions.interval, tree.Now: Expressions.now, tree.Name: Expressions.name,
    tree.Dereference: Expressions.dereference, tree.Unary: Expressions.unary, tree.Concat: Expressions.concat,
    tree.Arithmetic: Expressions.arithmetic, tree.Comparison: conditions.comparison,
    tree.Quantified: conditions.quantified, tree.Logical: conditions.logical, tree.Not: conditions.negation,
    tree.Between: conditions.between, tree.InList: conditions.in_list, tree.InQuery: conditions.in_query,
    tree.Exists: conditions.exists, tree.Like: conditions.like, tree.IsNull: conditions.is_null,
    tree.IsDistinct: conditions.distinct_from, tree.Case: conditions.case, tree.Cast: values.cast,
    tree.Row: values.row_of, tree.Array: values.array_of, tree.Subscript: values.subscript,
    tree.AtTimeZone: values.at_time_zone, tree.Extract: values.extract,
    tree.Lambda: Expressions.lambda_alone, tree.Grouping: Expressions.grouping_call, tree.Call: Expressions.call,
    tree.Subquery: Expressions.subquery, tree.JsonPathCall: json_path_call,
    tree.JsonBuild: build_json,
}  # fmt: skip
