"""Conditional requests: If-Match and its kin, for reading and for writing (RFC 9110, section 13)."""

from datetime import datetime
from email.utils import parsedate_to_datetime

from comotion.adapters.fake_dash.exchange import Request
from comotion.adapters.fake_dash.faces.object_store.refusals import Refusal
from comotion.adapters.fake_dash.stored import StoredObject


def _failed(condition: str) -> Refusal:
    return Refusal(
        "PreconditionFailed",
        "At least one of the pre-conditions you specified did not hold",
        details={"Condition": condition},
    )


def _names(value: str, stored: StoredObject) -> bool:
    tags = {tag.strip().removeprefix("W/").strip('"') for tag in value.split(",")}
    return "*" in tags or stored.etag in tags


def _date(request: Request, name: str) -> datetime | None:
    text = request.headers.get(name)
    if text is None:
        return None
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None


def check_read(request: Request, stored: StoredObject, *, prefix: str = "") -> bool:
    """Whether the object is to be sent; False is 304. Raises PreconditionFailed."""
    modified = stored.modified.replace(microsecond=0)
    match, none_match = request.headers.get(f"{prefix}if-match"), request.headers.get(f"{prefix}if-none-match")
    until, since = _date(request, f"{prefix}if-unmodified-since"), _date(request, f"{prefix}if-modified-since")
    if match is not None and not _names(match, stored):
        raise _failed("If-Match")
    if match is None and until is not None and modified > until:
        raise _failed("If-Unmodified-Since")
    if none_match is not None:
        return not _names(none_match, stored)
    return since is None or modified > since


def check_source(request: Request, source: StoredObject) -> None:
    """Raises PreconditionFailed when an object may not be copied."""
    if not check_read(request, source, prefix="x-amz-copy-source-"):
        raise _failed("x-amz-copy-source-If-None-Match")


def check_write(request: Request, present: StoredObject | None) -> None:
    """Raises PreconditionFailed or NoSuchKey when an object may not be (over)written or deleted."""
    match, none_match = request.headers.get("if-match"), request.headers.get("if-none-match")
    if none_match is not None:
        if none_match.strip() != "*":
            raise Refusal("NotImplemented", "If-None-Match of a write takes only * here")
        if present is not None:
            raise _failed("If-None-Match")
    if match is not None:
        check_match(match, present)


def check_match(tag: str, present: StoredObject | None) -> None:
    """Raises PreconditionFailed or NoSuchKey unless the object is there and is the one expected."""
    if present is None:
        raise Refusal("NoSuchKey", "The specified key does not exist.")
    if not _names(tag, present):
        raise _failed("If-Match")
