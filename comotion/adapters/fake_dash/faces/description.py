"""The API's own description, ``/openapi.yaml``: written by hand, shipped with the package, checked by tests."""

from importlib.resources import files
from pathlib import Path

from comotion.adapters.fake_dash.exchange import Response, text_answer
from comotion.adapters.fake_dash.refused import Refused
from comotion.adapters.fake_dash.routing import Call, Match, Route, match


def description(call: Call, found: Match) -> Response:
    """Answer one request for it."""
    if found.route is None:
        return Refused(405, "Method Not Allowed", headers={"Allow": "GET"}).answer()
    return found.route.handler(call)


def find(method: str, segments: list[str]) -> Match:
    return match(ROUTES, method, segments)


def _openapi(_: Call) -> Response:
    return text_answer(text(), content_type="application/yaml")


def text() -> str:
    """The description: beside this package in a wheel, under ``docs/`` in a working copy."""
    shipped = files("comotion.adapters.fake_dash") / "openapi.yaml"
    if shipped.is_file():
        return shipped.read_text("utf-8")
    return (Path(__file__).parents[4] / "docs" / "openapi.yaml").read_text("utf-8")


ROUTES = (Route("GET", "/openapi.yaml", "openapi", _openapi),)
