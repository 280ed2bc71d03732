"""Several tables: each is tried, each is reported, and running again resumes."""

import pytest

from comotion.application.bulk import NOT_ATTEMPTED, TableUpload, run_all
from comotion.application.loads import LoadService
from comotion.domain.checksum import CheckSums
from comotion.domain.errors import (
    BadRequestException,
    LoadFailed,
    QueryFailed,
    StorageRefused,
    UnreadableSource,
    UploadFailed,
    WaitTimedOut,
)
from comotion.domain.load import LoadDraft
from comotion.domain.names import TableName
from comotion.domain.schema import Int
from tests.unit.application.in_memory import RowsSource, World, request, schema

SUMS = CheckSums.parse({"sum(a)": 3})


def source(*rows, **more):
    return RowsSource("a.csv", [list(rows)], schema(a=Int(64)), **more)


def sending(data, *, stem: str):
    return lambda: request(data, stem=stem, again=True)


def raising(error: Exception):
    def make():
        raise error

    return make


def table(world: World, name: str = "policies", *, status=("OPEN",), track: bool = False, **sources) -> TableUpload:
    world.loads.status = list(status)
    return TableUpload(
        table=name,
        service=LoadService.create(world, LoadDraft(table=TableName(name))),
        sources={key: data if callable(data) else sending(data, stem=key) for key, data in sources.items()},
        check_sums=CheckSums() if track else SUMS,
        track_rows=track,
    )


def run(*tables: TableUpload, wait: bool = False, timeout_s: float | None = None):
    clock = tables[0].service.ports.clock
    return run_all(tables, max_workers=1, wait=wait, timeout_s=timeout_s, clock=clock)


def test_a_table_is_uploaded_committed_and_read_once():
    world = World()
    one = table(world, status=["PROCESSING"], first=source((1,)), second=source((2,)))
    assert one.upload_and_commit(max_workers=1).load_status == "PROCESSING"
    assert world.store.rows() == [(1,), (2,)]
    assert world.loads.commits == [{"sum(a)": 3}]


def test_rows_are_counted_where_they_are_tracked():
    world = World()
    table(world, track=True, first=source((1,)), second=source((2,), (3,))).upload_and_commit(max_workers=1)
    assert world.loads.commits == [{"count(*)": 3}]


def test_a_load_without_data_is_not_committed():
    world = World()
    with pytest.raises(UploadFailed, match="no data was added"):
        table(world).upload_and_commit(max_workers=1)
    assert world.loads.commits == []


def test_a_source_that_cannot_be_read_leaves_the_table_uncommitted():
    world = World()
    with pytest.raises(UnreadableSource):
        table(world, good=source((1,)), bad=source(fails_with=UnreadableSource("ragged"))).upload_and_commit(
            max_workers=1
        )
    assert world.loads.commits == []


def test_a_query_that_failed_leaves_the_table_uncommitted():
    world = World()
    with pytest.raises(QueryFailed):
        table(world, good=source((1,)), bad=raising(QueryFailed("boom"))).upload_and_commit(max_workers=1)
    assert (world.loads.commits, world.store.puts) == ([], [])


def test_running_again_sends_only_what_is_not_there_and_commits_once():
    world = World()
    refused = [StorageRefused("no")]

    def store_refuses_once(path: str) -> None:
        if "second" in path and refused:
            raise refused.pop()

    world.store.before = store_refuses_once
    one = table(world, track=True, first=source((1,)), second=source((2,)))
    with pytest.raises(UploadFailed):
        one.upload_and_commit(max_workers=1)
    assert world.loads.commits == []
    sent_before = list(world.store.puts)
    one.upload_and_commit(max_workers=1)
    assert world.store.puts == [*sent_before, "loads/second_1"]
    assert world.store.rows() == [(1,), (2,)]
    assert world.loads.commits == [{"count(*)": 2}]


