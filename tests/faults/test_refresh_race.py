"""Several processes with one sign-in, at a service where a refresh token that is used twice ends the session."""

import multiprocessing
import sys
import threading
import time

import pytest

from comotion.auth import Auth
from comotion.testing import FakeDash

PROCESSES, ROUNDS = 4, 4


def _renew(url, ready, results):
    """Ask for a token, then have it refused, again and again; runs in a process of its own."""
    auth = Auth("acme", url)
    ready.wait(60)
    try:
        token = auth.get_access_token()
        for _ in range(ROUNDS):
            token = auth.tokens.renewed(token)
        results.put("signed in")
    except Exception as error:  # noqa: BLE001  # whatever it is, the test shows it
        results.put(repr(error))


@pytest.fixture
def strict(monkeypatch, tmp_path):
    """A served fake Dash with strict rotation, and a credentials file in which somebody is signed in."""
    monkeypatch.setenv("COMOTION_CREDENTIALS_FILE", str(tmp_path / "credentials.json"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    with FakeDash("acme") as fake, fake.serve() as server:
        fake.manners.rotation = "single_use"
        auth = Auth("acme", server.url)
        auth.credentials_cache.set_refresh_token("tester", server.facts()["refresh_token"])
        fake.url = server.url
        yield fake


def _run(start, count, target, *arguments):
    running = [start(target=target, args=arguments) for _ in range(count)]
    for one in running:
        one.start()
    for one in running:
        one.join(100)


@pytest.mark.parametrize(
    "method",
    [
        "spawn",
        pytest.param("fork", marks=pytest.mark.skipif(sys.platform == "win32", reason="Windows has no fork")),
    ],
)
def test_processes_that_refresh_at_once_do_not_log_each_other_out(strict, method):
    context = multiprocessing.get_context(method)
    ready, results = context.Event(), context.Queue()
    running = [context.Process(target=_renew, args=(strict.url, ready, results)) for _ in range(PROCESSES)]
    for one in running:
        one.start()
    ready.set()
    outcomes = [results.get(timeout=100) for _ in running]
    for one in running:
        one.join(20)
    assert outcomes == ["signed in"] * PROCESSES
    assert Auth("acme", strict.url).get_access_token()
    assert len(list(strict.requests)) == PROCESSES * (ROUNDS + 1) + 1


def test_a_fork_in_the_middle_of_a_refresh_is_not_stuck(strict):
    if sys.platform == "win32":
        pytest.skip("Windows has no fork")
    strict.faults.slow(0.5, on="token")
    auth = Auth("acme", strict.url)
    first = threading.Thread(target=auth.get_access_token)
    first.start()
    time.sleep(0.2)  # it holds the lock and waits for the answer
    context = multiprocessing.get_context("fork")
    results, ready = context.Queue(), context.Event()
    ready.set()
    child = context.Process(target=_renew, args=(strict.url, ready, results))
    child.start()
    assert results.get(timeout=60) == "signed in"
    child.join(20)
    first.join(20)


def test_a_long_running_process_survives_a_log_in_in_another_one(strict):
    auth = Auth("acme", strict.url)
    token = auth.get_access_token()
    strict.organisation.sessions.end(auth.credentials_cache.get_refresh_token())
    auth.credentials_cache.set_refresh_token("tester", strict.world.sign_in("acme", issuer=strict.url))
    assert auth.tokens.renewed(token) != token
