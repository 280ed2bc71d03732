"""What came back: read once, decoded as its Content-Encoding says, and never taken for whole when it broke off."""

import zlib
from collections.abc import Iterator

from urllib3 import BaseHTTPResponse
from urllib3.exceptions import HTTPError

from comotion.adapters.requests_http.connections import reason_of, root_of
from comotion.domain.errors import AnswerLost, BrokenAnswer
from comotion.ports.http import Headers

CHUNK_BYTES = 64 * 1024
CODINGS = ("Transfer-Encoding", "Content-Encoding")
UNCODED = ("", "identity")
GZIP = zlib.MAX_WBITS | 16
GZIP_OR_ZLIB = zlib.MAX_WBITS | 32
RAW_DEFLATE = -zlib.MAX_WBITS


class Answer:
    """An HttpResponse over a urllib3 response."""

    def __init__(self, operation: str, raw: BaseHTTPResponse) -> None:
        self._operation = operation
        self._raw = raw
        self.status = raw.status
        self.headers = Headers(raw.headers.items())

    def read(self) -> bytes:
        return b"".join(self.chunks(CHUNK_BYTES))

    def chunks(self, size_bytes: int) -> Iterator[bytes]:
        try:
            for piece in self._decoded(size_bytes):
                for at in range(0, len(piece), size_bytes):
                    yield piece[at : at + size_bytes]
        finally:
            self.close()

    def close(self) -> None:
        """Give the connection back if the body was read to its end, else cut it."""
        self._raw.close()
        self._raw.release_conn()

    def _received(self, size_bytes: int) -> Iterator[bytes]:
        """The body as it came. Raises AnswerLost."""
        try:
            yield from self._raw.stream(size_bytes, decode_content=False)
        except (HTTPError, OSError) as error:
            raise AnswerLost(f"{self._operation}: the answer broke off: {reason_of(error)}") from root_of(error)

    def _decoded(self, size_bytes: int) -> Iterator[bytes]:
        framing, coding = (self.headers.get(name, "").strip().lower() for name in CODINGS)
        if framing not in (*UNCODED, "chunked"):
            raise self._unasked(f"transfer coding nobody asked for: {framing[:40]!r}")
        if coding in UNCODED:
            return self._received(size_bytes)
        if coding in ("gzip", "x-gzip", "deflate"):
            return self._inflated(size_bytes, GZIP if coding != "deflate" else GZIP_OR_ZLIB)
        raise self._unasked(f"content coding nobody asked for: {coding[:40]!r}")

    def _unasked(self, what: str) -> BrokenAnswer:
        self._raw.close()
        return BrokenAnswer(f"{self._operation}: the answer has a {what}")

    def _inflated(self, size_bytes: int, wbits: int) -> Iterator[bytes]:
        """The body unpacked, whatever the number of gzip members. Raises AnswerLost when it is cut or damaged."""
        inflate, received_bytes = zlib.decompressobj(wbits), 0
        try:
            for piece in self._received(size_bytes):
                rest = piece
                while rest:
                    if inflate.eof:
                        inflate = zlib.decompressobj(wbits)
                    elif received_bytes == 0 and wbits == GZIP_OR_ZLIB and not _has_header(rest):
                        inflate = zlib.decompressobj(RAW_DEFLATE)  # some servers call that deflate (RFC 9110, 8.4.1.2)
                    received_bytes += len(rest)
                    yield inflate.decompress(rest, size_bytes)
                    rest = inflate.unused_data if inflate.eof else inflate.unconsumed_tail
            yield inflate.flush()
        except zlib.error as error:
            raise AnswerLost(f"{self._operation}: the compressed answer came damaged: {error}") from None
        if received_bytes and not inflate.eof:
            raise AnswerLost(f"{self._operation}: the compressed answer broke off")


def _has_header(piece: bytes) -> bool:
    """Whether it begins as gzip or zlib data do (RFC 1952, RFC 1950)."""
    return piece[:2] == b"\x1f\x8b" or (piece[0] & 0x0F == 8 and len(piece) > 1 and int.from_bytes(piece[:2]) % 31 == 0)
