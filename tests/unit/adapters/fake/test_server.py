"""The loopback server speaks HTTP/1.1 as its clients need it."""

import http.client
import socket
import ssl
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from comotion.adapters.fake_dash.server import FakeServer
from comotion.adapters.fake_dash.world import World
from comotion.testing import FakeClock, FakeDash

FORM = "grant_type=client_credentials&client_id=tester_application&client_secret=x"


@pytest.fixture
def world() -> Iterator[World]:
    with World() as world:
        world.add_organisation("acme")
        yield world


@pytest.fixture
def server(world: World) -> Iterator[FakeServer]:
    with FakeServer(world) as server:
        yield server


def raw(server: FakeServer, sent: bytes) -> bytes:
    """Everything the server says to these bytes."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as connection:
        connection.sendall(sent)
        connection.shutdown(socket.SHUT_WR)
        said = b""
        while piece := connection.recv(65536):
            said += piece
    return said


def token_request(*headers: str, body: bytes = FORM.encode()) -> bytes:
    lines = [
        "POST /auth/realms/acme/protocol/openid-connect/token HTTP/1.1",
        "Host: localhost",
        "Content-Type: application/x-www-form-urlencoded",
        *headers,
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def test_one_connection_carries_many_requests(server: FakeServer) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=5)
    connection.connect()
    first = connection.sock
    for _ in range(3):
        connection.request("GET", "/auth/realms/acme")
        answer = connection.getresponse()
        assert answer.status == 200
        answer.read()
    assert connection.sock is first
    connection.close()


def test_requests_sent_in_one_go_are_answered_in_order(server: FakeServer) -> None:
    said = raw(server, b"GET /auth/realms/acme HTTP/1.1\r\nHost: x\r\n\r\nGET /v1/x HTTP/1.1\r\nHost: x\r\n\r\n")
    assert said.index(b"HTTP/1.1 200") < said.index(b"HTTP/1.1 403")


def test_a_chunked_body_is_read(server: FakeServer) -> None:
    chunks = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in (FORM[:10].encode(), FORM[10:].encode()))
    said = raw(server, token_request("Transfer-Encoding: chunked", body=chunks + b"0\r\n\r\n"))
    assert b"unauthorized_client" in said


@pytest.mark.parametrize(
    "headers",
    [
        ("Transfer-Encoding: chunked", "Content-Length: 3"),
        ("Content-Length: 3", "Content-Length: 4"),
        ("Content-Length: -1",),
        ("Content-Length: +3",),
        ("Transfer-Encoding: gzip",),
    ],
)
def test_a_body_of_doubtful_length_is_refused_and_the_connection_ends(
    server: FakeServer, headers: tuple[str, ...]
) -> None:
    said = raw(server, token_request(*headers))
    assert said.startswith(b"HTTP/1.1 400")
    assert b"Connection: close" in said
    assert said.count(b"HTTP/1.1") == 1


@pytest.mark.parametrize("body", [b"zz\r\n", b"-5\r\n", b"3\r\nabcd\r\n0\r\n\r\n", b"5\r\nab"])
def test_broken_chunks_end_the_connection(server: FakeServer, body: bytes) -> None:
    assert raw(server, token_request("Transfer-Encoding: chunked", body=body)) == b""


def test_a_body_that_is_waited_for_is_asked_for_at_once(server: FakeServer) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as connection:
        connection.sendall(token_request(f"Content-Length: {len(FORM)}", "Expect: 100-continue", body=b""))
        assert connection.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(FORM.encode())
        assert connection.recv(65536).startswith(b"HTTP/1.1 401")


def test_a_body_that_is_not_wanted_is_not_asked_for(server: FakeServer) -> None:
    head = b"PUT /v2/query HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n"
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as connection:
        connection.sendall(head)
        said = connection.recv(65536)
        assert said.startswith(b"HTTP/1.1 405")
        assert connection.recv(10) == b"", "what follows could be the body: the connection must end"


def test_a_small_body_that_nobody_read_does_not_disturb_the_next_request(server: FakeServer) -> None:
    said = raw(
        server,
        b"POST /v1/x HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello"
        b"GET /auth/realms/acme HTTP/1.1\r\nHost: x\r\n\r\n",
    )
    assert said.count(b"HTTP/1.1 403") == 1
    assert said.count(b"HTTP/1.1 200") == 1


def test_a_head_request_gets_no_body(server: FakeServer) -> None:
    said = raw(server, b"HEAD /auth/realms/acme HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert said.endswith(b"\r\n\r\n")


def test_links_in_answers_lead_back_to_the_server(server: FakeServer) -> None:
    where = "/auth/realms/acme/.well-known/openid-configuration"
    by_name = requests.get(f"http://localhost:{server.port}{where}", timeout=5).json()
    assert by_name["token_endpoint"].startswith(f"http://localhost:{server.port}/auth/")
    named = {"Host": "auth.comotion.us"}
    by_host = requests.get(f"{server.url}{where}", headers=named, timeout=5).json()
    assert by_host["token_endpoint"].startswith(f"{server.url}/auth/")


def test_worlds_are_told_apart_by_prefix(world: World) -> None:
    with World() as blue:
        blue.add_organisation("azure")
        with FakeServer(world, others={"blue": blue}) as server:
            found = requests.get(f"{server.url}/w/blue/auth/realms/azure", timeout=5)
            assert found.json()["token-service"].startswith(f"{server.url}/w/blue/auth/realms/azure/")
            assert requests.get(f"{server.url}/auth/realms/azure", timeout=5).status_code == 404
            assert requests.get(f"{server.url}/w/red/auth/realms/azure", timeout=5).status_code == 404


def test_two_servers_serve_two_worlds(world: World) -> None:
    with World() as blue, FakeServer(world) as first, FakeServer(blue) as second:
        assert first.port != second.port
        assert requests.get(f"{second.url}/auth/realms/acme", timeout=5).status_code == 404


@pytest.mark.parametrize("host", ["0.0.0.0", "", "192.168.0.1", "example.com"])
def test_it_is_served_on_loopback_only(world: World, host: str) -> None:
    with pytest.raises(ValueError, match="loopback only"):
        FakeServer(world, host=host)


def test_a_port_that_is_taken_is_named(server: FakeServer, world: World) -> None:
    with pytest.raises(OSError, match=f"cannot listen on 127.0.0.1, port {server.port}"):
        FakeServer(world, port=server.port)


def test_it_is_served_on_ipv6_too(world: World) -> None:
    try:
        server = FakeServer(world, host="::1")
    except OSError:
        pytest.skip("this machine has no IPv6 loopback")
    with server:
        assert requests.get(f"{server.url}/auth/realms/acme", timeout=5).status_code == 200


def test_stopping_ends_open_connections(world: World) -> None:
    server = FakeServer(world).start()
    connection = socket.create_connection(("127.0.0.1", server.port), timeout=5)
    connection.sendall(b"GET /auth/realms/acme HTTP/1.1\r\nHost: x\r\n\r\n")
    assert connection.recv(65536)
    server.stop()
    assert connection.recv(1) == b""
    connection.close()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", server.port), timeout=1)


def test_a_slow_answer_takes_real_time_over_a_socket(server: FakeServer, world: World) -> None:
    world.faults.slow(0.3, on="realm")
    begun = time.monotonic()
    requests.get(f"{server.url}/auth/realms/acme", timeout=5)
    assert time.monotonic() - begun >= 0.3


def test_a_client_that_gives_up_on_a_slow_answer_gets_none(server: FakeServer, world: World) -> None:
    world.faults.slow(0.5, on="realm")
    with pytest.raises(requests.ReadTimeout):
        requests.get(f"{server.url}/auth/realms/acme", timeout=0.05)


def test_tls_is_trusted_by_its_throw_away_authority_only() -> None:
    pytest.importorskip("cryptography")
    with FakeDash("acme") as fake, fake.serve(tls=True) as server:
        assert server.url.startswith("https://")
        answer = requests.get(f"{server.url}/auth/realms/acme", verify=str(server.authority), timeout=5)
        assert answer.status_code == 200
        with pytest.raises(requests.exceptions.SSLError):
            requests.get(f"{server.url}/auth/realms/acme", timeout=5)
        authority = Path(str(server.authority))
        assert authority.exists()
    assert not authority.exists()


@pytest.mark.parametrize(
    "name",
    [
        "auth.comotion.us",
        "api.comodash.io",
        "my_org.api.comodash.io",
        "api.my_org.comodash.io",
        "api.my_org.comodash.com",
        "eu.acme.api.comodash.io",
        "{bucket}.s3.eu-west-1.amazonaws.com",
        "{bucket}.s3.amazonaws.com",
        "127.0.0.1",
    ],
)
def test_tls_speaks_under_the_names_that_a_client_knows_the_service_by(name: str) -> None:
    pytest.importorskip("cryptography")
    with FakeDash("acme" if "acme" in name else "my_org") as fake, fake.serve(tls=True) as server:
        trusting = ssl.create_default_context(cafile=str(server.authority))
        address = ("127.0.0.1", int(server.url.rpartition(":")[2]))
        shown = name.format(bucket=fake.organisation.bucket)
        with socket.create_connection(address) as sock, trusting.wrap_socket(sock, server_hostname=shown) as secured:
            assert secured.version()


def test_the_environment_of_a_tls_server_makes_every_library_trust_it() -> None:
    pytest.importorskip("cryptography")
    with FakeDash("acme") as fake, fake.serve(tls=True) as server:
        told = server.environment()
        trusting = {told[name] for name in ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "AWS_CA_BUNDLE")}
        assert trusting == {str(server.authority)}


def test_a_served_dash_keeps_real_time_and_stands_still_afterwards() -> None:
    with FakeDash("acme") as fake:
        with fake.serve():
            before = fake.clock.now()
            time.sleep(0.01)
            assert fake.clock.now() > before
        after = fake.clock.now()
        time.sleep(0.01)
        assert fake.clock.now() == after


def test_a_clock_of_the_users_own_stands_still_while_served() -> None:
    with FakeDash("acme", clock=FakeClock()) as fake, fake.serve():
        assert fake.clock.now() == FakeClock().now()


def test_an_absolute_request_target_is_read_as_its_path(server: FakeServer) -> None:
    said = raw(server, b"GET http://localhost/auth/realms/acme HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert said.startswith(b"HTTP/1.1 200")


def test_any_method_is_answered_by_the_face(server: FakeServer) -> None:
    said = raw(server, b"BREW /v2/query HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert said.startswith(b"HTTP/1.1 405")


def test_a_request_line_that_is_none_is_refused(server: FakeServer) -> None:
    assert raw(server, b"nonsense\r\n\r\n").startswith(b"HTTP/1.1 400")


def test_a_mistake_of_the_fake_itself_is_answered_with_its_traceback(server: FakeServer, world: World) -> None:
    world.organisations["acme"].users.clear()
    world.manners.auto_login = True
    asked = (
        "response_type=code&client_id=comotion_cli&redirect_uri=http://localhost:1&scope=openid"
        f"&code_challenge={'a' * 43}&code_challenge_method=S256"
    )
    answer = requests.get(f"{server.url}/auth/realms/acme/protocol/openid-connect/auth?{asked}", timeout=5)
    assert answer.status_code == 500
    assert "this fake made a mistake at authorise" in answer.json()["message"]


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/auth/realms/acme/protocol/openid-connect/token", "application/x-www-form-urlencoded"),
        ("/v2/query", "application/json"),
        ("/v1/data-input-file", "application/gzip"),
    ],
)
def test_a_client_that_sends_slowly_keeps_nobody_waiting(
    server: FakeServer, world: World, path: str, kind: str
) -> None:
    acme = world.organisations["acme"]
    user = acme.the_user()
    bearer = acme.sessions.issue_access(user, client_id="x", session=None, issuer="x", scope=" ".join(user.scopes))
    lines = [f"POST {path} HTTP/1.1", "Host: x", "Content-Length: 9", "Expect: 100-continue", f"Content-Type: {kind}"]
    lines += [f"Authorization: Bearer {bearer.text}", f"x-api-key: {acme.the_api_key()}", "org-name: acme"]
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as slow:
        slow.sendall("\r\n".join([*lines, "table-name: people"]).encode() + b"\r\n\r\n")
        assert slow.recv(100).startswith(b"HTTP/1.1 100")  # it reads the body from here on
        assert requests.get(f"{server.url}/auth/realms/acme", timeout=2).ok


def test_no_value_of_a_header_ends_its_line(server: FakeServer, world: World) -> None:
    world.faults.status(503, on="realm", headers={"Note": "a\r\nInjected: b"})
    answer = requests.get(f"{server.url}/auth/realms/acme", timeout=5)
    assert (answer.headers["Note"], "Injected" in answer.headers) == ("a  Injected: b", False)


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost"])
def test_a_client_that_follows_a_temporary_link_leaves_its_bearer_token_behind(name: str) -> None:
    with FakeDash() as fake, fake.serve() as server:
        fake.manners.csv_redirects = True
        url = server.url.replace("127.0.0.1", name)
        headers = {"Authorization": f"Bearer {server.config().auth.get_access_token()}"}
        query = requests.post(f"{url}/v2/query", json={"query": "select 1 as n"}, headers=headers, timeout=5).json()
        answer = requests.get(f"{url}/v2/query/{query['queryId']}/csv", headers=headers, timeout=5)
        assert (answer.status_code, answer.content, len(answer.history)) == (200, b'"n"\n"1"\n', 1)
