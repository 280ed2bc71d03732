"""The token endpoint: three grants and what each of them gives (RFC 6749, as Keycloak words it)."""

import base64
import binascii
import hmac
from types import MappingProxyType
from urllib.parse import parse_qsl, unquote_plus

from comotion.adapters.fake_dash.addresses import issuer
from comotion.adapters.fake_dash.exchange import Response, json_answer
from comotion.adapters.fake_dash.people import ALL_SCOPES, Application, User
from comotion.adapters.fake_dash.routing import Call
from comotion.adapters.fake_dash.sessions import Session
from comotion.adapters.fake_dash.signing import signed_jwt

NO_STORE = MappingProxyType({"Cache-Control": "no-store", "Pragma": "no-cache"})
MAX_FORM_BYTES = 1 << 20
STANDARD_SCOPES = ("openid", "profile", "email", "offline_access")


class OAuthError(Exception):
    """An error answer of RFC 6749, section 5.2."""

    def __init__(self, status: int, error: str, description: str) -> None:
        super().__init__(description)
        self.status, self.error, self.description = status, error, description

    def answer(self) -> Response:
        said = {"error": self.error, "error_description": self.description}
        challenge = {"WWW-Authenticate": f'Bearer error="{self.error}"'} if self.error == "invalid_token" else {}
        return json_answer(said, status=self.status, headers={**NO_STORE, **challenge})


def realm_url(call: Call) -> str:
    return f"{issuer(call.request)}/auth/realms/{call.organisation.name}"


