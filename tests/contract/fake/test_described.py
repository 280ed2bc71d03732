"""The fake and its description agree: on what is there, and on whatever schemathesis makes of it."""

import pytest
import requests
import yaml

from comotion.adapters.fake_dash.faces import api, daily_run, v1
from comotion.testing import FakeDash
from tests.contract.fake.description import DOCUMENT, document, operations


def test_the_server_serves_its_description(fake_dash: FakeDash) -> None:
    with fake_dash.serve() as server:
        served = requests.get(f"{server.url}/openapi.yaml", timeout=5)
    assert served.headers["Content-Type"] == "application/yaml"
    assert yaml.safe_load(served.content) == document()


def test_every_route_is_described_and_every_description_has_a_route() -> None:
    routes = {
        route.operation: (route.method.lower(), route.path) for face in (api, v1, daily_run) for route in face.ROUTES
    }
    described = {
        operation["operationId"]: (method, path)
        for path, methods in document()["paths"].items()
        for method, operation in methods.items()
        if method != "parameters" and operation["operationId"] != "token"
    }
    assert described == routes


def test_every_scope_is_described() -> None:
    for face in (api, daily_run):
        for route in face.ROUTES:
            if route.scope is not None:
                assert f"`{route.scope}`" in operations()[route.operation]["description"]


@pytest.mark.clients
@pytest.mark.parametrize("mode", ["POSITIVE", "NEGATIVE"])
@pytest.mark.parametrize("operation_id", list(operations()))
def test_schemathesis_finds_nothing(fake_dash: FakeDash, operation_id: str, mode: str) -> None:
    schemathesis = pytest.importorskip("schemathesis")
    from hypothesis import HealthCheck, Phase, given, settings
    from schemathesis.specs.openapi.checks import positive_data_acceptance, unsupported_method

    @schemathesis.serializer("application/gzip")
    def as_it_is(context: object, value: object) -> bytes:
        return value if isinstance(value, bytes) else str(value).encode()

    operation = schemathesis.openapi.from_path(DOCUMENT).find_operation_by_id(operation_id)
    cases = operation.as_strategy(generation_mode=schemathesis.GenerationMode[mode])
    headers = headers_of(fake_dash, operation_id)
    left_out = [positive_data_acceptance, unsupported_method]  # text is seldom SQL, and no id is known
    with fake_dash.serve() as server:

        @settings(
            max_examples=50,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate],
        )
        @given(case=cases)
        def call(case: "schemathesis.Case") -> None:
            case.headers.update(headers)  # a case whose one fault was its sign-in is a good one now
            case.call_and_validate(base_url=server.url, excluded_checks=left_out, timeout=10)

        call()
    fake_dash.requests.clear()


def headers_of(fake: FakeDash, operation_id: str) -> dict[str, str]:
    if operation_id == "token":
        return {}
    if operation_id == "v1_upload":
        return {"x-api-key": fake.organisation.the_api_key(), "org-name": "my_org"}
    scopes = " ".join(fake.organisation.the_application().scopes)
    bearer = fake.organisation.sessions.issue_access(
        fake.organisation.the_application(), client_id="x", session=None, issuer="https://x", scope=scopes
    )
    return {"Authorization": f"Bearer {bearer.text}"}
