"""The Identity port: what the OpenID Connect service grants."""

from typing import Protocol

from comotion.domain.token import AccessToken, Granted, LogInRequest


class Identity(Protocol):
    """One realm of the identity service.

    Every method raises SignInNeeded on ``invalid_grant``, SignInFailed or TokenUnavailable otherwise.
    """

    def exchange(self, code: str, request: LogInRequest) -> Granted:
        """Trade an authorization code for tokens. Never repeated once it may have arrived."""
        ...

    def refresh(self, refresh_token: str) -> Granted:
        """A fresh access token; the answer may carry a new refresh token, which replaces the old one."""
        ...

    def as_application(self, client_id: str, client_secret: str) -> AccessToken:
        """An access token for an application."""
        ...

    def revoke(self, refresh_token: str) -> None:
        """End the session that the token belongs to."""
        ...


class TokenSource(Protocol):
    """Gives the access token to send with a request."""

    def token(self) -> str:
        """A token good for another 30 seconds at least. Raises UnAuthenticatedException."""
        ...

    def renewed(self, refused: str) -> str:
        """A token other than ``refused``, which the service answered with 401."""
        ...
