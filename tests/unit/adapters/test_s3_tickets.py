"""What an upload ticket tells an S3 client."""

from datetime import UTC, datetime

import pytest
from attrs import evolve

from comotion.adapters.s3_store import S3Store
from comotion.adapters.s3_store.tickets import credentials_of, object_url, region_of
from comotion.domain.errors import BrokenAnswer, InvalidName
from comotion.domain.load import UploadTicket

TICKET = UploadTicket(
    presigned_url={
        "url": "https://lake.s3.amazonaws.com/",
        "fields": {"x-amz-credential": "ASIAEXAMPLE/20261123/eu-west-1/s3/aws4_request"},
    },
    sts_credentials={"AccessKeyId": "A", "SecretAccessKey": "S", "SessionToken": "T"},
    path="in/part one.parquet",
    bucket="lake",
)


def test_the_region_stands_in_the_credential_scope():
    assert region_of(TICKET) == "eu-west-1"


@pytest.mark.parametrize(
    "form",
    [
        None,
        "text",
        {},
        {"fields": None},
        {"fields": {"x-amz-credential": "A/20261123/eu-west-1/s3"}},
        {"fields": {"x-amz-credential": "A/20261123/evil.example#/s3/aws4_request"}},
        {"fields": {"x-amz-credential": None}},
    ],
)
def test_a_form_without_a_scope_tells_no_region(form):
    assert region_of(evolve(TICKET, presigned_url=form)) is None


def test_the_name_of_the_field_may_be_spelled_in_capitals():
    form = {"fields": {"X-Amz-Credential": "A/20261123/af-south-1/s3/aws4_request"}}
    assert region_of(evolve(TICKET, presigned_url=form)) == "af-south-1"


@pytest.mark.parametrize(
    ("told", "moment"),
    [
        ("2026-11-23T10:00:00Z", datetime(2026, 11, 23, 10, tzinfo=UTC)),
        ("2026-11-23T12:00:00+02:00", datetime(2026, 11, 23, 10, tzinfo=UTC)),
        ("2026-11-23 10:00:00", datetime(2026, 11, 23, 10, tzinfo=UTC)),
        (1795428000, datetime(2026, 11, 23, 10, tzinfo=UTC)),
        (1795428000000, datetime(2026, 11, 23, 10, tzinfo=UTC)),
        ("soon", None),
        (None, None),
        (True, None),
        (1e300, None),
    ],
)
def test_the_expiry_is_read_in_any_spelling(told, moment):
    ticket = evolve(TICKET, sts_credentials={**TICKET.sts_credentials, "Expiration": told})
    assert credentials_of(ticket).expires_at == moment


@pytest.mark.parametrize("told", [None, "text", {}, {"AccessKeyId": "A"}, {"AccessKeyId": "A", "SecretAccessKey": ""}])
def test_a_ticket_without_keys_is_a_broken_answer(told):
    with pytest.raises(BrokenAnswer, match="in/part one"):
        credentials_of(evolve(TICKET, sts_credentials=told))


@pytest.mark.parametrize(
    ("bucket", "url", "endpoint", "expected"),
    [
        ("lake", "https://lake.s3.amazonaws.com/", None, "https://lake.s3.eu-west-1.amazonaws.com"),
        ("lake", "https://s3.eu-west-1.amazonaws.com/lake", None, "https://lake.s3.eu-west-1.amazonaws.com"),
        ("lake", None, None, "https://lake.s3.eu-west-1.amazonaws.com"),
        ("lake.in", None, None, "https://s3.eu-west-1.amazonaws.com/lake.in"),
        ("lake", "http://127.0.0.1:4000/lake", None, "http://127.0.0.1:4000/lake"),
        ("lake", "http://127.0.0.1:4000", None, "http://127.0.0.1:4000/lake"),
        ("lake", "https://lake.store.example/", None, "https://lake.store.example"),
        ("lake", "https://lake.s3.amazonaws.com/", "http://minio:9000", "http://minio:9000/lake"),
    ],
)
def test_the_object_lies_where_endpoint_form_and_region_say(bucket, url, endpoint, expected):
    ticket = evolve(TICKET, bucket=bucket, presigned_url=url and {"url": url})
    assert object_url(ticket, endpoint=endpoint, region="eu-west-1") == f"{expected}/in/part%20one.parquet"


def test_china_has_a_domain_of_its_own():
    ticket = evolve(TICKET, presigned_url=None)
    assert object_url(ticket, endpoint=None, region="cn-north-1").startswith(
        "https://lake.s3.cn-north-1.amazonaws.com.cn/"
    )


@pytest.mark.parametrize("url", ["http://store.example/lake", "https://user:pw@store.example/lake", "https://[bad/"])
def test_keys_are_not_used_at_a_place_that_cannot_be_trusted(url):
    with pytest.raises(InvalidName):
        object_url(evolve(TICKET, presigned_url={"url": url}), endpoint=None, region="eu-west-1")


@pytest.mark.parametrize("endpoint", ["minio:9000", "ftp://x", "http://user@x", "http://x?y", "http://x#y", "http://"])
def test_an_endpoint_that_is_no_url_is_refused(endpoint):
    with pytest.raises(InvalidName, match="AWS_ENDPOINT_URL_S3"):
        S3Store(None, clock=None, endpoint=endpoint)
