"""Code that cannot be re-pointed reaches the world, whatever library opens its connections."""

import http.client
import os
import socket
import urllib.request
from collections.abc import Iterator

import pytest
import requests
import urllib3

from comotion.testing import FakeDash

REALM = "https://auth.comotion.us/auth/realms/my_org"


@pytest.fixture
def installed(fake_dash: FakeDash, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeDash]:
    for name in ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    with fake_dash.installed():
        yield fake_dash


def test_requests_reaches_it(installed: FakeDash) -> None:
    assert requests.get(REALM, timeout=5).json()["realm"] == "my_org"


def test_urllib3_reaches_it_and_warns_of_nothing(installed: FakeDash, recwarn: pytest.WarningsRecorder) -> None:
    answer = urllib3.PoolManager().request("GET", REALM, timeout=5, retries=False)
    assert answer.json()["realm"] == "my_org"
    assert [warning for warning in recwarn if "Insecure" in str(warning.category)] == []


def test_the_standard_library_reaches_it(installed: FakeDash) -> None:
    with urllib.request.urlopen(REALM, timeout=5) as answer:
        assert b'"realm":"my_org"' in answer.read()
    connection = http.client.HTTPSConnection("auth.comotion.us", timeout=5)
    connection.request("GET", "/auth/realms/my_org")
    assert connection.getresponse().status == 200
    connection.close()


@pytest.mark.clients
def test_httpx_reaches_it(installed: FakeDash) -> None:
    httpx = pytest.importorskip("httpx")
    assert httpx.get(REALM).json()["realm"] == "my_org"


def test_a_proxy_does_not_stand_in_the_way(installed: FakeDash) -> None:
    answer = requests.get(REALM, proxies={"https": "http://127.0.0.1:9"}, timeout=5)
    assert answer.json()["realm"] == "my_org"


def test_botocore_puts_and_gets_with_its_own_signature(installed: FakeDash) -> None:
    boto3 = pytest.importorskip("boto3")
    keys = installed.world.credentials.lasting
    store = boto3.client(
        "s3",
        aws_access_key_id=keys.access_key_id,
        aws_secret_access_key=keys.secret_access_key,
        region_name="eu-west-1",
    )
    bucket = installed.organisation.bucket
    store.put_object(Bucket=bucket, Key="a/b.txt", Body=b"hello")
    assert store.get_object(Bucket=bucket, Key="a/b.txt")["Body"].read() == b"hello"


def test_connections_are_kept(installed: FakeDash, monkeypatch: pytest.MonkeyPatch) -> None:
    made = []
    pair = socket.socketpair
    monkeypatch.setattr(socket, "socketpair", lambda *a, **k: made.append(1) or pair(*a, **k))
    session = requests.Session()
    for _ in range(3):
        session.get(REALM, timeout=5)
    assert len(made) == 1


def test_a_dropped_connection_is_a_connection_error(installed: FakeDash) -> None:
    installed.faults.drop(on="realm")
    with pytest.raises(requests.ConnectionError):
        requests.get(REALM, timeout=5)


def test_other_hosts_are_reached_as_ever(installed: FakeDash) -> None:
    with FakeDash() as other, other.serve() as server:
        assert requests.get(f"{server.url}/auth/realms/my_org", timeout=5).status_code == 200
        assert len(other.requests) == 1


def test_afterwards_nothing_is_left_of_it(fake_dash: FakeDash, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMOTION_OBJECT_STORE", "s3")
    before = [http.client.HTTPSConnection.connect, urllib3.connection.HTTPSConnection.connect]
    with fake_dash.installed():
        assert os.environ["COMOTION_OBJECT_STORE"] == "presigned"
    assert os.environ["COMOTION_OBJECT_STORE"] == "s3"
    assert [http.client.HTTPSConnection.connect, urllib3.connection.HTTPSConnection.connect] == before


def test_a_world_installed_within_another_comes_first(installed: FakeDash) -> None:
    with FakeDash("inner") as inner:
        with inner.installed():
            assert requests.get("https://auth.comotion.us/auth/realms/inner", timeout=5).status_code == 200
        assert requests.get(REALM, timeout=5).status_code == 200
