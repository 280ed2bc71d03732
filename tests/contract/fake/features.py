"""What the faces of a fake Dash can do, each told by trying it.

``python -m tests.contract.fake.features`` writes the page.

A probe says whether the feature works. A feature that works and is listed as a gap, or does not and is listed as
known, fails the suite until it is moved.
"""

import gzip
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import boto3
import botocore.exceptions
import pyarrow as pa
import requests
from attrs import define
from botocore.config import Config

from comotion.testing import FakeDash
from tests.contract.fake.dash_client import API, DAILY_RUN, ISSUER, REALM, Dash, OverRequests

PAGE = Path(__file__).parents[3] / "docs" / "fake-features.md"
HEAD = """# Features of the fake Dash

Written by `python -m tests.contract.fake.features` on {day}, by trying each of them. A gap that starts to work fails
the tests until it is listed as known.
"""
MOTOR = pa.table({"id": [1, 2, 3]})


@define(slots=False)
class Visit:
    """One fake Dash, asked over sockets as a client in the field would."""

    dash: Dash
    url: str

    @property
    def fake(self) -> FakeDash:
        return self.dash.fake

    @cached_property
    def signed_in(self) -> Dash:
        return self.dash.signed_in()

    @cached_property
    def s3(self) -> Any:
        keys = self.fake.world.credentials.lasting
        return boto3.client(
            "s3",
            endpoint_url=self.url,
            aws_access_key_id=keys.access_key_id,
            aws_secret_access_key=keys.secret_access_key,
            region_name="eu-west-1",
            config=Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}, signature_version="s3v4"),
        )

    @property
    def bucket(self) -> str:
        return self.fake.organisation.bucket

    def loaded(self) -> str:
        load = self.signed_in.open_load()
        self.signed_in.put(load, MOTOR, "part_1")
        self.signed_in.commit(load, {"count(*)": 3})
        return load

    def realm(self, method: str, path: str, **form: str) -> int:
        return self.dash.call(method, f"{ISSUER}{REALM}/{path}", form=form or None).status

    def store(self, operation: str, **arguments: Any) -> bool:
        try:
            getattr(self.s3, operation)(Bucket=self.bucket, **arguments)
        except botocore.exceptions.ClientError:
            return False
        return True

    def put(self, key: str = "a") -> None:
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=b"0123456789")

    def multipart(self) -> str:
        return str(self.s3.create_multipart_upload(Bucket=self.bucket, Key="big")["UploadId"])


@contextmanager
def visit() -> Iterator[Visit]:
    with FakeDash() as fake, fake.serve() as server:
        yield Visit(Dash(fake, OverRequests(server.url)), server.url)


def _daily(visit: Visit, method: str, path: str, **more: Any) -> bool:
    return visit.signed_in.call(method, f"{DAILY_RUN}/dailyRun/{path}", **more).status == 200


def _pages(visit: Visit) -> bool:
    visit.fake.manners.page_rows = 2
    query = visit.signed_in.query("select * from (values 1, 2, 3) as t (n)")
    return "NextToken" in visit.signed_in.call("GET", f"{API}/query/{query}/result").json()


def _completed(visit: Visit) -> bool:
    upload = visit.multipart()
    part = visit.s3.upload_part(Bucket=visit.bucket, Key="big", UploadId=upload, PartNumber=1, Body=b"x")
    parts = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
    return visit.store("complete_multipart_upload", Key="big", UploadId=upload, MultipartUpload=parts)


def _range(visit: Visit) -> bool:
    visit.put()
    return bool(visit.s3.get_object(Bucket=visit.bucket, Key="a", Range="bytes=2-4")["Body"].read() == b"234")


def _presigned_put(visit: Visit) -> bool:
    url = visit.s3.generate_presigned_url("put_object", Params={"Bucket": visit.bucket, "Key": "a"})
    return requests.put(url, data=b"x", timeout=10).status_code == 200


def _after_put(operation: str, **arguments: Any) -> Callable[[Visit], bool]:
    def probe(visit: Visit) -> bool:
        visit.put()
        return visit.store(operation, **arguments)

    return probe


def _checksum(algorithm: str) -> Callable[[Visit], bool]:
    return lambda visit: visit.store("put_object", Key="a", Body=b"x", ChecksumAlgorithm=algorithm)


def _copied(visit: Visit) -> bool:
    visit.put()
    return visit.store("copy_object", Key="b", CopySource={"Bucket": visit.bucket, "Key": "a"})


