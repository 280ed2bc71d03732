"""Access tokens: one for a whole process until it is too old, asked for by one thread and one process at a time."""

import hashlib
import threading
from collections.abc import Callable, Hashable
from contextlib import nullcontext
from copy import copy

from attrs import define, field

from comotion.domain.endpoints import Realm
from comotion.domain.errors import (
    ComotionError,
    CredentialsCacheException,
    CredentialsNotKept,
    SignInNeeded,
)
from comotion.domain.token import AccessToken, Granted
from comotion.domain.warned import warn
from comotion.ports.clock import Clock
from comotion.ports.credentials import CredentialStore, NamedStore, RefreshLock
from comotion.ports.identity import Identity


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


@define(eq=False)
class Slot:
    """One sign-in's access token, and the queue of threads that want it."""

    key: Hashable
    token: AccessToken | None = field(default=None, init=False)
    rounds: int = field(default=0, init=False)  # how often somebody asked for a token, and it came or failed
    failure: ComotionError | None = field(default=None, init=False)  # of the last round
    mutex: threading.Lock = field(factory=threading.Lock, init=False)

    def give(self, refused: str | None, clock: Clock, ask: Callable[[], AccessToken]) -> str:
        """A good token other than ``refused``; of the threads that wait for it, one asks."""
        seen = self.rounds
        token = self._good(refused, clock)
        if token is not None:
            return token
        with self.mutex:
            token = self._good(refused, clock)
            if token is not None:
                return token
            if self.rounds != seen:  # somebody asked while this thread waited: that answer is its answer
                if self.failure is not None:
                    raise copy(self.failure) from None
                if self.token is not None and self.token.text != refused:
                    return self.token.text  # by this machine's clock it is too old already
            return self._ask(ask)

    def _good(self, refused: str | None, clock: Clock) -> str | None:
        token = self.token
        if token is None or token.text == refused or not token.is_good_at(clock.now()):
            return None
        return token.text

    def _ask(self, ask: Callable[[], AccessToken]) -> str:
        try:
            token = ask()
        except ComotionError as failure:
            self.failure, self.rounds = failure, self.rounds + 1
            raise
        self.token, self.failure, self.rounds = token, None, self.rounds + 1
        return token.text


class SharedTokens:
    """Every access token of this process. One object, owned by the composition.

    Parameters
    ----------
    process_id : callable
        Tells a fork from its parent: a child begins anew, for it cannot tell who held which lock.
    """

    def __init__(self, *, process_id: Callable[[], Hashable] = lambda: None) -> None:
        self._process_id = process_id
        self._slots: dict[Hashable, Slot] = {}
        self._mutexes: dict[Hashable, threading.Lock] = {}

    def process(self) -> Hashable:
        return self._process_id()

    def mutex(self, realm: Realm) -> threading.Lock:
        """Held while a stored sign-in and the key of its slot are read, or changed, together."""
        return self._mutexes.setdefault((self.process(), realm), threading.Lock())

    def slot(self, key: Hashable) -> Slot:
        """The slot of ``key`` in this process."""
        return self._slots.setdefault((self.process(), key), Slot(key))

    def rename(self, slot: Slot, key: Hashable) -> None:
        """The sign-in in ``slot`` is known by ``key`` from now on."""
        if key != slot.key:
            self._slots.pop((self.process(), slot.key), None)
            self._slots[self.process(), key] = slot
            slot.key = key


class ApplicationTokens:
    """TokenSource of an application: client id and secret."""

    def __init__(
        self,
        *,
        shared: SharedTokens,
        identity: Identity,
        realm: Realm,
        client_id: str,
        client_secret: str,
        clock: Clock,
    ) -> None:
        self._shared = shared
        self._identity = identity
        self._client_id = client_id
        self._client_secret = client_secret
        self._clock = clock
        self._key = ("application", realm, client_id, _digest(client_secret))

    def token(self) -> str:
        return self._shared.slot(self._key).give(None, self._clock, self._ask)

    def renewed(self, refused: str) -> str:
        return self._shared.slot(self._key).give(refused, self._clock, self._ask)

    def _ask(self) -> AccessToken:
        return self._identity.as_application(self._client_id, self._client_secret)


class UserTokens:
    """TokenSource of the user who is signed in: trades the stored refresh token, and keeps a rotated one.

    Parameters
    ----------
    shared : SharedTokens
    identity : Identity
    realm : Realm
    client_id : str
    store : CredentialStore
    clock : Clock
    lock : RefreshLock
        Held while a refresh token is read, traded and replaced.
    """

    def __init__(
        self,
        *,
        shared: SharedTokens,
        identity: Identity,
        realm: Realm,
        client_id: str,
        store: CredentialStore,
        clock: Clock,
        lock: RefreshLock = nullcontext,
    ) -> None:
        self._shared = shared
        self._identity = identity
        self._realm = realm
        self._client_id = client_id
        self._store = store
        self._clock = clock
        self._lock = lock
        self._bound: tuple[Hashable, Slot] | None = None
        self._unsaved: tuple[str, str] | None = None  # what the store still holds, and what it should hold

    def token(self) -> str:
        return self._slot().give(None, self._clock, self._refreshed)

    def renewed(self, refused: str) -> str:
        return self._slot().give(refused, self._clock, self._refreshed)

    def _slot(self) -> Slot:
        process, bound = self._shared.process(), self._bound
        if bound is None or bound[0] != process:
            with self._shared.mutex(self._realm):
                bound = self._bound = (process, self._shared.slot(self._key(*self._stored())))
        return bound[1]

    def _key(self, user: str | None, refresh_token: str) -> Hashable:
        """Who it is, in which store. The refresh token is in it lest two stores of one name share a token."""
        store = self._store
        where = store.identity if isinstance(store, NamedStore) else type(store)
        return ("user", self._realm, self._client_id, user, where, _digest(refresh_token))

    def _stored(self) -> tuple[str | None, str]:
        """The current user and the refresh token. Raises SignInNeeded."""
        user, refresh_token = self._store.get_current_user(), self._store.get_refresh_token()
        if not refresh_token:
            raise SignInNeeded(
                f"nobody is signed in to {self._realm.org} at {self._realm.issuer}: run `comotion authenticate`"
            )
        if self._unsaved is not None and self._unsaved[0] == refresh_token:
            refresh_token = self._unsaved[1]
        return user, refresh_token

    def _refreshed(self) -> AccessToken:
        with self._lock():
            user, refresh_token = self._stored()  # another process may have replaced it
            try:
                granted = self._identity.refresh(refresh_token)
            except SignInNeeded:
                user, newer = self._stored()  # a client without our lock may have done so just now
                if newer == refresh_token:
                    raise
                refresh_token, granted = newer, self._identity.refresh(newer)
            return self._kept(user, refresh_token, granted)

    def _kept(self, user: str | None, used: str, granted: Granted) -> AccessToken:
        newest, slot = granted.refresh_token or used, self._slot()
        with self._shared.mutex(self._realm):
            if newest != used or self._unsaved is not None:
                self._save(user or granted.username or "", used, newest)
            self._shared.rename(slot, self._key(user, newest))
        return granted.access_token

    def _save(self, user: str, used: str, newest: str) -> None:
        still_stored = used if self._unsaved is None else self._unsaved[0]
        try:
            self._store.set_refresh_token(user, newest)
        except CredentialsCacheException as error:
            self._unsaved = (still_stored, newest)
            warn(
                f"the sign-in to {self._realm.org} was renewed but could not be stored, so it ends with this "
                f"process: {error}",
                CredentialsNotKept,
            )
        else:
            self._unsaved = None
