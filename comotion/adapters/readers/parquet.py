"""Parquet files and streams: row groups one after the other, types as the file has them, no index by accident."""

import json
from collections.abc import Generator, Iterator, Mapping
from typing import TYPE_CHECKING, cast

from attrs import define, field

from comotion.adapters.readers.csv_dtype import forced_types
from comotion.adapters.readers.lake_types import in_lake_types, lake_schema
from comotion.adapters.readers.parquet_file import FileAsItIs, is_right_for_the_lake
from comotion.adapters.readers.raw import Raw
from comotion.adapters.readers.types import conform, schema_from_arrow, to_arrow
from comotion.domain.errors import DataWarning, InvalidArgument, UnreadableSource
from comotion.domain.schema import Schema
from comotion.domain.warned import warn
from comotion.ports.tables import EncodedPart, SourceSpec

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

BATCH_ROWS = 64 * 1024
READ_AHEAD_BYTES = 1024 * 1024
INDEX_LEVEL = "__index_level_"
_HONOURED = frozenset({"columns", "dtype", "filters"})
_WITHOUT_EFFECT = frozenset({"engine", "dtype_backend", "use_nullable_dtypes", "storage_options", "filesystem"})


@define(eq=False)
class ParquetSource:
    """The rows of one file. Memory is a batch and the pages it comes from, whatever the size of a row group.

    Attributes
    ----------
    columns : list of str
        The columns that are read, in order.
    forced : pyarrow.Schema
        Their types after ``dtype=``.
    """

    raw: Raw = field(repr=False)
    columns: list[str]
    forced: "pa.Schema" = field(repr=False)
    filters: object = None
    can_be_sent_as_it_is: bool = False
    has_rows: bool = True
    _notes: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return self.raw.name

    def schema(self) -> Schema:
        return schema_from_arrow(lake_schema(self.forced, source=self.name), has_rows=self.has_rows)

    def batches(self) -> "Generator[pa.RecordBatch, None, None]":
        schema = lake_schema(self.forced, source=self.name)
        read = (conform(batch, self.forced, source=self.name) for batch in self._read())
        yield from in_lake_types(read, schema, source=self.name)

    def is_repeatable(self) -> bool:
        return True

    def verbatim_file(self) -> EncodedPart | None:
        if not self.can_be_sent_as_it_is:
            return None
        with _open(self.raw) as file:
            rows = file.metadata.num_rows
        with self.raw.seekable() as stream:
            size = stream.seek(0, 2)
        return FileAsItIs(open=self.raw.open, row_count=rows, size=size)

    def notes(self) -> tuple[str, ...]:
        return self._notes

    def close(self) -> None:
        self.raw.close()

    def _read(self) -> "Iterator[pa.RecordBatch]":
        import pyarrow as pa

        wanted = self.filters
        with _open(self.raw) as file:
            columns = self.columns if wanted is None else None
            try:
                for batch in file.iter_batches(BATCH_ROWS, columns=columns, use_threads=False):
                    yield (batch.select(self.columns) if wanted is None else batch.filter(wanted).select(self.columns))
            except (pa.ArrowException, OSError) as wrong:
                raise UnreadableSource(f"{self.name} is damaged: {wrong}") from None
        _look_at(self.raw)


def _look_at(raw: Raw) -> None:
    """Raise UnreadableSource where a file is not any more what it was: Arrow reads it by its path, and says nothing."""
    if raw.path is not None:
        raw.open().close()


def _open(raw: Raw) -> "pq.ParquetFile":
    import pyarrow as pa
    import pyarrow.parquet as pq

    _look_at(raw)
    source = raw.seekable() if raw.path is None else str(raw.path)
    try:
        return pq.ParquetFile(source, buffer_size=READ_AHEAD_BYTES, pre_buffer=False)
    except (pa.ArrowException, OSError) as wrong:
        raise UnreadableSource(f"{raw.name} is no readable Parquet file: {wrong}") from None


