"""A world with one bucket, served, and requests to it signed by hand."""

import io
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

import pytest

from comotion.adapters.fake_dash.clock import FakeClock
from comotion.adapters.fake_dash.exchange import Body, Request, Response
from comotion.adapters.fake_dash.faces.object_store import object_store
from comotion.adapters.fake_dash.grants import Grant
from comotion.adapters.fake_dash.server import FakeServer
from comotion.adapters.fake_dash.world import World
from comotion.adapters.s3_store.signing import Credentials, signed_headers
from comotion.ports.http import Headers

BUCKET = "lake-in"
REGION = "eu-west-1"


@pytest.fixture
def world() -> Iterator[World]:
    with World(clock=FakeClock(datetime.now(UTC))) as world:
        world.objects.add_bucket(BUCKET, REGION)
        yield world


@pytest.fixture
def server(world: World) -> Iterator[FakeServer]:
    with FakeServer(world) as server:
        yield server


@pytest.fixture
def keys(world: World) -> Grant:
    """The world's lasting keys."""
    return world.credentials.lasting


class Asking:
    """Sends requests to the face, without a server, signed with any keys for any region and time."""

    def __init__(self, world: World) -> None:
        self._world = world

    def __call__(
        self,
        method: str,
        target: str,
        body: bytes = b"",
        *,
        headers: Mapping[str, str] | None = None,
        grant: Grant | None = None,
        region: str = REGION,
        now: datetime | None = None,
        payload: str = "UNSIGNED-PAYLOAD",
        extra: Mapping[str, str] | None = None,
        anonymous: bool = False,
    ) -> Response:
        grant = grant or self._world.credentials.lasting
        host = "s3.eu-west-1.amazonaws.com"
        keys = Credentials(
            access_key_id=grant.access_key_id,
            secret_access_key=grant.secret_access_key,
            session_token=grant.session_token,
        )
        fields = dict(headers or {})
        if not anonymous:
            fields = signed_headers(
                method,
                f"https://{host}{target}",
                headers=fields,
                payload_sha256=payload,
                credentials=keys,
                region=region,
                now=now or self._world.clock.now(),
            )
        request = Request(
            method=method,
            target=target,
            host=host,
            headers=Headers({**fields, **(extra or {}), "Content-Length": str(len(body))}),
            body=Body(io.BytesIO(body), len(body)),
        )
        return object_store(self._world, request)


@pytest.fixture
def ask(world: World) -> Asking:
    return Asking(world)


def code_of(response: Response) -> str:
    """The error code in a refusal."""
    assert isinstance(response.body, bytes)
    return response.body.partition(b"<Code>")[2].partition(b"</Code>")[0].decode()


def text_of(response: Response) -> bytes:
    return b"".join(response.chunks())
