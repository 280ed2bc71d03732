"""A look into a workbook before it is read: one stray cell in the far corner would fill the memory.

The reader lays a sheet out as a rectangle. The size of that rectangle is found here in one pass over the XML,
together with whether any text looks like a number with more to it than its value (leading zeros, many digits).
"""

import re
import zipfile
from collections.abc import Iterator
from typing import IO

from attrs import frozen

from comotion.adapters.readers.raw import Raw
from comotion.domain.errors import UnreadableSource

PIECE_BYTES = 1 << 20
OVERLAP_BYTES = 256
MOST_CELLS = 50_000_000
MOST_XML_BYTES = 8 << 30

_ROW = re.compile(rb'<row [^>]*?\br="(\d{1,9})"')
_FAR_COLUMN = re.compile(rb' r="([A-Z]{2,3})\d')  # no \b: a literal prefix is seven times as fast
_LEADING_ZERO = re.compile(rb">[+-]?0\d+<")
_MANY_DIGITS = re.compile(rb">[+-]?\d{16,}<")
_ROWS_REPEATED = re.compile(rb'number-rows-repeated="(\d{1,9})"[^>]*>(.{0,4096})', re.DOTALL)
_CELLS_REPEATED = re.compile(rb'<table:table-cell(?=[^>]*office:value-type)[^>]*number-columns-repeated="(\d{1,9})"')


@frozen(kw_only=True)
class Glance:
    """What a look showed. ``may_lose_text`` is True also where it could not be told."""

    may_lose_text: bool = True


def glance(raw: Raw) -> Glance:
    """Look into a workbook.

    Raises
    ------
    UnreadableSource
        A damaged archive, or a sheet of absurd dimensions.
    """
    with raw.seekable() as stream:
        if stream.read(2) != b"PK":  # an xls file: its format holds 16 million cells at most
            return Glance()
        stream.seek(0)
        try:
            with zipfile.ZipFile(stream) as archive:
                return _look(archive, raw.name)
        except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError) as wrong:
            raise UnreadableSource(f"{raw.name} is a damaged workbook: {wrong}") from None


def _look(archive: zipfile.ZipFile, name: str) -> Glance:
    members = archive.infolist()
    if sum(member.file_size for member in members) > MOST_XML_BYTES:
        raise UnreadableSource(f"{name} unpacks to more than {MOST_XML_BYTES >> 30} GB, which no workbook does")
    may_lose_text = False
    for member in members:
        if member.filename.startswith("xl/worksheets/") or member.filename == "xl/sharedStrings.xml":
            with archive.open(member) as xml:
                may_lose_text |= _look_at_sheet(xml, f"{name}, {member.filename}")
        elif member.filename == "content.xml":
            with archive.open(member) as xml:
                _look_at_ods(xml, name)
            may_lose_text = True
        elif member.filename.endswith(".bin"):
            may_lose_text = True
    return Glance(may_lose_text=may_lose_text)


def _look_at_sheet(xml: IO[bytes], name: str) -> bool:
    rows, columns, may_lose_text = 0, 26, False
    for piece in _overlapping(xml):
        last = piece.rfind(b"<row ")
        found = _ROW.match(piece, last) if last >= 0 else None
        rows = max(rows, int(found.group(1))) if found else rows
        columns = max(columns, *map(_column_number, set(_FAR_COLUMN.findall(piece))), 0)
        may_lose_text = may_lose_text or bool(_LEADING_ZERO.search(piece) or _MANY_DIGITS.search(piece))
        _check(rows, columns, name)
    return may_lose_text


def _look_at_ods(xml: IO[bytes], name: str) -> None:
    """An OpenDocument sheet says how often a row or a cell is repeated; empty ones do not count."""
    for piece in _overlapping(xml):
        for times, cells in _ROWS_REPEATED.findall(piece):
            row = cells.partition(b"</table:table-row>")[0]
            if b"office:value-type" in row:
                _check(int(times), sum(map(int, _CELLS_REPEATED.findall(row))) or 1, name)
        for times in _CELLS_REPEATED.findall(piece):
            _check(int(times), 4096, name)


def _overlapping(xml: IO[bytes]) -> Iterator[bytes]:
    before = b""
    while piece := xml.read(PIECE_BYTES):
        yield before + piece
        before = piece[-OVERLAP_BYTES:]


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _check(rows: int, columns: int, name: str) -> None:
    if rows * columns > MOST_CELLS:
        raise UnreadableSource(
            f"{name} reaches to row {rows:,}, column {columns:,}: too large for a table. Delete the rows and "
            "columns beyond the table (a stray cell or format far away is enough), or save the sheet as CSV"
        )
