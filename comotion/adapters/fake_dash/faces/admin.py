"""The world itself over HTTP, for tests in other languages: seed, inspect, clock, faults, answers, reset."""

from collections.abc import Mapping
from typing import Any

import attrs

from comotion.adapters.fake_dash.checks import is_number
from comotion.adapters.fake_dash.exchange import Response, json_answer, whole_number
from comotion.adapters.fake_dash.faces import inspection
from comotion.adapters.fake_dash.faces.guard import guard
from comotion.adapters.fake_dash.faults import Fault, Kind
from comotion.adapters.fake_dash.lake.refusal import PartsDoNotJoin, SqlNotSupported, SqlRefused
from comotion.adapters.fake_dash.manners import Manners
from comotion.adapters.fake_dash.organisation import Organisation
from comotion.adapters.fake_dash.progress import Pace
from comotion.adapters.fake_dash.refused import Refused
from comotion.adapters.fake_dash.request_log import KEPT
from comotion.adapters.fake_dash.routing import Call, Match, Route, match
from comotion.adapters.fake_dash.seeding import seed_members
from comotion.domain.errors import InvalidArgument

STEPS = frozenset({"days", "hours", "minutes", "seconds"})
PACE = frozenset({"polls", "seconds"})


def admin(call: Call, found: Match) -> Response:
    """Answer one request about the world."""
    try:
        guard(call.request)
        if found.route is None:
            allow = {"Allow": ", ".join(found.allowed)}
            raise Refused(405, "Method Not Allowed", headers=allow) if found.allowed else Refused(404, "Not Found")
        call.receive()
        call.world.settle()
        return found.route.answer(call)
    except Refused as refused:
        return refused.answer()
    except (InvalidArgument, PartsDoNotJoin, SqlRefused, SqlNotSupported, TypeError, ValueError) as wrong:
        return json_answer({"message": str(wrong)}, status=400)


def find(method: str, segments: list[str]) -> Match:
    return match(ROUTES, method, segments)


def _organisation(call: Call, name: object = None) -> Organisation:
    """The one named in the body or the query, else the first."""
    wanted = name or call.request.query.get("org") or next(iter(call.world.organisations), None)
    organisation = call.world.organisations.get(str(wanted))
    if organisation is None:
        raise Refused(404, f"there is no organisation {wanted}")
    return organisation


def _state(call: Call) -> Response:
    return json_answer(inspection.world(call.world))


def _requests(call: Call) -> Response:
    asked = call.request.query
    for name in asked.keys() - {"operation", "limit"}:
        raise Refused(400, f"unknown parameter {name}; known are limit, operation")
    entries = call.world.log.of(asked.get("operation", "*"))
    limit = whole_number(asked.get("limit", "1000"), KEPT)
    if not limit:
        raise Refused(400, f"limit must be a whole number from 1 to {KEPT}")
    return json_answer({"requests": [inspection.entry(entry) for entry in entries[-limit:]]})


def _table(call: Call) -> Response:
    lake, name = _organisation(call).lake, call.params["name"]
    if name not in lake.tables():
        raise Refused(404, f"there is no table {name}")
    return json_answer(inspection.rows(lake.rows(name)))


def _sql(call: Call) -> Response:
    body = _body(call, {"query", "org"}, needed={"query"})
    organisation = _organisation(call, body.get("org"))
    return json_answer(inspection.rows(organisation.lake.sql(str(body["query"]))))


def _clock(call: Call) -> Response:
    return json_answer({"now": call.world.clock.now().isoformat()})


def _advance(call: Call) -> Response:
    body = _body(call, {"advance"}, needed={"advance"})
    steps = _object(body, "advance", STEPS)
    for name, value in steps.items():
        if not is_number(value, 0):
            raise Refused(400, f"{name} must be a number of 0 or more, not {value!r}")
    call.world.clock.advance(**steps)
    call.world.settle()
    return _clock(call)


def _faults(call: Call) -> Response:
    standing = call.world.faults.standing()
    return json_answer({"faults": [inspection.fault(*placed) for placed in standing]})


