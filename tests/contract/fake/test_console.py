"""The console over a served fake: what its pages show, what they never show, and whom they answer."""

import re
from collections.abc import Iterator
from html import unescape
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

import pyarrow as pa
import pytest
import requests

from comotion.adapters.fake_dash.lake.refusal import SqlRefused
from comotion.adapters.fake_dash.progress import Pace
from comotion.testing import FakeDash
from tests.contract.fake.dash_client import Dash, OverRequests

PLACES = ("", "loads", "tables", "queries", "operations", "requests", "faults")
EVIL = "<script>alert('x')</script>&\"'"


class Console:
    """Somebody's browser: it sends what a browser sends with a form."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.at = f"{url}/console"

    def get(self, place: str = "", **headers: str) -> requests.Response:
        return requests.get(f"{self.at}/{place}".rstrip("/"), headers=headers, timeout=10, allow_redirects=False)

    def text(self, place: str = "") -> str:
        """What a person reads."""
        answer = self.get(place)
        assert answer.status_code == 200, answer.text
        return read(answer.text)

    def token(self) -> str:
        found = re.search(r'name="form_token" value="([0-9a-f]{32,})"', self.get("faults").text)
        assert found
        return found[1]

    def send(self, place: str, fields: dict[str, str], **headers: str) -> requests.Response:
        """A form of the console's own page."""
        form = {"form_token": self.token(), **fields}
        return self.post(place, form, **{"Origin": self.url, "Sec-Fetch-Site": "same-origin", **headers})

    def post(self, place: str, form: dict[str, str], **headers: str) -> requests.Response:
        return requests.post(f"{self.at}/{place}", data=form, headers=headers, timeout=10, allow_redirects=False)

    def follow(self, answer: requests.Response) -> str:
        assert answer.status_code == 303, answer.text
        return read(requests.get(f"{self.url}{answer.headers['Location']}", timeout=10).text)


