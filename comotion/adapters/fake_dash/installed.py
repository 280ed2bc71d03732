"""Reaches a world from code that cannot be re-pointed: connections to the service's own names end in the world.

What opens connections is changed for the duration, http.client's and urllib3's classes and
``socket.create_connection``: a connection to one of the service's names gets one end of a socket pair, with the
world's HTTP at the other end; no name is looked up, no port opened, no TLS spoken. Connections to any other host
open as ever. What a library does above its connections (pools, retries, redirects, signatures) runs unchanged. A
request through a proxy to one of the names comes here too. Libraries on asyncio are not reached.
"""

import contextlib
import http.client
import os
import socket
import ssl
from collections.abc import Callable, Iterator
from threading import Lock, Thread
from typing import Any

from attrs import define, field

from comotion.adapters.fake_dash.addresses import face_of_host
from comotion.adapters.fake_dash.connection import Connection
from comotion.adapters.fake_dash.world import World

STORE_VARIABLE = "COMOTION_OBJECT_STORE"


class _NearEnd(socket.socket):
    """The client's end of a connection to a world: it needs no TLS, and knows no options of TCP."""

    def setsockopt(self, level: int, *args: Any) -> None:
        if level != socket.IPPROTO_TCP:
            super().setsockopt(level, *args)


@define
class _Front:
    """One world at all of the service's names."""

    world: World
    open_ends: set[socket.socket] = field(factory=set)
    _lock: Any = field(factory=Lock)

    def find_world(self, target: str) -> tuple[World, str]:
        return self.world, ""

    def origin(self, host: str, prefix: str) -> None:
        return None

    def connect(self) -> socket.socket:
        """A connection to the world: the client's end."""
        near, server = socket.socketpair()
        client = _NearEnd(fileno=near.detach())
        with self._lock:
            self.open_ends.add(server)
        Thread(target=self._serve, args=(server,), name="fake-dash:installed", daemon=True).start()
        return client

    def _serve(self, end: socket.socket) -> None:
        try:
            with contextlib.suppress(OSError):
                Connection(end, ("127.0.0.1", 0), self)  # type: ignore[arg-type]  # a server's part of it
        finally:
            with self._lock:
                self.open_ends.discard(end)
            end.close()

    def close(self) -> None:
        with self._lock:
            ends = list(self.open_ends)
        for end in ends:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


@contextlib.contextmanager
def installed(world: World) -> Iterator[World]:
    """Bring every connection of this process to the service's own names to ``world``, until the block ends.

    Our own uploads take the presigned-POST store meanwhile, because a native S3 client opens its connections out
    of Python's sight.
    """
    front = _Front(world)
    before = os.environ.get(STORE_VARIABLE)
    os.environ[STORE_VARIABLE] = "presigned"
    try:
        with contextlib.ExitStack() as changes:
            for kind in _connection_classes():
                changes.enter_context(_redirected(kind, front))
            changes.enter_context(_sockets_redirected(front))
            yield world
    finally:
        front.close()
        if before is None:
            os.environ.pop(STORE_VARIABLE, None)
        else:
            os.environ[STORE_VARIABLE] = before


def _connection_classes() -> list[type[Any]]:
    """The classes whose ``connect`` opens a connection, those of urllib3 where it is installed."""
    kinds: list[type[Any]] = [http.client.HTTPConnection, http.client.HTTPSConnection]
    with contextlib.suppress(ImportError):
        from urllib3.connection import HTTPConnection, HTTPSConnection

        kinds += [HTTPConnection, HTTPSConnection]
    return kinds


@contextlib.contextmanager
def _redirected(kind: type[Any], front: _Front) -> Iterator[None]:
    """Change one class's ``connect``, and put it back."""
    original: Callable[[Any], None] = kind.connect

    def connect(connection: Any) -> None:
        host = getattr(connection, "_tunnel_host", None) or connection.host
        if face_of_host(host) is None:
            original(connection)
            return
        connection.sock = front.connect()
        connection.is_verified = True  # urllib3 warns of an HTTPS connection that is not
        connection.proxy_is_verified = None

    kind.connect = connect
    try:
        yield
    finally:
        kind.connect = original


@contextlib.contextmanager
def _sockets_redirected(front: _Front) -> Iterator[None]:
    """Change what other libraries open sockets with (httpx does), and put it back."""
    create, wrap = socket.create_connection, ssl.SSLContext.wrap_socket

    def create_connection(address: Any, *args: Any, **kwargs: Any) -> socket.socket:
        return create(address, *args, **kwargs) if face_of_host(address[0]) is None else front.connect()

    def wrap_socket(context: ssl.SSLContext, sock: socket.socket, *args: Any, **kwargs: Any) -> Any:
        return sock if isinstance(sock, _NearEnd) else wrap(context, sock, *args, **kwargs)

    socket.create_connection = create_connection
    ssl.SSLContext.wrap_socket = wrap_socket  # type: ignore[method-assign,assignment]
    try:
        yield
    finally:
        socket.create_connection = create
        ssl.SSLContext.wrap_socket = wrap  # type: ignore[method-assign]
