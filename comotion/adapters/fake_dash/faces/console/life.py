"""A load's life as a timeline: what has happened, when by the world's clock, and what is still to come."""

from datetime import datetime

from attrs import frozen

from comotion.adapters.fake_dash import loads
from comotion.adapters.fake_dash.faces.console.markup import Content, Html, el
from comotion.adapters.fake_dash.faces.console.words import count, duration, later, moment, size
from comotion.adapters.fake_dash.loads import LoadRecord
from comotion.adapters.fake_dash.routing import Call
from comotion.domain.load import LoadStatus

SIGNS = {"done": "✓", "bad": "✕", "now": "…", "next": "○"}


@frozen
class _Step:
    """One station. ``tone`` is done, bad, now (it lasts) or next (it is still to come)."""

    name: str
    tone: str
    at: datetime | None = None
    told: str = ""


def life(call: Call, load: LoadRecord) -> Html:
    """The timeline as an ordered list."""
    steps = [_Step("Opened", "done", load.opened), _parts(call, load), *_after_commit(load)]
    return el("ol", [_shown(step, load.opened) for step in steps], class_="life")


def _parts(call: Call, load: LoadRecord) -> _Step:
    stored = loads.stored_parts(call.world, call.organisation, load)
    waiting = len(load.tickets) - len(stored)
    told = f"{count(len(stored), 'part')}, {size(sum(part.size_bytes for part in stored))}" if stored else ""
    if waiting:
        told += f"{'; ' if told else ''}{waiting} asked for, not arrived"
    is_open = load.status is LoadStatus.OPEN
    tone = "now" if is_open and load.tickets else "next" if is_open else "done"
    return _Step("Parts", tone, max((part.modified for part in stored), default=None), told)


def _after_commit(load: LoadRecord) -> list[_Step]:
    if load.committed is None:
        return [_Step("Committed", "next"), _Step("PROCESSING", "next"), _Step("SUCCESS or FAIL", "next")]
    committed = _Step("Committed", "done", load.committed, count(len(load.expected), "check sum"))
    if load.ended is None:
        return [committed, _Step("PROCESSING", "now", load.committed), _Step("SUCCESS or FAIL", "next")]
    processing = _Step("PROCESSING", "done", load.committed, f"for {duration(load.ended - load.committed)}")
    is_bad = load.status is LoadStatus.FAIL
    return [committed, processing, _Step(load.status.value, "bad" if is_bad else "done", load.ended)]


def _shown(step: _Step, opened: datetime) -> Html:
    when: Content = "not yet" if step.tone == "next" else None
    if step.at is not None:
        when = moment(opened) if step.name == "Opened" else later(step.at, opened)
    return el(
        "li",
        el("span", SIGNS[step.tone], class_="sign", aria_hidden="true"),
        el("strong", step.name),
        el("span", when) if when else None,
        el("span", step.told) if step.told else None,
        class_=step.tone,
    )
