"""JSON_EXISTS, JSON_QUERY and JSON_VALUE: what they are given, and what the items that a path found come to."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from comotion.adapters.fake_dash.lake.kernels import jsonvalues
from comotion.adapters.fake_dash.lake.kernels.jsonpath import PathFails, followed
from comotion.adapters.fake_dash.lake.kernels.registry import KernelRefusal, Kernels

KERNELS = Kernels()
_ENCODINGS = {"UTF8": "utf-8", "UTF16": "utf-16-le", "UTF32": "utf-32-le"}


class _ResultFails(PathFails):
    """What the path found is no one scalar."""

    kind = "JSON_VALUE_RESULT_ERROR"
    what = "cannot extract SQL scalar from JSON"


@KERNELS()
def json_decoded(document: bytes, encoding: str) -> str:
    """The text of a document in bytes; of what is not in that encoding none, which is no JSON."""
    try:
        return document.decode(_ENCODINGS[encoding])
    except UnicodeDecodeError:
        return ""


@KERNELS()
def json_encoded(document: str, encoding: str) -> bytes:
    return document.encode(_ENCODINGS[encoding])


@KERNELS("json_variables", keep_null=True)
def json_variables(*pieces: str | None) -> str:
    """The object of variables: each name with its items, none where a document is NULL; no JSON where one is none.

    Parameters
    ----------
    pieces : str
        Name, ``value`` or ``document``, and JSON text, of one variable after the other.
    """
    found: list[str] = []
    for name, kind, value in zip(pieces[::3], pieces[1::3], pieces[2::3], strict=True):
        items = value if value is not None else "" if kind == "document" else "null"
        try:
            jsonvalues.parsed(items or "null")
        except ValueError:
            return ""
        found.append(f"{jsonvalues.quote(name or '')}:[{items}]")
    return "{" + ",".join(found) + "}"


@KERNELS()
def json_exists(document: str, path: str, variables: str, error: str, unused: str) -> bool | None:
    try:
        return bool(followed(document, path, variables))
    except PathFails as failure:
        if error == "error":
            raise failure.refusal() from None
        return {"true": True, "false": False, "unknown": None}[error]


@KERNELS()
def json_query(document: str, path: str, variables: str, how: str, empty: str, error: str) -> str | None:
    wrapper, _, quotes = how.partition("/")
    try:
        found = followed(document, path, variables)
    except PathFails as failure:
        return _instead(error, failure.refusal())
    if not found:
        return _instead(empty, _no_output("JSON path found no items"))
    if wrapper == "unconditional" or (
        wrapper == "conditional" and (len(found) != 1 or not isinstance(found[0], dict | list))
    ):
        return jsonvalues.written(found)
    if len(found) > 1:
        return _instead(error, _no_output("JSON path found multiple items"))
    if quotes == "omit" and isinstance(found[0], str):
        return found[0]
    return jsonvalues.written(found[0])


def _no_output(why: str) -> KernelRefusal:
    return KernelRefusal(f"conversion from JSON failed: {why}", "JSON_OUTPUT_CONVERSION_ERROR")


def _instead(behaviour: str, refusal: KernelRefusal) -> str | None:
    if behaviour == "error":
        raise refusal
    return {"null": None, "empty array": "[]", "empty object": "{}"}[behaviour]


@KERNELS()
def json_value(document: str, path: str, variables: str, empty: str, error: str) -> str | None:
    """A mark and the text of a value: s a text, b a boolean, i a whole number, d a double, n a decimal.

    ``e`` and ``r`` stand for the defaults of ON EMPTY and ON ERROR.
    """
    try:
        found = followed(document, path, variables)
        if len(found) > 1:
            raise _ResultFails("JSON path found multiple items")
        shown = _scalar(found[0]) if found else None
    except PathFails as failure:
        return _behaviour(error, "r", failure)
    return shown if found else _behaviour(empty, "e", _ResultFails("JSON path found no items"))


def _scalar(value: Any) -> str | None:
    """A mark for the SQL type that Trino gives a JSON scalar, and its text; JSON's null is SQL's."""
    if value is None:
        return None
    if isinstance(value, bool):
        return f"b{value}".lower()
    if isinstance(value, int) and -(2**63) <= value < 2**63:
        return f"i{value}"
    if isinstance(value, float):
        return f"d{float(value)!r}"
    if isinstance(value, Decimal):
        return f"n{value:f}"
    if isinstance(value, str):
        return f"s{value}"
    raise _ResultFails("JSON path found an item that cannot be converted to an SQL value")


def _behaviour(behaviour: str, mark: str, failure: PathFails) -> str | None:
    if behaviour == "error":
        raise failure.refusal() from None
    return mark if behaviour == "default" else None