def read(page: str) -> str:
    """The words of a page, without its markup."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", page)).split())


@pytest.fixture
def console(fake_dash: FakeDash) -> Iterator[Console]:
    with fake_dash.serve() as server:
        yield Console(server.url)


@pytest.fixture
def client(fake_dash: FakeDash, console: Console) -> Dash:
    """A client of the same server, signed in."""
    return Dash(fake_dash, OverRequests(console.url)).signed_in()


def loaded(client: Dash, sums: dict[str, Any], table: str = "motor") -> str:
    """The id of a load that was committed with these sums."""
    load_id = client.open_load(table)
    client.put(load_id, pa.table({"id": [1, 2], "premium": [1.5, 2.5]}), "first")
    assert client.commit(load_id, sums).status == 202
    return load_id


# what it shows


@pytest.mark.parametrize("place", PLACES)
def test_every_page_is_there_in_a_new_world(console: Console, place: str) -> None:
    assert console.get(place).status_code == 200


def test_a_load_shows_its_life(console: Console, client: Dash, fake_dash: FakeDash) -> None:
    fake_dash.manners.load_pace = Pace(seconds=30)
    load_id = loaded(client, {"count(*)": 2})
    before = console.text(f"loads/{load_id}")
    assert re.search(r"Opened .*Parts .*1 part.*Committed .*PROCESSING .*SUCCESS or FAIL not yet", before)
    fake_dash.clock.advance(seconds=31)
    assert re.search(r"PROCESSING .* for 31(\.\d+)? s .*SUCCESS \d\d:\d\d:\d\d", console.text(f"loads/{load_id}"))


def test_a_load_that_is_open_says_what_is_still_to_come(console: Console, client: Dash) -> None:
    load_id = client.open_load("motor")
    client.ticket(load_id, "late")
    text = console.text(f"loads/{load_id}")
    assert "1 asked for, not arrived" in text
    assert "Committed not yet" in text


def test_parts_show_key_and_size(console: Console, client: Dash, fake_dash: FakeDash) -> None:
    text = console.text(f"loads/{loaded(client, {'count(*)': 2})}")
    (stored,) = fake_dash.world.objects.listed(fake_dash.organisation.bucket)
    assert "first" in text
    assert f"{stored.size_bytes / 1000:.1f} kB" in text or f"{stored.size_bytes} bytes" in text


def test_check_sums_agree_or_differ_in_words(console: Console, client: Dash) -> None:
    text = console.text(f"loads/{loaded(client, {'count(*)': 2, 'sum(premium)': 5})}")
    assert re.search(r"✓ agrees count\(\*\) 2 2", text)
    assert re.search(r"✕ differs sum\(premium\) 5 4\.0", text)
    assert "Check sum sum(premium): expected 5, found 4.0" in text


def test_a_table_shows_columns_types_and_rows(console: Console, fake_dash: FakeDash) -> None:
    fake_dash.seed({"motor": [{"id": 1, "name": None}, {"id": 2, "name": ""}]})
    assert "motor 2 id, name" in console.text("tables")
    text = console.text("tables/motor")
    assert "id bigint name varchar" in text
    assert "1 NULL" in text
    assert "2 empty text" in text


def test_only_the_first_rows_of_a_large_table_are_shown(console: Console, fake_dash: FakeDash) -> None:
    fake_dash.seed({"motor": [{"id": n} for n in range(120)]})
    text = console.text("tables/motor")
    assert "First 50 rows" in text
    assert console.get("tables/motor").text.count("<tr") == 1 + 1 + 1 + 50


def test_a_table_of_data_model_v1_is_shown(console: Console, fake_dash: FakeDash) -> None:
    fake_dash.organisation.v1.append_rows("old", ("a",), [("x",)], service_client_id="0")
    assert "Lake of data model v1" in console.text("tables")
    assert "a service_client_id x 0" in console.text("v1-tables/old")


def test_a_query_of_a_client_shows_sql_translation_and_result(console: Console, client: Dash) -> None:
    query_id = client.query("SELECT 7 / 2 AS half")
    client.query_info(query_id)
    text = console.text(f"queries/{query_id}")
    assert "✓ SUCCEEDED" in text
    assert "SELECT 7 / 2 AS half" in text
    assert "SQL as translated for DuckDB" in text
    assert "half integer 3" in text


def test_migrations_and_daily_runs_are_shown(console: Console, fake_dash: FakeDash) -> None:
    fake_dash.organisation.daily_runs.enabled = None
    fake_dash.organisation.daily_runs.start(fake_dash.world)
    text = console.text("operations")
    assert "FULL_MIGRATION ○ Not Run" in text
    assert "no such setting" in text
    assert "… RUNNING" in text


def test_requests_come_newest_first(console: Console, client: Dash) -> None:
    client.create_load("motor")
    client.create_load("home")
    numbers = re.findall(r'id="request-(\d+)"', console.get("requests").text)
    assert len(numbers) >= 3
    assert numbers == sorted(numbers, key=int, reverse=True)


def test_requests_of_one_operation_are_picked(console: Console, client: Dash) -> None:
    client.create_load("motor")
    page = console.get("requests?operation=create_load").text
    assert "1 request; the newest: create_load, answered 202 Accepted" in read(page)


def test_a_request_shows_what_was_sent_and_answered(console: Console, client: Dash, fake_dash: FakeDash) -> None:
    client.create_load("motor")
    text = console.text(f"requests/{fake_dash.requests[-1].number}")
    assert '"table_name": "motor"' in text
    assert '"loadId"' in text


def test_several_organisations_are_told_apart(console: Console, fake_dash: FakeDash) -> None:
    fake_dash.world.add_organisation("other")
    fake_dash.seed({"theirs": [{"id": 1}]}, org="other")
    assert "theirs" in console.text("tables?org=other")
    assert "theirs" not in console.text("tables?org=my_org")
    assert console.get("tables?org=nobody").status_code == 404


def test_a_world_behind_a_prefix_keeps_its_prefix(fake_dash: FakeDash) -> None:
    with FakeDash("blue_org") as other, fake_dash.serve(others={"blue": other}) as server:
        page = requests.get(f"{server.url}/w/blue", headers={"Accept": "text/html"}, timeout=10)
    assert page.url.endswith("/w/blue/console")
    assert "blue_org" in page.text
    links = re.findall(r'(?:href|src|action)="(/[^"]*)"', page.text)
    assert [link for link in links if not link.startswith("/w/blue/console")] == []


# what it never does


def test_watching_leaves_no_trace(console: Console, client: Dash, fake_dash: FakeDash) -> None:
    fake_dash.manners.load_pace = Pace(polls=2)
    load_id = loaded(client, {"count(*)": 2})
    before = len(fake_dash.requests)
    for place in (*PLACES, f"loads/{load_id}"):
        console.get(place)
    assert len(fake_dash.requests) == before
    assert fake_dash.organisation.loads[load_id].looks == 0


def test_a_fault_on_every_call_can_still_be_cleared(console: Console, fake_dash: FakeDash) -> None:
    fake_dash.faults.drop(times=None)
    assert console.send("faults/clear", {}).status_code == 303
    assert fake_dash.faults.standing() == []


def test_whatever_is_shown_is_escaped(console: Console, client: Dash, fake_dash: FakeDash) -> None:
    fake_dash.seed({"motor": [{"name": EVIL, f"col{EVIL}": 1}]})
    client.call("GET", f"{console.url}/{EVIL}")
    query_id = client.query(f"SELECT '{EVIL.replace(chr(39), chr(39) * 2)}' AS \"{EVIL.replace(chr(34), '')}\"")
    load_id = loaded(client, {"count(*)": EVIL})
    last = fake_dash.requests[-1].number
    places = (*PLACES, "tables/motor", f"queries/{query_id}", f"loads/{load_id}", f"requests/{last}", f"loads/{EVIL}")
    for place in places:
        page = console.get(place).text
        assert "<script>alert" not in page, place
        assert page.count("<script") == 1, place
    assert EVIL in unescape(console.get("tables/motor").text)


def test_secrets_are_on_no_page(console: Console, client: Dash, fake_dash: FakeDash) -> None:
    load_id = client.open_load("motor")
    ticket = client.ticket(load_id, "first").json()
    organisation, lasting = fake_dash.organisation, fake_dash.world.credentials.lasting
    authorisation = next(e.headers["Authorization"] for e in fake_dash.requests if "Authorization" in e.headers)
    secrets = [
        organisation.the_application().client_secret,
        organisation.the_api_key(),
        lasting.secret_access_key,
        authorisation.removeprefix("Bearer "),
        *ticket["sts_credentials"].values(),
        *(value for name, value in ticket["presigned_url"]["fields"].items() if "ignature" in name or name == "policy"),
        *(token for token, *_ in organisation.sessions.standing()),
    ]
    assert len(secrets) > 8
    pages = [console.get(place).text for place in (*PLACES, f"loads/{load_id}")]
    pages += [console.get(f"requests/{entry.number}").text for entry in fake_dash.requests]
    assert [secret for secret in secrets if any(secret in page for page in pages)] == []


def test_a_page_asks_no_other_host_for_anything(console: Console) -> None:
    for place in (*PLACES, "console.css", "console.js"):
        found = re.findall(r"""(?:href|src|action)="([^"]+)"|url\(([^)]+)\)""", console.get(place).text)
        assert [one for pair in found for one in pair if urlsplit(one).netloc] == []


