"""Auth: who asks, and how that is proven."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any

from comotion.domain.endpoints import DEFAULT_ISSUER, USER_CLIENT_ID, parse_host_name
from comotion.domain.errors import InvalidArgument
from comotion.domain.token import PKCE_ENTROPY_BYTES, Pkce
from comotion.facade.credentials import GivenCache, KeyringCredentialCache

if TYPE_CHECKING:
    from comotion.composition.settings import Settings
    from comotion.composition.sign_in import SignInWiring, World
    from comotion.ports.identity import TokenSource


class _LeftOut(str):
    """A default that can be told from the same text given on purpose."""

    __slots__ = ()


_ISSUER = _LeftOut(DEFAULT_ISSUER)


class PKCE:
    """A proof key for one browser sign-in (RFC 7636).

    Parameters
    ----------
    code_challenge : str
        Goes with the browser: base64url of the verifier's SHA-256.
    code_verifier : str
        Stays here until the code is exchanged; 43 to 128 characters.

    Examples
    --------
    >>> from comotion.auth import PKCE
    >>> len(PKCE.generate_pkce().get_code_verifier())
    43
    """

    def __init__(self, code_challenge: str, code_verifier: str) -> None:
        self.code_challenge = code_challenge
        self.code_verifier = code_verifier

    def get_code_challenge(self) -> str:
        """What goes with the browser."""
        return self.code_challenge

    def get_code_verifier(self) -> str:
        """What proves that the code was asked for here."""
        return self.code_verifier

    @staticmethod
    def generate_pkce() -> PKCE:
        """A new proof key."""
        from secrets import token_bytes

        made = Pkce.from_entropy(token_bytes(PKCE_ENTROPY_BYTES))
        return PKCE(made.challenge, made.verifier)


class Auth:
    """Who asks: a user who signed in with ``comotion authenticate``, or an application with id and secret.

    Parameters
    ----------
    orgname : str
        Your organisation's unique name: letters, digits, hyphens and underscores.
    issuer : str
        Base URL of the identity service, https (http on loopback only). Left out, the environment variable
        COMOTION_ISSUER, else Comotion's own.
    credentials_cache_class : class, optional
        Made with ``(issuer, orgname)``; see CredentialsCacheInterface. Left out, the file that the environment
        variable COMOTION_CREDENTIALS_FILE names, else the keyring.
    entity_type : ``Auth.USER`` or ``Auth.APPLICATION``, optional
        A user when left out.
    application_client_id, application_client_secret : str, optional
        Of an application, both; left out, COMOTION_CLIENT_ID and COMOTION_CLIENT_SECRET. A user takes no secret.
    world : World, optional
        What is outside the library; a fake Dash gives its own.

    Raises
    ------
    ValueError
        A name or URL that can never work, an application without id or secret, a user with a secret.

    Notes
    -----
    Source: dash-api, section 1. Nothing is read or sent until a token is asked for.

    Examples
    --------
    >>> from comotion.auth import Auth
    >>> Auth("my_org_name").token_endpoint
    'https://auth.comotion.us/auth/realms/my_org_name/protocol/openid-connect/token'
    """

    USER = "user"
    APPLICATION = "application"

    def __init__(
        self,
        orgname: str,
        issuer: str = _ISSUER,
        credentials_cache_class: Callable[[str, str], Any] | None = None,
        entity_type: str | None = None,
        application_client_id: str | None = None,
        application_client_secret: str | None = None,
        *,
        world: World | None = None,
    ) -> None:
        self.entity_type = _parse_entity_type(entity_type)
        settings = self._settings(orgname, issuer, application_client_id, application_client_secret)
        self._cache_class = credentials_cache_class
        self._world = world
        self.orgname = orgname
        self.issuer = settings.issuer
        self.application_client_id = settings.client_id or USER_CLIENT_ID
        self.application_client_secret = settings.client_secret
        self.sign_in = self._wired(settings)

    def _settings(self, orgname: str, issuer: str, client_id: str | None, client_secret: str | None) -> Settings:
        from comotion.composition.settings import resolve

        is_application = self.entity_type == Auth.APPLICATION
        if client_secret and not is_application:
            raise InvalidArgument("a user has no application_client_secret: pass entity_type=Auth.APPLICATION with it")
        settings = resolve(
            {
                "orgname": parse_host_name("orgname", orgname),
                "issuer": None if isinstance(issuer, _LeftOut) else issuer,
                "client_id": client_id,
                "client_secret": client_secret,
            },
            leave_out=frozenset() if is_application else frozenset({"client_id", "client_secret"}),
        )
        if is_application and not (settings.client_id and settings.client_secret):
            raise InvalidArgument(
                "an application needs application_client_id and application_client_secret "
                "(or COMOTION_CLIENT_ID and COMOTION_CLIENT_SECRET)"
            )
        return settings

    def _wired(self, settings: Settings) -> SignInWiring:
        from comotion.composition.sign_in import SignInWiring, real_world

        given = None
        if self._cache_class is not None:
            self.credentials_cache = self._cache_class(self.issuer, self.orgname)
            given = GivenCache(self.credentials_cache)
        return SignInWiring(
            settings=settings,
            world=self._world or real_world(),
            given_credentials=given,
            as_application=self.entity_type == Auth.APPLICATION,
        )

    @cached_property
    def credentials_cache(self) -> Any:
        """Where the sign-in is kept; an object of ``credentials_cache_class``, if one was given."""
        if self.sign_in.settings.credentials_file is not None:
            return self.sign_in.credentials
        return KeyringCredentialCache(self.issuer, self.orgname)

    @property
    def auth_endpoint(self) -> str:
        """Where a browser signs in."""
        return self.sign_in.realm.authorise_url

    @property
    def token_endpoint(self) -> str:
        """Where tokens come from."""
        return self.sign_in.realm.token_url

    @property
    def logout_endpoint(self) -> str:
        """Where a sign-in is ended."""
        return self.sign_in.realm.logout_url

    @property
    def delegated_endpoint(self) -> str:
        """The user's account page."""
        return self.sign_in.realm.account_url

    @property
    def tokens(self) -> TokenSource:
        """The access tokens of this sign-in, shared with all of this process."""
        return self.sign_in.tokens

    def get_access_token(self) -> str:
        """An access token that is good for another 30 seconds at least.

        Raises
        ------
        UnAuthenticatedException
            Nobody is signed in, the sign-in is no longer valid, or the identity service could not be reached.
        """
        return self.tokens.token()

    def authenticate(
        self,
        *,
        open_browser: bool = True,
        say: Callable[[str], object] | None = None,
        read_line: Callable[[], str] | None = None,
        timeout_s: float = 300.0,
    ) -> str:
        """Sign a user in with a browser, and keep the sign-in.

        Parameters
        ----------
        open_browser : bool
            False only shows the URL.
        say : callable, optional
            Shows a line to the user; the standard error stream when left out.
        read_line : callable, optional
            Reads a line from the user, who may paste the address at which the browser ended. For machines
            whose browser is elsewhere, such as over SSH.
        timeout_s : float
            How long the user may take.

        Returns
        -------
        str
            The user's name.

        Raises
        ------
        UnAuthenticatedException
            Denied, timed out, refused, not reachable, or not to be stored.
        """
        if self.entity_type == Auth.APPLICATION:
            raise InvalidArgument("an application does not sign in with a browser: it has its client secret")
        from comotion.composition.sign_in import browser

        with browser(open_browser=open_browser, say=say or _say, read_line=read_line) as page:
            return self.sign_in.authenticate(page, timeout_s=timeout_s)

    def __deepcopy__(self, _: object) -> Auth:
        return self  # a copy would lose its world

    def __reduce__(self) -> tuple[object, ...]:
        given = (self.application_client_id, self.application_client_secret)
        return Auth, (self.orgname, self.issuer, self._cache_class, self.entity_type, *given)

    def __repr__(self) -> str:
        return f"Auth(orgname={self.orgname!r}, issuer={self.issuer!r}, entity_type={self.entity_type!r})"


def _parse_entity_type(entity_type: str | None) -> str:
    if entity_type is None:
        return Auth.USER
    if entity_type not in (Auth.USER, Auth.APPLICATION):
        raise InvalidArgument(f"entity_type is {Auth.USER!r} or {Auth.APPLICATION!r}, not {entity_type!r}")
    return entity_type


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")
    sys.stderr.flush()
