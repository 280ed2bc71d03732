"""Pacing: when to try again, when to look again, and when to stop."""

from datetime import UTC, datetime

import pytest

from comotion.domain.pacing import (
    Backoff,
    Fault,
    PollPolicy,
    Repeat,
    RetryPolicy,
    is_outcome_unknown,
    may_repeat_fault,
    may_repeat_status,
    retry_after_s,
)

NOW = datetime(2026, 11, 23, 12, 0, 0, tzinfo=UTC)


def test_waits_double_up_to_the_cap():
    assert [Backoff().wait_s(n, 1.0) for n in (1, 2, 3, 4, 5, 6, 99)] == [0.5, 1.0, 2.0, 4.0, 8.0, 8.0, 8.0]


def test_waits_are_spread_by_chance():
    assert Backoff().wait_s(3, 0.25) == 0.5


def test_there_are_six_attempts_in_all():
    policy = RetryPolicy()
    waits = [policy.wait_s(failures=n, elapsed_s=0, chance=0) for n in range(1, 7)]
    assert [wait is None for wait in waits] == [False, False, False, False, False, True]


def test_no_wait_ends_after_the_time_allowed():
    assert RetryPolicy().wait_s(failures=1, elapsed_s=59.6, chance=1.0) is None
    assert RetryPolicy().wait_s(failures=1, elapsed_s=59.5, chance=1.0) == 0.5


def test_what_the_service_asks_for_is_waited_in_full():
    assert RetryPolicy().wait_s(failures=1, elapsed_s=0, chance=0.0, asked_s=7.0) == 7.0


def test_a_service_that_asks_for_too_much_ends_the_attempts():
    assert RetryPolicy().wait_s(failures=1, elapsed_s=0, chance=0.0, asked_s=61.0) is None


@pytest.mark.parametrize(
    ("repeat", "repeated"),
    [
        (Repeat.FREELY, {408, 429, 500, 502, 503, 504}),
        (Repeat.ONLY_IF_NOT_RUN, {429, 503}),
        (Repeat.NEVER, set()),
    ],
)
def test_which_statuses_are_tried_again_depends_on_the_operation(repeat, repeated):
    statuses = [200, 202, 302, 400, 401, 403, 404, 408, 409, 429, 500, 502, 503, 504]
    assert {status for status in statuses if may_repeat_status(repeat, status)} == repeated


@pytest.mark.parametrize(
    ("repeat", "fault", "allowed"),
    [
        (Repeat.FREELY, Fault.NEVER_SENT, True),
        (Repeat.FREELY, Fault.ANSWER_LOST, True),
        (Repeat.ONLY_IF_NOT_RUN, Fault.NEVER_SENT, True),
        (Repeat.ONLY_IF_NOT_RUN, Fault.ANSWER_LOST, False),
        (Repeat.NEVER, Fault.NEVER_SENT, False),
        (Repeat.NEVER, Fault.ANSWER_LOST, False),
    ],
)
def test_which_faults_are_tried_again_depends_on_the_operation(repeat, fault, allowed):
    assert may_repeat_fault(repeat, fault) is allowed


@pytest.mark.parametrize(
    ("repeat", "status", "unknown"),
    [
        (Repeat.FREELY, 500, False),
        (Repeat.ONLY_IF_NOT_RUN, 408, True),
        (Repeat.ONLY_IF_NOT_RUN, 502, True),
        (Repeat.ONLY_IF_NOT_RUN, 503, False),
        (Repeat.ONLY_IF_NOT_RUN, 400, False),
        (Repeat.NEVER, 500, True),
    ],
)
def test_some_errors_leave_it_open_whether_the_operation_ran(repeat, status, unknown):
    assert is_outcome_unknown(repeat, status) is unknown


@pytest.mark.parametrize(
    ("field", "seconds"),
    [
        (None, None),
        ("7", 7.0),
        (" 0 ", 0.0),
        ("Mon, 23 Nov 2026 12:00:30 GMT", 30.0),
        ("Mon, 23 Nov 2026 12:00:30 -0000", 30.0),
        ("Mon, 23 Nov 2026 11:00:00 GMT", 0.0),
        ("Mon, 23 Nov 2026 14:00:30 +0200", 30.0),
        ("soon", None),
        ("Mon, 23 Nov 99999999999999999999 12:00:30 GMT", None),
        ("-5", None),
        ("٣", None),
        ("", None),
    ],
)
def test_retry_after_is_read_in_both_forms(field, seconds):
    assert retry_after_s(field, NOW) == seconds


def test_looks_grow_further_apart_up_to_the_cap():
    waits = [PollPolicy().wait_s(n) for n in range(1, 9)]
    assert waits[:3] == [0.5, 0.75, 1.125]
    assert waits[-1] == 5.0


def test_the_last_look_is_at_the_end_of_the_time_allowed():
    assert PollPolicy().wait_s(5, left_s=0.2) == 0.2
    assert PollPolicy().wait_s(5, left_s=0.0) is None
