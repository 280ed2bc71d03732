"""A world as one function, ``handle(world, request) -> Response``: faces found, faults acted out, the log kept."""

import traceback
from collections.abc import Callable
from http.client import responses
from types import MappingProxyType

from comotion.adapters.fake_dash.exchange import (
    REMEMBERED_BYTES,
    BrokenBody,
    Request,
    Response,
    json_answer,
    text_answer,
)
from comotion.adapters.fake_dash.faces import admin, api, daily_run, description, identity, v1
from comotion.adapters.fake_dash.faults import Fault, Kind
from comotion.adapters.fake_dash.operations import Destination, destination
from comotion.adapters.fake_dash.request_log import Entry
from comotion.adapters.fake_dash.routing import Call, Match
from comotion.adapters.fake_dash.world import World
from comotion.ports.http import Headers

KEPT_AFTER = frozenset({"admin", "token", "log_out", "revoke", "v1_upload", "start_migration", "enable_daily_run"})
STORE_CODES = MappingProxyType(
    {400: "BadRequest", 403: "AccessDenied", 404: "NoSuchKey", 409: "OperationAborted", 503: "SlowDown"}
)
ROUTED: dict[str, Callable[[Call, Match], Response]] = {
    "admin": admin.admin,
    "description": description.description,
    "identity": identity.identity,
    "api": api.api,
    "v1": v1.v1,
    "daily_run": daily_run.daily_run,
}
OUTSIDE = frozenset({"admin", "console"})  # no part of the service: faults do not hit them, and can be cleared


def handle(world: World, request: Request) -> Response:
    """Answer one request. A mistake of the fake itself is a 500 that says so, with its traceback.

    Raises
    ------
    BrokenBody
        The request's body ended early: nobody is there to be answered.
    """
    place = destination(request)
    hits = [] if place.face in OUTSIDE else world.faults.hitting(place.operation)
    call = Call(world=world, request=request, faults=hits, params=place.match.params)
    if place.face == "console":
        return _answer(call, place)  # somebody who watches leaves no trace
    number = world.log.next_number()
    try:
        response = _with_faults(call, place, hits)
    except BrokenBody:
        world.log.add(_entry(number, call, place, Response(breaks_after=-1)))
        raise
    world.log.add(_entry(number, call, place, response))
    if place.operation in KEPT_AFTER:
        world.keep()
    return response


def _answer(call: Call, place: Destination) -> Response:
    try:
        if place.face in ROUTED:
            return ROUTED[place.face](call, place.match)
        if place.face == "console":
            from comotion.adapters.fake_dash.faces.console import console

            return console(call)
        from comotion.adapters.fake_dash.faces.object_store import object_store

        return object_store(call.world, call.request)
    except BrokenBody:
        raise
    except Exception:  # noqa: BLE001 a server thread must answer, and a test must see why
        text = f"this fake made a mistake at {place.operation}:\n{traceback.format_exc()}"
        return json_answer({"message": text}, status=500)


def _with_faults(call: Call, place: Destination, hits: list[Fault]) -> Response:
    """The answer as the faults leave it; the first that stands in for the answer counts."""
    for fault in hits:
        if fault.kind is Kind.EXPIRE_CREDENTIALS:
            call.world.credentials.expire_all()
    instead = next((fault for fault in hits if _comes_instead(fault)), None)
    response = _answer(call, place) if instead is None else _instead(instead, place.face)
    for fault in hits:
        if fault.kind is Kind.LOSE_ANSWER:
            response.breaks_after = -1
        elif fault.kind is Kind.CUT:
            response.breaks_after = fault.after_bytes
        elif fault.kind is Kind.SLOW:
            response.delay_s, response.delays_after = fault.seconds, fault.after_bytes
        elif fault.kind is Kind.STATUS and fault.after:
            response = _instead(fault, place.face)
    return response


def _comes_instead(fault: Fault) -> bool:
    return fault.kind is Kind.DROP or (fault.kind is Kind.STATUS and not fault.after)


def _instead(fault: Fault, face: str) -> Response:
    """The answer that a fault gives, worded as the face words its errors where the fault has no body of its own."""
    if fault.kind is Kind.DROP:
        return Response(status=0, breaks_after=-1)
    if fault.body is not None:
        return Response(status=fault.status, headers=list(fault.headers.items()), body=fault.body.encode())
    reason = responses.get(fault.status, "Unknown")
    if face == "object_store":
        code = STORE_CODES.get(fault.status, "InternalError")
        text = f"<Error><Code>{code}</Code><Message>{reason}</Message></Error>"
        return text_answer(text, status=fault.status, content_type="application/xml", headers=fault.headers)
    if face == "identity":
        return json_answer({"error": "fault", "error_description": reason}, status=fault.status, headers=fault.headers)
    return json_answer({"message": reason}, status=fault.status, headers=fault.headers)


def _entry(number: int, call: Call, place: Destination, response: Response) -> Entry:
    request, body = call.request, response.body
    return Entry(
        number=number,
        at=call.world.clock.now(),
        operation=place.operation,
        organisation=call.organisation_name(),
        method=request.method,
        host=request.host,
        target=request.target,
        headers=request.headers,
        body=bytes(request.body.seen),
        received_bytes=request.body.received_bytes,
        status=0 if response.breaks_after == -1 else response.status,
        answer_headers=Headers(response.headers),
        answer=body[:REMEMBERED_BYTES] if isinstance(body, bytes) else b"",
        faults=tuple(fault.kind.value for fault in call.faults),
    )
