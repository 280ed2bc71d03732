"""What the catalog knows of itself: information_schema and the SHOW statements."""

from __future__ import annotations

import re

from attrs import evolve

from comotion.adapters.fake_dash.lake.analysis.context import CATALOG, SCHEMA, Context
from comotion.adapters.fake_dash.lake.analysis.typed import refusal, text
from comotion.adapters.fake_dash.lake.refusal import SqlNotSupported, SqlRefused
from comotion.adapters.fake_dash.lake.sql import tree
from comotion.adapters.fake_dash.lake.sql.lexer import Position
from comotion.adapters.fake_dash.lake.types import BIGINT, VARCHAR, Type

Rows = tuple[tuple[tuple[str, Type], ...], list[tuple[str, ...]]]
_ZONED = Type("timestamp with time zone", (3,), zone="UTC")
_SCHEMAS = ("information_schema", SCHEMA)


def columns_named(*names: str, kinds: dict[str, Type] | None = None) -> tuple[tuple[str, Type], ...]:
    """Columns of these names, varchar where `kinds` does not say otherwise."""
    return tuple((name, (kinds or {}).get(name, VARCHAR)) for name in names)


_INFORMATION = {
    "columns": columns_named("table_catalog", "table_schema", "table_name", "column_name", "ordinal_position",
                        "column_default", "is_nullable", "data_type", kinds={"ordinal_position": BIGINT}),
    "tables": columns_named("table_catalog", "table_schema", "table_name", "table_type"),
    "views": columns_named("table_catalog", "table_schema", "table_name", "view_definition"),
    "schemata": columns_named("catalog_name", "schema_name"),
    "table_privileges": columns_named("grantor", "grantor_type", "grantee", "grantee_type", "table_catalog",
                                 "table_schema", "table_name", "privilege_type", "is_grantable", "with_hierarchy"),
    "roles": columns_named("role_name"),
    "applicable_roles": columns_named("grantee", "grantee_type", "role_name", "is_grantable"),
    "enabled_roles": columns_named("role_name"),
}  # fmt: skip


def information_schema(context: Context, table: str, at: Position) -> Rows:
    """The rows of a table of information_schema, as DuckDB literals."""
    columns = _INFORMATION.get(table)
    if columns is None:
        raise refusal(at, f"Table '{CATALOG}.information_schema.{table}' does not exist", "TABLE_NOT_FOUND")
    rows: list[tuple[str, ...]] = []
    if table == "schemata":
        rows = [(text(CATALOG), text(name)) for name in _SCHEMAS]
    elif table == "tables":
        rows = [
            (text(CATALOG), text("information_schema"), text(name), text("BASE TABLE")) for name in sorted(_INFORMATION)
        ]
        rows += [(text(CATALOG), text(SCHEMA), text(name), text("BASE TABLE")) for name in context.tables.names()]
    elif table == "columns":
        listed = [("information_schema", name, list(kinds)) for name, kinds in sorted(_INFORMATION.items())]
        listed += [
            (SCHEMA, name, list((context.tables.columns(name) or {}).items())) for name in context.tables.names()
        ]
        for schema, name, kinds in listed:
            for index, (column, kind) in enumerate(kinds):
                rows.append((text(CATALOG), text(schema), text(name), text(column), f"CAST({index + 1} AS BIGINT)",
                             "CAST(NULL AS VARCHAR)", "'YES'", text(str(kind))))  # fmt: skip
    elif table in ("roles", "applicable_roles", "enabled_roles", "table_privileges"):
        raise SqlNotSupported(f"information_schema.{table}")
    return columns, rows


# ---- SHOW and DESCRIBE -----------------------------------------------------------------------------------


def show(context: Context, node: tree.Statement) -> Rows:
    """The rows of a SHOW or DESCRIBE statement."""
    if context.dialect == "athena" and node.pattern is not None and "%" not in node.pattern:
        node = evolve(node, pattern=None, text=node.pattern)  # Athena's LIKE takes the same stars as its bare text
    if node.kind == "show_catalogs":
        return columns_named("Catalog"), _texts(_liked(["awsdatacatalog", "system"], node))
    if node.kind == "show_schemas":
        _check_place(node, 1)
        return columns_named("database_name" if context.dialect == "athena" else "Schema"), _texts(
            _liked(list(_SCHEMAS), node)
        )
    if node.kind == "show_tables":
        _check_schema(node)
        return columns_named("tab_name" if context.dialect == "athena" else "Table"), _texts(
            _liked(list(context.tables.names()), node)
        )
    if node.kind == "show_views":
        _check_schema(node)
        return columns_named("views"), []
    if node.kind in ("show_columns", "describe"):
        table, columns = _table(context, node)
        listed = list(columns.items())
        if context.dialect == "athena" and node.kind == "show_columns":
            return columns_named("field"), _texts(_liked([name for name, _ in listed], node))
        if node.kind == "show_columns":
            kept = set(_liked([name for name, _ in listed], node))
            listed = [(name, kind) for name, kind in listed if name in kept]
        rows: list[tuple[str, ...]] = [(text(name), text(str(kind)), "''", "''") for name, kind in listed]
        if node.text is not None:  # DESCRIBE EXTENDED and FORMATTED say more about the table
            about = (("", ""), ("Database:", SCHEMA), ("Table:", table), *_PROPERTIES)
            rows += [(text(name), text(value), "''", "''") for name, value in about]
        return columns_named("Column", "Type", "Extra", "Comment"), rows
    if node.kind == "show_create_table":
        table, columns = _table(context, node)
        body = ",\n".join(f"   {name} {kind}" for name, kind in columns.items())
        made = (
            f"CREATE TABLE {CATALOG}.{SCHEMA}.{table} (\n{body}\n)\nWITH (\n   format = "
            "'PARQUET',\n   format_version = 2\n)"
        )
        return columns_named("Create Table"), [(text(made),)]
    if node.kind == "show_create_view":
        table, _ = _table(context, node, "View")
        raise refusal(node.at, f"Relation '{CATALOG}.{SCHEMA}.{table}' is a table, not a view", "NOT_SUPPORTED")
    if node.kind == "show_properties":
        _table(context, node)
        found = [(k, v) for k, v in _PROPERTIES if node.text in (None, k)]
        return columns_named("prpt_name", "prpt_value"), [(text(k), text(v)) for k, v in found]
    if node.kind == "show_stats":
        return _stats(context, node)
    if node.kind == "show_functions":
        return _functions(node)
    if node.kind == "show_session":
        raise SqlNotSupported("SHOW SESSION")
    raise SqlNotSupported(node.kind.replace("_", " ").upper())


