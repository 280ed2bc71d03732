"""An HttpClient whose requests go straight to a world: no socket, no thread."""

import io
from collections.abc import Callable, Iterable, Iterator
from urllib.parse import urlsplit

from comotion.adapters.fake_dash.addresses import face_of_host
from comotion.adapters.fake_dash.app import handle
from comotion.adapters.fake_dash.exchange import Body, BrokenBody, Request, Response
from comotion.adapters.fake_dash.world import World
from comotion.domain.errors import AnswerLost, NeverSent
from comotion.ports.http import Headers, HttpRequest

READ_TIMEOUT_S = 60.0


class _Pieces:
    """An iterable of pieces, read as a stream is."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = iter(pieces)
        self._rest = b""

    def read(self, size_bytes: int, /) -> bytes:
        while not self._rest:
            piece = next(self._pieces, None)
            if piece is None:
                return b""
            self._rest = bytes(piece)
        taken, self._rest = self._rest[:size_bytes], self._rest[size_bytes:]
        return taken


def _sent(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """A request's body; whatever stops it reaches the sender, not the world."""
    try:
        yield from pieces
    except Exception as why:
        raise BrokenBody("the request's body broke off") from why


class InProcessResponse:
    """A world's answer as a client reads it."""

    def __init__(self, response: Response, operation: str, pause: Callable[[], None]) -> None:
        self._response = response
        self._operation = operation
        self._pieces = response.chunks_with(pause)
        self._left = response.breaks_after
        fields = list(response.headers)
        if response.size_bytes is not None:
            fields.append(("Content-Length", str(response.size_bytes)))
        self._headers = Headers(fields)

    @property
    def status(self) -> int:
        return self._response.status

    @property
    def headers(self) -> Headers:
        return self._headers

    def read(self) -> bytes:
        return b"".join(self.chunks(1 << 16))

    def chunks(self, size_bytes: int) -> Iterator[bytes]:
        stream = _Pieces(self._pieces)
        while piece := stream.read(size_bytes):
            if self._left is not None:
                if len(piece) > self._left:
                    if self._left:
                        yield piece[: self._left]
                    raise AnswerLost(f"{self._operation}: the connection broke in the middle of the answer")
                self._left -= len(piece)
            yield piece

    def close(self) -> None:
        self._pieces = iter(())


class InProcessHttp:
    """Sends requests for the service's own host names to a world.

    Slow answers take time of the world's clock, not of the test.
    """

    def __init__(self, world: World) -> None:
        self._world = world

    def send(self, request: HttpRequest) -> InProcessResponse:
        """Raises NeverSent for a host the service does not have, AnswerLost where a fault says so."""
        url = urlsplit(request.url)
        if url.scheme != "https" or face_of_host(url.netloc) is None:
            raise NeverSent(f"{request.operation}: no such host in this fake: {url.hostname}")
        try:
            response = handle(self._world, self._arriving(request, url.netloc.lower()))
        except BrokenBody as broken:
            raise broken.__cause__ or broken from None
        limit_s = READ_TIMEOUT_S if request.timeout_s is None else request.timeout_s

        def pause() -> None:
            self._world.clock.sleep(min(limit_s, response.delay_s))
            if response.delay_s > limit_s:
                raise AnswerLost(f"{request.operation}: no answer within {limit_s:g} s")

        if response.delay_s and response.delays_after is None:
            pause()
        if response.breaks_after == -1:
            raise AnswerLost(f"{request.operation}: the connection broke before the answer came")
        return InProcessResponse(response, request.operation, pause)

    def _arriving(self, request: HttpRequest, host: str) -> Request:
        url = urlsplit(request.url)
        target = (url.path or "/") + (f"?{url.query}" if url.query else "")
        body = request.body
        if body is None:
            stream = Body()
        elif isinstance(body, bytes):
            stream = Body(io.BytesIO(body), len(body))
        else:
            stream = Body(_Pieces(_sent(body)), request.size_bytes)
        fields = dict(request.headers)
        if stream.size_bytes is not None:
            fields.setdefault("Content-Length", str(stream.size_bytes))
        return Request(
            method=request.method.upper(),
            target=target,
            host=host,
            headers=Headers(fields),
            body=stream,
        )
