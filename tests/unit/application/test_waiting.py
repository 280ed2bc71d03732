"""Waiting: looks grow apart, time runs out once, and an interrupt is nobody's business here."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from comotion.application.waiting import parse_timeout, wait
from comotion.domain.errors import InvalidArgument, WaitTimedOut
from comotion.domain.pacing import PollPolicy


class NappingClock:
    """Moves when slept on."""

    def __init__(self) -> None:
        self.naps: list[float] = []

    def now(self) -> datetime:
        return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=self.monotonic())

    def monotonic(self) -> float:
        return sum(self.naps)

    def sleep(self, seconds: float) -> None:
        self.naps.append(seconds)


def after(looks: int) -> Iterator[str]:
    yield from ["RUNNING"] * (looks - 1)
    while True:
        yield "DONE"


def waited(looks: int, clock: NappingClock, timeout_s: float | None = None) -> str:
    states = after(looks)
    return wait(
        lambda: next(states),
        is_final=lambda state: state == "DONE",
        clock=clock,
        poll=PollPolicy(first_s=0.5, cap_s=5.0, growth=2.0),
        timeout_s=timeout_s,
        what="query q1",
    )


def test_what_is_final_at_once_costs_no_nap():
    clock = NappingClock()
    assert waited(1, clock) == "DONE"
    assert clock.naps == []


def test_looks_grow_apart_up_to_the_cap():
    clock = NappingClock()
    waited(8, clock)
    assert clock.naps == [0.5, 1.0, 2.0, 4.0, 5.0, 5.0, 5.0]


def test_a_timeout_names_the_work_and_never_oversleeps():
    clock = NappingClock()
    with pytest.raises(WaitTimedOut, match="query q1 was not done within 6 s, and is RUNNING; it goes on"):
        waited(100, clock, timeout_s=6)
    assert sum(clock.naps) == 6


def test_there_is_a_last_look_when_the_time_is_over():
    clock = NappingClock()
    assert waited(4, clock, timeout_s=3.4) == "DONE"
    assert clock.naps == [0.5, 1.0, pytest.approx(1.9)]


def test_a_timeout_of_nothing_still_looks_once():
    assert waited(1, NappingClock(), timeout_s=0) == "DONE"
    with pytest.raises(TimeoutError):
        waited(2, NappingClock(), timeout_s=0)


def test_an_interrupt_passes_through():
    def interrupted() -> str:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        wait(interrupted, is_final=bool, clock=NappingClock(), what="load 1")


@pytest.mark.parametrize("wrong", [-1, float("nan"), float("inf"), True, "5"])
def test_a_timeout_that_is_no_number_of_seconds_is_refused(wrong):
    with pytest.raises(InvalidArgument, match="timeout is a number of seconds"):
        parse_timeout(wrong)


def test_no_timeout_waits_for_ever():
    assert parse_timeout(None) is None
    assert parse_timeout(3) == 3.0
