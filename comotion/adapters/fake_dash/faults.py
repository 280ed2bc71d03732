"""Faults, placed and counted: which calls go wrong, and how."""

import random
from collections.abc import Collection, Iterable, Mapping
from enum import Enum
from fnmatch import fnmatchcase
from threading import Lock
from types import MappingProxyType

from attrs import define, field, frozen

from comotion.adapters.fake_dash.checks import (
    SECONDS,
    TEXT,
    TEXT_OR_NONE,
    TRUTH,
    check_operation,
    is_number,
    is_text,
    is_whole,
    must_be,
)


class Kind(Enum):
    """What goes wrong."""

    STATUS = "status"
    DROP = "drop"
    LOSE_ANSWER = "lose the answer"
    CUT = "cut"
    SLOW = "slow"
    EXPIRE_CREDENTIALS = "expire credentials"
    FAIL_LOAD = "fail the load"


USUAL_PLACES = MappingProxyType({Kind.EXPIRE_CREDENTIALS: "upload_part", Kind.FAIL_LOAD: "commit_load"})


@frozen(kw_only=True)
class Fault:
    """One way in which some calls go wrong.

    Attributes
    ----------
    on : str
        The operation, or a pattern of operations (``"*_object"``, ``"*"``); see ``operations.py``. Left out, every
        one, or where this kind has its place.
    nth : int
        The first call that is hit, counted from when the fault was placed; 1 is the next one.
    times : int or None
        How many calls are hit from there on; None is every one.
    probability : float
        Chance of each of these calls, drawn from the world's seeded generator.
    after : bool
        For a status: whether the work is done before the error is answered.
    """

    kind: Kind
    on: str = field(validator=TEXT)
    nth: int = field(default=1, validator=must_be("a call counted from 1", lambda value: is_whole(value, 1)))
    times: int | None = field(
        default=1, validator=must_be("1 or more calls, or nothing for all", lambda n: n is None or is_whole(n, 1))
    )
    probability: float = field(
        default=1.0, validator=must_be("a number between 0 and 1", lambda value: is_number(value, 0, 1))
    )
    status: int = field(
        default=500, validator=must_be("a status from 200 to 599", lambda n: is_whole(n, 200) and n < 600)
    )
    headers: Mapping[str, str] = field(
        factory=dict, validator=must_be("texts by name", lambda value: isinstance(value, Mapping))
    )
    body: str | None = field(default=None, validator=TEXT_OR_NONE)
    after: bool = field(default=False, validator=TRUTH)
    after_bytes: int | None = field(default=None)
    seconds: float = field(default=0.0, validator=SECONDS)
    messages: tuple[str, ...] = field(default=())

    @on.default
    def _usual_place(self) -> str:
        return USUAL_PLACES.get(self.kind, "*")

    @after_bytes.validator
    def _check_after_bytes(self, _: object, value: int | None) -> None:
        if not (is_whole(value, 0) or (value is None and self.kind is not Kind.CUT)):
            raise ValueError(f"after_bytes must be 0 or more bytes of the answer, not {value!r}")

    @messages.validator
    def _check_messages(self, _: object, value: tuple[str, ...]) -> None:
        if not all(map(is_text, value)) or (self.kind is Kind.FAIL_LOAD and not value):
            raise ValueError(f"messages must be texts that say why the load fails, not {value!r}")


@define
class _Placed:
    fault: Fault
    calls: int = 0
    hits: int = 0

    def is_hit(self, operation: str, chance: random.Random) -> bool:
        fault = self.fault
        if not fnmatchcase(operation, fault.on):
            return False
        self.calls += 1
        if self.calls < fault.nth or (fault.times is not None and self.hits >= fault.times):
            return False
        if fault.probability < 1 and chance.random() >= fault.probability:
            return False
        self.hits += 1
        return True


