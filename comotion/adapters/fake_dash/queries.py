"""The queries of the fake: at work from when they are sent, on the lake as it was then; shown when their time has come.

The engine works in a thread of its own and nobody waits for it with the world locked, so a long query keeps no other
client waiting and can be stopped.
"""

import os
import weakref
from datetime import datetime
from threading import Event, Thread
from typing import TYPE_CHECKING
from uuid import uuid4

from attrs import define, field

from comotion.adapters.fake_dash.lake import statement_type
from comotion.adapters.fake_dash.lake.refusal import SqlNotSupported, SqlRefused
from comotion.adapters.fake_dash.progress import Stage
from comotion.adapters.fake_dash.refused import Refused
from comotion.domain.query import QueryEvent, QueryState, next_state

if TYPE_CHECKING:
    import pyarrow as pa

    from comotion.adapters.fake_dash.lake.prepared import Prepared
    from comotion.adapters.fake_dash.organisation import Organisation
    from comotion.adapters.fake_dash.world import World

DIALECT = "athena"
MOMENT_S = 0.25
"""How long an answer is held back for a query that is nearly done, in real seconds, while the clock runs."""
LONGEST_END_S = 5.0
"""How long an exit of the interpreter is held up for a query, at most."""


def _nothing_to_do() -> Event:
    over = Event()
    over.set()
    return over


@define(kw_only=True)
class QueryRecord:
    """One query as the service knows it.

    Attributes
    ----------
    table : pyarrow.Table or None
        The result; None for a query that fails.
    translated : str
        The SQL that the lake's engine ran.
    failure : str or None
        Why it fails.
    prepared : Prepared or None
        What the engine works on; None where the answer was prepared.
    is_over : Event
        Set once nothing works on it any more.
    """

    query_id: str
    sql: str
    submitted: datetime
    state: QueryState = QueryState.QUEUED
    table: "pa.Table | None" = field(default=None, repr=False)
    translated: str = ""
    prepared: "Prepared | None" = field(default=None, repr=False)
    is_over: Event = field(factory=_nothing_to_do, repr=False)
    failure: str | None = None
    reason: str | None = None
    completed: datetime | None = None
    looks: int = 0

    @property
    def statement_type(self) -> str:
        """As Athena counts it: DML, DDL or UTILITY."""
        return statement_type(self.sql)


def run_query(world: "World", organisation: "Organisation", sql: str) -> QueryRecord:
    """Take a query. Refused with 400 when it is no SQL."""
    with world.lock:
        query = QueryRecord(query_id=str(uuid4()), sql=sql, submitted=world.clock.now())
        answer = world.answers.find(sql)
        if isinstance(answer, str):
            query.failure = answer
        elif answer is not None:
            query.table = answer
        else:
            _ask_lake(organisation, query)
        organisation.queries[query.query_id] = query
    _give_time(world, query)
    return query


def _ask_lake(organisation: "Organisation", query: QueryRecord) -> None:
    try:
        query.prepared = organisation.lake.prepare(query.sql, dialect=DIALECT)
    except SqlRefused as refused:
        if refused.kind == "SYNTAX_ERROR":
            raise Refused(400, refused.message) from None
        query.failure = refused.message
    except SqlNotSupported as unknown:
        query.failure = str(unknown)
    else:
        query.translated = query.prepared.translated
        query.is_over = Event()
        # not a thread that the interpreter waits for; one that is at work when it exits is stopped
        weakref.finalize(query, _end, query.prepared, query.is_over, os.getpid())
        name = f"fake-dash-query:{query.query_id}"
        Thread(target=_work, args=(query, query.prepared), name=name, daemon=True).start()


def _end(prepared: "Prepared", is_over: Event, process_id: int) -> None:
    if os.getpid() == process_id:  # a forked process has none of the threads
        prepared.stop()
        is_over.wait(LONGEST_END_S)


def _work(query: QueryRecord, prepared: "Prepared") -> None:
    try:
        query.table = prepared.run()
    except SqlRefused as refused:
        query.failure = refused.message
    except SqlNotSupported as unknown:
        query.failure = None if query.state.is_final() else str(unknown)  # stopped: it did not fail
    finally:
        query.is_over.set()


def stop_work(query: QueryRecord) -> None:
    """Let the engine drop it; nothing for a query that is over."""
    if query.prepared is not None:
        query.prepared.stop()


def find_query(organisation: "Organisation", query_id: str) -> QueryRecord:
    """Refused with 404 when there is none."""
    try:
        return organisation.queries[query_id]
    except KeyError:
        raise Refused(404, f"Query {query_id} not found") from None


def settle(world: "World", query: QueryRecord) -> None:
    """Bring the query to where it is by now."""
    if query.state.is_final():
        return
    now = world.clock.now()
    stage = _stage(world, query)
    if stage is not Stage.WAITING and query.state is QueryState.QUEUED:
        query.state = next_state(query.state, QueryEvent.START, query_id=query.query_id)
    if stage is Stage.DONE and query.is_over.is_set():
        event = QueryEvent.FINISH if query.failure is None else QueryEvent.FAIL
        query.state = next_state(query.state, event, query_id=query.query_id)
        query.reason, query.completed = query.failure, now


def _stage(world: "World", query: QueryRecord) -> Stage:
    return world.manners.query_pace.stage(looks=query.looks, began=query.submitted, now=world.clock.now())


def look_at(world: "World", query: QueryRecord) -> None:
    """Somebody asks how the query is doing: that is one look."""
    with world.lock:
        query.looks += not query.state.is_final()
    _await(world, query)


def _await(world: "World", query: QueryRecord) -> None:
    """Settle a query, which is given time where its own has come."""
    with world.lock:
        settle(world, query)
        is_due = not query.state.is_final() and _stage(world, query) is Stage.DONE
    if is_due:
        _give_time(world, query)
        with world.lock:
            settle(world, query)


def _give_time(world: "World", query: QueryRecord) -> None:
    """Let the engine work: a moment while the clock runs, most queries are done by then.

    While the clock stands it is as long as it takes: no time passes, and what a client sees does not hang on how fast
    this machine is.
    """
    try:
        query.is_over.wait(MOMENT_S if world.clock.is_ticking else None)
    except KeyboardInterrupt:  # in process: nobody else may know its id
        stop_work(query)
        raise


def stop(world: "World", query: QueryRecord) -> None:
    """Cancel it; a finished query stays what it is."""
    settle(world, query)
    was_running = not query.state.is_final()
    query.state = next_state(query.state, QueryEvent.STOP, query_id=query.query_id)
    if was_running:
        stop_work(query)
        query.reason, query.completed = "Query cancelled by user", world.clock.now()


def result_of(world: "World", query: QueryRecord) -> "pa.Table":
    """The result. Refused with 400 unless the query has succeeded."""
    _await(world, query)
    if query.state is not QueryState.SUCCEEDED or query.table is None:
        raise Refused(400, f"Query {query.query_id} has no result. Current state: {query.state.value}")
    return query.table
