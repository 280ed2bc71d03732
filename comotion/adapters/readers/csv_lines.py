"""The records of a CSV text and the lines they begin on, exactly as pandas and Arrow cut them, only slower.

Used for the head of a file, for the line number of an error, and to prove that quotes that span lines were meant:
a quoted field that runs over a line end and is followed by anything but a separator was most likely never closed.
"""

import itertools
from collections.abc import Iterator
from typing import BinaryIO

from attrs import frozen

CHUNK = 1 << 18
LINE_ENDS = b"\r\n"
RECORD_LIMIT_BYTES = 1 << 28


@frozen
class Record:
    """One record: its bytes with the line end, and the line of the file it begins on, counted from 1."""

    line: int
    data: bytes
    is_open: bool = False
    """Whether the text ended inside a quoted field of this record."""


@frozen
class StrayQuote:
    """A quoted field that was opened on ``line`` and not closed where a field can end."""

    line: int
    column: int
    """Number of the field in its record, counted from 1."""
    is_open: bool
    """Whether the text ended inside it; else characters follow its closing quote."""


def lines(stream: BinaryIO) -> Iterator[bytes]:
    r"""Lines with their ends; a line ends with ``\n``, ``\r`` or ``\r\n``. One beyond the limit is cut."""
    left: list[bytes] = []
    size = 0
    while chunk := stream.read(CHUNK):
        if chunk.endswith(b"\r"):
            chunk += stream.read(1)
        for piece in chunk.splitlines(keepends=True):
            left.append(piece)
            size += len(piece)
            if piece[-1] in LINE_ENDS or size > RECORD_LIMIT_BYTES:
                yield b"".join(left)
                left, size = [], 0
    if left:
        yield b"".join(left)


def records(stream: BinaryIO, *, sep: bytes, quote: bytes, first_line: int = 1) -> Iterator[Record]:
    """The records of ``stream``, blank lines among them. A record beyond the limit counts as never closed."""
    source = lines(stream)
    number = first_line
    for line in source:
        began, pieces, size = number, [line], len(line)
        is_open = ends_open(line, sep, quote, is_open=False)
        while is_open and size <= RECORD_LIMIT_BYTES and (more := next(source, None)) is not None:
            pieces.append(more)
            size += len(more)
            number += 1
            is_open = ends_open(more, sep, quote, is_open=True)
        number += 1
        yield Record(began, b"".join(pieces), is_open)


def is_blank(record: bytes, sep: bytes) -> bool:
    """Whether pandas skips it: nothing, or nothing but spaces and tabs that are no separators."""
    return not record.strip(LINE_ENDS).strip(b" \t".replace(sep, b""))


def fields(record: bytes, *, sep: bytes, quote: bytes) -> list[bytes]:
    """The fields of one record as they stand, quotes included."""
    if quote not in record:
        return record.rstrip(LINE_ENDS).split(sep)
    parts: list[bytes] = []
    start = 0
    for at in _separators(record, sep, quote):
        parts.append(record[start:at])
        start = at + len(sep)
    parts.append(record[start:].rstrip(LINE_ENDS))
    return parts


def unquoted(field: bytes, quote: bytes) -> bytes:
    """What a field says: its quotes taken off, doubled ones halved."""
    if not field.startswith(quote):
        return field
    end = _after_quoted(field, 0, quote)
    inner = field[1 : end - 1] if _closes(field, quote) else field[1:]
    return inner.replace(quote * 2, quote) + field[end:]


def _separators(record: bytes, sep: bytes, quote: bytes) -> Iterator[int]:
    at = 0
    while (found := record.find(sep, at)) >= 0 or at < len(record):
        if record.startswith(quote, at):
            at = _after_quoted(record, at, quote)
            found = record.find(sep, at)
        if found < 0:
            return
        yield found
        at = found + len(sep)


def _after_quoted(data: bytes, at: int, quote: bytes) -> int:
    """The position after the quoted text that begins at ``at``; the end where it is not closed."""
    at += 1
    while (at := data.find(quote, at)) >= 0:
        if data[at + 1 : at + 2] != quote:
            return at + 1
        at += 2
    return len(data)


def ends_open(line: bytes, sep: bytes, quote: bytes, *, is_open: bool) -> bool:
    """Whether a quoted field is open after ``line``, given whether one was before it."""
    at = 0
    while (at := line.find(quote, at)) >= 0:
        if is_open:
            if line[at + 1 : at + 2] == quote:
                at += 1
            else:
                is_open = False
        elif at == 0 or line[at - 1 : at] == sep:
            is_open = True
        at += 1
    return is_open


def first_stray_quote(stream: BinaryIO, *, sep: bytes, quote: bytes, first_line: int = 1) -> StrayQuote | None:
    """The first quoted field that spans lines and does not end where a field ends."""
    for record in records(stream, sep=sep, quote=quote, first_line=first_line):
        data = record.data
        if not record.is_open and data.count(b"\n") + data.count(b"\r") - data.count(b"\r\n") < 2:
            continue
        stray = _stray_in(record, sep, quote)
        if stray is not None:
            return stray
    return None


def _stray_in(record: Record, sep: bytes, quote: bytes) -> StrayQuote | None:
    line = record.line
    for number, field in enumerate(fields(record.data, sep=sep, quote=quote), start=1):
        breaks = len(field.splitlines()) - 1
        if field.startswith(quote):
            end = _after_quoted(field, 0, quote)
            is_open = record.is_open and not _closes(field, quote)
            if is_open or (end < len(field) and len(field[:end].splitlines()) > 1):
                return StrayQuote(line, number, is_open)
        line += max(breaks, 0)
    return None


def _closes(field: bytes, quote: bytes) -> bool:
    at = 1
    while (at := field.find(quote, at)) >= 0:
        if field[at + 1 : at + 2] != quote:
            return True
        at += 2
    return False


def line_of_row(stream: BinaryIO, row: int, *, sep: bytes, quote: bytes, first_line: int = 1) -> Record | None:
    """The ``row``-th record that is not blank, counted from 0."""
    filled = (
        one for one in records(stream, sep=sep, quote=quote, first_line=first_line) if not is_blank(one.data, sep)
    )
    return next(itertools.islice(filled, row, None), None)
