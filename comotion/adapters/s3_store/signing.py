"""AWS Signature Version 4 for one request to S3.

Notes
-----
Source: Amazon S3 API reference, "Authenticating requests (AWS Signature Version 4)".
"""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import quote, urlsplit

from attrs import field, frozen

from comotion.domain.endpoints import is_loopback

UNSIGNED_PAYLOAD = "UNSIGNED-PAYLOAD"
UNRESERVED = "-_.~"


@frozen(kw_only=True)
class Credentials:
    """One set of temporary keys.

    Attributes
    ----------
    expires_at : datetime or None
        Where the ticket said so.
    """

    access_key_id: str = field(repr=False)
    secret_access_key: str = field(repr=False)
    session_token: str | None = field(default=None, repr=False)
    expires_at: datetime | None = None

    def without_secrets(self, text: str) -> str:
        """``text`` with anything of these keys struck out."""
        for secret in (self.access_key_id, self.secret_access_key, self.session_token):
            text = text.replace(secret, "…") if secret else text
        return text


def is_safe_way(url: str) -> bool:
    """Whether nobody can change a body on its way: TLS, or this machine. Otherwise its SHA-256 is signed too."""
    place = urlsplit(url)
    return place.scheme == "https" or is_loopback(place.hostname)


def query_text(parameters: Mapping[str, str]) -> str:
    """A query in the one spelling that is both sent and signed."""
    pairs = sorted((quote(name, safe=UNRESERVED), quote(value, safe=UNRESERVED)) for name, value in parameters.items())
    return "&".join(f"{name}={value}" for name, value in pairs)


def signed_headers(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str],
    payload_sha256: str,
    credentials: Credentials,
    region: str,
    now: datetime,
) -> dict[str, str]:
    """The header fields to send: those given, and the signature over all of them.

    Parameters
    ----------
    url : str
        Path and query spelled as they will be sent (``query_text``).
    payload_sha256 : str
        Of the body, in hex, or UNSIGNED_PAYLOAD.
    now : datetime
        Aware, in UTC; good for a quarter of an hour.
    """
    place = urlsplit(url)
    stamp = f"{now:%Y%m%dT%H%M%SZ}"
    fields = {"Host": place.netloc, "x-amz-date": stamp, "x-amz-content-sha256": payload_sha256, **headers}
    if credentials.session_token:
        fields["x-amz-security-token"] = credentials.session_token
    lines = sorted((name.lower(), " ".join(value.split())) for name, value in fields.items())
    names = ";".join(name for name, _ in lines)
    listed = "".join(f"{name}:{value}\n" for name, value in lines)
    canonical = "\n".join([method, place.path, place.query, listed, names, payload_sha256])
    scope = f"{stamp[:8]}/{region}/s3/aws4_request"
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    text = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{digest}"
    signature = hmac.digest(_signing_key(credentials, scope), text.encode(), "sha256").hex()
    credential = f"{credentials.access_key_id}/{scope}"
    return fields | {
        "Authorization": f"AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders={names}, Signature={signature}"
    }


def _signing_key(credentials: Credentials, scope: str) -> bytes:
    key = f"AWS4{credentials.secret_access_key}".encode()
    for word in scope.split("/"):
        key = hmac.digest(key, word.encode(), "sha256")
    return key
