"""Migration plans and words; the daily run's values; part cuts; receipts; the error tree."""

import inspect

import attrs
import pytest

from comotion.domain import daily_run, errors
from comotion.domain.answer import Answer, wire
from comotion.domain.checksum import CheckSums
from comotion.domain.chunking import Cut
from comotion.domain.daily_run import Execution, ExecutionStatus, parse_limit
from comotion.domain.errors import InvalidArgument, MigrationFailed
from comotion.domain.load import LoadStatus, Part
from comotion.domain.migration import MigrationPlan, MigrationStatus, MigrationType
from comotion.domain.names import FileKey
from comotion.domain.receipt import LoadReceipt, SourceReceipt

FLASH, FULL = MigrationType.FLASH_SCHEMA, MigrationType.FULL_MIGRATION


def test_a_plan_is_what_the_wire_says():
    assert MigrationPlan.parse("FULL_MIGRATION", True).to_wire() == {
        "migration_type": "FULL_MIGRATION",
        "clear_out_new_lake": "CLEAR_OUT",
    }
    assert MigrationPlan().to_wire() == {
        "migration_type": "FLASH_SCHEMA",
        "clear_out_new_lake": "DO_NOT_CLEAR_OUT",
    }


@pytest.mark.parametrize(("kind", "clear"), [("FULL", False), (None, False), ("FLASH_SCHEMA", "yes"), (FULL, 1)])
def test_a_plan_that_is_none_is_refused(kind, clear):
    with pytest.raises(InvalidArgument):
        MigrationPlan.parse(kind, clear)


@pytest.mark.parametrize(
    ("kind", "clear", "said"), [(FLASH, False, 0), (FLASH, True, 1), (FULL, False, 1), (FULL, True, 2)]
)
def test_what_cannot_be_undone_is_named(kind, clear, said):
    assert len(MigrationPlan(migration_type=kind, clear_out_new_lake=clear).irreversible()) == said


@pytest.mark.parametrize(
    ("word", "final", "failed", "model"),
    [
        ("Not Run", False, False, "v1"),
        ("Started", False, False, "v1"),
        ("Cleaning Up", False, False, "v1"),
        ("Completed", True, False, "v2"),
        ("Complete", True, False, "v2"),
        ("Failed", True, True, "v1"),
        ("Rerunnable", True, True, "v1"),
        ("Paused", False, False, "v1"),
    ],
)
def test_each_word_of_the_status_is_understood(word, final, failed, model):
    status = MigrationStatus(full_migration_status=word)
    assert status.is_final(FULL) is final
    assert isinstance(status.failure(FULL), MigrationFailed) is failed
    assert status.data_model() == model


def test_the_two_migrations_have_words_and_messages_of_their_own():
    status = MigrationStatus(flash_schema_status="Failed", flash_schema_message="why", full_migration_status="Not Run")
    assert (status.word(FLASH), status.message(FLASH), status.message(FULL)) == ("Failed", "why", None)
    assert str(status.failure(FLASH)) == "FLASH_SCHEMA ended as Failed: why"


@pytest.mark.parametrize("limit", [None, 1, 200])
def test_a_history_of_one_to_two_hundred(limit):
    assert parse_limit(limit) == limit


@pytest.mark.parametrize("limit", [0, 201, True, "5", 1.5])
def test_any_other_history_is_refused(limit):
    with pytest.raises(InvalidArgument, match="1 to 200"):
        parse_limit(limit)


def test_a_history_says_itself_in_wire_names():
    history = ExecutionStatus(executions=(Execution(name="n", start_date="d"),))
    assert history.to_dict() == {"executions": [{"name": "n", "startDate": "d"}]}
    assert daily_run.HistoryMode("latest") is daily_run.HistoryMode.LATEST


def test_an_enum_in_an_answer_is_its_word():
    @attrs.frozen
    class Said(Answer):
        status: LoadStatus = attrs.field(metadata=wire("status"))

    assert Said(LoadStatus.OPEN).to_dict() == {"status": "OPEN"}


def test_a_cut_by_rows_looks_at_rows_only():
    cut = Cut(rows=10)
    assert (cut.rows_left(4), cut.is_full(rows=10, size_bytes=0), cut.is_full(rows=9, size_bytes=10**9)) == (
        6,
        True,
        False,
    )


def test_a_cut_by_size_looks_at_bytes_only():
    cut = Cut(size_bytes=100)
    assert (cut.rows_left(4), cut.is_full(rows=10**9, size_bytes=99), cut.is_full(rows=1, size_bytes=100)) == (
        None,
        False,
        True,
    )


@pytest.mark.parametrize("rows", [0, -1, 2.5, "10", True])
def test_a_part_has_a_whole_number_of_rows(rows):
    with pytest.raises(InvalidArgument, match="chunksize"):
        Cut(rows=rows)


def test_a_part_has_a_size():
    with pytest.raises(InvalidArgument, match="part size"):
        Cut(size_bytes=0)


def test_a_receipt_adds_up_its_sources():
    part = Part(key=FileKey("k_1"), rows=2, size_bytes=1, path="p", source="a.csv")
    source = SourceReceipt(source="a.csv", parts=(part, part))
    receipt = LoadReceipt(table="tt", load_id="l", sources=(source, source))
    assert (source.rows, receipt.rows, receipt.check_sums) == (4, 8, CheckSums())


def test_every_error_stands_in_the_tree_at_the_head_of_its_file():
    drawn = errors.__doc__
    for name, kind in vars(errors).items():
        if inspect.isclass(kind) and issubclass(kind, Exception):
            assert name in drawn, name


@pytest.mark.parametrize(
    ("published", "base"),
    [
        (errors.InvalidArgument, ValueError),
        (errors.BadSql, ValueError),
        (errors.UnknownQuery, ValueError),
        (errors.MigrationConflict, ValueError),
        (errors.NoDailyRunSetting, ValueError),
        (errors.UploadFailed, ValueError),
        (errors.MissingKey, KeyError),
        (errors.WaitTimedOut, TimeoutError),
        (errors.ExtraMissing, ImportError),
    ],
)
def test_what_scripts_catch_is_a_base(published, base):
    assert issubclass(published, base)
    assert issubclass(published, errors.ComotionError)


def test_a_missing_key_reads_as_a_sentence():
    assert str(errors.MissingKey("no check sum")) == "no check sum"
    assert str(errors.MissingKey()) == "MissingKey"


def test_errors_carry_what_a_script_may_want():
    api = errors.ApiException("m", operation="o", status=400, body="b")
    assert (api.operation, api.status, api.body) == ("o", 400, "b")
    assert errors.UploadFailed("m", report={"t": 1}).report == {"t": 1}
    assert errors.StorageRefused("m", status=403, code="AccessDenied").code == "AccessDenied"
    assert errors.TokenUnavailable("m", unreachable=True).unreachable
    assert errors.JobFailed("m", reasons=("a",)).reasons == ("a",)
