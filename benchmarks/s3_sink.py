"""A server that takes uploads of the S3 API and throws them away, so that a client's own cost is what is measured.

``python benchmarks/s3_sink.py [--tls CERTIFICATE KEY] [--mb-per-s N]`` prints its port and serves until its
standard input ends. Nothing is checked; every request is answered as a success.
"""

import argparse
import socket
import ssl
import sys
import threading
import time
from typing import BinaryIO

PIECE = 1 << 18
BEGUN = b"<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>"
DONE = b'<CompleteMultipartUploadResult><Bucket>b</Bucket><Key>k</Key><ETag>"e"</ETag></CompleteMultipartUploadResult>'


class Sink:
    """One listening socket; a thread a connection."""

    def __init__(self, context: ssl.SSLContext | None, mb_per_s: float | None) -> None:
        self._context = context
        self._bytes_per_s = None if mb_per_s is None else mb_per_s * 1e6
        self._lock = threading.Lock()
        self._free_at = 0.0
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = self._listening.getsockname()[1]

    def serve(self) -> None:
        while True:
            connection, _ = self._listening.accept()
            threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection: socket.socket) -> None:
        try:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._context is not None:
                connection = self._context.wrap_socket(connection, server_side=True)
            with connection, connection.makefile("rb", 1 << 16) as stream:
                while line := stream.readline():
                    self._answer(connection, stream, line.decode("latin-1"))
        except (OSError, ValueError):
            return  # the client went away

    def _answer(self, connection: socket.socket, stream: BinaryIO, line: str) -> None:
        fields = {}
        while head := stream.readline().strip():
            name, _, value = head.decode("latin-1").partition(":")
            fields[name.lower()] = value.strip()
        if "expect" in fields:
            connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        if "chunked" in fields.get("transfer-encoding", ""):
            while size := int(stream.readline(), 16):
                self._drop(stream, size)
                stream.readline()
            stream.readline()
        else:
            self._drop(stream, int(fields.get("content-length", 0)))
        method, target, _ = line.split(" ", 2)
        body = b"" if method != "POST" else BEGUN if "?uploads" in target else DONE
        head = f'HTTP/1.1 200 OK\r\nETag: "e"\r\nContent-Length: {len(body)}\r\n\r\n'
        connection.sendall(head.encode() + body)

    def _drop(self, stream: BinaryIO, size_bytes: int) -> None:
        buffer = bytearray(PIECE)
        while size_bytes > 0:
            read = stream.readinto(memoryview(buffer)[: min(size_bytes, PIECE)])  # type: ignore[attr-defined]
            if not read:
                raise ValueError("the body ended early")
            size_bytes -= read
            self._take_time(read)

    def _take_time(self, size_bytes: int) -> None:
        """As long as the line takes, which all connections share."""
        if self._bytes_per_s is None:
            return
        with self._lock:
            self._free_at = max(self._free_at, time.monotonic()) + size_bytes / self._bytes_per_s
            wait_s = self._free_at - time.monotonic()
        if wait_s > 0:
            time.sleep(wait_s)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tls", nargs=2, metavar=("CERTIFICATE", "KEY"))
    parser.add_argument("--mb-per-s", type=float)
    given = parser.parse_args()
    context = None
    if given.tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*given.tls)
    sink = Sink(context, given.mb_per_s)
    print(sink.port, flush=True)
    threading.Thread(target=sink.serve, daemon=True).start()
    sys.stdin.read()


if __name__ == "__main__":
    main()
