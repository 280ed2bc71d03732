"""The identity face keeps section 1 of the wire contract."""

import base64
import json
from urllib.parse import urlencode

import pytest

from comotion.domain.token import AccessToken, claims_of
from comotion.testing import FakeDash
from tests.contract.fake.dash_client import API, CHALLENGE, DAILY_RUN, ISSUER, REALM, Answer, Dash, redirected


def error(answer: Answer) -> tuple[int, str]:
    return answer.status, answer.json()["error"]


def test_discovery_names_endpoints_that_answer(stranger: Dash) -> None:
    found = stranger.call("GET", f"{ISSUER}/auth/realms/my_org/.well-known/openid-configuration").json()
    assert stranger.way.send("GET", found["jwks_uri"], {}, None).status == 200
    assert found["token_endpoint"].endswith(f"{REALM}/token")


def test_an_unknown_realm_is_not_found(stranger: Dash) -> None:
    answer = stranger.call("GET", f"{ISSUER}/auth/realms/nobody/.well-known/openid-configuration")
    assert error(answer) == (404, "Realm does not exist")


def test_tokens_verify_against_the_published_keys(stranger: Dash) -> None:
    from cryptography.hazmat.primitives.asymmetric import padding, rsa
    from cryptography.hazmat.primitives.hashes import SHA256

    key = stranger.call("GET", f"{ISSUER}{REALM}/certs").json()["keys"][0]
    token = stranger.as_application().json()["access_token"]
    message, _, signature = token.rpartition(".")

    def number(text: str) -> int:
        return int.from_bytes(base64.urlsafe_b64decode(text + "=="), "big")

    public = rsa.RSAPublicNumbers(number(key["e"]), number(key["n"])).public_key()
    raw = base64.urlsafe_b64decode(signature + "==")
    assert public.verify(raw, message.encode(), padding.PKCS1v15(), SHA256()) is None
    assert json.loads(base64.urlsafe_b64decode(message.split(".")[0] + "=="))["kid"] == key["kid"]


def test_an_application_gets_an_access_token_and_no_refresh_token(stranger: Dash) -> None:
    granted = stranger.as_application().json()
    assert "refresh_token" not in granted
    assert AccessToken(granted["access_token"]).scopes() >= {"load:write", "query:read"}


def test_a_wrong_secret_is_refused(stranger: Dash) -> None:
    answer = stranger.token(grant_type="client_credentials", client_id="tester_application", client_secret="no")
    assert error(answer) == (401, "unauthorized_client")


def test_a_public_client_is_no_application(stranger: Dash) -> None:
    answer = stranger.token(grant_type="client_credentials", client_id="comotion_cli")
    assert error(answer) == (401, "unauthorized_client")


def test_an_application_may_prove_itself_with_basic_authentication(stranger: Dash) -> None:
    application = stranger.fake.organisation.the_application()
    pair = base64.b64encode(f"{application.client_id}:{application.client_secret}".encode()).decode()
    answer = stranger.call(
        "POST",
        f"{ISSUER}{REALM}/token",
        body=urlencode({"grant_type": "client_credentials"}).encode(),
        headers={"Authorization": f"Basic {pair}", "Content-Type": "application/x-www-form-urlencoded"},
    )
    stranger.fake.requests.clear()  # the description knows the form's way only
    assert answer.status == 200


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ({}, (400, "invalid_request")),
        ({"grant_type": "password", "client_id": "comotion_cli"}, (400, "unsupported_grant_type")),
        ({"grant_type": "refresh_token"}, (401, "invalid_client")),
        ({"grant_type": "refresh_token", "client_id": "unheard"}, (401, "invalid_client")),
        ({"grant_type": "refresh_token", "client_id": "comotion_cli"}, (400, "invalid_request")),
        (
            {"grant_type": "refresh_token", "client_id": "comotion_cli", "refresh_token": "x"},
            (400, "invalid_grant"),
        ),
    ],
)
def test_a_wrong_token_request_is_told_why(stranger: Dash, form: dict[str, str], expected: tuple[int, str]) -> None:
    assert error(stranger.token(**form)) == expected


