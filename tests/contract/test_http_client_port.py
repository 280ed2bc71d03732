"""What every HttpClient does, over sockets or in this process."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
from attrs import frozen

from comotion.adapters.fake_dash.in_process import InProcessHttp
from comotion.adapters.requests_http import RequestsHttp
from comotion.domain.errors import AnswerLost, NeverSent
from comotion.ports.http import HttpClient, HttpRequest
from comotion.testing import FakeDash


@frozen
class Client:
    """A client, the fake it speaks to, and the fake's identity and API addresses for it."""

    fake: FakeDash
    http: HttpClient
    issuer: str
    api: str
    nowhere: str

    def get(self, url: str, **members):
        return self.http.send(HttpRequest(**{"operation": "read load 7f", "method": "GET", "url": url, **members}))

    def discover(self, **members):
        return self.get(f"{self.issuer}/auth/realms/acme/.well-known/openid-configuration", **members)


@contextmanager
def over_sockets(fake: FakeDash) -> Iterator[Client]:
    with fake.serve() as server:
        http = RequestsHttp(connect_timeout_s=5.0, read_timeout_s=5.0)
        yield Client(fake, http, server.url, f"{server.url}/v2", "http://nowhere.invalid/")


@contextmanager
def in_process(fake: FakeDash) -> Iterator[Client]:
    api = "https://acme.api.comodash.io/v2"
    yield Client(fake, InProcessHttp(fake.world), "https://auth.comotion.us", api, "https://nowhere.invalid/")


MAKERS: dict[str, Callable[[FakeDash], AbstractContextManager[Client]]] = {
    "requests over sockets": over_sockets,
    "in process": in_process,
}


@pytest.fixture(params=MAKERS)
def client(request) -> Iterator[Client]:
    with FakeDash("acme") as fake, MAKERS[request.param](fake) as made:
        yield made


def test_an_answer_has_a_status_headers_in_any_case_and_a_body(client):
    answer = client.discover()
    assert answer.status == 200
    assert answer.headers["content-type"] == answer.headers["Content-Type"]
    assert b"token_endpoint" in answer.read()


def test_a_body_comes_in_pieces_no_longer_than_asked(client):
    pieces = list(client.discover().chunks(100))
    assert max(len(piece) for piece in pieces) <= 100
    assert b"token_endpoint" in b"".join(pieces)


def test_an_error_status_is_an_answer(client):
    assert client.get(f"{client.api}/load/7f").status == 401


def test_a_redirect_is_an_answer_and_is_not_followed(client):
    client.fake.faults.status(302, on="discovery", headers={"Location": "https://elsewhere.example/"})
    answer = client.discover()
    assert (answer.status, answer.headers["Location"]) == (302, "https://elsewhere.example/")
    assert len(list(client.fake.requests)) == 1


def test_a_body_is_sent_whether_it_is_bytes_or_pieces(client):
    url = f"{client.issuer}/auth/realms/acme/protocol/openid-connect/token"
    form = f"grant_type=refresh_token&client_id=comotion_cli&refresh_token={client.fake.refresh_token()}".encode()
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    whole = client.get(url, method="POST", body=form, headers=headers)
    pieces = [form[:10], form[10:]]
    in_pieces = client.get(url, method="POST", body=pieces, size_bytes=len(form), headers=headers)
    assert (whole.status, in_pieces.status) == (200, 200)


def test_a_host_that_is_not_there_never_got_the_request(client):
    with pytest.raises(NeverSent, match=r"^read load 7f: "):
        client.get(client.nowhere)


@pytest.mark.parametrize("fault", ["drop", "lose_answer"])
def test_a_broken_connection_is_a_lost_answer(client, fault):
    getattr(client.fake.faults, fault)(on="discovery")
    with pytest.raises(AnswerLost, match=r"^read load 7f: "):
        client.discover()


def test_a_body_that_breaks_off_is_a_lost_answer(client):
    client.fake.faults.cut(10, on="discovery")
    answer = client.discover()
    with pytest.raises(AnswerLost, match=r"^read load 7f: "):
        answer.read()


def test_after_a_fault_the_client_works_on(client):
    client.fake.faults.drop(on="discovery")
    with pytest.raises(AnswerLost):
        client.discover()
    assert client.discover().status == 200


def test_an_answer_may_be_closed_unread_and_twice(client):
    answer = client.discover()
    answer.close()
    answer.close()
    assert client.discover().status == 200