FEATURES: dict[str, dict[str, Callable[[Visit], bool]]] = {
    "Sign-in": {
        "discovery": lambda v: (
            requests.get(f"{v.url}/auth/realms/my_org/.well-known/openid-configuration", timeout=5).ok
        ),
        "published keys": lambda v: v.realm("GET", "certs") == 200,
        "log-in page": lambda v: v.dash.authorise().status == 200,
        "authorization code with PKCE": lambda v: v.dash.exchange(v.dash.code()).status == 200,
        "refresh token": lambda v: v.dash.refresh(v.fake.refresh_token()).status == 200,
        "client credentials": lambda v: v.dash.as_application().status == 200,
        "scopes asked for": lambda v: v.dash.as_application(scope="query:read").status == 200,
        "log-out": lambda v: (
            v.realm("POST", "logout", client_id="comotion_cli", refresh_token=v.fake.refresh_token()) == 204
        ),
        "revocation": lambda v: (
            v.realm("POST", "revoke", client_id="comotion_cli", token=v.fake.refresh_token()) == 200
        ),
        "user info": lambda v: v.signed_in.call("GET", f"{ISSUER}{REALM}/userinfo").status == 200,
    },
    "Loads and queries (version 2)": {
        "load with check sums": lambda v: v.signed_in.load_info(v.loaded())["LoadStatus"] == "SUCCESS",
        "query": lambda v: v.signed_in.query_info(v.signed_in.query("select 1"))["status"]["state"] == "SUCCEEDED",
        "result as a file": lambda v: (
            v.signed_in.call("GET", f"{API}/query/{v.signed_in.query('select 1')}/csv").status == 200
        ),
        "result in pages": _pages,
        "stopping a query": lambda v: (
            v.signed_in.call("DELETE", f"{API}/query/{v.signed_in.query('select 1')}").status == 200
        ),
        "flash schema and full migration": lambda v: (
            [v.signed_in.migrate(kind).status for kind in ("FLASH_SCHEMA", "FULL_MIGRATION")] == [202, 202]
        ),
    },
    "Data model v1": {"compressed CSV": lambda v: v.dash.upload_v1(gzip.compress(b'"a"\n"1"\n')).status == 200},
    "Daily run": {
        "switch": lambda v: _daily(v, "POST", "dailyRun_enabled", json_body={"dailyRun": True}),
        "history": lambda v: _daily(v, "GET", "execution_status?mode=list"),
        "start": lambda v: _daily(v, "POST", "start_execution"),
    },
    "Object store": {
        "put": lambda v: v.store("put_object", Key="a", Body=b"x"),
        "get, with a range": _range,
        "head": _after_put("head_object", Key="a"),
        "list, version 2": _after_put("list_objects_v2"),
        "delete": _after_put("delete_object", Key="a"),
        "delete of several": _after_put("delete_objects", Delete={"Objects": [{"Key": "a"}]}),
        "copy": _copied,
        "multipart upload": _completed,
        "abort of a multipart upload": lambda v: v.store("abort_multipart_upload", Key="big", UploadId=v.multipart()),
        "list of parts": lambda v: v.store("list_parts", Key="big", UploadId=v.multipart()),
        "presigned POST": lambda v: v.signed_in.put(v.signed_in.open_load(), MOTOR).status in (200, 201, 204),
        "presigned PUT": _presigned_put,
        "crc32": _checksum("CRC32"),
        "sha256": _checksum("SHA256"),
    },
}
GAPS: dict[str, dict[str, Callable[[Visit], bool]]] = {
    "Sign-in": {
        "password grant": lambda v: (
            v.dash.token(grant_type="password", client_id="comotion_cli", username="tester", password="tester").status
            == 200
        ),
        "device flow": lambda v: v.realm("POST", "auth/device", client_id="comotion_cli") == 200,
        "introspection": lambda v: v.realm("POST", "token/introspect", token="x") == 200,
        "account page": lambda v: requests.get(f"{v.url}/auth/realms/my_org/account", timeout=5).ok,
        "log-out by a link": lambda v: v.realm("GET", "logout") == 200,
    },
    "Object store": {
        "tags": _after_put("put_object_tagging", Key="a", Tagging={"TagSet": [{"Key": "a", "Value": "b"}]}),
        "versions": lambda v: v.store("put_bucket_versioning", VersioningConfiguration={"Status": "Enabled"}),
        "access control lists": _after_put("put_object_acl", Key="a", ACL="public-read"),
        "life cycles": lambda v: v.store("put_bucket_lifecycle_configuration", LifecycleConfiguration={"Rules": []}),
    },
}


def works(probe: Callable[[Visit], bool]) -> bool:
    with visit() as visited:
        return bool(probe(visited))


def page() -> str:
    """The page, its date aside."""
    lines = []
    for area, known in FEATURES.items():
        lines += [f"\n## {area}\n", "| feature | verdict |", "| --- | --- |"]
        lines += [f"| {name} | known |" for name in known]
        lines += [f"| {name} | refused |" for name in GAPS.get(area, {})]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(HEAD.format(day=f"{datetime.now(UTC):%Y-%m-%d}") + page(), "utf-8")
