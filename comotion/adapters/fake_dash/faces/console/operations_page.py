"""Migrations and daily runs, in short."""

from comotion.adapters.fake_dash.exchange import Response
from comotion.adapters.fake_dash.faces.console.layout import facts, page, section, table
from comotion.adapters.fake_dash.faces.console.markup import Html, el
from comotion.adapters.fake_dash.faces.console.words import chip, moment
from comotion.adapters.fake_dash.routing import Call

SWITCH = {True: "enabled", False: "disabled", None: "no such setting in this organisation"}
SHOWN_RUNS = 50


def show_operations(call: Call) -> Response:
    """Both."""
    runs = call.organisation.daily_runs
    switch = el("div", facts({"Daily run": SWITCH[runs.enabled]}), id="switch", data_live=True)
    return page(
        call,
        "operations",
        "Migrations and daily runs",
        section("Migrations", _migrations(call), id="migrations"),
        section("Daily runs", switch, _runs(call), id="daily-runs"),
    )


def _migrations(call: Call) -> Html:
    record = call.organisation.migration
    rows = []
    for kind, word in record.words.items():
        running = record.running is not None and record.running.migration_type is kind
        began = moment(record.began) if running and record.began is not None else "–"
        cells = [el("th", kind.value, scope="row"), el("td", chip(word)), el("td", began)]
        rows.append(el("tr", cells, el("td", record.messages.get(kind, "–")), id=f"migration-{kind.value}"))
    return table("Migrations", ["Migration", "Status", "Running since", "Message"], rows, id="migration", live=True)


def _runs(call: Call) -> Html:
    rows = [
        el(
            "tr",
            el("td", chip(run.status)),
            el("td", moment(run.started)),
            el("td", "–" if run.stopped is None else moment(run.stopped)),
            el("td", el("code", run.name)),
            id=f"run-{run.name}",
        )
        for run in list(reversed(call.organisation.daily_runs.runs))[:SHOWN_RUNS]
    ]
    if not rows:
        rows = [el("tr", el("td", "No runs yet.", colspan=4), id="no-run")]
    return table("Daily runs", ["Status", "Started", "Stopped", "Name"], rows, id="runs", live=True)
