"""What every Clock does."""

from collections.abc import Callable
from datetime import UTC, timedelta

import pytest

from comotion.adapters.system_clock import SystemClock
from comotion.ports.clock import Clock
from comotion.testing import FakeClock

MAKERS: dict[str, Callable[[], Clock]] = {"system": SystemClock, "fake": FakeClock}


@pytest.fixture(params=MAKERS)
def clock(request) -> Clock:
    return MAKERS[request.param]()


def test_the_time_of_day_is_aware_and_in_utc(clock):
    assert clock.now().tzinfo is UTC
    assert clock.now().utcoffset() == timedelta(0)


def test_time_does_not_go_back(clock):
    before_s, before = clock.monotonic(), clock.now()
    clock.sleep(0.001)
    assert clock.monotonic() > before_s
    assert clock.now() > before


def test_sleeping_takes_at_least_as_long_as_asked(clock):
    before_s = clock.monotonic()
    clock.sleep(0.02)
    assert clock.monotonic() - before_s >= 0.019  # a monotonic clock and a sleep may differ in their last digit


def test_sleeping_for_no_time_is_allowed(clock):
    clock.sleep(0)
