"""Who is let in: the worked examples of the S3 documentation, and every way of being refused."""

import http.client
import io
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest
from attrs import evolve, frozen

from comotion.adapters.fake_dash.clock import FakeClock
from comotion.adapters.fake_dash.exchange import Body, Request
from comotion.adapters.fake_dash.faces.object_store.doorman import admit
from comotion.adapters.fake_dash.faces.object_store.intake import take_request
from comotion.adapters.fake_dash.faces.object_store.refusals import Refusal
from comotion.adapters.fake_dash.grants import Grant
from comotion.adapters.fake_dash.objects import Objects
from comotion.adapters.fake_dash.server import FakeServer
from comotion.adapters.s3_store.signing import Credentials, signed_headers
from comotion.ports.http import Headers
from tests.contract.object_store.conftest import BUCKET, code_of

EXAMPLE_KEYS = Grant(access_key_id="AKIAIOSFODNN7EXAMPLE", secret_access_key="wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@frozen
class DocumentationWorld:
    """The account that the documentation's examples are signed for."""

    clock: FakeClock
    objects: Objects

    @property
    def credentials(self) -> "DocumentationWorld":
        return self

    def find(self, access_key_id: str) -> Grant | None:
        return EXAMPLE_KEYS if access_key_id == EXAMPLE_KEYS.access_key_id else None


@pytest.fixture
def documented(tmp_path):
    clock = FakeClock(datetime(2013, 5, 24, tzinfo=UTC))
    objects = Objects(tmp_path, clock)
    objects.add_bucket("examplebucket", "us-east-1")
    return DocumentationWorld(clock, objects)


def example(method, target, signed, signature, **headers):
    """A request of "Examples: signature calculations" in the S3 API reference."""
    scope = "AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request"
    fields = {
        "Host": "examplebucket.s3.amazonaws.com",
        "x-amz-date": "20130524T000000Z",
        "Authorization": f"AWS4-HMAC-SHA256 Credential={scope},SignedHeaders={signed},Signature={signature}",
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    return Request(method=method, target=target, host=fields["Host"], headers=Headers(fields))


EXAMPLES = {
    "get an object": example(
        "GET",
        "/test.txt",
        "host;range;x-amz-content-sha256;x-amz-date",
        "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
        Range="bytes=0-9",
        x_amz_content_sha256=EMPTY,
    ),
    "put an object": example(
        "PUT",
        "/test%24file.text",
        "date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class",
        "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
        Date="Fri, 24 May 2013 00:00:00 GMT",
        x_amz_storage_class="REDUCED_REDUNDANCY",
        x_amz_content_sha256="44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072",
    ),
    "get the lifecycle": example(
        "GET",
        "/?lifecycle",
        "host;x-amz-content-sha256;x-amz-date",
        "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
        x_amz_content_sha256=EMPTY,
    ),
    "list objects": example(
        "GET",
        "/?max-keys=2&prefix=J",
        "host;x-amz-content-sha256;x-amz-date",
        "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
        x_amz_content_sha256=EMPTY,
    ),
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_documented_signatures_are_good(documented, name):
    assert admit(documented, EXAMPLES[name], bucket="examplebucket").grant == EXAMPLE_KEYS


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_documented_signature_is_for_its_own_path_only(documented, name):
    moved = evolve(EXAMPLES[name], target="/other" + EXAMPLES[name].target[1:])
    with pytest.raises(Refusal, match="SignatureDoesNotMatch"):
        admit(documented, moved, bucket="examplebucket")


def documented_url(signature="aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"):
    scope = quote("AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request", safe="")
    target = (
        f"/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={scope}&X-Amz-Date=20130524T000000Z"
        f"&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature={signature}"
    )
    host = "examplebucket.s3.amazonaws.com"
    return Request(method="GET", target=target, host=host, headers=Headers({"Host": host}))


def test_the_documented_signed_url_is_good(documented):
    assert admit(documented, documented_url(), bucket="examplebucket").claim.lasts_s == 86400


def test_a_signed_url_ends_when_it_said(documented):
    documented.clock.advance(hours=24, seconds=1)
    with pytest.raises(Refusal, match="Request has expired"):
        admit(documented, documented_url(), bucket="examplebucket")


def test_a_signed_url_with_another_signature_is_refused(documented):
    with pytest.raises(Refusal, match="SignatureDoesNotMatch"):
        admit(documented, documented_url("0" * 64), bucket="examplebucket")


def chunk_example(body):
    """The PUT of 66,560 times "a" in chunks of 64 KiB."""
    request = example(
        "PUT",
        "/examplebucket/chunkObject.txt",
        "content-encoding;content-length;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;"
        "x-amz-storage-class",
        "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9",
        Content_Encoding="aws-chunked",
        Content_Length="66824",
        x_amz_content_sha256="STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
        x_amz_decoded_content_length="66560",
        x_amz_storage_class="REDUCED_REDUNDANCY",
    )
    headers = Headers({**request.headers, "Host": "s3.amazonaws.com"})
    return evolve(request, host="s3.amazonaws.com", headers=headers, body=Body(io.BytesIO(body), len(body)))


def chunk(content, signature):
    return f"{len(content):x};chunk-signature={signature}\r\n".encode() + content + b"\r\n"


CHUNKS = (
    chunk(b"a" * 65536, "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648")
    + chunk(b"a" * 1024, "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497")
    + chunk(b"", "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9")
)


def taken(documented, body):
    request = chunk_example(body)
    visitor = admit(documented, request, bucket="examplebucket")
    return take_request(documented.objects, request, visitor)


def test_the_documented_chunks_are_good(documented):
    assert taken(documented, CHUNKS).path.read_bytes() == b"a" * 66560


def test_a_chunk_that_was_changed_is_refused_and_leaves_nothing(documented, tmp_path):
    with pytest.raises(Refusal, match="SignatureDoesNotMatch"):
        taken(documented, CHUNKS.replace(b"\r\naa", b"\r\nab", 1))
    assert list(tmp_path.iterdir()) == []


def test_chunks_that_break_off_are_refused_and_leave_nothing(documented, tmp_path):
    with pytest.raises(Refusal, match="IncompleteBody"):
        taken(documented, CHUNKS[:-40])
    assert list(tmp_path.iterdir()) == []


def trailer_example(body):
    """The same PUT with a signed trailer, as the documentation has it."""
    request = example(
        "PUT",
        "/examplebucket/chunkObject.txt",
        "content-encoding;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;x-amz-storage-class;"
        "x-amz-trailer",
        "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e",
        Content_Encoding="aws-chunked",
        x_amz_content_sha256="STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
        x_amz_decoded_content_length="66560",
        x_amz_storage_class="REDUCED_REDUNDANCY",
        x_amz_trailer="x-amz-checksum-crc32c",
    )
    headers = Headers({**request.headers, "Host": "s3.amazonaws.com"})
    return evolve(request, host="s3.amazonaws.com", headers=headers, body=Body(io.BytesIO(body), len(body)))


TRAILED_CHUNKS = (
    chunk(b"a" * 65536, "b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2")
    + chunk(b"a" * 1024, "1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7")
    + b"0;chunk-signature=2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992\r\n"
)
TRAILER = b"x-amz-checksum-crc32c:sOO8/Q==\r\n"
TRAILER_SEAL = b"x-amz-trailer-signature:d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435\r\n\r\n"


@pytest.mark.parametrize("between", [b"", b"\r\n"], ids=["as clients send it", "as the documentation prints it"])
def test_the_documented_trailer_is_good(documented, between):
    request = trailer_example(TRAILED_CHUNKS + TRAILER + between + TRAILER_SEAL)
    visitor = admit(documented, request, bucket="examplebucket")
    found = take_request(documented.objects, request, visitor)
    assert found.checksums == {"crc32c": "sOO8/Q=="}


def test_a_trailer_that_was_changed_is_refused(documented):
    request = trailer_example(TRAILED_CHUNKS + TRAILER.replace(b"sOO8", b"sOO9") + TRAILER_SEAL)
    visitor = admit(documented, request, bucket="examplebucket")
    with pytest.raises(Refusal, match="SignatureDoesNotMatch"):
        take_request(documented.objects, request, visitor)


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("Authorization", "AWS4-HMAC-SHA256 nonsense", "AuthorizationHeaderMalformed"),
        ("Authorization", "AWS AKIA:signature", "InvalidRequest"),
        ("Authorization", "Bearer token", "InvalidRequest"),
        ("x-amz-date", "yesterday", "AccessDenied"),
        ("x-amz-date", "20139924T000000Z", "AccessDenied"),
    ],
)
def test_a_claim_that_cannot_be_read_is_refused(documented, name, value, code):
    request = EXAMPLES["get an object"]
    changed = evolve(request, headers=Headers({**request.headers, name: value}))
    with pytest.raises(Refusal, match=code):
        admit(documented, changed, bucket="examplebucket")


def test_the_hash_of_the_payload_must_be_told(documented):
    request = EXAMPLES["get an object"]
    fields = {name: value for name, value in request.headers.items() if name != "x-amz-content-sha256"}
    with pytest.raises(Refusal, match="x-amz-content-sha256"):
        admit(documented, evolve(request, headers=Headers(fields)), bucket="examplebucket")


@pytest.mark.parametrize(
    ("part", "instead"),
    [
        ("&X-Amz-Expires=86400", ""),
        ("X-Amz-Expires=86400", "X-Amz-Expires=604801"),
        ("X-Amz-Expires=86400", "X-Amz-Expires=soon"),
        ("X-Amz-Expires=86400", f"X-Amz-Expires={'9' * 5000}"),
        ("X-Amz-Date=20130524T000000Z", "X-Amz-Date=now"),
        ("aws4_request", "aws5_request"),
        ("us-east-1", "eu-west-1"),
        ("20130524%2F", "20130525%2F"),
        ("%2Fs3%2F", "%2Fsts%2F"),
    ],
)
def test_a_signed_url_that_cannot_be_read_is_refused(documented, part, instead):
    url = documented_url()
    with pytest.raises(Refusal, match="AuthorizationQueryParametersError"):
        admit(documented, evolve(url, target=url.target.replace(part, instead)), bucket="examplebucket")


def test_a_url_of_signature_version_2_is_refused_by_name(documented):
    url = evolve(documented_url(), target="/test.txt?AWSAccessKeyId=AKIA&Expires=1&Signature=x")
    with pytest.raises(Refusal, match="AWS4-HMAC-SHA256"):
        admit(documented, url, bucket="examplebucket")


def test_an_anonymous_request_is_refused_and_told_the_region(ask):
    answer = ask("HEAD", f"/{BUCKET}", anonymous=True)
    assert (answer.status, answer.header("x-amz-bucket-region")) == (403, "eu-west-1")


def test_unknown_keys_are_refused(ask, keys):
    answer = ask("GET", f"/{BUCKET}/k", grant=evolve(keys, access_key_id="AKIAUNKNOWN"))
    assert (answer.status, code_of(answer)) == (403, "InvalidAccessKeyId")


def test_a_wrong_secret_is_refused(ask, keys):
    answer = ask("GET", f"/{BUCKET}/k", grant=evolve(keys, secret_access_key="wrong"))
    assert (answer.status, code_of(answer)) == (403, "SignatureDoesNotMatch")


def test_a_wrong_session_token_is_refused(ask, world):
    grant = world.credentials.issue_sts(BUCKET, "k")
    answer = ask("GET", f"/{BUCKET}/k", grant=evolve(grant, session_token="other"))
    assert (answer.status, code_of(answer)) == (400, "InvalidToken")


def test_a_missing_session_token_is_refused(ask, world):
    grant = world.credentials.issue_sts(BUCKET, "k")
    assert code_of(ask("GET", f"/{BUCKET}/k", grant=evolve(grant, session_token=None))) == "InvalidToken"


def test_temporary_keys_open_their_own_object_only(ask, world):
    grant = world.credentials.issue_sts(BUCKET, "mine")
    assert ask("PUT", f"/{BUCKET}/mine", b"x", grant=grant).status == 200
    assert code_of(ask("PUT", f"/{BUCKET}/other", b"x", grant=grant)) == "AccessDenied"


def test_temporary_keys_cannot_list(ask, world):
    grant = world.credentials.issue_sts(BUCKET, "mine")
    assert code_of(ask("GET", f"/{BUCKET}?list-type=2", grant=grant)) == "AccessDenied"


def test_temporary_keys_expire_by_the_worlds_clock(ask, world):
    grant = world.credentials.issue_sts(BUCKET, "mine")
    world.clock.advance(hours=1)
    answer = ask("PUT", f"/{BUCKET}/mine", b"x", grant=grant)
    assert (answer.status, code_of(answer)) == (400, "ExpiredToken")


def test_a_signature_for_another_region_is_refused_with_the_right_one(ask):
    answer = ask("PUT", f"/{BUCKET}/k", b"x", region="us-east-1")
    assert (answer.status, code_of(answer)) == (400, "AuthorizationHeaderMalformed")
    assert b"<Region>eu-west-1</Region>" in answer.body
    assert answer.header("x-amz-bucket-region") == "eu-west-1"


def test_a_date_far_from_any_clock_is_refused(ask, world):
    answer = ask("GET", f"/{BUCKET}/k", now=world.clock.now() - timedelta(minutes=16))
    assert (answer.status, code_of(answer)) == (403, "RequestTimeTooSkewed")


def test_a_client_with_real_time_is_let_in_though_the_world_is_ahead(ask, world):
    world.clock.advance(hours=5)
    assert ask("PUT", f"/{BUCKET}/k", b"x", now=datetime.now(UTC)).status == 200


def test_an_amz_header_that_was_not_signed_is_refused(ask):
    answer = ask("PUT", f"/{BUCKET}/k", b"x", extra={"x-amz-meta-added": "later"})
    assert code_of(answer) == "AccessDenied"
    assert b"<HeadersNotSigned>x-amz-meta-added</HeadersNotSigned>" in answer.body


def test_a_bucket_of_another_world_does_not_exist(ask):
    answer = ask("PUT", "/elsewhere/k", b"x")
    assert (answer.status, code_of(answer)) == (404, "NoSuchBucket")


def test_what_is_not_supported_is_refused_by_name(ask):
    answer = ask("GET", f"/{BUCKET}/k?tagging=")
    assert (answer.status, code_of(answer)) == (501, "NotImplemented")
    assert b"tagging" in answer.body


def test_a_header_that_asks_for_more_than_there_is_is_refused(ask):
    answer = ask("PUT", f"/{BUCKET}/k", b"x", headers={"x-amz-object-lock-mode": "GOVERNANCE"})
    assert (answer.status, code_of(answer)) == (501, "NotImplemented")


def test_a_path_prefix_is_part_of_what_is_signed(world):
    grant = world.credentials.lasting
    keys = Credentials(access_key_id=grant.access_key_id, secret_access_key=grant.secret_access_key)
    with FakeServer(world, others={"blue": world}) as server:
        url = f"{server.url}/w/blue/{BUCKET}/k"
        headers = signed_headers(
            "PUT",
            url,
            headers={},
            payload_sha256="UNSIGNED-PAYLOAD",
            credentials=keys,
            region="eu-west-1",
            now=world.clock.now(),
        )
        connection = http.client.HTTPConnection("127.0.0.1", server.port)
        connection.request("PUT", f"/w/blue/{BUCKET}/k", b"x", headers)
        assert connection.getresponse().status == 200
        connection.close()
