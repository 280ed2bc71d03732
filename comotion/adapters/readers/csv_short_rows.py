"""Rows that Arrow does not take because they have too few or too many fields, and the place they belong."""

from typing import TYPE_CHECKING

from attrs import define, field

from comotion.adapters.readers import csv_lines

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.csv as arrow_csv


@define
class ShortRows:
    """Short rows since the last batch; row numbers count from 1 and skip blank lines.

    Attributes
    ----------
    positions : tuple of int
        The columns wanted.
    nulls : frozenset of str
        Fields that are NULL.
    missing : str or None
        What a short row holds where it has no field.
    long : (row number, number of fields) or None
        The row that is refused.
    padded : int
        How many rows were short.
    """

    sep: bytes
    quote: bytes
    positions: tuple[int, ...]
    nulls: frozenset[str]
    missing: str | None
    long: tuple[int, int] | None = None
    padded: int = 0
    _short: list[tuple[int, str]] = field(factory=list)
    _blank: list[int] = field(factory=list)
    _next: int = 1

    def take_note(self, row: "arrow_csv.InvalidRow") -> str:
        """Arrow's handler of rows that do not fit."""
        if row.actual_columns > row.expected_columns:
            self.long = (row.number, row.actual_columns)
            return "error"
        if row.actual_columns == 1 and csv_lines.is_blank(row.text.encode(), self.sep):
            self._blank.append(row.number)
        else:
            self._short.append((row.number, row.text))
        return "skip"

    def is_waiting(self) -> bool:
        """Whether there are rows that the batches so far do not have."""
        return bool(self._short or self._blank)

    def merged(self, batch: "pa.RecordBatch | None") -> "pa.RecordBatch":
        """``batch`` with the short rows that stood among its rows; None takes those that are left."""
        import numpy as np
        import pyarrow as pa

        count = 0 if batch is None else len(batch)
        if batch is not None and not self._short and not self._blank:
            self._next += count
            return batch
        others = np.array(sorted([*(number for number, _ in self._short), *self._blank]), np.int64)
        own = np.setdiff1d(np.arange(self._next, self._next + count + len(others)), others)[:count]
        last = int(own[-1]) if count else self._next - 1
        while last + 1 in others or (batch is None and len(others) and last < others[-1]):
            last += 1
        short = [one for one in self._short if one[0] <= last]
        self._short = self._short[len(short) :]
        self._blank = [one for one in self._blank if one > last]
        self._next = last + 1
        self.padded += len(short)
        padded = self._padded([text for _, text in short])
        if batch is None or not short:
            return padded if batch is None else batch
        order = np.argsort(np.concatenate([own, [number for number, _ in short]]), kind="stable")
        return pa.concat_batches([batch, padded]).take(pa.array(order))

    def _padded(self, rows: list[str]) -> "pa.RecordBatch":
        import pyarrow as pa

        cut = [csv_lines.fields(text.encode(), sep=self.sep, quote=self.quote) for text in rows]
        values = [[csv_lines.unquoted(one, self.quote).decode() for one in fields] for fields in cut]
        arrays = [pa.array([self._value(fields, i) for fields in values], pa.string()) for i in self.positions]
        return pa.RecordBatch.from_arrays(arrays, names=[str(i) for i in self.positions])

    def _value(self, fields: list[str], position: int) -> str | None:
        if position >= len(fields):
            return self.missing
        return None if fields[position] in self.nulls else fields[position]
