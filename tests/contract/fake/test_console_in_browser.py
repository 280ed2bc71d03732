"""The console in a real browser: by keyboard, in both colour schemes, on narrow and wide screens, without script."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from comotion.testing import FakeDash
from tests.chromium import Page, chromium
from tests.contract.fake.dash_client import Dash, OverRequests
from tests.contract.fake.test_console import loaded

pytestmark = pytest.mark.browser

CONTRAST = (Path(__file__).parent / "contrast.js").read_text("utf-8")
FOCUSED = "document.activeElement.id || document.activeElement.textContent"


@pytest.fixture
def page() -> Iterator[Page]:
    with chromium() as opened:
        opened.look_like()
        yield opened


@pytest.fixture
def at(fake_dash: FakeDash) -> Iterator[str]:
    """The console's URL, in a world where everything has happened once."""
    fake_dash.seed({"policies": [{"id": 1, "holder": None}, {"id": 2, "holder": "<b>"}]})
    with fake_dash.serve() as server:
        client = Dash(fake_dash, OverRequests(server.url)).signed_in()
        loaded(client, {"count(*)": 2})
        loaded(client, {"count(*)": 2, "sum(premium)": 5})
        client.ticket(client.open_load(), "late")
        for sql in ("select 1", "select x from policies"):
            client.query_info(client.query(sql))
        fake_dash.faults.status(503, on="create_load", retry_after=1)
        client.create_load()
        fake_dash.faults.drop(on="user_info", times=None)
        yield f"{server.url}/console"


@pytest.fixture
def places(fake_dash: FakeDash) -> list[str]:
    """One page of each kind, with what is good and what is bad."""
    loads, queries = fake_dash.organisation.loads, fake_dash.organisation.queries
    return ["", "/loads", *(f"/loads/{name}" for name in loads), "/tables", "/tables/policies", "/queries",
            *(f"/queries/{name}" for name in queries), "/operations", "/requests", "/requests/2", "/requests/9999",
            "/faults?done=placed&at=dropped"]  # fmt: skip


def opened(page: Page, url: str) -> None:
    page.goto(url)
    page.wait_for(f"location.href === {url!r} && document.readyState === 'complete' && document.querySelector('h1')")


def tab_to(page: Page, wanted: str) -> None:
    """Press Tab until an element with that id or text has the focus."""
    for _ in range(60):
        page.press("Tab", code=9)
        if wanted == str(page.evaluate(FOCUSED)).strip():
            return
    raise AssertionError(f"Tab never comes to {wanted}")


def enter(page: Page) -> None:
    page.press("Enter", code=13, text="\r")


def test_a_query_is_run_by_keyboard(page: Page, at: str) -> None:
    opened(page, f"{at}/queries")
    tab_to(page, "sql")
    page.type("select sum(id) as total from policies")
    tab_to(page, "Run")
    enter(page)
    page.wait_for_text("SQL as translated")
    assert "SUCCEEDED" in page.text()
    assert re.search(r"total\s+bigint\s+3", page.text())
    assert page.complaints() == []


def test_ctrl_and_enter_run_it_too(page: Page, at: str) -> None:
    opened(page, f"{at}/queries")
    tab_to(page, "sql")
    page.type("select 40 + 2 as answer")
    page.press("Enter", code=13, ctrl=True)
    page.wait_for_text("answer")
    page.wait_for_text("42")


def test_a_refused_query_puts_the_focus_back_where_it_is_mended(page: Page, at: str) -> None:
    opened(page, f"{at}/queries")
    tab_to(page, "sql")
    page.type("selec 1")
    tab_to(page, "Run")
    enter(page)
    page.wait_for_text("mismatched input")
    page.wait_for("document.activeElement.id === 'sql'")
    assert page.evaluate("document.activeElement.value") == "selec 1"


def test_the_first_tab_leads_past_the_navigation(page: Page, at: str) -> None:
    opened(page, at)
    page.press("Tab", code=9)
    assert page.evaluate("document.activeElement.className") == "skip"
    assert page.evaluate("document.activeElement.getBoundingClientRect().top") >= 0
    enter(page)
    page.wait_for("document.activeElement.id === 'main'")


def test_a_request_appears_while_the_focus_and_the_others_stay(page: Page, at: str, fake_dash: FakeDash) -> None:
    opened(page, f"{at}/requests")
    tab_to(page, str(fake_dash.requests[-1].number))
    page.evaluate("window.kept = document.activeElement.closest('tr')")
    client = Dash(fake_dash, OverRequests(at.removesuffix("/console"))).signed_in()
    client.query("select 'news'")
    page.wait_for(f"document.getElementById('request-{fake_dash.requests[-1].number}')")
    assert page.evaluate("window.kept === document.activeElement.closest('tr')")
    assert page.evaluate("document.querySelector('#requests tr').id") == f"request-{fake_dash.requests[-1].number}"
    page.wait_for_text("the newest: run_query")
    assert page.complaints() == []


