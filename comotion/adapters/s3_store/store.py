"""Puts a part under its key: one request for a small one; a multipart upload, begun while it grows, for others."""

import logging
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from xml.sax.saxutils import escape

from attrs import frozen

from comotion.adapters.s3_store.access import Access
from comotion.adapters.s3_store.answers import S3Answer
from comotion.adapters.s3_store.exchange import Call, Exchange, crc32_field
from comotion.adapters.s3_store.tickets import DEFAULT_REGION, parse_endpoint, region_of
from comotion.domain.errors import BrokenAnswer, ComotionError, StorageRefused
from comotion.domain.load import UploadTicket
from comotion.domain.pacing import Repeat, RetryPolicy
from comotion.ports.clock import Clock
from comotion.ports.http import HttpClient
from comotion.ports.storage import PartBody, RenewTicket, Spare

CHUNK_BYTES = 8 * 1024 * 1024
MOST_IN_FLIGHT = 2
MOST_CHUNKS = 10_000
COMPLETED = "CompleteMultipartUploadResult"  # a 200 comes before the work is done, and may be followed by nothing

log = logging.getLogger("comotion.storage")


@frozen(kw_only=True)
class _Sent:
    """A chunk that the store has."""

    number: int
    etag: str
    crc32: str


class S3Store:
    """An ObjectStore that uploads with the ticket's STS credentials.

    Every request carries a CRC-32 of what it brings. At most two requests of one part are in flight, and no more of
    it is in memory than what they bring.

    Parameters
    ----------
    http : HttpClient
        One that retries, and adds no token.
    clock : Clock
        Dates the signatures, and tells when keys expire.
    endpoint : str, optional
        Instead of the one that the ticket tells; asked in path style.
    policy : RetryPolicy, optional
        For errors that S3 sends under statuses which are otherwise final.
    """

    def __init__(
        self, http: HttpClient, *, clock: Clock, endpoint: str | None = None, policy: RetryPolicy | None = None
    ) -> None:
        self._http = http
        self._clock = clock
        self._endpoint = None if endpoint is None else parse_endpoint(endpoint)
        self._policy = policy or RetryPolicy()
        self._regions: dict[str, str] = {}  # what buckets said of themselves

    def put(self, ticket: UploadTicket, body: PartBody, renew: RenewTicket, *, spare: Spare | None = None) -> None:
        """Store ``body`` under the ticket's bucket and path; see the port for what it raises."""
        exchange = Exchange(
            ticket=ticket,
            access=Access(ticket, renew),
            http=self._http,
            clock=self._clock,
            policy=self._policy,
            endpoint=self._endpoint,
            region=self._regions.get(ticket.bucket) or region_of(ticket) or DEFAULT_REGION,
        )
        try:
            self._put(exchange, body, spare)
        except StorageRefused as refused:
            if refused.code != "NoSuchUpload":
                raise
            # the store forgot the upload, or completed it and the answer was lost: a second put settles both
            log.info("put %s: the store no longer knows the upload, beginning again", ticket.path)
            self._put(exchange, body, spare)
        self._regions[ticket.bucket] = exchange.region

    def _put(self, exchange: Exchange, body: PartBody, spare: Spare | None) -> None:
        chunks = body.chunks(CHUNK_BYTES)
        first = next(chunks, b"")
        if len(first) == CHUNK_BYTES:
            _put_in_chunks(exchange, _from_first(first, chunks), spare)
        else:
            what = f"put {exchange.ticket.path}"
            answer = exchange.send(Call(method="PUT", operation=what, headers=crc32_field(first), body=first))
            _etag_of(answer, what)


