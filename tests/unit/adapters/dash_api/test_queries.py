"""Queries over HTTP, and result files: never a page, never the token on a foreign host."""

import pytest

from comotion.adapters.dash_api.queries import QueriesOverHttp
from comotion.domain.errors import (
    AnswerLost,
    ApiException,
    BadSql,
    BrokenAnswer,
    NotFoundException,
    OutcomeUnknown,
    UnknownQuery,
)
from comotion.domain.pacing import Repeat
from tests.unit.adapters.dash_api.scripted import Said, ScriptedHttp

BASE = "https://org.api.comodash.io/v2"
LINK = "https://bucket.s3.eu-west-1.amazonaws.com/r.csv?X-Amz-Signature=hush"
CSV = b'"a"\n"1"\n'


def queries(*answers, plain=()) -> tuple[QueriesOverHttp, ScriptedHttp, ScriptedHttp]:
    http, links = ScriptedHttp(*answers), ScriptedHttp(*plain)
    return QueriesOverHttp(http, plain=links, base_url=BASE), http, links


def info(**status) -> Said:
    return Said(200, {"query": "select 1", "queryId": "q", "statementType": "DML", "status": status})


def test_a_query_is_started_and_not_repeated_once_it_may_run():
    gateway, http, _ = queries(Said(202, {"queryId": "q1"}))
    assert gateway.run("select 'é'") == "q1"
    assert http.asked == [f"POST {BASE}/query"]
    assert http.sent() == {"query": "select 'é'"}
    assert http.requests[0].repeat is Repeat.ONLY_IF_NOT_RUN


def test_bad_sql_says_what_the_service_said():
    with pytest.raises(BadSql, match="line 1:8: Column 'x' cannot be resolved"):
        queries(Said(400, {"message": "line 1:8: Column 'x' cannot be resolved"}))[0].run("select x")


@pytest.mark.parametrize("answer", [AnswerLost("gone"), Said(500, b""), Said(504, b"")])
def test_a_start_whose_answer_is_lost_has_an_unknown_outcome(answer):
    with pytest.raises(OutcomeUnknown):
        queries(answer)[0].run("select 1")


def test_a_service_that_was_busy_did_not_run_it():
    with pytest.raises(ApiException) as caught:
        queries(Said(503, b""))[0].run("select 1")
    assert caught.value.status == 503


def test_what_the_service_says_of_a_query_is_read():
    gateway, _, _ = queries(
        info(state="FAILED", stateChangeReason="boom", submissionDateTime="11-28-2021 18:51:01", later=1)
    )
    read = gateway.info("q")
    assert (read.query_id, read.statement_type, read.status.state) == ("q", "DML", "FAILED")
    assert read.status.state_change_reason == "boom"
    assert read.status.completion_date_time is None


def test_a_state_from_the_future_is_carried_and_is_not_final():
    read = queries(info(state="PLANNING"))[0].info("q")
    assert read.status.state == "PLANNING"
    assert not read.is_final()


@pytest.mark.parametrize("body", [{"queryId": "q"}, {"status": {}}, {"status": "RUNNING"}])
def test_a_query_without_a_state_is_a_broken_answer(body):
    with pytest.raises(BrokenAnswer, match="read query q"):
        queries(Said(200, body))[0].info("q")


def test_an_unknown_query_is_named():
    with pytest.raises(UnknownQuery, match="read query q9: query_id cannot be found: HTTP 404"):
        queries(Said(404, b""))[0].info("q9")


@pytest.mark.parametrize("status", [200, 202, 204])
def test_stopping_needs_no_body(status):
    gateway, http, _ = queries(Said(status, b""))
    gateway.stop("q")
    assert http.asked == [f"DELETE {BASE}/query/q"]
    assert http.requests[0].repeat is Repeat.FREELY


def test_a_result_comes_straight_from_the_api():
    gateway, http, _ = queries(Said(200, CSV, Content_Type="binary/octet-stream"))
    assert gateway.open_csv("q").read() == CSV
    assert http.asked == [f"GET {BASE}/query/q/csv"]
    assert http.requests[0].streamed
    assert http.requests[0].headers["Accept-Encoding"] == "identity"
    assert http.requests[0].headers["Accept"] == "application/json"


