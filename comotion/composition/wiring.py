"""Which adapter stands behind which port of loads, queries and operations.

Everything is made when it is first used, so that building a configuration costs nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property, partial
from importlib.util import find_spec
from typing import TYPE_CHECKING

from attrs import frozen

from comotion.composition.settings import Settings
from comotion.composition.sign_in import SignInWiring, real_world
from comotion.domain import endpoints

if TYPE_CHECKING:
    from os import PathLike

    import pandas as pd

    from comotion.adapters.whole_file import WholeFile
    from comotion.ports.clock import Clock
    from comotion.ports.dash import DailyRunGateway, LoadGateway, MigrationGateway, QueryGateway, V1Gateway
    from comotion.ports.evaluation import Evaluate
    from comotion.ports.http import HttpClient
    from comotion.ports.identity import TokenSource
    from comotion.ports.legacy import ChunkCsv
    from comotion.ports.storage import ObjectStore
    from comotion.ports.tables import OpenSource, PartEncoder


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


def part_encoder(compression: str) -> PartEncoder:
    """The encoder of Parquet parts."""
    from comotion.adapters.parquet_codec import ParquetEncoder
    from comotion.adapters.readers.types import conform, schema_to_arrow

    return ParquetEncoder(compression=compression, to_arrow=schema_to_arrow, conform=conform)


def v1_gateway(settings: Settings, *, org: str, api_key: str) -> V1Gateway:
    """Data model v1: an API key instead of a token."""
    from comotion.adapters.dash_api.operations import V1OverHttp

    return V1OverHttp(real_world().http(settings), base_url=settings.v1_url, org=org, api_key=api_key)


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
