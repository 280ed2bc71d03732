"""The v2 face keeps what section 2 of the wire contract says of queries."""

import re
from urllib.parse import quote

import pytest

from comotion.adapters.fake_dash.progress import Pace
from tests.contract.fake.dash_client import API, Dash

ROWS = [
    {"id": 1, "name": 'an "old" car', "premium": 10.5},
    {"id": 2, "name": None, "premium": 20.0},
    {"id": 3, "name": "", "premium": None},
]


@pytest.fixture(autouse=True)
def seeded(dash: Dash) -> None:
    dash.fake.seed({"motor": ROWS})


def test_a_query_is_taken_and_answered(dash: Dash) -> None:
    answer = dash.run("select id from motor")
    assert answer.status == 202
    info = dash.query_info(answer.json()["queryId"])
    assert info["query"] == "select id from motor"
    assert info["statementType"] == "DML"
    assert info["status"]["state"] == "SUCCEEDED"
    assert re.fullmatch(r"\d\d-\d\d-\d{4} \d\d:\d\d:\d\d", info["status"]["completionDateTime"])


def test_text_that_is_no_sql_is_refused_at_once(dash: Dash) -> None:
    answer = dash.run("selec id from motor")
    assert answer.status == 400
    assert "line 1:1" in answer.message


@pytest.mark.parametrize("body", [{}, {"query": ""}, {"query": 1}, {"query": "select 1", "limit": 2}])
def test_a_wrong_query_body_is_refused(dash: Dash, body: dict[str, object]) -> None:
    assert dash.call("POST", f"{API}/query", json_body=body).status == 400


def test_sql_that_cannot_be_resolved_fails_with_the_reason(dash: Dash) -> None:
    status = dash.query_info(dash.query("select nope from motor"))["status"]
    assert status["state"] == "FAILED"
    assert "Column 'nope' cannot be resolved" in status["stateChangeReason"]


def test_what_the_fake_does_not_know_fails_and_says_so(dash: Dash) -> None:
    status = dash.query_info(dash.query("select bing_tile(1, 2, 3)"))["status"]
    assert status["state"] == "FAILED"
    assert "not supported by this fake" in status["stateChangeReason"]


def test_the_result_file_is_in_athenas_dialect(dash: Dash) -> None:
    query = dash.query("select id, name, premium from motor order by id")
    answer = dash.call("GET", f"{API}/query/{query}/csv")
    assert answer.headers["Content-Type"] == "binary/octet-stream"
    assert answer.body.decode() == ('"id","name","premium"\n"1","an ""old"" car","10.5"\n"2",,"20.0"\n"3","",\n')


def test_the_result_file_may_be_a_link_that_needs_no_token(dash: Dash) -> None:
    dash.fake.manners.csv_redirects = True
    query = dash.query("select 1 as one")
    answer = dash.call("GET", f"{API}/query/{query}/csv")
    assert answer.status == 302
    link = answer.headers["Location"]
    assert dash.way.send("GET", link, {}, None).body == b'"one"\n"1"\n'
    with_token = dash.way.send("GET", link, {"Authorization": f"Bearer {dash.bearer}"}, None)
    assert with_token.status == 400


def test_the_result_comes_in_pages_with_the_header_first(dash: Dash) -> None:
    dash.fake.manners.page_rows = 2
    query = dash.query("select id, name from motor order by id")
    first = dash.call("GET", f"{API}/query/{query}/result").json()
    second = dash.call("GET", f"{API}/query/{query}/result?next_token={first['NextToken']}").json()
    assert "NextToken" not in second
    rows = [
        [datum.get("VarCharValue") for datum in row["Data"]]
        for page in (first, second)
        for row in page["resultSet"]["Rows"]
    ]
    assert rows == [["id", "name"], ["1", 'an "old" car'], ["2", None], ["3", ""]]
    assert [column["Type"] for column in first["ResultSetMetaData"]["ColumnInfo"]] == ["bigint", "varchar"]


@pytest.mark.parametrize("token", ["x", "x:1", ":1"])
def test_a_token_of_another_query_gives_no_page(dash: Dash, token: str) -> None:
    query = dash.query("select 1")
    assert dash.call("GET", f"{API}/query/{query}/result?next_token={token}").status == 400


@pytest.mark.parametrize("place", ["0", "-1", "²", "٣", "9" * 5000, "+1"])
def test_a_token_with_a_place_that_is_none_gives_no_page(dash: Dash, place: str) -> None:
    query = dash.query("select 1")
    assert dash.call("GET", f"{API}/query/{query}/result?next_token={query}:{quote(place)}").status == 400


def test_half_a_surrogate_pair_is_no_text(dash: Dash) -> None:
    headers = {"Content-Type": "application/json"}
    answer = dash.call("POST", f"{API}/query", body=b'{"query": "select \'\\ud800\'"}', headers=headers)
    assert answer.status == 400


@pytest.mark.parametrize("what", ["csv", "result"])
def test_a_query_that_has_not_succeeded_has_no_result(dash: Dash, what: str) -> None:
    query = dash.query("select nope from motor")
    assert dash.call("GET", f"{API}/query/{query}/{what}").status == 400


def test_a_query_is_queued_then_runs_then_is_done(dash: Dash) -> None:
    dash.fake.manners.query_pace = Pace(polls=2)
    query = dash.query("select 1")
    seen = [dash.query_info(query)["status"]["state"] for _ in range(4)]
    assert seen == ["QUEUED", "RUNNING", "SUCCEEDED", "SUCCEEDED"]


def test_stopping_a_running_query_cancels_it(dash: Dash) -> None:
    dash.fake.manners.query_pace = Pace(seconds=60)
    query = dash.query("select 1")
    answer = dash.call("DELETE", f"{API}/query/{query}")
    assert (answer.status, answer.body) == (200, b"")
    assert dash.query_info(query)["status"]["state"] == "CANCELLED"
    dash.fake.clock.advance(seconds=61)
    assert dash.query_info(query)["status"]["state"] == "CANCELLED"


def test_stopping_a_finished_query_changes_nothing(dash: Dash) -> None:
    query = dash.query("select 1")
    dash.query_info(query)
    assert dash.call("DELETE", f"{API}/query/{query}").status == 200
    assert dash.query_info(query)["status"]["state"] == "SUCCEEDED"


def test_a_prepared_answer_comes_before_the_lake(dash: Dash) -> None:
    dash.fake.answers.add("select * from somewhere_else", [{"n": 7}])
    dash.fake.answers.add(re.compile("broken"), RuntimeError("the engine is down"))
    good = dash.query("select *\n from somewhere_else;")
    assert dash.call("GET", f"{API}/query/{good}/csv").body == b'"n"\n"7"\n'
    bad = dash.query_info(dash.query("select broken"))
    assert bad["status"]["stateChangeReason"] == "the engine is down"


def test_a_zone_is_another_address_of_the_same_organisation(dash: Dash) -> None:
    answer = dash.call("POST", "https://blue.my_org.api.comodash.io/v2/query", json_body={"query": "select 1"})
    assert answer.status == 202


def test_a_token_does_not_open_another_organisations_host(dash: Dash) -> None:
    answer = dash.call(
        "GET",
        "https://your_org.api.comodash.io/v2/migration",
        headers={"X-Forwarded-Host": "your_org.api.comodash.io"},
    )
    assert answer.status == 401


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/nothing", 404), ("PUT", "/query", 405), ("PATCH", "/load/x", 405)]
)
def test_what_is_not_in_the_contract_is_not_there(dash: Dash, method: str, path: str, status: int) -> None:
    assert dash.call(method, f"{API}{path}").status == status
