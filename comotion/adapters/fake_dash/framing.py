"""Where a request's body begins and ends on a connection (RFC 9112, 6), and who asks for it first."""

import socket
from email.message import Message
from io import BufferedIOBase

from comotion.adapters.fake_dash.exchange import BrokenBody, Readable, whole_number

LARGEST_BODY_BYTES = (1 << 63) - 1


class Sized:
    """A body of known length."""

    def __init__(self, stream: Readable, size_bytes: int) -> None:
        self._stream = stream
        self.left = size_bytes

    def read(self, size_bytes: int, /) -> bytes:
        if not self.left:
            return b""
        piece = self._stream.read(min(size_bytes, self.left))
        if not piece:
            raise BrokenBody("the request's body ended early")
        self.left -= len(piece)
        return piece


class Chunked:
    """A body in chunks (RFC 9112, 7.1); trailers are read and dropped."""

    def __init__(self, stream: BufferedIOBase) -> None:
        self._stream = stream
        self._left = 0
        self.is_over = False

    def read(self, size_bytes: int, /) -> bytes:
        if self.is_over:
            return b""
        if not self._left and not self._next_chunk():
            return b""
        piece = self._stream.read(min(size_bytes, self._left))
        if not piece:
            raise BrokenBody("the request's body ended early")
        self._left -= len(piece)
        if not self._left and self._stream.readline(3).strip():
            raise BrokenBody("a chunk is longer than it said")
        return piece

    def _next_chunk(self) -> bool:
        line = self._stream.readline(1024)
        try:
            self._left = int(line.split(b";")[0].strip(), 16)
        except ValueError:
            raise BrokenBody("a chunk has no size") from None
        if self._left < 0:
            raise BrokenBody("a chunk has a negative size")
        if not self._left:
            while self._stream.readline(65536).strip():
                pass
            self.is_over = True
        return not self.is_over


class Expected:
    """A body that is sent only after it was asked for: the first read says 100 Continue (RFC 9110, 10.1.1)."""

    def __init__(self, stream: Readable, connection: socket.socket) -> None:
        self._stream = stream
        self._connection = connection
        self.was_asked_for = False

    def read(self, size_bytes: int, /) -> bytes:
        if not self.was_asked_for:
            self.was_asked_for = True
            self._connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        return self._stream.read(size_bytes)


def framed_body(headers: Message, stream: BufferedIOBase) -> tuple[Readable, int | None] | None:
    """The body's stream and size, or None where its framing is doubtful: then nothing after it can be trusted."""
    coding = headers.get("Transfer-Encoding", "").strip().lower()
    lengths = set(headers.get_all("Content-Length", []))
    if coding:
        return (Chunked(stream), None) if coding == "chunked" and not lengths else None
    if not lengths:
        return Sized(stream, 0), 0
    text = lengths.pop().strip()
    size_bytes = whole_number(text, LARGEST_BODY_BYTES)
    if lengths or size_bytes is None:
        return None
    return Sized(stream, size_bytes), size_bytes
