"""Signed requests for one object, and what mends a refused one: fresh keys, the right region, the store's time.

The HttpClient behind it repeats what 5xx, 429 and broken connections spoil; here is only what the signature
must be made anew for, and the errors that S3 sends under other statuses.
"""

import hashlib
import zlib
from base64 import b64encode
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import Enum

from attrs import define, field, frozen

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


@frozen(kw_only=True)
class Call:
    """One request about the object, before it is signed. The body of a success has ``holds`` in it."""

    method: str
    operation: str
    query: Mapping[str, str] = field(factory=dict)
    headers: Mapping[str, str] = field(factory=dict)
    body: bytes = field(default=b"", repr=False)
    repeat: Repeat = Repeat.FREELY
    holds: str = ""


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

    def send(self, call: Call) -> S3Answer:
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
            credentials = self.access.credentials(self._now())
            answer = self._once(call, credentials)
            if answer.is_success and call.holds in answer.text:
                return answer
            remedy = _remedy(answer)
            if remedy is not None and remedy not in tried:
                tried.add(remedy)
                self._apply(remedy, answer, credentials)
                continue
            failures += 1
            wait_s = self._wait_s(call, answer, failures, self.clock.monotonic() - started)
            if wait_s is None:
                raise _refusal(call.operation, answer, credentials)
            self.clock.sleep(wait_s)

    def _now(self) -> datetime:
        return self.clock.now() + self.clock_is_off_by

    def _once(self, call: Call, credentials: Credentials) -> S3Answer:
        url = object_url(self.ticket, endpoint=self.endpoint, region=self.region)
        url += f"?{query_text(call.query)}" if call.query else ""
        is_left_unsigned = bool(call.body) and is_safe_way(url)
        signed = signed_headers(
            call.method,
            url,
            headers=call.headers,
            payload_sha256=UNSIGNED_PAYLOAD if is_left_unsigned else hashlib.sha256(call.body).hexdigest(),
            credentials=credentials,
            region=self.region,
            now=self._now(),
        )
        request = HttpRequest(
            operation=call.operation,
            method=call.method,
            url=url,
            headers=signed,
            body=call.body or None,
            repeat=call.repeat,
        )
        return S3Answer.of(self.http.send(request))

    def _apply(self, remedy: Remedy, answer: S3Answer, credentials: Credentials) -> None:
        if remedy is Remedy.FRESH_KEYS:
            self.access.renewed(credentials)
        elif remedy is Remedy.BUCKETS_REGION:
            self.region = answer.region
        elif answer.date is not None:
            self.clock_is_off_by = answer.date - self.clock.now()

    def _wait_s(self, call: Call, answer: S3Answer, failures: int, elapsed_s: float) -> float | None:
        """Seconds until the request is sent again, or None to stop. A 5xx was repeated before it came here."""
        is_passing = answer.is_success or (answer.status < 500 and answer.code in PASSING)
        if call.repeat is not Repeat.FREELY or not is_passing:
            return None
        return self.policy.wait_s(failures=failures, elapsed_s=elapsed_s, chance=0.5)


def _remedy(answer: S3Answer) -> Remedy | None:
    """What would mend a refusal like this."""
    if answer.is_expired:
        return Remedy.FRESH_KEYS
    if answer.code == "RequestTimeTooSkewed" and answer.date is not None:
        return Remedy.STORES_TIME
    is_misplaced = answer.status in MOVED_STATUSES or answer.code in MISPLACED
    return Remedy.BUCKETS_REGION if is_misplaced and is_region(answer.region) else None


def crc32_field(body: bytes) -> dict[str, str]:
    """The check sum that the store compares with what it received, and keeps."""
    return {"x-amz-checksum-crc32": b64encode(zlib.crc32(body).to_bytes(4, "big")).decode()}


def _refusal(operation: str, answer: S3Answer, credentials: Credentials) -> StorageRefused:
    advice = "; upload the part again" if answer.is_expired or answer.status >= 500 else ""
    said = f"{operation}: the object store answered {answer.status}, {answer.reason}{advice}"
    text = credentials.without_secrets(said)
    return StorageRefused(text, status=answer.status, code=answer.code)
