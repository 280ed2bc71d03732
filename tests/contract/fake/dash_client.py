"""A plain client of the wire contract, over each of the three ways that reach a fake Dash.

URLs are the service's own; over sockets they are mapped to the server's layout on one base URL.
"""

import io
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pyarrow as pa
import pyarrow.parquet as pq
import requests
from attrs import define, field, frozen

from comotion.adapters.fake_dash.addresses import face_of_host
from comotion.adapters.fake_dash.in_process import InProcessHttp
from comotion.ports.http import Headers, HttpRequest
from comotion.testing import FakeDash

ISSUER = "https://auth.comotion.us"
API = "https://my_org.api.comodash.io/v2"
V1 = "https://api.comodash.io/v1"
DAILY_RUN = "https://api.my_org.comodash.io/superset"
REALM = "/auth/realms/my_org/protocol/openid-connect"


@frozen
class Answer:
    status: int
    headers: Headers
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def message(self) -> str:
        return str(self.json()["message"])


class InProcess:
    def __init__(self, fake: FakeDash) -> None:
        self._http = InProcessHttp(fake.world)

    def send(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> Answer:
        sent = HttpRequest(operation="test", method=method, url=url, headers=headers, body=body)
        answer = self._http.send(sent)
        return Answer(answer.status, answer.headers, answer.read())


class OverRequests:
    """``base`` None keeps the service's own host names."""

    def __init__(self, base: str | None) -> None:
        self._session = requests.Session()
        self._session.trust_env = False
        self._base = base

    def send(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> Answer:
        place = urlsplit(url)
        if self._base is not None and face_of_host(place.netloc) is not None:
            url = self._base + url.split(place.netloc, 1)[1]
        answer = self._session.request(method, url, headers=dict(headers), data=body, allow_redirects=False, timeout=20)
        return Answer(answer.status_code, Headers(answer.headers), answer.content)


@contextmanager
def in_process(fake: FakeDash) -> Iterator[InProcess]:
    yield InProcess(fake)


@contextmanager
def over_sockets(fake: FakeDash) -> Iterator[OverRequests]:
    with fake.serve() as server:
        yield OverRequests(server.url)


@contextmanager
def under_requests(fake: FakeDash) -> Iterator[OverRequests]:
    with fake.installed():
        yield OverRequests(None)


WAYS = {"in process": in_process, "over sockets": over_sockets, "installed": under_requests}


@define
class Dash:
    """The operations of the contract, as one signed-in user asks for them."""

    fake: FakeDash
    way: InProcess | OverRequests
    bearer: str | None = field(default=None, repr=False)

    def call(
        self,
        method: str,
        url: str,
        *,
        json_body: object = None,
        form: Mapping[str, str] | None = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        fields = dict(headers or {})
        if json_body is not None:
            body = json.dumps(json_body).encode()
            fields.setdefault("Content-Type", "application/json")
        if form is not None:
            body = urlencode(form).encode()
            fields.setdefault("Content-Type", "application/x-www-form-urlencoded")
        if self.bearer is not None:
            fields.setdefault("Authorization", f"Bearer {self.bearer}")
        return self.way.send(method, url, fields, body)

    # identity

    def token(self, **form: str) -> Answer:
        return Dash(self.fake, self.way).call("POST", f"{ISSUER}{REALM}/token", form=form)

    def as_application(self, **more: str) -> Answer:
        application = self.fake.organisation.the_application()
        return self.token(
            grant_type="client_credentials",
            client_id=application.client_id,
            client_secret=application.client_secret,
            **more,
        )

    def refresh(self, refresh_token: str, **more: str) -> Answer:
        asked = {"grant_type": "refresh_token", "refresh_token": refresh_token, "client_id": "comotion_cli"}
        return self.token(**{**asked, **more})

    def authorise(self, **changes: str) -> Answer:
        asked = {
            "response_type": "code",
            "client_id": "comotion_cli",
            "redirect_uri": "http://localhost:4321",
            "scope": "openid",
            "state": "st8",
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
            **changes,
        }
        return self.call("GET", f"{ISSUER}{REALM}/auth?{urlencode(asked)}")

    def code(self) -> str:
        self.fake.manners.auto_login = True
        return redirected(self.authorise())["code"]

    def exchange(self, code: str, **changes: str) -> Answer:
        asked = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": "http://localhost:4321",
            "client_id": "comotion_cli",
            "code_verifier": VERIFIER,
        }
        return self.token(**{**asked, **changes})

    def signed_in(self) -> "Dash":
        granted = self.refresh(self.fake.refresh_token()).json()
        return Dash(self.fake, self.way, granted["access_token"])

    # version 2

    def create_load(self, table: str = "motor", *, client: str | None = "0", **more: object) -> Answer:
        asked = {"load_type": "APPEND_ONLY", "table_name": table, **more}
        if client is not None:
            asked["load_as_service_client_id"] = client
        return self.call("POST", f"{API}/load", json_body=asked)

    def open_load(self, table: str = "motor", **more: Any) -> str:
        return str(self.create_load(table, **more).json()["loadId"])

    def ticket(self, load_id: str, key: str | None = None) -> Answer:
        return self.call("POST", f"{API}/load/{load_id}/file", json_body={} if key is None else {"file_key": key})

    def put(self, load_id: str, table: pa.Table | bytes, key: str | None = None) -> Answer:
        """A ticket, and the file posted to its presigned form."""
        ticket = self.ticket(load_id, key).json()
        return self.post_form(ticket["presigned_url"], parquet(table) if isinstance(table, pa.Table) else table)

    def post_form(self, presigned: Mapping[str, Any], content: bytes) -> Answer:
        return self.way.send("POST", presigned["url"], *multipart(presigned["fields"], content))

    def commit(self, load_id: str, sums: object) -> Answer:
        return self.call("POST", f"{API}/load/{load_id}/commit", json_body={"check_sum": sums})

    def load_info(self, load_id: str) -> Any:
        return self.call("GET", f"{API}/load/{load_id}").json()

    def run(self, sql: str) -> Answer:
        return self.call("POST", f"{API}/query", json_body={"query": sql})

    def query(self, sql: str) -> str:
        return str(self.run(sql).json()["queryId"])

    def query_info(self, query_id: str) -> Any:
        return self.call("GET", f"{API}/query/{query_id}").json()

    def migrate(self, kind: str, clear: str = "DO_NOT_CLEAR_OUT") -> Answer:
        return self.call("POST", f"{API}/migration", json_body={"migration_type": kind, "clear_out_new_lake": clear})

    def migration(self) -> Any:
        return self.call("GET", f"{API}/migration").json()

    # version 1

    def upload_v1(self, gzip_csv: bytes, table: str = "motor", **changes: str) -> Answer:
        fields = {
            "Content-Type": "application/gzip",
            "x-api-key": self.fake.organisation.the_api_key(),
            "org-name": "my_org",
            "table-name": table,
            "service_client_id": "0",
            **{name.replace("_", "-") if name != "service_client_id" else name: v for name, v in changes.items()},
        }
        return Dash(self.fake, self.way).call("POST", f"{V1}/data-input-file", body=gzip_csv, headers=fields)


VERIFIER = "v" * 43
CHALLENGE = "7w_YNF9DSfIdPf_pRjSq646_kPr-2-o9NAl16JGghdM"


def redirected(answer: Answer) -> dict[str, str]:
    """The query of the URL that an answer redirects to."""
    assert answer.status == 302, answer.body
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["Location"]).query).items()}


def parquet(table: pa.Table) -> bytes:
    sink = io.BytesIO()
    pq.write_table(table, sink)
    return sink.getvalue()


def multipart(fields: Mapping[str, str], content: bytes) -> tuple[dict[str, str], bytes]:
    """A form with a file as its last field (RFC 7578): headers and body."""
    boundary = "boundary-of-this-test"
    lines = b"".join(
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    )
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="part"\r\n\r\n'.encode()
    body = lines + head + content + f"\r\n--{boundary}--\r\n".encode()
    return {"Content-Type": f"multipart/form-data; boundary={boundary}"}, body
