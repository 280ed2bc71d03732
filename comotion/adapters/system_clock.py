"""The Clock of this machine."""

import time
from datetime import UTC, datetime


class SystemClock:
    """Real time. The time of day is UTC, whatever the time zone of the machine."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)