# the box


def test_a_query_is_run_from_its_box(console: Console, fake_dash: FakeDash) -> None:
    fake_dash.seed({"motor": [{"id": 1}, {"id": 2}]})
    text = console.follow(console.send("queries", {"sql": "select sum(id) as total from motor"}))
    assert "✓ SUCCEEDED" in text
    assert "total bigint 3" in text


def test_a_query_that_fails_says_why_as_the_service_does(console: Console, fake_dash: FakeDash) -> None:
    with pytest.raises(SqlRefused) as refused:
        fake_dash.sql("select * from nowhere", dialect="athena")
    text = console.follow(console.send("queries", {"sql": "select * from nowhere"}))
    assert "✕ FAILED" in text
    assert str(refused.value) in text


def test_sql_that_is_none_comes_back_with_the_refusal_beside_it(console: Console, client: Dash) -> None:
    sql = "selec\n1 <b>"
    said = client.run(sql).message
    answer = console.send("queries", {"sql": sql})
    assert answer.status_code == 400
    assert said in read(answer.text)
    assert 'aria-invalid="true"' in answer.text
    assert "selec\n1 &lt;b&gt;</textarea>" in answer.text


def test_a_query_needs_no_client_that_asks_for_it(console: Console, fake_dash: FakeDash) -> None:
    fake_dash.manners.query_pace = Pace(polls=3)
    assert "✓ SUCCEEDED" in console.follow(console.send("queries", {"sql": "select 1"}))


def test_a_query_that_takes_time_says_so_until_the_clock_has_moved(console: Console, fake_dash: FakeDash) -> None:
    fake_dash.manners.query_pace = Pace(seconds=60)
    answer = console.send("queries", {"sql": "select 1 as one"})
    assert "… QUEUED" in console.follow(answer)
    fake_dash.clock.advance(minutes=2)
    assert "one integer 1" in console.follow(answer)


def test_no_sql_is_no_query(console: Console, fake_dash: FakeDash) -> None:
    assert console.send("queries", {"sql": " "}).status_code == 400
    assert fake_dash.organisation.queries == {}


