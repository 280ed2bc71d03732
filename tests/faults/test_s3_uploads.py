"""Uploads with the ticket's keys, when something goes wrong between here and the store."""

import logging
import os
from concurrent.futures import ThreadPoolExecutor

import pytest
from attrs import evolve

from comotion.adapters.fake_dash.server import FakeServer
from comotion.adapters.requests_http import RequestsHttp
from comotion.adapters.s3_store import CHUNK_BYTES, S3Store
from comotion.domain.errors import BrokenAnswer, NeverSent, ServiceUnreachable, StorageRefused
from tests.contract.parts import Stopping, Whole, WriterStopped
from tests.contract.storage import BUCKET, Bucket, new_world, retrying

CONTENT = os.urandom(4 * CHUNK_BYTES + 11)
SMALL = CONTENT[:1000]


@pytest.fixture
def place():
    with new_world() as world, FakeServer(world) as server:
        http = retrying(RequestsHttp(), world)
        yield Bucket(S3Store(http, clock=world.clock, endpoint=server.url), world, server.url)


def put(place, content=CONTENT, *, ticket=None):
    place.store.put(ticket or place.ticket("part"), Whole(content), place.renew("part"))


def error_document(code, message="no"):
    return f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>{message}</Message></Error>"


@pytest.mark.parametrize("status", [500, 502, 503, 429])
def test_an_overloaded_store_is_asked_again_for_that_chunk_only(place, status):
    place.world.faults.status(status, on="upload_part", nth=3, times=2)
    put(place)
    assert place.content("part") == CONTENT
    assert len(place.world.log.of("upload_part")) == 5 + 2


def test_a_retry_after_is_waited_for(place):
    place.world.faults.status(503, on="upload_part", nth=3, retry_after=7)
    put(place)
    assert 7.0 in place.world.clock.naps


@pytest.mark.parametrize("operation", ["create_multipart", "upload_part", "complete_multipart"])
def test_a_dropped_connection_is_made_again(place, operation):
    place.world.faults.drop(on=operation)
    put(place)
    assert place.content("part") == CONTENT


@pytest.mark.parametrize("operation", ["create_multipart", "upload_part", "complete_multipart", "put_object"])
def test_a_lost_answer_does_not_lose_the_part(place, operation):
    place.world.faults.lose_answer(on=operation)
    put(place, SMALL if operation == "put_object" else CONTENT)
    assert place.content("part") == (SMALL if operation == "put_object" else CONTENT)


def test_keys_that_expire_between_two_chunks_are_renewed_once_and_no_chunk_is_sent_in_vain(place):
    place.world.faults.expire_credentials(on="upload_part", nth=3)
    put(place)
    assert place.content("part") == CONTENT
    assert place.renewals == ["part"]
    assert len([e for e in place.world.log.of("upload_part") if e.status == 200]) == 5


@pytest.mark.parametrize("operation", ["put_object", "create_multipart", "complete_multipart"])
def test_keys_that_have_expired_are_renewed(place, operation):
    place.world.faults.expire_credentials(on=operation)
    put(place, SMALL if operation == "put_object" else CONTENT)
    assert place.renewals == ["part"]


def test_keys_are_renewed_before_they_expire_where_the_ticket_says_when(place):
    ticket = place.ticket("part")
    ends = f"{place.world.clock.now():%Y-%m-%dT%H:%M:%SZ}"
    put(place, ticket=evolve(ticket, sts_credentials={**ticket.sts_credentials, "Expiration": ends}))
    assert place.renewals == ["part"]
    assert {entry.status for entry in place.world.log} == {200}


def test_fresh_keys_that_are_refused_too_end_the_upload(place):
    place.world.faults.status(400, on="put_object", times=None, body=error_document("ExpiredToken"))
    with pytest.raises(StorageRefused, match="ExpiredToken") as caught:
        put(place, SMALL)
    assert (caught.value.status, caught.value.code, place.renewals) == (400, "ExpiredToken", ["part"])


