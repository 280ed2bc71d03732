"""The load machine: every state x event pair, parts, failures, and what a FAIL means."""

import pytest

from comotion.domain.errors import CheckSumsDiffer, IllegalTransition, InvalidArgument, LoadFailed, UploadFailed
from comotion.domain.load import (
    TRANSITIONS,
    CommitAnswer,
    Load,
    LoadDraft,
    LoadEvent,
    LoadInfo,
    LoadStatus,
    Part,
    UploadTicket,
    next_status,
)
from comotion.domain.names import FileKey, TableName

ALLOWED = {
    ("OPEN", "PUT_PART"): "OPEN",
    ("OPEN", "COMMIT"): "PROCESSING",
    ("PROCESSING", "SUMS_MATCH"): "SUCCESS",
    ("PROCESSING", "SUMS_DIFFER"): "FAIL",
}


def a_part(key="k_1", rows=3, path=None):
    return Part(key=FileKey(key), rows=rows, size_bytes=10, path=path or f"loads/{key}.parquet", source="a.csv")


@pytest.mark.parametrize("status", LoadStatus)
@pytest.mark.parametrize("event", LoadEvent)
def test_every_pair_of_status_and_event_moves_as_drawn_or_is_refused(status, event):
    target = ALLOWED.get((status.name, event.name))
    if target is None:
        with pytest.raises(IllegalTransition, match=f"is {status.value}: cannot {event.value}"):
            next_status(status, event)
    else:
        assert next_status(status, event).name == target


def test_the_transition_table_holds_nothing_else():
    assert {(status.name, event.name): target.name for (status, event), target in TRANSITIONS.items()} == ALLOWED


def test_success_and_fail_are_final():
    assert [status.name for status in LoadStatus if status.is_final()] == ["SUCCESS", "FAIL"]


def test_an_unknown_status_is_no_known_one():
    assert LoadStatus.known("ARCHIVED") is None


def test_a_part_put_again_under_its_key_counts_once():
    load = Load(load_id="l").with_part(a_part(rows=3)).with_part(a_part(rows=5)).with_part(a_part("k_2", rows=1))
    assert (load.rows, len(load.parts)) == (6, 2)


def test_a_load_is_a_value_that_its_methods_do_not_change():
    load = Load(load_id="l")
    load.with_part(a_part())
    assert load.parts == {}


def test_a_load_with_a_failed_part_refuses_to_commit_and_says_why():
    load = Load(load_id="l").with_failure("k_2", "no route")
    with pytest.raises(UploadFailed, match="the first: no route"):
        load.committed()


def test_a_load_with_a_failed_part_commits_when_told_to():
    assert Load(load_id="l").with_failure("k_2", "x").committed(despite_failures=True).status is LoadStatus.PROCESSING


def test_putting_the_failed_part_mends_the_load():
    load = Load(load_id="l").with_failure("k_1", "no route").with_part(a_part("k_1"))
    assert load.committed().status is LoadStatus.PROCESSING


def test_a_failure_can_be_taken_back():
    assert Load(load_id="l").with_failure("a.csv", "x").without_failure("a.csv").failed == {}


@pytest.mark.parametrize("status", [LoadStatus.PROCESSING, LoadStatus.SUCCESS, LoadStatus.FAIL])
def test_a_load_that_is_not_open_takes_no_part_no_failure_and_no_commit(status):
    load = Load(load_id="l", status=status)
    for act in (lambda: load.with_part(a_part()), lambda: load.with_failure("k", "x"), load.committed):
        with pytest.raises(IllegalTransition, match="load l is"):
            act()


def test_the_services_word_on_the_status_counts():
    assert Load(load_id="l").observed(LoadInfo(load_status="SUCCESS")).status is LoadStatus.SUCCESS


def test_an_unknown_status_leaves_the_load_as_it_was():
    assert Load(load_id="l").observed(LoadInfo(load_status="ARCHIVED")).status is LoadStatus.OPEN