@pytest.mark.parametrize("location", [LINK, f"{BASE}/moved/r.csv", "/v2/moved/r.csv"])
def test_a_link_is_fetched_by_the_client_that_holds_no_token(location):
    gateway, http, links = queries(Said(302, b"", Location=location), plain=[Said(200, CSV)])
    assert b"".join(gateway.open_csv("q").chunks(3)) == CSV
    assert len(http.requests) == len(links.requests) == 1


def test_a_link_may_redirect_in_its_turn():
    gateway, _, links = queries(
        Said(302, b"", Location=LINK), plain=[Said(307, b"", Location="https://other.example/r"), Said(200, CSV)]
    )
    assert gateway.open_csv("q").read() == CSV
    assert links.asked == [f"GET {LINK}", "GET https://other.example/r"]


def test_redirects_end_somewhere():
    gateway, _, _ = queries(Said(302, b"", Location=LINK), plain=[Said(302, b"", Location=LINK)] * 9)
    with pytest.raises(BrokenAnswer, match="more than 5 redirects"):
        gateway.open_csv("q")


@pytest.mark.parametrize("location", ["http://plain.example/r.csv?sig=hush", "ftp://x/y?hush", "https://u:hush@h/"])
def test_a_link_that_is_not_https_is_refused_and_not_shown(location):
    gateway, _, links = queries(Said(302, b"", Location=location))
    with pytest.raises(BrokenAnswer) as caught:
        gateway.open_csv("q")
    assert "hush" not in str(caught.value)
    assert links.requests == []


def test_a_redirect_to_nowhere_is_a_broken_answer():
    with pytest.raises(BrokenAnswer, match="without a Location"):
        queries(Said(302, b""))[0].open_csv("q")


def test_an_expired_link_is_an_error_that_shows_no_signature():
    error = b"<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>"
    gateway, _, _ = queries(Said(302, b"", Location=LINK), plain=[Said(403, error, Content_Type="application/xml")])
    with pytest.raises(ApiException, match="query q: HTTP 403: AccessDenied: Request has expired") as caught:
        gateway.open_csv("q")
    assert "hush" not in str(caught.value)


def test_a_file_that_is_gone_is_not_an_unknown_query():
    gateway, _, _ = queries(Said(302, b"", Location=LINK), plain=[Said(404, b"<Error><Code>NoSuchKey</Code></Error>")])
    with pytest.raises(NotFoundException) as caught:
        gateway.open_csv("q")
    assert not isinstance(caught.value, UnknownQuery)


@pytest.mark.parametrize(
    "page",
    [
        Said(200, b"<!DOCTYPE html><html>log in</html>", Content_Type="text/html; charset=utf-8"),
        Said(200, b"<Error><Code>SlowDown</Code></Error>", Content_Type="application/xml"),
        Said(200, b"\xef\xbb\xbf \n<html>", Content_Type="binary/octet-stream"),
        Said(200, b'{"message": "Internal error"}', Content_Type="application/json"),
        Said(204, b""),
        Said(206, b'"a"'),
    ],
)
def test_a_page_is_never_a_result(page):
    gateway, _, _ = queries(page)
    with pytest.raises(BrokenAnswer):
        gateway.open_csv("q").read()
    assert page.is_closed


def test_a_page_is_found_out_while_it_streams():
    gateway, _, _ = queries(Said(200, b"<html>" + b"x" * 100))
    with pytest.raises(BrokenAnswer):
        next(gateway.open_csv("q").chunks(10))


def test_a_csv_of_the_wrong_type_is_still_a_csv():
    assert queries(Said(200, CSV, Content_Type="application/json"))[0].open_csv("q").read() == CSV


@pytest.mark.parametrize("ask", [lambda gateway: gateway.info("q"), lambda gateway: gateway.open_csv("q")])
def test_who_must_wait_longer_than_is_waited_is_told_how_long(ask):
    with pytest.raises(ApiException, match="HTTP 429: Too Many Requests; the service asks to wait 3600 s"):
        ask(queries(Said(429, {"message": "Too Many Requests"}, Retry_After="3600"))[0])


def test_a_page_does_not_say_that_a_query_was_stopped():
    with pytest.raises(BrokenAnswer, match="stop query q: the answer is a page"):
        queries(Said(200, b"<html>"))[0].stop("q")
