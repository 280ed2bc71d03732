"""The Identity port: what the OpenID Connect service grants, and the browser in which a user asks for it."""

from collections.abc import Callable, Mapping
from typing import Protocol

from comotion.domain.token import AccessToken, Granted, LogInRequest


class Identity(Protocol):
    """One realm of the identity service.

    Every method raises SignInNeeded on ``invalid_grant`` (``exchange``: SignInFailed), AccessRefused when the
    client is refused, and TokenUnavailable when the service cannot be reached or understood.
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


class Browser(Protocol):
    """Where a user logs in: something that shows a page, and catches the answer when the page sends it back."""

    @property
    def redirect_uri(self) -> str: ...

    def answer(self, url: str, belongs: Callable[[Mapping[str, str]], bool], timeout_s: float) -> Mapping[str, str]:
        """Send the user to ``url`` and wait for the redirect's query parameters.

        Whatever else comes, and every query for which ``belongs`` is false, is ignored.
        Raises SignInFailed when nothing came in time.
        """
        ...

    def show(self, title: str, text: str) -> None:
        """Tell the user, where the redirect ended, what came of it. Plain text."""
        ...


class TokenSource(Protocol):
    """Gives the access token to send with a request."""

    def token(self) -> str:
        """A token good for another 30 seconds at least. Raises UnAuthenticatedException."""
        ...

    def renewed(self, refused: str) -> str:
        """A token other than ``refused``, which the service answered with 401."""
        ...
