"""One part as a Parquet file: row groups under one schema, dictionaries only where they pay."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

from attrs import define, field, frozen

from comotion.adapters.parquet_codec.spool import Spool
from comotion.domain.errors import DataError

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

FEW_ROWS = 1_000
"""A row group with fewer saves nothing by a dictionary that pays for looking for it."""
LOOKED_AT_ROWS = 20_000
DICTIONARY_SHARE = 0.25
DICTIONARY_BYTES = 900_000  # Parquet gives a dictionary up at 1 MiB, and its work was for nothing
ZSTD_LEVEL = 1  # the wire is what is slow; level 3 costs twice the CPU for a twentieth of the bytes


@frozen(kw_only=True)
class Layout:
    """How the parts of one source are written.

    Attributes
    ----------
    schema : pyarrow.Schema
    conform : callable
        Casts a batch to ``schema`` where nothing is lost, else raises.
    compression : str
        ``"snappy"``, ``"zstd"``, ``"gzip"`` or ``"none"``.
    dictionary : tuple of str
        The columns that are written with a dictionary.
    """

    schema: pa.Schema
    conform: Callable[[pa.RecordBatch], pa.RecordBatch]
    compression: str
    dictionary: tuple[str, ...] = ()


def columns_worth_a_dictionary(table: pa.Table) -> tuple[str, ...]:
    """The columns of a first row group that have a dictionary: few distinct values, as its first rows tell."""
    if table.num_rows < FEW_ROWS:
        return ()
    head = table.slice(0, LOOKED_AT_ROWS)
    return tuple(
        name
        for name, column in zip(head.column_names, head.columns, strict=True)
        if _is_worth_a_dictionary(column, rows=table.num_rows)
    )


def _is_worth_a_dictionary(head: pa.ChunkedArray, *, rows: int) -> bool:
    import pyarrow.compute as pc
    import pyarrow.types as kinds

    if kinds.is_nested(head.type) or kinds.is_boolean(head.type) or kinds.is_null(head.type):
        return False
    seen = pc.count_distinct(head, mode="only_valid").as_py()
    looked_at = len(head) - head.null_count
    values = seen if len(head) == rows else expected_distinct(seen, looked_at=max(1, looked_at), rows=rows)
    value_bytes = head.nbytes / max(1, len(head))
    return values < DICTIONARY_SHARE * rows and values * value_bytes < DICTIONARY_BYTES


def expected_distinct(seen: int, *, looked_at: int, rows: int) -> float:
    """How many distinct values ``rows`` rows hold, when the first ``looked_at`` held ``seen``.

    As if every row were drawn from so many equally likely values: of 22,000 dates 20,000 rows show 13,000, and a
    share of 65 % that is new says little about the row group.
    """
    if not seen:
        return 0.0
    if seen >= looked_at:
        return rows
    low, high = float(seen), float(seen) * rows
    for _ in range(40):  # halving; the expected number seen grows with the number there is
        kinds = (low + high) / 2
        low, high = (kinds, high) if kinds * -math.expm1(-looked_at / kinds) < seen else (low, kinds)
    return low * -math.expm1(-rows / low)


@define
class PartFile:
    """A part being written; ``rows`` is final once ``body`` is complete."""

    number: int
    layout: Layout = field(repr=False)
    body: Spool = field(factory=Spool, repr=False)
    _rows: int = 0
    _writer: pq.ParquetWriter | None = field(default=None, repr=False)

    def rows(self) -> int:
        """Rows of the finished part. Waits for it; raises what stopped it."""
        self.body.wait()
        return self._rows

    def rows_so_far(self) -> int:
        return self._rows

    def size_so_far(self) -> int:
        """Bytes written, the footer not yet among them."""
        return self.body.tell()

    def add_row_group(self, table: pa.Table) -> None:
        """Write ``table`` as one row group."""
        import pyarrow as pa

        try:
            self._open().write_table(table, row_group_size=max(1, table.num_rows))
        except (pa.ArrowNotImplementedError, pa.ArrowInvalid) as wrong:
            raise DataError(f"a column cannot be written as Parquet: {wrong}") from wrong
        self._rows += table.num_rows

    def finish(self) -> None:
        """Write the footer."""
        self._open().close()
        self.body.complete()

    def stop(self, error: BaseException) -> None:
        """Leave it unfinished; its body raises ``error``."""
        self.body.stop(error)

    def discard(self) -> None:
        """Give the disk space back."""
        self.body.discard()

    def _open(self) -> pq.ParquetWriter:
        import pyarrow.parquet as pq

        if self._writer is None:
            self._writer = pq.ParquetWriter(
                self.body,
                self.layout.schema,
                compression=self.layout.compression,
                compression_level=ZSTD_LEVEL if self.layout.compression == "zstd" else None,
                use_dictionary=list(self.layout.dictionary) or False,
                write_statistics=_columns_with_statistics(self.layout.schema) or False,
                coerce_timestamps=None,  # the schema's units are the lake's already
            )
        return self._writer


def _columns_with_statistics(schema: pa.Schema) -> list[str]:
    """Numbers and times. The smallest and the largest text serve nobody and cost a fifth of all the encoding."""
    import pyarrow.types as kinds

    return [one.name for one in schema if kinds.is_primitive(one.type) or kinds.is_decimal(one.type)]
