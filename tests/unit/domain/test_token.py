"""Tokens: the few claims a client reads, the skew before expiry, and PKCE."""

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest

from comotion.domain.token import AccessToken, Granted, LogInRequest, Pkce, claims_of

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def jwt(**claims):
    body = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
    return f"e30.{body}.c2ln"


@pytest.mark.parametrize("text", ["", "abc", "a.b.c", "a.é.c", "a.W10.c", "a.bm90IGpzb24.c"])
def test_what_is_no_jwt_has_no_claims(text):
    assert claims_of(text) == {}


def test_claims_that_are_nested_without_end_are_none():
    assert claims_of(f"e30.{base64.urlsafe_b64encode(b'[' * 100_000).decode()}.x") == {}


@pytest.mark.parametrize(("seconds", "good"), [(31, True), (30, False), (29, False), (-1, False)])
def test_a_token_is_good_until_thirty_seconds_before_its_expiry(seconds, good):
    token = AccessToken(jwt(exp=(NOW + timedelta(seconds=seconds)).timestamp()))
    assert token.is_good_at(NOW) is good


@pytest.mark.parametrize("exp", [None, "soon", True, 1e300, float("inf")])
def test_a_token_whose_expiry_cannot_be_read_is_never_good(exp):
    assert not AccessToken(jwt(exp=exp)).is_good_at(NOW)


@pytest.mark.parametrize(("aud", "audiences"), [("a b", {"a b"}), (["a", "b"], {"a", "b"}), (None, set()), (3, set())])
def test_audiences_are_one_name_or_a_list(aud, audiences):
    assert AccessToken(jwt(aud=aud)).audiences() == audiences


@pytest.mark.parametrize(("scope", "scopes"), [("a b", {"a", "b"}), (["a"], {"a"}), (None, set())])
def test_scopes_are_words(scope, scopes):
    assert AccessToken(jwt(scope=scope)).scopes() == scopes


def test_no_repr_shows_a_token():
    shown = repr(Granted(access_token=AccessToken("s3cret"), refresh_token="s3cret")) + repr(Pkce("s3cret"))
    assert "s3cret" not in shown


def test_the_challenge_is_that_of_rfc_7636_appendix_b():
    assert (
        Pkce("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk").challenge == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    )


def test_a_verifier_has_the_length_that_rfc_7636_asks_for():
    assert 43 <= len(Pkce.from_entropy(bytes(32)).verifier) <= len(Pkce.from_entropy(bytes(96)).verifier) <= 128


@pytest.mark.parametrize("size", [0, 31, 97])
def test_too_little_or_too_much_entropy_is_refused(size):
    with pytest.raises(ValueError, match="32 to 96"):
        Pkce.from_entropy(bytes(size))


def test_the_authorise_query_is_that_of_the_contract():
    request = LogInRequest(client_id="comotion_cli", redirect_uri="http://localhost:1", state="s", pkce=Pkce("v"))
    query = request.to_query()
    assert query.pop("code_challenge") == Pkce("v").challenge
    assert query == {
        "response_type": "code",
        "client_id": "comotion_cli",
        "redirect_uri": "http://localhost:1",
        "scope": "openid",
        "state": "s",
        "code_challenge_method": "S256",
    }
