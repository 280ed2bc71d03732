"""FakeDash: a whole Dash in this process, for tests, for learning, and for programs in any language."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from comotion.adapters.fake_dash.clock import FakeClock
from comotion.adapters.fake_dash.installed import installed
from comotion.adapters.fake_dash.seeding import seed
from comotion.adapters.fake_dash.world import World
from comotion.domain.errors import ExtraMissing
from comotion.testing.tables import Tables

if TYPE_CHECKING:
    import pyarrow as pa

    from comotion.adapters.fake_dash.answers import Answers
    from comotion.adapters.fake_dash.faults import Faults
    from comotion.adapters.fake_dash.manners import Manners
    from comotion.adapters.fake_dash.organisation import Organisation
    from comotion.adapters.fake_dash.request_log import RequestLog
    from comotion.composition.sign_in import World as Surroundings
    from comotion.facade.config import DashConfig
    from comotion.testing.serving import ServedDash

DEFAULT_ORG = "my_org"


class FakeDash:
    """A Dash that lives in memory: loads, queries, migrations, daily runs, sign-in, object store.

    Parameters
    ----------
    org : str
        Its first organisation. It has a user, an application and an API key; see ``organisation``.
    clock : FakeClock, optional
        The world's time. Left out, it stands at the moment of making, and runs with real time while served or
        installed.
    directory : path, optional
        Where tables and sign-ins are kept from one process to the next; in memory when left out.
    seed : int
        Of the chance in faults with a probability, and in the waits of clients made by ``config``.

    Attributes
    ----------
    world : World
        Everything behind the faces.
    organisation : Organisation
        The first one: ``users``, ``applications``, ``api_keys``, ``loads``, ``queries``, ``migration``,
        ``daily_runs``.

    Examples
    --------
    >>> from comotion.testing import FakeDash
    >>> with FakeDash().seed({"motor": [{"id": 1, "premium": 10.5}, {"id": 2, "premium": 20.0}]}) as fake:
    ...     fake.sql("select count(*) as n, sum(premium) as total from motor").to_pylist()
    [{'n': 2, 'total': 30.5}]
    """

    def __init__(
        self,
        org: str = DEFAULT_ORG,
        *,
        clock: FakeClock | None = None,
        directory: str | Path | None = None,
        seed: int = 0,
    ) -> None:
        if find_spec("duckdb") is None:
            raise ExtraMissing('the fake Dash needs duckdb: pip install "comotion-sdk[fake]"')
        self._keeps_time = clock is None
        self._chance = random.Random(seed)
        self.world = World(
            clock=clock or FakeClock(datetime.now(UTC)),
            directory=None if directory is None else Path(directory),
            seed=seed,
        )
        self.organisation: Organisation = self.world.add_organisation(org)

    @property
    def clock(self) -> FakeClock:
        """The world's time; ``clock.advance(hours=2)``."""
        return self.world.clock

    @property
    def faults(self) -> Faults:
        """Place faults: ``faults.status(503, on="upload_part", nth=3)``, ``faults.drop(on="commit_load")``."""
        return self.world.faults

    @property
    def manners(self) -> Manners:
        """How it behaves: how long work takes, how long tokens live, which of several true answers it gives."""
        return self.world.manners

    @property
    def answers(self) -> Answers:
        """Prepared answers of queries: ``answers.add("select 1", [{"_col0": 1}])``."""
        return self.world.answers

    @property
    def requests(self) -> RequestLog:
        """What reached it: ``[entry.operation for entry in fake.requests]``."""
        return self.world.log

    @property
    def tables(self) -> Tables:
        """The v2 lake's tables: ``tables["motor"].rows``, ``.arrow()``, ``.frame()``."""
        return self.tables_of(self.organisation.name)

    def tables_of(self, org: str) -> Tables:
        """The tables of the organisation ``org``. Raises KeyError where there is none of that name."""
        return Tables(self.world, self._there(org))

    @property
    def v1_tables(self) -> dict[str, list[dict[str, str]]]:
        """The rows of the v1 lake's tables, every value the text that was uploaded."""
        return {name: table.dicts() for name, table in self.organisation.v1.tables.items()}

    def sql(self, text: str, *, dialect: str = "trino") -> pa.Table:
        """Run SQL on the lake at once.

        Parameters
        ----------
        text : str
        dialect : str
            ``"trino"`` or ``"athena"``: as which of them SHOW and DESCRIBE answer.

        Returns
        -------
        pyarrow.Table
            The Trino type of each column stands in its field's metadata under ``trino_type``.

        Raises
        ------
        SqlRefused
            The statement is refused, worded as the service words it.
        SqlNotSupported
            Trino would answer, this fake cannot.
        """
        __tracebackhide__ = True
        self.world.settle()
        return self.organisation.lake.sql(text, dialect=dialect)

    def seed(self, source: object, *, org: str | None = None) -> FakeDash:
        """Put rows into tables without a load.

        Parameters
        ----------
        source : mapping, directory or YAML file
            A mapping of table name to rows, columns, DataFrame, Arrow table or file; a directory with a file or a
            folder of files a table; a YAML file with the members ``tables``, ``v1_tables``, ``users``,
            ``applications``, ``migrated``.
        org : str, optional
            Another organisation than the first; made where there is none.
        """
        organisation = self.organisation if org is None else self.world.add_organisation(org)
        seed(self.world, organisation, source)
        return self

    def refresh_token(self, org: str | None = None) -> str:
        """A refresh token of the first user of ``org`` (or of the first one), as a sign-in leaves it in the keyring.

        Raises
        ------
        KeyError
            There is no such organisation.
        """
        return self.world.sign_in(self._there(self.organisation.name if org is None else org).name)

    def _there(self, org: str) -> Organisation:
        if org not in self.world.organisations:
            raise KeyError(f"no organisation {org!r} here; there is {', '.join(self.world.organisations)}")
        return self.world.organisations[org]

    @cached_property
    def _surroundings(self) -> Surroundings:
        from comotion.adapters.fake_dash.in_process import InProcessHttp
        from comotion.composition.sign_in import World as Surroundings

        return Surroundings(clock=self.clock, chance=self._chance.random, network=InProcessHttp(self.world))

    def config(self, org: str | None = None, *, as_application: bool = False, zone: str | None = None) -> DashConfig:
        """A signed-in connection to this Dash, in process: no socket, and waits that move its clock only.

        Parameters
        ----------
        org : str, optional
            Another organisation; it is made if it is new.
        as_application : bool
            Ask as the organisation's application instead of its user.
        zone : str, optional
        """
        from comotion.testing.configs import config_in_process

        organisation = self.world.add_organisation(org or self.organisation.name)
        return config_in_process(self.world, organisation, self._surroundings, as_application=as_application, zone=zone)

    @contextmanager
    def serve(
        self,
        *,
        port: int = 0,
        auto_login: bool | None = None,
        host: str = "127.0.0.1",
        tls: bool = False,
        others: Mapping[str, FakeDash] | None = None,
    ) -> Iterator[ServedDash]:
        """Serve on loopback until the block ends.

        Parameters
        ----------
        port : int
            0 takes a free one.
        auto_login : bool, optional
            Whether the log-in page signs the first user in at once.
        host : str
            The address to listen at.
        tls : bool
            Speak TLS with a certificate of a throw-away authority, whose file is ``ServedDash.authority``; needs
            the package cryptography.
        others : mapping of name to FakeDash, optional
            Further worlds, each under ``/w/{name}`` of the same server.
        """
        from comotion.testing.serving import served

        if auto_login is not None:
            self.manners.auto_login = auto_login
        worlds = {name: other.world for name, other in (others or {}).items()}
        with (
            self._real_time(),
            served(self.world, self.organisation, port=port, host=host, tls=tls, others=worlds) as server,
        ):
            yield server

    @contextmanager
    def installed(self) -> Iterator[FakeDash]:
        """Bring every connection of this process to the service's own host names here, until the block ends.

        Whatever library on http.client or urllib3 opens it: requests, urllib3, botocore, urllib. Uploads of this
        library take the presigned POST meanwhile, because a native S3 client cannot be seen.
        """
        with self._real_time(), installed(self.world):
            yield self

    @contextmanager
    def _real_time(self) -> Iterator[None]:
        if not self._keeps_time:
            yield
            return
        self.clock.tick()
        try:
            yield
        finally:
            self.clock.stand()

    def fork(self) -> FakeDash:
        """An independent copy as of now, with its own clock: data, sign-ins, work in progress, faults."""
        copy = object.__new__(FakeDash)
        copy._keeps_time = self._keeps_time
        copy._chance = random.Random()
        copy._chance.setstate(self._chance.getstate())
        copy.world = self.world.fork()
        copy.organisation = copy.world.organisations[self.organisation.name]
        return copy

    def reset(self) -> None:
        """Forget data, work, objects, faults, prepared answers and the log; people, sign-ins and the time stay."""
        self.world.reset()

    def report(self) -> str:
        """What happened here, as text: requests, SQL as translated, check sums. No secrets."""
        from comotion.testing.report import report_of

        return report_of(self.world)

    def close(self) -> None:
        """Drop everything."""
        self.world.close()

    def __enter__(self) -> FakeDash:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"FakeDash({', '.join(self.world.organisations)})"
