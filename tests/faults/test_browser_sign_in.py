"""The whole sign-in with a real browser: its log-in page is the fake's, the rest is what production uses."""

import threading

import pytest

from comotion.auth import Auth
from comotion.domain.errors import SignInFailed
from comotion.testing import FakeDash
from tests.chromium import chromium

pytestmark = pytest.mark.browser


@pytest.fixture
def page():
    with chromium() as opened:
        yield opened


@pytest.fixture
def fake(monkeypatch, tmp_path):
    monkeypatch.setenv("COMOTION_CREDENTIALS_FILE", str(tmp_path / "credentials.json"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    with FakeDash("acme") as made, made.serve() as server:
        made.url = server.url
        yield made


class SigningIn:
    """``authenticate`` in a thread, as a command does while the user is busy in the browser."""

    def __init__(self, auth: Auth) -> None:
        self.lines: list[str] = []
        self.outcome: object = None
        self._came = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(auth,))
        self._thread.start()
        assert self._came.wait(20)
        self.url = next(word for line in self.lines for word in line.split() if word.startswith("http"))

    def _run(self, auth):
        try:
            self.outcome = auth.authenticate(open_browser=False, say=self._say, timeout_s=60)
        except SignInFailed as failure:
            self.outcome = failure

    def _say(self, line):
        self.lines.append(line)
        self._came.set()

    def ended(self) -> object:
        self._thread.join(60)
        return self.outcome


def test_a_user_signs_in_with_name_and_password(fake, page):
    auth = Auth("acme", fake.url)
    signing_in = SigningIn(auth)
    page.goto(signing_in.url)
    page.fill("#username", "tester")
    page.fill("#password", "tester")
    page.click("#kc-login")
    page.wait_for_text("Signed in")
    assert f"You are signed in to acme as tester ({fake.url})" in page.text()
    assert signing_in.ended() == "tester"
    assert auth.credentials_cache.get_current_user() == "tester"
    assert auth.get_access_token()


def test_a_user_who_says_no_is_told_so_in_both_places(fake, page):
    signing_in = SigningIn(Auth("acme", fake.url))
    page.goto(signing_in.url)
    page.click("#kc-cancel")
    page.wait_for_text("Sign-in failed")
    assert "access_denied" in page.text()
    outcome = signing_in.ended()
    assert isinstance(outcome, SignInFailed)
    assert "access_denied" in str(outcome)


def test_a_code_that_is_refused_is_told_in_both_places(fake, page):
    fake.manners.auto_login = True
    fake.faults.status(400, on="token", body='{"error": "invalid_grant", "error_description": "Code not valid"}')
    signing_in = SigningIn(Auth("acme", fake.url))
    page.goto(signing_in.url)
    page.wait_for_text("Sign-in failed")
    assert "refused the code" in page.text()
    assert isinstance(signing_in.ended(), SignInFailed)


def test_another_page_that_guesses_at_the_port_does_no_harm(fake, page):
    fake.manners.auto_login = True
    signing_in = SigningIn(Auth("acme", fake.url))
    port = signing_in.url.partition("localhost%3A")[2].partition("&")[0]
    page.goto(f"http://localhost:{port}/?code=evil&state=guess")
    page.wait_for_text("Not this sign-in")
    page.goto(signing_in.url)
    page.wait_for_text("You are signed in to acme as tester")
    assert signing_in.ended() == "tester"