def test_a_renewed_ticket_for_another_place_ends_the_upload(place):
    place.world.faults.expire_credentials(on="put_object")
    with pytest.raises(StorageRefused, match="another place"):
        place.store.put(place.ticket("part"), Whole(SMALL), lambda: place.ticket("elsewhere"))


def test_the_wrong_region_is_learned_from_the_bucket_once(place):
    for _ in range(2):
        ticket = evolve(place.ticket("part"), presigned_url=None)
        put(place, ticket=ticket)
    assert [entry.status for entry in place.world.log].count(400) == 1


def test_a_moved_bucket_is_found_by_what_its_answer_says(place):
    place.world.faults.status(301, on="put_object", headers={"x-amz-bucket-region": "eu-west-1"}, body="")
    put(place, SMALL, ticket=evolve(place.ticket("part"), presigned_url=None))
    assert place.content("part") == SMALL


def test_a_machine_whose_clock_is_wrong_uses_the_stores_time(place):
    place.world.faults.status(
        403,
        on="put_object",
        headers={"Date": f"{place.world.clock.now():%a, %d %b %Y %H:%M:%S GMT}"},
        body=error_document("RequestTimeTooSkewed"),
    )
    put(place, SMALL)
    assert place.content("part") == SMALL


@pytest.mark.parametrize("operation", ["create_multipart", "upload_part", "complete_multipart"])
def test_a_refusal_ends_the_upload_and_gives_its_chunks_back(place, operation):
    place.world.faults.status(403, on=operation, body=error_document("AccessDenied", "not yours"))
    with pytest.raises(StorageRefused, match=r"in/part.*403, AccessDenied: not yours") as caught:
        put(place)
    assert (caught.value.status, caught.value.code) == (403, "AccessDenied")
    assert place.content("part") is None
    assert place.residue() == 0


def test_a_store_that_stays_overloaded_ends_the_upload_within_the_policy(place):
    place.world.faults.status(503, on="upload_part", times=None)
    with pytest.raises(StorageRefused, match="503") as caught:
        put(place)
    assert caught.value.status == 503
    assert place.residue() == 0


def test_a_store_that_cannot_be_reached_is_said_so(place):
    store = S3Store(retrying(RequestsHttp(), place.world), clock=place.world.clock, endpoint="http://127.0.0.1:9")
    with pytest.raises(NeverSent, match="in/part"):
        store.put(place.ticket("part"), Whole(SMALL), place.renew("part"))


def test_connections_that_keep_breaking_end_the_upload(place):
    place.world.faults.drop(on="upload_part", times=None)
    with pytest.raises(ServiceUnreachable):
        put(place)
    assert place.residue() == 0


def test_a_completion_that_fails_after_its_200_is_repeated(place):
    place.world.faults.status(200, on="complete_multipart", body=error_document("InternalError"))
    put(place)
    assert place.content("part") == CONTENT


def test_an_upload_that_the_store_forgot_is_begun_again(place):
    place.world.faults.status(404, on="upload_part", nth=2, body=error_document("NoSuchUpload"))
    put(place)
    assert place.content("part") == CONTENT
    assert place.residue() == 0


def test_a_store_without_an_upload_id_is_a_broken_answer(place):
    place.world.faults.status(200, on="create_multipart", body="<InitiateMultipartUploadResult/>")
    with pytest.raises(BrokenAnswer, match="upload id"):
        put(place)


def test_a_store_without_an_etag_is_a_broken_answer(place):
    place.world.faults.status(200, on="upload_part", nth=2, body="")
    with pytest.raises(BrokenAnswer, match="ETag"):
        put(place)
    assert place.residue() == 0


def test_a_small_part_whose_answer_has_no_etag_is_not_stored(place):
    place.world.faults.status(200, on="put_object", body="")
    with pytest.raises(BrokenAnswer, match="ETag"):
        put(place, SMALL)