def test_a_load_goes_on_before_ones_eyes(page: Page, at: str, fake_dash: FakeDash) -> None:
    client = Dash(fake_dash, OverRequests(at.removesuffix("/console"))).signed_in()
    load_id = client.open_load()
    opened(page, f"{at}/loads/{load_id}")
    assert "No parts yet" in page.text()
    client.ticket(load_id, "arriving")
    page.wait_for_text("arriving")
    assert "No parts yet" not in page.text()


def test_updates_can_be_paused(page: Page, at: str, fake_dash: FakeDash) -> None:
    opened(page, f"{at}/requests")
    tab_to(page, "pause")
    enter(page)
    page.wait_for_text("Resume updates")
    Dash(fake_dash, OverRequests(at.removesuffix("/console"))).signed_in()
    page.evaluate("look().then(() => { window.looked = true; })")
    page.wait_for("window.looked")
    row = f"document.getElementById('request-{fake_dash.requests[-1].number}')"
    assert page.evaluate(f"{row} === null")
    enter(page)
    page.wait_for(row)


def test_a_fault_is_placed_and_cleared_by_keyboard(page: Page, at: str, fake_dash: FakeDash) -> None:
    opened(page, f"{at}/faults")
    tab_to(page, "Drop the next connection")
    enter(page)
    page.wait_for_text("The fault is placed.")
    page.wait_for(f"({FOCUSED}) === 'Drop the next connection'")
    assert len(fake_dash.faults.standing()) == 3
    tab_to(page, "Clear all faults")
    enter(page)
    page.wait_for_text("All faults are cleared.")
    assert fake_dash.faults.standing() == []


def test_the_clock_is_advanced_again_and_again_without_looking_for_the_button(
    page: Page, at: str, fake_dash: FakeDash
) -> None:
    before = fake_dash.clock.now()
    opened(page, f"{at}/faults")
    tab_to(page, "+ 1 day")
    enter(page)
    page.wait_for_text("The clock has moved on.")
    page.wait_for("document.activeElement.value === '86400'")
    enter(page)
    page.wait_for(f"document.querySelector('#now time').dateTime > '{(before + timedelta(days=2)).isoformat()}'")
    assert (fake_dash.clock.now() - before).days == 2


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_text_has_contrast_enough(page: Page, at: str, places: list[str], scheme: str) -> None:
    page.look_like(scheme=scheme)
    for place in places:
        opened(page, f"{at}{place}")
        assert page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches") is (scheme == "dark")
        assert page.evaluate(CONTRAST) == [], place
    assert [said for said in page.complaints() if "requests/9999" not in said] == []


def test_the_two_schemes_differ(page: Page, at: str) -> None:
    grounds = []
    for scheme in ("light", "dark"):
        page.look_like(scheme=scheme)
        opened(page, at)
        grounds.append(page.evaluate("getComputedStyle(document.documentElement).backgroundColor"))
    assert grounds == ["rgb(245, 246, 248)", "rgb(16, 20, 24)"]


@pytest.mark.parametrize("width", [360, 768, 1440])
def test_no_page_is_wider_than_the_screen(page: Page, at: str, places: list[str], width: int) -> None:
    page.look_like(width=width)
    for place in places:
        opened(page, f"{at}{place}")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, place


def test_without_script_pages_and_forms_work_as_well(page: Page, at: str, fake_dash: FakeDash) -> None:
    page.without_script()
    page.goto(f"{at}/faults")
    page.wait_for_text("Without script a page shows the moment it was loaded")
    assert "Pause updates" not in page.text()
    page.evaluate("document.querySelector('button[value=throttled]').click()")
    page.wait_for_text("The fault is placed.")
    assert len(fake_dash.faults.standing()) == 3


def test_a_page_of_another_site_cannot_send_its_forms(page: Page, at: str, fake_dash: FakeDash) -> None:
    standing = len(fake_dash.faults.standing())
    form = f'<form method=post action="{at}/faults"><input name=preset value=dropped></form>'
    page.evaluate(f"document.body.innerHTML = {form!r}; document.forms[0].submit()")
    page.wait_for_text("this face does not answer")
    assert len(fake_dash.faults.standing()) == standing
