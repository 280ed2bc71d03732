"""The sign-ins of one organisation: codes, sessions with their refresh tokens, access tokens; all by the clock."""

import hashlib
import hmac
import json
import os
from datetime import datetime, timedelta
from uuid import uuid4

from attrs import define, evolve, field, frozen

from comotion.adapters.fake_dash.manners import Manners
from comotion.adapters.fake_dash.people import Application, User
from comotion.adapters.fake_dash.signing import signed_jwt
from comotion.domain.token import base64url
from comotion.ports.clock import Clock

REFRESH_HEADER = base64url(b'{"alg":"HS256","typ":"JWT"}')


@frozen(kw_only=True)
class Code:
    """An authorization code that was sent to a redirect URI. It is good once."""

    user: User
    client_id: str
    redirect_uri: str
    challenge: str
    nonce: str | None
    scope: str
    expires_at: datetime


@define(kw_only=True)
class Session:
    """One sign-in of a user with one client; ends by logout, by expiry, or when a used-up token comes back."""

    session_id: str
    user: User
    client_id: str
    scope: str | None = None  # as asked for when it began; None for everything
    is_over: bool = False


@frozen(kw_only=True)
class Bearer:
    """What an access token stands for."""

    text: str = field(repr=False)
    client_id: str
    owner: User | Application
    session: Session | None
    scopes: frozenset[str]
    audiences: frozenset[str]
    expires_at: datetime


@define(kw_only=True)
class _Refresh:
    session: Session
    expires_at: datetime
    is_used: bool = False


class InvalidGrant(Exception):
    """A code or refresh token that is not, or no longer, good; the text says why as Keycloak words it."""


