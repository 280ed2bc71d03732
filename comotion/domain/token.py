"""Tokens: what a client may read of them, when they are too old to send, and PKCE (RFC 7636)."""

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from attrs import field, frozen

EXPIRY_SKEW = timedelta(seconds=30)
PKCE_ENTROPY_BYTES = 32


def base64url(data: bytes) -> str:
    """Base64url without padding (RFC 7515, appendix C)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def claims_of(jwt: str) -> Mapping[str, object]:
    """The claims of a JWT, its signature unchecked; empty when it is no JWT."""
    pieces = jwt.split(".")
    if len(pieces) < 2:
        return {}
    try:
        body = base64.urlsafe_b64decode(pieces[1] + "=" * (-len(pieces[1]) % 4))
        claims = json.loads(body)
    except (binascii.Error, ValueError, RecursionError):
        return {}
    return claims if isinstance(claims, dict) else {}


def _words(claim: object) -> frozenset[str]:
    if isinstance(claim, str):
        return frozenset(claim.split())
    if isinstance(claim, list):
        return frozenset(str(item) for item in claim)
    return frozenset()


@frozen
class AccessToken:
    """A bearer token. Its text never shows in a repr.

    Attributes
    ----------
    text : str
        The JWT as it is sent.
    """

    text: str = field(repr=False)

    def expires_at(self) -> datetime | None:
        """The ``exp`` claim as an aware UTC time; None when it cannot be read."""
        exp = claims_of(self.text).get("exp")
        if isinstance(exp, bool) or not isinstance(exp, (int, float)):
            return None
        try:
            return datetime.fromtimestamp(exp, tz=UTC)
        except (OverflowError, OSError, ValueError):
            return None

    def is_good_at(self, now: datetime) -> bool:
        """Whether it can still be sent: more than 30 seconds before its expiry. Unknown expiry counts as over."""
        expiry = self.expires_at()
        return expiry is not None and now < expiry - EXPIRY_SKEW

    def audiences(self) -> frozenset[str]:
        aud = claims_of(self.text).get("aud")
        return frozenset({aud}) if isinstance(aud, str) else _words(aud)

    def scopes(self) -> frozenset[str]:
        return _words(claims_of(self.text).get("scope"))


@frozen(kw_only=True)
class Granted:
    """What the token endpoint gave: always an access token, the others where the grant has them."""

    access_token: AccessToken
    refresh_token: str | None = field(default=None, repr=False)
    username: str | None = None


@frozen
class Pkce:
    """A proof key: the verifier stays here, its S256 challenge goes with the browser."""

    verifier: str = field(repr=False)

    @classmethod
    def from_entropy(cls, entropy: bytes) -> "Pkce":
        """From 32 random bytes or more (43 to 128 characters of verifier)."""
        if not PKCE_ENTROPY_BYTES <= len(entropy) <= 96:
            raise ValueError(f"a PKCE verifier needs 32 to 96 random bytes, not {len(entropy)}")
        return cls(base64url(entropy))

    @property
    def challenge(self) -> str:
        return base64url(hashlib.sha256(self.verifier.encode("ascii")).digest())


@frozen(kw_only=True)
class LogInRequest:
    """One browser sign-in: what goes out with it, and what must come back."""

    client_id: str
    redirect_uri: str
    state: str = field(repr=False)
    pkce: Pkce

    def to_query(self) -> dict[str, str]:
        """The query of the authorise URL (dash-api, section 1)."""
        return {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": self.redirect_uri,
            "scope": "openid",
            "state": self.state,
            "code_challenge": self.pkce.challenge,
            "code_challenge_method": "S256",
        }
