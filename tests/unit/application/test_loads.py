"""A load is committed once, with the sums that were asked for, and looked at until it is over."""

from threading import Event
from time import sleep

import pytest

from comotion.application.loads import LoadService
from comotion.domain.checksum import CheckSums
from comotion.domain.errors import (
    AnswerLost,
    ApiException,
    BadRequestException,
    BrokenAnswer,
    CheckSumsDiffer,
    IllegalTransition,
    MissingKey,
    NeverSent,
    OutcomeUnknown,
    TokenUnavailable,
    UnreadableSource,
    UploadFailed,
    WaitTimedOut,
)
from comotion.domain.load import Load
from comotion.domain.schema import Int
from comotion.ports.evaluation import Evaluated

from .in_memory import RowsSource, World, request, schema

SUMS = CheckSums.parse({"sum(a)": 3})
SERVER_ERROR = ApiException("bad gateway", status=502)


def source(*rows, **more):
    return RowsSource("a.csv", [list(rows)], schema(a=Int(64)), **more)


def open_load():
    world = World()
    load = world.load()
    load.upload([request(source((1,), (2,)), stem="k")])
    return world, load


def test_a_commit_sends_the_sums_it_was_given():
    world, load = open_load()
    assert load.commit(SUMS).message == "taken"
    assert world.loads.commits == [{"sum(a)": 3}]


def test_tracked_rows_join_the_sums_given():
    world, load = open_load()
    load.commit(SUMS, track_rows=True)
    assert world.loads.commits == [{"sum(a)": 3, "count(*)": 2}]


def test_rows_on_their_way_are_seen_before_they_are_stored():
    world, seen = World(), Event()
    load = world.load()

    def look(_):
        for _ in range(1000):
            if load.rows_written() == 2 and load.load.rows == 0:
                seen.set()
                break
            sleep(0.001)

    world.store.before = look
    load.upload([request(source((1,), (2,)), stem="k")])
    assert seen.is_set()
    assert load.rows_written() == load.load.rows == 2


def test_a_commit_needs_a_sum():
    world, load = open_load()
    with pytest.raises(MissingKey, match="check_sum"):
        load.commit(CheckSums())
    assert world.loads.commits == []


def test_a_load_with_a_failed_source_is_not_committed():
    world, load = open_load()
    with pytest.raises(UnreadableSource):
        load.upload([request(source(fails_with=UnreadableSource("ragged")), stem="other")])
    with pytest.raises(UploadFailed, match=r"other.*ragged"):
        load.commit(SUMS)
    assert world.loads.commits == []


def test_a_load_with_a_failed_source_is_committed_when_told_to():
    world, load = open_load()
    with pytest.raises(UnreadableSource):
        load.upload([request(source(fails_with=UnreadableSource("ragged")), stem="other")])
    load.commit(CheckSums(), track_rows=True, despite_failures=True)
    assert world.loads.commits == [{"count(*)": 2}]


def test_a_load_is_committed_once():
    world, load = open_load()
    load.commit(SUMS)
    with pytest.raises(IllegalTransition):
        load.commit(SUMS)
    assert len(world.loads.commits) == 1


def test_a_refused_commit_leaves_the_load_open():
    world, load = open_load()
    world.loads.commit_script = [BadRequestException("column b?", status=400)]
    with pytest.raises(BadRequestException):
        load.commit(SUMS)
    load.commit(SUMS)
    assert len(world.loads.commits) == 2


@pytest.mark.parametrize("lost", [AnswerLost("reset"), OutcomeUnknown("?"), SERVER_ERROR], ids=repr)
@pytest.mark.parametrize("status", ["PROCESSING", "SUCCESS", "FAIL", "A_NEW_WORD"])
def test_a_lost_answer_to_a_commit_that_was_taken_is_an_answer(lost, status):
    world, load = open_load()
    world.loads.commit_script, world.loads.status = [lost], [status]
    assert status in load.commit(SUMS).message
    assert len(world.loads.commits) == 1


def test_a_lost_answer_to_a_commit_that_was_not_taken_is_sent_again():
    world, load = open_load()
    world.loads.commit_script = [AnswerLost("reset"), SERVER_ERROR]
    assert load.commit(SUMS).message == "taken"
    assert len(world.loads.commits) == 3
    assert world.clock.naps[1] > world.clock.naps[0] > 0


def test_a_second_commit_refused_because_the_first_was_taken_is_an_answer():
    world, load = open_load()
    world.loads.commit_script = [AnswerLost("reset"), BadRequestException("not OPEN", status=400)]
    world.loads.status = ["OPEN", "PROCESSING"]
    assert "PROCESSING" in load.commit(SUMS).message


