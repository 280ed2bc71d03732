"""Access tokens: one a sign-in and process, and no sign-in lost over it."""

import threading
import time
import warnings
from contextlib import contextmanager

import pytest

from comotion.application.tokens import ApplicationTokens, SharedTokens, UserTokens
from comotion.domain.endpoints import Realm
from comotion.domain.errors import CredentialsNotKept, SignInNeeded, TokenUnavailable
from comotion.testing import FakeClock

from .in_memory_identity import REALM, MemoryStore, StrictIdentity


class Process:
    """What the sources of one process share."""

    def __init__(self, **identity):
        self.clock = FakeClock()
        self.identity = StrictIdentity(self.clock, **identity)
        self.id = 1
        self.shared = SharedTokens(process_id=lambda: self.id)

    def user(self, store=None, *, realm=REALM, client_id="comotion_cli", **members) -> UserTokens:
        return UserTokens(
            **{
                "shared": self.shared,
                "identity": self.identity,
                "realm": realm,
                "client_id": client_id,
                "store": store if store is not None else MemoryStore(),
                "clock": self.clock,
                **members,
            }
        )

    def application(self, client_id="etl", secret="hunter2", realm=REALM) -> ApplicationTokens:
        return ApplicationTokens(
            shared=self.shared,
            identity=self.identity,
            realm=realm,
            client_id=client_id,
            client_secret=secret,
            clock=self.clock,
        )

    @property
    def asked(self) -> int:
        return len(self.identity.asked)