def test_the_token_endpoint_takes_forms_only(stranger: Dash) -> None:
    answer = stranger.call("POST", f"{ISSUER}{REALM}/token", json_body={"grant_type": "client_credentials"})
    assert error(answer) == (415, "invalid_request")


def test_a_code_buys_the_three_tokens_and_names_the_user(stranger: Dash) -> None:
    granted = stranger.exchange(stranger.code()).json()
    assert claims_of(granted["id_token"])["preferred_username"] == "tester"
    assert granted["refresh_token"]
    assert granted["access_token"]


def test_a_code_is_good_once(stranger: Dash) -> None:
    code = stranger.code()
    stranger.exchange(code)
    assert error(stranger.exchange(code)) == (400, "invalid_grant")


def test_a_code_expires(stranger: Dash) -> None:
    code = stranger.code()
    stranger.fake.clock.advance(minutes=2)
    assert error(stranger.exchange(code)) == (400, "invalid_grant")


@pytest.mark.parametrize(
    "change",
    [{"code_verifier": "w" * 43}, {"redirect_uri": "http://localhost:9"}],
    ids=["another verifier", "another redirect"],
)
def test_a_code_is_bound_to_its_request(stranger: Dash, change: dict[str, str]) -> None:
    code = stranger.code()
    assert error(stranger.exchange(code, **change)) == (400, "invalid_grant")
    assert error(stranger.exchange(code)) == (400, "invalid_grant"), "a wrong attempt uses the code up"


def test_the_log_in_page_signs_in_with_a_password(stranger: Dash) -> None:
    page = stranger.authorise()
    assert page.status == 200
    assert b"<form" in page.body
    answer = _post_log_in(stranger, username="tester", password="tester")
    sent_back = redirected(answer)
    assert sent_back["state"] == "st8"
    assert stranger.exchange(sent_back["code"]).status == 200


def test_a_wrong_password_shows_the_page_again(stranger: Dash) -> None:
    answer = _post_log_in(stranger, username='"><script>', password="no")
    assert answer.status == 200
    assert b"Invalid username or password" in answer.body
    assert b"<script>" not in answer.body


def test_cancelling_the_log_in_is_a_denial(stranger: Dash) -> None:
    assert redirected(_post_log_in(stranger, cancel="yes"))["error"] == "access_denied"


def _post_log_in(stranger: Dash, **form: str) -> Answer:
    asked = {
        "response_type": "code",
        "client_id": "comotion_cli",
        "redirect_uri": "http://localhost:4321",
        "scope": "openid",
        "state": "st8",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
    }
    return stranger.call("POST", f"{ISSUER}{REALM}/auth?{urlencode(asked)}", form=form)


@pytest.mark.parametrize(
    "redirect_uri",
    ["https://evil.example/", "http://localhost@evil.example", "http://[::1", "", "http://localhost:1/\r\nA: b"],
)
def test_no_code_is_sent_anywhere_but_to_loopback(stranger: Dash, redirect_uri: str) -> None:
    stranger.fake.manners.auto_login = True
    assert stranger.authorise(redirect_uri=redirect_uri).status == 400


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"scope": "email"}, "invalid_scope"),
        ({"scope": "openid everything"}, "invalid_scope"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"prompt": "none"}, "login_required"),
    ],
)
def test_a_wrong_authorise_request_comes_back_as_an_error(
    stranger: Dash, change: dict[str, str], expected: str
) -> None:
    assert redirected(stranger.authorise(**change))["error"] == expected


def test_refreshing_gives_another_refresh_token_and_the_old_one_stays_good(stranger: Dash) -> None:
    first = stranger.fake.refresh_token()
    second = stranger.refresh(first).json()["refresh_token"]
    assert second != first
    assert stranger.refresh(first).status == 200


def test_refreshing_keeps_the_token_where_the_service_does_not_rotate(stranger: Dash) -> None:
    stranger.fake.manners.rotation = "keep"
    token = stranger.fake.refresh_token()
    assert stranger.refresh(token).json()["refresh_token"] == token


