"""The migration, v1 and daily-run faces keep sections 2 to 4 of the wire contract."""

import gzip

import pytest

from comotion.adapters.fake_dash.progress import Pace
from tests.contract.fake.dash_client import DAILY_RUN, V1, Answer, Dash

CSV = gzip.compress(b'"Policy Id","amount"\n"007","1.50"\n"8",""\n')


# version 1


def test_a_v1_upload_appends_text_as_it_is(stranger: Dash) -> None:
    for _ in range(2):
        assert stranger.upload_v1(CSV).status == 200
    first = {"Policy Id": "007", "amount": "1.50", "service_client_id": "0"}
    assert stranger.fake.v1_tables["motor"][0] == first
    assert len(stranger.fake.v1_tables["motor"]) == 4


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"x_api_key": "wrong"}, 403),
        ({"org_name": "nobody"}, 403),
        ({"table_name": "Motor"}, 400),
        ({"Content-Type": "text/csv"}, 415),
    ],
)
def test_a_wrong_v1_upload_is_refused(stranger: Dash, change: dict[str, str], status: int) -> None:
    assert stranger.upload_v1(CSV, **change).status == status
    assert stranger.fake.v1_tables == {}


@pytest.mark.parametrize(
    "body",
    [b"", b"a,b\n1,2\n", gzip.compress(b"\xff\n"), gzip.compress(b""), gzip.compress(b"a,b\n1\n"), CSV[:-5]],
    ids=["empty", "not gzip", "not UTF-8", "no header", "ragged", "cut short"],
)
def test_a_v1_body_that_is_no_compressed_csv_is_refused(stranger: Dash, body: bytes) -> None:
    assert stranger.upload_v1(body).status == 400


def test_there_is_nothing_else_at_v1(stranger: Dash) -> None:
    assert stranger.call("GET", f"{V1}/other").status == 403


# migration


def test_nothing_was_migrated_at_first(dash: Dash) -> None:
    assert dash.migration() == {"flash_schema_status": "Not Run", "full_migration_status": "Not Run"}


def test_flash_schema_copies_schema_and_one_row(dash: Dash) -> None:
    dash.upload_v1(CSV)
    assert dash.migrate("FLASH_SCHEMA").status == 202
    assert dash.migration()["flash_schema_status"] == "Completed"
    assert dash.fake.tables["motor"].rows == [{"policy_id": "007", "amount": "1.50", "service_client_id": "0"}]


def test_a_full_migration_copies_all_and_closes_v1(dash: Dash) -> None:
    dash.fake.manners.done_word = "Complete"
    dash.upload_v1(CSV)
    dash.migrate("FLASH_SCHEMA")
    assert dash.migrate("FULL_MIGRATION", "CLEAR_OUT").status == 202
    assert dash.migration()["full_migration_status"] == "Complete"
    assert len(dash.fake.tables["motor"]) == 2
    assert dash.upload_v1(CSV).status == 403
    assert dash.migrate("FULL_MIGRATION").status == 409


def test_a_full_migration_into_a_lake_with_data_fails_and_may_be_tried_again(dash: Dash) -> None:
    dash.fake.seed({"other": [{"id": 1}]})
    dash.upload_v1(CSV)
    assert dash.migrate("FULL_MIGRATION").status == 202
    status = dash.migration()
    assert status["full_migration_status"] == "Failed"
    assert "clear-out" in status["full_migration_message"]
    assert "other" in dash.fake.tables
    assert dash.migrate("FULL_MIGRATION", "CLEAR_OUT").status == 202
    assert list(dash.fake.tables) == ["motor"]


def test_one_migration_runs_at_a_time(dash: Dash) -> None:
    dash.fake.manners.migration_pace = Pace(polls=1)
    assert dash.migrate("FLASH_SCHEMA").status == 202
    assert dash.migrate("FULL_MIGRATION").status == 409
    assert dash.migration()["flash_schema_status"] == "Started"
    assert dash.migration()["flash_schema_status"] == "Completed"


@pytest.mark.parametrize(("kind", "clear"), [("HALF", "CLEAR_OUT"), ("FLASH_SCHEMA", "YES")])
def test_a_wrong_migration_is_refused(dash: Dash, kind: str, clear: str) -> None:
    assert dash.migrate(kind, clear).status == 400


# daily run


def daily(dash: Dash, method: str, path: str, **more: object) -> Answer:
    return dash.call(method, f"{DAILY_RUN}/dailyRun/{path}", **more)  # type: ignore[arg-type]


