"""Placed faults hit the calls they name, in the way they name, and no other call."""

import pyarrow as pa
import pytest
import requests

from comotion.domain.errors import AnswerLost
from tests.contract.fake.dash_client import API, DAILY_RUN, Dash

BROKEN = (AnswerLost, requests.ConnectionError, requests.exceptions.ChunkedEncodingError)
MOTOR = pa.table({"id": [1, 2, 3]})


def test_a_status_is_answered_at_the_call_it_was_placed_on(dash: Dash) -> None:
    dash.fake.faults.status(503, on="create_load", nth=2, retry_after=7)
    answers = [dash.create_load() for _ in range(3)]
    assert [answer.status for answer in answers] == [202, 503, 202]
    assert answers[1].headers["Retry-After"] == "7"
    assert len(dash.fake.organisation.loads) == 2


def test_a_status_may_come_after_the_work_is_done(dash: Dash) -> None:
    dash.fake.faults.status(502, on="create_load", after=True)
    assert dash.create_load().status == 502
    assert len(dash.fake.organisation.loads) == 1


def test_a_fault_hits_as_many_calls_as_it_says(dash: Dash) -> None:
    dash.fake.faults.status(500, on="*_load", times=2)
    assert [dash.create_load().status for _ in range(3)] == [500, 500, 202]


def test_a_fault_by_probability_is_the_same_in_every_run(dash: Dash) -> None:
    dash.fake.faults.status(500, on="migration_status", times=None, probability=0.5)
    statuses = [dash.call("GET", f"{API}/migration").status for _ in range(12)]
    assert statuses == [200, 200, 500, 500, 200, 500, 200, 500, 500, 200, 200, 200]


def test_another_body_and_headers_may_be_answered(dash: Dash) -> None:
    dash.fake.faults.status(502, on="create_load", body="<html>gateway", headers={"Content-Type": "text/html"})
    answer = dash.create_load()
    assert (answer.body, answer.headers["Content-Type"]) == (b"<html>gateway", "text/html")


def test_a_401_in_mid_run_leaves_the_token_good(dash: Dash) -> None:
    dash.fake.faults.status(401, on="load_info")
    load = dash.open_load()
    assert dash.call("GET", f"{API}/load/{load}").status == 401
    assert dash.load_info(load) == {"LoadStatus": "OPEN"}


def test_a_dropped_connection_did_no_work(dash: Dash) -> None:
    dash.fake.faults.drop(on="create_load")
    with pytest.raises(BROKEN):
        dash.create_load()
    assert dash.fake.organisation.loads == {}


def test_a_lost_answer_did_the_work(dash: Dash) -> None:
    load = dash.open_load()
    dash.put(load, MOTOR, "part_1")
    dash.fake.faults.lose_answer(on="commit_load")
    with pytest.raises(BROKEN):
        dash.commit(load, {"count(*)": 3})
    assert dash.load_info(load)["LoadStatus"] == "SUCCESS"


def test_an_answer_may_be_cut_short(dash: Dash) -> None:
    query = dash.query("select 1 as one")
    dash.fake.faults.cut(4, on="result_csv")
    with pytest.raises(BROKEN):
        dash.call("GET", f"{API}/query/{query}/csv")
    assert dash.call("GET", f"{API}/query/{query}/csv").status == 200


def test_an_answer_may_hesitate_in_its_middle_and_is_whole(dash: Dash) -> None:
    dash.fake.faults.slow(0.05, after_bytes=3, on="create_load")
    before = dash.fake.clock.now()
    answer = dash.create_load()
    assert set(answer.json()) == {"loadId"}
    assert (dash.fake.clock.now() - before).total_seconds() >= 0.05


@pytest.mark.parametrize(("status", "code"), [(503, "SlowDown"), (500, "InternalError"), (403, "AccessDenied")])
def test_the_object_store_words_its_faults_in_xml(dash: Dash, status: int, code: str) -> None:
    dash.fake.faults.status(status, on="post_object")
    answer = dash.put(dash.open_load(), MOTOR)
    assert answer.status == status
    assert f"<Code>{code}</Code>".encode() in answer.body


def test_the_identity_service_words_its_faults_as_oauth_does(dash: Dash) -> None:
    dash.fake.faults.status(503, on="token")
    assert dash.as_application().json()["error_description"] == "Service Unavailable"


def test_a_load_may_be_doomed_though_its_sums_are_right(dash: Dash) -> None:
    dash.fake.faults.fail_load(["the cluster is down", "try later"])
    load = dash.open_load()
    dash.put(load, MOTOR, "part_1")
    assert dash.commit(load, {"count(*)": 3}).status == 202
    info = dash.load_info(load)
    assert info["LoadStatus"] == "FAIL"
    assert info["ErrorMessages"] == ["the cluster is down", "try later"]


def test_credentials_may_expire_in_mid_upload(dash: Dash) -> None:
    dash.ticket(dash.open_load(), "part_1")
    dash.fake.faults.expire_credentials(on="daily_run_enabled")
    assert _temporary_grants_expired(dash) == [False]
    dash.call("GET", f"{DAILY_RUN}/dailyRun/dailyRun_enabled")
    assert _temporary_grants_expired(dash) == [True]


def _temporary_grants_expired(dash: Dash) -> list[bool]:
    issued = dash.fake.world.credentials.issued()
    return [grant.is_expired_at(dash.fake.clock.now()) for grant in issued if grant.expires_at is not None]


def test_the_log_names_the_faults_that_hit(dash: Dash) -> None:
    dash.fake.faults.drop(on="create_load")
    with pytest.raises(BROKEN):
        dash.create_load()
    (entry,) = dash.fake.requests.of("create_load")
    assert (entry.status, entry.faults) == (0, ("drop",))


def test_a_load_after_the_faults_are_cleared_is_as_ever(dash: Dash) -> None:
    dash.fake.faults.status(500, times=None)
    dash.fake.faults.clear()
    assert dash.create_load().status == 202
