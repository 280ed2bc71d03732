"""The head of an answer: whole, and the final one.

http.client takes a head that broke off for one that ended, and so an answer without length and body for a whole one;
and of the interim answers (RFC 9110, 15.2) it passes over none but 100.
"""

from http.client import HTTPResponse, IncompleteRead, parse_headers
from typing import IO

SWITCHING_PROTOCOLS = 101


class WholeHead(HTTPResponse):
    """Raises IncompleteRead where the connection ends before the head does."""

    def begin(self) -> None:
        if self.headers is not None:
            return
        watched = _Watched(self.fp)
        self.fp = watched
        try:
            super().begin()
        finally:
            if self.fp is watched:
                self.fp = watched.lines
        if watched.has_ended:
            raise IncompleteRead(b"")

    def _read_status(self) -> tuple[str, int, str]:
        version, status, reason = super()._read_status()  # type: ignore[misc]  # what begin calls
        while SWITCHING_PROTOCOLS < status < 200:
            parse_headers(self.fp)
            version, status, reason = super()._read_status()  # type: ignore[misc]
        return version, status, reason


class _Watched:
    """Lines as they come, and whether the connection ended among them."""

    def __init__(self, lines: IO[bytes]) -> None:
        self.lines = lines
        self.has_ended = False

    def readline(self, limit: int) -> bytes:
        line = self.lines.readline(limit)
        self.has_ended = not line.endswith(b"\n") and len(line) < limit
        return line

    def close(self) -> None:
        self.lines.close()