def test_a_failed_load_says_its_reasons():
    failure = LoadInfo(load_status="FAIL", error_messages=("schema: x", "disk full")).failure("l")
    assert isinstance(failure, LoadFailed)
    assert failure.reasons == ("schema: x", "disk full")


@pytest.mark.parametrize("said", ["Check sum count(*) expected 3, found 2", "CHECKSUM_MISMATCH", "check_sum differs"])
def test_differing_check_sums_are_an_error_of_their_own(said):
    assert isinstance(LoadInfo(load_status="FAIL", error_messages=(said,)).failure("l"), CheckSumsDiffer)


def test_a_failed_load_without_messages_says_its_error_type_or_that_there_is_no_reason():
    assert LoadInfo(load_status="FAIL", error_type="DISK").failure("l").reasons == ("DISK",)
    assert LoadInfo(load_status="FAIL").failure("l").reasons == ("the service gave no reason",)
    assert LoadInfo(load_status="FAIL", error_type="DISK", error_messages=["", " "]).failure("l").reasons == ("DISK",)


@pytest.mark.parametrize("status", ["OPEN", "PROCESSING", "SUCCESS", "ARCHIVED"])
def test_a_load_that_did_not_fail_has_no_failure(status):
    assert LoadInfo(load_status=status).failure("l") is None


@pytest.mark.parametrize(("status", "final"), [("OPEN", False), ("SUCCESS", True), ("FAIL", True), ("ARCHIVED", False)])
def test_only_known_ends_are_final(status, final):
    assert LoadInfo(load_status=status).is_final() is final


def test_answers_say_themselves_in_wire_names_without_empty_members():
    info = LoadInfo(load_status="FAIL", error_messages=("a", "b"))
    assert info.to_dict() == {"LoadStatus": "FAIL", "ErrorMessages": ["a", "b"]}
    assert CommitAnswer().to_dict() == {}


def test_a_ticket_shows_no_credentials():
    ticket = UploadTicket(
        presigned_url={"url": "https://b", "fields": {"policy": "p0licy"}},
        sts_credentials={"SecretAccessKey": "s3cret"},
        path="loads/x",
        bucket="b",
    )
    assert "s3cret" not in repr(ticket)
    assert "p0licy" not in repr(ticket)
    assert ticket.to_dict()["sts_credentials"] == {"SecretAccessKey": "s3cret"}


def test_a_draft_takes_a_hundred_partitions_and_not_one_more():
    table = TableName("my_table")
    assert LoadDraft(table=table, partitions=tuple("p" * 100)).partitions is not None
    with pytest.raises(InvalidArgument, match="at most 100 partitions, not 101"):
        LoadDraft(table=table, partitions=tuple("p" * 101))


def test_what_a_user_passes_is_a_draft():
    draft = LoadDraft.parse("motor", None, 0, ["service_client_id"])
    assert (draft.table, draft.load_type.value) == (TableName("motor"), "APPEND_ONLY")
    assert (draft.service_client_id, draft.partitions) == ("0", ("service_client_id",))


def test_a_draft_leaves_out_what_is_not_passed():
    draft = LoadDraft.parse("motor", "APPEND_ONLY", None, None)
    assert (draft.service_client_id, draft.partitions) == (None, None)


@pytest.mark.parametrize(
    ("load_type", "client", "partitions", "said"),
    [
        ("REPLACE", None, None, "load_type is APPEND_ONLY, not 'REPLACE'"),
        (None, " ", None, "load_as_service_client_id is empty"),
        (None, None, "month", "partitions is a list of names, not 'month'"),
        (None, None, 5, "partitions is a list of names, not 5"),
    ],
)
def test_a_draft_of_what_cannot_be_is_refused(load_type, client, partitions, said):
    with pytest.raises(InvalidArgument, match=said):
        LoadDraft.parse("motor", load_type, client, partitions)
