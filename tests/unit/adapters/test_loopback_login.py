"""LoopbackLogin over real sockets: the right redirect is caught, everything else is answered and ignored."""

import http.client
import os
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress

import pytest

from comotion.adapters.loopback_login import LoopbackLogin
from comotion.domain.errors import SignInFailed

URL = "https://auth.example/auth?client_id=x"
RIGHT = "/?code=c0de&state=right"


def belongs(answer):
    return answer.get("state") == "right" or (set(answer) == {"error"})


class Trial:
    """A sign-in that waits in a thread of its own, as a command does while the user is busy in the browser."""

    def __init__(self, *, timeout_s=10.0, **members):
        self.said: list[str] = []
        self.launched: list[str] = []
        self.outcome: object = None
        self.login = LoopbackLogin(**{"say": self.said.append, "launch": self.launched.append, **members})
        self.port = int(self.login.redirect_uri.rpartition(":")[2])
        self._thread = threading.Thread(target=self._run, args=(timeout_s,))

    def _run(self, timeout_s):
        try:
            self.outcome = dict(self.login.answer(URL, belongs, timeout_s))
            self.login.show("Signed in", "as <jane> & co")
        except SignInFailed as failure:
            self.outcome = failure

    def __enter__(self):
        self._thread.start()
        while not self.said:
            time.sleep(0.005)
        return self

    def __exit__(self, *_):
        self._thread.join(20)
        self.login.__exit__(None, None, None)

    def get(self, path, *, host="127.0.0.1", method="GET", name=None):
        connection = http.client.HTTPConnection(host, self.port, timeout=10)
        try:
            connection.request(method, path, headers={"Host": name or f"localhost:{self.port}"})
            answer = connection.getresponse()
            return answer.status, answer.read().decode(), answer.headers
        finally:
            connection.close()

    def raw(self, data: bytes) -> bytes:
        """Send bytes as they are; what is answered, which is nothing where the connection is cut before its end."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as sock, suppress(ConnectionError):
            sock.sendall(data)
            with suppress(OSError):  # not connected any more: the answer may have come
                sock.shutdown(socket.SHUT_WR)
            return sock.makefile("rb").read()
        return b""

    def finish(self):
        """Bring the right answer, so that the thread ends; what came of it."""
        self.get(RIGHT)
        self._thread.join(20)
        return self.outcome


def test_the_right_redirect_is_caught():
    with Trial() as trial:
        assert trial.finish() == {"code": "c0de", "state": "right"}


def test_the_redirect_goes_to_localhost():
    with Trial() as trial:
        assert trial.login.redirect_uri == f"http://localhost:{trial.port}"
        trial.finish()


def test_the_browser_is_told_in_the_end_and_all_text_is_escaped():
    with Trial() as trial:
        status, page, headers = trial.get(RIGHT)
    assert status == 200
    assert "<h1>Signed in</h1>" in page
    assert "as &lt;jane&gt; &amp; co" in page
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert headers["Cache-Control"] == "no-store"


def test_the_url_is_shown_and_the_browser_opened():
    with Trial() as trial:
        trial.finish()
    assert any(URL in line for line in trial.said)
    assert trial.launched == [URL]


def test_without_browser_the_url_is_shown_all_the_same():
    with Trial(open_browser=False) as trial:
        trial.finish()
    assert any(URL in line for line in trial.said)
    assert trial.launched == []


def test_a_browser_that_does_not_open_is_no_obstacle():
    def launch(url):
        raise OSError("no browser")

    with Trial(launch=launch) as trial:
        assert trial.finish() == {"code": "c0de", "state": "right"}
    assert any("No browser could be opened" in line for line in trial.said)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/favicon.ico", 404),
        ("/index.html?code=x&state=right", 404),
        ("/", 400),
        ("/?code=evil&state=wrong", 400),
        ("/?code=evil", 400),
        ("/?code=a&code=b&state=right", 400),
        ("/?" + "&".join(f"x{n}=1" for n in range(50)) + "&state=right", 400),
    ],
)
def test_anything_else_is_answered_and_ignored(path, status):
    with Trial() as trial:
        assert trial.get(path)[0] == status
        assert trial.finish() == {"code": "c0de", "state": "right"}


@pytest.mark.parametrize("method", ["POST", "PUT", "OPTIONS", "HEAD"])
def test_another_method_is_answered_and_ignored(method):
    with Trial() as trial:
        assert trial.get(RIGHT, method=method)[0] == 501
        assert trial.finish() == {"code": "c0de", "state": "right"}


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"SSH-2.0-scanner\r\n",
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET /" + b"a" * 100_000,
        b"GET /?state=right&code=x HTTP/1.1\r\n" + b"X: y\r\n" * 500 + b"\r\n",
        b"GET http://[::1 HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET /?state=right HTTP/1.0\r\n\r\n",
    ],
    ids=["nothing", "tls", "ssh", "half", "version", "long", "many headers", "bad url", "no host"],
)
def test_garbage_is_ignored(data, capfd):
    with Trial() as trial:
        trial.raw(data)
        assert trial.finish() == {"code": "c0de", "state": "right"}
    assert capfd.readouterr() == ("", "")


def test_many_idle_connections_are_no_obstacle():
    with Trial() as trial:
        idle = [socket.create_connection(("127.0.0.1", trial.port), timeout=10) for _ in range(30)]
        assert trial.finish() == {"code": "c0de", "state": "right"}
        for sock in idle:
            sock.close()


@pytest.mark.parametrize("name", ["evil.example", "evil.example:80", "localhost:1", "localhost.evil.example"])
def test_a_page_that_rebinds_its_name_to_loopback_is_ignored(name):
    with Trial() as trial:
        assert trial.get(RIGHT, name=name)[0] == 400
        assert trial.finish() == {"code": "c0de", "state": "right"}


def test_a_page_that_shows_what_it_was_sent_shows_none_of_it():
    with Trial() as trial:
        _, page, _ = trial.get("/%3Cscript%3Ealert(1)%3C/script%3E?error=%3Cscript%3E&state=wrong")
        assert "script" not in page
        trial.finish()


def test_a_second_visit_of_the_right_address_gets_the_same_page():
    with Trial() as trial:
        pages = []
        visits = [threading.Thread(target=lambda: pages.append(trial.get(RIGHT)[1])) for _ in range(2)]
        for visit in visits:
            visit.start()
        for visit in visits:
            visit.join(20)
    assert len(set(pages)) == 1
    assert "Signed in" in pages[0]


def test_a_denial_without_state_is_brought_back():
    with Trial() as trial:
        trial.get("/?error=access_denied")
    assert trial.outcome == {"error": "access_denied"}


def test_nobody_coming_in_time_is_a_failed_sign_in():
    with Trial(timeout_s=0.2) as trial:
        pass
    assert isinstance(trial.outcome, SignInFailed)
    assert "nobody signed in within 0.2 s" in str(trial.outcome)


def _has_ipv6() -> bool:
    try:
        with socket.create_server(("::1", 0), family=socket.AF_INET6):
            return True
    except OSError:
        return False


@pytest.mark.skipif(not _has_ipv6(), reason="this machine has no IPv6 loopback")
def test_the_same_port_listens_on_ipv6():
    with Trial() as trial:
        trial.get(RIGHT, host="::1")
    assert trial.outcome == {"code": "c0de", "state": "right"}


def test_no_other_address_listens():
    with Trial() as trial:
        others = {info[4][0] for info in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)}
        for address in others - {"127.0.0.1"}:
            if address.startswith("127."):
                continue
            with pytest.raises(OSError), socket.create_connection((address, trial.port), timeout=2):
                pass
        trial.finish()


def test_the_port_is_closed_afterwards():
    with Trial() as trial:
        trial.finish()
    with pytest.raises(OSError), socket.create_connection(("127.0.0.1", trial.port), timeout=2):
        pass


# The browser is on another machine


def lines(*texts):
    remaining = iter([*texts, ""])
    return lambda: next(remaining)


@pytest.mark.parametrize(
    "pasted",
    [
        "http://localhost:5000/?code=c0de&state=right\n",
        "  'http://localhost:5000/?code=c0de&state=right'  \r\n",
        "http://localhost:5000/?code=c0de&state=right#fragment\n",
        "\x1b[200~http://localhost:5000/?code=c0de&state=right\x1b[201~\n",
    ],
)
def test_the_address_may_be_pasted(pasted):
    with Trial(read_line=lines(pasted), open_browser=False) as trial:
        pass
    assert trial.outcome == {"code": "c0de", "state": "right"}


def test_a_wrong_paste_may_be_followed_by_the_right_one():
    read_line = lines("what?\n", "\n", "http://localhost:1/?code=x&state=wrong\n", "http://x/?code=c0de&state=right\n")
    with Trial(read_line=read_line, open_browser=False) as trial:
        pass
    assert trial.outcome == {"code": "c0de", "state": "right"}
    assert sum("That is not it" in line for line in trial.said) == 2


def no_terminal() -> str:
    raise OSError("Bad file descriptor")


@pytest.mark.parametrize("read_line", [lines(), no_terminal], ids=["end of input", "no terminal"])
def test_the_listener_works_also_when_there_is_nothing_to_read_from(read_line):
    with Trial(read_line=read_line, open_browser=False) as trial:
        assert trial.finish() == {"code": "c0de", "state": "right"}


def test_who_brings_a_denial_is_told_before_the_port_closes():
    for _ in range(20):
        with Trial() as trial:
            status, page, _ = trial.get("/?error=access_denied")
        assert (status, "Signed in" in page) == (200, True)


# The machine's own browser

OPEN = """
from comotion.adapters.loopback_login import LoopbackLogin
from comotion.domain.errors import SignInFailed
with LoopbackLogin(say=lambda line: None) as login:
    try:
        login.answer("https://auth.example/auth?client_id=x", lambda answer: False, 1.5)
    except SignInFailed:
        pass
"""


def _browser(folder, name):
    """A program that writes down the address it is given."""
    program = folder / name
    program.write_text(f'#!/bin/sh\necho "$1" > {folder}/opened\n')
    program.chmod(0o755)
    return program


def _run(**environment):
    environment = {"PYTHONPATH": os.pathsep.join(sys.path), **environment}
    subprocess.run([sys.executable, "-c", OPEN], env=environment, check=True, timeout=60)


@pytest.mark.skipif(os.name != "posix", reason="needs a shell")
def test_the_browser_that_the_user_names_is_opened(tmp_path):
    program = _browser(tmp_path, "mine")
    _run(BROWSER=f"{program} %s", PATH=os.defpath)
    assert (tmp_path / "opened").read_text().strip() == URL


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is always a desktop")
def test_a_browser_that_would_take_over_the_terminal_is_not_opened(tmp_path):
    _browser(tmp_path, "w3m")
    _run(PATH=str(tmp_path), TERM="xterm")
    assert not (tmp_path / "opened").exists()
