"""Browser over a listener on loopback: opens the authorise page, and catches the redirect that belongs to it.

The browser that brought the right redirect is kept waiting until it is known what came of it, and is then told.
Where the browser is on another machine, the user may paste the address at which it ended.
"""

import os
import queue
import re
import threading
import time
import webbrowser
from collections.abc import Callable, Mapping
from functools import partial
from types import TracebackType

from comotion.adapters.loopback_login.listener import Belongs, Desk, open_listeners, parameters
from comotion.domain.errors import SignInFailed

POLL_S = 0.2
TERMINAL_MARKS = re.compile(r"\x1b\[20[01]~")  # with which a terminal brackets what is pasted


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
        self._desk = Desk()
        self._port, self._listeners = open_listeners(self._desk)
        for listener in self._listeners:
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
            if pasted and self._desk.takes(parameters(pasted.partition("?")[2].partition("#")[0])):
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
