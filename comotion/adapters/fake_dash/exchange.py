"""One request to a world and the response to it, free of any HTTP library.

A face is any callable ``(world, request) -> Response``. A request's body is a stream that is read at most
once, straight from the socket where there is one, so that a face can put it where it belongs without a copy.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Protocol
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from attrs import define, field, frozen

from comotion.ports.http import Headers

REMEMBERED_BYTES = 64 * 1024
PIECE_BYTES = 256 * 1024


def whole_number(text: str, most: int) -> int | None:
    """What a text of ASCII digits says, where it is at most ``most``; None for any other text.

    ``int`` also takes other scripts' digits, signs and underscores, and raises for very long texts.
    """
    digits = text.lstrip("0") or text[:1]
    if not (text.isascii() and text.isdigit()) or len(digits) > len(str(most)) or int(digits) > most:
        return None
    return int(digits)


class Readable(Protocol):
    """Where a body's bytes come from; ``b""`` is its end."""

    def read(self, size_bytes: int, /) -> bytes: ...


class BrokenBody(ConnectionError):
    """The request's body ended early, or is not framed as it says."""


class Body:
    """The bytes of a request, read once and in order.

    Parameters
    ----------
    stream : Readable
        A socket's file, a spooled file, an ``io.BytesIO``.
    size_bytes : int or None
        The whole size; None where the sender does not tell (chunked).

    Attributes
    ----------
    seen : bytearray
        The first 64 KiB of what was read, for the request log.
    received_bytes : int
        How many were read so far.
    """

    def __init__(self, stream: Readable | None = None, size_bytes: int | None = 0) -> None:
        self._stream = stream
        self.size_bytes = size_bytes
        self.seen = bytearray()
        self.received_bytes = 0

    def read(self, size_bytes: int = -1) -> bytes:
        """At most ``size_bytes`` bytes, everything that is left for -1, ``b""`` at the end."""
        if size_bytes < 0:
            return b"".join(self.chunks())
        piece = self._stream.read(size_bytes) if self._stream is not None else b""
        self.received_bytes += len(piece)
        if len(self.seen) < REMEMBERED_BYTES:
            self.seen += piece[: REMEMBERED_BYTES - len(self.seen)]
        return piece

    def whole(self, limit_bytes: int) -> bytes | None:
        """Everything; None where it is longer than ``limit_bytes``, which is then not read to its end."""
        pieces, left = [], limit_bytes
        for piece in self.chunks():
            left -= len(piece)
            if left < 0:
                return None
            pieces.append(piece)
        return b"".join(pieces)

    def chunks(self, size_bytes: int = PIECE_BYTES) -> Iterator[bytes]:
        """What is left, in pieces."""
        while piece := self.read(size_bytes):
            yield piece


@define(kw_only=True)
class Request:
    """What reached the world.

    Attributes
    ----------
    method : str
        In capitals.
    target : str
        Path and query as they stood in the request line (percent-encoded), without ``prefix``.
    host : str
        The Host name asked for, lower case, with port if one was given.
    headers : Headers
        By case-insensitive name.
    body : Body
    origin : str or None
        Base URL of the server that took it (``http://127.0.0.1:4321``); None where the world is addressed by the
        service's own names, so that links in answers must use those.
    prefix : str
        What was cut from the front of the path to find this world (``/w/blue``); a signature covers it too.
    """

    method: str
    target: str
    host: str = ""
    headers: Headers = field(factory=Headers, repr=False)
    body: Body = field(factory=Body, repr=False)
    origin: str | None = None
    prefix: str = ""

    def _url(self) -> SplitResult:
        return urlsplit("//x" + self.target) if self.target.startswith("/") else urlsplit(self.target)

    @property
    def raw_path(self) -> str:
        """The path as sent, percent-encoded."""
        return self._url().path or "/"

    @property
    def path(self) -> str:
        """The path, decoded."""
        return unquote(self.raw_path)

    @property
    def segments(self) -> list[str]:
        """The path's segments, each decoded by itself: an id may hold an encoded slash."""
        return [unquote(piece) for piece in self.raw_path.strip("/").split("/")]

    @property
    def raw_query(self) -> str:
        return self._url().query

    @property
    def query(self) -> dict[str, str]:
        """Query parameters; of several of one name the last counts."""
        return dict(parse_qsl(self.raw_query, keep_blank_values=True))


@frozen
class FileSlice:
    """The bytes ``start`` to ``stop`` (exclusive) of a file."""

    path: Path
    start: int
    stop: int

    def chunks(self, size_bytes: int = PIECE_BYTES) -> Iterator[bytes]:
        with self.path.open("rb") as file:
            file.seek(self.start)
            left = self.stop - self.start
            while left and (piece := file.read(min(size_bytes, left))):
                left -= len(piece)
                yield piece


@define(kw_only=True)
class Response:
    """What the world answers.

    Attributes
    ----------
    status : int
    headers : list of pairs
        Content-Length is added by whoever sends it, where ``size_bytes`` is known.
    body : bytes, FileSlice or iterable of bytes
    delay_s : float
        How long the answer hesitates (a fault) ...
    delays_after : int or None
        ... after so many bytes of its body; None is before the status line.
    breaks_after : int or None
        After how many body bytes the connection drops (a fault); -1 is before the status line.
    """

    status: int = 200
    headers: list[tuple[str, str]] = field(factory=list)
    body: bytes | FileSlice | Iterable[bytes] = b""
    delay_s: float = 0.0
    delays_after: int | None = None
    breaks_after: int | None = None

    @property
    def size_bytes(self) -> int | None:
        """Bytes of the body; None where only its end tells."""
        if isinstance(self.body, bytes):
            return len(self.body)
        return self.body.stop - self.body.start if isinstance(self.body, FileSlice) else None

    def chunks(self) -> Iterator[bytes]:
        """The body in pieces."""
        if isinstance(self.body, bytes):
            yield self.body
        elif isinstance(self.body, FileSlice):
            yield from self.body.chunks()
        else:
            yield from self.body

    def chunks_with(self, pause: Callable[[], None]) -> Iterator[bytes]:
        """The body in pieces, with ``pause`` called where the answer hesitates in its middle."""
        left = self.delays_after
        for piece in self.chunks():
            if left is not None and len(piece) >= left:
                yield piece[:left]
                pause()
                piece, left = piece[left:], None
            elif left is not None:
                left -= len(piece)
            yield piece

    def header(self, name: str) -> str | None:
        """The value of one header field, or None."""
        return next((value for known, value in self.headers if known.lower() == name.lower()), None)


def json_answer(value: object, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """An answer whose body is JSON."""
    body = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    return Response(status=status, headers=[("Content-Type", "application/json"), *(headers or {}).items()], body=body)


def text_answer(
    text: str,
    *,
    status: int = 200,
    content_type: str = "text/plain; charset=utf-8",
    headers: Mapping[str, str] | None = None,
) -> Response:
    """An answer whose body is text."""
    return Response(
        status=status, headers=[("Content-Type", content_type), *(headers or {}).items()], body=text.encode()
    )
