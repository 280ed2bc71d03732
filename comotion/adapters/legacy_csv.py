"""CSV as data model v1 takes it: all but numbers and booleans quoted, NULL as ``""`` in any column, ``\\n``, UTF-8.

A source read as text (every field a string) therefore has its header and every field in quotes.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, cast

from comotion.ports.legacy import CsvChunk

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    from comotion.ports.tables import Source

GZIP_LEVEL = 6


def gzip_csv(frame: pd.DataFrame, *, sep: str = ",", header: bool = True) -> bytes:
    """A DataFrame as one gzip-compressed CSV file, its index left out. Equal frames give equal bytes."""
    import csv

    text = frame.to_csv(index=False, header=header, sep=sep, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n")
    return gzip.compress(text.encode("utf-8"), compresslevel=GZIP_LEVEL, mtime=0)


def chunk_csv(source: Source, rows_per_chunk: int | None) -> Iterator[CsvChunk]:
    """Cut an opened source into CSV files of ``rows_per_chunk`` rows, each with the header (ports.legacy)."""
    first_row = 1
    for table in _tables(cast("Iterable[pa.RecordBatch]", source.batches()), rows_per_chunk):
        yield CsvChunk(source=source.name, first_row=first_row, rows=table.num_rows, gzip_csv=gzip_csv(_frame(table)))
        first_row += table.num_rows
    if first_row == 1:
        yield CsvChunk(source=source.name, first_row=1, rows=0, gzip_csv=gzip_csv(_header(source)))


def _tables(batches: Iterable[pa.RecordBatch], rows: int | None) -> Iterator[pa.Table]:
    """The same rows, so many at a time."""
    import pyarrow as pa

    waiting: list[pa.RecordBatch] = []
    size = 0
    for batch in batches:
        rest = batch
        while rows is not None and size + rest.num_rows >= rows:
            yield pa.Table.from_batches([*waiting, rest.slice(0, rows - size)])
            rest = rest.slice(rows - size)
            waiting, size = [], 0
        if rest.num_rows:
            waiting.append(rest)
            size += rest.num_rows
    if waiting:
        yield pa.Table.from_batches(waiting)


def _frame(table: pa.Table) -> pd.DataFrame:
    """Whole numbers stay whole where some are NULL; dates and decimals stay themselves."""
    import pandas as pd

    columns = [column.to_pandas(integer_object_nulls=True).reset_index(drop=True) for column in table.columns]
    frame: Any = pd.concat(columns, axis=1) if columns else pd.DataFrame()
    frame.columns = pd.Index(table.column_names, dtype=object)
    return cast("pd.DataFrame", frame)


def _header(source: Source) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(columns=[column.name for column in source.schema().columns])
