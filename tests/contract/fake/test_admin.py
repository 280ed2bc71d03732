"""The admin face gives tests in other languages what Python's have, and only them."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from comotion.testing import FakeDash


class Admin:
    def __init__(self, url: str) -> None:
        self.url = url

    def get(self, path: str, **headers: str) -> requests.Response:
        return requests.get(f"{self.url}/_fake/{path}", headers=headers, timeout=5)

    def post(self, path: str, body: Any = None) -> requests.Response:
        return requests.post(f"{self.url}/_fake/{path}", json={} if body is None else body, timeout=5)


@pytest.fixture
def admin(fake_dash: FakeDash) -> Iterator[Admin]:
    with fake_dash.serve() as server:
        yield Admin(server.url)


def test_the_clock_is_moved(admin: Admin) -> None:
    before = admin.get("clock").json()["now"]
    assert admin.post("clock", {"advance": {"hours": 2}}).json()["now"] > before


@pytest.mark.parametrize("steps", [{}, {"years": 1}, "1h", {"hours": -1}, {"hours": "2"}])
def test_a_wrong_step_of_the_clock_is_refused(admin: Admin, steps: object) -> None:
    assert admin.post("clock", {"advance": steps}).status_code == 400


def test_a_fault_is_placed_seen_and_cleared(admin: Admin, fake_dash: FakeDash) -> None:
    placed = admin.post("faults", {"kind": "status", "on": "realm", "status": 503, "retry_after": 3})
    assert placed.status_code == 201
    answer = requests.get(f"{admin.url}/auth/realms/my_org", timeout=5)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "3")
    (standing,) = admin.get("faults").json()["faults"]
    assert (standing["kind"], standing["calls"], standing["hits"]) == ("status", 1, 1)
    assert requests.delete(f"{admin.url}/_fake/faults", timeout=5).status_code == 204
    assert fake_dash.faults.standing() == []


@pytest.mark.parametrize(
    "fault",
    [
        {},
        {"kind": "gremlin"},
        {"kind": "drop", "colour": 1},
        {"kind": "drop", "nth": 0},
        {"kind": "drop", "on": 5},
        {"kind": "drop", "on": "creat_load"},
        {"kind": "fail_load", "messages": "one by one"},
    ],
)
def test_a_wrong_fault_is_refused(admin: Admin, fault: dict[str, object]) -> None:
    assert admin.post("faults", fault).status_code == 400


def test_a_load_that_is_to_fail_is_hit_by_nothing_before_its_commit(admin: Admin, fake_dash: FakeDash) -> None:
    assert admin.post("faults", {"kind": "fail_load", "messages": ["no"]}).status_code == 201
    assert [len(fake_dash.faults.hitting(name)) for name in ("create_load", "commit_load")] == [0, 1]


@pytest.mark.parametrize(
    "manners",
    [
        {"rotation": "never"},
        {"page_rows": 0},
        {"page_rows": "9"},
        {"auto_login": 1},
        {"done_word": "Done"},
        {"access_token_life_s": -1},
        {"query_pace": 5},
        {"query_pace": {"pols": 1}},
        {"query_pace": {"polls": "1"}},
        {"next_token_name": ""},
    ],
)
def test_wrong_manners_are_refused_by_name_and_none_of_them_is_taken(
    admin: Admin, fake_dash: FakeDash, manners: dict[str, object]
) -> None:
    answer = admin.post("manners", {"csv_redirects": True, **manners})
    assert (answer.status_code, fake_dash.manners.csv_redirects) == (400, False)
    assert set(answer.json()["message"].split()) & {*manners, "polls", "polls,"}


@pytest.mark.parametrize("person", ["x", {"password": 5}, {"password": "x", "scopes": "load:read"}])
def test_a_person_that_could_not_sign_in_is_not_seeded(admin: Admin, fake_dash: FakeDash, person: object) -> None:
    assert admin.post("seed", {"users": {"ann": person}}).status_code == 400
    assert "ann" not in fake_dash.organisation.users


def test_tables_are_seeded_and_read(admin: Admin) -> None:
    assert admin.post("seed", {"tables": {"motor": [{"id": 1, "name": None}, {"id": 2, "name": "b"}]}}).ok
    seen = admin.get("tables/motor").json()
    assert seen["columns"] == [{"name": "id", "type": "bigint"}, {"name": "name", "type": "varchar"}]
    assert sorted(seen["rows"]) == [[1, None], [2, "b"]]
    answer = admin.post("sql", {"query": "select sum(id) as total from motor"}).json()
    assert answer["rows"] == [[3]]


def test_a_seed_over_http_reads_no_file_of_this_machine(admin: Admin) -> None:
    answer = admin.post("seed", {"tables": {"motor": "/etc/passwd"}})
    assert answer.status_code == 400
    assert "must be an array" in answer.json()["message"]


def test_bad_sql_is_answered_with_why(admin: Admin) -> None:
    answer = admin.post("sql", {"query": "select * from nowhere"})
    assert answer.status_code == 400
    assert "nowhere" in answer.json()["message"]


def test_people_are_added_and_signed_in(admin: Admin) -> None:
    made = admin.post("organisations", {"name": "other_org"}).json()
    form = {"grant_type": "refresh_token", "client_id": "comotion_cli", "refresh_token": made["refresh_token"]}
    token = f"{admin.url}/auth/realms/other_org/protocol/openid-connect/token"
    assert requests.post(token, data=form, timeout=5).status_code == 200


def test_manners_and_answers_are_set(admin: Admin, fake_dash: FakeDash) -> None:
    admin.post("manners", {"rotation": "keep", "query_pace": {"polls": 3}})
    assert (fake_dash.manners.rotation, fake_dash.manners.query_pace.polls) == ("keep", 3)
    assert admin.post("answers", {"query": "select 1", "rows": [{"n": 5}]}).status_code == 204
    assert fake_dash.answers.find("select 1") is not None


def test_the_log_shows_bodies_but_no_credentials(admin: Admin, fake_dash: FakeDash) -> None:
    secret = fake_dash.organisation.the_application().client_secret
    form = {"grant_type": "client_credentials", "client_id": "tester_application", "client_secret": secret}
    token = requests.post(f"{admin.url}/auth/realms/my_org/protocol/openid-connect/token", data=form, timeout=5)
    bearer = {"Authorization": f"Bearer {token.json()['access_token']}"}
    load = {"load_type": "APPEND_ONLY", "table_name": "motor"}
    requests.post(f"{admin.url}/v2/load", json=load, headers=bearer, timeout=5)
    seen = admin.get("requests").json()["requests"]
    assert [entry["operation"] for entry in seen[:2]] == ["token", "create_load"]
    assert json.loads(seen[1]["body"]) == load
    text = json.dumps(seen)
    assert secret not in text
    assert token.json()["access_token"] not in text
    assert len(admin.get("requests?operation=create_load").json()["requests"]) == 1


def test_the_state_shows_loads_queries_and_tables(admin: Admin, fake_dash: FakeDash) -> None:
    fake_dash.seed({"motor": [{"id": 1}]})
    (organisation,) = admin.get("state").json()["organisations"]
    assert organisation["tables"] == [{"name": "motor", "rows": 1, "columns": {"id": "bigint"}}]


def test_resetting_forgets_data(admin: Admin, fake_dash: FakeDash) -> None:
    fake_dash.seed({"motor": [{"id": 1}]})
    assert admin.post("reset").status_code == 204
    assert list(fake_dash.tables) == []


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "my_org.api.comodash.io"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
    ],
)
def test_pages_of_other_sites_are_not_answered(admin: Admin, headers: dict[str, str]) -> None:
    assert admin.get("state", **headers).status_code in (401, 403, 404)


def test_a_plain_form_changes_nothing(admin: Admin, fake_dash: FakeDash) -> None:
    fake_dash.seed({"motor": [{"id": 1}]})
    answer = requests.post(f"{admin.url}/_fake/reset", data="x", headers={"Content-Type": "text/plain"}, timeout=5)
    assert answer.status_code == 403
    assert list(fake_dash.tables) == ["motor"]


def test_a_page_of_its_own_is_answered(admin: Admin) -> None:
    assert admin.get("clock", Origin=admin.url, **{"Sec-Fetch-Site": "same-origin"}).status_code == 200


def test_an_unknown_organisation_is_not_found(admin: Admin) -> None:
    assert admin.get("tables/motor?org=nobody").status_code == 404
    assert admin.get("tables/nothing").status_code == 404


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("answers", {"query": "select 1"}),
        ("answers", {"rows": []}),
        ("manners", {"colour": 1}),
        ("manners", {"query_pace": {"polls": -1}}),
        ("answers", {"query": "select 1", "rows": [1]}),
        ("answers", {"query": "select 1", "rows": {"n": 1}}),
        ("seed", {"nothing": 1}),
        ("seed", {"tables": ["motor"]}),
        ("seed", {"tables": {"motor": []}}),
        ("seed", {"tables": {"motor": [1]}}),
        ("seed", {"tables": {"motor": {"id": 1}}}),
        ("seed", {"users": ["ada"]}),
        ("seed", {"v1_tables": {"motor": {"id": ["1"]}}}),
        ("organisations", {"name": "not a name"}),
    ],
)
def test_what_makes_no_sense_is_refused_with_why(admin: Admin, path: str, body: object) -> None:
    answer = admin.post(path, body)
    assert answer.status_code == 400
    assert answer.json()["message"]


def test_the_log_is_asked_for_operations_that_there_are(admin: Admin) -> None:
    assert admin.get("clock").ok
    assert [entry["operation"] for entry in admin.get("requests?operation=admin").json()["requests"]] == ["admin"]
    assert "create_load" in admin.get("requests?operation=creat_load").json()["message"]
    assert admin.get("requests?op=admin").status_code == 400


def test_values_of_every_kind_are_shown_as_json(admin: Admin) -> None:
    sql = (
        "select date '2026-01-05' as d, timestamp '2026-01-05 09:00:00' as t, decimal '1.50' as m, x'00ff' as b,"
        " array[1, 2] as a, infinity() as i, cast(null as varchar) as n, true as y"
    )
    answer = admin.post("sql", {"query": sql}).json()
    assert answer["rows"] == [["2026-01-05", "2026-01-05T09:00:00", "1.50", "00ff", [1, 2], "inf", None, True]]


def test_another_method_is_not_allowed(admin: Admin) -> None:
    answer = requests.put(f"{admin.url}/_fake/clock", json={}, timeout=5)
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, POST")
