"""Hand-written ports of a sign-in: an identity service that rotates strictly, and stores that are dictionaries."""

import base64
import json
import threading
from collections.abc import Callable
from datetime import timedelta

from comotion.domain.endpoints import Realm
from comotion.domain.errors import CredentialsCacheException, SignInFailed, SignInNeeded
from comotion.domain.token import AccessToken, Granted, LogInRequest
from comotion.testing import FakeClock

REALM = Realm(org="acme")


def jwt(**claims: object) -> str:
    body = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
    return f"e30.{body}.sig"


class StrictIdentity:
    """Grants tokens for five minutes. A refresh token works once; used twice, the whole session is over."""

    def __init__(self, clock: FakeClock, *, rotates: bool = True, life_s: float = 300.0) -> None:
        self.clock = clock
        self.rotates = rotates
        self.life_s = life_s
        self.asked: list[str] = []
        self.revoked: list[str] = []
        self.valid = {"r0"}
        self.used: set[str] = set()
        self.before_answer: Callable[[], None] = lambda: None
        self.failures: list[Exception] = []
        self.id_name: str | None = "jane"
        self._lock = threading.Lock()

    def access(self, **claims: object) -> AccessToken:
        expiry = self.clock.now() + timedelta(seconds=self.life_s)
        return AccessToken(jwt(exp=expiry.timestamp(), n=len(self.asked), scope="query:read load:write", **claims))

    def refresh(self, refresh_token: str) -> Granted:
        with self._lock:
            self.asked.append(refresh_token)
            number = len(self.asked)
            self.before_answer()
            if self.failures:
                raise self.failures.pop(0)
            if refresh_token in self.used:
                self.valid.clear()  # a stolen token, for all it knows
            if refresh_token not in self.valid:
                raise SignInNeeded("sign in again")
            if not self.rotates:
                return Granted(access_token=self.access())
            self.used.add(refresh_token)
            self.valid.discard(refresh_token)
            self.valid.add(f"r{number}")
            return Granted(access_token=self.access(), refresh_token=f"r{number}")

    def exchange(self, code: str, request: LogInRequest) -> Granted:
        self.asked.append(code)
        if code != "good":
            raise SignInFailed("the code was refused")
        return Granted(access_token=self.access(), refresh_token="r0", username=self.id_name)

    def as_application(self, client_id: str, client_secret: str) -> AccessToken:
        self.asked.append(client_secret)
        return self.access(azp=client_id)

    def revoke(self, refresh_token: str) -> None:
        self.revoked.append(refresh_token)


class MemoryStore:
    """A store in a dictionary; several objects over one dictionary are one store."""

    def __init__(self, entries: dict | None = None, identity: str = "memory") -> None:
        self.entries = {"user": "jane", "token": "r0"} if entries is None else entries
        self.identity = identity
        self.writes = 0
        self.is_read_only = False

    def get_current_user(self) -> str | None:
        return self.entries.get("user")

    def get_refresh_token(self) -> str | None:
        return self.entries.get("token")

    def set_refresh_token(self, username: str, token: str) -> None:
        if self.is_read_only:
            raise CredentialsCacheException("read only")
        self.writes += 1
        self.entries.update(user=username, token=token)


class ForgettingMemoryStore(MemoryStore):
    def forget(self) -> None:
        self.entries.clear()
