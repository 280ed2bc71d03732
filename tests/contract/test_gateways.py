"""The gateways' sentences, over every way to a Dash: in process, over sockets, and live.

``COMOTION_LIVE_ORGNAME`` names an organisation to run them against; the sign-in is the one in the keyring, or
the application's in the environment. Sentences that change what others see are left out there.
"""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from comotion.application.waiting import wait
from comotion.composition.wiring import Wiring
from comotion.domain.checksum import CheckSums
from comotion.domain.daily_run import HistoryMode
from comotion.domain.errors import (
    BadRequestException,
    BadSql,
    MigrationConflict,
    NotFoundException,
    OutcomeUnknown,
    UnknownQuery,
)
from comotion.domain.load import LoadDraft
from comotion.domain.migration import MigrationPlan, MigrationType
from comotion.domain.names import FileKey, TableName
from comotion.testing import FakeDash

LIVE_ORG = "COMOTION_LIVE_ORGNAME"


@contextmanager
def in_process() -> Iterator[tuple[Wiring, FakeDash]]:
    with FakeDash() as fake:
        yield fake.config().wiring, fake


@contextmanager
def over_sockets() -> Iterator[tuple[Wiring, FakeDash]]:
    with FakeDash() as fake, fake.serve() as server:
        yield server.config().wiring, fake


@contextmanager
def live() -> Iterator[tuple[Wiring, None]]:
    from comotion.dash import Auth, DashConfig

    is_application = "COMOTION_CLIENT_SECRET" in os.environ
    auth = Auth(os.environ[LIVE_ORG], entity_type=Auth.APPLICATION if is_application else None)
    yield DashConfig(auth).wiring, None


MAKERS = {"in process": in_process, "over sockets": over_sockets, "live": live}


@pytest.fixture(params=[pytest.param(name, marks=[pytest.mark.live] if name == "live" else []) for name in MAKERS])
def dash(request) -> Iterator[tuple[Wiring, FakeDash | None]]:
    if request.param == "live" and LIVE_ORG not in os.environ:
        pytest.skip(f"{LIVE_ORG} is not set")
    with MAKERS[request.param]() as made:
        yield made


@pytest.fixture
def wiring(dash) -> Wiring:
    return dash[0]


@pytest.fixture
def fake(dash) -> FakeDash:
    if dash[1] is None:
        pytest.skip("changes the organisation, or needs a fault")
    return dash[1]


def finished(wiring: Wiring, sql: str) -> str:
    query_id = wiring.queries.run(sql)
    wait(
        lambda: wiring.queries.info(query_id),
        is_final=lambda info: info.is_final(),
        clock=wiring.clock,
        timeout_s=120,
        what=sql,
    )
    return query_id


# queries


def test_a_query_runs_to_its_end_and_says_what_it_was(wiring):
    info = wiring.queries.info(finished(wiring, "select 1 as one"))
    assert info.status.state == "SUCCEEDED"
    assert info.query == "select 1 as one"
    assert info.status.submission_date_time


def test_a_result_is_a_csv_in_athena_s_dialect(wiring):
    response = wiring.queries.open_csv(finished(wiring, "select 1 as one, 'a \"b\"' as two, null as three"))
    try:
        assert response.status == 200
        assert response.read() == b'"one","two","three"\n"1","a ""b""",\n'
    finally:
        response.close()


def test_bad_sql_is_refused_in_the_service_s_words(wiring):
    with pytest.raises(BadSql):
        wiring.queries.run("selec 1")


@pytest.mark.parametrize("call", ["info", "stop", "open_csv"])
def test_an_unknown_query_is_an_unknown_query(wiring, call):
    with pytest.raises(UnknownQuery):
        getattr(wiring.queries, call)("00000000-0000-4000-8000-000000000000")


def test_stopping_a_finished_query_changes_nothing(wiring):
    query_id = finished(wiring, "select 1 as one")
    wiring.queries.stop(query_id)
    assert wiring.queries.info(query_id).status.state == "SUCCEEDED"


