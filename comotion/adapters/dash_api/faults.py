"""An answer that is an error -> the error it stands for. One table, and one way to read any body."""

import html
import json
import re
from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType

from comotion.domain.errors import (
    ApiException,
    BadRequestException,
    BadSql,
    Conflict,
    Forbidden,
    MigrationConflict,
    NoDailyRunSetting,
    NotFoundException,
    Unauthorised,
    UnknownQuery,
)
from comotion.domain.pacing import said_retry_after

KEPT_CHARACTERS = 2_000
SAID_CHARACTERS = 500
PAGE_CHARACTERS = 10_000


class Asked(Enum):
    """What was asked for, as far as it decides what an error status means."""

    START_QUERY = "start query"
    QUERY = "query"
    RESULT_FILE = "result file"
    LOAD = "load"
    START_MIGRATION = "start migration"
    MIGRATION = "migration"
    DAILY_RUN = "daily run"
    V1_UPLOAD = "v1 upload"


MEANINGS: Mapping[tuple[Asked, int], type[ApiException]] = MappingProxyType(
    {
        (Asked.START_QUERY, 400): BadSql,
        (Asked.QUERY, 404): UnknownQuery,
        (Asked.START_MIGRATION, 409): MigrationConflict,
        (Asked.DAILY_RUN, 404): NoDailyRunSetting,
        # No token goes with these two: their refusals say nothing about who is signed in.
        (Asked.RESULT_FILE, 401): ApiException,
        (Asked.RESULT_FILE, 403): ApiException,
        (Asked.V1_UPLOAD, 401): ApiException,
        (Asked.V1_UPLOAD, 403): ApiException,
    }
)
BY_STATUS: Mapping[int, type[ApiException]] = MappingProxyType(
    {
        400: BadRequestException,
        401: Unauthorised,
        403: Forbidden,
        404: NotFoundException,
        409: Conflict,
    }
)

_MEMBERS = ("message", "Message", "errorMessage", "error_description", "error", "detail", "title", "Error")
_LEADS: Mapping[type[ApiException], str] = MappingProxyType(
    {UnknownQuery: "query_id cannot be found: "}  # compat: scripts look for these words
)
_SECRETS = re.compile(
    r"""(?ix)
    (?P<name> x-amz-(?:signature|security-token|credential) | awsaccesskeyid | signature
            | (?:access|refresh|id|session|security)_?token | client_secret | secretaccesskey
            | x-api-key | password )
    (?P<between> ["']? \s* [=:>] \s* ["']? ) [^\s&"'<>,}]+
    | (?P<bearer> bearer \s+ ) [^\s"'<>,}]{16,}
    | \beyJ[\w-]{8,}\.[\w-]+\.?[\w-]*
    """
)


def error_of(
    asked: Asked,
    operation: str,
    status: int,
    body: bytes,
    *,
    retry_after: str | None = None,
    secret: str | None = None,
) -> ApiException:
    """The error for an answer that is no success.

    Parameters
    ----------
    operation : str
        What was asked, in words and with its id.
    body : bytes
        Of any shape: JSON, a page, nothing, no text at all.
    retry_after : str, optional
        The answer's field of that name.
    secret : str, optional
        Went out with the request and must not be repeated, should the service echo it.
    """
    kind = MEANINGS.get((asked, status)) or BY_STATUS.get(status, ApiException)
    text = shown(body, secret)
    message = f"{operation}: {_LEADS.get(kind, '')}HTTP {status}: {said(text)}{said_retry_after(retry_after)}"
    return kind(message, operation=operation, status=status, body=text[:KEPT_CHARACTERS])


def said(text: str) -> str:
    """The sentence in an error body, on one line: its message member, a page's words, or the text itself."""
    stripped = text.strip()
    if not stripped:
        return "the service gave no reason"
    message = _message_in(stripped) if stripped[0] in '{["' else None
    if message is None:
        message = _words_of_page(stripped) if stripped[0] == "<" else stripped
    line = " ".join(message.split()) or "the service gave no reason"
    return line if len(line) <= SAID_CHARACTERS else line[: SAID_CHARACTERS - 1] + "…"


def _message_in(text: str) -> str | None:
    try:
        return _message_of(json.loads(text))
    except (ValueError, RecursionError):
        return None


def _message_of(value: object) -> str | None:
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return "; ".join(filter(None, map(_message_of, value))) or None
    if isinstance(value, dict):
        found = (_message_of(value[name]) for name in _MEMBERS if value.get(name))
        return next(filter(None, found), None)
    return None


def _words_of_page(text: str) -> str:
    """An XML error's code and message, else a page's title, else its words; looked for at its head only."""
    text = text[:PAGE_CHARACTERS]
    code, message, title = (
        re.search(rf"<{tag}\b[^>]*>(.*?)</{tag}>", text, re.IGNORECASE | re.DOTALL)
        for tag in ("Code", "Message", "title")
    )
    if code or message:
        words = ": ".join(found[1] for found in (code, message) if found)
    elif title:
        words = title[1]
    else:
        words = re.sub(r"<(script|style)\b.*?</\1>|<[^<>]*>", " ", text, flags=re.IGNORECASE | re.DOTALL)
    return html.unescape(words)


def shown(body: bytes, secret: str | None) -> str:
    """A body as text without secrets."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        text = body.decode("latin-1") if body.lstrip()[:1] == b"<" else f"({len(body)} bytes that are no text)"
    if "\x00" in text:
        text = f"({len(body)} bytes that are no text)"
    if secret:
        text = text.replace(secret, "…")
    return _SECRETS.sub(_hidden, text)


def _hidden(found: re.Match[str]) -> str:
    if found["name"]:
        return f"{found['name']}{found['between']}…"
    return f"{found['bearer'] or ''}…"
