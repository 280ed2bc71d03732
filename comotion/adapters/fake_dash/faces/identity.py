"""OpenID Connect as Keycloak serves it: discovery, keys, the three grants, log-out (dash-api, section 1)."""

from comotion.adapters.fake_dash.exchange import Response, json_answer
from comotion.adapters.fake_dash.faces.log_in_page import authorise, log_in
from comotion.adapters.fake_dash.faces.token_endpoint import (
    GRANTS,
    MAX_FORM_BYTES,
    NO_STORE,
    OAuthError,
    client_of,
    form_of,
    id_of,
    needed,
    realm_url,
    token,
)
from comotion.adapters.fake_dash.people import ALL_SCOPES
from comotion.adapters.fake_dash.routing import Call, Match, Route, match
from comotion.adapters.fake_dash.sessions import InvalidGrant
from comotion.adapters.fake_dash.signing import key_set


def identity(call: Call, found: Match) -> Response:
    """Answer one request to a realm."""
    if found.route is None:
        if found.allowed:
            allow = {"Allow": ", ".join(found.allowed)}
            return json_answer({"error": "HTTP 405 Method Not Allowed"}, status=405, headers=allow)
        return json_answer({"error": "HTTP 404 Not Found"}, status=404)
    organisation = call.world.organisations.get(found.params["org"])
    if organisation is None:
        return json_answer({"error": "Realm does not exist"}, status=404)
    call.organisation = organisation
    call.receive(MAX_FORM_BYTES)
    try:
        return found.route.answer(call)
    except OAuthError as wrong:
        return wrong.answer()
    except InvalidGrant as no:
        return OAuthError(400, "invalid_grant", str(no)).answer()


def find(method: str, segments: list[str]) -> Match:
    return match(ROUTES, method, segments)


def _discovery(call: Call) -> Response:
    realm = realm_url(call)
    protocol = f"{realm}/protocol/openid-connect"
    return json_answer(
        {
            "issuer": realm,
            "authorization_endpoint": f"{protocol}/auth",
            "token_endpoint": f"{protocol}/token",
            "userinfo_endpoint": f"{protocol}/userinfo",
            "end_session_endpoint": f"{protocol}/logout",
            "revocation_endpoint": f"{protocol}/revoke",
            "jwks_uri": f"{protocol}/certs",
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": list(GRANTS),
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic", "none"],
            "code_challenge_methods_supported": ["S256"],
            "scopes_supported": ["openid", "profile", "email", "offline_access", *ALL_SCOPES],
        }
    )


def _keys(_: Call) -> Response:
    return json_answer(key_set())


def _log_out(call: Call) -> Response:
    form = form_of(call)
    client_id = id_of(client_of(call, form))
    if not call.organisation.sessions.end(needed(form, "refresh_token"), client_id=client_id):
        raise InvalidGrant("Invalid refresh token")
    return Response(status=204, headers=list(NO_STORE.items()))


def _revoke(call: Call) -> Response:
    form = form_of(call)
    client_id = id_of(client_of(call, form))
    call.organisation.sessions.revoke(needed(form, "token"), client_id=client_id)
    return Response(status=200, headers=list(NO_STORE.items()))


def _user_info(call: Call) -> Response:
    scheme, _, text = call.request.headers.get("Authorization", "").partition(" ")
    bearer = call.organisation.sessions.find(text.strip()) if scheme.lower() == "bearer" else None
    if bearer is None:
        raise OAuthError(401, "invalid_token", "Token verification failed")
    return json_answer({"sub": bearer.owner.name, "preferred_username": bearer.owner.name})


def _realm(call: Call) -> Response:
    key = key_set()["keys"]
    assert isinstance(key, list)
    return json_answer(
        {
            "realm": call.organisation.name,
            "public_key": key[0]["n"],
            "token-service": f"{realm_url(call)}/protocol/openid-connect",
            "account-service": f"{realm_url(call)}/account",
        }
    )


_REALM = "/auth/realms/{org}"
_PROTOCOL = f"{_REALM}/protocol/openid-connect"
ROUTES = (
    Route("GET", f"{_REALM}/.well-known/openid-configuration", "discovery", _discovery),
    Route("GET", _REALM, "realm", _realm),
    Route("GET", f"{_PROTOCOL}/certs", "keys", _keys),
    Route("GET", f"{_PROTOCOL}/auth", "authorise", authorise),
    Route("POST", f"{_PROTOCOL}/auth", "log_in", log_in),
    Route("POST", f"{_PROTOCOL}/token", "token", token),
    Route("POST", f"{_PROTOCOL}/logout", "log_out", _log_out),
    Route("POST", f"{_PROTOCOL}/revoke", "revoke", _revoke),
    Route("GET", f"{_PROTOCOL}/userinfo", "user_info", _user_info),
    Route("POST", f"{_PROTOCOL}/userinfo", "user_info", _user_info),
)
