"""The tree of errors: which classes of Python's own a script may catch them as."""

import pytest

from comotion.domain import errors
from comotion.domain.load import LoadEvent, LoadStatus, next_status

ALSO = {
    errors.InvalidArgument: ValueError,
    errors.UploadFailed: ValueError,
    errors.IllegalTransition: ValueError,
    errors.BadSql: ValueError,
    errors.UnknownQuery: ValueError,
    errors.MigrationConflict: ValueError,
    errors.MissingKey: KeyError,
    errors.WaitTimedOut: TimeoutError,
    errors.ExtraMissing: ImportError,
}


@pytest.mark.parametrize(("ours", "pythons"), ALSO.items(), ids=lambda kind: kind.__name__)
def test_an_error_is_also_the_one_that_scripts_catch(ours, pythons):
    with pytest.raises(pythons, match="why"):
        raise ours("why")


def test_every_error_has_one_root():
    kinds = [one for one in vars(errors).values() if isinstance(one, type) and issubclass(one, Exception)]
    strays = [one for one in kinds if not issubclass(one, (errors.ComotionError, errors.ComotionWarning))]
    assert len(kinds) > 40
    assert strays == []


def test_a_load_that_is_not_open_is_refused_as_the_service_would():
    with pytest.raises(errors.ApiException) as refused:
        next_status(LoadStatus.SUCCESS, LoadEvent.COMMIT, load_id="l_1")
    assert isinstance(refused.value, errors.BadRequestException)
    assert (str(refused.value), refused.value.status) == ("load l_1 is SUCCESS: cannot commit", 400)


def test_an_open_outcome_keeps_what_the_service_said():
    lost = errors.OutcomeUnknown("commit load l_1: no answer", status=502, body=b"<html>")
    assert (str(lost), lost.status, lost.body) == ("commit load l_1: no answer", 502, b"<html>")


def test_a_refused_ticket_is_a_failed_upload_with_the_answer():
    refused = errors.UploadRefused("no ticket for part p_1", operation="file ticket", status=403, body="no scope")
    assert (refused.operation, refused.status, refused.body, refused.report) == ("file ticket", 403, "no scope", None)
    assert isinstance(refused, errors.UploadFailed)
