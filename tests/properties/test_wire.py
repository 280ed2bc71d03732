"""Whatever bytes a service answers with, a gateway gives a value or an error of ours, and never anything else."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comotion.adapters.dash_api import wire
from comotion.adapters.dash_api.faults import Asked, error_of, said
from comotion.domain.daily_run import HistoryMode
from comotion.domain.errors import ApiException, BrokenAnswer

MEMBERS = """queryId loadId status state LoadStatus ErrorMessages ErrorType ErrorMessage path bucket message Message
error dailyRun executions started runningExecution executionArn name anything
full_migration_status"""
NAMES = st.sampled_from(MEMBERS.split())
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8)
JSON = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=5))
BODIES = st.binary(max_size=60) | JSON.map(lambda value: json.dumps(value).encode())

READERS = {
    "query id": wire.query_id,
    "query info": wire.query_info,
    "load id": wire.load_id,
    "load info": wire.load_info,
    "ticket": wire.upload_ticket,
    "commit": lambda operation, body: wire.commit_answer(body),
    "migration": wire.migration_status,
    "switch": wire.switch,
    "history": lambda operation, body: wire.history(operation, body, HistoryMode.LATEST),
    "list": lambda operation, body: wire.history(operation, body, HistoryMode.LIST),
    "start": lambda operation, body: wire.start_answer(operation, body, refused=False),
    "refused start": lambda operation, body: wire.start_answer(operation, body, refused=True),
}


@pytest.mark.parametrize("reader", READERS.values(), ids=READERS)
@given(body=BODIES)
def test_any_body_is_a_value_or_a_broken_answer(reader, body):
    with suppress(BrokenAnswer):
        answer = reader("read load 7f", body)
        json.dumps(getattr(answer, "to_dict", dict)())


@pytest.mark.parametrize(
    "reader", [reader for name, reader in READERS.items() if "commit" not in name and "refused" not in name]
)
@pytest.mark.parametrize("body", [b"[" * 100_000, b'{"a":' * 100_000, b"{", b"[]", b"1" * 6_000])
def test_an_absurd_body_is_a_broken_answer_that_names_the_operation(reader, body):
    with pytest.raises(BrokenAnswer, match=r"^read load 7f: "):
        reader("read load 7f", body)


@given(body=BODIES, status=st.integers(300, 599), asked=st.sampled_from(Asked))
def test_any_error_body_is_an_error_that_names_operation_and_status(body, status, asked):
    error = error_of(asked, "read load 7f", status, body)
    assert isinstance(error, ApiException)
    assert str(error).startswith("read load 7f: ")
    assert f"HTTP {status}: " in str(error)
    assert "\n" not in str(error)
    assert (error.status, error.operation) == (status, "read load 7f")
    assert len(error.body) <= 2_000


@pytest.mark.parametrize("body", [b"[" * 100_000, b'{"message":' * 100_000, b"<" * 100_000, b"1" * 6_000])
def test_an_absurd_error_body_is_still_an_error(body):
    assert len(str(error_of(Asked.LOAD, "read load 7f", 500, body))) < 1_000


@given(st.text(max_size=200))
def test_there_is_always_something_to_say_on_one_line(text):
    line = said(text)
    assert line
    assert line == " ".join(line.split())


@given(secret=st.from_regex(r"[A-Za-z0-9]{12,40}", fullmatch=True), around=st.text(max_size=20))
def test_the_secret_that_was_sent_never_comes_back(secret, around):
    error = error_of(Asked.V1_UPLOAD, "upload", 400, f"{around}{secret}{around}".encode(), secret=secret)
    assert secret not in str(error)
    assert secret not in error.body
