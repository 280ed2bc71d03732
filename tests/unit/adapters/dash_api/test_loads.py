"""Loads over HTTP: what is sent, what is understood, what may be repeated."""

import pytest

from comotion.adapters.dash_api.loads import LoadsOverHttp
from comotion.domain.checksum import CheckSums
from comotion.domain.errors import AnswerLost, ApiException, BadRequestException, BrokenAnswer, OutcomeUnknown
from comotion.domain.load import LoadDraft
from comotion.domain.names import FileKey, TableName
from comotion.domain.pacing import Repeat
from tests.unit.adapters.dash_api.scripted import Said, ScriptedHttp

BASE = "https://org.api.comodash.io/v2"


def loads(*answers) -> tuple[LoadsOverHttp, ScriptedHttp]:
    http = ScriptedHttp(*answers)
    return LoadsOverHttp(http, base_url=BASE), http


def test_members_without_a_value_are_left_out():
    gateway, http = loads(Said(202, {"loadId": "7f"}))
    assert gateway.create(LoadDraft(table=TableName("policies"))) == "7f"
    assert http.asked == [f"POST {BASE}/load"]
    assert http.sent() == {"load_type": "APPEND_ONLY", "table_name": "policies"}


def test_members_with_a_value_are_sent():
    gateway, http = loads(Said(202, {"loadId": "7f"}))
    gateway.create(LoadDraft(table=TableName("policies"), service_client_id="0", partitions=("year",)))
    assert http.sent() == {
        "load_type": "APPEND_ONLY",
        "table_name": "policies",
        "load_as_service_client_id": "0",
        "partitions": ["year"],
    }


@pytest.mark.parametrize("status", [200, 201, 202, 203])
def test_any_2xx_with_an_id_is_a_new_load(status):
    assert loads(Said(status, {"loadId": "7f", "novelty": [1]}))[0].create(LoadDraft(table=TableName("ab"))) == "7f"


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b"<html>", b'{"loadId": null}', b'{"loadId": ""}', b"\xff"])
def test_a_success_without_what_is_needed_is_a_broken_answer(body):
    with pytest.raises(BrokenAnswer, match="create load for table ab"):
        loads(Said(202, body))[0].create(LoadDraft(table=TableName("ab")))


@pytest.mark.parametrize(
    ("messages", "read"),
    [
        (["a", "b"], ["a", "b"]),
        ([{"ErrorType": "Sum", "ErrorMessage": "differs"}], ["Sum: differs"]),
        ([{"ErrorMessage": "alone"}, "text"], ["alone", "text"]),
        ([{"odd": 1}], ['{"odd": 1}']),
        ("one text", ["one text"]),
        ([], []),
        (None, None),
    ],
)
def test_error_messages_are_texts_or_objects(messages, read):
    gateway, _ = loads(Said(200, {"LoadStatus": "FAIL", "ErrorType": "Sum", "ErrorMessages": messages}))
    assert gateway.info("7f").error_messages == read


def test_a_status_from_the_future_is_carried():
    assert loads(Said(200, {"LoadStatus": "PAUSED"}))[0].info("7f").load_status == "PAUSED"


def test_an_id_is_one_path_segment():
    gateway, http = loads(Said(200, {"LoadStatus": "OPEN"}))
    gateway.info("../query/a b?c")
    assert http.asked == [f"GET {BASE}/load/..%2Fquery%2Fa%20b%3Fc"]


def test_a_ticket_without_a_key_lets_the_service_name_the_file():
    gateway, http = loads(Said(200, {"path": "p", "bucket": "b"}), Said(200, {"path": "p", "bucket": "b"}))
    gateway.ticket("7f", None)
    assert http.sent() == {}
    gateway.ticket("7f", FileKey("part_1"))
    assert http.sent() == {"file_key": "part_1"}
    assert http.asked[-1] == f"POST {BASE}/load/7f/file"


def test_a_ticket_keeps_its_credentials_out_of_its_repr():
    answer = {
        "path": "p",
        "bucket": "b",
        "sts_credentials": {"SecretAccessKey": "hush"},
        "presigned_url": {"url": "u"},
    }
    ticket = loads(Said(200, answer))[0].ticket("7f", None)
    assert ticket.to_dict() == answer
    assert "hush" not in repr(ticket)


@pytest.mark.parametrize(
    ("body", "message"),
    [(b'{"message": "taken"}', "taken"), (b"", None), (b"taken", "taken"), (b'"taken"', "taken")],
)
def test_a_commit_that_is_taken_needs_no_body(body, message):
    gateway, http = loads(Said(202, body))
    assert gateway.commit("7f", CheckSums.parse({"count(*)": 3})).message == message
    assert http.sent() == {"check_sum": {"count(*)": 3}}


def test_a_commit_is_repeated_only_if_it_surely_did_not_run():
    gateway, http = loads(Said(202, b""))
    gateway.commit("7f", CheckSums.parse({"count(*)": 3}))
    assert http.requests[-1].repeat is Repeat.ONLY_IF_NOT_RUN


def test_everything_else_about_loads_may_be_repeated():
    gateway, http = loads(
        Said(202, {"loadId": "7f"}), Said(200, {"LoadStatus": "OPEN"}), Said(200, {"path": "p", "bucket": "b"})
    )
    gateway.create(LoadDraft(table=TableName("ab")))
    gateway.info("7f")
    gateway.ticket("7f", None)
    assert {request.repeat for request in http.requests} == {Repeat.FREELY}


@pytest.mark.parametrize(
    "answer", [AnswerLost("gone"), OutcomeUnknown("gone"), Said(500, b"oops"), Said(202, b"", breaks_off=True)]
)
def test_a_commit_whose_outcome_is_open_is_an_answer_lost(answer):
    with pytest.raises(AnswerLost):
        loads(answer)[0].commit("7f", CheckSums.parse({"count(*)": 3}))


@pytest.mark.parametrize(
    "page", [b"<html><title>Sign in to the proxy</title></html>", b"\xef\xbb\xbf\n<!doctype html>"]
)
def test_a_page_is_no_word_of_the_service_that_it_took_a_commit(page):
    with pytest.raises(AnswerLost, match="commit load 7f: the answer is a page"):
        loads(Said(200, page))[0].commit("7f", CheckSums({"count(*)": 1}))


def test_a_commit_whose_answer_is_in_a_coding_that_cannot_be_read_is_an_answer_lost():
    unreadable = BrokenAnswer("commit load 7f: the answer has a content coding nobody asked for: 'br'")
    with pytest.raises(AnswerLost, match="content coding"):
        loads(unreadable)[0].commit("7f", CheckSums({"count(*)": 1}))


def test_an_invalid_check_sum_is_a_bad_request():
    with pytest.raises(BadRequestException, match="commit load 7f: HTTP 400: Invalid check sum"):
        loads(Said(400, {"message": "Invalid check sum"}))[0].commit("7f", CheckSums.parse({"x": 3}))


def test_a_read_that_is_refused_is_an_api_exception_with_status_and_body():
    with pytest.raises(ApiException) as caught:
        loads(Said(502, b"<title>Bad Gateway</title>"))[0].info("7f")
    assert caught.value.status == 502
    assert caught.value.body == "<title>Bad Gateway</title>"


def test_every_answer_is_closed():
    answers = [Said(200, {"LoadStatus": "OPEN"}), Said(404, b"")]
    gateway, _ = loads(*answers)
    gateway.info("7f")
    with pytest.raises(ApiException):
        gateway.info("8")
    assert all(answer.is_closed for answer in answers)
