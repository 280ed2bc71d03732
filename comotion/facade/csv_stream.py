"""The response of ``get_csv_for_streaming``: it reads like urllib3's, and a short body is its IncompleteRead."""

from __future__ import annotations

import io
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, NoReturn, cast

from comotion.domain.errors import IncompleteDownload

if TYPE_CHECKING:
    from comotion.application.queries import CsvResult
    from comotion.ports.http import Headers

STREAM_BYTES = 1 << 16
READ_AHEAD_BYTES = 1 << 16


@cache
def incomplete_read_class() -> type[IncompleteDownload]:
    """What a short download raises: ours, and urllib3's IncompleteRead, which scripts catch."""
    from urllib3.exceptions import IncompleteRead as Urllib3IncompleteRead

    class IncompleteRead(IncompleteDownload, Urllib3IncompleteRead):
        """Fewer bytes came than were announced.

        Attributes
        ----------
        partial, expected : int
            Bytes that came, and bytes still missing (-1 where the size was never told), as urllib3 names them.
        """

        def __init__(self, message: str, *, received_bytes: int = 0, missing_bytes: int = -1) -> None:
            Exception.__init__(self, message)
            self.received_bytes = self.partial = received_bytes
            self.missing_bytes = self.expected = missing_bytes

        def __reduce__(self) -> tuple[object, ...]:
            return _incomplete_read, (str(self), self.received_bytes, self.missing_bytes)

        def __repr__(self) -> str:
            return f"IncompleteRead({self.received_bytes} bytes read, {self.missing_bytes} more expected)"

    IncompleteRead.__module__ = "comotion.dash"
    IncompleteRead.__qualname__ = "IncompleteRead"
    return cast(type[IncompleteDownload], IncompleteRead)


def _incomplete_read(message: str, received_bytes: int, missing_bytes: int) -> IncompleteDownload:
    return incomplete_read_class()(message, received_bytes=received_bytes, missing_bytes=missing_bytes)


def raise_incomplete(short: IncompleteDownload) -> NoReturn:
    """Raise it as the class that scripts catch."""
    raise _incomplete_read(str(short), short.received_bytes, short.missing_bytes) from None


class CsvStream(io.BufferedIOBase):
    """A query's result while it comes in: bytes of a CSV file, header first, NULL as an empty unquoted field.

    A context manager, iterable by lines, a binary file for ``pandas.read_csv``.

    Raises
    ------
    urllib3.exceptions.IncompleteRead
        By whatever reads to the end of a body that is shorter than announced.

    Notes
    -----
    Source: dash-api, section 2 (CSV result).
    """

    def __init__(self, result: CsvResult) -> None:
        super().__init__()
        self._result = result
        self._pieces = result.pieces(READ_AHEAD_BYTES)
        self._piece = b""
        self._at = 0
        self._handed_out = 0
        self._released = False
        self._ended = False
        self._short: IncompleteDownload | None = None
        self._all: bytes | None = None

    @property
    def status(self) -> int:
        """HTTP status: 200."""
        return self._result.status

    @property
    def headers(self) -> Headers:
        """Header fields, by case-insensitive name."""
        return self._result.headers

    def getheader(self, name: str, default: str | None = None) -> str | None:
        """One header field."""
        return self.headers.get(name, default)

    def getheaders(self) -> Headers:
        """All header fields."""
        return self.headers

    @property
    def data(self) -> bytes:
        """The whole body (what of it was not read yet), read now if need be, and kept."""
        if self._all is None:
            self._all = self.read()
            self.release_conn()
        return self._all

    def stream(self, amt: int | None = STREAM_BYTES, decode_content: bool | None = None) -> Iterator[bytes]:
        """The body in pieces of ``amt`` bytes, the last one shorter."""
        while piece := self.read(STREAM_BYTES if amt is None else amt):
            yield piece

    def read(self, amt: int | None = None, decode_content: bool | None = None, cache_content: bool = False) -> bytes:
        """Up to ``amt`` bytes, fewer only at the end; all that is left when ``amt`` is None or negative."""
        wanted = None if amt is None or amt < 0 else amt
        taken: list[bytes] = []
        size = 0
        while wanted is None or size < wanted:
            piece = self.read1(-1 if wanted is None else wanted - size)
            if not piece:
                break
            taken.append(piece)
            size += len(piece)
        body = b"".join(taken)
        if cache_content and wanted is None:
            self._all = body
        return body

    def read1(self, size: int = -1) -> bytes:
        """Some bytes, at most ``size``, from what has come or the next piece to come; empty at the end."""
        self._fill()
        return self._take(len(self._piece) if size < 0 else self._at + size)

    def readline(self, size: int | None = -1) -> bytes:
        """One line with its end, at most ``size`` bytes of it; empty at the end."""
        limit = -1 if size is None else size
        taken = b""
        while limit < 0 or len(taken) < limit:
            self._fill()
            end = self._piece.find(b"\n", self._at) + 1
            cut = end or len(self._piece)
            taken += self._take(cut if limit < 0 else min(cut, self._at + limit - len(taken)))
            if not self._piece or taken.endswith(b"\n"):
                break
        return taken

    def _fill(self) -> None:
        """Have a piece to read from; an empty one only at the end."""
        if self.closed or (self._released and not self._ended):
            raise ValueError("the result was closed or given back; ask for it again")
        if self._at == len(self._piece):
            self._piece, self._at = self._next_piece(), 0
            self._ended = not self._piece

    def _take(self, until: int) -> bytes:
        piece = self._piece[self._at : until]
        self._at += len(piece)
        self._handed_out += len(piece)
        return piece

    def _next_piece(self) -> bytes:
        try:
            if self._short is None:
                return next((piece for piece in self._pieces if piece), b"")
        except IncompleteDownload as short:
            self._short = short  # and so does every later reading: it must not pass for the end
        raise_incomplete(self._short)

    def readable(self) -> bool:
        return True

    def tell(self) -> int:
        """Bytes handed out so far."""
        return self._handed_out

    def release_conn(self) -> None:
        """Give the connection back; nothing more can be read."""
        self._released = True
        self._result.close()

    def close(self) -> None:
        """Give the connection back and close."""
        if not self.closed:
            self._result.close()
        super().close()
