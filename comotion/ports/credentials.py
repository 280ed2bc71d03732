"""The CredentialStore port: who is signed in, and the refresh token that proves it."""

from collections.abc import Callable, Hashable
from contextlib import AbstractContextManager
from typing import Protocol, runtime_checkable


class CredentialStore(Protocol):
    """Keeps one sign-in per organisation and issuer.

    Every class that users pass as ``credentials_cache_class`` fits it: it is made with ``(issuer, orgname)``
    and has these three methods. All of them raise CredentialsCacheException when the store cannot be used.
    """

    def get_current_user(self) -> str | None:
        """Name of the user who signed in last, or None."""
        ...

    def get_refresh_token(self) -> str | None:
        """That user's refresh token, or None."""
        ...

    def set_refresh_token(self, username: str, token: str) -> None:
        """Make ``username`` the current user, with this token."""
        ...


@runtime_checkable
class ForgettingStore(Protocol):
    """A store that can also forget; one that cannot is given an empty token instead."""

    def forget(self) -> None:
        """Drop the current user and the token. Nothing stored is no error."""
        ...


@runtime_checkable
class NamedStore(Protocol):
    """A store that says what it keeps its entries in, so that two objects over one keyring share access tokens."""

    @property
    def identity(self) -> Hashable: ...


RefreshLock = Callable[[], AbstractContextManager[None]]
"""Keeps every other process of this user from trading the same refresh token at the same time."""
