"""The Clock port: what time it is, how long something took, and how to wait."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """Time as the application sees it. Domain code is given times; it never asks for them."""

    def now(self) -> datetime:
        """The time of day, aware, in UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds from an arbitrary start, never going back."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait; ``seconds`` is never negative."""
        ...
