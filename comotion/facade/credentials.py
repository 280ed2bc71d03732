"""Where a sign-in is kept: the keyring, or any class of the user's own."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

from comotion.domain.errors import AuthException, CredentialsCacheException, InvalidArgument

if TYPE_CHECKING:
    from comotion.ports.credentials import CredentialStore


class CredentialsCacheInterface:
    """Where a sign-in is kept. Subclass it, or write any class with these methods, to keep it somewhere else.

    Parameters
    ----------
    issuer : str
    orgname : str

    Notes
    -----
    Only the token methods are needed, under these names or the older ``get_offline_token`` and
    ``set_offline_token``.

    Examples
    --------
    >>> from comotion.auth import Auth, CredentialsCacheInterface
    >>> class Vault(CredentialsCacheInterface):
    ...     def get_current_user(self):
    ...         return "jane"
    ...     def get_refresh_token(self):
    ...         return "the refresh token from your secrets manager"
    ...     def set_refresh_token(self, username, token):
    ...         "store it there"
    >>> Auth("my_org_name", credentials_cache_class=Vault).credentials_cache.get_current_user()
    'jane'
    """

    def __init__(self, issuer: str, orgname: str) -> None:
        self.issuer = issuer
        self.orgname = orgname

    def get_current_user(self) -> str | None:
        """Name of the user who signed in last, or None."""
        return None

    def get_refresh_token(self) -> str | None:
        """That user's refresh token, or None."""
        raise NotImplementedError(f"{type(self).__name__} has no get_refresh_token")

    def set_refresh_token(self, username: str, token: str) -> None:
        """Make ``username`` the current user, with ``token``. It replaces the one before; an empty one forgets."""
        raise NotImplementedError(f"{type(self).__name__} has no set_refresh_token")

    def get_offline_token(self) -> str | None:
        """The older name of ``get_refresh_token``."""
        return self.get_refresh_token()

    def set_offline_token(self, username: str, token: str) -> None:
        """The older name of ``set_refresh_token``: ``token`` for ``username``."""
        self.set_refresh_token(username, token)


class KeyringCredentialCache(CredentialsCacheInterface):
    """Keeps the sign-in in the operating system's keyring.

    Parameters
    ----------
    issuer : str
    orgname : str

    Notes
    -----
    Source: dash-api, section 1 (credential store). All methods raise CredentialsCacheException when the keyring
    cannot be used, or does not answer within 15 seconds.
    """

    @cached_property
    def _store(self) -> CredentialStore:
        from comotion.composition.sign_in import keyring_store

        return keyring_store(self.issuer, self.orgname)

    def get_current_user(self) -> str | None:
        """Name of the user who signed in last, or None."""
        return self._store.get_current_user()

    def get_refresh_token(self) -> str | None:
        """That user's refresh token, or None."""
        return self._store.get_refresh_token()

    def set_refresh_token(self, username: str, token: str) -> None:
        """Make ``username`` the current user, with ``token``, and read it back."""
        self._store.set_refresh_token(username, token)


class GivenCache:
    """A cache of the user's own, as a CredentialStore: older names, missing methods and foreign errors included."""

    def __init__(self, cache: Any) -> None:
        self._cache = cache
        self._get = _method(cache, "get_refresh_token", "get_offline_token")
        self._set = _method(cache, "set_refresh_token", "set_offline_token")

    @property
    def identity(self) -> Hashable:
        return cast("Hashable", type(self._cache))

    def get_current_user(self) -> str | None:
        current_user = getattr(self._cache, "get_current_user", None)
        name: str | None = None if current_user is None else self._called(current_user)
        return name

    def get_refresh_token(self) -> str | None:
        token: str | None = self._called(self._get)
        return token

    def set_refresh_token(self, username: str, token: str) -> None:
        self._called(self._set, username, token)

    def _called(self, method: Callable[..., Any], *arguments: str) -> Any:
        try:
            return method(*arguments)
        except AuthException:
            raise
        except Exception as error:
            raise CredentialsCacheException(
                f"the credentials cache {type(self._cache).__name__} failed in {method.__name__} "
                f"({type(error).__name__})"
            ) from error


def _method(cache: object, name: str, older_name: str) -> Callable[..., Any]:
    """The method of that name that the user wrote, else the one of the older name."""
    if not _is_written(cache, name) and _is_written(cache, older_name):
        name = older_name
    method: Callable[..., Any] | None = getattr(cache, name, None)
    if method is None:
        raise InvalidArgument(
            f"{type(cache).__name__} cannot be a credentials cache: it has neither {name} nor {older_name}"
        )
    return method


def _is_written(cache: object, name: str) -> bool:
    """Whether the cache has a method of that name, and not just the interface's."""
    method = getattr(cache, name, None)
    return method is not None and getattr(method, "__func__", method) is not getattr(CredentialsCacheInterface, name)
