"""What the catalog knows of itself: information_schema, a table's $snapshots and their like, the SHOW statements."""

from __future__ import annotations

import re

from comotion.adapters.fake_dash.lake.analysis.context import CATALOG, SCHEMA, Context, Snapshot
from comotion.adapters.fake_dash.lake.analysis.typed import refusal, text
from comotion.adapters.fake_dash.lake.refusal import SqlNotSupported, SqlRefused
from comotion.adapters.fake_dash.lake.sql import tree
from comotion.adapters.fake_dash.lake.sql.lexer import Position
from comotion.adapters.fake_dash.lake.types import BIGINT, INTEGER, VARCHAR, Type, array, duck, map_of

Rows = tuple[tuple[tuple[str, Type], ...], list[tuple[str, ...]]]
_ZONED = Type("timestamp with time zone", (3,), zone="UTC")
_SCHEMAS = ("information_schema", SCHEMA)


def _columns(*names: str, kinds: dict[str, Type] | None = None) -> tuple[tuple[str, Type], ...]:
    return tuple((name, (kinds or {}).get(name, VARCHAR)) for name in names)


_INFORMATION = {
    "columns": _columns("table_catalog", "table_schema", "table_name", "column_name", "ordinal_position",
                        "column_default", "is_nullable", "data_type", kinds={"ordinal_position": BIGINT}),
    "tables": _columns("table_catalog", "table_schema", "table_name", "table_type"),
    "views": _columns("table_catalog", "table_schema", "table_name", "view_definition"),
    "schemata": _columns("catalog_name", "schema_name"),
    "table_privileges": _columns("grantor", "grantor_type", "grantee", "grantee_type", "table_catalog",
                                 "table_schema", "table_name", "privilege_type", "is_grantable", "with_hierarchy"),
    "roles": _columns("role_name"),
    "applicable_roles": _columns("grantee", "grantee_type", "role_name", "is_grantable"),
    "enabled_roles": _columns("role_name"),
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


def of_table(context: Context, table: str, extra: str, at: Position) -> Rows:
    """The rows of ``"t$snapshots"`` and its like."""
    snapshots = context.tables.snapshots(table)

    def stamp(at_us: int) -> str:
        return f"struct_pack(t := make_timestamp({at_us // 1000 * 1000}), z := 'UTC')"

    if extra == "snapshots":
        kinds = {
            "committed_at": _ZONED,
            "snapshot_id": BIGINT,
            "parent_id": BIGINT,
            "summary": map_of(VARCHAR, VARCHAR),
        }
        columns = _columns(
            "committed_at", "snapshot_id", "parent_id", "operation", "manifest_list", "summary", kinds=kinds
        )
        rows: list[tuple[str, ...]] = []
        parent = "CAST(NULL AS BIGINT)"
        for one in snapshots:
            total = sum(s.rows for s in snapshots if s.number <= one.number)
            summary = f"MAP(['added-records', 'total-records'], ['{one.rows}', '{total}'])"
            manifest = text(f"s3://fake-lake/{SCHEMA}/{table}/metadata/snap-{one.id}.avro")
            rows.append((stamp(one.at_us), f"CAST({one.id} AS BIGINT)", parent, "'append'", manifest, summary))
            parent = f"CAST({one.id} AS BIGINT)"
        return columns, rows
    if extra == "history":
        kinds = {
            "made_current_at": _ZONED,
            "snapshot_id": BIGINT,
            "parent_id": BIGINT,
            "is_current_ancestor": Type("boolean"),
        }
        columns = _columns("made_current_at", "snapshot_id", "parent_id", "is_current_ancestor", kinds=kinds)
        rows = []
        parent = "CAST(NULL AS BIGINT)"
        for one in snapshots:
            rows.append((stamp(one.at_us), f"CAST({one.id} AS BIGINT)", parent, "TRUE"))
            parent = f"CAST({one.id} AS BIGINT)"
        return columns, rows
    if extra == "refs":
        kinds = {
            "snapshot_id": BIGINT,
            "max_reference_age_in_ms": BIGINT,
            "min_snapshots_to_keep": INTEGER,
            "max_snapshot_age_in_ms": BIGINT,
        }
        columns = _columns(
            "name",
            "type",
            "snapshot_id",
            "max_reference_age_in_ms",
            "min_snapshots_to_keep",
            "max_snapshot_age_in_ms",
            kinds=kinds,
        )
        last = snapshots[-1:]
        return columns, [
            (
                "'main'",
                "'BRANCH'",
                f"CAST({s.id} AS BIGINT)",
                "CAST(NULL AS BIGINT)",
                "CAST(NULL AS INTEGER)",
                "CAST(NULL AS BIGINT)",
            )
            for s in last
        ]
    if extra == "properties":
        return _columns("key", "value"), [("'write.format.default'", "'PARQUET'")]
    if extra == "files":
        return _FILES, [_file(one) for one in snapshots]
    if extra == "partitions":
        kinds = {"record_count": BIGINT, "file_count": BIGINT, "total_size": BIGINT}
        total = sum(one.rows for one in snapshots)
        row = (f"CAST({total} AS BIGINT)", f"CAST({len(snapshots)} AS BIGINT)", "CAST(NULL AS BIGINT)")
        return _columns("record_count", "file_count", "total_size", kinds=kinds), [row] if snapshots else []
    if extra in ("manifests", "all_manifests", "entries", "all_entries", "metadata_log_entries"):
        raise SqlNotSupported(f"metadata table ${extra}")
    raise refusal(at, f"Table '{CATALOG}.{SCHEMA}.{table}${extra}' does not exist", "TABLE_NOT_FOUND")


_COUNTS = map_of(INTEGER, BIGINT)
_FILES: tuple[tuple[str, Type], ...] = (
    ("content", INTEGER),
    ("file_path", VARCHAR),
    ("file_format", VARCHAR),
    ("record_count", BIGINT),
    ("file_size_in_bytes", BIGINT),
    ("column_sizes", _COUNTS),
    ("value_counts", _COUNTS),
    ("null_value_counts", _COUNTS),
    ("nan_value_counts", _COUNTS),
    ("lower_bounds", map_of(INTEGER, VARCHAR)),
    ("upper_bounds", map_of(INTEGER, VARCHAR)),
    ("key_metadata", Type("varbinary")),
    ("split_offsets", array(BIGINT)),
    ("equality_ids", array(INTEGER)),
)


def _file(one: Snapshot) -> tuple[str, ...]:
    """A data file as $files lists it; statistics that Iceberg leaves optional are NULL."""
    known = ("CAST(0 AS INTEGER)", text(one.path), "'PARQUET'", f"CAST({one.rows} AS BIGINT)")
    return (*known, *(f"CAST(NULL AS {duck(kind)})" for _, kind in _FILES[len(known) :]))


# ---- SHOW and DESCRIBE -----------------------------------------------------------------------------------


def show(context: Context, node: tree.Statement) -> Rows:
    """The rows of a SHOW or DESCRIBE statement."""
    if node.kind == "show_catalogs":
        return _columns("Catalog"), _texts(_liked(["awsdatacatalog", "system"], node))
    if node.kind == "show_schemas":
        _check_place(node, 1)
        return _columns("database_name" if context.dialect == "athena" else "Schema"), _texts(
            _liked(list(_SCHEMAS), node)
        )
    if node.kind == "show_tables":
        _check_schema(node)
        return _columns("tab_name" if context.dialect == "athena" else "Table"), _texts(
            _liked(list(context.tables.names()), node)
        )
    if node.kind == "show_views":
        _check_schema(node)
        return _columns("views"), []
    if node.kind in ("show_columns", "describe"):
        table, columns = _table(context, node)
        listed = list(columns.items())
        if context.dialect == "athena" and node.kind == "show_columns":
            return _columns("field"), _texts(_liked([name for name, _ in listed], node))
        kept = set(_liked([name for name, _ in listed], node))
        rows: list[tuple[str, ...]] = [
            (text(name), text(str(kind)), "''", "''") for name, kind in listed if name in kept
        ]
        del table
        return _columns("Column", "Type", "Extra", "Comment"), rows
    if node.kind == "show_create_table":
        table, columns = _table(context, node)
        body = ",\n".join(f"   {name} {kind}" for name, kind in columns.items())
        made = (
            f"CREATE TABLE {CATALOG}.{SCHEMA}.{table} (\n{body}\n)\nWITH (\n   format = "
            "'PARQUET',\n   format_version = 2\n)"
        )
        return _columns("Create Table"), [(text(made),)]
    if node.kind == "show_properties":
        _table(context, node)
        found = [(k, v) for k, v in _PROPERTIES if node.text in (None, k)]
        return _columns("prpt_name", "prpt_value"), [(text(k), text(v)) for k, v in found]
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
    return _columns(*names, kinds=kinds), rows


def _functions(node: tree.Statement) -> Rows:
    from comotion.adapters.fake_dash.lake.functions.table import functions

    names = _columns("Function", "Return Type", "Argument Types", "Function Type")
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


def _table(context: Context, node: tree.Statement) -> tuple[str, dict[str, Type]]:
    names = [part.value.lower() for part in node.name]
    catalog, schema, table = ([CATALOG, SCHEMA][: 3 - len(names)] + names)[-3:]
    if schema == "information_schema" and table in _INFORMATION:
        return table, dict(_INFORMATION[table])
    columns = context.tables.columns(table) if (catalog, schema) == (CATALOG, SCHEMA) else None
    if columns is None:
        if schema not in _SCHEMAS:
            raise refusal(node.at, f"Schema '{schema}' does not exist", "SCHEMA_NOT_FOUND")
        raise refusal(node.at, f"Table '{catalog}.{schema}.{table}' does not exist", "TABLE_NOT_FOUND")
    return table, dict(columns)
