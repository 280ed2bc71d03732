"""CredentialStore in the system's keyring, under the entries that earlier clients used (dash-api, section 1).

A back end may hang, refuse, forget or cut: every call is bounded in time, what was written is read back, and a
value too long for the back end is kept in pieces. The main entry then names the pieces, so it is either a token, as
it always was, or a list of contents; it is written last, and pieces it no longer names are removed.
"""

import hashlib
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from comotion.domain.endpoints import Realm
from comotion.domain.errors import CredentialsCacheException

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

T = TypeVar("T")
PIECE_CHARACTERS = 1200  # Windows Credential Manager: 2,560 bytes of UTF-16 a value
MARK = "comotion-pieces"  # no JWT begins like that
MOST_PIECES = 100
OTHER_WAY = (
    "set COMOTION_CREDENTIALS_FILE to a file of your own, such as ~/.comotion-credentials.json, "
    "to keep the sign-in there (mode 0600) instead"
)


class KeyringStore:
    """The sign-in of one organisation at one issuer, in the keyring.

    Parameters
    ----------
    issuer, orgname : str
    keyring : KeyringBackend, optional
        Instead of the one that the keyring library finds.
    timeout_s : float
        How long the keyring may take, which includes the time a person needs to unlock it.
    """

    def __init__(
        self, issuer: str, orgname: str, *, keyring: "KeyringBackend | None" = None, timeout_s: float = 15.0
    ) -> None:
        realm = Realm(org=orgname, issuer=issuer)
        self._org = realm.org
        self._user_service = f"comotion auth api latest username ({realm.issuer})"
        self._token_service = f"comotion auth api offline token ({realm.url})"
        self._given = keyring
        self._timeout_s = timeout_s

    @property
    def identity(self) -> str:
        return "keyring"

    def get_current_user(self) -> str | None:
        return self._get(self._user_service, self._org) or None

    def get_refresh_token(self) -> str | None:
        user = self.get_current_user()
        return None if user is None else self._token_of(user)

    def set_refresh_token(self, username: str, token: str) -> None:
        before = self._get(self._token_service, username)
        if not self._keeps(self._token_service, username, token):
            self._keep_in_pieces(username, token)
        self._drop_pieces(username, before, unless=self._get(self._token_service, username))
        self._set(self._user_service, self._org, username)
        if self.get_current_user() != username or self._token_of(username) != token:
            raise CredentialsCacheException(f"the keyring ({self._name()}) does not keep what it is given: {OTHER_WAY}")

    def forget(self) -> None:
        """Drop the current user and the token. Nothing stored is no error."""
        user = self.get_current_user()
        if user is None:
            return
        before = self._get(self._token_service, user)
        self._delete(self._token_service, user)
        self._drop_pieces(user, before, unless=None)
        self._delete(self._user_service, self._org)

    # In pieces: the main entry is "comotion-pieces {count} {sha256}", and the pieces stand under services
    # "{service} {sha256[:16]} piece {number}". A value in pieces never shares a name with the one it replaces.

    def _token_of(self, user: str) -> str | None:
        main = self._get(self._token_service, user)
        if main is None or not main.startswith(MARK):
            return main or None
        pieces = [self._get(service, user) for service in self._piece_services(main)]
        token = "".join(piece or "" for piece in pieces)
        if hashlib.sha256(token.encode()).hexdigest() != main.split()[-1]:
            raise CredentialsCacheException("the sign-in in the keyring is damaged: run `comotion authenticate`")
        return token

    def _piece_services(self, main: str | None) -> list[str]:
        words = (main or "").split()
        if len(words) != 3 or words[0] != MARK or not words[1].isdigit() or int(words[1]) > MOST_PIECES:
            return []
        return [f"{self._token_service} {words[2][:16]} piece {number}" for number in range(1, int(words[1]) + 1)]

    def _keep_in_pieces(self, user: str, token: str) -> None:
        pieces = [token[at : at + PIECE_CHARACTERS] for at in range(0, len(token), PIECE_CHARACTERS)]
        main = f"{MARK} {len(pieces)} {hashlib.sha256(token.encode()).hexdigest()}"
        for service, piece in zip(self._piece_services(main), pieces, strict=True):
            self._set(service, user, piece)
        self._set(self._token_service, user, main)

    def _drop_pieces(self, user: str, before: str | None, *, unless: str | None) -> None:
        if before != unless:
            for service in self._piece_services(before):
                self._delete(service, user)

    def _keeps(self, service: str, user: str, value: str) -> bool:
        """Write a value whole; whether it is there now. A short one that is refused is an error."""
        try:
            self._set(service, user, value)
        except CredentialsCacheException:
            if len(value) <= PIECE_CHARACTERS:
                raise
            return False
        return len(value) <= PIECE_CHARACTERS or self._get(service, user) == value

    def _get(self, service: str, user: str) -> str | None:
        def get(keyring: "KeyringBackend") -> str | None:
            value = keyring.get_password(service, user)
            return None if value is None else str(value)

        return self._bounded("read from", get)

    def _set(self, service: str, user: str, value: str) -> None:
        self._bounded("write to", lambda keyring: keyring.set_password(service, user, value))

    def _delete(self, service: str, user: str) -> None:
        def delete(keyring: "KeyringBackend") -> None:
            if keyring.get_password(service, user) is not None:
                keyring.delete_password(service, user)

        self._bounded("delete from", delete)

    def _backend(self) -> "KeyringBackend":
        import keyring

        return keyring.get_keyring() if self._given is None else self._given

    def _name(self) -> str:
        return type(self._backend()).__module__

    def _bounded(self, verb: str, act: Callable[["KeyringBackend"], T]) -> T:
        """What ``act`` gives. It runs in a thread of its own, which is left behind if it hangs."""
        results: list[T] = []
        failures: list[Exception] = []

        def run() -> None:
            try:
                results.append(act(self._backend()))
            except Exception as error:  # noqa: BLE001  # back ends raise whatever their platform does
                failures.append(error)

        thread = threading.Thread(target=run, name="comotion keyring", daemon=True)
        thread.start()
        thread.join(self._timeout_s)
        if failures:
            raise self._unusable(verb, failures[0]) from failures[0]
        if not results:
            raise CredentialsCacheException(
                f"the keyring did not answer within {self._timeout_s:g} s: unlock it, or {OTHER_WAY}"
            )
        return results[0]

    def _unusable(self, verb: str, error: Exception) -> CredentialsCacheException:
        from keyring.errors import KeyringLocked, NoKeyringError

        if isinstance(error, NoKeyringError):
            return CredentialsCacheException(f"this machine has no keyring: {OTHER_WAY}")
        if isinstance(error, KeyringLocked):
            return CredentialsCacheException(f"the keyring is locked: unlock it, or {OTHER_WAY}")
        return CredentialsCacheException(f"cannot {verb} the keyring ({type(error).__name__}): {OTHER_WAY}")
