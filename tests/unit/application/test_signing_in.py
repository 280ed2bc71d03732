"""Signing in and out: the order of things, what is compared, what is stored, and what the browser is told."""

import hashlib
from urllib.parse import parse_qsl, urlsplit

import pytest

from comotion.application.signing_in import SignIn, sign_out, status_of
from comotion.domain.errors import CredentialsCacheException, SignInFailed, TokenUnavailable
from comotion.domain.token import base64url
from comotion.testing import FakeClock

from .in_memory_identity import REALM, ForgettingMemoryStore, MemoryStore, StrictIdentity, jwt


class ScriptedBrowser:
    """Brings back what a test says, in order, until something belongs."""

    redirect_uri = "http://localhost:5000"

    def __init__(self, *answers):
        self.answers = answers
        self.url = ""
        self.ignored: list[dict] = []
        self.shown: list[tuple[str, str]] = []

    def answer(self, url, belongs, timeout_s):
        self.url = url
        for answer in self.answers:
            answer = {name: self.asked["state"] if text == "STATE" else text for name, text in answer.items()}
            if belongs(answer):
                return answer
            self.ignored.append(answer)
        raise SignInFailed("nobody signed in")

    def show(self, title, text):
        self.shown.append((title, text))

    @property
    def asked(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.url).query))


class Trial:
    def __init__(self, *answers, store=None):
        self.identity = StrictIdentity(FakeClock())
        self.store = store if store is not None else MemoryStore({})
        self.browser = ScriptedBrowser(*answers)
        self.entropy = iter(range(1, 100))

    def run(self) -> str:
        sign_in = SignIn(
            identity=self.identity,
            realm=REALM,
            client_id="comotion_cli",
            store=self.store,
            entropy=lambda count: bytes([next(self.entropy)]) * count,
        )
        return sign_in.run(self.browser)


GOOD = {"code": "good", "state": "STATE"}


def test_a_sign_in_is_stored_under_the_users_name():
    trial = Trial(GOOD)
    assert trial.run() == "jane"
    assert trial.store.entries == {"user": "jane", "token": "r0"}


def test_the_browser_goes_to_the_realm_with_a_proof_key():
    trial = Trial(GOOD)
    trial.run()
    assert trial.browser.url.partition("?")[0] == REALM.authorise_url
    verifier = base64url(b"\x02" * 32)
    assert trial.browser.asked == {
        "response_type": "code",
        "client_id": "comotion_cli",
        "redirect_uri": "http://localhost:5000",
        "scope": "openid",
        "state": base64url(b"\x01" * 32),
        "code_challenge": base64url(hashlib.sha256(verifier.encode()).digest()),
        "code_challenge_method": "S256",
    }


def test_the_browser_is_told_who_is_signed_in_where():
    trial = Trial(GOOD)
    trial.run()
    assert trial.browser.shown == [("Signed in", "You are signed in to acme as jane (https://auth.comotion.us).")]


@pytest.mark.parametrize(
    "foreign",
    [
        {"code": "evil", "state": "guess"},
        {"code": "evil"},
        {"code": "evil", "error": "x"},
        {"error": "access_denied", "state": "guess"},
        {"state": "STATE"},
        {},
        {"code": "evil", "state": "ünïcode"},
    ],
)
def test_what_does_not_belong_to_the_request_is_ignored(foreign):
    trial = Trial(foreign, GOOD)
    assert trial.run() == "jane"
    assert len(trial.browser.ignored) == 1
    assert trial.identity.asked == ["good"]


@pytest.mark.parametrize("state", [{}, {"state": "STATE"}])
def test_a_denial_is_a_failed_sign_in(state):
    trial = Trial({"error": "access_denied", "error_description": "The user\x1b[2J said no", **state})
    with pytest.raises(SignInFailed, match=r"^the sign-in was denied: access_denied The user\[2J said no$"):
        trial.run()
    assert trial.identity.asked == []
    assert trial.browser.shown[0][0] == "Sign-in failed"


def test_a_refused_code_is_a_failed_sign_in_and_the_browser_says_so():
    trial = Trial({"code": "stale", "state": "STATE"})
    with pytest.raises(SignInFailed):
        trial.run()
    assert trial.browser.shown == [("Sign-in failed", "the code was refused")]
    assert trial.store.entries == {}


def test_nobody_signing_in_is_a_failed_sign_in():
    with pytest.raises(SignInFailed):
        Trial().run()


def test_a_grant_without_a_name_cannot_be_kept():
    trial = Trial(GOOD)
    trial.identity.id_name = None
    with pytest.raises(SignInFailed, match="gave no user name"):
        trial.run()


class BrokenStore(MemoryStore):
    def get_current_user(self):
        raise CredentialsCacheException("this machine has no keyring")


def test_without_a_place_to_keep_it_nobody_is_sent_to_the_browser():
    trial = Trial(GOOD, store=BrokenStore())
    with pytest.raises(CredentialsCacheException, match="no keyring"):
        trial.run()
    assert trial.browser.url == ""


def test_success_is_not_claimed_before_the_sign_in_is_stored():
    store = MemoryStore({})
    store.is_read_only = True
    trial = Trial(GOOD, store=store)
    with pytest.raises(CredentialsCacheException):
        trial.run()
    assert trial.browser.shown[0][0] == "Sign-in failed"


# Signing out


def test_signing_out_revokes_and_forgets():
    identity, store = StrictIdentity(FakeClock()), ForgettingMemoryStore()
    assert sign_out(store, identity) == "jane"
    assert (identity.revoked, store.entries) == (["r0"], {})


def test_a_store_that_cannot_forget_is_given_an_empty_token():
    identity, store = StrictIdentity(FakeClock()), MemoryStore()
    sign_out(store, identity)
    assert (identity.revoked, store.entries) == (["r0"], {"user": "jane", "token": ""})


def test_signing_out_when_nobody_is_signed_in_is_no_error():
    identity = StrictIdentity(FakeClock())
    assert sign_out(MemoryStore({}), identity) is None
    assert identity.revoked == []


def test_the_sign_in_is_forgotten_even_when_the_service_cannot_be_told():
    class Unreachable(StrictIdentity):
        def revoke(self, refresh_token):
            raise TokenUnavailable("no connection", unreachable=True)

    store = ForgettingMemoryStore()
    with pytest.raises(TokenUnavailable):
        sign_out(store, Unreachable(FakeClock()))
    assert store.entries == {}


# Status


class OneToken:
    def __init__(self, text: str) -> None:
        self.text = text

    def token(self) -> str:
        return self.text

    def renewed(self, refused: str) -> str:
        return self.text


def test_the_status_names_user_expiry_and_scopes():
    tokens = OneToken(jwt(exp=1_800_000_000, scope="query:read load:write"))
    status = status_of(REALM, tokens, store=MemoryStore(), client_id="comotion_cli")
    assert (status.who, status.is_application) == ("jane", False)
    assert status.expires_at.isoformat() == "2027-01-15T08:00:00+00:00"
    assert status.scopes == ("load:write", "query:read")
    assert tokens.text not in repr(status)


def test_the_status_of_an_application_names_its_client():
    status = status_of(REALM, OneToken(jwt(exp=1)), store=None, client_id="etl")
    assert (status.who, status.is_application) == ("etl", True)


def test_a_cache_that_tells_no_name_still_has_a_status():
    status = status_of(REALM, OneToken("t"), store=MemoryStore({"token": "r0"}), client_id="comotion_cli")
    assert (status.who, status.expires_at) == ("a user whose name the credentials cache does not tell", None)
