"""Nothing here runs. mypy accepts this file only while every adapter fits the port that it stands behind."""

from pathlib import Path

from comotion.adapters.bearer_http import BearerHttp
from comotion.adapters.dash_api.loads import LoadsOverHttp
from comotion.adapters.dash_api.operations import DailyRunsOverHttp, MigrationsOverHttp, V1OverHttp
from comotion.adapters.dash_api.queries import QueriesOverHttp
from comotion.adapters.directory_store import DirectoryLoads, DirectoryStore
from comotion.adapters.fake_dash.clock import FakeClock
from comotion.adapters.fake_dash.in_process import InProcessHttp
from comotion.adapters.fake_dash.world import World
from comotion.adapters.file_store import FileStore
from comotion.adapters.keyring_store import KeyringStore
from comotion.adapters.loopback_login import LoopbackLogin
from comotion.adapters.oidc import OidcIdentity
from comotion.adapters.readers import open_source as open_any_source
from comotion.adapters.requests_http import RequestsHttp
from comotion.adapters.retrying_http import RetryingHttp
from comotion.adapters.s3_store import PresignedStore, S3Store
from comotion.adapters.system_clock import SystemClock
from comotion.application.tokens import ApplicationTokens, UserTokens
from comotion.composition.wiring import part_encoder
from comotion.domain.endpoints import Realm
from comotion.domain.pacing import RetryPolicy
from comotion.ports.clock import Clock
from comotion.ports.credentials import CredentialStore
from comotion.ports.dash import DailyRunGateway, LoadGateway, MigrationGateway, QueryGateway, V1Gateway
from comotion.ports.http import HttpClient
from comotion.ports.identity import Browser, Identity, TokenSource
from comotion.ports.storage import ObjectStore
from comotion.ports.tables import OpenSource, PartEncoder


def clocks() -> list[Clock]:
    return [SystemClock(), FakeClock()]


def http_clients(clock: Clock, tokens: TokenSource, world: World) -> list[HttpClient]:
    raw = RequestsHttp(connect_timeout_s=1.0, read_timeout_s=1.0, pool_size=1)
    return [
        raw,
        InProcessHttp(world),
        RetryingHttp(raw, policy=RetryPolicy(), clock=clock, chance=lambda: 0.0),
        BearerHttp(raw, tokens=tokens),
    ]


def credential_stores(path: Path) -> list[CredentialStore]:
    return [KeyringStore("https://id.example.com", "org"), FileStore("https://id.example.com", "org", path=path)]


def identities(http: HttpClient) -> list[Identity]:
    return [OidcIdentity(http, realm=Realm(org="org"), client_id="comotion_cli")]


def browsers() -> list[Browser]:
    return [LoopbackLogin(say=print)]


def token_sources(user: UserTokens, application: ApplicationTokens) -> list[TokenSource]:
    return [user, application]


def load_gateways(http: HttpClient) -> list[LoadGateway]:
    return [LoadsOverHttp(http, base_url="https://x"), DirectoryLoads("folder")]


def object_stores(http: HttpClient, clock: Clock) -> list[ObjectStore]:
    return [
        S3Store(http, endpoint=None, policy=RetryPolicy(), clock=clock),
        PresignedStore(http),
        DirectoryStore("folder"),
    ]


def query_gateways(http: HttpClient) -> list[QueryGateway]:
    return [QueriesOverHttp(http, plain=http, base_url="https://x")]


def migration_gateways(http: HttpClient) -> list[MigrationGateway]:
    return [MigrationsOverHttp(http, base_url="https://x")]


def daily_run_gateways(http: HttpClient, tokens: TokenSource) -> list[DailyRunGateway]:
    return [DailyRunsOverHttp(http, base_url="https://x", tokens=tokens)]


def v1_gateways(http: HttpClient) -> list[V1Gateway]:
    return [V1OverHttp(http, base_url="https://x", org="org", api_key="key")]


def sources() -> list[OpenSource]:
    return [open_any_source]


def encoders() -> list[PartEncoder]:
    return [part_encoder("snappy")]
