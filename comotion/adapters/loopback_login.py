"""Browser over a listener on loopback: opens the authorise page, and catches the redirect that belongs to it.

Whatever else connects is answered and ignored: a favicon, a port scan, another page's guess. The browser that
brought the right redirect is kept waiting until it is known what came of it, and is then told. Where the browser is
on another machine, the user may paste the address at which it ended.
"""

import errno
import html
import os
import queue
import re
import socket
import socketserver
import sys
import threading
import time
import webbrowser
from collections.abc import Callable, Mapping
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from urllib.parse import parse_qs, urlsplit

from comotion.domain.errors import SignInFailed

VERDICT_WITHIN_S = 150.0  # an exchange with all its retries
TELL_WITHIN_S = 2.0
POLL_S = 0.2
PORT_TRIES = 20
NOT_OURS = (
    "This is not the answer to the sign-in in progress. Go back to the terminal, and use the address shown there."
)
PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<meta name="color-scheme" content="light dark">
<style>
body {{ font: 1.1rem/1.5 system-ui, sans-serif; max-width: 34rem; margin: 15vh auto; padding: 0 1rem }}
</style>
</head><body><main><h1>{title}</h1><p>{text}</p></main></body></html>
"""
TERMINAL_MARKS = re.compile(r"\x1b\[20[01]~")  # with which a terminal brackets what is pasted
Belongs = Callable[[Mapping[str, str]], bool]


class _Desk:
    """Where answers are handed in, and where those who brought one wait for the verdict."""

    def __init__(self, port: int) -> None:
        self.hosts = {f"{name}:{port}" for name in ("localhost", "127.0.0.1", "[::1]")}
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
        with self.lock:
            self.waiting += change
            self.lock.notify_all()

    def wait_until_told(self) -> None:
        with self.lock:
            self.lock.wait_for(lambda: self.waiting == 0, timeout=TELL_WITHIN_S)


class _Handler(BaseHTTPRequestHandler):
    """Answers one connection, whoever it is."""

    timeout = 10.0
    desk: _Desk

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        if self.headers.get("Host", "").lower() not in self.desk.hosts:
            self._page(400, "Not here", NOT_OURS)
        elif url.path != "/":
            self._page(404, "Nothing here", NOT_OURS)
        elif not self.desk.takes(_parameters(url.query)):
            self._page(400, "Not this sign-in", NOT_OURS)
        else:
            self._tell()

    def _tell(self) -> None:
        self.desk.arrive(1)
        try:
            self.desk.is_decided.wait(VERDICT_WITHIN_S)
            title, text = self.desk.verdict or ("Sign-in ended", "Go back to the terminal to see what came of it.")
            self._page(200, title, f"{text} You can close this page.")
        finally:
            self.desk.arrive(-1)

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


class _Listener(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128
    allow_reuse_address = False  # on Windows it would let another program listen on the same port

    def __init__(self, family: socket.AddressFamily, host: str, port: int) -> None:
        self.address_family = family
        super().__init__((host, port), _Handler)

    def server_bind(self) -> None:
        if self.address_family == socket.AF_INET6:
            self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        if sys.platform == "win32":
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        socketserver.TCPServer.server_bind(self)  # HTTPServer's own would look its name up in DNS

    def handle_error(self, request: object, client_address: object) -> None:
        """A connection that broke is no news."""


class LoopbackLogin:
    """The user's browser, for one sign-in. Use it as a context manager: leaving it closes the port.

    Parameters
    ----------
    say : callable
        Shows a line to the user. The URL is always shown.
    open_browser : bool
        Whether the machine's own browser is opened too.
    read_line : callable, optional
        Gives a line that the user pasted, ``""`` at the end of input. Runs in a thread of its own.
    launch : callable, optional
        Opens a URL, instead of the machine's browser.
    """

    def __init__(
        self,
        *,
        say: Callable[[str], object],
        open_browser: bool = True,
        read_line: Callable[[], str] | None = None,
        launch: Callable[[str], object] | None = None,
    ) -> None:
        self._say = say
        self._open_browser = open_browser
        self._read_line = read_line
        self._launch = launch or _launch
        self._listeners = _listeners()
        self._port: int = self._listeners[0].server_address[1]
        self._desk = _Desk(self._port)
        for listener in self._listeners:
            listener.RequestHandlerClass = type("_BoundHandler", (_Handler,), {"desk": self._desk})
            _in_background(partial(listener.serve_forever, poll_interval=0.05))

    @property
    def redirect_uri(self) -> str:
        return f"http://localhost:{self._port}"

    def answer(self, url: str, belongs: Belongs, timeout_s: float) -> Mapping[str, str]:
        self._desk.belongs = belongs
        self._say(f"Log in with this address in a browser:\n\n{url}\n")
        if self._open_browser:
            _in_background(partial(self._open, url))
        if self._read_line is not None:
            self._say("If the browser cannot come back to this machine, paste the address it ended at here.")
            _in_background(self._read_pasted)
        return self._wait(timeout_s)

    def _wait(self, timeout_s: float) -> Mapping[str, str]:
        end = time.monotonic() + timeout_s
        while time.monotonic() < end:  # in short waits, so that Ctrl-C is heard on Windows too
            try:
                return self._desk.answers.get(timeout=min(POLL_S, max(0.0, end - time.monotonic())))
            except queue.Empty:
                continue
        raise SignInFailed(f"nobody signed in within {timeout_s:g} s: run `comotion authenticate` again")

    def _open(self, url: str) -> None:
        try:
            self._launch(url)
        except (OSError, webbrowser.Error):
            self._say("No browser could be opened here: open the address yourself.")

    def _read_pasted(self) -> None:
        while line := self._line():
            pasted = TERMINAL_MARKS.sub("", line).strip().strip("\"'<>")
            if pasted and self._desk.takes(_parameters(pasted.partition("?")[2].partition("#")[0])):
                return
            if pasted:
                self._say(f"That is not it. The address begins with {self.redirect_uri}/?, paste all of it.")

    def _line(self) -> str:
        try:
            return self._read_line() if self._read_line is not None else ""
        except (OSError, ValueError, EOFError):  # there is no terminal any more
            return ""

    def show(self, title: str, text: str) -> None:
        self._desk.verdict = (title, text)
        self._desk.is_decided.set()
        self._desk.wait_until_told()

    def __enter__(self) -> "LoopbackLogin":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._desk.is_decided.set()
        for listener in self._listeners:
            listener.shutdown()
            listener.server_close()


def _listeners() -> list[_Listener]:
    """Listeners on 127.0.0.1 and, where there is IPv6, on ::1, with one free port."""
    for _ in range(PORT_TRIES):
        try:
            first = _Listener(socket.AF_INET, "127.0.0.1", 0)
        except OSError as error:
            raise SignInFailed(f"cannot listen on 127.0.0.1 for the browser: {error.strerror}") from error
        try:
            return [first, _Listener(socket.AF_INET6, "::1", first.server_address[1])]
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                return [first]
            first.server_close()
    raise SignInFailed("no port is free on both 127.0.0.1 and ::1")


def _parameters(query: str) -> Mapping[str, str] | None:
    """The query parameters; None when one stands twice, or there are too many to be ours."""
    try:
        fields = parse_qs(query, keep_blank_values=True, max_num_fields=20)
    except ValueError:
        return None
    return (
        {name: values[0] for name, values in fields.items()} if all(len(v) == 1 for v in fields.values()) else None
    )


def _launch(url: str) -> None:
    """Open the machine's browser, unless all it has is one that would take over the terminal."""
    try:
        browser = webbrowser.get()
    except webbrowser.Error:
        return
    if type(browser) is not webbrowser.GenericBrowser or os.environ.get("BROWSER"):
        browser.open(url)


def _in_background(act: Callable[[], object]) -> None:
    threading.Thread(target=act, daemon=True).start()