def test_using_a_single_use_refresh_token_twice_ends_the_session(stranger: Dash) -> None:
    stranger.fake.manners.rotation = "single_use"
    first = stranger.fake.refresh_token()
    second = stranger.refresh(first).json()["refresh_token"]
    assert error(stranger.refresh(first)) == (400, "invalid_grant")
    assert error(stranger.refresh(second)) == (400, "invalid_grant")


def test_a_refresh_token_expires(stranger: Dash) -> None:
    token = stranger.fake.refresh_token()
    stranger.fake.clock.advance(days=31)
    assert error(stranger.refresh(token)) == (400, "invalid_grant")


def test_logging_out_ends_refresh_and_access_tokens(stranger: Dash) -> None:
    granted = stranger.refresh(stranger.fake.refresh_token()).json()
    form = {"client_id": "comotion_cli", "refresh_token": granted["refresh_token"]}
    assert stranger.call("POST", f"{ISSUER}{REALM}/logout", form=form).status == 204
    assert error(stranger.refresh(granted["refresh_token"])) == (400, "invalid_grant")
    signed_in = Dash(stranger.fake, stranger.way, granted["access_token"])
    assert signed_in.call("GET", f"{API}/migration").status == 401


def test_an_access_token_says_when_it_expires_and_then_does(dash: Dash) -> None:
    life_s = dash.fake.manners.access_token_life_s
    expiry = AccessToken(dash.bearer or "").expires_at()
    assert expiry is not None
    assert abs((expiry - dash.fake.clock.now()).total_seconds() - life_s) < 30
    assert dash.call("GET", f"{API}/migration").status == 200
    dash.fake.clock.advance(seconds=life_s)
    assert dash.call("GET", f"{API}/migration").status == 401


def test_a_token_of_another_world_is_no_token(dash: Dash) -> None:
    with FakeDash() as other:
        bearer = other.organisation.sessions.issue_access(
            other.organisation.the_application(),
            client_id="x",
            session=None,
            issuer="https://auth.comotion.us/auth/realms/my_org",
            scope="migration:write",
        )
    assert Dash(dash.fake, dash.way, bearer.text).call("GET", f"{API}/migration").status == 401


def test_asked_for_scopes_are_the_only_ones_granted(stranger: Dash) -> None:
    token = stranger.as_application(scope="openid query:read").json()["access_token"]
    assert AccessToken(token).scopes() & {"query:read", "load:write"} == {"query:read"}


def test_a_log_in_for_some_scopes_is_never_good_for_more(stranger: Dash) -> None:
    stranger.fake.manners.auto_login = True
    code = redirected(stranger.authorise(scope="openid query:read load:read"))["code"]
    granted = stranger.exchange(code).json()
    wanted = {"query:read", "load:read", "load:write"}
    assert AccessToken(granted["access_token"]).scopes() & wanted == {"query:read", "load:read"}
    again = stranger.refresh(granted["refresh_token"]).json()["access_token"]
    assert AccessToken(again).scopes() & wanted == {"query:read", "load:read"}
    less = stranger.refresh(granted["refresh_token"], scope="query:read").json()["access_token"]
    assert AccessToken(less).scopes() & wanted == {"query:read"}
    assert error(stranger.refresh(granted["refresh_token"], scope="load:write")) == (400, "invalid_scope")


def test_a_scope_that_does_not_exist_is_refused(stranger: Dash) -> None:
    assert error(stranger.as_application(scope="everything")) == (400, "invalid_scope")


@pytest.mark.parametrize("header", [None, "Bearer", "Basic abc", "Bearer not.a.token"])
def test_without_a_good_token_nothing_is_answered(stranger: Dash, header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header}
    assert stranger.call("GET", f"{API}/migration", headers=headers).status == 401
    assert stranger.call("GET", f"{DAILY_RUN}/dailyRun/dailyRun_enabled", headers=headers).status == 401


