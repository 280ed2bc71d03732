"""Requests as they come in, the newest first. Queries of URLs, header fields and secret bodies are left out."""

import json
from contextlib import suppress
from http.client import responses

from comotion.adapters.fake_dash.exchange import Response
from comotion.adapters.fake_dash.faces import inspection
from comotion.adapters.fake_dash.faces.console.layout import facts, link, nothing, page, section, table
from comotion.adapters.fake_dash.faces.console.markup import Content, Html, el
from comotion.adapters.fake_dash.faces.console.words import chip, count, cut, moment, on_day, size
from comotion.adapters.fake_dash.refused import Refused
from comotion.adapters.fake_dash.request_log import Entry
from comotion.adapters.fake_dash.routing import Call

SHOWN_REQUESTS = 200
SHOWN_BODY = 20_000


def show_requests(call: Call) -> Response:
    """All requests, or those of one operation."""
    wanted = call.request.query.get("operation", "")
    entries = [entry for entry in call.world.log if wanted in ("", entry.operation)]
    shown = f"The newest {SHOWN_REQUESTS} of {len(entries):,} are shown." if len(entries) > SHOWN_REQUESTS else ""
    return page(
        call,
        "requests",
        "Requests",
        _filter(call, wanted),
        heard(entries),
        newest(call, entries, SHOWN_REQUESTS),
        el("p", shown, id="shown", class_="nothing", data_live=True),
    )


def heard(entries: list[Entry]) -> Html:
    """The live region: one sentence, because a table read out anew at each request would help nobody."""
    said = "No requests yet."
    if entries:
        last = entries[-1]
        said = f"{count(len(entries), 'request')}; the newest: {last.operation}, {_answered(last)}"
    return el("p", said, id="heard", role="status", aria_live="polite", data_live=True)


def newest(call: Call, entries: list[Entry], limit: int) -> Html:
    """The newest of these requests as a table."""
    rows = [_row(call, entry) for entry in list(reversed(entries))[:limit]]
    received = el("span", "Received", class_="right")
    columns: list[Content] = ["Number", "Operation", "Answer", "Time", "Method and path", received, "Faults"]
    return table("Requests", columns, rows, id="requests", live=True)


def _filter(call: Call, wanted: str) -> Html:
    known = sorted({entry.operation for entry in call.world.log} | ({wanted} if wanted else set()))
    options = [el("option", name, value=name, selected=name == wanted) for name in known]
    several = len(call.world.organisations) > 1
    return el(
        "form",
        el("input", type="hidden", name="org", value=call.organisation.name) if several else None,
        el("label", "Operation", for_="operation"),
        el("select", el("option", "all", value=""), options, id="operation", name="operation"),
        el("button", "Show"),
        action=f"{call.request.prefix}/console/requests",
        class_="line",
    )


def _row(call: Call, entry: Entry) -> Html:
    number = el("a", str(entry.number), href=link(call, "requests", str(entry.number)))
    return el(
        "tr",
        el("td", number),
        el("td", entry.operation),
        el("td", _status(entry)),
        el("td", on_day(entry.at, call.world.clock.now())),
        el("td", el("code", f"{entry.method} {_path(entry)}"), class_="broad"),
        el("td", size(entry.received_bytes) if entry.received_bytes else "–", class_="right"),
        el("td", ", ".join(entry.faults) or "–"),
        id=f"request-{entry.number}",
    )


def _path(entry: Entry) -> str:
    return cut(entry.target.split("?", 1)[0], 120)


def _status(entry: Entry) -> Html:
    if entry.status and entry.status < 400:
        return chip(str(entry.status), "good")
    return chip(str(entry.status) if entry.status else "dropped", "bad")


def _answered(entry: Entry) -> str:
    return f"answered {entry.status} {responses.get(entry.status, '')}".rstrip() if entry.status else "dropped"


def show_request(call: Call) -> Response:
    """One request; its body and answer where these hold no secrets by their nature."""
    wanted = call.params["number"]
    entry = next((entry for entry in call.world.log if str(entry.number) == wanted), None)
    if entry is None:
        raise Refused(404, f"There is no request {wanted}: the world was reset, or it is too long ago")
    seen = inspection.entry(entry)
    told = facts(
        {
            "Time": moment(entry.at),
            "Answer": [_status(entry), f" {responses.get(entry.status, '')}"],
            "Organisation": entry.organisation,
            "Method": entry.method,
            "Host": el("code", entry.host),
            "Path": el("code", str(seen["path"])),
            "Received": size(entry.received_bytes),
            "Faults": ", ".join(entry.faults) or None,
        }
    )
    bodies = [
        section(name, _body(str(seen[member]), name), id=member)
        for name, member in (("Body", "body"), ("Answer", "answer"))
        if seen.get(member)
    ]
    hidden = nothing("Bodies of this operation are not shown, because they may hold credentials or data.")
    kept = bodies or (None if "body" in seen else hidden)
    return page(call, "requests", f"Request {entry.number}: {entry.operation}", told, kept, up="Requests")


def _body(text: str, name: str) -> Html:
    with suppress(ValueError, RecursionError):  # what is no JSON is shown as it came
        text = json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    return el("pre", el("code", cut(text, SHOWN_BODY)), tabindex="0", role="region", aria_label=name)