def test_the_daily_run_is_switched(dash: Dash) -> None:
    assert daily(dash, "GET", "dailyRun_enabled").json() == {"dailyRun": False}
    assert daily(dash, "POST", "dailyRun_enabled", json_body={"dailyRun": True}).json() == {"dailyRun": True}
    assert daily(dash, "GET", "dailyRun_enabled").json() == {"dailyRun": True}


def test_without_a_setting_there_is_no_switch(dash: Dash) -> None:
    dash.fake.organisation.daily_runs.enabled = None
    assert daily(dash, "GET", "dailyRun_enabled").status == 404


@pytest.mark.parametrize("body", [{}, {"dailyRun": 1}, {"dailyRun": "true"}, {"dailyRun": True, "x": 1}])
def test_a_wrong_switch_is_refused(dash: Dash, body: dict[str, object]) -> None:
    assert daily(dash, "POST", "dailyRun_enabled", json_body=body).status == 400


def test_one_daily_run_runs_at_a_time(dash: Dash) -> None:
    first = daily(dash, "POST", "start_execution")
    assert first.status == 200
    second = daily(dash, "POST", "start_execution")
    assert second.status == 409
    assert second.json()["runningExecution"]["name"] == first.json()["executionName"]
    dash.fake.clock.advance(minutes=11)
    dash = Dash(dash.fake, dash.way).signed_in()
    assert daily(dash, "POST", "start_execution").status == 200


def test_the_history_shows_the_newest_first(dash: Dash) -> None:
    dash.fake.manners.daily_run_pace = Pace()
    names = [daily(dash, "POST", "start_execution").json()["executionName"] for _ in range(3)]
    listed = daily(dash, "GET", "execution_status?mode=list&limit=2").json()["executions"]
    assert [run["name"] for run in listed] == names[:0:-1]
    assert daily(dash, "GET", "execution_status?mode=latest").json()["name"] == names[2]
    assert daily(dash, "GET", "execution_status?mode=last_successful").json()["status"] == "SUCCEEDED"


@pytest.mark.parametrize(("message", "expected"), [(None, None), ("none yet", {"message": "none yet"})])
def test_where_there_was_no_run_there_is_none_to_show(dash: Dash, message: str | None, expected: object) -> None:
    dash.fake.manners.no_execution = message
    assert daily(dash, "GET", "execution_status?mode=latest").json() == expected


@pytest.mark.parametrize("query", ["mode=all", "limit=0", "limit=201", "limit=x"])
def test_a_wrong_history_is_refused(dash: Dash, query: str) -> None:
    assert daily(dash, "GET", f"execution_status?{query}").status == 400


def test_a_token_for_another_audience_is_refused(dash: Dash) -> None:
    dash.fake.organisation.the_application().audiences = ("account",)
    dash.bearer = dash.as_application().json()["access_token"]
    answer = daily(dash, "GET", "dailyRun_enabled")
    assert answer.status == 403
    assert "dash_api" in answer.message


def test_a_token_without_the_scope_of_the_call_is_refused(dash: Dash) -> None:
    dash.bearer = dash.as_application(scope="dailyrun:enabled:read").json()["access_token"]
    assert daily(dash, "GET", "dailyRun_enabled").status == 200
    assert daily(dash, "POST", "start_execution").status == 403


def test_both_suffixes_lead_to_the_daily_run(dash: Dash) -> None:
    answer = dash.call("GET", "https://api.my_org.comodash.com/superset/dailyRun/dailyRun_enabled")
    assert answer.status == 200


@pytest.mark.parametrize(
    "csv", [b'"other"\n"1"\n', b'"a","a"\n"1","2"\n', b'"a"\n"1\n'], ids=["other columns", "one twice", "no end"]
)
def test_a_v1_csv_that_does_not_fit_is_refused_whole(stranger: Dash, csv: bytes) -> None:
    stranger.upload_v1(CSV)
    assert stranger.upload_v1(gzip.compress(csv)).status == 400
    assert len(stranger.fake.v1_tables["motor"]) == 2


def test_a_flash_schema_leaves_tables_that_exist_as_they_are(dash: Dash) -> None:
    dash.fake.seed({"motor": [{"id": 1}]})
    dash.upload_v1(CSV)
    dash.migrate("FLASH_SCHEMA")
    assert dash.fake.tables["motor"].rows == [{"id": 1}]


def test_columns_that_would_share_a_name_fail_the_migration(dash: Dash) -> None:
    dash.upload_v1(gzip.compress(b'"Policy Id","policy_id"\n"1","2"\n'))
    dash.migrate("FLASH_SCHEMA")
    status = dash.migration()
    assert status["flash_schema_status"] == "Failed"
    assert "policy_id" in status["flash_schema_message"]
