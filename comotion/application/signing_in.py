"""Signing in with a browser, signing out, and saying who is signed in."""

import hmac
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from datetime import datetime
from urllib.parse import urlencode

from attrs import field, frozen

from comotion.domain.endpoints import Realm
from comotion.domain.errors import SignInFailed, UnAuthenticatedException
from comotion.domain.token import PKCE_ENTROPY_BYTES, AccessToken, LogInRequest, Pkce, base64url
from comotion.ports.credentials import CredentialStore, ForgettingStore, RefreshLock
from comotion.ports.identity import Browser, Identity, TokenSource

LOG_IN_WITHIN_S = 300.0
UNNAMED = "a user whose name the credentials cache does not tell"
Entropy = Callable[[int], bytes]
"""So many random bytes, fit for secrets."""


@frozen(kw_only=True)
class SignIn:
    """The browser sign-in of one realm: plan, ask, compare, exchange, store, and only then say that it worked.

    Attributes
    ----------
    identity : Identity
    realm : Realm
    client_id : str
    store : CredentialStore
    entropy : callable
    lock : RefreshLock
        Held while the new sign-in is stored, lest a refresh under way puts the old one back.
    """

    identity: Identity
    realm: Realm
    client_id: str
    store: CredentialStore
    entropy: Entropy = field(repr=False)
    lock: RefreshLock = field(default=nullcontext, repr=False)

    def run(self, browser: Browser, *, timeout_s: float = LOG_IN_WITHIN_S) -> str:
        """Sign a user in.

        Parameters
        ----------
        browser : Browser
            Where the user logs in, and where the answer comes back.
        timeout_s : float
            How long the user may take.

        Returns
        -------
        str
            The user's name.

        Raises
        ------
        SignInFailed
            Denied, timed out, or the code was refused.
        TokenUnavailable
            The identity service could not be reached or understood.
        CredentialsCacheException
            The sign-in cannot be stored. Found out before the browser opens, where that is possible.
        """
        self.store.get_current_user()
        request = self._planned(browser.redirect_uri)
        url = f"{self.realm.authorise_url}?{urlencode(request.to_query())}"
        answer = browser.answer(url, lambda came: _belongs(came, request.state), timeout_s)
        try:
            username = self._finish(answer, request)
        except UnAuthenticatedException as failure:
            browser.show("Sign-in failed", str(failure))
            raise
        browser.show("Signed in", f"You are signed in to {self.realm.org} as {username} ({self.realm.issuer}).")
        return username

    def _planned(self, redirect_uri: str) -> LogInRequest:
        return LogInRequest(
            client_id=self.client_id,
            redirect_uri=redirect_uri,
            state=base64url(self.entropy(PKCE_ENTROPY_BYTES)),
            pkce=Pkce.from_entropy(self.entropy(PKCE_ENTROPY_BYTES)),
        )

    def _finish(self, answer: Mapping[str, str], request: LogInRequest) -> str:
        if "error" in answer:
            raise SignInFailed(_denial(answer))
        granted = self.identity.exchange(answer["code"], request)
        if granted.refresh_token is None or granted.username is None:
            missing = "refresh token" if granted.refresh_token is None else "user name"
            raise SignInFailed(f"{self.realm.issuer} let the user in but gave no {missing}, so it cannot be kept")
        with self.lock():
            self.store.set_refresh_token(granted.username, granted.refresh_token)
        return granted.username


def _belongs(answer: Mapping[str, str], state: str) -> bool:
    """Whether this is the answer to our request. An error may come without state; a code never."""
    came = answer.get("state")
    if came is None:
        return "error" in answer and "code" not in answer
    return hmac.compare_digest(came.encode(), state.encode()) and ("code" in answer or "error" in answer)


def _denial(answer: Mapping[str, str]) -> str:
    said = " ".join(f"{answer['error']} {answer.get('error_description', '')}".split())
    shown = "".join(character for character in said if character.isprintable())[:200]
    return f"the sign-in was denied: {shown}"


def sign_out(store: CredentialStore, identity: Identity, *, lock: RefreshLock = nullcontext) -> str | None:
    """Forget the sign-in, and end it at the identity service.

    Returns
    -------
    str or None
        Who was signed in; None when nobody was.

    Raises
    ------
    TokenUnavailable, AccessRefused
        It is forgotten here, but the identity service could not be told.
    CredentialsCacheException
        It cannot be forgotten.
    """
    with lock():
        username, refresh_token = store.get_current_user(), store.get_refresh_token()
        if not refresh_token:
            return None
        if isinstance(store, ForgettingStore):
            store.forget()
        else:
            store.set_refresh_token(username or "", "")
    identity.revoke(refresh_token)
    return username or "the user"


@frozen(kw_only=True)
class SignInStatus:
    """Who is signed in, where, until when, and what for. Never a token.

    Attributes
    ----------
    realm : Realm
    who : str
        User name, or the application's client id.
    is_application : bool
    expires_at : datetime or None
        Of the access token now in use; it is renewed by itself.
    scopes : tuple of str
        In alphabetical order.
    """

    realm: Realm
    who: str
    is_application: bool
    expires_at: datetime | None
    scopes: tuple[str, ...]


def status_of(realm: Realm, tokens: TokenSource, *, store: CredentialStore | None, client_id: str) -> SignInStatus:
    """The sign-in as it is now; asks for an access token, which proves that it works.

    Parameters
    ----------
    store : CredentialStore or None
        None for an application.

    Raises
    ------
    UnAuthenticatedException
        Nobody is signed in, or the sign-in is no longer valid.
    """
    token = AccessToken(tokens.token())
    who = client_id if store is None else store.get_current_user() or UNNAMED
    return SignInStatus(
        realm=realm,
        who=who,
        is_application=store is None,
        expires_at=token.expires_at(),
        scopes=tuple(sorted(token.scopes())),
    )
