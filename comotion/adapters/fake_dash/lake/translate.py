"""A statement's text to DuckDB SQL and the columns it will have; translations are kept."""

from __future__ import annotations

import json

from attrs import frozen

from comotion.adapters.fake_dash.lake.analysis import metadata
from comotion.adapters.fake_dash.lake.analysis.context import CATALOG, SCHEMA, Context, Kernels, LakeTables
from comotion.adapters.fake_dash.lake.analysis.expressions import Expressions
from comotion.adapters.fake_dash.lake.analysis.grouping import GroupedScope, Grouping
from comotion.adapters.fake_dash.lake.analysis.queries import Queries
from comotion.adapters.fake_dash.lake.analysis.results import Column
from comotion.adapters.fake_dash.lake.analysis.typed import Field, Scope, text
from comotion.adapters.fake_dash.lake.refusal import SqlNotSupported
from comotion.adapters.fake_dash.lake.sql import tree
from comotion.adapters.fake_dash.lake.sql.statements import parse, parse_expression
from comotion.adapters.fake_dash.lake.types import VARCHAR, Type, duck
from comotion.adapters.fake_dash.lake.unforeseen import admitted


@frozen
class Translation:
    """DuckDB SQL whose columns, in order, have these names and Trino types."""

    sql: str
    columns: tuple[tuple[str, Type], ...]
    clock: str | None = None  # the parameter to bind to the query's start, if there is one


def translate(statement: str, kernels: Kernels, tables: LakeTables, *, dialect: str = "trino") -> Translation:
    """Translate one statement.

    Raises
    ------
    SqlRefused
        As Trino refuses it.
    SqlNotSupported
        Where this fake does not know how.
    """
    context = Context(kernels, tables, dialect, statement)
    with admitted(context.place):
        return _translated(parse(statement, dialect=dialect), context)


def _translated(parsed: tree.Statement, context: Context) -> Translation:
    if parsed.kind == "query":
        assert parsed.query is not None
        result = Queries(context).query(parsed.query, None)
        return Translation(result.sql, _named(result.columns), _clock(context, result.sql))
    if parsed.kind == "explain":
        return _explain(parsed, context)
    return _listed(metadata.show(context, parsed))


def _named(columns: tuple[Column, ...]) -> tuple[tuple[str, Type], ...]:
    return tuple((c.name if c.name is not None else f"_col{i}", c.type) for i, c in enumerate(columns))


def _listed(rows: metadata.Rows) -> Translation:
    columns, values = rows
    names = ", ".join(f"c{i}" for i in range(len(columns)))
    if values:
        sql = f"SELECT * FROM (VALUES {', '.join(map(_row, values))}) AS v({names})"
    else:
        sql = (
            f"SELECT {', '.join(f'CAST(NULL AS {duck(kind)}) AS c{i}' for i, (_, kind) in enumerate(columns))} LIMIT 0"
        )
    return Translation(sql, columns)


def _clock(context: Context, sql: str) -> str | None:
    return context.clock if f"${context.clock}" in sql else None


def _row(values: tuple[str, ...]) -> str:
    return f"({', '.join(values)})"


def _explain(parsed: tree.Statement, context: Context) -> Translation:
    options = (parsed.text or "").split()
    if parsed.query is None:
        raise SqlNotSupported("EXPLAIN of a statement that is no query")
    result = Queries(context).query(parsed.query, None)
    if "VALIDATE" in options:
        return _listed(((("Valid", Type("boolean")),), [("TRUE",)]))
    if "IO" in options:
        plan = json.dumps({"inputTableColumnInfos": _inputs(context)}, indent=2)
    elif "JSON" in options:
        outputs = [{"name": name, "type": str(kind)} for name, kind in _named(result.columns)]
        node = {"id": "0", "name": "Output", "outputs": outputs, "details": [result.sql], "children": []}
        plan = json.dumps({"0": node}, indent=2)
    elif "GRAPHVIZ" in options:
        plan = f"digraph logical_plan {{\nplannode_1[label={json.dumps('{Output|' + result.sql + '}')}];\n}}"
    else:
        names = ", ".join(f"{name}:{kind}" for name, kind in _named(result.columns))
        note = "    (the plan of a fake: DuckDB runs this)"
        plan = "\n".join(["Fragment 0 [SINGLE]", f"    Output layout: [{names}]", note, f"    {result.sql}"])
    return _listed(((("Query Plan", VARCHAR),), [(text(plan),)]))


def _inputs(context: Context) -> list[dict[str, object]]:
    """The tables that a statement reads, as EXPLAIN (TYPE IO) lists them; the fake pushes no condition down."""
    return [
        {
            "table": {"catalog": CATALOG, "schemaTable": {"schema": SCHEMA, "table": table}},
            "constraint": {"none": False, "columnConstraints": []},
        }
        for table in sorted(context.scanned)
    ]


def translate_check_sum(
    expression: str, columns: tuple[tuple[str, Type], ...], kernels: Kernels, tables: LakeTables
) -> Translation:
    """Translate one aggregate expression over a relation called ``parts`` with these columns."""
    context = Context(kernels, tables, text=expression)
    with admitted(context.place):
        return _check_sum(parse_expression(expression), columns, context)


def _check_sum(parsed: tree.Expression, columns: tuple[tuple[str, Type], ...], context: Context) -> Translation:
    fields = []
    for index, (name, kind) in enumerate(columns):
        sql = f"parts.c{index}"
        if kind.is_zoned:
            sql = f"CASE WHEN {sql} IS NULL THEN NULL ELSE struct_pack(t := {sql}, z := 'UTC') END"
        fields.append(Field(name, sql, kind))
    scope = tuple(fields)
    grouping = Grouping(context.fresh("g"))
    source = Expressions(context, Scope(scope))
    expressions = Expressions(context, GroupedScope(scope, grouping=grouping), grouping, source)
    value = expressions.analyse(parsed)
    sql = f"SELECT {value.sql} AS c0 FROM (SELECT {grouping.columns()} FROM parts) AS {grouping.alias} LIMIT 1"
    if not grouping.aggregates:
        sql = f"SELECT {value.sql} AS c0"
    return Translation(sql, (("_col0", value.type),), _clock(context, sql))
