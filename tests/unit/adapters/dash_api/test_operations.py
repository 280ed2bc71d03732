"""Migration, daily run and data model v1 over HTTP."""

import base64
import json

import pytest

from comotion.adapters.dash_api.operations import DailyRunsOverHttp, MigrationsOverHttp, V1OverHttp
from comotion.domain.daily_run import HistoryMode
from comotion.domain.errors import (
    AccessRefused,
    AnswerLost,
    ApiException,
    BrokenAnswer,
    Conflict,
    MigrationConflict,
    NoDailyRunSetting,
    OutcomeUnknown,
    UnAuthenticatedException,
)
from comotion.domain.migration import MigrationPlan, MigrationType
from comotion.domain.pacing import Repeat
from tests.unit.adapters.dash_api.scripted import Said, ScriptedHttp

SCOPES = "dailyrun:enabled:read dailyrun:enabled:write dailyrun:execution:read dailyrun:execution:write"
BASE = "https://api.org.comodash.io/superset"


class Token:
    """A TokenSource with one token of the given claims."""

    def __init__(self, **claims) -> None:
        body = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
        self.text = f"e30.{body}.sig"

    def token(self) -> str:
        return self.text

    def renewed(self, refused: str) -> str:
        return self.text


def daily(*answers, aud="dash_api", scope=SCOPES) -> tuple[DailyRunsOverHttp, ScriptedHttp]:
    http = ScriptedHttp(*answers)
    return DailyRunsOverHttp(http, base_url=BASE, tokens=Token(aud=aud, scope=scope)), http


def test_a_migration_is_started_with_the_service_s_words():
    http = ScriptedHttp(Said(202, b"Migration started"))
    MigrationsOverHttp(http, base_url="https://h/v2").start(
        MigrationPlan(migration_type=MigrationType.FULL_MIGRATION, clear_out_new_lake=True)
    )
    assert http.asked == ["POST https://h/v2/migration"]
    assert http.sent() == {"migration_type": "FULL_MIGRATION", "clear_out_new_lake": "CLEAR_OUT"}
    assert http.requests[0].repeat is Repeat.ONLY_IF_NOT_RUN


def test_a_migration_that_cannot_start_is_a_conflict():
    http = ScriptedHttp(Said(409, {"message": "a migration is running"}))
    with pytest.raises(MigrationConflict, match="FLASH_SCHEMA: HTTP 409: a migration is running"):
        MigrationsOverHttp(http, base_url="https://h/v2").start(MigrationPlan())


def test_a_migration_whose_answer_is_lost_has_an_unknown_outcome():
    with pytest.raises(OutcomeUnknown):
        MigrationsOverHttp(ScriptedHttp(AnswerLost("gone")), base_url="https://h/v2").start(MigrationPlan())


@pytest.mark.parametrize("members", [{}, {"flash_schema_status": None}])
def test_an_absent_flash_schema_status_means_not_run(members):
    http = ScriptedHttp(Said(200, {"full_migration_status": "Complete", **members}))
    status = MigrationsOverHttp(http, base_url="https://h/v2").status()
    assert status.flash_schema_status == "Not Run"
    assert status.data_model() == "v2"


def test_a_status_without_the_full_migration_is_broken():
    with pytest.raises(BrokenAnswer, match="full_migration_status"):
        MigrationsOverHttp(ScriptedHttp(Said(200, {})), base_url="https://h/v2").status()


@pytest.mark.parametrize("value", [True, False])
def test_the_switch_is_read_and_set(value):
    gateway, http = daily(Said(200, {"dailyRun": value}), Said(200, {"dailyRun": value}))
    assert gateway.is_enabled() is value
    assert gateway.enable(value) is value
    assert http.asked == [f"GET {BASE}/dailyRun/dailyRun_enabled", f"POST {BASE}/dailyRun/dailyRun_enabled"]
    assert http.sent() == {"dailyRun": value}
    assert {request.repeat for request in http.requests} == {Repeat.FREELY}


@pytest.mark.parametrize("body", [{}, {"dailyRun": "true"}, {"dailyRun": None}])
def test_a_switch_that_is_neither_on_nor_off_is_broken(body):
    with pytest.raises(BrokenAnswer, match="dailyRun"):
        daily(Said(200, body))[0].is_enabled()


def test_no_setting_is_an_error_that_names_the_status():
    with pytest.raises(NoDailyRunSetting, match="404"):
        daily(Said(404, {"message": "no setting"}))[0].is_enabled()


@pytest.mark.parametrize(
    ("call", "scope"),
    [
        (lambda gateway: gateway.is_enabled(), "dailyrun:enabled:read"),
        (lambda gateway: gateway.enable(True), "dailyrun:enabled:write"),
        (lambda gateway: gateway.history(HistoryMode.LIST, None), "dailyrun:execution:read"),
        (lambda gateway: gateway.start(), "dailyrun:execution:write"),
    ],
)
def test_each_call_needs_exactly_its_own_scope_and_sends_nothing_without(call, scope):
    others = " ".join(other for other in SCOPES.split() if other != scope)
    gateway, http = daily(scope=others)
    with pytest.raises(AccessRefused, match=scope):
        call(gateway)
    assert http.requests == []


@pytest.mark.parametrize("aud", ["account", ["account", "other"], None])
def test_the_token_must_be_for_the_dash_api(aud):
    gateway, http = daily(aud=aud)
    with pytest.raises(UnAuthenticatedException, match="dash_api"):
        gateway.is_enabled()
    assert http.requests == []


def test_one_of_several_audiences_is_enough():
    assert daily(Said(200, {"dailyRun": True}), aud=["account", "dash_api"])[0].is_enabled()


def test_a_403_is_a_refused_access():
    with pytest.raises(AccessRefused, match="403"):
        daily(Said(403, {"Message": "not authorized"}))[0].is_enabled()