def test_a_table_leads_to_a_query_of_it(console: Console, fake_dash: FakeDash) -> None:
    fake_dash.seed({"motor": [{"id": 1}]})
    link = re.search(r'href="/console/([^"]*)">Query this table', console.get("tables/motor").text)
    assert link
    assert 'SELECT * FROM "motor" LIMIT 100' in console.text(unescape(link[1]))


# clock and faults


@pytest.mark.parametrize("fields", [{"by": "3600"}, {"number": "60", "unit": "minutes"}])
def test_the_clock_is_moved_with_a_button(console: Console, fake_dash: FakeDash, fields: dict[str, str]) -> None:
    before = fake_dash.clock.now()
    assert "The clock has moved on" in console.follow(console.send("clock", fields))
    assert 3600 <= (fake_dash.clock.now() - before).total_seconds() < 3660


@pytest.mark.parametrize("number", ["-1", "nan", "inf", "1e300", "x", ""])
def test_a_wrong_step_is_refused_on_the_page(console: Console, fake_dash: FakeDash, number: str) -> None:
    before = fake_dash.clock.now()
    answer = console.send("clock", {"number": number, "unit": "hours"})
    assert answer.status_code == 400
    assert 'role="alert"' in answer.text
    assert (fake_dash.clock.now() - before).total_seconds() < 60


def test_a_fault_is_placed_with_a_button_and_seen_to_hit(console: Console, client: Dash) -> None:
    assert "answers 503, Retry-After: 1" in console.follow(console.send("faults", {"preset": "unavailable"}))
    assert client.create_load("motor").status == 503
    assert "call 1 (used up) 1 1" in console.text("faults")
    assert client.create_load("motor").status == 202


def test_every_fault_of_a_button_can_be_placed(console: Console, fake_dash: FakeDash) -> None:
    names = re.findall(r'name="preset" value="(\w+)"', console.get("faults").text)
    assert len(names) >= 6
    for name in names:
        assert console.send("faults", {"preset": name}).status_code == 303
    assert len(fake_dash.faults.standing()) == len(names)
    assert console.get("faults").status_code == 200


def test_a_fault_is_put_together(console: Console, fake_dash: FakeDash) -> None:
    console.send("faults", {"kind": "status", "on": "commit_*", "nth": "2", "times": "", "status": "502"})
    ((fault, _, _),) = fake_dash.faults.standing()
    assert (fault.on, fault.nth, fault.times, fault.status) == ("commit_*", 2, None, 502)


@pytest.mark.parametrize(
    "fields",
    [{"kind": "gremlin"}, {"kind": "drop", "nth": "0"}, {"kind": "drop", "times": "0"},
     {"kind": "status", "status": "9"}, {"kind": "slow", "seconds": "nan"}, {"kind": "cut", "after_bytes": "x"}],
)  # fmt: skip
def test_a_wrong_fault_is_refused_on_the_page(console: Console, fake_dash: FakeDash, fields: dict[str, str]) -> None:
    assert console.send("faults", fields).status_code == 400
    assert fake_dash.faults.standing() == []


# who is answered


def test_a_browser_at_the_root_is_led_to_the_console(console: Console) -> None:
    answer = requests.get(console.url, headers={"Accept": "text/html,*/*"}, timeout=10, allow_redirects=False)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/console")


def test_an_s3_client_at_the_root_is_not(console: Console) -> None:
    answer = requests.get(console.url, headers={"Accept": "*/*"}, timeout=10, allow_redirects=False)
    assert answer.headers["Content-Type"] == "application/xml"


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "evil.example:80"},
        {"Host": "localhost.evil.example"},
        {"Host": "bucket.localhost"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
@pytest.mark.parametrize("place", ["", "requests", "console.js", "nowhere"])
def test_other_names_and_other_sites_are_not_answered(console: Console, headers: dict[str, str], place: str) -> None:
    answer = console.get(place, **headers)
    assert answer.status_code == 403
    assert "<" not in answer.text


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "[::1]"])
def test_the_names_of_this_machine_are(console: Console, name: str) -> None:
    assert console.get(Host=f"{name}:{urlsplit(console.url).port}").status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "none"},
        {"Content-Type": ""},
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/json"},
    ],
)
@pytest.mark.parametrize("place", ["faults", "faults/clear", "clock", "queries"])
def test_a_form_of_no_page_of_its_own_changes_nothing(
    console: Console, fake_dash: FakeDash, headers: dict[str, str], place: str
) -> None:
    standing, before = fake_dash.faults.drop(on="user_info"), fake_dash.clock.now()
    form = {"form_token": console.token(), "preset": "dropped", "by": "3600", "sql": "select 1"}
    assert console.post(place, form, **headers).status_code == 403
    assert [fault for fault, _, _ in fake_dash.faults.standing()] == [standing]
    assert (fake_dash.clock.now() - before).total_seconds() < 60
    assert fake_dash.organisation.queries == {}


