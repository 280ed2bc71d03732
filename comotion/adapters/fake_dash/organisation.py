"""One organisation of a world: its people, its lake, its loads and queries, its migration and its daily runs."""

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import evolve

from comotion.adapters.fake_dash.daily_runs import DailyRuns
from comotion.adapters.fake_dash.loads import LoadRecord
from comotion.adapters.fake_dash.manners import Manners
from comotion.adapters.fake_dash.migrations import MigrationRecord
from comotion.adapters.fake_dash.objects import DEFAULT_REGION
from comotion.adapters.fake_dash.people import Application, User
from comotion.adapters.fake_dash.queries import QueryRecord, stop_work
from comotion.adapters.fake_dash.sessions import Sessions
from comotion.adapters.fake_dash.v1_tables import V1Tables
from comotion.domain.endpoints import USER_CLIENT_ID, parse_host_name
from comotion.ports.clock import Clock

if TYPE_CHECKING:
    from comotion.adapters.fake_dash.lake import Lake
    from comotion.adapters.fake_dash.objects import Objects

DEFAULT_USER, DEFAULT_PASSWORD = "tester", "tester"
DEFAULT_APPLICATION = "tester_application"


class Organisation:
    """The state of one organisation.

    Attributes
    ----------
    users, applications : dict by name
    public_clients : set of str
        Clients without a secret that users may sign in with.
    api_keys : set of str
        Good for v1 uploads.
    bucket, region : str
        Where its loads' files go.
    lake : Lake
        The v2 lake; made when first needed.
    v1 : V1Tables
    loads, queries : dict by id
    """

    def __init__(
        self,
        name: str,
        *,
        clock: Clock,
        manners: Manners,
        region: str = DEFAULT_REGION,
        directory: Path | None = None,
    ) -> None:
        self.name = parse_host_name("orgname", name)
        self._clock = clock
        self._directory = directory
        self._lake: Lake | None = None
        self.region = region
        self.bucket = _bucket_name(name)
        self.users = {DEFAULT_USER: User(name=DEFAULT_USER, password=DEFAULT_PASSWORD)}
        self.applications = {
            DEFAULT_APPLICATION: Application(client_id=DEFAULT_APPLICATION, client_secret=os.urandom(20).hex())
        }
        self.public_clients = {USER_CLIENT_ID}
        self.api_keys = {os.urandom(20).hex()}
        self.sessions = Sessions(clock, manners)
        self.queries: dict[str, QueryRecord] = {}
        self.clear()

    def clear(self) -> None:
        """Forget all data and work; people and their sign-ins stay."""
        self._stop_queries()
        if self._lake is not None:
            self._lake.reset()
        self.v1 = V1Tables()
        self.loads: dict[str, LoadRecord] = {}
        self.queries = {}
        self.migration = MigrationRecord()
        self.daily_runs = DailyRuns()

    @property
    def lake(self) -> "Lake":
        if self._lake is None:
            from comotion.adapters.fake_dash.lake import Lake

            self._lake = Lake(now=self._clock.now, directory=self._directory)
        return self._lake

    def fork(self, *, clock: Clock, manners: Manners, objects: "Objects") -> "Organisation":
        """A copy in memory, going its own way from now on."""
        copy = Organisation(self.name, clock=clock, manners=manners, region=self.region)
        copy.bucket = self.bucket
        copy.users = {name: evolve(user) for name, user in self.users.items()}
        copy.applications = {name: evolve(application) for name, application in self.applications.items()}
        copy.public_clients, copy.api_keys = set(self.public_clients), set(self.api_keys)
        copy.sessions = self.sessions.fork(clock, manners)
        copy.v1, copy.migration, copy.daily_runs = self.v1.fork(), self.migration.fork(), self.daily_runs.fork()
        copy.loads = {name: load.fork(objects) for name, load in self.loads.items()}
        copy.queries = {name: evolve(query) for name, query in self.queries.items()}
        copy._lake = None if self._lake is None else self._lake.fork(now=clock.now)
        return copy

    def clear_lake(self) -> None:
        """Clear the v2 lake out."""
        self.lake.reset()

    def row_counts(self) -> list[tuple[str, int]]:
        """Every table of the v2 lake and how many rows it holds."""
        lake = self.lake
        return [(name, lake.count(name)) for name in lake.tables()]

    def close(self) -> None:
        self._stop_queries()
        if self._lake is not None:
            self._lake.close()
        self._lake = None

    def _stop_queries(self) -> None:
        for query in list(self.queries.values()):  # a request may still be at work
            stop_work(query)

    def the_user(self) -> User:
        """The first user: who an automatic log-in signs in."""
        return next(iter(self.users.values()))

    def the_application(self) -> Application:
        return next(iter(self.applications.values()))

    def the_api_key(self) -> str:
        return next(iter(self.api_keys))


def _bucket_name(organisation: str) -> str:
    """A name that S3 takes (3 to 63 lower-case letters, digits and hyphens), and that no other world has."""
    readable = re.sub("[^a-z0-9]+", "-", organisation.lower())[:40].strip("-")
    return f"dash-{readable}-{os.urandom(4).hex()}"
