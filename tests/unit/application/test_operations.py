"""Migration, chunks of v1, and which data model an upload is for."""

import pytest

from comotion.application.operations import Migrations, chunks_of, data_model, send_chunks
from comotion.domain.errors import (
    ApiException,
    CredentialsCacheException,
    InvalidArgument,
    MigrationFailed,
    NeverSent,
    OutcomeUnknown,
    SignInNeeded,
    UnreadableSource,
    WaitTimedOut,
)
from comotion.domain.migration import MigrationStatus, MigrationType
from comotion.domain.pacing import PollPolicy
from comotion.ports.legacy import CsvChunk
from comotion.ports.tables import SourceSpec
from comotion.testing import FakeClock


class ScriptedMigration:
    def __init__(self, *words: str) -> None:
        self.words = list(words)

    def start(self, plan) -> None: ...

    def status(self) -> MigrationStatus:
        word = self.words.pop(0) if len(self.words) > 1 else self.words[0]
        return MigrationStatus(full_migration_status=word, full_migration_message="v2 holds data")


def waited(*words: str, started: bool = True, timeout_s: float | None = None) -> str:
    migrations = Migrations(gateway=ScriptedMigration(*words), clock=FakeClock(), poll=PollPolicy())
    status = migrations.wait(MigrationType.FULL_MIGRATION, started=started, timeout_s=timeout_s)
    return status.full_migration_status


@pytest.mark.parametrize("done", ["Completed", "Complete"])
def test_both_words_mean_done(done):
    assert waited("Not Run", "Started", "Cleaning Up", done) == done


@pytest.mark.parametrize("bad", ["Failed", "Rerunnable"])
def test_a_failed_migration_says_why(bad):
    with pytest.raises(MigrationFailed, match="v2 holds data"):
        waited("Started", bad)


def test_one_that_was_never_run_is_not_waited_for():
    assert waited("Not Run", started=False) == "Not Run"


def test_a_migration_that_takes_too_long_goes_on():
    with pytest.raises(WaitTimedOut, match="migration FULL_MIGRATION"):
        waited("Started", timeout_s=10)


def chunk(number: int) -> CsvChunk:
    return CsvChunk(source="p.csv", first_row=10 * number - 9, rows=10, gzip_csv=b"%d" % number)


def chunks(*numbers: int, then: Exception | None = None):
    yield from map(chunk, numbers)
    if then is not None:
        raise then


class Sender:
    """Takes chunks until one fails."""

    def __init__(self, fails_at: int = 0, error: Exception | None = None) -> None:
        self.fails_at, self.error, self.sent = fails_at, error, 0

    def __call__(self, one: CsvChunk) -> str:
        self.sent += 1
        if self.sent == self.fails_at and self.error is not None:
            raise self.error
        return f"took {one.first_row}"


def test_each_chunk_has_its_answer():
    assert send_chunks(chunks(1, 2), Sender()) == ["took 1", "took 11"]


def test_a_chunk_whose_outcome_is_unknown_stops_the_upload_and_the_error_says_which_went():
    sender = Sender(3, OutcomeUnknown("upload to v1 table t: no answer"))
    with pytest.raises(OutcomeUnknown) as caught:
        send_chunks(chunks(1, 2, 3, 4), sender)
    assert str(caught.value) == (
        "upload to v1 table t: no answer. chunks 1 to 2 (20 rows) were loaded; chunk 3 (rows 21 to 30 of p.csv) "
        "may have been loaded; nothing after it was sent"
    )
    assert sender.sent == 3


def test_a_refused_chunk_was_not_loaded_and_the_error_keeps_what_it_carries():
    error = ApiException("HTTP 403", operation="o", status=403, body="b")
    with pytest.raises(ApiException, match=r"no chunk was loaded before; chunk 1 .* was not loaded") as caught:
        send_chunks(chunks(1, 2), Sender(1, error))
    assert (caught.value.status, caught.value.body) == (403, "b")


def test_a_source_that_breaks_in_the_middle_says_what_went_before():
    with pytest.raises(UnreadableSource, match=r"p.csv: line 31. chunks 1 to 2 .20 rows. were loaded, and nothing"):
        send_chunks(chunks(1, 2, then=UnreadableSource("p.csv: line 31")), Sender())


def test_a_hook_that_raises_keeps_its_own_error_with_a_note():
    with pytest.raises(ZeroDivisionError) as caught:
        send_chunks(chunks(1, then=ZeroDivisionError("oops")), Sender())
    assert caught.value.__notes__ == ["chunks 1 to 1 (10 rows) were loaded, and nothing after them was sent"]


class OneSource:
    def __init__(self, name: str, events: list[str]) -> None:
        self.name, self.events = name, events

    def close(self) -> None:
        self.events.append(f"close {self.name}")


def test_sources_are_open_only_while_their_chunks_are_made():
    events: list[str] = []

    def open_source(spec):
        events.append(f"open {spec.name}")
        return OneSource(spec.name, events)

    specs = [SourceSpec(data=name, name=name) for name in "ab"]
    list(chunks_of(specs, open_source=open_source, chunk_csv=lambda source, rows: iter([chunk(1)]), rows=10))
    assert events == ["open a", "close a", "open b", "close b"]


class Store:
    def __init__(self, token: str | Exception | None) -> None:
        self.kept = token

    def get_refresh_token(self) -> str | None:
        if isinstance(self.kept, Exception):
            raise self.kept
        return self.kept


def decided(given=None, *, dry=False, key=True, store: object = Store("token"), status="Not Run") -> str:
    def ask() -> MigrationStatus:
        if isinstance(status, Exception):
            raise status
        return MigrationStatus(full_migration_status=status)

    return data_model(given, is_dry_run=dry, has_api_key=key, credentials=lambda: store, status=ask)


NOBODY = AssertionError("the service was asked")


@pytest.mark.parametrize("given", ["v1", "v2"])
def test_what_the_caller_says_counts(given):
    assert decided(given, status=NOBODY) == given


@pytest.mark.parametrize("given", ["", "v3", "V2", 2])
def test_an_unknown_version_is_refused(given):
    with pytest.raises(InvalidArgument, match="data_model_version is one of v1, v2"):
        decided(given, status=NOBODY)


@pytest.mark.parametrize(("key", "version"), [(True, "v1"), (False, "v2")])
def test_a_dry_run_asks_nobody(key, version):
    assert decided(dry=True, key=key, status=NOBODY) == version


@pytest.mark.parametrize(
    ("status", "version"), [("Not Run", "v1"), ("Started", "v1"), ("Completed", "v2"), ("Complete", "v2")]
)
def test_the_migration_decides(status, version):
    assert decided(status=status) == version


@pytest.mark.parametrize("store", [Store(None), Store(""), Store(CredentialsCacheException("no keyring"))])
def test_who_is_not_signed_in_but_has_an_api_key_uploads_to_v1(store):
    assert decided(store=store, status=NOBODY) == "v1"


def test_an_application_with_an_api_key_is_asked_about_all_the_same():
    assert decided(store=None, status="Complete") == "v2"


@pytest.mark.parametrize("error", [SignInNeeded("invalid_grant"), NeverSent("no route"), ApiException("HTTP 500")])
def test_whatever_else_prevents_knowing_is_an_error_that_says_what_to_pass(error):
    with pytest.raises(type(error), match="pass data_model_version='v1' or 'v2'"):
        decided(status=error)


def test_who_is_not_signed_in_and_has_no_key_must_sign_in():
    with pytest.raises(SignInNeeded):
        decided(key=False, store=Store(None), status=SignInNeeded("run comotion authenticate"))
