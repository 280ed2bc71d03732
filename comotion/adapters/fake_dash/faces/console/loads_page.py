"""Loads: the life of each as a timeline, its parts, its check sums expected and found."""

from comotion.adapters.fake_dash import loads
from comotion.adapters.fake_dash.exchange import Response
from comotion.adapters.fake_dash.faces.console.layout import facts, link, nothing, page, section, table
from comotion.adapters.fake_dash.faces.console.life import life
from comotion.adapters.fake_dash.faces.console.markup import Content, Html, el
from comotion.adapters.fake_dash.faces.console.words import chip, count, moment, size
from comotion.adapters.fake_dash.loads import LoadRecord
from comotion.adapters.fake_dash.routing import Call
from comotion.domain.checksum import is_equal
from comotion.domain.load import LoadStatus

SHOWN_LOADS = 50


def show_loads(call: Call) -> Response:
    """All loads, the newest first."""
    known = len(call.organisation.loads)
    more = nothing(f"The newest {SHOWN_LOADS} of {known} are shown.") if known > SHOWN_LOADS else None
    return page(call, "loads", "Loads", newest(call, SHOWN_LOADS), more)


def newest(call: Call, limit: int, *, level: int = 2) -> Html:
    """The newest loads as cards."""
    found = list(reversed(call.organisation.loads.values()))[:limit]
    if not found:
        return el(
            "div", nothing("No loads yet. One appears here as soon as a client opens it."), id="cards", data_live=True
        )
    return el("div", [_card(call, load, level) for load in found], id="cards", class_="cards", data_live=True)


def _card(call: Call, load: LoadRecord, level: int) -> Html:
    name = el("a", load.table, href=link(call, "loads", load.load_id))
    head = el("div", el(f"h{level}", name), chip(load.status.value), class_="head")
    sums = _agreement(load)
    told = el("p", el("code", load.load_id), f" · {sums}" if sums else "", class_="quiet")
    return el("article", head, told, life(call, load), _messages(load), class_="card", id=f"load-{load.load_id}")


def _agreement(load: LoadRecord) -> str:
    if not load.found:
        return count(len(load.expected), "check sum") if load.expected else ""
    agreeing = sum(_agrees(load, expression) for expression in load.expected)
    return f"{agreeing} of {count(len(load.expected), 'check sum')} {'agrees' if agreeing == 1 else 'agree'}"


def _agrees(load: LoadRecord, expression: str) -> bool:
    return expression in load.found and is_equal(load.expected[expression], load.found[expression])


def show_load(call: Call) -> Response:
    """One load."""
    load = loads.find_load(call.organisation, call.params["id"])
    told = facts(
        {
            "Load": el("code", load.load_id),
            "Status": chip(load.status.value),
            "Service client": load.service_client_id,
            "Partitions": ", ".join(load.partitions) or None,
            "Error type": load.error_type if load.status is LoadStatus.FAIL else None,
        }
    )
    return page(
        call,
        "loads",
        f"Load into {load.table}",
        el("div", told, _messages(load), id="facts", data_live=True),
        section("Life", el("div", life(call, load), id="life", data_live=True), id="life-of-load"),
        section("Parts", _parts(call, load), id="parts-of-load"),
        section("Check sums", _sums(load), id="sums-of-load"),
        up="Loads",
    )


def _messages(load: LoadRecord) -> Html | None:
    if load.status is not LoadStatus.FAIL:
        return None
    return el("ul", [el("li", message) for message in load.messages], class_="messages")


def _parts(call: Call, load: LoadRecord) -> Html:
    rows: list[Html] = []
    for place, key in load.tickets.items():
        stored = call.world.objects.get(call.organisation.bucket, place)
        came: Content = "not arrived" if stored is None else moment(stored.modified)
        size_cell = el("td", "–" if stored is None else size(stored.size_bytes), class_="right")
        cells = [el("td", el("code", key)), el("td", came), el("td", el("code", place), class_="broad")]
        rows.append(el("tr", size_cell, cells, id=f"part-{len(rows)}"))
    if not rows:
        rows = [el("tr", el("td", "No parts yet.", colspan=4), id="no-part")]
    right = el("span", "Size", class_="right")
    return table("Parts", [right, "Key", "Arrived", "Object"], rows, id="parts", live=True)


def _sums(load: LoadRecord) -> Html:
    rows: list[Html] = []
    for expression, expected in load.expected.items():
        found = str(load.found[expression]) if expression in load.found else el("i", "not evaluated")
        values = [el("td", value, class_="right") for value in (str(expected), found)]
        verdict = el("td", _verdict(load, expression))
        rows.append(el("tr", verdict, el("td", el("code", expression)), values, id=f"sum-{len(rows)}"))
    if not rows:
        rows = [el("tr", el("td", "None yet: they come with the commit.", colspan=4), id="no-sum")]
    right = [el("span", word, class_="right") for word in ("Expected", "Found")]
    return table("Check sums", ["Verdict", "Expression", *right], rows, id="sums", live=True)


def _verdict(load: LoadRecord, expression: str) -> Html:
    if expression not in load.found:
        return chip("unknown", "calm")
    return chip("agrees", "good") if _agrees(load, expression) else chip("differs", "bad")
