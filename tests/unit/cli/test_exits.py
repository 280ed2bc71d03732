"""How a command ends: one code an error, one line on standard error."""

import inspect

import pytest

from comotion.cli.exits import exit_code, sentence
from comotion.domain import errors

CODES = {
    "CheckSumsDiffer": 7,
    "LoadFailed": 3,
    "QueryFailed": 3,
    "MigrationFailed": 3,
    "JobFailed": 3,
    "WaitTimedOut": 6,
    "SignInNeeded": 4,
    "SignInFailed": 4,
    "AccessRefused": 4,
    "TokenUnavailable": 4,
    "UnAuthenticatedException": 4,
    "AuthException": 4,
    "CredentialsCacheException": 4,
    "Unauthorised": 4,
    "Forbidden": 4,
    "ServiceUnreachable": 5,
    "NeverSent": 5,
    "NotTrusted": 5,
    "AnswerLost": 5,
    "OutcomeUnknown": 5,
    "IncompleteDownload": 5,
    "BrokenAnswer": 5,
}
ERRORS = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, errors.ComotionError)]


@pytest.mark.parametrize("kind", ERRORS, ids=lambda kind: kind.__name__)
def test_every_error_ends_with_the_code_that_scripts_read(kind):
    assert exit_code(kind("what happened")) == CODES.get(kind.__name__, 1)


def test_an_identity_service_that_cannot_be_reached_is_a_network_error():
    assert exit_code(errors.TokenUnavailable("no route", unreachable=True)) == 5


def test_a_failed_upload_ends_as_what_caused_it():
    failed = errors.UploadFailed("part 3 failed")
    failed.__cause__ = errors.NeverSent("refused")
    assert exit_code(failed) == 5


def test_an_error_of_several_lines_is_said_in_one():
    assert sentence(errors.BadSql("line 1:8:\n  Column 'x' cannot be resolved")) == (
        "line 1:8: Column 'x' cannot be resolved"
    )


def test_an_error_of_the_system_names_its_file():
    assert sentence(FileNotFoundError(2, "No such file or directory", "a.csv")) == "No such file or directory: a.csv"
    assert sentence(OSError(28, "No space left on device")) == "No space left on device"


def test_an_error_without_words_is_named():
    assert sentence(RuntimeError()) == "RuntimeError"
