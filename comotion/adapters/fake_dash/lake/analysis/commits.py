"""What a table tells of its own commits: ``"t$snapshots"`` and its like, as DuckDB literals."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from comotion.adapters.fake_dash.lake.analysis.context import CATALOG, SCHEMA, Context, Snapshot
from comotion.adapters.fake_dash.lake.analysis.metadata import Rows, columns_named
from comotion.adapters.fake_dash.lake.analysis.typed import refusal, text
from comotion.adapters.fake_dash.lake.refusal import SqlNotSupported
from comotion.adapters.fake_dash.lake.sql.lexer import Position
from comotion.adapters.fake_dash.lake.types import BIGINT, BOOLEAN, INTEGER, VARCHAR, Type, array, duck, map_of

_ZONED = Type("timestamp with time zone", (3,), zone="UTC")
_UNKNOWN = ("manifests", "all_manifests", "entries", "all_entries", "metadata_log_entries")
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


def of_table(context: Context, table: str, extra: str, at: Position) -> Rows:
    """The rows of ``"t$snapshots"`` and its like.

    Raises
    ------
    SqlRefused
        Where the service has no such table.
    SqlNotSupported
        Where only this fake has none.
    """
    if extra in _UNKNOWN:
        raise SqlNotSupported(f"metadata table ${extra}")
    if extra not in _TABLES:
        raise refusal(at, f"Table '{CATALOG}.{SCHEMA}.{table}${extra}' does not exist", "TABLE_NOT_FOUND")
    return _TABLES[extra](table, context.tables.snapshots(table))


def _stamp(at_us: int) -> str:
    return f"struct_pack(t := make_timestamp({at_us // 1000 * 1000}), z := 'UTC')"


def _big(value: int | None) -> str:
    return f"CAST({'NULL' if value is None else value} AS BIGINT)"


def _with_parents(snapshots: Sequence[Snapshot]) -> list[tuple[Snapshot, str]]:
    parents = (None, *(one.id for one in snapshots))
    return [(one, _big(parent)) for one, parent in zip(snapshots, parents, strict=False)]


def _snapshots(table: str, snapshots: Sequence[Snapshot]) -> Rows:
    kinds = {"committed_at": _ZONED, "snapshot_id": BIGINT, "parent_id": BIGINT, "summary": map_of(VARCHAR, VARCHAR)}
    names = ("committed_at", "snapshot_id", "parent_id", "operation", "manifest_list", "summary")
    rows: list[tuple[str, ...]] = []
    for one, parent in _with_parents(snapshots):
        total = sum(s.rows for s in snapshots if s.number <= one.number)
        summary = f"MAP(['added-records', 'total-records'], ['{one.rows}', '{total}'])"
        manifest = text(f"s3://fake-lake/{SCHEMA}/{table}/metadata/snap-{one.id}.avro")
        rows.append((_stamp(one.at_us), _big(one.id), parent, "'append'", manifest, summary))
    return columns_named(*names, kinds=kinds), rows


def _history(table: str, snapshots: Sequence[Snapshot]) -> Rows:
    kinds = {"made_current_at": _ZONED, "snapshot_id": BIGINT, "parent_id": BIGINT, "is_current_ancestor": BOOLEAN}
    rows: list[tuple[str, ...]] = [
        (_stamp(one.at_us), _big(one.id), parent, "TRUE") for one, parent in _with_parents(snapshots)
    ]
    return columns_named(*kinds, kinds=kinds), rows


def _refs(table: str, snapshots: Sequence[Snapshot]) -> Rows:
    kinds = {
        "snapshot_id": BIGINT,
        "max_reference_age_in_ms": BIGINT,
        "min_snapshots_to_keep": INTEGER,
        "max_snapshot_age_in_ms": BIGINT,
    }
    rows: list[tuple[str, ...]] = [
        ("'main'", "'BRANCH'", _big(one.id), _big(None), "CAST(NULL AS INTEGER)", _big(None)) for one in snapshots[-1:]
    ]
    return columns_named("name", "type", *kinds, kinds=kinds), rows


def _properties(table: str, snapshots: Sequence[Snapshot]) -> Rows:
    return columns_named("key", "value"), [("'write.format.default'", "'PARQUET'")]


def _files(table: str, snapshots: Sequence[Snapshot]) -> Rows:
    return _FILES, [_file(one) for one in snapshots]


def _partitions(table: str, snapshots: Sequence[Snapshot]) -> Rows:
    kinds = {"record_count": BIGINT, "file_count": BIGINT, "total_size": BIGINT}
    row = (_big(sum(one.rows for one in snapshots)), _big(len(snapshots)), _big(None))
    return columns_named(*kinds, kinds=kinds), [row] if snapshots else []


_TABLES: dict[str, Callable[[str, Sequence[Snapshot]], Rows]] = {
    "snapshots": _snapshots,
    "history": _history,
    "refs": _refs,
    "properties": _properties,
    "files": _files,
    "partitions": _partitions,
}
