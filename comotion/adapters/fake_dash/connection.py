"""One HTTP/1.1 connection to a world, over any stream socket: requests in, answers out, until one side is done."""

import contextlib
import socket
import time
from collections.abc import Iterator
from email.message import Message
from http.server import BaseHTTPRequestHandler
from typing import Any, Protocol

from comotion.adapters.fake_dash.app import handle
from comotion.adapters.fake_dash.exchange import (
    Body,
    BrokenBody,
    FileSlice,
    Request,
    Response,
    json_answer,
)
from comotion.adapters.fake_dash.framing import Expected, framed_body
from comotion.adapters.fake_dash.world import World
from comotion.ports.http import Headers

DRAINED_BYTES = 1 << 20
JOINED_BYTES = 1 << 16
BODILESS = frozenset({204, 304})
REASONS = {status: pair[0] for status, pair in BaseHTTPRequestHandler.responses.items()}


class Front(Protocol):
    """What a connection asks of whoever accepted it."""

    def find_world(self, target: str) -> tuple[World, str] | None:
        """The world that a request target is for, and the prefix to cut off; None for no world."""
        ...

    def origin(self, host: str, prefix: str) -> str | None:
        """The base URL that a client which asked for ``host`` sees; None where it uses the service's own names."""
        ...


class Connection(BaseHTTPRequestHandler):
    """Speaks HTTP/1.1 and keeps the connection alive."""

    protocol_version = default_request_version = "HTTP/1.1"  # also what answers a request line that is none
    disable_nagle_algorithm = False  # whoever accepted the socket did it: a socket pair cannot
    rbufsize = 1 << 16
    headers: Message
    server: Any
    connection: socket.socket
    _front: Front

    def setup(self) -> None:
        super().setup()
        self._front = self.server
        self._expects = False

    def handle(self) -> None:
        with contextlib.suppress(ConnectionError, TimeoutError, ValueError):  # the client went away
            super().handle()

    def handle_expect_100(self) -> bool:
        self._expects = True  # said when the body is wanted, not before
        return True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 the base class's name
        """Nothing on stderr: the world keeps the log."""

    def do_GET(self) -> None:
        """Every method comes this way."""
        framed = framed_body(self.headers, self.rfile)
        if framed is None:
            self.close_connection = True
            self._send(json_answer({"message": "Bad Request"}, status=400))
            return
        stream, size_bytes = framed
        expected = Expected(stream, self.connection) if self._expects else None
        self._expects = False
        body = Body(expected or stream, size_bytes)
        try:
            response = self._answer(body)
            is_unsent = expected is not None and not expected.was_asked_for
            self.close_connection = self.close_connection or is_unsent
            self._send(response)
            if not is_unsent:
                self._drain(body)
        except BrokenBody:
            self.close_connection = True

    do_HEAD = do_POST = do_PUT = do_DELETE = do_PATCH = do_OPTIONS = do_TRACE = do_GET  # noqa: N815

    def __getattr__(self, name: str) -> Any:
        if name.startswith("do_"):  # any other method: the faces refuse it, not the connection
            return self.do_GET
        raise AttributeError(name)

    def _answer(self, body: Body) -> Response:
        host = self.headers.get("Host", "").strip().lower()
        target = self.path
        if not target.startswith("/"):  # absolute form (RFC 9112, 3.2.2), as proxies are asked
            target = "/" + (target.split("://", 1)[-1].partition("/")[2])
        found = self._front.find_world(target)
        if found is None:
            return json_answer({"message": "this fake has no world of that name"}, status=404)
        world, prefix = found
        return handle(
            world,
            Request(
                method=self.command,
                target=target.removeprefix(prefix) or "/",
                host=host,
                headers=Headers((name, value.strip()) for name, value in self.headers.items()),
                body=body,
                origin=self._front.origin(host, prefix),
                prefix=prefix,
            ),
        )

    def _drain(self, body: Body) -> None:
        """Read what the face left of a small body; a connection with a large rest is closed instead."""
        left = DRAINED_BYTES
        while left > 0:
            piece = body.read(left)
            if not piece:
                return
            left -= len(piece)
        self.close_connection = True

    def _send(self, response: Response) -> None:
        if response.delay_s and response.delays_after is None:
            time.sleep(response.delay_s)
        if response.breaks_after == -1:
            self._break_off()
            return
        size_bytes = response.size_bytes
        is_bodiless = self.command == "HEAD" or response.status in BODILESS
        head = self._head(response, size_bytes, is_bodiless=is_bodiless)
        if is_bodiless:
            self.connection.sendall(head)
        elif response.breaks_after is not None:
            self._send_cut(head, response, response.breaks_after)
        elif isinstance(response.body, bytes) and len(response.body) <= JOINED_BYTES and response.delays_after is None:
            self.connection.sendall(head + response.body)
        else:
            self.connection.sendall(head)
            self._send_body(response, is_chunked=size_bytes is None)

    def _head(self, response: Response, size_bytes: int | None, *, is_bodiless: bool) -> bytes:
        lines = [f"HTTP/1.1 {response.status} {REASONS.get(response.status, 'Unknown')}"]
        lines += [f"{name}: {value}" for name, value in response.headers]
        if response.header("Content-Length") is None and not (is_bodiless and response.status in BODILESS):
            lines.append("Transfer-Encoding: chunked" if size_bytes is None else f"Content-Length: {size_bytes}")
        if response.header("Date") is None:
            lines.append(f"Date: {self.date_time_string()}")
        if self.close_connection:
            lines.append("Connection: close")
        one_line = str.maketrans("\r\n\0", "   ")  # no value ends its line: it may hold what a client sent
        return ("\r\n".join(line.translate(one_line) for line in lines) + "\r\n\r\n").encode("latin-1", "replace")

    def _send_body(self, response: Response, *, is_chunked: bool) -> None:
        if isinstance(response.body, FileSlice) and response.delays_after is None:
            with response.body.path.open("rb") as file:
                self.connection.sendfile(file, response.body.start, response.body.stop - response.body.start)
            return
        for piece in response.chunks_with(lambda: time.sleep(response.delay_s)):
            if is_chunked and piece:
                self.connection.sendall(b"%x\r\n%b\r\n" % (len(piece), piece))
            elif piece:
                self.connection.sendall(piece)
        if is_chunked:
            self.connection.sendall(b"0\r\n\r\n")

    def _send_cut(self, head: bytes, response: Response, size_bytes: int) -> None:
        """So many bytes of the body, then the end of the connection."""
        self.connection.sendall(head)
        for piece in _first(response.chunks(), size_bytes):
            self.connection.sendall(piece)
        self._break_off()

    def _break_off(self) -> None:
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)


def _first(pieces: Iterator[bytes], size_bytes: int) -> Iterator[bytes]:
    for piece in pieces:
        yield piece[:size_bytes]
        size_bytes -= len(piece)
        if size_bytes <= 0:
            return
