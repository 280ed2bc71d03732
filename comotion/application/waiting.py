"""Looking at work in progress until it is over, or until the time allowed for it is."""

import math
from collections.abc import Callable
from typing import TypeVar

from comotion.domain.errors import InvalidArgument, WaitTimedOut
from comotion.domain.pacing import PollPolicy
from comotion.ports.clock import Clock

Seen = TypeVar("Seen")
DEFAULT_POLL = PollPolicy()


def parse_timeout(timeout: object) -> float | None:
    """Seconds to wait, 0 or more; None waits for ever. Raises InvalidArgument."""
    if timeout is None:
        return None
    if isinstance(timeout, bool) or not isinstance(timeout, (int, float)) or not 0 <= timeout < math.inf:
        raise InvalidArgument(f"timeout is a number of seconds, 0 or more, or None to wait for ever, not {timeout!r}")
    return float(timeout)


def wait(
    look: Callable[[], Seen],
    *,
    is_final: Callable[[Seen], bool],
    clock: Clock,
    poll: PollPolicy = DEFAULT_POLL,
    timeout_s: float | None = None,
    what: str,
    state: Callable[[Seen], str] = str,
) -> Seen:
    """Look until what is seen is final, and return it.

    Parameters
    ----------
    look : callable
        Asks the service; called at once, then after growing pauses.
    is_final : callable
        Whether a thing seen is the last one.
    timeout_s : float, optional
        Seconds from now; there is always one look, and one at the very end.
    what : str
        The work, with its id, as an error names it: ``"load 7f"``.
    state : callable
        How the work stands, in a word, by a thing seen.

    Raises
    ------
    WaitTimedOut
        The time is over; the work at the service goes on.
    KeyboardInterrupt
        Passed through: only the waiting stops.
    """
    began = clock.monotonic()
    looks = 0
    while True:
        left = None if timeout_s is None else timeout_s - (clock.monotonic() - began)
        seen = look()
        looks += 1
        if is_final(seen):
            return seen
        pause = poll.wait_s(looks, left_s=left)
        if pause is None:
            late = f"{what} was not done within {timeout_s:g} s, and is {state(seen)}"
            raise WaitTimedOut(f"{late}; it goes on at the service, wait again")
        clock.sleep(pause)