def _from_first(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    del first  # or it would stay in memory to the end
    yield from rest


def _put_in_chunks(exchange: Exchange, chunks: Iterator[bytes], spare: Spare | None) -> None:
    what = f"put {exchange.ticket.path}"
    create = Call(
        method="POST",
        operation=f"begin to {what}",
        query={"uploads": ""},
        headers={"x-amz-checksum-algorithm": "CRC32"},
    )
    upload_id = exchange.send(create).member("UploadId")
    if not upload_id:
        raise BrokenAnswer(f"begin to {what}: the object store gave no upload id")
    try:
        with _in_flight(spare) as in_flight:
            sent = _send_chunks(exchange, upload_id, chunks, in_flight)
        query = {"uploadId": upload_id}
        complete = Call(
            method="POST", operation=f"complete to {what}", query=query, body=_list_of(sent), holds=COMPLETED
        )
        exchange.send(complete)
    except BaseException:
        _abort(exchange, upload_id)
        raise


@contextmanager
def _in_flight(spare: Spare | None) -> Iterator[int]:
    """How many requests of one part may be in flight: ``MOST_IN_FLIGHT`` where there is one to spare, else one."""
    if spare is None or not spare.take():
        yield 1
        return
    try:
        yield MOST_IN_FLIGHT
    finally:
        spare.give_back()


def _send_chunks(exchange: Exchange, upload_id: str, chunks: Iterator[bytes], in_flight: int) -> list[_Sent]:
    """Send every chunk, ``in_flight`` at a time; the first failure ends it."""
    sent: list[_Sent] = []
    flying: set[Future[_Sent]] = set()
    with ThreadPoolExecutor(in_flight, thread_name_prefix="comotion-s3") as pool:
        try:
            for number, chunk in enumerate(chunks, 1):
                flying.add(pool.submit(_send_chunk, exchange, upload_id, number, chunk))
                del chunk
                if len(flying) == in_flight:
                    landed, flying = wait(flying, return_when=FIRST_COMPLETED)
                    sent += [future.result() for future in landed]
            sent += [future.result() for future in flying]
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return sorted(sent, key=lambda chunk: chunk.number)


def _send_chunk(exchange: Exchange, upload_id: str, number: int, chunk: bytes) -> _Sent:
    what = f"put chunk {number} of {exchange.ticket.path}"
    if number > MOST_CHUNKS:
        raise StorageRefused(f"{what}: an object takes {MOST_CHUNKS:,} chunks at most; make smaller parts")
    checksum = crc32_field(chunk)
    query = {"partNumber": str(number), "uploadId": upload_id}
    answer = exchange.send(Call(method="PUT", operation=what, query=query, headers=checksum, body=chunk))
    return _Sent(number=number, etag=_etag_of(answer, what), crc32=next(iter(checksum.values())))


def _etag_of(answer: S3Answer, what: str) -> str:
    """What the store calls the bytes that it took. An answer without is not the store's: a proxy's, a gateway's."""
    etag = answer.headers.get("ETag")
    if not etag:
        raise BrokenAnswer(f"{what}: the object store gave no ETag")
    return etag


def _list_of(sent: list[_Sent]) -> bytes:
    """The document that completes an upload."""
    parts = "".join(
        f"<Part><PartNumber>{chunk.number}</PartNumber><ETag>{escape(chunk.etag)}</ETag>"
        f"<ChecksumCRC32>{chunk.crc32}</ChecksumCRC32></Part>"
        for chunk in sent
    )
    namespace = "http://s3.amazonaws.com/doc/2006-03-01/"
    return f'<CompleteMultipartUpload xmlns="{namespace}">{parts}</CompleteMultipartUpload>'.encode()


def _abort(exchange: Exchange, upload_id: str) -> None:
    """Tell the store to forget the chunks. What becomes of that does not change why the upload failed."""
    what = f"give up to put {exchange.ticket.path}"
    try:
        exchange.send(Call(method="DELETE", operation=what, query={"uploadId": upload_id}, repeat=Repeat.NEVER))
    except ComotionError as error:
        log.info("the chunks of %s stay with the store until it drops them: %s", exchange.ticket.path, error)
