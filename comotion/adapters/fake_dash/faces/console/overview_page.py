"""The first page: how much there is of everything, what came last, and where a client points."""

from comotion.adapters.fake_dash.exchange import Response
from comotion.adapters.fake_dash.faces.console import loads_page, requests_page
from comotion.adapters.fake_dash.faces.console.layout import facts, link, page, section
from comotion.adapters.fake_dash.faces.console.markup import Html, el
from comotion.adapters.fake_dash.faces.console.words import count
from comotion.adapters.fake_dash.routing import Call
from comotion.domain.load import LoadStatus
from comotion.domain.query import QueryState

LATEST_LOADS = 3
LATEST_REQUESTS = 10


def show_overview(call: Call) -> Response:
    """All of it."""
    organisation, entries = call.organisation, list(call.world.log)
    base = call.request.origin
    pointing = {
        "Base URL": None if base is None else el("code", base),
        "Organisation": el("code", organisation.name),
        "First user": el("code", organisation.the_user().name),
        "Bucket": el("code", organisation.bucket),
    }
    return page(
        call,
        "",
        "Overview",
        el("ul", _counts(call), class_="counts", id="counts", data_live=True),
        section("Latest loads", loads_page.newest(call, LATEST_LOADS, level=3), id="latest-loads"),
        section(
            "Latest requests",
            requests_page.heard(entries),
            requests_page.newest(call, entries, LATEST_REQUESTS),
            id="latest-requests",
        ),
        section("Where a client points", facts(pointing), id="pointing"),
    )


def _counts(call: Call) -> list[Html]:
    organisation = call.organisation
    tables = organisation.row_counts()
    states = [query.state for query in organisation.queries.values()]
    statuses = [load.status for load in organisation.loads.values()]
    failures = sum(not entry.status or entry.status >= 400 for entry in call.world.log)
    over = sum(fault.times is not None and hits >= fault.times for fault, _, hits in call.world.faults.standing())
    standing = len(call.world.faults.standing()) - over
    return [
        _count(call, "loads", len(statuses), "load", _some(statuses.count(LoadStatus.FAIL), "failed")),
        _count(call, "tables", len(tables), "table", count(sum(rows for _, rows in tables), "row")),
        _count(call, "queries", len(states), "query", _some(states.count(QueryState.FAILED), "failed"), "queries"),
        _count(call, "requests", len(call.world.log), "request", _some(failures, "with an error")),
        _count(call, "faults", standing, "standing fault", _some(over, "used up")),
    ]


def _some(number: int, word: str) -> str:
    return f"{number:,} {word}" if number else f"none {word}"


def _count(call: Call, place: str, number: int, noun: str, told: str, plural: str = "") -> Html:
    figure, _, named = count(number, noun, plural).partition(" ")
    there = el("a", el("strong", figure), " ", named, href=link(call, place))
    return el("li", there, el("span", told, class_="quiet"), id=f"count-{place}")