class Faults:
    """The faults of one world. Every method that places one takes ``nth``, ``times`` and ``probability``, and all but
    ``fail_load`` take ``on``.

    Parameters
    ----------
    seed : int
        Of the chance that probabilities draw on.
    operations : collection of str
        What a fault may be placed on; anything when left out.

    Examples
    --------
    >>> faults = Faults()
    >>> _ = faults.status(503, on="upload_part", nth=3)
    >>> [len(faults.hitting("upload_part")) for _ in range(4)]
    [0, 0, 1, 0]
    """

    def __init__(self, seed: int = 0, operations: Collection[str] = ()) -> None:
        self._operations = operations
        self._placed: list[_Placed] = []
        self._chance = random.Random(seed)
        self._lock = Lock()

    def place(self, fault: Fault) -> Fault:
        """Place a fault. Raises ValueError where it fits no operation: it would never hit."""
        check_operation(fault.on, self._operations)
        with self._lock:
            self._placed.append(_Placed(fault))
        return fault

    def status(
        self,
        status: int,
        *,
        on: str = "*",
        nth: int = 1,
        times: int | None = 1,
        probability: float = 1.0,
        retry_after: str | float | None = None,
        body: str | None = None,
        headers: Mapping[str, str] | None = None,
        after: bool = False,
    ) -> Fault:
        """Answer with ``status``; the work is not done, unless ``after``."""
        fields = dict(headers or {})
        if retry_after is not None:
            fields["Retry-After"] = str(retry_after)
        return self.place(
            Fault(
                kind=Kind.STATUS,
                on=on,
                nth=nth,
                times=times,
                probability=probability,
                status=status,
                headers=fields,
                body=body,
                after=after,
            )
        )

    def drop(self, *, on: str = "*", nth: int = 1, times: int | None = 1, probability: float = 1.0) -> Fault:
        """Drop the connection before the work is done."""
        return self.place(Fault(kind=Kind.DROP, on=on, nth=nth, times=times, probability=probability))

    def lose_answer(self, *, on: str = "*", nth: int = 1, times: int | None = 1, probability: float = 1.0) -> Fault:
        """Do the work, then drop the connection without an answer."""
        return self.place(Fault(kind=Kind.LOSE_ANSWER, on=on, nth=nth, times=times, probability=probability))

    def cut(
        self,
        after_bytes: int,
        *,
        on: str = "*",
        nth: int = 1,
        times: int | None = 1,
        probability: float = 1.0,
    ) -> Fault:
        """Drop the connection after so many bytes of the answer's body."""
        return self.place(
            Fault(kind=Kind.CUT, on=on, nth=nth, times=times, probability=probability, after_bytes=after_bytes)
        )

    def slow(
        self,
        seconds: float,
        *,
        after_bytes: int | None = None,
        on: str = "*",
        nth: int = 1,
        times: int | None = 1,
        probability: float = 1.0,
    ) -> Fault:
        """Let the answer begin so many seconds late, or hesitate so long after ``after_bytes`` of its body.

        They are real seconds over a socket, the clock's in process.
        """
        return self.place(
            Fault(
                kind=Kind.SLOW,
                on=on,
                nth=nth,
                times=times,
                probability=probability,
                seconds=seconds,
                after_bytes=after_bytes,
            )
        )

    def expire_credentials(
        self, *, on: str = "upload_part", nth: int = 1, times: int | None = 1, probability: float = 1.0
    ) -> Fault:
        """Let all STS credentials handed out so far end just before this call."""
        return self.place(Fault(kind=Kind.EXPIRE_CREDENTIALS, on=on, nth=nth, times=times, probability=probability))

    def fail_load(
        self, messages: Iterable[str], *, nth: int = 1, times: int | None = 1, probability: float = 1.0
    ) -> Fault:
        """Accept the commit, and let the load end in FAIL with these messages (or this one)."""
        said = (messages,) if isinstance(messages, str) else tuple(messages)
        return self.place(Fault(kind=Kind.FAIL_LOAD, nth=nth, times=times, probability=probability, messages=said))

    def hitting(self, operation: str) -> list[Fault]:
        """The faults that hit this call of ``operation``; counts it."""
        with self._lock:
            return [placed.fault for placed in self._placed if placed.is_hit(operation, self._chance)]

    def standing(self) -> list[tuple[Fault, int, int]]:
        """Every fault placed, with how many calls it has seen and how many it has hit."""
        with self._lock:
            return [(placed.fault, placed.calls, placed.hits) for placed in self._placed]

    def fork(self) -> "Faults":
        """The same faults with the same counts and chance, counted apart from now on."""
        copy = Faults(operations=self._operations)
        with self._lock:
            copy._placed = [_Placed(placed.fault, placed.calls, placed.hits) for placed in self._placed]
            copy._chance.setstate(self._chance.getstate())
        return copy

    def clear(self) -> None:
        """Take every fault away."""
        with self._lock:
            self._placed.clear()
