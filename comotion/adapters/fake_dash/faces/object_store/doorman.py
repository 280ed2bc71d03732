"""Who may do what: a request's claim against the credentials this world handed out, and against the clock.

Whoever signs with a clock of its own (boto3 does) cannot see the world's virtual time. A signature may
therefore be dated by the world's clock or by real time; credentials and signed URLs expire by the world's.
"""

from datetime import UTC, datetime, timedelta
from typing import Protocol

from attrs import frozen

from comotion.adapters.fake_dash.exchange import Request
from comotion.adapters.fake_dash.faces.object_store.refusals import Refusal, bad_signature
from comotion.adapters.fake_dash.faces.object_store.sigv4 import (
    LONGEST_LIFE_S,
    Claim,
    Scope,
    canonical_request,
    claim_of,
    same,
    seal,
    string_to_sign,
    unsigned_amz_headers,
)
from comotion.adapters.fake_dash.grants import Grant, Grants, signing_key
from comotion.adapters.fake_dash.objects import Objects
from comotion.ports.clock import Clock

SKEW = timedelta(minutes=15)


class Storage(Protocol):
    """What this face needs of a world."""

    @property
    def clock(self) -> Clock: ...
    @property
    def objects(self) -> Objects: ...
    @property
    def credentials(self) -> Grants: ...


@frozen(kw_only=True)
class Visitor:
    """Whoever sent the request, known by a good signature.

    Attributes
    ----------
    key : bytes
        The signing key of the claim's day and region, for what is signed chunk by chunk.
    """

    claim: Claim
    grant: Grant
    key: bytes


def admit(world: Storage, request: Request, *, bucket: str | None) -> Visitor:
    """The visitor that signed ``request``. Raises Refusal."""
    claim = claim_of(request)
    if claim is None:
        raise Refusal("AccessDenied", "Access Denied", headers=region_header(world, bucket))
    grant = holder(world, claim.scope, claim.session_token)
    _check_time(world, claim)
    _check_region(world, claim, bucket)
    if missing := unsigned_amz_headers(request.headers, claim):
        raise Refusal(
            "AccessDenied",
            "There were headers present in the request which were not signed",
            details={"HeadersNotSigned": ", ".join(missing)},
        )
    key = signing_key(grant.secret_access_key, claim.scope.day, claim.scope.region)
    canonical = canonical_request(request, claim)
    text = string_to_sign(claim, canonical)
    if not same(claim.signature, seal(key, text)):
        raise bad_signature(
            {
                "AWSAccessKeyId": grant.access_key_id,
                "StringToSign": text,
                "SignatureProvided": claim.signature,
                "CanonicalRequest": canonical,
            }
        )
    return Visitor(claim=claim, grant=grant, key=key)


def holder(world: Storage, scope: Scope, session_token: str | None) -> Grant:
    """The grant that a key id and session token belong to, while it lasts."""
    grant = world.credentials.find(scope.access_key_id)
    if grant is None:
        raise Refusal(
            "InvalidAccessKeyId",
            "The AWS Access Key Id you provided does not exist in our records.",
            details={"AWSAccessKeyId": scope.access_key_id},
        )
    if not same(session_token or "", grant.session_token or ""):
        raise Refusal("InvalidToken", "The provided token is malformed or otherwise invalid.")
    if grant.is_expired_at(world.clock.now()):
        raise Refusal("ExpiredToken", "The provided token has expired.")
    return grant


def require(visitor: Visitor, bucket: str, key: str) -> None:
    """Raises AccessDenied unless the visitor's grant opens that object."""
    if not visitor.grant.opens(bucket, key):
        raise Refusal("AccessDenied", "Access Denied")


def require_all(visitor: Visitor) -> None:
    """Raises AccessDenied for credentials of a single object, where a whole bucket is asked for."""
    if visitor.grant.bucket is not None:
        raise Refusal("AccessDenied", "Access Denied")


def region_header(world: Storage, bucket: str | None) -> dict[str, str]:
    """The field that tells a bucket's region, also with a refusal."""
    region = world.objects.buckets.get(bucket) if bucket else None
    return {"x-amz-bucket-region": region} if region else {}


def _ages(world: Storage, signed_at: datetime) -> tuple[timedelta, ...]:
    """How long ago that was: by the world's clock, and by the real one."""
    return world.clock.now() - signed_at, datetime.now(UTC) - signed_at


def _check_time(world: Storage, claim: Claim) -> None:
    ages = _ages(world, claim.signed_at)
    if claim.lasts_s is None:
        if all(abs(age) > SKEW for age in ages):
            raise Refusal(
                "RequestTimeTooSkewed",
                "The difference between the request time and the current time is too large.",
                details={"ServerTime": f"{world.clock.now():%Y-%m-%dT%H:%M:%SZ}"},
            )
        return
    possible = [age for age in ages if -SKEW <= age <= timedelta(seconds=LONGEST_LIFE_S)]
    if not possible or max(possible) > timedelta(seconds=claim.lasts_s):
        raise Refusal("AccessDenied", "Request has expired", details={"X-Amz-Expires": str(claim.lasts_s)})


def _check_region(world: Storage, claim: Claim, bucket: str | None) -> None:
    expected = world.objects.buckets.get(bucket, claim.scope.region) if bucket else claim.scope.region
    where = "AuthorizationQueryParametersError" if claim.is_in_query else "AuthorizationHeaderMalformed"
    start = (
        "Error parsing the X-Amz-Credential parameter"
        if claim.is_in_query
        else ("The authorization header is malformed")
    )
    if claim.scope.service != "s3":
        raise Refusal(where, f'{start}; incorrect service "{claim.scope.service}". This endpoint belongs to "s3".')
    if claim.scope.region != expected:
        raise Refusal(
            where,
            f"{start}; the region '{claim.scope.region}' is wrong; expecting '{expected}'",
            details={"Region": expected},
            headers=region_header(world, bucket),
        )
    if claim.scope.day != f"{claim.signed_at:%Y%m%d}":
        raise Refusal(where, f"{start}; Invalid credential date. Date is not the same as X-Amz-Date.")
