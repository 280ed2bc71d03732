"""Queries: waiting, stopping what is over, and results that are whole or an error."""

from collections.abc import Iterator

import pytest

from comotion.application.queries import Queries
from comotion.domain.errors import (
    AnswerLost,
    BadRequestException,
    Conflict,
    IncompleteDownload,
    NotFoundException,
    QueryFailed,
    UnknownQuery,
    WaitTimedOut,
)
from comotion.domain.pacing import PollPolicy
from comotion.domain.query import QueryInfo, QueryStatus
from comotion.ports.http import Headers
from comotion.testing import FakeClock


class Result:
    """A streamed answer."""

    status = 200

    def __init__(self, body: bytes, *, announced: int | None = None, breaks: bool = False, **headers: str) -> None:
        self.body, self.breaks, self.is_closed = body, breaks, False
        length = {} if announced is None else {"Content-Length": str(announced)}
        self.headers = Headers({**length, **{name.replace("_", "-"): value for name, value in headers.items()}})

    def chunks(self, size_bytes: int) -> Iterator[bytes]:
        yield from (self.body[at : at + size_bytes] for at in range(0, len(self.body), size_bytes))
        if self.breaks:
            raise AnswerLost("the connection broke")

    def read(self) -> bytes:
        return b"".join(self.chunks(1 << 20))

    def close(self) -> None:
        self.is_closed = True


class ScriptedQueries:
    """A QueryGateway that goes through states, and answers stop and csv as told."""

    def __init__(self, *states: str | BaseException, stop=None, csv=()) -> None:
        self.states, self.stop_error, self.results = list(states), stop, list(csv)
        self.stopped: list[str] = []

    def run(self, sql: str) -> str:
        return "q1"

    def info(self, query_id: str) -> QueryInfo:
        state = self.states.pop(0) if len(self.states) > 1 else self.states[0]
        if isinstance(state, BaseException):
            raise state
        return QueryInfo(status=QueryStatus(state=state, state_change_reason="why"))

    def stop(self, query_id: str) -> None:
        self.stopped.append(query_id)
        if self.stop_error is not None:
            raise self.stop_error

    def open_csv(self, query_id: str) -> Result:
        result = self.results.pop(0)
        if isinstance(result, BaseException):
            raise result
        return result


def queries(gateway: ScriptedQueries) -> Queries:
    return Queries(gateway=gateway, clock=FakeClock(), poll=PollPolicy())


@pytest.mark.parametrize("end", ["SUCCEEDED", "FAILED", "CANCELLED"])
def test_waiting_ends_at_any_final_state(end):
    assert queries(ScriptedQueries("QUEUED", "RUNNING", end)).wait("q1").status.state == end


def test_a_state_from_the_future_is_waited_through():
    assert queries(ScriptedQueries("PLANNING", "SUCCEEDED")).wait("q1").status.state == "SUCCEEDED"


def test_an_interrupt_cancels_the_query_and_passes_on():
    gateway = ScriptedQueries("RUNNING", KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        queries(gateway).wait("q1")
    assert gateway.stopped == ["q1"]


def test_an_interrupt_is_not_hidden_by_a_stop_that_fails():
    gateway = ScriptedQueries("RUNNING", KeyboardInterrupt(), stop=AnswerLost("gone"))
    with pytest.raises(KeyboardInterrupt):
        queries(gateway).wait("q1")


def test_a_timeout_leaves_the_query_alone():
    gateway = ScriptedQueries("RUNNING")
    with pytest.raises(WaitTimedOut, match="query q1"):
        queries(gateway).wait("q1", timeout_s=3)
    assert gateway.stopped == []


@pytest.mark.parametrize("refusal", [BadRequestException("400"), Conflict("409")])
def test_stopping_a_finished_query_is_success_whatever_the_service_says(refusal):
    queries(ScriptedQueries("SUCCEEDED", stop=refusal)).stop("q1")


@pytest.mark.parametrize("refusal", [BadRequestException("400"), Conflict("409")])
def test_a_refused_stop_of_a_running_query_is_an_error(refusal):
    with pytest.raises(type(refusal)):
        queries(ScriptedQueries("RUNNING", stop=refusal)).stop("q1")


def test_stopping_an_unknown_query_is_an_error_at_once():
    gateway = ScriptedQueries(AssertionError("was looked at"), stop=UnknownQuery("404"))
    with pytest.raises(UnknownQuery):
        queries(gateway).stop("q1")


def saved(*csv, states=("SUCCEEDED",)) -> tuple[bytes, int]:
    pieces: list[bytes] = []
    size = queries(ScriptedQueries(*states, csv=csv)).save_csv("q1", pieces.extend)
    return b"".join(pieces), size


def test_a_result_is_handed_on_whole():
    result = Result(b"abc", announced=3)
    assert saved(result) == (b"abc", 3)
    assert result.is_closed


def test_a_result_of_unannounced_size_is_taken_as_it_ends():
    assert saved(Result(b"abc")) == (b"abc", 3)


def test_a_content_coding_makes_the_announced_size_meaningless():
    assert saved(Result(b"abc", announced=99, Content_Encoding="gzip")) == (b"abc", 3)


def test_chunks_make_the_announced_size_meaningless():
    assert saved(Result(b"abc", announced=99, Transfer_Encoding="chunked")) == (b"abc", 3)


@pytest.mark.parametrize(
    ("result", "received", "missing"),
    [
        (Result(b"abc", announced=5), 3, 2),
        (Result(b"abc", announced=5, breaks=True), 3, 2),
        (Result(b"abc", breaks=True), 3, -1),
        (Result(b"abc", announced=2), 3, 0),
    ],
)
def test_a_result_of_another_size_is_an_incomplete_download(result, received, missing):
    with pytest.raises(IncompleteDownload) as caught:
        saved(result)
    assert (caught.value.received_bytes, caught.value.missing_bytes) == (received, missing)
    assert result.is_closed


def test_a_result_that_is_not_there_yet_is_waited_for():
    assert saved(BadRequestException("too early"), Result(b"a"), states=("RUNNING", "SUCCEEDED"))[0] == b"a"


def test_a_failed_query_has_no_result_but_a_reason():
    with pytest.raises(QueryFailed, match="query q1 FAILED: why"):
        saved(NotFoundException("404"), states=("FAILED",))


def test_a_result_refused_for_good_is_the_service_s_own_error():
    with pytest.raises(BadRequestException, match="gone for good"):
        saved(BadRequestException("gone for good"), states=("SUCCEEDED",))
