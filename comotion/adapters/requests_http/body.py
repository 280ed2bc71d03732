"""What is sent: in pieces small enough for a slow line, exactly as long as announced, from the start each time."""

from collections.abc import Iterator

from comotion.domain.errors import InvalidArgument
from comotion.ports.http import HttpRequest

PIECE_BYTES = 64 * 1024  # one write must end within the connect timeout


class Body:
    """The body of one request.

    Attributes
    ----------
    size_bytes : int or None
        What Content-Length will say; None where there is no body, or it is sent chunked.
    error : Exception or None
        What the source of the body raised, which is no fault of the network.
    """

    def __init__(self, request: HttpRequest) -> None:
        self._source = request.body
        self._operation = request.operation
        self.size_bytes = len(request.body) if isinstance(request.body, bytes) else request.size_bytes
        self.error: Exception | None = None

    def sendable(self) -> "bytes | Body | None":
        """What the transport is given: the bytes themselves where one write will do."""
        if self._source is None or (isinstance(self._source, bytes) and len(self._source) <= PIECE_BYTES):
            return self._source
        return self

    def __iter__(self) -> Iterator[bytes]:
        try:
            sent_bytes = 0
            for piece in self._pieces():
                sent_bytes += len(piece)
                self._check(sent_bytes, sent_bytes)
                yield piece
            self._check(sent_bytes, self.size_bytes or sent_bytes)
        except Exception as error:
            self.error = error
            raise

    def _pieces(self) -> Iterator[bytes]:
        if isinstance(self._source, bytes):
            whole = memoryview(self._source)
            yield from (bytes(whole[at : at + PIECE_BYTES]) for at in range(0, len(whole), PIECE_BYTES))
        elif self._source is not None:
            yield from self._source

    def _check(self, sent_bytes: int, least: int) -> None:
        size = self.size_bytes
        if size is not None and (sent_bytes > size or least > sent_bytes):
            raise InvalidArgument(f"{self._operation}: the body is {sent_bytes:,} bytes, announced were {size:,}")
