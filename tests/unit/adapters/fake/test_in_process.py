"""The in-process client behaves as an HttpClient, with the world's clock for time."""

from collections.abc import Iterator

import pytest

from comotion.adapters.fake_dash.in_process import InProcessHttp
from comotion.domain.errors import AnswerLost, NeverSent
from comotion.ports.http import HttpRequest
from comotion.testing import FakeClock, FakeDash

REALM = "https://auth.comotion.us/auth/realms/my_org"


@pytest.fixture
def fake() -> Iterator[FakeDash]:
    with FakeDash(clock=FakeClock()) as fake:
        yield fake


def get(url: str, **more: object) -> HttpRequest:
    return HttpRequest(operation="read realm", method="GET", url=url, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "url", ["https://example.com/", "http://auth.comotion.us/auth/realms/my_org", "https://comodash.io/v2"]
)
def test_a_host_that_the_service_does_not_have_is_never_sent_to(fake: FakeDash, url: str) -> None:
    with pytest.raises(NeverSent, match="no such host"):
        InProcessHttp(fake.world).send(get(url))
    assert len(fake.requests) == 0


def test_a_slow_answer_takes_the_clocks_time(fake: FakeDash) -> None:
    fake.faults.slow(30, on="realm")
    assert InProcessHttp(fake.world).send(get(REALM)).status == 200
    assert fake.clock.naps == [30]


@pytest.mark.parametrize("after_bytes", [None, 5])
def test_an_answer_slower_than_the_read_timeout_is_lost(fake: FakeDash, after_bytes: int | None) -> None:
    fake.faults.slow(61, on="realm", after_bytes=after_bytes)
    with pytest.raises(AnswerLost, match="no answer within 60 s"):
        InProcessHttp(fake.world).send(get(REALM)).read()
    assert fake.clock.monotonic() == 60


def test_what_was_cut_is_given_and_then_the_fault(fake: FakeDash) -> None:
    fake.faults.cut(10, on="realm")
    pieces = InProcessHttp(fake.world).send(get(REALM)).chunks(4)
    assert [len(next(pieces)) for _ in range(3)] == [4, 4, 2]
    with pytest.raises(AnswerLost, match="in the middle"):
        next(pieces)


def test_a_body_that_breaks_off_raises_what_broke_it(fake: FakeDash) -> None:
    class Torn:
        def __iter__(self) -> Iterator[bytes]:
            yield b"grant_type="
            raise ZeroDivisionError("the source is gone")

    request = HttpRequest(
        operation="token",
        method="POST",
        url=f"{REALM}/protocol/openid-connect/token",
        headers={"Content-Type": "application/x-www-form-urlencoded"},
        body=Torn(),
        size_bytes=100,
    )
    with pytest.raises(ZeroDivisionError, match="the source is gone"):
        InProcessHttp(fake.world).send(request)


def test_a_large_body_is_streamed_and_not_kept_in_the_log(fake: FakeDash) -> None:
    pieces = (b"x" * 65_536 for _ in range(64))
    request = HttpRequest(
        operation="upload",
        method="POST",
        url="https://api.comodash.io/v1/data-input-file",
        headers={
            "Content-Type": "application/gzip",
            "org-name": "my_org",
            "table-name": "motor",
            "x-api-key": fake.organisation.the_api_key(),
        },
        body=pieces,
        size_bytes=64 * 65_536,
    )
    assert InProcessHttp(fake.world).send(request).status == 400
    (entry,) = fake.requests
    assert entry.received_bytes == 64 * 65_536
    assert len(entry.body) == 65_536
