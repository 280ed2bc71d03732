"""OidcIdentity: the forms that go out, and what every kind of answer means."""

import base64
import json
from urllib.parse import parse_qs

import pytest

from comotion.adapters.oidc import SIGN_IN_AGAIN, OidcIdentity
from comotion.domain.endpoints import Realm
from comotion.domain.errors import (
    AccessRefused,
    AnswerLost,
    BrokenAnswer,
    NeverSent,
    OutcomeUnknown,
    SignInFailed,
    SignInNeeded,
    TokenUnavailable,
)
from comotion.domain.pacing import Repeat
from comotion.domain.token import LogInRequest, Pkce

from .scripted_http import Response, ScriptedHttp

REALM = Realm(org="acme")
LOG_IN = LogInRequest(client_id="comotion_cli", redirect_uri="http://localhost:5000", state="s", pkce=Pkce("v" * 43))


def jwt(**claims: object) -> str:
    body = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
    return f"e30.{body}.sig"


def answered(status: int = 200, **members: object) -> Response:
    return Response(status, json.dumps(members).encode())


def identity(*outcomes) -> tuple[OidcIdentity, ScriptedHttp]:
    http = ScriptedHttp(*outcomes)
    return OidcIdentity(http, realm=REALM, client_id="comotion_cli"), http


def form(http: ScriptedHttp) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(http.requests[0].body.decode()).items()}


def test_a_code_is_exchanged_for_tokens_and_a_name():
    oidc, http = identity(answered(access_token="a", refresh_token="r", id_token=jwt(preferred_username="jane")))
    granted = oidc.exchange("c0de", LOG_IN)
    assert (granted.access_token.text, granted.refresh_token, granted.username) == ("a", "r", "jane")
    assert http.requests[0].url == REALM.token_url
    assert form(http) == {
        "grant_type": "authorization_code",
        "code": "c0de",
        "redirect_uri": "http://localhost:5000",
        "client_id": "comotion_cli",
        "code_verifier": "v" * 43,
    }


def test_a_code_is_sent_again_only_when_it_surely_did_not_arrive():
    oidc, http = identity(answered(access_token="a"))
    oidc.exchange("c0de", LOG_IN)
    assert http.requests[0].repeat is Repeat.ONLY_IF_NOT_RUN


def test_a_refused_code_is_a_failed_sign_in():
    oidc, _ = identity(answered(400, error="invalid_grant", error_description="Code not valid"))
    with pytest.raises(SignInFailed, match="refused the code"):
        oidc.exchange("c0de", LOG_IN)


def test_a_lost_answer_to_a_code_is_a_failed_sign_in():
    oidc, _ = identity(OutcomeUnknown("sign in: the connection was closed"))
    with pytest.raises(SignInFailed, match="sign in again"):
        oidc.exchange("c0de", LOG_IN)


def test_a_refresh_token_is_traded_and_a_rotated_one_is_handed_on():
    oidc, http = identity(answered(access_token="a", refresh_token="r2"))
    granted = oidc.refresh("r1")
    assert (granted.access_token.text, granted.refresh_token) == ("a", "r2")
    assert form(http) == {"grant_type": "refresh_token", "refresh_token": "r1", "client_id": "comotion_cli"}
    assert http.requests[0].repeat is Repeat.FREELY


def test_an_application_proves_itself_with_its_secret():
    oidc, http = identity(answered(access_token="a"))
    assert oidc.as_application("etl", "p&ss=wörd").text == "a"
    assert form(http) == {"grant_type": "client_credentials", "client_id": "etl", "client_secret": "p&ss=wörd"}


def test_an_invalid_grant_means_sign_in_again():
    oidc, _ = identity(answered(400, error="invalid_grant", error_description="Session not active"))
    with pytest.raises(SignInNeeded) as caught:
        oidc.refresh("r1")
    assert str(caught.value) == SIGN_IN_AGAIN
    assert str(caught.value) == (
        "Your credentials are not valid. Run `comotion authenticate` to refresh your credentials."
    )


