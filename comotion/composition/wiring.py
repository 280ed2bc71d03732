"""Which adapter stands behind which port. The only place of the library that names adapters.

Everything is made when it is first used, so that building a configuration costs nothing.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from functools import cached_property, partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import field, frozen

from comotion.composition.settings import Settings
from comotion.domain import endpoints
from comotion.domain.errors import InvalidArgument

if TYPE_CHECKING:
    from os import PathLike

    import pandas as pd

    from comotion.adapters.loopback_login import LoopbackLogin
    from comotion.adapters.whole_file import WholeFile
    from comotion.application.signing_in import SignInStatus
    from comotion.application.tokens import SharedTokens
    from comotion.ports.clock import Clock
    from comotion.ports.credentials import CredentialStore, RefreshLock
    from comotion.ports.dash import DailyRunGateway, LoadGateway, MigrationGateway, QueryGateway, V1Gateway
    from comotion.ports.evaluation import Evaluate
    from comotion.ports.http import HttpClient
    from comotion.ports.identity import Browser, Identity, TokenSource
    from comotion.ports.legacy import ChunkCsv
    from comotion.ports.storage import ObjectStore
    from comotion.ports.tables import OpenSource, PartEncoder


def _system_clock() -> Clock:
    from comotion.adapters.system_clock import SystemClock

    return SystemClock()


def _shared_tokens() -> SharedTokens:
    from comotion.application.tokens import SharedTokens

    return SharedTokens(process_id=os.getpid)


def _random() -> float:
    from random import random

    return random()


def _uuid4() -> str:
    from uuid import uuid4

    return str(uuid4())


@frozen(kw_only=True, eq=False)
class World:
    """What is outside the library: time, chance, the network, and the tokens this process holds.

    A fake Dash gives a World of its own; production shares one.
    """

    clock: Clock = field(factory=_system_clock)
    chance: Callable[[], float] = _random
    new_uuid: Callable[[], str] = _uuid4
    network: HttpClient | None = None  # None: requests, over real sockets
    tokens: SharedTokens = field(factory=_shared_tokens, init=False)  # so that one is asked for once
    _pools: dict[tuple[float, float, int], HttpClient] = field(factory=dict, init=False)

    def http(self, settings: Settings) -> HttpClient:
        """A client that retries; it adds no token."""
        from comotion.adapters.retrying_http import RetryingHttp

        network = self.network or self._pooled(settings)
        return RetryingHttp(network, policy=settings.retry, clock=self.clock, chance=self.chance)

    def _pooled(self, settings: Settings) -> HttpClient:
        """One pool of connections for all clients that are set alike."""
        from comotion.adapters.requests_http import RequestsHttp

        key = (settings.connect_timeout_s, settings.read_timeout_s, 2 * settings.max_workers)
        connect_timeout_s, read_timeout_s, pool_size = key
        made = RequestsHttp(connect_timeout_s=connect_timeout_s, read_timeout_s=read_timeout_s, pool_size=pool_size)
        return self._pools.setdefault(key, made)


_REAL_WORLD = World()  # made while this module is imported, which only one thread does


def real_world() -> World:
    """The one World of a process that talks to the real service, or to a fake one over sockets."""
    return _REAL_WORLD


@frozen(kw_only=True, eq=False)
class SignInWiring:
    """One organisation at one issuer, and who asks.

    Attributes
    ----------
    settings : Settings
        ``orgname`` is set.
    given_credentials : CredentialStore or None
        The user's own store; None takes the file that the settings name, else the keyring.
    as_application : bool
    """

    settings: Settings
    world: World = field(factory=real_world)
    given_credentials: CredentialStore | None = None
    as_application: bool = False

    @property
    def realm(self) -> endpoints.Realm:
        if self.settings.orgname is None:
            raise InvalidArgument("an orgname is needed: pass it, or set COMOTION_ORGNAME")
        return endpoints.Realm(org=self.settings.orgname, issuer=self.settings.issuer)

    @cached_property
    def http(self) -> HttpClient:
        return self.world.http(self.settings)

    @cached_property
    def credentials(self) -> CredentialStore:
        realm, path = self.realm, self.settings.credentials_file
        if self.given_credentials is not None:
            return self.given_credentials
        if path is not None:
            from comotion.adapters.file_store import FileStore
            from comotion.adapters.lock_file import LockFile

            return FileStore(
                realm.issuer, realm.org, path=path, lock=LockFile(path.with_name(path.name + ".lock")).hold
            )
        from comotion.adapters.keyring_store import KeyringStore

        return KeyringStore(realm.issuer, realm.org)

    @cached_property
    def client_id(self) -> str:
        return self.settings.client_id or endpoints.USER_CLIENT_ID

    @cached_property
    def identity(self) -> Identity:
        from comotion.adapters.oidc import OidcIdentity

        return OidcIdentity(self.http, realm=self.realm, client_id=self.client_id)

    @cached_property
    def refresh_lock(self) -> RefreshLock:
        """One lock a realm and user of this machine, whatever the store."""
        from hashlib import sha256

        import platformdirs

        from comotion.adapters.lock_file import LockFile

        name = sha256(self.realm.url.encode()).hexdigest()[:32]
        folder = Path(platformdirs.user_state_dir("comotion", appauthor=False))
        return LockFile(folder / "locks" / f"{name}.lock").hold

    @cached_property
    def tokens(self) -> TokenSource:
        """Who asks, as a source of access tokens shared with everything else in this world."""
        from comotion.application.tokens import ApplicationTokens, UserTokens

        if self.as_application:
            return ApplicationTokens(
                shared=self.world.tokens,
                identity=self.identity,
                realm=self.realm,
                client_id=self.client_id,
                client_secret=self.settings.client_secret or "",
                clock=self.world.clock,
            )
        return UserTokens(
            shared=self.world.tokens,
            identity=self.identity,
            realm=self.realm,
            client_id=self.client_id,
            store=self.credentials,
            clock=self.world.clock,
            lock=self.refresh_lock,
        )

    def authenticate(self, browser: Browser, *, timeout_s: float) -> str:
        """Sign a user in with ``browser``; the user's name."""
        from secrets import token_bytes

        from comotion.application.signing_in import SignIn

        sign_in = SignIn(
            identity=self.identity,
            realm=self.realm,
            client_id=self.client_id,
            store=self.credentials,
            entropy=token_bytes,
            lock=self.refresh_lock,
        )
        return sign_in.run(browser, timeout_s=timeout_s)

    def sign_out(self) -> str | None:
        """Revoke and forget; who was signed in."""
        from comotion.application.signing_in import sign_out

        return sign_out(self.credentials, self.identity, lock=self.refresh_lock)

    def status(self) -> SignInStatus:
        """Who is signed in, until when, what for."""
        from comotion.application.signing_in import status_of

        store = None if self.as_application else self.credentials
        return status_of(self.realm, self.tokens, store=store, client_id=self.client_id)