@pytest.mark.parametrize("token", ["", "0" * 48, "\N{SNOWMAN}"])
def test_a_form_needs_the_token_of_this_world(console: Console, fake_dash: FakeDash, token: str) -> None:
    assert console.send("faults", {"preset": "dropped", "form_token": token}).status_code == 403
    assert fake_dash.faults.standing() == []


def test_another_world_has_another_token(fake_dash: FakeDash) -> None:
    with fake_dash.fork() as other:
        assert other.world.form_token != fake_dash.world.form_token


def test_a_form_that_is_too_long_is_not_read(console: Console) -> None:
    assert console.send("queries", {"sql": "x" * (2 << 20)}).status_code == 413


@pytest.mark.parametrize("place", [*PLACES, "console.css", "console.js", "icon.svg", "nowhere"])
def test_no_page_can_be_framed_or_made_to_run_what_is_not_its_own(console: Console, place: str) -> None:
    headers = console.get(place).headers
    policy = headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'")
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert (headers["X-Frame-Options"], headers["X-Content-Type-Options"]) == ("DENY", "nosniff")
    assert headers["Cache-Control"] == "no-store"
    assert headers["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize("place", PLACES)
def test_a_page_holds_no_script_or_style_of_its_own(console: Console, place: str) -> None:
    page = console.get(place).text
    assert re.findall(r"<style|\sstyle=|\son\w+=|<script(?! src=)|javascript:", page) == []


@pytest.mark.parametrize(
    ("place", "said"),
    [("nowhere", "no such page"), ("loads/x", "Load x not found"), ("queries/x", "Query x not found"),
     ("tables/x", "no table x"), ("v1-tables/x", "no table x"), ("requests/999", "no request 999")],
)  # fmt: skip
def test_what_is_not_there_is_said_on_a_page(console: Console, place: str, said: str) -> None:
    answer = console.get(place)
    assert answer.status_code == 404
    assert said in read(answer.text)


def test_a_method_that_is_none_of_a_page_is_refused(console: Console) -> None:
    answer = requests.delete(f"{console.at}/faults", timeout=10)
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, POST")


def test_head_is_answered_without_a_body(console: Console) -> None:
    answer = requests.head(console.at, timeout=10)
    assert (answer.status_code, answer.content) == (200, b"")


# for keyboards and screen readers


class Outline(HTMLParser):
    """What a screen reader steers by."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.headings: list[int] = []
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.named: set[str] = set()
        self.controls: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = dict(attrs)
        self.tags.append(tag)
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if known.get("id"):
            self.ids.append(str(known["id"]))
        if tag == "label":
            self.named.add(str(known["for"]))
        if tag in ("input", "select", "textarea") and known.get("type") != "hidden":
            self.controls.append(str(known.get("id")))


@pytest.fixture
def outlines(console: Console, client: Dash) -> list[Outline]:
    """Of every kind of page, in a world where something has happened."""
    load_id = loaded(client, {"count(*)": 3})
    query_id = client.query("select 1")
    places = (*PLACES, f"loads/{load_id}", f"queries/{query_id}", "requests/1", "nowhere")
    return [Outline(console.get(place).text) for place in places]


def test_headings_go_down_one_step_at_a_time(outlines: list[Outline]) -> None:
    for outline in outlines:
        assert outline.headings.count(1) == 1
        assert outline.headings[0] == 1
        steps = zip(outline.headings, outline.headings[1:], strict=False)
        assert all(lower - upper <= 1 for upper, lower in steps)


def test_every_field_has_a_label(outlines: list[Outline]) -> None:
    assert [name for outline in outlines for name in outline.controls if name not in outline.named] == []


def test_no_id_is_given_twice(outlines: list[Outline]) -> None:
    for outline in outlines:
        assert len(outline.ids) == len(set(outline.ids))


def test_every_page_has_its_landmarks_and_a_way_past_them(outlines: list[Outline], console: Console) -> None:
    for outline in outlines:
        assert {"header", "nav", "main", "footer"} <= set(outline.tags)
    page = console.get().text
    assert '<html lang="en">' in page
    assert re.search(r'<body><a href="#main" class="skip">', page)


def test_news_of_requests_are_read_out_politely(console: Console) -> None:
    assert re.search(r'id="heard" role="status" aria-live="polite"', console.get("requests").text)