def _place_fault(call: Call) -> Response:
    body = _body(call, {attribute.name for attribute in attrs.fields(Fault)} | {"retry_after"}, needed={"kind"})
    kinds = {kind.name.lower(): kind for kind in Kind}
    if body["kind"] not in kinds:
        raise Refused(400, f"kind is one of {', '.join(kinds)}")
    retry_after = body.pop("retry_after", None)
    if retry_after is not None:
        body["headers"] = {**body.get("headers", {}), "Retry-After": str(retry_after)}
    if "messages" in body:
        body["messages"] = tuple(_list(body, "messages"))
    placed = Fault(**{**body, "kind": kinds[body["kind"]]})
    call.world.faults.place(placed)
    return json_answer(inspection.fault(placed, 0, 0), status=201)


def _clear_faults(call: Call) -> Response:
    call.world.faults.clear()
    return Response(status=204)


def _seed(call: Call) -> Response:
    body = _body(call, {"org", "tables", "v1_tables", "users", "applications", "migrated"})
    organisation = _organisation(call, body.pop("org", None))
    tables = body.get("tables")
    for name, data in tables.items() if isinstance(tables, dict) else ():
        if not isinstance(data, (list, dict)):  # a text would be read as the path of a file on this machine
            raise Refused(400, f"tables.{name} must be an array of rows or an object of columns")
    seed_members(call.world, organisation, body)
    return json_answer(inspection.organisation(organisation))


def _add_organisation(call: Call) -> Response:
    body = _body(call, {"name"}, needed={"name"})
    organisation = call.world.add_organisation(str(body["name"]))
    return json_answer(inspection.credentials(call.world, organisation, call.request.origin), status=201)


def _manners(call: Call) -> Response:
    body = _body(call, {attribute.name for attribute in attrs.fields(Manners)})
    manners = call.world.manners
    for name in body:
        if isinstance(getattr(manners, name), Pace):
            body[name] = Pace(**_object(body, name, PACE))
    attrs.evolve(manners, **body)  # all of them are checked before one is changed
    for name, value in body.items():
        setattr(manners, name, value)
    return json_answer(attrs.asdict(manners))


def _prepare_answer(call: Call) -> Response:
    body = _body(call, {"query", "rows", "failure"}, needed={"query"})
    if ("rows" in body) == ("failure" in body):
        raise Refused(400, "an answer has either rows or a failure")
    answer = Exception(body["failure"]) if "failure" in body else body["rows"]
    call.world.answers.add(str(body["query"]), answer)
    return Response(status=204)


def _reset(call: Call) -> Response:
    call.world.reset()
    return Response(status=204)


def _body(call: Call, known: set[str], *, needed: set[str] = frozenset()) -> dict[str, Any]:  # type: ignore[assignment]
    """The JSON object sent; Refused with 400 for unknown or missing members."""
    body: Mapping[str, Any] = call.json_object()
    for name in set(body) - known:
        raise Refused(400, f"unknown member {name}; known are {', '.join(sorted(known))}")
    for name in needed - set(body):
        raise Refused(400, f"{name} is required")
    return dict(body)


def _object(body: Mapping[str, Any], name: str, known: frozenset[str]) -> dict[str, Any]:
    value = body[name]
    if not isinstance(value, dict) or not value or set(value) - known:
        raise Refused(400, f"{name} is an object of {', '.join(sorted(known))}")
    return value


def _list(body: Mapping[str, Any], name: str) -> list[Any]:
    value = body[name]
    if not isinstance(value, list):
        raise Refused(400, f"{name} is an array")
    return value


_BASE = "/_fake"
ROUTES = (
    Route("GET", f"{_BASE}/state", "admin", _state),
    Route("GET", f"{_BASE}/requests", "admin", _requests),
    Route("GET", f"{_BASE}/tables/{{name}}", "admin", _table),
    Route("POST", f"{_BASE}/sql", "admin", _sql, is_locked=False),
    Route("GET", f"{_BASE}/clock", "admin", _clock),
    Route("POST", f"{_BASE}/clock", "admin", _advance),
    Route("GET", f"{_BASE}/faults", "admin", _faults),
    Route("POST", f"{_BASE}/faults", "admin", _place_fault),
    Route("DELETE", f"{_BASE}/faults", "admin", _clear_faults),
    Route("POST", f"{_BASE}/seed", "admin", _seed),
    Route("POST", f"{_BASE}/organisations", "admin", _add_organisation),
    Route("POST", f"{_BASE}/manners", "admin", _manners),
    Route("POST", f"{_BASE}/answers", "admin", _prepare_answer),
    Route("POST", f"{_BASE}/reset", "admin", _reset),
)
