"""Gathers rows until they make a row group, and row groups until they make a part."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from attrs import evolve

from comotion.adapters.parquet_codec.row_groups import Layout, PartFile, columns_worth_a_dictionary
from comotion.domain.chunking import ROW_GROUP_ROWS, Cut

if TYPE_CHECKING:
    import pyarrow as pa

ROW_GROUP_BYTES = 64 * 1024 * 1024
"""Wide rows end a row group early, so that memory does not grow with their width."""


class Cutter:
    """Writes batches into parts; ``announce`` is told of each part when its first bytes can be read."""

    def __init__(self, layout: Layout, cut: Cut, announce: Callable[[PartFile], None]) -> None:
        self._layout = layout
        self._cut = cut
        self._announce = announce
        self._waiting: list[pa.RecordBatch] = []
        self._waiting_rows = 0
        self._waiting_bytes = 0
        self._part: PartFile | None = None
        self._begun = 0

    def add(self, batch: pa.RecordBatch) -> None:
        """Take the rows of ``batch``; write what is complete by them."""
        batch = self._layout.conform(batch)
        while batch.num_rows:
            taken = batch.slice(0, self._room() - self._waiting_rows)
            batch = batch.slice(taken.num_rows)
            self._waiting.append(taken)
            self._waiting_rows += taken.num_rows
            self._waiting_bytes += taken.nbytes
            if self._waiting_rows == self._room() or self._waiting_bytes >= ROW_GROUP_BYTES:
                self._write_row_group()

    def end(self) -> None:
        """Write what is left; a source without rows is one part of zero rows."""
        if self._waiting_rows or not self._begun:
            self._write_row_group()
        self._finish_part()

    def stop(self, error: BaseException) -> None:
        """Leave the part that is being written unfinished. May be called from another thread."""
        part = self._part
        if part is not None:
            part.stop(error)

    def _room(self) -> int:
        """How many rows the next row group may hold."""
        left = self._cut.rows_left(self._part.rows_so_far() if self._part else 0)
        return ROW_GROUP_ROWS if left is None else min(left, ROW_GROUP_ROWS)

    def _write_row_group(self) -> None:
        import pyarrow as pa

        table = pa.Table.from_batches(self._waiting, schema=self._layout.schema)
        self._waiting, self._waiting_rows, self._waiting_bytes = [], 0, 0
        part = self._part or self._begin_part(table)
        try:
            part.add_row_group(table)
        except BaseException:
            if not part.rows_so_far():  # nobody knows of it yet
                part.discard()
            raise
        if part.rows_so_far() == table.num_rows:  # its first row group
            self._announce(part)
        if self._cut.is_full(rows=part.rows_so_far(), size_bytes=part.size_so_far()):
            self._finish_part()

    def _begin_part(self, table: pa.Table) -> PartFile:
        if not self._begun:
            self._layout = evolve(self._layout, dictionary=columns_worth_a_dictionary(table))
        self._begun += 1
        self._part = PartFile(number=self._begun, layout=self._layout)
        return self._part

    def _finish_part(self) -> None:
        if self._part is not None:
            self._part.finish()
            self._part = None
