"""Uploads with the ticket's presigned form, when something goes wrong between here and the store."""

import os

import pytest
from attrs import evolve

from comotion.adapters.fake_dash.in_process import InProcessHttp
from comotion.adapters.s3_store import PresignedStore
from comotion.domain.errors import BrokenAnswer, InvalidName, ServiceUnreachable, StorageRefused
from tests.contract.parts import Whole
from tests.contract.storage import Bucket, new_world, retrying

CONTENT = os.urandom(3_000_000)


@pytest.fixture
def place():
    with new_world() as world:
        yield Bucket(PresignedStore(retrying(InProcessHttp(world), world)), world)


def put(place, ticket=None):
    place.store.put(ticket or place.ticket("part"), Whole(CONTENT), place.renew("part"))


def test_a_form_that_has_expired_is_renewed_once(place):
    ticket = place.ticket("part")
    place.world.clock.advance(hours=2)
    put(place, ticket)
    assert place.content("part") == CONTENT
    assert place.renewals == ["part"]


def test_a_fresh_form_that_is_refused_too_ends_the_upload(place):
    expired = place.ticket("part")
    place.world.clock.advance(hours=2)
    with pytest.raises(StorageRefused, match="Policy expired") as caught:
        place.store.put(expired, Whole(CONTENT), lambda: expired)
    assert (caught.value.status, caught.value.code) == (403, "AccessDenied")


@pytest.mark.parametrize("status", [500, 503, 429])
def test_an_overloaded_store_is_asked_again_with_the_whole_form(place, status):
    place.world.faults.status(status, on="post_object", times=2)
    put(place)
    assert place.content("part") == CONTENT


def test_a_page_is_no_stored_part(place):
    place.world.faults.status(200, on="post_object", body="<html>welcome to the hotel</html>")
    with pytest.raises(StorageRefused, match="put in/part"):
        put(place)


def test_a_lost_answer_does_not_lose_the_part(place):
    place.world.faults.lose_answer(on="post_object")
    put(place)
    assert place.content("part") == CONTENT


def test_a_connection_that_keeps_breaking_ends_the_upload(place):
    place.world.faults.drop(on="post_object", times=None)
    with pytest.raises(ServiceUnreachable, match="in/part"):
        put(place)


def test_a_form_for_another_place_is_refused(place):
    ticket = place.ticket("part")
    form = ticket.presigned_url
    moved = {**form, "fields": {**form["fields"], "key": "in/other"}}
    with pytest.raises(StorageRefused, match="Policy Condition failed"):
        put(place, evolve(ticket, presigned_url=moved))


def test_a_redirect_within_aws_is_followed(place):
    target = "https://lake-in.s3.eu-west-1.amazonaws.com/"
    place.world.faults.status(307, on="post_object", headers={"Location": target}, body="")
    put(place)
    assert place.content("part") == CONTENT


@pytest.mark.parametrize("target", ["https://elsewhere.example/", "http://lake-in.s3.eu-west-1.amazonaws.com/", ""])
def test_a_redirect_to_anywhere_else_is_not(place, target):
    place.world.faults.status(307, on="post_object", headers={"Location": target}, body="")
    with pytest.raises(StorageRefused, match="307"):
        put(place)
    assert len(place.world.log) == 1


@pytest.mark.parametrize("form", [None, "https://x", {}, {"url": "https://x"}, {"fields": {}}])
def test_a_ticket_without_a_form_is_a_broken_answer(place, form):
    with pytest.raises(BrokenAnswer, match="in/part"):
        put(place, evolve(place.ticket("part"), presigned_url=form))


@pytest.mark.parametrize("url", ["http://bucket.example/", "ftp://bucket", "https://user@bucket/"])
def test_a_form_is_not_posted_where_anybody_can_read_it(place, url):
    with pytest.raises(InvalidName):
        put(place, evolve(place.ticket("part"), presigned_url={"url": url, "fields": {}}))


def test_no_error_holds_a_policy_or_signature(place):
    ticket = place.ticket("part")
    fields = ticket.presigned_url["fields"]
    told = f"<Error><Code>AccessDenied</Code><Message>{fields['x-amz-signature']}</Message></Error>"
    place.world.faults.status(403, on="post_object", body=told)
    with pytest.raises(StorageRefused) as caught:
        put(place, ticket)
    shown = f"{caught.value!r} {ticket!r}"
    assert fields["x-amz-signature"] not in shown
    assert fields["policy"] not in shown
