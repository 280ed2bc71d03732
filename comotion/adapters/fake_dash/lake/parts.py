"""The Parquet files of a load as one table: their schemas are joined by name, and what cannot be joined is said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from comotion.adapters.fake_dash.lake.arrow_types import from_arrow, to_arrow
from comotion.adapters.fake_dash.lake.physical import stored
from comotion.adapters.fake_dash.lake.refusal import PartsDoNotJoin
from comotion.adapters.fake_dash.lake.types import UNKNOWN, VARCHAR, Type, UnknownType, common_type

_JOINABLE = (
    {"tinyint", "smallint", "integer", "bigint", "decimal", "real", "double"},
    {"varchar"}, {"date", "timestamp"},
)  # fmt: skip


def read_parts(paths: Sequence[Path], constants: Mapping[str, str]) -> tuple[dict[str, Type], pa.Table]:
    """The union of the files, its Trino types, the constant columns last.

    Raises
    ------
    PartsDoNotJoin
        Where a column has types in two files that no type holds together.
    """
    tables = [_read(path) for path in paths]
    types = joined([(path.name, table.schema) for path, table in zip(paths, tables, strict=True)])
    for name in constants:
        types.pop(name, None)
        types[name] = VARCHAR
    types = {name: VARCHAR if kind == UNKNOWN else kind for name, kind in types.items()}
    return types, held(tables, types, constants)


def _read(path: Path) -> pa.Table:
    try:
        table = pq.read_table(path, partitioning=None)
        table.validate(full=True)  # Arrow reads texts that are no UTF-8 without a word
        return table
    except FileNotFoundError:
        raise
    except (pa.ArrowException, OSError) as error:
        raise PartsDoNotJoin(f"file {path.name} cannot be read as Parquet: {error}") from error


def joined(schemas: Sequence[tuple[str, pa.Schema]]) -> dict[str, Type]:
    """Each column's type over all files, in the order in which columns first appear; names in lower case."""
    found: dict[str, tuple[str, Type]] = {}
    for file, schema in schemas:
        seen: set[str] = set()
        for field in schema:
            name = field.name.lower()
            if name in seen:
                raise PartsDoNotJoin(f"file {file} has two columns named '{name}'")
            seen.add(name)
            try:
                kind = from_arrow(field.type)
            except UnknownType:
                raise PartsDoNotJoin(
                    f"column '{name}' of file {file} has type {field.type}, which the lake cannot hold"
                ) from None
            if name not in found:
                found[name] = (file, kind)
                continue
            other, known = found[name]
            both = join_types(known, kind)
            if both is None:
                raise PartsDoNotJoin(f"column '{name}' is {known} in {other} and {kind} in {file}; no type holds both")
            found[name] = (other if both == known else file, both)
    return {name: kind for name, (_, kind) in found.items()}


def join_types(left: Type, right: Type) -> Type | None:
    """The type that holds the values of both without loss of meaning."""
    if left == UNKNOWN or right == UNKNOWN:
        return right if left == UNKNOWN else left
    if left.base == right.base or any({left.base, right.base} <= group for group in _JOINABLE):
        if left.is_number and right.is_number and "real" in (left.base, right.base) and left.base != right.base:
            return Type("double")
        return common_type(left, right)
    return None


def held(tables: Sequence[pa.Table], types: Mapping[str, Type], constants: Mapping[str, str]) -> pa.Table:
    """The rows of all files, one column a type, as the lake holds them."""
    pieces: list[pa.Table] = []
    for table in tables:
        named = {field.name.lower(): index for index, field in enumerate(table.schema)}
        columns: list[pa.Array] = []
        for name, kind in types.items():
            if name in constants:
                columns.append(pa.array([constants[name]] * table.num_rows, pa.string()))
            elif name in named:
                columns.append(_as(name, table.column(named[name]), kind))
            else:
                columns.append(stored(pa.nulls(table.num_rows, to_arrow(kind)), kind))
        pieces.append(pa.Table.from_arrays(columns, names=list(types)))
    return pa.concat_tables(pieces)


def _as(name: str, column: pa.ChunkedArray, kind: Type) -> pa.Array:
    try:
        return _converted(column, kind)
    except pa.ArrowException as error:
        raise PartsDoNotJoin(f"column '{name}' holds values that {kind} cannot hold: {error}") from error


def _converted(column: pa.ChunkedArray, kind: Type) -> pa.Array:
    own = from_arrow(column.type)
    if own == kind or own.parts:
        return stored(column, own if own.parts and own == kind else kind)
    if own == UNKNOWN:
        return stored(pa.nulls(len(column), to_arrow(kind)), kind)
    lossy = own.is_integer and kind.is_floating
    return stored(column.cast(to_arrow(kind), safe=not lossy), kind)
