"""The query machine: every state x event pair; and a download that is whole or an error."""

import pytest

from comotion.domain.errors import IllegalTransition, IncompleteDownload, QueryFailed
from comotion.domain.query import (
    TRANSITIONS,
    ByteTally,
    QueryEvent,
    QueryInfo,
    QueryState,
    QueryStatus,
    next_state,
)

ALLOWED = {
    ("QUEUED", "START"): "RUNNING",
    ("QUEUED", "FAIL"): "FAILED",
    ("QUEUED", "STOP"): "CANCELLED",
    ("RUNNING", "FINISH"): "SUCCEEDED",
    ("RUNNING", "FAIL"): "FAILED",
    ("RUNNING", "STOP"): "CANCELLED",
    ("SUCCEEDED", "STOP"): "SUCCEEDED",
    ("FAILED", "STOP"): "FAILED",
    ("CANCELLED", "STOP"): "CANCELLED",
}


def info(state, reason=None):
    return QueryInfo(query_id="q", status=QueryStatus(state=state, state_change_reason=reason))


@pytest.mark.parametrize("state", QueryState)
@pytest.mark.parametrize("event", QueryEvent)
def test_every_pair_of_state_and_event_moves_as_drawn_or_is_refused(state, event):
    target = ALLOWED.get((state.name, event.name))
    if target is None:
        with pytest.raises(IllegalTransition, match=f"query q is {state.value}: cannot {event.value}"):
            next_state(state, event, query_id="q")
    else:
        assert next_state(state, event).name == target


def test_the_transition_table_holds_nothing_else():
    assert {(state.name, event.name): target.name for (state, event), target in TRANSITIONS.items()} == ALLOWED


@pytest.mark.parametrize(
    ("state", "final"),
    [("QUEUED", 0), ("RUNNING", 0), ("SUCCEEDED", 1), ("FAILED", 1), ("CANCELLED", 1), ("PAUSED", 0)],
)
def test_only_known_ends_are_final(state, final):
    assert info(state).is_final() is bool(final)


@pytest.mark.parametrize("state", ["FAILED", "CANCELLED"])
def test_a_query_that_ended_badly_says_why(state):
    failure = info(state, "line 1:8: Column 'x' cannot be resolved").failure("q")
    assert isinstance(failure, QueryFailed)
    assert str(failure) == f"query q {state}: line 1:8: Column 'x' cannot be resolved"


def test_a_query_that_failed_without_a_reason_says_so():
    assert "no reason" in str(info("FAILED").failure("q"))


def test_a_query_that_succeeded_has_no_failure():
    assert info("SUCCEEDED").failure("q") is None


def test_an_info_says_itself_in_wire_names():
    assert info("RUNNING").to_dict() == {"queryId": "q", "status": {"state": "RUNNING"}}


def test_a_download_of_the_announced_size_is_whole():
    ByteTally(announced=5).plus(2).plus(3).ended()


def test_a_download_of_unannounced_size_is_whole_when_it_ends():
    ByteTally(announced=None).plus(2).ended()


def test_a_short_download_says_how_much_is_missing():
    with pytest.raises(IncompleteDownload, match="broke off after 2 bytes: 5 bytes were announced") as caught:
        ByteTally(announced=5).plus(2).ended()
    assert (caught.value.received_bytes, caught.value.missing_bytes) == (2, 3)


def test_a_download_longer_than_announced_is_an_error():
    with pytest.raises(IncompleteDownload, match="longer than announced"):
        ByteTally(announced=5).plus(6)


def test_a_broken_download_of_unannounced_size_does_not_know_what_is_missing():
    assert ByteTally(announced=None).plus(2).broken_off("reset").missing_bytes == -1
