"""Signed requests for one object, and what mends a refused one: fresh keys, the right region, the store's time.

The HttpClient behind it repeats what 5xx, 429 and broken connections spoil; here is only what the signature
must be made anew for, and the errors that S3 sends under other statuses.
"""

import hashlib
import zlib
from base64 import b64encode
from collections.abc import Mapping
from datetime import timedelta
from enum import Enum

from attrs import define, field

from comotion.adapters.s3_store.access import Access
from comotion.adapters.s3_store.answers import S3Answer
from comotion.adapters.s3_store.signing import (
    UNSIGNED_PAYLOAD,
    Credentials,
    is_safe_way,
    query_text,
    signed_headers,
)
from comotion.adapters.s3_store.tickets import is_region, object_url
from comotion.domain.errors import StorageRefused
from comotion.domain.load import UploadTicket
from comotion.domain.pacing import Repeat, RetryPolicy
from comotion.ports.clock import Clock
from comotion.ports.http import HttpClient, HttpRequest

PASSING = frozenset(
    {"RequestTimeout", "InternalError", "SlowDown", "ServiceUnavailable", "BadDigest", "IncompleteBody"}
)
MOVED_STATUSES = frozenset({301, 307, 308})
MISPLACED = frozenset(
    {"AuthorizationHeaderMalformed", "PermanentRedirect", "TemporaryRedirect", "IllegalLocationConstraintException"}
)


class Remedy(Enum):
    """What can be done about a refusal; each is tried once a request."""

    FRESH_KEYS = "fresh keys"
    BUCKETS_REGION = "the bucket's region"
    STORES_TIME = "the store's time"


@define
class Exchange:
    """Talks to one object's place.

    Attributes
    ----------
    region : str
        As known so far; an answer may correct it.
    clock_is_off_by : timedelta
        What is to be added to this machine's time to get the store's.
    """

    ticket: UploadTicket
    access: Access
    http: HttpClient
    clock: Clock
    policy: RetryPolicy
    endpoint: str | None
    region: str
    clock_is_off_by: timedelta = field(factory=timedelta)

    def send(
        self,
        method: str,
        operation: str,
        *,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        repeat: Repeat = Repeat.FREELY,
    ) -> S3Answer:
        """The answer of a success.

        Raises
        ------
        StorageRefused
            Any other answer that nothing here could mend.
        ServiceUnreachable
        """
        started = self.clock.monotonic()
        tried: set[Remedy] = set()
        failures = 0
        while True:
            credentials = self.access.credentials(self.clock.now() + self.clock_is_off_by)
            answer = self._once(method, operation, query or {}, headers or {}, body, repeat, credentials)
            if answer.is_success:
                return answer
            remedy = self._remedy(answer)
            if remedy is not None and remedy not in tried:
                tried.add(remedy)
                self._apply(remedy, answer, credentials)
                continue
            failures += 1
            wait_s = self._wait_s(answer, repeat, failures, self.clock.monotonic() - started)
            if wait_s is None:
                raise _refusal(operation, answer, credentials)
            self.clock.sleep(wait_s)

    def _once(
        self,
        method: str,
        operation: str,
        query: Mapping[str, str],
        headers: Mapping[str, str],
        body: bytes,
        repeat: Repeat,
        credentials: Credentials,
    ) -> S3Answer:
        url = object_url(self.ticket, endpoint=self.endpoint, region=self.region)
        url += f"?{query_text(query)}" if query else ""
        signed = signed_headers(
            method,
            url,
            headers=headers,
            payload_sha256=UNSIGNED_PAYLOAD if body and is_safe_way(url) else hashlib.sha256(body).hexdigest(),
            credentials=credentials,
            region=self.region,
            now=self.clock.now() + self.clock_is_off_by,
        )
        request = HttpRequest(
            operation=operation, method=method, url=url, headers=signed, body=body or None, repeat=repeat
        )
        return S3Answer.of(self.http.send(request))

    def _remedy(self, answer: S3Answer) -> Remedy | None:
        """What would mend a refusal like this."""
        if answer.is_expired:
            return Remedy.FRESH_KEYS
        if answer.code == "RequestTimeTooSkewed" and answer.date is not None:
            return Remedy.STORES_TIME
        is_misplaced = answer.status in MOVED_STATUSES or answer.code in MISPLACED
        return Remedy.BUCKETS_REGION if is_misplaced and is_region(answer.region) else None

    def _apply(self, remedy: Remedy, answer: S3Answer, credentials: Credentials) -> None:
        if remedy is Remedy.FRESH_KEYS:
            self.access.renewed(credentials)
        elif remedy is Remedy.BUCKETS_REGION:
            self.region = answer.region
        elif answer.date is not None:
            self.clock_is_off_by = answer.date - self.clock.now()

    def _wait_s(self, answer: S3Answer, repeat: Repeat, failures: int, elapsed_s: float) -> float | None:
        """Seconds until the request is sent again, or None to stop. A 5xx was repeated before it came here."""
        if repeat is not Repeat.FREELY or answer.status >= 500 or answer.code not in PASSING:
            return None
        return self.policy.wait_s(failures=failures, elapsed_s=elapsed_s, chance=0.5)


def crc32_field(body: bytes) -> dict[str, str]:
    """The check sum that the store compares with what it received, and keeps."""
    return {"x-amz-checksum-crc32": b64encode(zlib.crc32(body).to_bytes(4, "big")).decode()}


def _refusal(operation: str, answer: S3Answer, credentials: Credentials) -> StorageRefused:
    advice = "; upload the part again" if answer.is_expired or answer.status >= 500 else ""
    said = f"{operation}: the object store answered {answer.status}, {answer.reason}{advice}"
    text = credentials.without_secrets(said)
    return StorageRefused(text, status=answer.status, code=answer.code)
