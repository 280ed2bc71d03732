"""The S3 credentials of a world: which were handed out, what each may write, and until when.

The v2 face hands them out with a file ticket; the object-store face checks signatures against them.
"""

import base64
import hashlib
import hmac
import json
import os
from collections.abc import Mapping
from datetime import datetime, timedelta
from urllib.parse import quote, urlencode, urlsplit

from attrs import evolve, field, frozen

from comotion.ports.clock import Clock

TICKET_LIFE = timedelta(hours=1)


@frozen(kw_only=True)
class Grant:
    """One pair of S3 credentials.

    Attributes
    ----------
    session_token : str or None
        Sent as ``x-amz-security-token``; None for the lasting credentials.
    expires_at : datetime or None
        None never expires.
    bucket, key : str or None
        The one object that may be written and read with it; None for the lasting credentials, which open every
        bucket of the world (what a tester uses, and what presigned forms are signed with).
    """

    access_key_id: str
    secret_access_key: str = field(repr=False)
    session_token: str | None = field(default=None, repr=False)
    expires_at: datetime | None = None
    bucket: str | None = None
    key: str | None = None

    def is_expired_at(self, now: datetime) -> bool:
        return self.expires_at is not None and now >= self.expires_at

    def opens(self, bucket: str, key: str) -> bool:
        """Whether it may be used for this object."""
        return self.bucket is None or (self.bucket == bucket and self.key == key)


def signing_key(secret: str, day: str, region: str) -> bytes:
    """The SigV4 signing key of a day (``20261123``) and region, for S3."""
    digest = f"AWS4{secret}".encode()
    for word in (day, region, "s3", "aws4_request"):
        digest = hmac.digest(digest, word.encode(), "sha256")
    return digest


class Grants:
    """Hands credentials out and finds them again.

    Attributes
    ----------
    lasting : Grant
        The world's own credentials: never expire, open every bucket.
    life : timedelta
        How long STS credentials and presigned forms are good.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.life = TICKET_LIFE
        self.lasting = Grant(access_key_id="AKIA" + _word(16), secret_access_key=_word(40))
        self._issued = {self.lasting.access_key_id: self.lasting}

    def issue_sts(self, bucket: str, key: str) -> Grant:
        """Temporary credentials for one object."""
        grant = Grant(
            access_key_id="ASIA" + _word(16),
            secret_access_key=_word(40),
            session_token=_word(120),
            expires_at=self._clock.now() + self.life,
            bucket=bucket,
            key=key,
        )
        self._issued[grant.access_key_id] = grant
        return grant

    def find(self, access_key_id: str) -> Grant | None:
        """The grant of an access key id, expired or not; None if it was never handed out."""
        return self._issued.get(access_key_id)

    def issued(self) -> list[Grant]:
        """Every grant, in the order in which they were handed out."""
        return list(self._issued.values())

    def fork(self, clock: Clock) -> "Grants":
        """The same grants; what is handed out from now on is known to one of the two only."""
        copy = Grants(clock)
        copy.life, copy.lasting, copy._issued = self.life, self.lasting, dict(self._issued)
        return copy

    def expire_all(self) -> None:
        """Make every temporary grant expired from now on (a fault in the middle of an upload)."""
        now = self._clock.now()
        for name, grant in list(self._issued.items()):
            if grant.expires_at is not None:
                self._issued[name] = evolve(grant, expires_at=now)

    def presigned_post(self, bucket: str, key: str, *, region: str, url: str) -> dict[str, object]:
        """A presigned POST for one object, signed with the lasting credentials (SigV4 form policy)."""
        now = self._clock.now()
        day, stamp = f"{now:%Y%m%d}", f"{now:%Y%m%dT%H%M%SZ}"
        credential = f"{self.lasting.access_key_id}/{day}/{region}/s3/aws4_request"
        signed: Mapping[str, str] = {
            "key": key,
            "x-amz-algorithm": "AWS4-HMAC-SHA256",
            "x-amz-credential": credential,
            "x-amz-date": stamp,
        }
        policy = {
            "expiration": f"{now + self.life:%Y-%m-%dT%H:%M:%SZ}",
            "conditions": [{"bucket": bucket}, *({name: value} for name, value in signed.items())],
        }
        encoded = base64.b64encode(json.dumps(policy).encode()).decode()
        seal = hmac.new(
            signing_key(self.lasting.secret_access_key, day, region), encoded.encode(), hashlib.sha256
        ).hexdigest()
        return {"url": url, "fields": {**signed, "policy": encoded, "x-amz-signature": seal}}

    def presigned_get(self, bucket: str, key: str, *, region: str, url: str) -> str:
        """A link to one object that needs no credentials, signed in its query (SigV4, payload unsigned).

        Parameters
        ----------
        url : str
            Where the client reaches the object; host and path are signed as they stand there.
        """
        now = self._clock.now()
        day, stamp = f"{now:%Y%m%d}", f"{now:%Y%m%dT%H%M%SZ}"
        scope = f"{day}/{region}/s3/aws4_request"
        place = urlsplit(url)
        query = urlencode(
            {
                "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
                "X-Amz-Credential": f"{self.lasting.access_key_id}/{scope}",
                "X-Amz-Date": stamp,
                "X-Amz-Expires": str(int(self.life.total_seconds())),
                "X-Amz-SignedHeaders": "host",
            },
            quote_via=quote,
            safe="",
        )
        canonical = f"GET\n{place.path}\n{query}\nhost:{place.netloc}\n\nhost\nUNSIGNED-PAYLOAD"
        digest = hashlib.sha256(canonical.encode()).hexdigest()
        message = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{digest}"
        key_bytes = signing_key(self.lasting.secret_access_key, day, region)
        return f"{url}?{query}&X-Amz-Signature={hmac.digest(key_bytes, message.encode(), 'sha256').hex()}"


def _word(length: int) -> str:
    """Random capital letters and digits, as access keys have."""
    return base64.b32encode(os.urandom(length)).decode()[:length]