@pytest.mark.parametrize("page", ["<html>welcome to the hotel</html>", "<!DOCTYPE html>\n<html></html>"])
def test_a_page_is_no_stored_part(place, page):
    place.world.faults.status(200, on="put_object", body=page, headers={"ETag": '"e"'})
    with pytest.raises(StorageRefused, match="put in/part"):
        put(place, SMALL)


@pytest.mark.parametrize("body", ["", "   \n"])
def test_a_completion_that_ends_without_a_word_is_repeated(place, body):
    place.world.faults.status(200, on="complete_multipart", body=body)
    put(place)
    assert place.content("part") == CONTENT


def test_a_completion_that_never_says_it_is_done_is_no_stored_part(place):
    place.world.faults.status(200, on="complete_multipart", body="", times=None)
    with pytest.raises(StorageRefused, match="complete to put in/part"):
        put(place)
    assert place.residue() == 0


def test_a_time_that_cannot_be_read_mends_nothing(place):
    document = error_document("RequestTimeTooSkewed")
    place.world.faults.status(403, on="put_object", headers={"Date": "today"}, body=document)
    with pytest.raises(StorageRefused, match="RequestTimeTooSkewed"):
        put(place, SMALL)


def test_a_proxys_page_is_no_reason(place):
    place.world.faults.status(407, on="put_object", body="<html>sign in</html>")
    with pytest.raises(StorageRefused, match="407, without saying why"):
        put(place, SMALL)


def test_a_chunk_that_was_changed_on_its_way_is_sent_again(place):
    place.world.faults.status(400, on="upload_part", nth=2, body=error_document("BadDigest"))
    put(place)
    assert place.content("part") == CONTENT


def test_a_writer_that_stops_ends_the_upload_with_its_own_error(place):
    with pytest.raises(WriterStopped):
        place.store.put(place.ticket("part"), Stopping(CONTENT), place.renew("part"))
    assert len(place.world.log.of("abort_multipart")) == 1


def test_an_abort_that_fails_does_not_hide_the_cause(place):
    place.world.faults.status(403, on="upload_part", body=error_document("AccessDenied"))
    place.world.faults.status(500, on="abort_multipart", times=None)
    with pytest.raises(StorageRefused, match="AccessDenied"):
        put(place)


def test_no_error_and_no_log_line_holds_a_key(place, caplog):
    caplog.set_level(logging.DEBUG)
    ticket = place.ticket("part")
    secrets = list(ticket.sts_credentials.values())
    place.world.faults.status(
        403, on="put_object", body=error_document("SignatureDoesNotMatch", f"for {' and '.join(secrets)}")
    )
    with pytest.raises(StorageRefused) as caught:
        put(place, SMALL, ticket=ticket)
    shown = f"{caught.value!r} {caught.value} {caplog.text} {ticket!r}"
    assert not any(secret in shown for secret in secrets)


class CountingServer(FakeServer):
    """Counts the connections it accepts."""

    accepted = 0

    def get_request(self):
        self.accepted += 1
        return super().get_request()


def test_a_twenty_part_upload_uses_at_most_two_connections_a_worker():
    workers = 2
    with new_world() as world, CountingServer(world) as server, ThreadPoolExecutor(workers) as pool:
        http = retrying(RequestsHttp(pool_size=2 * workers), world)
        place = Bucket(S3Store(http, clock=world.clock), world, server.url)
        body = Whole(CONTENT[: CHUNK_BYTES + 1])
        for done in [pool.submit(place.store.put, place.ticket(f"part{n}"), body, fail) for n in range(20)]:
            done.result()
        assert len(world.log.of("complete_multipart")) == 20
        assert server.accepted <= 2 * workers


def fail():
    raise AssertionError("nothing had expired")


@pytest.mark.parametrize(
    "name", ["AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SESSION_TOKEN", "AWS_REGION", "AWS_DEFAULT_REGION"]
)
def test_the_users_own_aws_settings_are_ignored(place, monkeypatch, name):
    monkeypatch.setenv(name, "nonsense")
    put(place, SMALL)
    assert place.content("part") == SMALL
    assert BUCKET in place.world.log[-1].target