def test_a_second_commit_refused_for_another_reason_is_that_error():
    world, load = open_load()
    world.loads.commit_script = [AnswerLost("reset"), BadRequestException("column b?", status=400)]
    with pytest.raises(BadRequestException):
        load.commit(SUMS)


def test_a_service_that_keeps_losing_answers_is_given_up_within_the_policy():
    world, load = open_load()
    world.loads.commit_script = [AnswerLost("reset")] * 50
    with pytest.raises(AnswerLost):
        load.commit(SUMS)
    assert len(world.loads.commits) == world.settings.retry.attempts


def test_a_commit_that_never_left_is_not_looked_after():
    world, load = open_load()
    world.loads.commit_script = [NeverSent("refused")]
    with pytest.raises(NeverSent):
        load.commit(SUMS)
    assert len(world.loads.commits) == 1


@pytest.mark.parametrize("why", [AnswerLost("gone"), TokenUnavailable("gone"), BrokenAnswer("a page")], ids=repr)
def test_a_lost_answer_and_a_load_that_cannot_be_read_is_an_unknown_outcome(why):
    world, load = open_load()
    world.loads.commit_script = [AnswerLost("reset")]

    def blind(load_id):
        raise why

    world.loads = type("Blind", (), {"commit": world.loads.commit, "info": staticmethod(blind)})()
    with pytest.raises(OutcomeUnknown, match="read its status"):
        load.commit(SUMS)


def test_waiting_goes_through_open_after_a_commit():
    world, load = open_load()
    world.loads.status = ["OPEN", "OPEN", "PROCESSING", "SUCCESS"]
    load.commit(SUMS)
    assert load.wait_to_complete().load_status == "SUCCESS"


def test_an_open_load_that_was_not_committed_here_is_not_waited_for():
    world, load = open_load()
    assert load.wait_to_complete().load_status == "OPEN"
    assert world.clock.naps == []


def test_waiting_ends_when_its_time_is_over():
    world, load = open_load()
    load.commit(SUMS)
    world.loads.status = ["PROCESSING"]
    with pytest.raises(WaitTimedOut, match="load1"):
        load.wait_to_complete(7)


def test_a_word_for_a_status_that_is_not_known_is_waited_through():
    world, load = open_load()
    load.commit(SUMS)
    world.loads.status = ["VALIDATING", "FAIL"]
    assert load.wait_to_complete().load_status == "FAIL"


def test_an_attached_load_counts_what_it_uploads_itself():
    world = World()
    load = LoadService.attach(world, "load7")
    load.upload([request(source((1,)))])
    load.commit(CheckSums(), track_rows=True)
    assert world.loads.commits == [{"count(*)": 1}]


def test_a_receipt_says_what_went_where_with_which_sums():
    _, load = open_load()
    load.commit(SUMS)
    receipt = load.receipt()
    assert (receipt.table, receipt.load_id, receipt.rows) == ("policies", "load1", 2)
    assert receipt.check_sums == SUMS


def dry_load(found):
    load = LoadService(
        ports=World(), load=Load(load_id=None), table="t", evaluate=lambda paths, sums: {"sum(a)": found}
    )
    load.upload([request(source((1,), (2,)))])
    return load


def test_a_dry_run_says_what_each_check_sum_gives():
    message = dry_load(Evaluated(value=3)).commit(SUMS).message
    assert "sum(a): expected 3, found 3" in message


def test_a_dry_run_whose_sums_differ_is_an_error_with_expected_and_found():
    with pytest.raises(CheckSumsDiffer, match="expected 3, found 4"):
        dry_load(Evaluated(value=4)).commit(SUMS)


def test_a_dry_run_is_open_and_then_a_success():
    load = dry_load(Evaluated(value=3))
    before = load.info().load_status
    load.commit(SUMS)
    assert (before, load.wait_to_complete().load_status) == ("OPEN", "SUCCESS")


def test_a_check_sum_that_the_service_would_refuse_fails_the_dry_run():
    with pytest.raises(CheckSumsDiffer, match="cannot be resolved"):
        dry_load(Evaluated(refusal="Column 'b' cannot be resolved")).commit(SUMS)


def test_a_check_sum_that_cannot_be_evaluated_here_does_not():
    dry = dry_load(Evaluated(refusal="not supported by this fake: ST_Point", is_known=False))
    assert "not supported" in dry.commit(SUMS).message
