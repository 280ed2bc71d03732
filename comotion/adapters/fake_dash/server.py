"""A loopback server in front of one world, or of several told apart by path prefix."""

import contextlib
import selectors
import socket
import ssl
from collections.abc import Mapping
from http.server import ThreadingHTTPServer
from pathlib import Path
from socketserver import TCPServer
from threading import Lock, Thread
from typing import Any

from comotion.adapters.fake_dash.addresses import bare
from comotion.adapters.fake_dash.connection import Connection
from comotion.adapters.fake_dash.world import World

LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]", "::1"})
PREFIX = "/w/"


class FakeServer(ThreadingHTTPServer):
    """Serves worlds until it is stopped. A context manager.

    Parameters
    ----------
    world : World
        Served at the root.
    others : mapping of name to World, optional
        Served under ``/w/{name}``.
    port : int
        0 takes a free one.
    host : str
        An address of loopback; anything else is a ValueError.
    certificate : (Path, Path), optional
        Certificate and key file: the server speaks TLS then.
    """

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(
        self,
        world: World,
        *,
        others: Mapping[str, World] | None = None,
        port: int = 0,
        host: str = "127.0.0.1",
        certificate: tuple[Path, Path] | None = None,
    ) -> None:
        if host not in LOOPBACK_NAMES:
            raise ValueError(f"the fake is served on loopback only (127.0.0.1, ::1, localhost), not on {host}")
        if ":" in host:
            self.address_family = socket.AF_INET6
        self._world = world
        self._others = dict(others or {})
        self._tls: ssl.SSLContext | None = None
        if certificate is not None:
            self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._tls.load_cert_chain(*certificate)
        self._open: set[socket.socket] = set()
        self._open_lock = Lock()
        self._waker, self._woken = socket.socketpair()
        self._thread: Thread | None = None
        super().__init__((host.strip("[]"), port), Connection)

    def server_bind(self) -> None:
        """Bind without asking DNS for this machine's name, as the base class would."""
        host, port = str(self.server_address[0]), self.server_address[1]
        try:
            TCPServer.server_bind(self)
        except OSError as wrong:
            said = (
                f"cannot listen on {host}, port {port} ({wrong.strerror}): free it, or name another; 0 is any free one"
            )
            raise OSError(wrong.errno, said) from None
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])

    @property
    def port(self) -> int:
        return self.server_port

    @property
    def url(self) -> str:
        """Its base URL."""
        scheme = "http" if self._tls is None else "https"
        host = f"[{self.server_name}]" if ":" in self.server_name else self.server_name
        return f"{scheme}://{host}:{self.server_port}"

    def find_world(self, target: str) -> tuple[World, str] | None:
        """The world of a request target, and the prefix to cut off."""
        if not target.startswith(PREFIX):
            return self._world, ""
        name = target.removeprefix(PREFIX).split("/", 1)[0].split("?", 1)[0]
        world = self._others.get(name)
        return None if world is None else (world, f"{PREFIX}{name}")

    def origin(self, host: str, prefix: str) -> str:
        """The base URL as the client named it, where that is a name of this machine."""
        scheme = "http" if self._tls is None else "https"
        if bare(host).endswith(".localhost"):  # a bucket's own host name
            return f"{scheme}://{host[host.index('.localhost') + 1 :]}{prefix}"
        if bare(host) in LOOPBACK_NAMES:
            return f"{scheme}://{host}{prefix}"
        return self.url + prefix

    def start(self) -> "FakeServer":
        """Serve in a thread of its own."""
        self._thread = Thread(target=self._serve, name=f"fake-dash:{self.server_port}", daemon=True)
        self._thread.start()
        return self

    def _serve(self) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(self.socket, selectors.EVENT_READ)
            selector.register(self._woken, selectors.EVENT_READ)
            while True:
                ready = {key.fileobj for key, _ in selector.select()}
                if self._woken in ready:
                    return
                self._handle_request_noblock()  # type: ignore[attr-defined]  # what serve_forever calls

    def wait(self) -> None:
        """Block until the server is stopped."""
        if self._thread is not None:
            self._thread.join()

    def stop(self) -> None:
        """Stop accepting, and break every open connection off."""
        if self._thread is not None:
            self._waker.send(b"x")
            self._thread.join()
            self._thread = None
        self.server_close()
        with self._open_lock:
            remaining = list(self._open)
        for connection in remaining:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self._waker.close()
        self._woken.close()

    def __enter__(self) -> "FakeServer":
        return self if self._thread is not None else self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def get_request(self) -> tuple[socket.socket, Any]:
        """Accept; a TLS handshake waits for the connection's own thread."""
        connection, address = super().get_request()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self._tls is not None:
            connection = self._tls.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        with self._open_lock:
            self._open.add(connection)
        return connection, address

    def shutdown_request(self, request: Any) -> None:
        with self._open_lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A connection that broke is the client's affair; the world's own mistakes are answered, not printed."""