def open_parquet(spec: SourceSpec, raw: Raw) -> ParquetSource:
    """A Parquet file under ``columns=``, ``filters=`` and ``dtype=``.

    Raises
    ------
    InvalidArgument
        Another reading argument: there is nothing to parse.
    UnreadableSource
        No Parquet file, a damaged or encrypted one, or a column that is not there.
    """
    _check_options(spec)
    with _open(raw) as file:
        metadata, schema = file.metadata, file.schema_arrow
    chosen, notes = _chosen_columns(spec, schema, raw.name)
    if not chosen:
        raise UnreadableSource(f"{raw.name} has no columns")
    for note in notes:
        warn(f"{raw.name}: {note}", DataWarning)
    kept = _distinct(schema, chosen, raw.name)
    as_it_is = not spec.options and spec.hook is None and not spec.verbatim and len(kept) == len(schema)
    return ParquetSource(
        raw,
        chosen,
        _forced(kept, spec.options.get("dtype")),
        _expression(spec.options.get("filters")),
        can_be_sent_as_it_is=as_it_is and is_right_for_the_lake(metadata, kept, source=raw.name),
        has_rows=metadata.num_rows > 0,
        notes=tuple(notes),
    )


def _check_options(spec: SourceSpec) -> None:
    unknown = [name for name in spec.options if name not in _HONOURED | _WITHOUT_EFFECT]
    if unknown:
        raise InvalidArgument(
            f"{spec.name} is a Parquet file, which has types and names already: {', '.join(unknown)} cannot be "
            f"applied to it; {', '.join(sorted(_HONOURED))} can"
        )


def _chosen_columns(spec: SourceSpec, schema: "pa.Schema", name: str) -> tuple[list[str], list[str]]:
    """The columns to read, and what is left out and why."""
    wanted = spec.options.get("columns")
    if wanted is not None:
        chosen = [str(column) for column in cast("list[object]", wanted)]
        missing = [column for column in chosen if column not in schema.names]
        if missing:
            raise UnreadableSource(f"{name} has no column {missing[0]!r}; it has {', '.join(schema.names)}")
        return chosen, []
    saved = _saved_index(schema)
    unnamed = [level for level in saved if level in schema.names and level.startswith(INDEX_LEVEL)]
    ranges = [level for level in saved if level not in schema.names]
    notes = [
        f"the pandas index {level!r}, which the file does not hold as a column, is not uploaded" for level in ranges
    ]
    if not unnamed or spec.index:
        return list(schema.names), notes
    notes.append(f"the pandas index saved as {', '.join(unnamed)} is not uploaded; name it in columns= to have it")
    return [column for column in schema.names if column not in unnamed], notes


def _saved_index(schema: "pa.Schema") -> list[str]:
    """The levels of the index that pandas saved: names of columns, and names of ranges kept in metadata only."""
    saved = (schema.metadata or {}).get(b"pandas")
    try:
        listed = json.loads(saved)["index_columns"] if saved else []
    except (ValueError, KeyError, TypeError):
        return []
    levels = [level.get("name") if isinstance(level, dict) else level for level in listed]
    return [str(level) for level in levels if level is not None]


def _distinct(schema: "pa.Schema", chosen: list[str], name: str) -> "pa.Schema":
    import pyarrow as pa

    twice = [column for column in chosen if len(schema.get_all_field_indices(column)) > 1]
    if twice:
        raise UnreadableSource(f"{name} has two columns {twice[0]!r}")
    return pa.schema([schema.field(column) for column in chosen])


def _forced(schema: "pa.Schema", dtype: object) -> "pa.Schema":
    import pyarrow as pa

    forced = forced_types(dtype, schema.names)
    if forced is None:
        known = set(dtype) - set(schema.names) if isinstance(dtype, Mapping) else set()
        why = f"there is no column {sorted(map(str, known))[0]!r}" if known else "a type is not known"
        raise InvalidArgument(f"dtype={dtype!r} cannot be applied to a Parquet file: {why}")
    fields = [pa.field(one.name, to_arrow(forced[one.name]) if one.name in forced else one.type) for one in schema]
    return pa.schema(fields)


def _expression(filters: object) -> object:
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    if filters is None or isinstance(filters, pc.Expression):
        return filters
    return pq.filters_to_expression(filters)
