"""RetryingHttp: what is sent again, how long it waits, and what it says in the end."""

from contextlib import suppress
from datetime import timedelta
from email.utils import format_datetime

import pytest

from comotion.adapters.retrying_http import RetryingHttp
from comotion.domain.errors import AnswerLost, NeverSent, NotTrusted, OutcomeUnknown
from comotion.domain.pacing import Repeat, RetryPolicy
from comotion.ports.http import HttpRequest
from comotion.testing import FakeClock

from .scripted_http import Response, ScriptedHttp

LOST = AnswerLost("read load 7f: the connection was closed")
UNSENT = NeverSent("read load 7f: no connection")


class Trial:
    def __init__(self, *outcomes, chance: float = 0.5, policy: RetryPolicy | None = None):
        self.inner = ScriptedHttp(*outcomes)
        self.clock = FakeClock()
        self.http = RetryingHttp(self.inner, policy=policy or RetryPolicy(), clock=self.clock, chance=lambda: chance)

    def send(self, repeat: Repeat = Repeat.FREELY, **members):
        return self.http.send(
            HttpRequest(operation="read load 7f", method="GET", url="https://x/", repeat=repeat, **members)
        )

    @property
    def attempts(self) -> int:
        return len(self.inner.requests)


def test_a_good_answer_is_returned_at_once():
    trial = Trial(Response(200, b"yes"))
    assert trial.send().read() == b"yes"
    assert (trial.attempts, trial.clock.naps) == (1, [])


@pytest.mark.parametrize("bad", [LOST, UNSENT, Response(500), Response(502), Response(408), Response(429)])
def test_what_may_be_repeated_freely_is_repeated(bad):
    trial = Trial(bad, bad, Response(200, b"yes"))
    assert trial.send().read() == b"yes"
    assert trial.attempts == 3


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409])
def test_a_refusal_is_not_repeated(status):
    trial = Trial(Response(status, b"no"))
    assert trial.send().status == status
    assert trial.attempts == 1


def test_a_certificate_that_is_not_trusted_is_said_at_once():
    trial = Trial(NotTrusted("read load 7f: its TLS certificate was not accepted"))
    with pytest.raises(NotTrusted):
        trial.send()
    assert trial.attempts == 1


def test_waits_double_up_to_eight_seconds_with_full_jitter():
    trial = Trial(UNSENT, chance=1.0)
    with pytest.raises(NeverSent):
        trial.send()
    assert trial.clock.naps == [0.5, 1.0, 2.0, 4.0, 8.0]
    half = Trial(UNSENT, chance=0.5)
    with pytest.raises(NeverSent):
        half.send()
    assert half.clock.naps == [0.25, 0.5, 1.0, 2.0, 4.0]


def test_the_last_failure_says_how_many_attempts_were_made():
    with pytest.raises(AnswerLost, match=r"^read load 7f: the connection was closed \(after 6 attempts\)$"):
        Trial(LOST).send()


def test_a_single_failure_counts_no_attempts():
    with pytest.raises(NeverSent, match=r"^read load 7f: no connection$"):
        Trial(UNSENT).send(Repeat.NEVER)


def test_the_last_error_answer_is_returned_for_the_caller_to_read():
    trial = Trial(Response(503, b'{"message": "busy"}'))
    answer = trial.send()
    assert (answer.status, answer.read(), trial.attempts) == (503, b'{"message": "busy"}', 6)


def test_no_wait_ends_later_than_the_policy_allows():
    class SlowHttp(ScriptedHttp):
        def send(self, request):
            trial.clock.advance(seconds=25)
            return super().send(request)

    trial = Trial()
    trial.http = RetryingHttp(SlowHttp(LOST), policy=RetryPolicy(), clock=trial.clock, chance=lambda: 0.5)
    with pytest.raises(AnswerLost, match="after 3 attempts"):
        trial.send()


# Retry-After


def test_the_seconds_that_the_service_asks_for_are_waited():
    trial = Trial(Response(429, headers={"Retry-After": "7"}), Response(200))
    trial.send()
    assert trial.clock.naps == [7.0]


def test_the_date_that_the_service_names_is_waited_for():
    trial = Trial()
    when = format_datetime(trial.clock.now() + timedelta(seconds=9), usegmt=True)
    trial.inner.outcomes = (Response(503, headers={"Retry-After": when}), Response(200))
    trial.send()
    assert trial.clock.naps == [9.0]


def test_a_wait_that_is_too_long_is_not_begun():
    trial = Trial(Response(503, headers={"Retry-After": "3600"}))
    assert trial.send().status == 503
    assert (trial.attempts, trial.clock.naps) == (1, [])


# Operations that may not run twice


def test_what_surely_did_not_run_is_repeated_even_so():
    trial = Trial(UNSENT, Response(429), Response(503), Response(202))
    assert trial.send(Repeat.ONLY_IF_NOT_RUN).status == 202
    assert trial.attempts == 4


def test_a_lost_answer_of_what_may_not_run_twice_is_an_unknown_outcome():
    trial = Trial(LOST)
    with pytest.raises(OutcomeUnknown, match=r"^read load 7f: the connection was closed\. It may have run: look"):
        trial.send(Repeat.ONLY_IF_NOT_RUN)
    assert trial.attempts == 1


@pytest.mark.parametrize("status", [408, 500, 502, 504])
def test_an_error_that_leaves_it_open_is_an_unknown_outcome(status):
    trial = Trial(Response(status))
    with pytest.raises(OutcomeUnknown, match=f"read load 7f: the service answered {status}"):
        trial.send(Repeat.ONLY_IF_NOT_RUN)
    assert trial.attempts == 1


def test_a_503_to_the_end_is_an_answer_because_it_did_not_run():
    trial = Trial(Response(503))
    assert trial.send(Repeat.ONLY_IF_NOT_RUN).status == 503
    assert trial.attempts == 6


@pytest.mark.parametrize("outcome", [UNSENT, LOST, Response(429), Response(503), Response(500)])
def test_what_may_never_be_repeated_is_sent_once(outcome):
    trial = Trial(outcome)
    with suppress(NeverSent, OutcomeUnknown):
        trial.send(Repeat.NEVER)
    assert trial.attempts == 1


def test_a_broken_body_of_what_may_not_run_twice_is_an_unknown_outcome():
    with pytest.raises(OutcomeUnknown):
        Trial(Response(202, b'{"que', breaks_off=True)).send(Repeat.ONLY_IF_NOT_RUN)


# Bodies


def test_a_body_that_breaks_off_is_a_failed_attempt():
    trial = Trial(Response(200, b"ha", breaks_off=True), Response(200, b"hello"))
    assert trial.send().read() == b"hello"


def test_a_streamed_body_is_the_callers():
    trial = Trial(Response(200, b"ha", breaks_off=True))
    answer = trial.send(streamed=True)
    with pytest.raises(AnswerLost, match="broke off"):
        answer.read()
    assert trial.attempts == 1


def test_a_body_read_ahead_comes_in_chunks_as_asked():
    answer = Trial(Response(200, b"abcde")).send()
    assert list(answer.chunks(2)) == [b"ab", b"cd", b"e"]
