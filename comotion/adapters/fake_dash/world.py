"""One Dash, whole: everything a face may look at or change. Nothing of it is global; two worlds share nothing."""

import os
import shutil
import tempfile
import weakref
from collections.abc import Iterator
from pathlib import Path
from threading import RLock

from attrs import evolve

from comotion.adapters.fake_dash import keeping, loads, migrations, queries
from comotion.adapters.fake_dash.answers import Answers
from comotion.adapters.fake_dash.clock import FakeClock
from comotion.adapters.fake_dash.faults import Faults
from comotion.adapters.fake_dash.grants import Grants
from comotion.adapters.fake_dash.manners import Manners
from comotion.adapters.fake_dash.objects import DEFAULT_REGION, Objects
from comotion.adapters.fake_dash.operations import NAMES
from comotion.adapters.fake_dash.organisation import Organisation
from comotion.adapters.fake_dash.request_log import RequestLog
from comotion.domain.endpoints import DEFAULT_ISSUER, USER_CLIENT_ID


class World:
    """The state behind every face.

    Parameters
    ----------
    clock : FakeClock, optional
        One that stands at its default start when left out.
    directory : Path, optional
        Where its files are kept; a temporary folder that goes with the world when left out.
    seed : int
        Of the chance that faults with a probability draw on.

    Attributes
    ----------
    clock : FakeClock
    manners : Manners
        How its service behaves where services differ.
    faults : Faults
    answers : Answers
        Prepared answers of queries.
    log : RequestLog
    organisations : dict by name
    objects : Objects
        Buckets and their objects.
    credentials : Grants
        S3 credentials that were handed out.
    form_token : str
        What a form of the console must hold, so that no page of another site can send it.
    lock : RLock
        Held by a face while it changes anything but objects.
    """

    def __init__(
        self,
        *,
        clock: FakeClock | None = None,
        directory: Path | None = None,
        manners: Manners | None = None,
        seed: int = 0,
    ) -> None:
        self.clock = clock or FakeClock()
        self.manners = manners or Manners()
        self._is_temporary = directory is None
        self.directory = directory or _temporary_folder()
        self.form_token = os.urandom(24).hex()
        self.lock = RLock()
        self.faults = Faults(seed, NAMES)
        self.answers = Answers()
        self.log = RequestLog(NAMES)
        self.organisations: dict[str, Organisation] = {}
        self.objects = Objects(self._objects_folder(), self.clock)
        self.credentials = Grants(self.clock)
        if self._is_temporary:  # also where nobody closes it
            weakref.finalize(self, _remove, self.directory, os.getpid())
        else:
            keeping.restore(self)

    def add_organisation(self, name: str, *, region: str = DEFAULT_REGION) -> Organisation:
        """The organisation of that name, made with a user, an application and an API key if it is new."""
        with self.lock:
            if name not in self.organisations:
                lake = None if self._is_temporary else self.directory / "lakes" / name
                made = Organisation(name, clock=self.clock, manners=self.manners, region=region, directory=lake)
                self.objects.add_bucket(made.bucket, region)
                self.organisations[name] = made
            return self.organisations[name]

    def sign_in(self, name: str, *, issuer: str = DEFAULT_ISSUER) -> str:
        """A refresh token of the organisation's first user, as a sign-in with the published client leaves it."""
        with self.lock:
            organisation = self.organisations[name]
            session = organisation.sessions.begin(organisation.the_user(), USER_CLIENT_ID)
            return organisation.sessions.issue_refresh(session, f"{issuer}/auth/realms/{name}")

    def settle(self) -> None:
        """Bring all work in progress to where it is by now."""
        with self.lock:
            for organisation in self.organisations.values():
                for load in organisation.loads.values():
                    loads.settle(self, organisation, load)
                for query in organisation.queries.values():
                    queries.settle(self, query)
                migrations.settle(self, organisation)
                organisation.daily_runs.settle(self)

    def fork(self) -> "World":
        """An independent copy as of now, in memory, with a clock of its own; its log is empty.

        What the engine works on is waited for: two worlds share no work.
        """
        while True:
            for query in self._queries():
                query.is_over.wait()
            with self.lock:
                if all(query.is_over.is_set() for query in self._queries()):  # none came before the lock did
                    return self._copy()

    def _queries(self) -> "list[queries.QueryRecord]":
        return [query for organisation in self for query in list(organisation.queries.values())]

    def _copy(self) -> "World":
        copy = World(clock=self.clock.fork(), manners=evolve(self.manners))
        copy.faults, copy.answers = self.faults.fork(), self.answers.fork()
        copy.objects = self.objects.fork(copy._objects_folder(), copy.clock)
        copy.credentials = self.credentials.fork(copy.clock)
        for organisation in self:
            copy.organisations[organisation.name] = organisation.fork(
                clock=copy.clock, manners=copy.manners, objects=copy.objects
            )
        return copy

    def reset(self) -> None:
        """Forget data, work, objects, faults, prepared answers and the log; people and the time stay."""
        with self.lock:
            self.faults.clear()
            self.answers.clear()
            self.log.clear()
            for organisation in self.organisations.values():
                organisation.clear()
            self.objects.clear()

    def keep(self) -> None:
        """Write down what a directory keeps; nothing for a world in memory."""
        if not self._is_temporary:
            with self.lock:
                keeping.keep(self)

    def close(self) -> None:
        """Drop what the world holds; a temporary folder is removed, what a directory keeps is written."""
        self.keep()
        for organisation in self.organisations.values():
            organisation.close()
        shutil.rmtree(self._objects_folder(), ignore_errors=True)

    def _objects_folder(self) -> Path:
        """Where the objects lie: they go with the world, also where its tables stay."""
        return self.directory if self._is_temporary else self.directory / "objects"

    def __enter__(self) -> "World":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __iter__(self) -> Iterator[Organisation]:
        return iter(list(self.organisations.values()))


def _temporary_folder() -> Path:
    """A folder that is not there yet: most worlds never need it."""
    return Path(tempfile.gettempdir()) / f"fake-dash-{os.urandom(12).hex()}"


def _remove(folder: Path, process_id: int) -> None:
    """Remove a folder, in the process that it belongs to: a fork ends before its parent."""
    if os.getpid() == process_id:
        shutil.rmtree(folder, ignore_errors=True)