def in_threads(count: int, act) -> list:
    results: list = [None] * count

    def run(at):
        try:
            results[at] = act()
        except Exception as error:  # noqa: BLE001
            results[at] = error

    threads = [threading.Thread(target=run, args=(at,)) for at in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    return results


# One token


def test_a_token_is_asked_for_once_and_used_until_it_is_old():
    process = Process()
    tokens = process.user()
    first = tokens.token()
    process.clock.advance(seconds=269)
    assert tokens.token() == first
    assert process.asked == 1


def test_thirty_seconds_before_its_expiry_a_token_is_renewed():
    process = Process()
    tokens = process.user()
    first = tokens.token()
    process.clock.advance(seconds=270)
    assert tokens.token() != first
    assert process.asked == 2


def test_twenty_threads_that_ask_at_once_cause_one_request():
    process = Process()
    process.identity.before_answer = lambda: time.sleep(0.05)
    tokens = process.user()
    given = in_threads(20, tokens.token)
    assert len(set(given)) == 1
    assert process.asked == 1


def test_twenty_sources_that_ask_at_once_cause_one_request():
    process, entries = Process(), {"user": "jane", "token": "r0"}
    process.identity.before_answer = lambda: time.sleep(0.05)
    given = in_threads(20, lambda: process.user(MemoryStore(entries)).token())
    assert len(set(given)) == 1
    assert process.asked == 1


def test_threads_that_wait_for_a_request_that_fails_fail_with_it():
    process = Process()
    process.identity.before_answer = lambda: time.sleep(0.05)
    process.identity.failures = [TokenUnavailable("no connection", unreachable=True)]
    tokens = process.user()
    tokens._slot()  # all threads know the slot before the first one asks
    started = threading.Barrier(5)

    def ask():
        started.wait()
        return tokens.token()

    results = in_threads(5, ask)
    failed = [result for result in results if isinstance(result, TokenUnavailable)]
    assert failed
    assert all(failure.unreachable for failure in failed)
    assert process.asked <= 2


def test_after_a_failure_the_next_one_asks_again():
    process = Process()
    process.identity.failures = [TokenUnavailable("no connection")]
    tokens = process.user()
    with pytest.raises(TokenUnavailable):
        tokens.token()
    assert tokens.token()


def test_with_a_clock_that_is_ahead_waiting_threads_still_cause_one_request():
    process = Process(life_s=-100.0)
    process.identity.before_answer = lambda: time.sleep(0.05)
    tokens = process.user()
    tokens._slot()
    started = threading.Barrier(10)

    def ask():
        started.wait()
        return tokens.token()

    given = in_threads(10, ask)
    assert all(isinstance(token, str) for token in given)
    assert process.asked <= 2


# A refused token


def test_a_refused_token_is_renewed_though_it_looks_good():
    process = Process()
    tokens = process.user()
    first = tokens.token()
    assert tokens.renewed(first) != first
    assert process.asked == 2


def test_threads_whose_token_was_refused_together_renew_it_once():
    process = Process()
    process.identity.before_answer = lambda: time.sleep(0.05)
    tokens = process.user()
    first = tokens.token()
    given = in_threads(10, lambda: tokens.renewed(first))
    assert first not in given
    assert len(set(given)) == 1
    assert process.asked == 2


# Which sign-in


def test_two_sources_of_one_sign_in_share_a_token():
    process, entries = Process(), {"user": "jane", "token": "r0"}
    first = process.user(MemoryStore(entries)).token()
    assert process.user(MemoryStore(entries)).token() == first
    assert process.asked == 1


@pytest.mark.parametrize(
    "other",
    [
        {"realm": Realm(org="other")},
        {"realm": Realm(org="acme", issuer="https://auth.example")},
        {"client_id": "another"},
        {"store": MemoryStore({"user": "john", "token": "r0"})},
        {"store": MemoryStore({"user": "jane", "token": "r0"}, identity="another store")},
        {"store": MemoryStore({"user": "jane", "token": "another"})},
    ],
    ids=["org", "issuer", "client", "user", "store", "refresh token"],
)
def test_tokens_are_not_shared_across(other):
    process = Process(rotates=False)
    process.identity.valid |= {"another"}
    first = process.user(MemoryStore()).token()
    assert process.user(**other).token() != first
    assert process.asked == 2


def test_applications_share_a_token_by_id_and_secret():
    process = Process()
    first = process.application().token()
    assert process.application().token() == first
    assert process.application(secret="other").token() != first
    assert process.application(client_id="other").token() != first
    assert process.application(realm=Realm(org="other")).token() != first


def test_an_application_renews_a_refused_token():
    process = Process()
    tokens = process.application()
    first = tokens.token()
    assert tokens.renewed(first) != first


def test_a_forked_process_asks_for_a_token_of_its_own():
    process = Process()
    tokens = process.user()
    tokens.token()
    process.id = 2
    tokens.token()
    assert process.asked == 2


def test_nobody_signed_in_says_what_to_do():
    with pytest.raises(SignInNeeded, match=r"nobody is signed in to acme .* run `comotion authenticate`"):
        Process().user(MemoryStore({})).token()


def test_an_empty_refresh_token_is_none():
    with pytest.raises(SignInNeeded):
        Process().user(MemoryStore({"user": "jane", "token": ""})).token()


def test_a_sign_in_after_a_failed_call_is_found():
    process, entries = Process(), {}
    tokens = process.user(MemoryStore(entries))
    with pytest.raises(SignInNeeded):
        tokens.token()
    entries.update(user="jane", token="r0")
    assert tokens.token()


# Rotation


def test_a_rotated_refresh_token_is_kept():
    process, store = Process(), MemoryStore()
    process.user(store).token()
    assert store.entries == {"user": "jane", "token": "r1"}


def test_a_refresh_token_that_did_not_change_is_not_written():
    process, store = Process(rotates=False), MemoryStore()
    process.user(store).token()
    assert store.writes == 0


def test_a_sign_in_lasts_through_many_rotations():
    process, store = Process(), MemoryStore()
    tokens = process.user(store)
    for _ in range(5):
        tokens.token()
        process.clock.advance(hours=1)
    assert store.entries["token"] == "r5"


def test_the_token_that_another_process_stored_is_used():
    store = MemoryStore()
    process = Process()
    tokens = process.user(store)
    tokens.token()
    process.clock.advance(hours=1)
    process.identity.refresh("r1")  # as another process would, under the lock
    store.entries["token"] = "r2"
    tokens.token()
    assert process.identity.asked[-1] == "r2"


def test_the_store_is_read_after_the_lock_is_had():
    store, process = MemoryStore(), Process()

    @contextmanager
    def lock():
        process.identity.refresh("r0")  # the process that held the lock until now
        store.entries["token"] = "r1"
        yield

    tokens = process.user(store, lock=lock)
    tokens.token()
    assert process.identity.asked == ["r0", "r1"]


def test_a_client_without_the_lock_that_was_faster_does_not_end_the_sign_in():
    store, process = MemoryStore(), Process()

    def other_client():
        process.identity.before_answer = lambda: None
        process.identity.valid = {"x"}
        store.entries["token"] = "x"

    process.identity.before_answer = other_client
    assert process.user(store).token()
    assert process.identity.asked == ["r0", "x"]


def test_a_rotated_token_that_cannot_be_stored_serves_this_process_and_warns():
    process, store = Process(), MemoryStore()
    store.is_read_only = True
    tokens = process.user(store)
    with pytest.warns(CredentialsNotKept, match="ends with this process: read only"):
        tokens.token()
    process.clock.advance(hours=1)
    with pytest.warns(CredentialsNotKept):
        tokens.token()
    assert process.identity.asked == ["r0", "r1"]


def test_a_token_that_could_not_be_stored_is_stored_when_that_works_again():
    process, store = Process(), MemoryStore()
    store.is_read_only = True
    tokens = process.user(store)
    with pytest.warns(CredentialsNotKept):
        tokens.token()
    store.is_read_only = False
    process.clock.advance(hours=1)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        tokens.token()
    assert store.entries["token"] == "r2"


def test_another_user_who_signs_in_meanwhile_is_who_asks_from_then_on():
    process, store = Process(rotates=False), MemoryStore()
    process.identity.valid |= {"johns"}
    tokens = process.user(store)
    tokens.token()
    store.entries.update(user="john", token="johns")
    process.clock.advance(hours=1)
    tokens.token()
    assert process.identity.asked == ["r0", "johns"]
