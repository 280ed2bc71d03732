"""How S3Store paces an upload and what it sends, seen by an HttpClient that only takes notes."""

from collections.abc import Iterator
from hashlib import sha256
from threading import Event, Lock

import pytest
from attrs import define, field

from comotion.adapters.fake_dash.clock import FakeClock
from comotion.adapters.retrying_http import WholeResponse
from comotion.adapters.s3_store import CHUNK_BYTES, S3Store
from comotion.adapters.s3_store.store import MOST_IN_FLIGHT
from comotion.domain.load import UploadTicket
from comotion.ports.http import Headers, HttpRequest

TICKET = UploadTicket(
    presigned_url={"fields": {"x-amz-credential": "A/20260105/af-south-1/s3/aws4_request"}},
    sts_credentials={"AccessKeyId": "A", "SecretAccessKey": "S", "SessionToken": "T"},
    path="in/part",
    bucket="lake",
)
CHUNK = bytes(CHUNK_BYTES)
PATIENCE_S = 10.0


@define
class Notes:
    """Answers everything with success and remembers what was asked; chunks wait for ``gate``."""

    requests: list[HttpRequest] = field(factory=list)
    answered: list[HttpRequest] = field(factory=list)
    gate: Event = field(factory=Event)
    arrived: Event = field(factory=Event)
    _lock: Lock = field(factory=Lock)

    def send(self, request: HttpRequest) -> WholeResponse:
        with self._lock:
            self.requests.append(request)
        if "partNumber" in request.url:
            self.arrived.set()
            assert self.gate.wait(PATIENCE_S)
        body = (
            b"<R><UploadId>u</UploadId></R>"
            if request.url.endswith("?uploads=")
            else b"<CompleteMultipartUploadResult/>"
        )
        with self._lock:
            self.answered.append(request)
        return WholeResponse(200, Headers({"ETag": '"e"'}), body)


@define
class Watched:
    """A part of ``count`` chunks that calls ``before`` with a chunk's number before it gives it."""

    count: int
    before: object

    def chunks(self, size_bytes: int) -> Iterator[bytes]:
        for number in range(1, self.count + 1):
            self.before(number)
            yield CHUNK

    def size_bytes(self) -> int:
        raise AssertionError("nobody needs to know the size beforehand")


def store(notes, **options):
    return S3Store(notes, clock=FakeClock(), **options)


class Plenty:
    """Requests to spare."""

    def __init__(self, left=10):
        self.left = left

    def take(self):
        if not self.left:
            return False
        self.left -= 1
        return True

    def give_back(self):
        self.left += 1


def no_renewal():
    raise AssertionError("nothing expires here")


def test_the_first_chunk_is_on_its_way_before_the_last_is_written():
    notes = Notes()

    def before(number):
        if number == 2:
            assert notes.arrived.wait(PATIENCE_S)
            notes.gate.set()

    store(notes).put(TICKET, Watched(3, before), no_renewal, spare=Plenty())
    assert len(notes.requests) == 5


def test_no_more_chunks_are_taken_than_are_in_flight():
    notes, waiting = Notes(), []
    notes.gate.set()

    def before(number):
        answered = len([request for request in notes.answered if "partNumber" in request.url])
        waiting.append(number - 1 - answered)

    store(notes).put(TICKET, Watched(8, before), no_renewal, spare=Plenty())
    assert max(waiting) < MOST_IN_FLIGHT


def test_without_requests_to_spare_one_chunk_is_sent_at_a_time():
    notes, waiting = Notes(), []
    notes.gate.set()

    def before(number):
        answered = len([request for request in notes.answered if "partNumber" in request.url])
        waiting.append(number - 1 - answered)

    store(notes).put(TICKET, Watched(4, before), no_renewal, spare=Plenty(0))
    assert max(waiting) == 0


def test_a_request_to_spare_is_given_back():
    notes, spare = Notes(), Plenty(1)
    notes.gate.set()
    store(notes).put(TICKET, Watched(3, lambda number: None), no_renewal, spare=spare)
    assert spare.left == 1


def sent(endpoint=None, content=b"x"):
    class Small:
        def chunks(self, size_bytes):
            yield content

        def size_bytes(self):
            return len(content)

    notes = Notes()
    store(notes, endpoint=endpoint).put(TICKET, Small(), no_renewal)
    (request,) = notes.requests
    return request


def test_a_part_goes_to_the_bucket_in_the_tickets_region():
    assert sent().url == "https://lake.s3.af-south-1.amazonaws.com/in/part"


@pytest.mark.parametrize("endpoint", [None, "http://127.0.0.1:9000", "https://store.example"])
def test_a_body_that_cannot_be_changed_on_its_way_is_left_to_its_crc(endpoint):
    headers = sent(endpoint).headers
    assert headers["x-amz-content-sha256"] == "UNSIGNED-PAYLOAD"
    assert headers["x-amz-checksum-crc32"] == "jNwWgw=="


def test_a_body_that_could_be_changed_has_its_sha256_signed():
    assert sent("http://minio:9000").headers["x-amz-content-sha256"] == sha256(b"x").hexdigest()


def test_an_empty_part_is_one_request_without_a_body():
    request = sent(content=b"")
    assert (request.method, request.body) == ("PUT", None)


def test_every_request_says_what_it_is_for():
    notes = Notes()
    notes.gate.set()
    store(notes).put(TICKET, Watched(2, lambda _: None), no_renewal)
    assert sorted(request.operation for request in notes.requests) == [
        "begin to put in/part",
        "complete to put in/part",
        "put chunk 1 of in/part",
        "put chunk 2 of in/part",
    ]
