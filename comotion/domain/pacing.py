"""When to try again, when to look again, and when to stop: pure arithmetic over given times and given chance."""

from datetime import UTC, datetime
from enum import Enum

from attrs import frozen

RETRYABLE_STATUSES = frozenset({408, 429})
NEVER_RAN_STATUSES = frozenset({429, 503})


class Repeat(Enum):
    """Whether an operation may be sent a second time when its answer was lost or bad."""

    FREELY = "freely"
    """Running it twice is the same as running it once, or harmless."""
    ONLY_IF_NOT_RUN = "only if it surely did not run"
    """Running it twice would do the work twice."""
    NEVER = "never"
    """A second sending is wrong even when the first did not run."""


class Fault(Enum):
    """How an attempt went wrong below HTTP."""

    NEVER_SENT = "never sent"
    ANSWER_LOST = "answer lost"


@frozen(kw_only=True)
class Backoff:
    """Exponential waits with full jitter: uniform between 0 and ``min(cap_s, first_s * 2**n)``."""

    first_s: float = 0.5
    cap_s: float = 8.0

    def wait_s(self, failures: int, chance: float) -> float:
        """The wait after ``failures`` failed attempts (1 or more), for a chance in [0, 1)."""
        doublings = min(failures - 1, 64)
        return chance * min(self.cap_s, self.first_s * 2.0**doublings)


@frozen(kw_only=True)
class RetryPolicy:
    """At most ``attempts`` attempts within ``within_s`` seconds.

    Attributes
    ----------
    attempts : int
        Attempts in all, the first included; at least 1.
    within_s : float
        No wait ends later than this many seconds after the first attempt began.
    backoff : Backoff
    """

    attempts: int = 6
    within_s: float = 60.0
    backoff: Backoff = Backoff()

    def wait_s(self, *, failures: int, elapsed_s: float, chance: float, asked_s: float | None = None) -> float | None:
        """Seconds until the next attempt, or None to stop.

        Parameters
        ----------
        failures : int
            Attempts that have failed so far.
        elapsed_s : float
            Seconds since the first attempt began.
        chance : float
            In [0, 1).
        asked_s : float, optional
            What the service asked for (Retry-After); waited in full, never shortened.
        """
        if failures >= self.attempts:
            return None
        wait = self.backoff.wait_s(failures, chance) if asked_s is None else max(0.0, asked_s)
        return None if elapsed_s + wait > self.within_s else wait


def may_repeat_status(repeat: Repeat, status: int) -> bool:
    """Whether an operation that was answered with ``status`` may be sent again."""
    if repeat is Repeat.FREELY:
        return status in RETRYABLE_STATUSES or status >= 500
    return repeat is Repeat.ONLY_IF_NOT_RUN and status in NEVER_RAN_STATUSES


def may_repeat_fault(repeat: Repeat, fault: Fault) -> bool:
    """Whether an operation that got no answer may be sent again."""
    if repeat is Repeat.FREELY:
        return True
    return repeat is Repeat.ONLY_IF_NOT_RUN and fault is Fault.NEVER_SENT


def is_outcome_unknown(repeat: Repeat, status: int) -> bool:
    """Whether an error status leaves it open if the operation ran (RFC 9110: 408 and 5xx but 503)."""
    return repeat is not Repeat.FREELY and (status == 408 or (status >= 500 and status != 503))


def retry_after_s(value: str | None, now: datetime) -> float | None:
    """Seconds that a Retry-After field asks for, in either form (RFC 9110, 10.2.3); None if there is none.

    Parameters
    ----------
    value : str or None
        The field's value: delay seconds or an HTTP date.
    now : datetime
        Aware.
    """
    asked = _asked(value)
    return max(0.0, (asked - now).total_seconds()) if isinstance(asked, datetime) else asked


def said_retry_after(value: str | None) -> str:
    """What a Retry-After field asks for, in words that end an error; empty where it asks for nothing."""
    asked = _asked(value)
    if asked is None:
        return ""
    until = f"until {asked:%Y-%m-%d %H:%M:%S %Z}" if isinstance(asked, datetime) else f"{asked:.0f} s"
    return f"; the service asks to wait {until} before the next try"


def _asked(value: str | None) -> float | datetime | None:
    text = (value or "").strip()
    if not text:
        return None
    if text.isascii() and text.isdigit():
        return float(text)
    from email.utils import parsedate_to_datetime  # costs more to import than all of this module

    try:
        when = parsedate_to_datetime(text)
    except (ValueError, OverflowError):  # a year beyond all numbers
        return None
    return when if when.tzinfo else when.replace(tzinfo=UTC)


@frozen(kw_only=True)
class PollPolicy:
    """How often to look at work in progress: from ``first_s`` growing by ``growth`` to ``cap_s`` seconds."""

    first_s: float = 0.5
    cap_s: float = 5.0
    growth: float = 1.5

    def wait_s(self, looks: int, *, left_s: float | None = None) -> float | None:
        """Seconds until the next look after ``looks`` looks (1 or more), or None when no time is left."""
        if left_s is not None and left_s <= 0:
            return None
        wait = min(self.cap_s, self.first_s * self.growth ** min(looks - 1, 64))
        return wait if left_s is None else min(wait, left_s)
