"""FakeClock tells the time it was told."""

from datetime import UTC, datetime, timedelta

import pytest

from comotion.testing import FakeClock


def test_it_stands_still() -> None:
    clock = FakeClock()
    assert clock.now() == clock.now()
    assert clock.monotonic() == 0.0


def test_sleeping_moves_it_and_is_written_down() -> None:
    clock = FakeClock()
    began = clock.now()
    clock.sleep(1.5)
    clock.sleep(0)
    assert clock.now() - began == timedelta(seconds=1.5)
    assert clock.naps == [1.5, 0]


def test_advancing_is_no_nap() -> None:
    clock = FakeClock()
    clock.advance(days=1, hours=2, minutes=3, seconds=4)
    assert clock.monotonic() == 86_400 + 7_200 + 180 + 4
    assert clock.naps == []


def test_it_does_not_go_back() -> None:
    with pytest.raises(ValueError, match="does not go back"):
        FakeClock().advance(seconds=-1)
    with pytest.raises(ValueError, match="nobody sleeps"):
        FakeClock().sleep(-1)


def test_it_starts_where_it_is_told_in_utc() -> None:
    start = datetime(2026, 6, 1, 12, tzinfo=UTC)
    assert FakeClock(start).now() == start
    with pytest.raises(ValueError, match="aware"):
        FakeClock(datetime(2026, 6, 1))


def test_a_fork_shows_the_same_time_and_goes_its_own_way() -> None:
    clock = FakeClock()
    clock.sleep(5)
    fork = clock.fork()
    fork.advance(hours=1)
    assert (clock.monotonic(), fork.monotonic(), fork.naps) == (5.0, 3605.0, [])


@pytest.mark.parametrize("days", [1e7, 1e300])
def test_it_does_not_move_past_the_end_of_the_calendar(days: float) -> None:
    clock = FakeClock()
    with pytest.raises(ValueError, match="9999"):
        clock.advance(days=days)
    assert clock.monotonic() == 0


def test_ticking_catches_up_with_the_present() -> None:
    clock = FakeClock(datetime(2020, 1, 1, tzinfo=UTC))
    clock.tick()
    assert datetime.now(UTC) - clock.now() < timedelta(seconds=5)
    clock.stand()
    assert clock.now() == clock.now()