def test_a_result_behind_a_link_is_the_same_result(wiring, fake):
    fake.manners.csv_redirects = True
    response = wiring.queries.open_csv(finished(wiring, "select 1 as one"))
    assert response.read() == b'"one"\n"1"\n'
    response.close()


def test_the_token_does_not_follow_a_link(wiring, fake):
    fake.manners.csv_redirects = True
    wiring.queries.open_csv(finished(wiring, "select 1 as one")).close()
    fetched = [entry for entry in fake.requests if entry.operation == "get_object"]
    assert fetched
    assert all("Authorization" not in entry.headers for entry in fetched)


def test_a_start_that_ended_in_a_500_is_not_repeated(wiring, fake):
    fake.faults.status(500, on="run_query")
    with pytest.raises(OutcomeUnknown):
        wiring.queries.run("select 1")
    assert [entry.operation for entry in fake.requests].count("run_query") == 1


def test_a_read_that_ended_in_a_500_is_repeated(wiring, fake):
    query_id = finished(wiring, "select 1 as one")
    fake.faults.status(500, on="query_info")
    assert wiring.queries.info(query_id).status.state == "SUCCEEDED"


# loads


def test_a_load_is_open_until_it_is_committed(wiring, fake):
    load_id = wiring.loads.create(LoadDraft(table=TableName("contract_test"), service_client_id="0"))
    assert wiring.loads.info(load_id).load_status == "OPEN"


def test_a_ticket_names_bucket_and_path_and_holds_credentials(wiring, fake):
    load_id = wiring.loads.create(LoadDraft(table=TableName("contract_test")))
    ticket = wiring.loads.ticket(load_id, FileKey("part_1"))
    assert ticket.bucket
    assert "part_1" in ticket.path
    assert {"AccessKeyId", "SecretAccessKey", "SessionToken"} <= set(ticket.sts_credentials)
    assert {"url", "fields"} <= set(ticket.presigned_url)


def test_one_key_is_one_path(wiring, fake):
    load_id = wiring.loads.create(LoadDraft(table=TableName("contract_test")))
    paths = {wiring.loads.ticket(load_id, FileKey("part_1")).path for _ in range(2)}
    assert len(paths) == 1


def test_an_empty_load_cannot_be_committed(wiring, fake):
    load_id = wiring.loads.create(LoadDraft(table=TableName("contract_test")))
    with pytest.raises(BadRequestException):
        wiring.loads.commit(load_id, CheckSums.parse({"count(*)": 0}))


def test_an_unknown_load_is_not_found(wiring):
    with pytest.raises(NotFoundException):
        wiring.loads.info("00000000-0000-4000-8000-000000000000")


# migration


def test_the_migration_status_is_read(wiring):
    assert wiring.migrations.status().full_migration_status


def test_a_second_full_migration_is_a_conflict(wiring, fake):
    plan = MigrationPlan(migration_type=MigrationType.FULL_MIGRATION)
    wiring.migrations.start(plan)
    with pytest.raises(MigrationConflict):
        wiring.migrations.start(plan)


# daily run


def test_the_switch_stays_where_it_is_put(wiring, fake):
    assert wiring.daily_runs.enable(True) is True
    assert wiring.daily_runs.is_enabled() is True
    assert wiring.daily_runs.enable(False) is False


def test_a_daily_run_is_started_once_and_then_in_progress(wiring, fake):
    assert wiring.daily_runs.start().started is True
    second = wiring.daily_runs.start()
    assert second.started is False
    assert second.running_execution is not None


def test_the_history_holds_what_was_started(wiring, fake):
    started = wiring.daily_runs.start()
    history = wiring.daily_runs.history(HistoryMode.LIST, 1)
    assert history is not None
    assert [run.name for run in history.executions or ()] == [started.execution_name]


# all of them


def test_gateways_serve_several_threads(wiring, fake):
    ids: list[str] = []
    threads = [threading.Thread(target=lambda: ids.append(wiring.queries.run("select 1"))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(set(ids)) == 4
    assert [entry.operation for entry in fake.requests].count("token") == 1
