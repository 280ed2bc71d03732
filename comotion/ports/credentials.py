"""The CredentialStore port: who is signed in, and the refresh token that proves it."""

from typing import Protocol


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
