"""A clock that stands still until it is moved, or runs with real time; either way nobody waits for it."""

import time
from datetime import UTC, datetime, timedelta
from threading import Lock

DEFAULT_START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


class FakeClock:
    """A Clock whose time is told, not measured. Sleeping on it moves it and returns at once.

    Parameters
    ----------
    start : datetime, optional
        Aware time of day to begin at; 2026-01-05 09:00 UTC when left out.
    ticking : bool
        Whether it also runs on with real time, as a server's clock should.

    Attributes
    ----------
    naps : list of float
        The seconds of each ``sleep``, in order.

    Examples
    --------
    >>> clock = FakeClock()
    >>> clock.sleep(1.5)
    >>> clock.advance(hours=2)
    >>> clock.naps, clock.monotonic()
    ([1.5], 7201.5)
    """

    def __init__(self, start: datetime | None = None, *, ticking: bool = False) -> None:
        if start is not None and start.tzinfo is None:
            raise ValueError("a FakeClock starts at an aware time, for example datetime(2026, 1, 5, tzinfo=UTC)")
        self._start = (start or DEFAULT_START).astimezone(UTC)
        self._moved_s = 0.0
        self._started = time.monotonic() if ticking else None
        self._lock = Lock()
        self.naps: list[float] = []

    def now(self) -> datetime:
        """The time of day, aware, in UTC."""
        return self._start + timedelta(seconds=self.monotonic())

    def monotonic(self) -> float:
        """Seconds since the clock was made."""
        real_s = 0.0 if self._started is None else time.monotonic() - self._started
        return self._moved_s + real_s

    @property
    def is_ticking(self) -> bool:
        """Whether it runs on with real time."""
        return self._started is not None

    def tick(self) -> None:
        """Run on with real time from here, and catch up with the present where it lies ahead."""
        with self._lock:
            if self._started is None:
                self._started = time.monotonic()
            behind = datetime.now(UTC) - self.now()
            self._moved_s += max(0.0, behind.total_seconds())

    def fork(self) -> "FakeClock":
        """A clock of its own that shows the same time and goes on as this one does; it has taken no naps."""
        copy = FakeClock(self._start, ticking=self._started is not None)
        copy._moved_s = self.monotonic()
        return copy

    def stand(self) -> None:
        """Stand still from here."""
        with self._lock:
            if self._started is not None:
                self._moved_s += time.monotonic() - self._started
                self._started = None

    def sleep(self, seconds: float) -> None:
        """Move by ``seconds``, write the nap down, and return at once."""
        if seconds < 0:
            raise ValueError(f"nobody sleeps {seconds} seconds")
        with self._lock:
            self.naps.append(seconds)
            self._moved_s += seconds

    def advance(self, *, days: float = 0, hours: float = 0, minutes: float = 0, seconds: float = 0) -> None:
        """Move by ``days``, ``hours``, ``minutes`` and ``seconds`` together. Raises ValueError for a step back."""
        step = days * 86_400 + hours * 3_600 + minutes * 60 + seconds
        if step < 0:
            raise ValueError("a clock does not go back")
        try:
            self.now() + timedelta(seconds=step)
        except OverflowError:
            raise ValueError("a clock ends with the year 9999") from None
        with self._lock:
            self._moved_s += step
