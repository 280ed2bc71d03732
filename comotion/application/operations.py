"""The migration, the daily run's history, uploads to data model v1, and which data model an upload is for."""

from collections.abc import Callable, Iterator, Sequence

from attrs import frozen

from comotion.application.waiting import wait
from comotion.domain.errors import ComotionError, CredentialsCacheException, InvalidArgument, OutcomeUnknown
from comotion.domain.migration import NOT_RUN, MigrationPlan, MigrationStatus, MigrationType
from comotion.domain.pacing import PollPolicy
from comotion.ports.clock import Clock
from comotion.ports.credentials import CredentialStore
from comotion.ports.dash import MigrationGateway
from comotion.ports.legacy import ChunkCsv, CsvChunk
from comotion.ports.tables import OpenSource, SourceSpec

DATA_MODELS = ("v1", "v2")
SAY_WHICH = "pass data_model_version='v1' or 'v2' to upload without asking"


@frozen(kw_only=True)
class Migrations:
    """The move of one organisation's lake from data model v1 to v2."""

    gateway: MigrationGateway
    clock: Clock
    poll: PollPolicy

    def start(self, plan: MigrationPlan) -> None:
        """Raises MigrationConflict, OutcomeUnknown."""
        self.gateway.start(plan)

    def status(self) -> MigrationStatus:
        return self.gateway.status()

    def wait(self, migration_type: MigrationType, *, started: bool, timeout_s: float | None = None) -> MigrationStatus:
        """Until one of the two migrations is over.

        Parameters
        ----------
        started : bool
            Whether it was started just now; otherwise one that was never run is not waited for.

        Raises
        ------
        MigrationFailed
        WaitTimedOut
        """

        def is_over(status: MigrationStatus) -> bool:
            never_run = status.word(migration_type) == NOT_RUN and not started
            return never_run or status.is_final(migration_type)

        status = wait(
            self.gateway.status,
            is_final=is_over,
            clock=self.clock,
            poll=self.poll,
            timeout_s=timeout_s,
            what=f"migration {migration_type.value}",
            state=lambda status: status.word(migration_type),
        )
        failure = status.failure(migration_type)
        if failure is not None:
            raise failure
        return status


def chunks_of(
    specs: Sequence[SourceSpec], *, open_source: OpenSource, chunk_csv: ChunkCsv, rows: int | None
) -> Iterator[CsvChunk]:
    """Every chunk of every source, in order; each source is open only while its chunks are made."""
    for spec in specs:
        source = open_source(spec)
        try:
            yield from chunk_csv(source, rows)
        finally:
            source.close()


def send_chunks(chunks: Iterator[CsvChunk], send: Callable[[CsvChunk], str]) -> list[str]:
    """Send one after the other and stop at the first that fails; the answers, in order.

    Raises
    ------
    OutcomeUnknown
        A chunk may have been loaded. Its message, like that of every other error, says which chunks went,
        so that nothing is loaded twice.
    """
    answers: list[str] = []
    loaded_rows = 0
    chunk: CsvChunk | None = None
    try:
        for chunk in chunks:
            answers.append(send(chunk))
            loaded_rows += chunk.rows
            chunk = None
    except ComotionError as error:
        tell_more(error, _which_went(len(answers), loaded_rows, chunk, unknown=isinstance(error, OutcomeUnknown)))
        raise
    except Exception as error:
        error.add_note(_which_went(len(answers), loaded_rows, chunk, unknown=False))
        raise
    return answers


def _which_went(loaded: int, rows: int, chunk: CsvChunk | None, *, unknown: bool) -> str:
    """Which chunks are in the table, which one is in doubt, and where to go on."""
    went = f"chunks 1 to {loaded} ({rows:,} rows) were loaded" if loaded else "no chunk was loaded before"
    if chunk is None:
        return f"{went}, and nothing after them was sent" if loaded else "Nothing was loaded"
    this = f"chunk {loaded + 1} (rows {chunk.first_row:,} to {chunk.last_row:,} of {chunk.source})"
    fate = "may have been loaded" if unknown else "was not loaded"
    return f"{went}; {this} {fate}; nothing after it was sent"


def tell_more(error: ComotionError, more: str) -> None:
    """Add a sentence to an error's message, and keep its class and all it carries."""
    error.args = (f"{error}. {more}", *error.args[1:])


def data_model(
    given: str | None,
    *,
    is_dry_run: bool,
    has_api_key: bool,
    credentials: Callable[[], CredentialStore | None],
    status: Callable[[], MigrationStatus],
) -> str:
    """Which data model an upload is for: ``"v1"`` or ``"v2"``.

    Parameters
    ----------
    given : str or None
        What the caller said.
    is_dry_run : bool
        Then nobody is asked.
    credentials : callable
        Gives the store where a user's sign-in is kept; None for an application.
    status : callable
        Asks the service how far the migration is.

    Raises
    ------
    InvalidArgument
        An unknown version.
    ComotionError
        It cannot be known; the message says to pass it.
    """
    if given is not None:
        if given not in DATA_MODELS:
            raise InvalidArgument(f"data_model_version is one of {', '.join(DATA_MODELS)}, not {given!r}")
        return given
    if is_dry_run:
        return "v1" if has_api_key else "v2"
    if has_api_key and not _can_sign_in(credentials):
        return "v1"
    try:
        return status().data_model()
    except ComotionError as error:
        tell_more(error, f"So the data model of the organisation is not known: {SAY_WHICH}")
        raise


def _can_sign_in(credentials: Callable[[], CredentialStore | None]) -> bool:
    """Whether it is an application, or there is a sign-in to use: a keyring, and a refresh token in it."""
    try:
        store = credentials()
        return store is None or bool(store.get_refresh_token())
    except CredentialsCacheException:
        return False
