"""Faults and the clock, with buttons. A fault never hits the console or the admin face, so it can be cleared."""

from comotion.adapters.fake_dash.exchange import Response
from comotion.adapters.fake_dash.faces.console.forms import sent_back, taken
from comotion.adapters.fake_dash.faces.console.layout import form, link, page, section, table
from comotion.adapters.fake_dash.faces.console.markup import Content, Html, el
from comotion.adapters.fake_dash.faces.console.presets import KINDS, OPERATIONS, PRESETS, deed
from comotion.adapters.fake_dash.faces.console.words import moment
from comotion.adapters.fake_dash.faults import Fault
from comotion.adapters.fake_dash.routing import Call

STEPS = {"1 minute": 60, "5 minutes": 300, "1 hour": 3600, "1 day": 86400}
SECONDS = {"seconds": 1, "minutes": 60, "hours": 3600, "days": 86400}
LONGEST_STEP_S = 3650 * 86400
DONE = {"advanced": "The clock has moved on.", "placed": "The fault is placed.", "cleared": "All faults are cleared."}


def show_faults(call: Call) -> Response:
    """The page, saying what was just done, with the focus where it was."""
    return _page(call, said=DONE.get(call.request.query.get("done", ""), ""))


def advance(call: Call) -> Response:
    """Move the clock."""
    fields = taken(call)
    try:
        step_s = float(fields.get("by") or fields.get("number") or "") * SECONDS[fields.get("unit", "seconds")]
        if not 0 <= step_s <= LONGEST_STEP_S:
            raise ValueError(step_s)
    except (ValueError, KeyError):
        return _page(
            call,
            said="The clock moves forward by a number of seconds, minutes, hours or days, at most ten years.",
            status=400,
        )
    call.world.clock.advance(seconds=step_s)
    call.world.settle()
    return sent_back(link(call, "faults", done="advanced", at=fields.get("by", "number")))


def place(call: Call) -> Response:
    """Place a fault: a preset, or one put together."""
    fields = taken(call)
    preset = PRESETS.get(fields.get("preset", ""))
    try:
        call.world.faults.place(preset.fault if preset else _put_together(fields))
    except (ValueError, KeyError) as wrong:
        return _page(call, said=f"That is no fault: {wrong}.", status=400)
    return sent_back(link(call, "faults", done="placed", at=fields.get("preset", "kind")))


def clear(call: Call) -> Response:
    """Take all faults away."""
    taken(call)
    call.world.faults.clear()
    return sent_back(link(call, "faults", done="cleared", at="clear"))


def _put_together(fields: dict[str, str]) -> Fault:
    """The fault of the longer form. Raises ValueError for a wrong number, KeyError for an unknown kind."""
    times = fields.get("times", "").strip()
    kind = KINDS[fields.get("kind", "")][1]
    return Fault(
        kind=kind,
        on=fields.get("on", "").strip() or "*",
        nth=int(fields.get("nth") or 1),
        times=int(times) if times else None,
        status=int(fields.get("status") or 500),
        seconds=float(fields.get("seconds") or 5) if fields["kind"] == "slow" else 0.0,
        after_bytes=int(fields.get("after_bytes") or 100) if fields["kind"] == "cut" else None,
    )


def _page(call: Call, *, said: str = "", status: int = 200) -> Response:
    at = call.request.query.get("at", "")
    now = el("p", moment(call.world.clock.now(), exact=False), " UTC", id="now", class_="now", data_live=True)
    return page(
        call,
        "faults",
        "Faults and clock",
        section("Clock", now, _steps(call, at), _any_step(call, at), id="time"),
        section("Standing faults", _standing(call), _clearing(call, at), id="standing-faults"),
        section("Place a fault", _presets(call, at), _any_fault(call, at), id="place"),
        said=said,
        status=status,
    )


def _steps(call: Call, at: str) -> Html:
    buttons = [
        el("button", f"+ {name}", name="by", value=seconds, autofocus=at == str(seconds))
        for name, seconds in STEPS.items()
    ]
    return form(call, buttons, to=("clock",), class_="line", aria_label="Advance the clock by a step")


def _any_step(call: Call, at: str) -> Html:
    units = [el("option", unit, value=unit, selected=unit == "minutes") for unit in SECONDS]
    number = el("input", id="number", name="number", type="number", min=0, step="any", value=10, required=True)
    return form(
        call,
        el("label", "Advance by", for_="number"),
        number,
        el("label", "Unit", for_="unit", class_="unseen"),
        el("select", units, id="unit", name="unit"),
        el("button", "Advance", autofocus=at == "number"),
        to=("clock",),
        class_="line",
    )


def _standing(call: Call) -> Html:
    rows = [
        el("tr", _standing_cells(fault, calls, hits), id=f"fault-{place}")
        for place, (fault, calls, hits) in enumerate(call.world.faults.standing())
    ]
    if not rows:
        rows = [el("tr", el("td", "None.", colspan=5), id="no-fault")]
    right = [el("span", word, class_="right") for word in ("Calls seen", "Calls hit")]
    return table("Standing faults", ["On", "What it does", "Which calls", *right], rows, id="standing", live=True)


def _standing_cells(fault: Fault, calls: int, hits: int) -> list[Html]:
    if fault.times is None:
        which = f"every one from call {fault.nth} on"
    elif fault.times == 1:
        which = f"call {fault.nth}"
    else:
        which = f"{fault.times} from call {fault.nth} on"
    chance = f", each with a chance of {fault.probability:g}" if fault.probability < 1 else ""
    is_over = fault.times is not None and hits >= fault.times
    texts: list[Content] = [el("code", fault.on), deed(fault), f"{which}{chance}{' (used up)' if is_over else ''}"]
    counts = [el("td", f"{number:,}", class_="right") for number in (calls, hits)]
    return [*(el("td", text) for text in texts), *counts]


def _clearing(call: Call, at: str) -> Html:
    return form(call, el("button", "Clear all faults", autofocus=at == "clear"), to=("faults", "clear"), class_="line")


def _presets(call: Call, at: str) -> Html:
    buttons = [
        el("button", preset.name, name="preset", value=name, autofocus=at == name) for name, preset in PRESETS.items()
    ]
    return form(call, buttons, to=("faults",), class_="line", aria_label="Place a common fault")


def _any_fault(call: Call, at: str) -> Html:
    kinds = [el("option", label, value=name) for name, (label, _) in KINDS.items()]
    known = el("datalist", [el("option", value=name) for name in OPERATIONS], id="operations")
    fields = [
        _field("What", el("select", kinds, id="kind", name="kind"), "kind"),
        _field("On operation, or a pattern", _input("on", "text", "*", list="operations"), "on"),
        _field("From call", _input("nth", "number", "1", min=1), "nth"),
        _field("How many calls (empty: every one)", _input("times", "number", "1", min=1), "times"),
        _field("Status, for an error", _input("status", "number", "500", min=200, max=599), "status"),
        _field("Seconds, for a late answer", _input("seconds", "number", "5", min=0, max=3600, step="any"), "seconds"),
        _field("Bytes, for a short answer", _input("after_bytes", "number", "100", min=0), "after_bytes"),
    ]
    grid = el("div", fields, known, class_="fields")
    button = el("button", "Place this fault", autofocus=at == "kind")
    group = el("fieldset", el("legend", "Or put one together"), grid, button)
    return form(call, group, to=("faults",))


def _field(label: str, control: Html, name: str) -> Html:
    return el("div", el("label", label, for_=name), control)


def _input(name: str, kind: str, value: str, **limits: str | int) -> Html:
    return el("input", id=name, name=name, type=kind, value=value, **limits)
