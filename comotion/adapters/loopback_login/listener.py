"""The listener on loopback: answers whoever connects, and takes only the redirect that belongs to the sign-in."""

import errno
import html
import queue
import socket
import socketserver
import sys
import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import SplitResult, parse_qs, urlsplit

from comotion.domain.errors import SignInFailed

VERDICT_WITHIN_S = 150.0  # an exchange with all its retries
TELL_WITHIN_S = 2.0
PORT_TRIES = 20
NOT_OURS = (
    "This is not the answer to the sign-in in progress. Go back to the terminal, and use the address shown there."
)
UNDECIDED = ("Sign-in ended", "Go back to the terminal to see what came of it.")
PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<meta name="color-scheme" content="light dark">
<style>
body {{ font: 1.1rem/1.5 system-ui, sans-serif; max-width: 34rem; margin: 15vh auto; padding: 0 1rem }}
</style>
</head><body><main><h1>{title}</h1><p>{text}</p></main></body></html>
"""
Belongs = Callable[[Mapping[str, str]], bool]


class Desk:
    """Where answers are handed in, and where those who brought one wait for the verdict."""

    def __init__(self) -> None:
        self.hosts: frozenset[str] = frozenset()  # what a browser that was sent here calls this place
        self.belongs: Belongs = lambda answer: False
        self.answers: queue.Queue[Mapping[str, str]] = queue.Queue()
        self.verdict: tuple[str, str] | None = None
        self.is_decided = threading.Event()
        self.waiting = 0
        self.lock = threading.Condition()

    def takes(self, answer: Mapping[str, str] | None) -> bool:
        """Whether an answer is the one that is waited for."""
        if answer is None or not self.belongs(answer):
            return False
        self.answers.put(answer)
        return True

    def arrive(self, change: int) -> None:
        """Count who is being answered."""
        with self.lock:
            self.waiting += change
            self.lock.notify_all()

    def wait_until_told(self) -> None:
        """Wait, not for long, until everybody has an answer."""
        with self.lock:
            self.lock.wait_for(lambda: self.waiting == 0, timeout=TELL_WITHIN_S)


class Handler(BaseHTTPRequestHandler):
    """Answers one connection, whoever it is."""

    timeout = 10.0
    server: "Listener"

    def do_GET(self) -> None:
        self.server.desk.arrive(1)  # before anything is taken, so that nobody closes while this answer is under way
        try:
            self._page(*self._answer(urlsplit(self.path)))
        finally:
            self.server.desk.arrive(-1)

    def _answer(self, url: SplitResult) -> tuple[int, str, str]:
        desk = self.server.desk
        if self.headers.get("Host", "").lower() not in desk.hosts:
            return 400, "Not here", NOT_OURS
        if url.path != "/":
            return 404, "Nothing here", NOT_OURS
        if not desk.takes(parameters(url.query)):
            return 400, "Not this sign-in", NOT_OURS
        desk.is_decided.wait(VERDICT_WITHIN_S)
        title, text = desk.verdict or UNDECIDED
        return 200, title, f"{text} You can close this page."

    def _page(self, status: int, title: str, text: str) -> None:
        page = PAGE.format(title=html.escape(title), text=html.escape(text)).encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(page)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
        self.send_header("Referrer-Policy", "no-referrer")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.end_headers()
        self.wfile.write(page)

    def version_string(self) -> str:
        return "comotion"

    def log_message(self, *args: object) -> None:
        """Say nothing: the request line holds the code."""


class Listener(ThreadingHTTPServer):
    """One address of loopback."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128
    allow_reuse_address = False  # on Windows it would let another program listen on the same port

    def __init__(self, desk: Desk, family: socket.AddressFamily, host: str, port: int) -> None:
        self.desk = desk
        self.address_family = family
        super().__init__((host, port), Handler)

    def server_bind(self) -> None:
        if self.address_family == socket.AF_INET6:
            self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        if sys.platform == "win32":
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        socketserver.TCPServer.server_bind(self)  # HTTPServer's own would look its name up in DNS
        self.server_name, self.server_port = "localhost", self.server_address[1]

    def handle_error(self, request: object, client_address: object) -> None:
        """A connection that broke is no news."""


def open_listeners(desk: Desk) -> tuple[int, list[Listener]]:
    """A free port, and listeners at it on 127.0.0.1 and, where there is IPv6, on ::1."""
    for _ in range(PORT_TRIES):
        try:
            first = Listener(desk, socket.AF_INET, "127.0.0.1", 0)
        except OSError as error:
            raise SignInFailed(f"cannot listen on 127.0.0.1 for the browser: {error.strerror}") from error
        port = first.server_port
        desk.hosts = frozenset(f"{name}:{port}" for name in ("localhost", "127.0.0.1", "[::1]"))
        try:
            return port, [first, Listener(desk, socket.AF_INET6, "::1", port)]
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                return port, [first]
            first.server_close()
    raise SignInFailed("no port is free on both 127.0.0.1 and ::1")


def parameters(query: str) -> Mapping[str, str] | None:
    """The query parameters; None when one stands twice, or there are too many to be ours."""
    try:
        fields = parse_qs(query, keep_blank_values=True, max_num_fields=20)
    except ValueError:
        return None
    if any(len(values) != 1 for values in fields.values()):
        return None
    return {name: values[0] for name, values in fields.items()}
