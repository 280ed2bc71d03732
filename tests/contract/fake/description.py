"""Checks exchanges against ``docs/openapi.yaml``, both ways: what was sent, and what was answered."""

import json
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import yaml
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from comotion.adapters.fake_dash.request_log import Entry

DOCUMENT = Path(__file__).parents[3] / "docs" / "openapi.yaml"
URI = "urn:dash"


@cache
def document() -> Any:
    return yaml.safe_load(DOCUMENT.read_text("utf-8"))


@cache
def registry() -> Registry[Any]:
    return Registry().with_resource(URI, Resource.from_contents(document(), default_specification=DRAFT202012))


def _resolved(part: Any) -> Any:
    while "$ref" in part:
        part = registry().resolver(URI).lookup(URI + part["$ref"]).contents
    return part


@cache
def operations() -> dict[str, Any]:
    return {
        operation["operationId"]: operation
        for path in document()["paths"].values()
        for method, operation in path.items()
        if method != "parameters"
    }


def _errors(schema: Any, value: Any) -> list[str]:
    absolute = json.loads(json.dumps(schema).replace('"#/', f'"{URI}#/'))
    validator = Draft202012Validator(absolute, registry=registry())
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(value)]


def wrong_with_answer(entry: Entry) -> list[str]:
    """How the answer differs from its description; nothing for operations that have none."""
    operation = operations().get(entry.operation)
    if operation is None or not entry.status or entry.faults:
        return []
    answers = operation["responses"]
    if str(entry.status) not in answers and ("default" not in answers or entry.status < 400):
        return [f"{entry.operation} answered {entry.status}, which is not described"]
    answer = _resolved(answers.get(str(entry.status), answers.get("default")))
    missing = [
        f"{entry.operation}: no header {name}" for name in answer.get("headers", {}) if name not in entry.answer_headers
    ]
    content = answer.get("content")
    if content is None:
        return missing + ([f"{entry.operation}: a body where none is described"] if entry.answer else [])
    kind = entry.answer_headers.get("Content-Type", "").split(";")[0]
    if kind not in content:
        return [*missing, f"{entry.operation} answered {kind}, described are {', '.join(content)}"]
    if kind != "application/json":
        return missing
    return missing + [
        f"{entry.operation}: {error}" for error in _errors(content[kind]["schema"], json.loads(entry.answer))
    ]


def wrong_with_request(entry: Entry) -> list[str]:
    """How a request that was taken differs from its description."""
    operation = operations().get(entry.operation)
    if operation is None or not 200 <= entry.status < 400:
        return []
    wrong = _wrong_parameters(operation, entry)
    body = operation.get("requestBody")
    if body is None:
        return wrong + ([f"{entry.operation}: a body where none is described"] if entry.body else [])
    kind = entry.headers.get("Content-Type", "").split(";")[0]
    if kind not in body["content"]:
        return [*wrong, f"{entry.operation} was sent {kind}, described are {', '.join(body['content'])}"]
    if kind == "application/json":
        value: Any = json.loads(entry.body)
    elif kind == "application/x-www-form-urlencoded":
        value = dict(parse_qsl(entry.body.decode()))
    else:
        return wrong
    return wrong + [f"{entry.operation}: {error}" for error in _errors(body["content"][kind]["schema"], value)]


def _wrong_parameters(operation: Any, entry: Entry) -> list[str]:
    wrong = []
    asked = parse_qs(urlsplit(entry.target).query)
    described = [_resolved(parameter) for parameter in operation.get("parameters", [])]
    for parameter in described:
        name = parameter["name"]
        held = asked.get(name, [None])[0] if parameter["in"] == "query" else entry.headers.get(name)
        if held is None and parameter["required"]:
            wrong.append(f"{entry.operation}: {name} is missing")
    known = {parameter["name"] for parameter in described if parameter["in"] == "query"}
    return wrong + [f"{entry.operation}: unknown parameter {name}" for name in set(asked) - known]


def wrong_with(entry: Entry) -> list[str]:
    return wrong_with_request(entry) + wrong_with_answer(entry)
