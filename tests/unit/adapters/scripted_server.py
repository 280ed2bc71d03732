"""A TCP server that does, request by request, what a test tells it: for what no good server does."""

import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

Act = Callable[["Connection"], None]


class Connection:
    """One connection, as the server sees it."""

    def __init__(self, sock: socket.socket, stopped: threading.Event) -> None:
        self.sock = sock
        self.stopped = stopped
        self.buffer = b""

    def request(self) -> bytes | None:
        """Head and body of the next request; None when the client is gone."""
        while b"\r\n\r\n" not in self.buffer:
            if not self._more():
                return None
        head, _, rest = self.buffer.partition(b"\r\n\r\n")
        lines = head.lower().split(b"\r\n")
        self.buffer = rest
        length = next((int(line.split(b":")[1]) for line in lines if line.startswith(b"content-length:")), 0)
        is_chunked = b"transfer-encoding: chunked" in lines
        while len(self.buffer) < length or (is_chunked and not self.buffer.endswith(b"0\r\n\r\n")):
            if not self._more():
                return None
        size = len(self.buffer) if is_chunked else length
        body, self.buffer = self.buffer[:size], self.buffer[size:]
        return head + b"\r\n\r\n" + body

    def _more(self) -> bool:
        piece = self.sock.recv(65536)
        self.buffer += piece
        return bool(piece)


class Server:
    """What happened at a scripted server.

    Attributes
    ----------
    requests : list of bytes
        Heads and bodies, in the order they came.
    connections : int
    """

    def __init__(self, port: int) -> None:
        self.port = port
        self.requests: list[bytes] = []
        self.connections = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def serving(*acts: Act | bytes, tls: ssl.SSLContext | None = None) -> Iterator[Server]:
    """A server on a free port that answers the n-th request with the n-th act, and repeats the last."""
    stopped = threading.Event()
    listener = socket.create_server(("127.0.0.1", 0))
    server = Server(listener.getsockname()[1])

    def serve(sock: socket.socket) -> None:
        with suppress(OSError), sock:
            secured = tls.wrap_socket(sock, server_side=True) if tls else sock
            connection = Connection(secured, stopped)
            while (request := connection.request()) is not None:
                server.requests.append(request)
                act = acts[min(len(server.requests), len(acts)) - 1]
                if isinstance(act, bytes):
                    secured.sendall(act)
                else:
                    act(connection)

    def accept() -> None:
        while not stopped.is_set():
            try:
                sock, _ = listener.accept()
            except OSError:
                return
            sock.settimeout(10)
            server.connections += 1
            threading.Thread(target=serve, args=(sock,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield server
    finally:
        stopped.set()
        listener.close()


def reply(body: bytes = b"", *fields: str, status: str = "200 OK") -> bytes:
    """A well-formed answer."""
    lines = [f"HTTP/1.1 {status}", *fields]
    if not any(
        line.lower().startswith(("content-length:", "transfer-encoding:", "connection: close")) for line in fields
    ):
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


def then_close(data: bytes) -> Act:
    """Send ``data`` and close the connection."""

    def act(connection: Connection) -> None:
        connection.sock.sendall(data)
        with suppress(OSError):
            connection.sock.shutdown(socket.SHUT_RDWR)
        connection.sock.close()

    return act


def reset(connection: Connection) -> None:
    """Break the connection as a crash does."""
    connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.sock.close()


def hang(connection: Connection) -> None:
    """Say nothing."""
    connection.stopped.wait(20)


def closed_port() -> int:
    """A port of 127.0.0.1 on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])
