"""How long work takes in a world: none, so many looks, or so many seconds of the world's clock."""

from datetime import datetime
from enum import Enum

from attrs import field, frozen
from attrs.validators import optional

from comotion.adapters.fake_dash.checks import SECONDS, is_whole, must_be


class Stage(Enum):
    """How far a piece of work is."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"


@frozen(kw_only=True)
class Pace:
    """How long a piece of work takes.

    Attributes
    ----------
    polls : int
        It is done at the look after this many looks; 0 is done at the first.
    seconds : float or None
        It is done once this much time has passed since it began, whatever the looks.
    """

    polls: int = field(default=0, validator=must_be("0 or more looks", lambda value: is_whole(value, 0)))
    seconds: float | None = field(default=None, validator=optional(SECONDS))

    def is_immediate(self) -> bool:
        """Whether it is done at the first look."""
        return not self.polls and not self.seconds

    def stage(self, *, looks: int, began: datetime, now: datetime) -> Stage:
        """How far work that ``began`` then is at its ``looks``-th look (0 while nobody has looked), ``now``."""
        if self.seconds is not None:
            elapsed_s = (now - began).total_seconds()
            if elapsed_s >= self.seconds:
                return Stage.DONE
            return Stage.RUNNING if looks > 1 else Stage.WAITING
        if looks > self.polls or self.is_immediate():
            return Stage.DONE
        return Stage.RUNNING if looks > 1 else Stage.WAITING


IMMEDIATE = Pace()