class Sessions:
    """Issues tokens of one realm and remembers them: a token it did not issue is no token."""

    def __init__(self, clock: Clock, manners: Manners) -> None:
        self._clock = clock
        self._manners = manners
        self._secret = os.urandom(32)
        self._codes: dict[str, Code | None] = {}
        self._refresh: dict[str, _Refresh] = {}
        self._access: dict[str, Bearer] = {}

    def issue_code(
        self, user: User, *, client_id: str, redirect_uri: str, challenge: str, nonce: str | None, scope: str
    ) -> str:
        """A code for the browser to carry back."""
        text = f"{uuid4()}.{uuid4()}.{uuid4()}"
        self._codes[text] = Code(
            user=user,
            client_id=client_id,
            redirect_uri=redirect_uri,
            challenge=challenge,
            nonce=nonce,
            scope=scope,
            expires_at=self._clock.now() + timedelta(seconds=self._manners.code_life_s),
        )
        return text

    def redeem_code(self, text: str, *, client_id: str, redirect_uri: str, verifier: str) -> tuple[Session, str | None]:
        """A session for a code, and its nonce. A wrong attempt uses the code up too. Raises InvalidGrant."""
        code = self._codes.get(text)
        self._codes[text] = None
        if code is None or self._clock.now() >= code.expires_at:
            raise InvalidGrant("Code not valid")
        if code.client_id != client_id:
            raise InvalidGrant("Auth error")
        if code.redirect_uri != redirect_uri:
            raise InvalidGrant("Incorrect redirect_uri")
        if not verifier:
            raise InvalidGrant("PKCE code verifier not specified")
        found = base64url(hashlib.sha256(verifier.encode()).digest())
        if not hmac.compare_digest(found.encode(), code.challenge.encode()):
            raise InvalidGrant("PKCE verification failed: Code mismatch")
        return self.begin(code.user, client_id, scope=code.scope), code.nonce

    def begin(self, user: User, client_id: str, *, scope: str | None = None) -> Session:
        """Sign a user in."""
        return Session(session_id=str(uuid4()), user=user, client_id=client_id, scope=scope)

    def issue_refresh(self, session: Session, issuer: str) -> str:
        """Another refresh token of a session."""
        expires_at = self._clock.now() + timedelta(seconds=self._manners.refresh_token_life_s)
        claims = {
            "exp": int(expires_at.timestamp()),
            "iat": int(self._clock.now().timestamp()),
            "jti": str(uuid4()),
            "iss": issuer,
            "aud": issuer,
            "typ": "Refresh",
            "azp": session.client_id,
            "sid": session.session_id,
        }
        message = f"{REFRESH_HEADER}.{base64url(json.dumps(claims).encode())}"
        text = f"{message}.{base64url(hmac.digest(self._secret, message.encode(), 'sha256'))}"
        self._refresh[text] = _Refresh(session=session, expires_at=expires_at)
        return text

    def refresh(self, text: str, *, client_id: str, issuer: str) -> tuple[Session, str]:
        """The session of a refresh token, and the refresh token to answer with. Raises InvalidGrant."""
        known = self._refresh.get(text)
        if known is None:
            raise InvalidGrant("Invalid refresh token")
        if known.session.client_id != client_id:
            raise InvalidGrant("Invalid refresh token. Token client and authorized client don't match")
        if known.session.is_over:
            raise InvalidGrant("Session not active")
        if self._clock.now() >= known.expires_at:
            raise InvalidGrant("Token is not active")
        if known.is_used:
            known.session.is_over = True
            raise InvalidGrant("Maximum allowed refresh token reuse exceeded")
        if self._manners.rotation == "keep":
            return known.session, text
        known.is_used = self._manners.rotation == "single_use"
        return known.session, self.issue_refresh(known.session, issuer)

    def end(self, refresh_token: str, *, client_id: str | None = None) -> bool:
        """Log a session out by one of its refresh tokens; whether the token was known. Raises InvalidGrant."""
        known = self._refresh.get(refresh_token)
        if known is None:
            return False
        if client_id not in (None, known.session.client_id):
            raise InvalidGrant("Invalid refresh token. Token client and authorized client don't match")
        known.session.is_over = True
        return True

    def revoke(self, token: str, *, client_id: str) -> None:
        """End the session of a refresh token, or an access token alone; nothing for another text (RFC 7009).

        Raises InvalidGrant for a token of another client.
        """
        bearer = self._access.get(token)
        if bearer is None:
            self.end(token, client_id=client_id)
        elif bearer.client_id != client_id:
            raise InvalidGrant("Invalid token. Token client and authorized client don't match")
        else:
            del self._access[token]

    def standing(self) -> list[tuple[str, Session, datetime]]:
        """Every refresh token that is good: token, session, expiry."""
        return [
            (text, held.session, held.expires_at)
            for text, held in self._refresh.items()
            if not held.session.is_over and not held.is_used and self._clock.now() < held.expires_at
        ]

    def recall(self, text: str, session: Session, expires_at: datetime) -> None:
        """Know a refresh token again that an earlier process handed out."""
        self._refresh[text] = _Refresh(session=session, expires_at=expires_at)

    def issue_access(
        self, owner: User | Application, *, client_id: str, session: Session | None, issuer: str, scope: str
    ) -> Bearer:
        """An access token: a signed JWT that is good for ``access_token_life_s``."""
        now = self._clock.now()
        expires_at = now + timedelta(seconds=self._manners.access_token_life_s)
        claims: dict[str, object] = {
            "exp": int(expires_at.timestamp()),
            "iat": int(now.timestamp()),
            "jti": str(uuid4()),
            "iss": issuer,
            "aud": list(owner.audiences),
            "sub": owner.name,
            "typ": "Bearer",
            "azp": client_id,
            "scope": scope,
            "preferred_username": owner.name,
        }
        if session is not None:
            claims["sid"] = session.session_id
        bearer = Bearer(
            text=signed_jwt(claims),
            client_id=client_id,
            owner=owner,
            session=session,
            scopes=frozenset(scope.split()),
            audiences=frozenset(owner.audiences),
            expires_at=datetime.fromtimestamp(int(expires_at.timestamp()), tz=now.tzinfo),
        )
        self._access[bearer.text] = bearer
        return bearer

    def fork(self, clock: Clock, manners: Manners) -> "Sessions":
        """The same sign-ins, going separate ways from now on."""
        copy = Sessions(clock, manners)
        copy._secret, copy._codes = self._secret, dict(self._codes)
        sessions = {id(held.session): evolve(held.session) for held in self._refresh.values()}
        copy._refresh = {text: evolve(held, session=sessions[id(held.session)]) for text, held in self._refresh.items()}
        copy._access = {
            text: evolve(bearer, session=sessions.get(id(bearer.session))) for text, bearer in self._access.items()
        }
        return copy

    def find(self, text: str) -> Bearer | None:
        """What a good access token stands for; None when it is unknown, expired, or its session is over."""
        bearer = self._access.get(text)
        if bearer is None or self._clock.now() >= bearer.expires_at:
            return None
        return None if bearer.session is not None and bearer.session.is_over else bearer

    def revoke_access(self) -> None:
        """Refuse every access token issued so far; refresh tokens stay good."""
        self._access.clear()
