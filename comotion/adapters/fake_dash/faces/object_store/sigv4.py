"""AWS Signature Version 4, as arithmetic on a request: what was claimed, and what it should have been signed with.

Nothing here knows the world; who may do what is decided in ``doorman``.

Notes
-----
Source: Amazon S3 API reference, "Authenticating requests (AWS Signature Version 4)".
"""

import hashlib
import hmac
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from urllib.parse import quote, unquote_plus, unquote_to_bytes

from attrs import frozen

from comotion.adapters.fake_dash.exchange import Request, whole_number
from comotion.adapters.fake_dash.faces.object_store.refusals import Refusal

ALGORITHM = "AWS4-HMAC-SHA256"
LONGEST_LIFE_S = 7 * 24 * 3600
EMPTY_SHA256 = hashlib.sha256(b"").hexdigest()
UNSIGNED = "UNSIGNED-PAYLOAD"
_HEADER = re.compile(r"AWS4-HMAC-SHA256\s+Credential=([^,\s]+),\s*SignedHeaders=([^,\s]+),\s*Signature=([0-9a-f]{64})")
_STAMP = re.compile(r"[0-9]{8}T[0-9]{6}Z")


@frozen(kw_only=True)
class Scope:
    """Who signed, for which day, region and service."""

    access_key_id: str
    day: str
    region: str
    service: str

    def __str__(self) -> str:
        return f"{self.day}/{self.region}/{self.service}/aws4_request"


@frozen(kw_only=True)
class Claim:
    """What a signed request says of its signature.

    Attributes
    ----------
    lasts_s : int or None
        For how long a signed URL is good; None for a signed header.
    payload : str
        The value of x-amz-content-sha256.
    """

    scope: Scope
    signed_at: datetime
    signed_headers: tuple[str, ...]
    signature: str
    session_token: str | None
    payload: str
    lasts_s: int | None = None

    @property
    def is_in_query(self) -> bool:
        return self.lasts_s is not None


def parse_scope(text: str, wrong: Refusal) -> Scope:
    """``KEY/20261123/eu-west-1/s3/aws4_request``; the key may hold slashes."""
    words = text.rsplit("/", 4)
    if len(words) != 5 or words[4] != "aws4_request" or not re.fullmatch(r"[0-9]{8}", words[1]):
        raise wrong
    return Scope(access_key_id=words[0], day=words[1], region=words[2], service=words[3])


def parse_stamp(text: str, wrong: Refusal) -> datetime:
    if not _STAMP.fullmatch(text):
        raise wrong
    try:
        return datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        raise wrong from None


def claim_of(request: Request) -> Claim | None:
    """The claim in the Authorization header or in the query; None for an anonymous request."""
    query = request.query
    if "X-Amz-Signature" in query or "X-Amz-Algorithm" in query:
        if "authorization" in request.headers:  # a bearer token that followed a redirect, for one
            raise Refusal("InvalidArgument", "Only one auth mechanism allowed")
        return _claim_in_query(request, query)
    if "authorization" in request.headers:
        return _claim_in_header(request)
    if "AWSAccessKeyId" in query and "Signature" in query:
        raise _other_mechanism()
    return None


def _other_mechanism() -> Refusal:
    """What a region that never knew version 2 says to it."""
    return Refusal(
        "InvalidRequest",
        "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.",
    )


def _claim_in_header(request: Request) -> Claim:
    wrong = Refusal("AuthorizationHeaderMalformed", "The authorization header you provided is invalid.")
    found = _HEADER.fullmatch(request.headers["authorization"].strip())
    if found is None:
        if request.headers["authorization"].startswith(("AWS ", "Bearer ", "Basic ")):
            raise _other_mechanism()
        raise wrong
    credential, signed, signature = found.groups()
    payload = request.headers.get("x-amz-content-sha256")
    if payload is None:
        raise Refusal("InvalidRequest", "Missing required header for this request: x-amz-content-sha256")
    no_date = Refusal("AccessDenied", "AWS authentication requires a valid Date or x-amz-date header")
    return Claim(
        scope=parse_scope(credential, wrong),
        signed_at=parse_stamp(request.headers.get("x-amz-date", ""), no_date),
        signed_headers=tuple(signed.split(";")),
        signature=signature,
        session_token=request.headers.get("x-amz-security-token"),
        payload=payload,
    )


