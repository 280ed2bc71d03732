"""What crosses on the way into data model v1: a source cut into gzip-compressed CSV files."""

from collections.abc import Callable, Iterator

from attrs import field, frozen

from comotion.ports.tables import Source


@frozen(kw_only=True)
class CsvChunk:
    """One CSV file, header included.

    Attributes
    ----------
    source : str
        Name of the source it is of.
    first_row : int
        Number of its first row in the source, from 1.
    rows : int
    gzip_csv : bytes
        The file, as it is sent.
    """

    source: str
    first_row: int
    rows: int
    gzip_csv: bytes = field(repr=False)

    @property
    def last_row(self) -> int:
        return self.first_row + self.rows - 1


ChunkCsv = Callable[[Source, int | None], Iterator[CsvChunk]]
"""Cuts an opened source into chunks of so many rows (None: one chunk). A source without rows is one header."""
