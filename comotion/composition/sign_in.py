"""What is outside of every client, and which adapters stand behind signing in.

Everything is made when it is first used, so that building a configuration costs nothing.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import field, frozen

from comotion.composition.settings import Settings
from comotion.domain import endpoints
from comotion.domain.errors import InvalidArgument

if TYPE_CHECKING:
    from comotion.adapters.loopback_login import LoopbackLogin
    from comotion.application.signing_in import SignInStatus
    from comotion.application.tokens import SharedTokens
    from comotion.ports.clock import Clock
    from comotion.ports.credentials import CredentialStore, RefreshLock
    from comotion.ports.http import HttpClient
    from comotion.ports.identity import Browser, Identity, TokenSource


def _system_clock() -> Clock:
    from comotion.adapters.system_clock import SystemClock

    return SystemClock()


def _shared_tokens() -> SharedTokens:
    from comotion.application.tokens import SharedTokens

    return SharedTokens(process_id=os.getpid)


def _random() -> float:
    from random import random

    return random()


def _uuid4() -> str:
    from uuid import uuid4

    return str(uuid4())


@frozen(kw_only=True, eq=False)
class World:
    """What is outside the library: time, chance, the network, and the tokens this process holds.

    A fake Dash gives a World of its own; production shares one.
    """

    clock: Clock = field(factory=_system_clock)
    chance: Callable[[], float] = _random
    new_uuid: Callable[[], str] = _uuid4
    network: HttpClient | None = None  # None: requests, over real sockets
    tokens: SharedTokens = field(factory=_shared_tokens, init=False)  # so that one is asked for once
    _pools: dict[tuple[float, float, int], HttpClient] = field(factory=dict, init=False)

    def http(self, settings: Settings) -> HttpClient:
        """A client that retries; it adds no token."""
        from comotion.adapters.retrying_http import RetryingHttp

        network = self.network or self._pooled(settings)
        return RetryingHttp(network, policy=settings.retry, clock=self.clock, chance=self.chance)

    def _pooled(self, settings: Settings) -> HttpClient:
        """One pool of connections for all clients that are set alike."""
        from comotion.adapters.requests_http import RequestsHttp

        key = (settings.connect_timeout_s, settings.read_timeout_s, 2 * settings.max_workers)
        connect_timeout_s, read_timeout_s, pool_size = key
        made = RequestsHttp(connect_timeout_s=connect_timeout_s, read_timeout_s=read_timeout_s, pool_size=pool_size)
        return self._pools.setdefault(key, made)


_REAL_WORLD = World()  # made while this module is imported, which only one thread does


def real_world() -> World:
    """The one World of a process that talks to the real service, or to a fake one over sockets."""
    return _REAL_WORLD


@frozen(kw_only=True, eq=False)
class SignInWiring:
    """One organisation at one issuer, and who asks.

    Attributes
    ----------
    settings : Settings
        ``orgname`` is set.
    given_credentials : CredentialStore or None
        The user's own store; None takes the file that the settings name, else the keyring.
    as_application : bool
    """

    settings: Settings
    world: World = field(factory=real_world)
    given_credentials: CredentialStore | None = None
    as_application: bool = False

    @property
    def realm(self) -> endpoints.Realm:
        if self.settings.orgname is None:
            raise InvalidArgument("an orgname is needed: pass it, or set COMOTION_ORGNAME")
        return endpoints.Realm(org=self.settings.orgname, issuer=self.settings.issuer)

    @cached_property
    def http(self) -> HttpClient:
        return self.world.http(self.settings)

    @cached_property
    def credentials(self) -> CredentialStore:
        realm, path = self.realm, self.settings.credentials_file
        if self.given_credentials is not None:
            return self.given_credentials
        if path is not None:
            from comotion.adapters.file_store import FileStore
            from comotion.adapters.lock_file import LockFile

            return FileStore(
                realm.issuer, realm.org, path=path, lock=LockFile(path.with_name(path.name + ".lock")).hold
            )
        from comotion.adapters.keyring_store import KeyringStore

        return KeyringStore(realm.issuer, realm.org)

    @cached_property
    def client_id(self) -> str:
        return self.settings.client_id or endpoints.USER_CLIENT_ID

    @cached_property
    def identity(self) -> Identity:
        from comotion.adapters.oidc import OidcIdentity

        return OidcIdentity(self.http, realm=self.realm, client_id=self.client_id)

    @cached_property
    def refresh_lock(self) -> RefreshLock:
        """One lock a realm and user of this machine, whatever the store."""
        from hashlib import sha256

        import platformdirs

        from comotion.adapters.lock_file import LockFile

        name = sha256(self.realm.url.encode()).hexdigest()[:32]
        folder = Path(platformdirs.user_state_dir("comotion", appauthor=False))
        return LockFile(folder / "locks" / f"{name}.lock").hold

    @cached_property
    def tokens(self) -> TokenSource:
        """Who asks, as a source of access tokens shared with everything else in this world."""
        from comotion.application.tokens import ApplicationTokens, UserTokens

        if self.as_application:
            return ApplicationTokens(
                shared=self.world.tokens,
                identity=self.identity,
                realm=self.realm,
                client_id=self.client_id,
                client_secret=self.settings.client_secret or "",
                clock=self.world.clock,
            )
        return UserTokens(
            shared=self.world.tokens,
            identity=self.identity,
            realm=self.realm,
            client_id=self.client_id,
            store=self.credentials,
            clock=self.world.clock,
            lock=self.refresh_lock,
        )

    def authenticate(self, browser: Browser, *, timeout_s: float) -> str:
        """Sign a user in with ``browser``; the user's name."""
        from secrets import token_bytes

        from comotion.application.signing_in import SignIn

        sign_in = SignIn(
            identity=self.identity,
            realm=self.realm,
            client_id=self.client_id,
            store=self.credentials,
            entropy=token_bytes,
            lock=self.refresh_lock,
        )
        return sign_in.run(browser, timeout_s=timeout_s)

    def sign_out(self) -> str | None:
        """Revoke and forget; who was signed in."""
        from comotion.application.signing_in import sign_out

        return sign_out(self.credentials, self.identity, lock=self.refresh_lock)

    def status(self) -> SignInStatus:
        """Who is signed in, until when, what for."""
        from comotion.application.signing_in import status_of

        store = None if self.as_application else self.credentials
        return status_of(self.realm, self.tokens, store=store, client_id=self.client_id)


def keyring_store(issuer: str, orgname: str) -> CredentialStore:
    """The sign-in of an organisation in the operating system's keyring."""
    from comotion.adapters.keyring_store import KeyringStore

    return KeyringStore(issuer, orgname)


def browser(*, open_browser: bool, say: Callable[[str], object], read_line: Callable[[], str] | None) -> LoopbackLogin:
    """The user's browser, and a listener on loopback that it comes back to. A context manager."""
    from comotion.adapters.loopback_login import LoopbackLogin

    return LoopbackLogin(open_browser=open_browser, say=say, read_line=read_line)
