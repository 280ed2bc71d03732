"""Tables that are made once and kept on disk: what a cursor yields, or a function of the user's makes of frames."""

from collections.abc import Callable, Generator, Iterator
from typing import TYPE_CHECKING

from comotion.adapters.readers.temporary_file import TemporaryFile
from comotion.adapters.readers.types import conform, schema_from_arrow, schema_of_no_rows, schema_to_arrow
from comotion.domain.schema import Schema, SchemaWidened

if TYPE_CHECKING:
    import pyarrow as pa

BATCH_ROWS = 64 * 1024


class KeptTables:
    """The tables of a run that happens once, typed together; a later pass has them from disk.

    Parameters
    ----------
    run : callable
        Begins the run: an iterator of at least one table.
    of : str
        What the tables are made of, for the error of a disk that is full.
    join : callable or None
        ``join(schema, table)`` is the schema that holds both, or raises; None leaves each table as it is.
    """

    def __init__(
        self,
        run: "Callable[[], Iterator[pa.Table]]",
        *,
        of: str,
        join: "Callable[[Schema, pa.Table], Schema] | None",
    ) -> None:
        self._run = run
        self._join = join
        self._kept = _Spool(of=of)
        self._running: Iterator[pa.Table] | None = None
        self._schema: Schema | None = None

    def schema(self) -> Schema:
        if self._schema is None:
            first = next(self._tables())  # a run without rows is one table without rows
            known = first if self._join is None else next((one for one in self._tables() if one.num_rows), first)
            self._schema = schema_from_arrow(known.schema) if known.num_rows else schema_of_no_rows(first.schema)
        return self._schema

    def batches(self, *, source: str) -> "Generator[pa.RecordBatch, None, None]":
        """All rows under the schema. Raises SchemaWidened where a later table does not fit it."""
        schema = self.schema()
        arrow_schema = schema_to_arrow(schema)
        for number, table in enumerate(self._tables()):
            if self._join is not None and not table.num_rows:
                continue
            if self._join is not None and self._join(schema, table) != schema:
                self._schema = self._widened(schema, number, self._join)
                raise SchemaWidened(self._schema)
            for batch in table.to_batches(max_chunksize=BATCH_ROWS):
                yield batch if self._join is None else conform(batch, arrow_schema, source=source)

    def close(self) -> None:
        if self._running is not None:
            self._running.close()  # type: ignore[attr-defined]  # of a generator
        self._kept.close()

    def _widened(self, schema: Schema, number: int, join: "Callable[[Schema, pa.Table], Schema]") -> Schema:
        for table in self._tables(number):
            schema = join(schema, table) if table.num_rows else schema
        return schema

    def _tables(self, number: int = 0) -> "Iterator[pa.Table]":
        while (table := self._table(number)) is not None:
            yield table
            number += 1

    def _table(self, number: int) -> "pa.Table | None":
        """From disk or from the run; None after the last."""
        if number < len(self._kept):
            return self._kept[number]
        if self._running is None:
            self._running = self._run()
        table = next(self._running, None)
        if table is not None:
            self._kept.append(table)
        return table


class _Spool:
    """A list of Arrow tables in a temporary file; the last one is also at hand in memory."""

    def __init__(self, *, of: str) -> None:
        self._file = TemporaryFile(of=of)
        self._places: list[tuple[int, int]] = []
        self._last: pa.Table | None = None

    def __len__(self) -> int:
        return len(self._places)

    def append(self, table: "pa.Table") -> None:
        import pyarrow as pa

        start = self._file.size_bytes()
        with pa.ipc.new_stream(self._file, table.schema) as writer:
            writer.write_table(table)
        self._places.append((start, self._file.size_bytes() - start))
        self._last = table

    def __getitem__(self, number: int) -> "pa.Table":
        import pyarrow as pa

        if number == len(self._places) - 1 and self._last is not None:
            last, self._last = self._last, None
            return last
        start, size = self._places[number]
        self._file.seek(start)
        return pa.ipc.open_stream(self._file.read(size)).read_all()

    def close(self) -> None:
        self._last = None
        self._file.close()
