"""Every operation has one name, told by host, path, method and query, and the page of them is complete."""

import re
from pathlib import Path

import pytest

from comotion.adapters.fake_dash.exchange import Request
from comotion.adapters.fake_dash.faces import admin, api, daily_run, description, identity, v1
from comotion.adapters.fake_dash.operations import NAMES, destination
from comotion.ports.http import Headers

PAGE = Path(__file__).parents[4] / "docs" / "fake-operations.md"
STORE = "bucket.s3.eu-west-1.amazonaws.com"


@pytest.mark.parametrize(
    ("method", "host", "target", "face", "operation"),
    [
        ("POST", "my_org.api.comodash.io", "/v2/load", "api", "create_load"),
        ("POST", "blue.my_org.api.comodash.io:443", "/v2/load", "api", "create_load"),
        ("GET", "127.0.0.1:80", "/v2/load/7", "api", "load_info"),
        ("GET", "api.comodash.io", "/v1/other", "v1", "unknown"),
        ("GET", "api.my_org.comodash.com", "/superset/dailyRun/execution_status", "daily_run", "daily_run_history"),
        ("GET", "auth.comotion.us", "/auth/realms/my_org", "identity", "realm"),
        ("GET", "my_org.api.comodash.io", "/_fake/state", "api", "unknown"),
        ("GET", "localhost", "/_fake/state", "admin", "admin"),
        ("GET", "localhost", "/openapi.yaml", "description", "openapi"),
        ("PUT", STORE, "/v2/load", "object_store", "put_object"),
        ("PUT", STORE, "/a?partNumber=1&uploadId=x", "object_store", "upload_part"),
        ("POST", STORE, "/a?uploads", "object_store", "create_multipart"),
        ("POST", STORE, "/a?uploadId=x", "object_store", "complete_multipart"),
        ("DELETE", STORE, "/a?uploadId=x", "object_store", "abort_multipart"),
        ("DELETE", STORE, "/a", "object_store", "delete_object"),
        ("POST", STORE, "/?delete", "object_store", "delete_objects"),
        ("POST", STORE, "/", "object_store", "post_object"),
        ("GET", STORE, "/?list-type=2&prefix=a", "object_store", "list_objects"),
        ("GET", STORE, "/?uploads", "object_store", "list_uploads"),
        ("GET", STORE, "/", "object_store", "list_objects"),
        ("GET", "localhost", "/bucket?encoding-type=url", "object_store", "list_objects"),
        ("GET", "bucket.localhost:80", "/", "object_store", "list_objects"),
        ("GET", "bucket.localhost:80", "/a", "object_store", "get_object"),
        ("GET", "localhost", "/bucket/?location", "object_store", "bucket"),
        ("HEAD", "localhost", "/bucket", "object_store", "bucket"),
        ("GET", "localhost", "/bucket/a?prefix=b", "object_store", "get_object"),
        ("GET", STORE, "/a?uploadId=x", "object_store", "list_parts"),
        ("GET", STORE, "/a", "object_store", "get_object"),
        ("HEAD", "localhost", "/bucket/a", "object_store", "head_object"),
        ("PATCH", "localhost", "/bucket/a", "object_store", "unknown"),
    ],
)
def test_a_request_is_told_where_it_belongs(method: str, host: str, target: str, face: str, operation: str) -> None:
    found = destination(Request(method=method, target=target, host=host))
    assert (found.face, found.operation) == (face, operation)


def test_a_copy_is_told_by_its_source() -> None:
    headers = Headers({"x-amz-copy-source": "/bucket/a"})
    assert destination(Request(method="PUT", target="/b", host=STORE, headers=headers)).operation == "copy_object"


def test_a_name_before_a_proxy_counts() -> None:
    headers = Headers({"X-Forwarded-Host": STORE})
    assert destination(Request(method="GET", target="/v2/a", host="localhost", headers=headers)).face == "object_store"


def test_the_page_names_every_operation() -> None:
    listed = set(re.findall(r"`(\w+)`", PAGE.read_text("utf-8")))
    faces = (admin, api, daily_run, description, identity, v1)
    assert {route.operation for face in faces for route in face.ROUTES} <= listed
    assert listed == NAMES