@frozen(kw_only=True, eq=False)
class Wiring:
    """One field a port, for one organisation, zone and daily-run suffix."""

    sign_in: SignInWiring
    tokens: TokenSource
    settings: Settings

    @property
    def org(self) -> str:
        return self.sign_in.realm.org

    @property
    def clock(self) -> Clock:
        return self.sign_in.world.clock

    @property
    def new_uuid(self) -> Callable[[], str]:
        return self.sign_in.world.new_uuid

    @property
    def api_url(self) -> str:
        return self.settings.api_url or endpoints.api_url(self.org, self.settings.zone)

    @property
    def daily_run_url(self) -> str:
        return self.settings.daily_run_url or endpoints.daily_run_url(self.org, self.settings.dns_suffix)

    @property
    def http(self) -> HttpClient:
        return self.sign_in.http

    @cached_property
    def api_http(self) -> HttpClient:
        from comotion.adapters.bearer_http import BearerHttp

        return BearerHttp(self.http, tokens=self.tokens)

    @cached_property
    def loads(self) -> LoadGateway:
        from comotion.adapters.dash_api.loads import LoadsOverHttp

        return LoadsOverHttp(self.api_http, base_url=self.api_url)

    @cached_property
    def queries(self) -> QueryGateway:
        from comotion.adapters.dash_api.queries import QueriesOverHttp

        return QueriesOverHttp(self.api_http, plain=self.http, base_url=self.api_url)

    @cached_property
    def migrations(self) -> MigrationGateway:
        from comotion.adapters.dash_api.operations import MigrationsOverHttp

        return MigrationsOverHttp(self.api_http, base_url=self.api_url)

    @cached_property
    def daily_runs(self) -> DailyRunGateway:
        from comotion.adapters.dash_api.operations import DailyRunsOverHttp

        return DailyRunsOverHttp(self.api_http, base_url=self.daily_run_url, tokens=self.tokens)

    @cached_property
    def store(self) -> ObjectStore:
        if self.settings.object_store == "presigned":
            from comotion.adapters.s3_store import PresignedStore

            return PresignedStore(self.http)
        from comotion.adapters.s3_store import S3Store

        return S3Store(self.http, clock=self.clock, endpoint=self.settings.s3_endpoint, policy=self.settings.retry)

    @property
    def open_source(self) -> OpenSource:
        from comotion.adapters.readers import open_source

        return open_source

    @cached_property
    def encoder(self) -> PartEncoder:
        return part_encoder(self.settings.compression)

    def dry_run(self, folder: str) -> DryWiring:
        """The same, but loads and parts go to ``folder`` and nothing goes to the network."""
        return DryWiring(sign_in=self.sign_in, tokens=self.tokens, settings=self.settings, folder=folder)


