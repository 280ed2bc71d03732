"""Identity over OpenID Connect in Keycloak's layout (dash-api, section 1): grants, and what refusals mean."""

import json
from collections.abc import Mapping
from urllib.parse import urlencode

from comotion.domain.endpoints import Realm
from comotion.domain.errors import (
    AccessRefused,
    BrokenAnswer,
    OutcomeUnknown,
    ServiceUnreachable,
    SignInFailed,
    SignInNeeded,
    TokenUnavailable,
    UnAuthenticatedException,
)
from comotion.domain.pacing import RETRYABLE_STATUSES, Repeat, said_retry_after
from comotion.domain.token import AccessToken, Granted, LogInRequest, claims_of
from comotion.ports.http import HttpClient, HttpRequest

SIGN_IN_AGAIN = "Your credentials are not valid. Run `comotion authenticate` to refresh your credentials."
LONGEST_REASON = 200


class OidcIdentity:
    """One realm of the identity service.

    Parameters
    ----------
    http : HttpClient
        Retries as the requests allow; adds no token.
    realm : Realm
    client_id : str
        Whose refresh tokens and codes these are.
    """

    def __init__(self, http: HttpClient, *, realm: Realm, client_id: str) -> None:
        self._http = http
        self._realm = realm
        self._client_id = client_id

    def exchange(self, code: str, request: LogInRequest) -> Granted:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": request.redirect_uri,
            "client_id": request.client_id,
            "code_verifier": request.pkce.verifier,
        }
        try:
            return self._granted("sign in", form, Repeat.ONLY_IF_NOT_RUN)
        except SignInNeeded:
            raise SignInFailed(
                f"{self._realm.issuer} refused the code that the browser brought back: sign in again"
            ) from None
        except OutcomeUnknown as lost:
            raise SignInFailed(
                f"the answer to the sign-in was lost, so it cannot be used: sign in again ({lost})"
            ) from None

    def refresh(self, refresh_token: str) -> Granted:
        form = {"grant_type": "refresh_token", "refresh_token": refresh_token, "client_id": self._client_id}
        return self._granted("get an access token", form, Repeat.FREELY)

    def as_application(self, client_id: str, client_secret: str) -> AccessToken:
        form = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": client_secret}
        operation = f"get an access token for the application {client_id}"
        try:
            return self._granted(operation, form, Repeat.FREELY).access_token
        except SignInNeeded:
            raise AccessRefused(
                f"{operation}: {self._realm.issuer} refused its credentials: check client id, secret and orgname"
            ) from None

    def revoke(self, refresh_token: str) -> None:
        form = {"client_id": self._client_id, "refresh_token": refresh_token}
        status, answer, wait = self._post("sign out", self._realm.logout_url, form, Repeat.FREELY)
        if status >= 300 and answer.get("error") != "invalid_grant":  # that one is signed out already
            raise self._refusal("sign out", status, answer, form, wait)

    def _granted(self, operation: str, form: Mapping[str, str], repeat: Repeat) -> Granted:
        status, answer, wait = self._post(operation, self._realm.token_url, form, repeat)
        access = answer.get("access_token")
        if not 200 <= status < 300:
            raise self._refusal(operation, status, answer, form, wait)
        if not isinstance(access, str) or not access or not access.isprintable() or not access.isascii():
            raise TokenUnavailable(
                f"{operation}: {self._realm.token_url} answered {status} without an access token; "
                "is the issuer right, and is there a proxy in between?"
            )
        return Granted(
            access_token=AccessToken(access),
            refresh_token=_text(answer.get("refresh_token")),
            username=_text(claims_of(_text(answer.get("id_token")) or "").get("preferred_username")),
        )

    def _post(
        self, operation: str, url: str, form: Mapping[str, str], repeat: Repeat
    ) -> tuple[int, Mapping[str, object], str]:
        """The status, the members of the answer (none where it is no JSON object), and how long it asks to wait."""
        request = HttpRequest(
            operation=operation,
            method="POST",
            url=url,
            headers={"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"},
            body=urlencode(form).encode("ascii"),
            repeat=repeat,
        )
        try:
            response = self._http.send(request)
            wait = said_retry_after(response.headers.get("Retry-After"))
            return response.status, _members(response.read()), wait
        except ServiceUnreachable as error:
            raise TokenUnavailable(str(error), unreachable=True) from error
        except BrokenAnswer as error:
            raise TokenUnavailable(str(error)) from error

    def _refusal(
        self, operation: str, status: int, answer: Mapping[str, object], form: Mapping[str, str], wait: str
    ) -> UnAuthenticatedException:
        if answer.get("error") == "invalid_grant":
            return SignInNeeded(SIGN_IN_AGAIN)
        said = ": ".join(text for name in ("error", "error_description") if (text := _text(answer.get(name))))
        for secret in (form.get(name) for name in ("client_secret", "refresh_token", "code", "code_verifier")):
            said = said.replace(secret, "…") if secret else said
        reason = " ".join(said.split())[:LONGEST_REASON] or "no reason given"
        hint = f"; is {self._realm.org!r} the right orgname?" if status == 404 else ""
        message = f"{operation}: {self._realm.issuer} answered {status} ({reason}){hint}{wait}"
        is_final = bool(said) and status < 500 and status not in RETRYABLE_STATUSES
        return AccessRefused(message) if is_final else TokenUnavailable(message)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _members(body: bytes) -> Mapping[str, object]:
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return answer if isinstance(answer, dict) else {}
