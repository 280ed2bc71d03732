"""A query's life, and the rule that a download is whole or an error."""

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType
from typing import Self

from attrs import evolve, field, frozen

from comotion.domain.answer import Answer, wire
from comotion.domain.errors import IllegalTransition, IncompleteDownload, QueryFailed


class QueryState(Enum):
    """Where a query stands."""

    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"

    def is_final(self) -> bool:
        return self in FINAL_STATES

    @classmethod
    def known(cls, text: str) -> "QueryState | None":
        """The state of that name, or None for one this version does not know."""
        return cls.__members__.get(text)


FINAL_STATES = frozenset({QueryState.SUCCEEDED, QueryState.CANCELLED, QueryState.FAILED})


class QueryEvent(Enum):
    """What can happen to a query."""

    START = "start"
    FINISH = "finish"
    FAIL = "fail"
    STOP = "stop"


TRANSITIONS: Mapping[tuple[QueryState, QueryEvent], QueryState] = MappingProxyType(
    {
        (QueryState.QUEUED, QueryEvent.START): QueryState.RUNNING,
        (QueryState.QUEUED, QueryEvent.FAIL): QueryState.FAILED,
        (QueryState.QUEUED, QueryEvent.STOP): QueryState.CANCELLED,
        (QueryState.RUNNING, QueryEvent.FINISH): QueryState.SUCCEEDED,
        (QueryState.RUNNING, QueryEvent.FAIL): QueryState.FAILED,
        (QueryState.RUNNING, QueryEvent.STOP): QueryState.CANCELLED,
        # Stopping a finished query changes nothing (dash-api, section 2).
        (QueryState.SUCCEEDED, QueryEvent.STOP): QueryState.SUCCEEDED,
        (QueryState.FAILED, QueryEvent.STOP): QueryState.FAILED,
        (QueryState.CANCELLED, QueryEvent.STOP): QueryState.CANCELLED,
    }
)


def next_state(state: QueryState, event: QueryEvent, *, query_id: str = "") -> QueryState:
    """The state after ``event``. Raises IllegalTransition where the table has no entry."""
    try:
        return TRANSITIONS[state, event]
    except KeyError:
        raise IllegalTransition(f"query {query_id or '(new)'} is {state.value}: cannot {event.value}") from None


@frozen(kw_only=True)
class QueryStatus(Answer):
    """The ``status`` member of a query; times are the service's texts, GMT."""

    state: str = field(metadata=wire("state"))
    state_change_reason: str | None = field(default=None, metadata=wire("stateChangeReason"))
    submission_date_time: str | None = field(default=None, metadata=wire("submissionDateTime"))
    completion_date_time: str | None = field(default=None, metadata=wire("completionDateTime"))


@frozen(kw_only=True)
class QueryInfo(Answer):
    """What the service says of a query.

    Attributes
    ----------
    query, query_id, statement_type : str or None
        The SQL, its id, and its kind, such as ``"DML"``.
    status : QueryStatus
        Its ``state`` may be a word this version does not know.
    """

    query: str | None = field(default=None, metadata=wire("query"))
    query_id: str | None = field(default=None, metadata=wire("queryId"))
    statement_type: str | None = field(default=None, metadata=wire("statementType"))
    status: QueryStatus = field(metadata=wire("status"))

    def is_final(self) -> bool:
        """Whether it is over, well or badly."""
        state = QueryState.known(self.status.state)
        return state is not None and state.is_final()

    def failure(self, query_id: str) -> QueryFailed | None:
        """The error that FAILED or CANCELLED stands for, naming ``query_id``; None for any other state."""
        if self.status.state not in (QueryState.FAILED.value, QueryState.CANCELLED.value):
            return None
        reason = self.status.state_change_reason or "the service gave no reason"
        return QueryFailed(f"query {query_id} {self.status.state}: {reason}", reasons=(reason,))


@frozen(kw_only=True)
class ByteTally:
    """Counts a download against the size that was announced.

    Attributes
    ----------
    announced : int or None
        Content-Length in bytes; None where the service did not tell.
    """

    announced: int | None
    received: int = 0

    def plus(self, size_bytes: int) -> Self:
        """After another ``size_bytes`` bytes. Raises IncompleteDownload when more came than were announced."""
        tally = evolve(self, received=self.received + size_bytes)
        if tally.announced is not None and tally.received > tally.announced:
            raise IncompleteDownload(
                f"the result is longer than announced: {tally.received} bytes of {tally.announced}",
                received_bytes=tally.received,
                missing_bytes=0,
            )
        return tally

    def broken_off(self, why: str) -> IncompleteDownload:
        """The error for a stream that ended by a fault."""
        missing = -1 if self.announced is None else self.announced - self.received
        return IncompleteDownload(
            f"the result broke off after {self.received} bytes: {why}",
            received_bytes=self.received,
            missing_bytes=missing,
        )

    def ended(self) -> None:
        """The stream is over. Raises IncompleteDownload when bytes are missing."""
        if self.announced is not None and self.received < self.announced:
            raise self.broken_off(f"{self.announced} bytes were announced")
