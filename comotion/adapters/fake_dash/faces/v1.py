"""Data model v1: one gzip-compressed CSV at a time (dash-api, section 3)."""

import hmac

from comotion.adapters.fake_dash import migrations
from comotion.adapters.fake_dash.exchange import Response, text_answer
from comotion.adapters.fake_dash.refused import Refused
from comotion.adapters.fake_dash.routing import Call, Match, Route, match
from comotion.domain.names import LAKE_NAME

MAX_BODY_BYTES = 256 << 20


def v1(call: Call, found: Match) -> Response:
    """Answer one request of version 1."""
    try:
        if found.route is None:
            raise Refused(403, "Missing Authentication Token")  # what its gateway says of any other path
        _identify(call)
        return found.route.handler(call)
    except Refused as refused:
        return refused.answer()


def find(method: str, segments: list[str]) -> Match:
    return match(ROUTES, method, segments)


def _identify(call: Call) -> None:
    """Refused with 403 unless the API key belongs to the organisation named."""
    headers = call.request.headers
    organisation = call.world.organisations.get(headers.get("org-name", ""))
    key = headers.get("x-api-key", "").encode()
    if organisation is None or not any(hmac.compare_digest(key, good.encode()) for good in organisation.api_keys):
        raise Refused(403, "Forbidden")
    call.organisation = organisation


def _data_input_file(call: Call) -> Response:
    headers = call.request.headers
    if headers.get("Content-Type", "").split(";")[0].strip().lower() != "application/gzip":
        raise Refused(415, "Content-Type must be application/gzip")
    table = headers.get("table-name", "")
    if not LAKE_NAME.fullmatch(table):
        raise Refused(400, f"table-name does not match ^{LAKE_NAME.pattern}$")
    call.receive(MAX_BODY_BYTES)
    if call.content is None:
        raise Refused(413, "Request Too Long")
    with call.world.lock:
        migrations.settle(call.world, call.organisation)
        if call.organisation.migration.is_fully_done():
            raise Refused(403, "The full migration has been run: uploads to the v1 lake are closed")
        client = headers.get("service_client_id", "0")
        rows = call.organisation.v1.append(table, call.content, service_client_id=client)
    return text_answer(f"File accepted: {rows} rows")


ROUTES = (Route("POST", "/v1/data-input-file", "v1_upload", _data_input_file),)