def test_a_form_with_a_field_twice_is_refused(stranger: Dash) -> None:
    answer = stranger.call(
        "POST",
        f"{ISSUER}{REALM}/token",
        body=b"grant_type=client_credentials&grant_type=refresh_token",
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )
    assert error(answer) == (400, "invalid_request")


@pytest.mark.parametrize("pair", ["not base64!", "bm9jb2xvbg==", ""])
def test_broken_basic_authentication_is_refused(stranger: Dash, pair: str) -> None:
    answer = stranger.call(
        "POST",
        f"{ISSUER}{REALM}/token",
        body=b"grant_type=client_credentials",
        headers={"Authorization": f"Basic {pair}", "Content-Type": "application/x-www-form-urlencoded"},
    )
    assert error(answer) == (401, "invalid_client")


def test_user_info_names_the_user_and_nobody_else(dash: Dash) -> None:
    assert dash.call("GET", f"{ISSUER}{REALM}/userinfo").json()["preferred_username"] == "tester"
    assert dash.call("POST", f"{ISSUER}{REALM}/userinfo").json()["sub"] == "tester"
    stranger = Dash(dash.fake, dash.way).call("GET", f"{ISSUER}{REALM}/userinfo")
    assert (stranger.status, stranger.headers["WWW-Authenticate"]) == (401, 'Bearer error="invalid_token"')


def test_a_revoked_access_token_is_over_and_its_session_is_not(stranger: Dash) -> None:
    granted = stranger.refresh(stranger.fake.refresh_token()).json()
    form = {"client_id": "comotion_cli", "token": granted["access_token"]}
    assert stranger.call("POST", f"{ISSUER}{REALM}/revoke", form=form).status == 200
    assert Dash(stranger.fake, stranger.way, granted["access_token"]).call("GET", f"{API}/migration").status == 401
    assert stranger.refresh(granted["refresh_token"]).status == 200


@pytest.mark.parametrize(
    ("path", "member", "kind"),
    [
        ("revoke", "token", "access_token"),
        ("revoke", "token", "refresh_token"),
        ("logout", "refresh_token", "refresh_token"),
    ],
)
def test_a_client_ends_nothing_of_another_client(stranger: Dash, path: str, member: str, kind: str) -> None:
    stranger.fake.organisation.public_clients.add("other_client")
    granted = stranger.refresh(stranger.fake.refresh_token()).json()
    form = {"client_id": "other_client", member: granted[kind]}
    assert error(stranger.call("POST", f"{ISSUER}{REALM}/{path}", form=form)) == (400, "invalid_grant")
    assert stranger.refresh(granted["refresh_token"]).status == 200


def test_revoking_an_unknown_token_is_done_already(stranger: Dash) -> None:
    form = {"client_id": "comotion_cli", "token": "unheard"}
    assert stranger.call("POST", f"{ISSUER}{REALM}/revoke", form=form).status == 200


def test_logging_out_with_an_unknown_token_is_refused(stranger: Dash) -> None:
    form = {"client_id": "comotion_cli", "refresh_token": "unheard"}
    assert error(stranger.call("POST", f"{ISSUER}{REALM}/logout", form=form)) == (400, "invalid_grant")


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "token", 405), ("GET", "nothing", 404)])
def test_what_the_realm_does_not_have_is_not_there(stranger: Dash, method: str, path: str, status: int) -> None:
    assert stranger.call(method, f"{ISSUER}{REALM}/{path}").status == status
    stranger.fake.requests.clear()


def test_a_nonce_comes_back_in_the_id_token(stranger: Dash) -> None:
    stranger.fake.manners.auto_login = True
    code = redirected(stranger.authorise(nonce="n0nce"))["code"]
    assert claims_of(stranger.exchange(code).json()["id_token"])["nonce"] == "n0nce"


def test_a_token_request_of_an_unknown_client_for_a_known_session_is_refused(stranger: Dash) -> None:
    stranger.fake.organisation.public_clients.add("other_client")
    token = stranger.fake.refresh_token()
    assert error(stranger.refresh(token, client_id="other_client")) == (400, "invalid_grant")
