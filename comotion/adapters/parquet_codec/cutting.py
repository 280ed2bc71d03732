"""Gathers rows until they make a row group, and row groups until they make a part."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from attrs import evolve

from comotion.adapters.parquet_codec.row_groups import Layout, PartFile, columns_worth_a_dictionary
from comotion.domain.chunking import ROW_GROUP_ROWS, Cut

if TYPE_CHECKING:
    import pyarrow as pa

ROW_GROUP_BYTES = 64 * 1024 * 1024
"""Wide rows end a row group early, so that memory does not grow with their width."""


class Gathering:
    """Makes row groups of batches; one that ends a part of so many rows is cut short."""

    def __init__(self, layout: Layout, cut: Cut) -> None:
        self._layout = layout
        self._cut = cut
        self._rows_of_part = 0
        self._waiting: list[pa.RecordBatch] = []
        self._waiting_rows = 0
        self._waiting_bytes = 0
        self._is_any_made = False

    def add(self, batch: pa.RecordBatch) -> Iterator[pa.Table]:
        """Take the rows of ``batch``; the row groups that are complete by them."""
        batch = self._layout.conform(batch)
        while batch.num_rows:
            taken = batch.slice(0, self._room() - self._waiting_rows)
            batch = batch.slice(taken.num_rows)
            self._waiting.append(taken)
            self._waiting_rows += taken.num_rows
            self._waiting_bytes += taken.nbytes
            if self._waiting_rows == self._room() or self._waiting_bytes >= ROW_GROUP_BYTES:
                yield self._row_group()

    def rest(self) -> Iterator[pa.Table]:
        """The rows that are left; a source without rows is one row group of none."""
        if self._waiting_rows or not self._is_any_made:
            yield self._row_group()

    def _room(self) -> int:
        """How many rows the next row group may hold."""
        left = self._cut.rows_left(self._rows_of_part)
        return ROW_GROUP_ROWS if left is None else min(left, ROW_GROUP_ROWS)

    def _row_group(self) -> pa.Table:
        import pyarrow as pa

        table = pa.Table.from_batches(self._waiting, schema=self._layout.schema)
        self._waiting, self._waiting_rows, self._waiting_bytes = [], 0, 0
        self._is_any_made = True
        self._rows_of_part += table.num_rows
        if self._cut.rows_left(self._rows_of_part) == 0:
            self._rows_of_part = 0
        return table


class Cutter:
    """Writes row groups into parts; ``announce`` is told of each part when its first bytes can be read."""

    def __init__(self, layout: Layout, cut: Cut, announce: Callable[[PartFile], None]) -> None:
        self._layout = layout
        self._cut = cut
        self._announce = announce
        self._part: PartFile | None = None
        self._begun = 0

    def add(self, row_group: pa.Table) -> None:
        """Write ``row_group``, and end the part that is full by it."""
        part = self._part or self._begin_part(row_group)
        try:
            part.add_row_group(row_group)
        except BaseException:
            if not part.rows_so_far():  # nobody knows of it yet
                part.discard()
            raise
        if part.rows_so_far() == row_group.num_rows:  # its first row group
            self._announce(part)
        if self._cut.is_full(rows=part.rows_so_far(), size_bytes=part.size_so_far()):
            self.end()

    def end(self) -> None:
        """End the part that is being written."""
        if self._part is not None:
            self._part.finish()
            self._part = None

    def stop(self, error: BaseException) -> None:
        """Leave the part that is being written unfinished. May be called from another thread."""
        part = self._part
        if part is not None:
            part.stop(error)

    def _begin_part(self, row_group: pa.Table) -> PartFile:
        if not self._begun:
            self._layout = evolve(self._layout, dictionary=columns_worth_a_dictionary(row_group))
        self._begun += 1
        self._part = PartFile(number=self._begun, layout=self._layout)
        return self._part