@pytest.mark.parametrize(
    ("mode", "limit", "query"),
    [
        (HistoryMode.LIST, None, "mode=list"),
        (HistoryMode.LATEST, 5, "mode=latest&limit=5"),
        (HistoryMode.LAST_SUCCESSFUL, 200, "mode=last_successful&limit=200"),
    ],
)
def test_the_mode_is_always_sent(mode, limit, query):
    gateway, http = daily(Said(200, {"executions": []}))
    gateway.history(mode, limit)
    assert http.asked == [f"GET {BASE}/dailyRun/execution_status?{query}"]


def test_the_list_of_executions_is_read():
    run = {"name": "n", "status": "SUCCEEDED", "startDate": "a", "stopDate": "b", "more": 1}
    history = daily(Said(200, {"executions": [run]}))[0].history(HistoryMode.LIST, None)
    assert history is not None
    assert history.executions is not None
    assert history.executions[0].to_dict() == {key: run[key] for key in ("name", "status", "startDate", "stopDate")}


def test_one_execution_stands_at_the_top():
    history = daily(Said(200, {"name": "n", "status": "RUNNING"}))[0].history(HistoryMode.LATEST, None)
    assert history is not None
    assert history.to_dict() == {"name": "n", "status": "RUNNING"}


@pytest.mark.parametrize("body", [b"null", b""])
def test_no_execution_at_all_is_none(body):
    assert daily(Said(200, body))[0].history(HistoryMode.LATEST, None) is None


def test_no_successful_execution_is_a_message():
    history = daily(Said(200, {"message": "none yet"}))[0].history(HistoryMode.LAST_SUCCESSFUL, None)
    assert history is not None
    assert history.message == "none yet"


def test_a_list_without_executions_is_broken():
    with pytest.raises(BrokenAnswer):
        daily(Said(200, {"oops": 1}))[0].history(HistoryMode.LIST, None)


def test_a_start_says_what_was_started():
    started = {"started": True, "executionArn": "arn", "startDate": "d", "executionName": "n", "message": "m"}
    gateway, http = daily(Said(200, started))
    assert gateway.start().to_dict() == started
    assert http.requests[0].repeat is Repeat.ONLY_IF_NOT_RUN


def test_a_run_in_progress_is_an_answer():
    running = {"started": False, "runningExecution": {"name": "n", "status": "RUNNING", "startDate": "d"}}
    assert daily(Said(409, running))[0].start().to_dict() == running


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"message": "busy"}'])
def test_a_409_never_means_that_it_started(body):
    assert daily(Said(409, body))[0].start().started is False


@pytest.mark.parametrize("body", [b"", b"{}", b"[]"])
def test_a_start_that_does_not_say_so_is_broken(body):
    with pytest.raises(BrokenAnswer):
        daily(Said(200, body))[0].start()


def test_a_start_whose_answer_is_lost_has_an_unknown_outcome():
    with pytest.raises(OutcomeUnknown):
        daily(Said(504, b""))[0].start()


def v1(*answers) -> tuple[V1OverHttp, ScriptedHttp]:
    http = ScriptedHttp(*answers)
    return V1OverHttp(http, base_url="https://api.comodash.io/v1", org="my_org", api_key="k-123"), http


def test_a_v1_upload_sends_the_headers_of_the_contract():
    gateway, http = v1(Said(200, b"thanks"))
    assert gateway.upload(b"gz", table="My Table", service_client_id="0") == "thanks"
    request = http.requests[0]
    assert http.asked == ["POST https://api.comodash.io/v1/data-input-file"]
    assert request.body == b"gz"
    assert dict(request.headers) == {
        "Accept": "*/*",
        "Content-Type": "application/gzip",
        "service_client_id": "0",
        "x-api-key": "k-123",
        "org-name": "my_org",
        "table-name": "My Table",
    }
    assert request.repeat is Repeat.ONLY_IF_NOT_RUN


def test_a_v1_refusal_is_an_api_exception_that_hides_the_key():
    with pytest.raises(ApiException, match="HTTP 403") as caught:
        v1(Said(403, b"key k-123 is wrong"))[0].upload(b"gz", table="t", service_client_id="0")
    assert "k-123" not in str(caught.value)
    assert "k-123" not in repr(v1()[0])


@pytest.mark.parametrize("answer", [AnswerLost("gone"), Said(500, b"oops"), Said(408, b"")])
def test_a_v1_upload_that_may_have_run_has_an_unknown_outcome(answer):
    with pytest.raises(OutcomeUnknown):
        v1(answer)[0].upload(b"gz", table="t", service_client_id="0")


def test_a_conflict_elsewhere_stays_a_conflict():
    with pytest.raises(Conflict):
        daily(Said(409, b""))[0].enable(True)


PAGE = b"<html><head><title>Sign in to the proxy</title></head></html>"


def test_a_page_does_not_say_that_a_migration_was_started():
    plan = MigrationPlan(migration_type=MigrationType.FLASH_SCHEMA, clear_out_new_lake=False)
    with pytest.raises(OutcomeUnknown, match="Sign in to the proxy"):
        MigrationsOverHttp(ScriptedHttp(Said(200, PAGE)), base_url="https://h/v2").start(plan)


def test_a_page_does_not_say_that_rows_were_taken():
    gateway = V1OverHttp(ScriptedHttp(Said(200, PAGE)), base_url="https://h/v1", org="org", api_key="k")
    with pytest.raises(OutcomeUnknown, match="upload to v1 table ab: the answer is a page"):
        gateway.upload(b"", table="ab", service_client_id="0")


def test_a_page_that_refuses_a_start_with_409_is_a_refusal():
    assert daily(Said(409, PAGE))[0].start().started is False