@frozen(kw_only=True, eq=False)
class DryWiring(Wiring):
    """The wiring of a dry run into ``folder``."""

    folder: str

    @cached_property
    def loads(self) -> LoadGateway:
        from comotion.adapters.directory_store import DirectoryLoads

        return DirectoryLoads(self.folder)

    @cached_property
    def store(self) -> ObjectStore:
        from comotion.adapters.directory_store import DirectoryStore

        return DirectoryStore(self.folder)

    def evaluation(self, constants: Mapping[str, str]) -> Evaluate | None:
        """What evaluates check sums over the files written; None without the extra ``fake``.

        Parameters
        ----------
        constants : mapping
            Columns that the service adds, each with its one value.
        """
        if find_spec("duckdb") is None:
            return None
        from comotion.composition.check_sums import evaluate_over_files

        return partial(evaluate_over_files, constants=constants)


def keyring_store(issuer: str, orgname: str) -> CredentialStore:
    """The sign-in of an organisation in the operating system's keyring."""
    from comotion.adapters.keyring_store import KeyringStore

    return KeyringStore(issuer, orgname)


def browser(*, open_browser: bool, say: Callable[[str], object], read_line: Callable[[], str] | None) -> LoopbackLogin:
    """The user's browser, and a listener on loopback that it comes back to. A context manager."""
    from comotion.adapters.loopback_login import LoopbackLogin

    return LoopbackLogin(open_browser=open_browser, say=say, read_line=read_line)


def part_encoder(compression: str) -> PartEncoder:
    """The encoder of Parquet parts."""
    from comotion.adapters.parquet_codec import ParquetEncoder
    from comotion.adapters.readers.types import conform, schema_to_arrow

    return ParquetEncoder(compression=compression, to_arrow=schema_to_arrow, conform=conform)


def v1_gateway(settings: Settings, *, org: str, api_key: str, world: World | None = None) -> V1Gateway:
    """Data model v1: an API key instead of a token."""
    from comotion.adapters.dash_api.operations import V1OverHttp

    return V1OverHttp((world or real_world()).http(settings), base_url=settings.v1_url, org=org, api_key=api_key)


def whole_file(path: str | PathLike[str], *, fail_if_exists: bool = False) -> WholeFile:
    """A file that appears whole or not at all."""
    from comotion.adapters.whole_file import WholeFile

    return WholeFile(path=path, fail_if_exists=fail_if_exists)


def open_source() -> OpenSource:
    """What tells the format of a source and opens it."""
    from comotion.adapters.readers import open_source

    return open_source


def chunk_csv() -> ChunkCsv:
    """What cuts a source into the CSV files of data model v1."""
    from comotion.adapters.legacy_csv import chunk_csv

    return chunk_csv


def gzip_csv(frame: pd.DataFrame, *, sep: str = ",", header: bool = True) -> bytes:
    """A DataFrame as one gzip-compressed CSV file of data model v1."""
    from comotion.adapters.legacy_csv import gzip_csv

    return gzip_csv(frame, sep=sep, header=header)