_PROPERTIES = (("format", "parquet"), ("table_type", "ICEBERG"), ("write_compression", "zstd"))


def _stats(context: Context, node: tree.Statement) -> Rows:
    """A row a column, without estimates, and one with the number of rows, as connectors without statistics answer."""
    table, columns = _table(context, node)
    double = Type("double")
    kinds = dict.fromkeys(("data_size", "distinct_values_count", "nulls_fraction", "row_count"), double)
    names = (
        "column_name",
        "data_size",
        "distinct_values_count",
        "nulls_fraction",
        "row_count",
        "low_value",
        "high_value",
    )
    null, unknown = "CAST(NULL AS DOUBLE)", "CAST(NULL AS VARCHAR)"
    rows: list[tuple[str, ...]] = [(text(name), null, null, null, null, unknown, unknown) for name in columns]
    total = sum(one.rows for one in context.tables.snapshots(table))
    rows.append((unknown, null, null, null, f"CAST({total} AS DOUBLE)", unknown, unknown))
    return columns_named(*names, kinds=kinds), rows


def _functions(node: tree.Statement) -> Rows:
    from comotion.adapters.fake_dash.lake.functions.table import functions

    names = columns_named("Function", "Return Type", "Argument Types", "Function Type")
    kept = set(_liked(sorted(functions()), node))
    rows: list[tuple[str, ...]] = [
        (text(name), text(str(s.returns)), text(", ".join(map(str, s.parameters))), text(one.kind))
        for name, one in sorted(functions().items()) if name in kept for s in one.signatures
    ]  # fmt: skip
    return names, rows


def _texts(names: list[str]) -> list[tuple[str, ...]]:
    return [(text(name),) for name in names]


def _liked(names: list[str], node: tree.Statement) -> list[str]:
    if node.text is not None:  # Athena: a regular expression in which only * and | mean something
        shapes = "|".join(re.escape(p).replace(r"\*", ".*") for p in node.text.split("|"))
        return [name for name in names if re.fullmatch(shapes, name, re.IGNORECASE)]
    if node.pattern is None:
        return names
    from comotion.adapters.fake_dash.lake.kernels.patterns import like_pattern

    found = like_pattern(node.pattern, node.escape)
    return [name for name in names if found.fullmatch(name)]


def _check_place(node: tree.Statement, most: int) -> None:
    if node.name and (len(node.name) > most or node.name[0].value.lower() != CATALOG):
        raise SqlRefused(f"line 1:1: Catalog '{node.name[0].value}' does not exist", kind="CATALOG_NOT_FOUND")


def _check_schema(node: tree.Statement) -> None:
    names = [part.value.lower() for part in node.name]
    if names and names[-1] not in _SCHEMAS:
        raise SqlRefused(f"line 1:1: Schema '{names[-1]}' does not exist", kind="SCHEMA_NOT_FOUND")
    if len(names) == 2 and names[0] != CATALOG:
        raise SqlRefused(f"line 1:1: Catalog '{names[0]}' does not exist", kind="CATALOG_NOT_FOUND")


def _table(context: Context, node: tree.Statement, what: str = "Table") -> tuple[str, dict[str, Type]]:
    names = [part.value.lower() for part in node.name]
    catalog, schema, table = ([CATALOG, SCHEMA][: 3 - len(names)] + names)[-3:]
    if schema == "information_schema" and table in _INFORMATION:
        return table, dict(_INFORMATION[table])
    columns = context.tables.columns(table) if (catalog, schema) == (CATALOG, SCHEMA) else None
    if columns is None:
        if schema not in _SCHEMAS:
            raise refusal(node.at, f"Schema '{schema}' does not exist", "SCHEMA_NOT_FOUND")
        raise refusal(node.at, f"{what} '{catalog}.{schema}.{table}' does not exist", "TABLE_NOT_FOUND")
    return table, dict(columns)