def form_of(call: Call) -> dict[str, str]:
    """The form that was sent. Raises OAuthError for anything else, or a field sent twice (RFC 6749, 3.2)."""
    kind = call.request.headers.get("Content-Type", "").split(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        raise OAuthError(415, "invalid_request", "the body must be application/x-www-form-urlencoded")
    if call.content is None:
        raise OAuthError(413, "invalid_request", "the form is too long")
    try:
        pairs = parse_qsl(call.content.decode("ascii"), keep_blank_values=True, max_num_fields=100, errors="strict")
    except ValueError:
        raise OAuthError(400, "invalid_request", "the form cannot be read") from None
    form = dict(pairs)
    if len(form) < len(pairs):
        raise OAuthError(400, "invalid_request", "duplicated parameter")
    return form


def client_of(call: Call, form: dict[str, str]) -> Application | str:
    """Who asks: an application that proved its secret, or the id of a public client. Raises OAuthError."""
    client_id, secret = form.get("client_id"), form.get("client_secret")
    scheme, _, encoded = call.request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            name, _, password = base64.b64decode(encoded, validate=True).decode().partition(":")
        except (binascii.Error, ValueError):
            raise OAuthError(401, "invalid_client", "Invalid client or Invalid client credentials") from None
        client_id, secret = unquote_plus(name), unquote_plus(password)
    if not client_id:
        raise OAuthError(401, "invalid_client", "Invalid client or Invalid client credentials")
    application = call.organisation.applications.get(client_id)
    if application is not None:
        if secret is None or not hmac.compare_digest(secret.encode(), application.client_secret.encode()):
            raise OAuthError(401, "unauthorized_client", "Invalid client or Invalid client credentials")
        return application
    if client_id not in call.organisation.public_clients or secret:
        raise OAuthError(401, "invalid_client", "Invalid client or Invalid client credentials")
    return client_id


def token(call: Call) -> Response:
    """Grant tokens."""
    form = form_of(call)
    grant = form.get("grant_type")
    if not grant:
        raise OAuthError(400, "invalid_request", "Missing form parameter: grant_type")
    if grant not in GRANTS:
        raise OAuthError(400, "unsupported_grant_type", "Unsupported grant_type")
    return GRANTS[grant](call, form, client_of(call, form))


def _by_code(call: Call, form: dict[str, str], client: Application | str) -> Response:
    session, nonce = call.organisation.sessions.redeem_code(
        needed(form, "code"),
        client_id=id_of(client),
        redirect_uri=needed(form, "redirect_uri"),
        verifier=form.get("code_verifier", ""),
    )
    refresh_token = call.organisation.sessions.issue_refresh(session, realm_url(call))
    return _granted(call, session, refresh_token, scope=_scope(session.user, session.scope), nonce=nonce)


def _by_refresh(call: Call, form: dict[str, str], client: Application | str) -> Response:
    scope_asked = form.get("scope")
    session, refresh_token = call.organisation.sessions.refresh(
        needed(form, "refresh_token"), client_id=id_of(client), issuer=realm_url(call)
    )
    scope = _scope(session.user, session.scope)
    if scope_asked:
        given = scope.split()
        if any(word in session.user.scopes and word not in given for word in scope_asked.split()):
            raise OAuthError(400, "invalid_scope", f"Invalid scopes: {scope_asked}")  # more than it began with
        scope = " ".join(word for word in _scope(session.user, scope_asked).split() if word in given)
    return _granted(call, session, refresh_token, scope=scope)


def _as_application(call: Call, form: dict[str, str], client: Application | str) -> Response:
    if not isinstance(client, Application):
        raise OAuthError(401, "unauthorized_client", "Public client not allowed to retrieve service account")
    bearer = call.organisation.sessions.issue_access(
        client,
        client_id=client.client_id,
        session=None,
        issuer=realm_url(call),
        scope=_scope(client, form.get("scope")),
    )
    return json_answer(
        {
            "access_token": bearer.text,
            "expires_in": int(call.world.manners.access_token_life_s),
            "refresh_expires_in": 0,
            "token_type": "Bearer",
            "not-before-policy": 0,
            "scope": " ".join(sorted(bearer.scopes)),
        },
        headers=NO_STORE,
    )


def _granted(call: Call, session: Session, refresh_token: str, *, scope: str, nonce: str | None = None) -> Response:
    """What a user's client gets."""
    manners, user = call.world.manners, session.user
    bearer = call.organisation.sessions.issue_access(
        user, client_id=session.client_id, session=session, issuer=realm_url(call), scope=scope
    )
    claims: dict[str, object] = {
        "iss": realm_url(call),
        "aud": session.client_id,
        "sub": user.name,
        "iat": int(call.world.clock.now().timestamp()),
        "exp": int(bearer.expires_at.timestamp()),
        "typ": "ID",
        "azp": session.client_id,
        "sid": session.session_id,
        "preferred_username": user.name,
    }
    if nonce is not None:
        claims["nonce"] = nonce
    return json_answer(
        {
            "access_token": bearer.text,
            "expires_in": int(manners.access_token_life_s),
            "refresh_expires_in": int(manners.refresh_token_life_s),
            "refresh_token": refresh_token,
            "token_type": "Bearer",
            "id_token": signed_jwt(claims),
            "not-before-policy": 0,
            "session_state": session.session_id,
            "scope": scope,
        },
        headers=NO_STORE,
    )


def _scope(owner: User | Application, asked: str | None) -> str:
    """The scopes granted: all that the owner has, or those of them that were asked for. Raises OAuthError."""
    if not asked:
        return " ".join(("openid", "profile", *owner.scopes))
    words = asked.split()
    if not is_scope(asked, owner):
        raise OAuthError(400, "invalid_scope", f"Invalid scopes: {asked}")
    resource = [word for word in words if word not in STANDARD_SCOPES]
    granted = [word for word in resource if word in owner.scopes] if resource else list(owner.scopes)
    return " ".join(dict.fromkeys(("openid", "profile", *granted)))


def is_scope(asked: str, *owners: User | Application) -> bool:
    """Whether every word is a scope that there is, or that one of these has."""
    known = {*STANDARD_SCOPES, *ALL_SCOPES}.union(*(owner.scopes for owner in owners))
    return known.issuperset(asked.split())


def needed(form: dict[str, str], name: str) -> str:
    if not form.get(name):
        raise OAuthError(400, "invalid_request", f"Missing parameter: {name}")
    return form[name]


def id_of(client: Application | str) -> str:
    return client if isinstance(client, str) else client.client_id


GRANTS = MappingProxyType(
    {
        "authorization_code": _by_code,
        "refresh_token": _by_refresh,
        "client_credentials": _as_application,
    }
)