def _claim_in_query(request: Request, query: dict[str, str]) -> Claim:
    needed = ("Algorithm", "Credential", "Date", "Expires", "SignedHeaders", "Signature")
    if any(f"X-Amz-{name}" not in query for name in needed) or query["X-Amz-Algorithm"] != ALGORITHM:
        listed = ", ".join(f"X-Amz-{name}" for name in needed)
        raise Refusal(
            "AuthorizationQueryParametersError",
            f"Query-string authentication version 4 requires the {listed} parameters.",
        )
    lasts_s = whole_number(query["X-Amz-Expires"], LONGEST_LIFE_S)
    if not lasts_s:
        raise Refusal(
            "AuthorizationQueryParametersError",
            "X-Amz-Expires must be a number of seconds, at least 1 and at most 604800 (a week)",
        )
    bad_scope = Refusal("AuthorizationQueryParametersError", "Error parsing the X-Amz-Credential parameter")
    bad_date = Refusal("AuthorizationQueryParametersError", "X-Amz-Date must be in the ISO8601 Long Format")
    return Claim(
        scope=parse_scope(query["X-Amz-Credential"], bad_scope),
        signed_at=parse_stamp(query["X-Amz-Date"], bad_date),
        signed_headers=tuple(query["X-Amz-SignedHeaders"].split(";")),
        signature=query["X-Amz-Signature"],
        session_token=query.get("X-Amz-Security-Token"),
        payload=request.headers.get("x-amz-content-sha256") or query.get("X-Amz-Content-Sha256") or UNSIGNED,
        lasts_s=lasts_s,
    )


def canonical_query(raw: str) -> str:
    """The query in the order and spelling that is signed, without the signature itself."""
    pairs = []
    for piece in filter(None, raw.split("&")):
        name, _, value = piece.partition("=")
        if unquote_plus(name) != "X-Amz-Signature":
            pairs.append((quote(unquote_plus(name), safe="-_.~"), quote(unquote_plus(value), safe="-_.~")))
    return "&".join(f"{name}={value}" for name, value in sorted(pairs))


def canonical_request(request: Request, claim: Claim) -> str:
    """The text whose hash is signed."""
    path = quote(unquote_to_bytes(request.prefix + request.raw_path), safe="/-_.~")
    fields = [f"{name}:{' '.join(_field(request, name).split())}\n" for name in claim.signed_headers]
    lines = [request.method, path, canonical_query(request.raw_query), "".join(fields)]
    return "\n".join([*lines, ";".join(claim.signed_headers), claim.payload])


def _field(request: Request, name: str) -> str:
    if name == "host":
        return request.headers.get("host", request.host)
    return request.headers.get(name, "")


def stamp(when: datetime) -> str:
    return f"{when:%Y%m%dT%H%M%SZ}"


def string_to_sign(claim: Claim, canonical: str) -> str:
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    return "\n".join([ALGORITHM, stamp(claim.signed_at), str(claim.scope), digest])


def seal(key: bytes, text: str) -> str:
    """The signature of ``text``."""
    return hmac.digest(key, text.encode(), "sha256").hex()


def same(left: str, right: str) -> bool:
    return hmac.compare_digest(left.encode(), right.encode())


def unsigned_amz_headers(names: Iterable[str], claim: Claim) -> list[str]:
    """Header fields that must be signed where they are sent, and are not."""
    sent = sorted(name.lower() for name in names)
    return [
        name
        for name in sent
        if name not in claim.signed_headers
        and (name == "host" or (name.startswith("x-amz-") and not claim.is_in_query))
    ]
