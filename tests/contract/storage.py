"""Places where parts can be put: a world with one bucket, reached in process or over sockets, and a folder."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from attrs import field, frozen

from comotion.adapters.directory_store import DirectoryLoads, DirectoryStore
from comotion.adapters.fake_dash.clock import FakeClock
from comotion.adapters.fake_dash.in_process import InProcessHttp
from comotion.adapters.fake_dash.server import FakeServer
from comotion.adapters.fake_dash.world import World
from comotion.adapters.requests_http import RequestsHttp
from comotion.adapters.retrying_http import RetryingHttp
from comotion.adapters.s3_store import PresignedStore, S3Store
from comotion.domain.load import UploadTicket
from comotion.domain.names import FileKey
from comotion.domain.pacing import RetryPolicy
from comotion.ports.http import HttpClient
from comotion.ports.storage import ObjectStore

BUCKET, REGION = "lake-in", "eu-west-1"


class Place(Protocol):
    """A store, tickets for it, and a look at what is there."""

    store: ObjectStore

    def ticket(self, name: str) -> UploadTicket: ...
    def content(self, name: str) -> bytes | None: ...
    def residue(self) -> int:
        """Files that belong to no whole part, once the store has noticed what broke off."""
        ...


@frozen
class Bucket:
    """A bucket of a world; ``url`` is where it is served, or None in process."""

    store: ObjectStore
    world: World
    url: str | None = None
    renewals: list[str] = field(factory=list)

    def ticket(self, name: str) -> UploadTicket:
        grant = self.world.credentials.issue_sts(BUCKET, f"in/{name}")
        host = f"https://{BUCKET}.s3.{REGION}.amazonaws.com" if self.url is None else f"{self.url}/{BUCKET}"
        return UploadTicket(
            presigned_url=self.world.credentials.presigned_post(BUCKET, f"in/{name}", region=REGION, url=host),
            sts_credentials={
                "AccessKeyId": grant.access_key_id,
                "SecretAccessKey": grant.secret_access_key,
                "SessionToken": grant.session_token,
            },
            path=f"in/{name}",
            bucket=BUCKET,
        )

    def renew(self, name: str) -> Callable[[], UploadTicket]:
        """A RenewTicket that counts."""

        def renew() -> UploadTicket:
            self.renewals.append(name)
            return self.ticket(name)

        return renew

    def content(self, name: str) -> bytes | None:
        stored = self.world.objects.get(BUCKET, f"in/{name}")
        return None if stored is None else stored.path.read_bytes()

    def residue(self) -> int:
        deadline = time.monotonic() + 5
        while (left := self._files_of_no_part()) and time.monotonic() < deadline:
            time.sleep(0.01)
        return left

    def _files_of_no_part(self) -> int:
        folder = self.world.objects.directory
        return len(list(folder.glob("*"))) - len(self.world.objects.listed(BUCKET))


@frozen
class Folder:
    """A folder of a dry run."""

    path: Path
    store: ObjectStore

    def ticket(self, name: str) -> UploadTicket:
        return DirectoryLoads(self.path).ticket(None, FileKey(name))

    def content(self, name: str) -> bytes | None:
        file = Path(self.ticket(name).path)
        return file.read_bytes() if file.exists() else None

    def residue(self) -> int:
        return len([file for file in self.path.glob("*") if file.suffix != ".parquet" or file.name.startswith(".")])


@contextmanager
def new_world() -> Iterator[World]:
    with World(clock=FakeClock()) as world:
        world.objects.add_bucket(BUCKET, REGION)
        yield world


def retrying(network: HttpClient, world: World, policy: RetryPolicy | None = None) -> HttpClient:
    """A client whose waits take time of the world's clock only."""
    return RetryingHttp(network, policy=policy or RetryPolicy(), clock=world.clock, chance=lambda: 0.5)


@contextmanager
def keys_over_sockets(_: Path) -> Iterator[Place]:
    with new_world() as world, FakeServer(world) as server:
        http = retrying(RequestsHttp(), world)
        yield Bucket(S3Store(http, clock=world.clock, endpoint=server.url), world, server.url)


@contextmanager
def keys_in_process(_: Path) -> Iterator[Place]:
    with new_world() as world:
        yield Bucket(S3Store(retrying(InProcessHttp(world), world), clock=world.clock), world)


@contextmanager
def form_over_sockets(_: Path) -> Iterator[Place]:
    with new_world() as world, FakeServer(world) as server:
        yield Bucket(PresignedStore(retrying(RequestsHttp(), world)), world, server.url)


@contextmanager
def form_in_process(_: Path) -> Iterator[Place]:
    with new_world() as world:
        yield Bucket(PresignedStore(retrying(InProcessHttp(world), world)), world)


@contextmanager
def folder(path: Path) -> Iterator[Place]:
    yield Folder(path, DirectoryStore(path))


MAKERS = {
    "keys, over sockets": keys_over_sockets,
    "keys, in process": keys_in_process,
    "form, over sockets": form_over_sockets,
    "form, in process": form_in_process,
    "folder": folder,
}