def test_a_refused_application_is_told_what_to_check():
    oidc, _ = identity(answered(401, error="unauthorized_client", error_description="Invalid client secret"))
    with pytest.raises(AccessRefused, match=r"application etl: .* answered 401 \(unauthorized_client: Invalid"):
        oidc.as_application("etl", "wrong")


def test_an_unknown_realm_asks_whether_the_orgname_is_right():
    oidc, _ = identity(answered(404, error="Realm does not exist"))
    with pytest.raises(AccessRefused, match="is 'acme' the right orgname"):
        oidc.refresh("r1")


@pytest.mark.parametrize(
    "answer",
    [
        Response(500, b""),
        Response(502, b"<html>Bad Gateway</html>"),
        Response(400, b"[]"),
        Response(400, b'"text"'),
        Response(400, b'{"error": {"nested": 1}}'),
        Response(400, b"\xff\xfe\x00"),
        Response(400, b"[" * 100_000),
        Response(302, b""),
        Response(200, b""),
        Response(200, b"<html>log in to the hotel</html>"),
        Response(200, b"null"),
        Response(200, b'{"access_token": null}'),
        Response(200, b'{"access_token": ["a"]}'),
        Response(200, b'{"access_token": ""}'),
        Response(200, b'{"access_token": "a\\r\\nX-Evil: 1"}'),
    ],
    ids=lambda answer: f"{answer.status} {answer.body[:30]!r}",
)
def test_an_answer_of_any_other_shape_is_an_error_that_names_the_service(answer):
    oidc, _ = identity(answer)
    with pytest.raises(TokenUnavailable, match=r"get an access token: https://auth\.comotion\.us") as caught:
        oidc.refresh("r1")
    assert not caught.value.unreachable


@pytest.mark.parametrize("fault", [NeverSent("no connection"), AnswerLost("closed")])
def test_a_service_that_cannot_be_reached_is_told_apart(fault):
    oidc, _ = identity(fault)
    with pytest.raises(TokenUnavailable) as caught:
        oidc.refresh("r1")
    assert caught.value.unreachable


def test_an_answer_in_an_unknown_coding_is_an_error_of_the_same_kind():
    oidc, _ = identity(BrokenAnswer("zstd"))
    with pytest.raises(TokenUnavailable):
        oidc.refresh("r1")


def test_what_a_service_echoes_of_our_secrets_is_not_repeated():
    oidc, _ = identity(answered(401, error="invalid_client", error_description="secret hunter2 is wrong"))
    with pytest.raises(AccessRefused) as caught:
        oidc.as_application("etl", "hunter2")
    assert "hunter2" not in str(caught.value)


def test_a_reason_is_one_line_of_bounded_length():
    oidc, _ = identity(answered(400, error="bad\n\nthing", error_description="x" * 5000))
    with pytest.raises(AccessRefused) as caught:
        oidc.refresh("r1")
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 400


def test_members_of_wrong_types_are_as_good_as_absent():
    oidc, _ = identity(answered(access_token="a", refresh_token=5, id_token=["x"]))
    granted = oidc.refresh("r1")
    assert (granted.refresh_token, granted.username) == (None, None)


def test_signing_out_ends_the_session():
    oidc, http = identity(Response(204))
    oidc.revoke("r1")
    assert http.requests[0].url == REALM.logout_url
    assert form(http) == {"client_id": "comotion_cli", "refresh_token": "r1"}


def test_signing_out_of_a_session_that_is_over_is_no_error():
    oidc, _ = identity(answered(400, error="invalid_grant"))
    oidc.revoke("r1")


def test_signing_out_that_is_refused_is_an_error():
    oidc, _ = identity(answered(500, error="server_error"))
    with pytest.raises(TokenUnavailable, match="sign out"):
        oidc.revoke("r1")


def test_an_identity_service_that_is_busy_says_how_long():
    oidc, _ = identity(Response(429, b"", {"Retry-After": "3600"}))
    with pytest.raises(TokenUnavailable, match="wait 3600 s"):
        oidc.refresh("r")