def test_a_committed_load_is_only_read_again():
    world = World()
    one = table(world, first=source((1,)), status=["OPEN", "SUCCESS"])
    one.upload_and_commit(max_workers=1)
    assert one.upload_and_commit(max_workers=1).load_status == "SUCCESS"
    assert len(world.loads.commits) == len(world.store.puts) == 1


def test_a_refused_commit_may_be_tried_again_without_a_second_upload():
    world = World()
    world.loads.commit_script = [BadRequestException("no such column", status=400)]
    one = table(world, first=source((1,)))
    with pytest.raises(BadRequestException):
        one.upload_and_commit(max_workers=1)
    one.upload_and_commit(max_workers=1)
    assert (len(world.loads.commits), world.store.puts) == (2, ["loads/first_1"])


def test_every_table_has_its_report():
    reports = run(
        table(World(), "one_table", status=["PROCESSING"], first=source((1,))),
        table(World(), "other_table", status=["SUCCESS"], first=source((1,), (2,))),
    )
    assert {name: report.to_dict() for name, report in reports.items()} == {
        "one_table": {"table": "one_table", "load_id": "load1", "state": "PROCESSING", "reasons": [], "rows": 1},
        "other_table": {"table": "other_table", "load_id": "load1", "state": "SUCCESS", "reasons": [], "rows": 2},
    }


def test_a_table_that_fails_does_not_stop_the_others_and_is_raised_at_the_end():
    good = World()
    with pytest.raises(UploadFailed, match="1 of 2 tables failed: bad_table: ragged") as caught:
        run(
            table(World(), "bad_table", bad=source(fails_with=UnreadableSource("ragged"))),
            table(good, "good_table", status=["PROCESSING"], first=source((1,))),
        )
    report = caught.value.report
    assert (report["bad_table"].state, report["bad_table"].reasons) == ("OPEN", ("ragged",))
    assert report["good_table"].state == "PROCESSING"
    assert isinstance(caught.value.__cause__, UnreadableSource)
    assert len(good.loads.commits) == 1


def test_an_error_of_the_user_s_own_code_is_reported_with_its_name():
    with pytest.raises(UploadFailed) as caught:
        run(table(World(), first=raising(ZeroDivisionError("by zero"))))
    assert caught.value.report["policies"].reasons == ("ZeroDivisionError: by zero",)


def test_a_table_without_data_was_not_attempted():
    with pytest.raises(UploadFailed) as caught:
        run(table(World()))
    report = caught.value.report["policies"]
    assert (report.state, report.is_good) == (NOT_ATTEMPTED, False)


def test_an_interrupt_stops_everything():
    with pytest.raises(KeyboardInterrupt):
        run(table(World(), first=raising(KeyboardInterrupt())))


def test_waiting_ends_at_success():
    reports = run(table(World(), first=source((1,)), status=["PROCESSING", "OPEN", "PROCESSING", "SUCCESS"]), wait=True)
    assert reports["policies"].state == "SUCCESS"


def test_waiting_raises_at_fail_and_the_report_says_why():
    with pytest.raises(UploadFailed) as caught:
        run(table(World(), first=source((1,)), status=["PROCESSING", "FAIL"]), wait=True)
    report = caught.value.report["policies"]
    assert (report.state, isinstance(report.error, LoadFailed)) == ("FAIL", True)


def test_a_load_that_is_known_to_have_failed_is_a_failure_without_waiting_too():
    with pytest.raises(UploadFailed) as caught:
        run(table(World(), first=source((1,)), status=["FAIL"]))
    assert caught.value.report["policies"].state == "FAIL"


def test_the_time_to_wait_is_for_all_tables_together():
    world, other = World(), World()
    with pytest.raises(WaitTimedOut) as caught:
        run(
            table(world, "one_table", first=source((1,)), status=["PROCESSING"]),
            table(other, "other_table", first=source((1,)), status=["PROCESSING"]),
            wait=True,
            timeout_s=20,
        )
    assert sum(world.clock.naps) == pytest.approx(20)
    assert other.clock.naps == []
    assert [report.state for report in caught.value.report.values()] == ["PROCESSING", "PROCESSING"]
