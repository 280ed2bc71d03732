"""Auth as scripts use it: what is checked, what is read from where, and which errors come."""

import copy
import pickle
from typing import ClassVar

import pytest

from comotion.auth import (
    PKCE,
    Auth,
    AuthException,
    CredentialsCacheException,
    CredentialsCacheInterface,
    KeyringCredentialCache,
    UnAuthenticatedException,
)
from comotion.domain.token import Pkce, base64url
from comotion.testing import FakeDash
from tests.contract.keyrings import MemoryKeyring, NoKeyring

ISSUER = "https://auth.comotion.us"


@pytest.fixture(autouse=True)
def _no_settings_of_this_machine(monkeypatch, tmp_path):
    for name in ("ISSUER", "CLIENT_ID", "CLIENT_SECRET", "CREDENTIALS_FILE", "ORGNAME"):
        monkeypatch.delenv(f"COMOTION_{name}", raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@pytest.fixture
def keyring():
    """A keyring in memory, in place of this machine's."""
    import keyring

    before, mine = keyring.get_keyring(), MemoryKeyring()
    keyring.set_keyring(mine)
    yield mine
    keyring.set_keyring(before)


@pytest.fixture
def served():
    """A fake Dash over sockets, and the refresh token of its user."""
    with FakeDash("acme") as fake, fake.serve() as server:
        fake.url = server.url
        yield fake


def cache_of(*, token, user="tester"):
    """A class such as users pass, with a sign-in of its own."""

    class Cache:
        made_with = None
        entries: ClassVar = {"user": user, "token": token}

        def __init__(self, issuer, orgname):
            type(self).made_with = (issuer, orgname)

        def get_current_user(self):
            return self.entries["user"]

        def get_refresh_token(self):
            return self.entries["token"]

        def set_refresh_token(self, username, token):
            self.entries.update(user=username, token=token)

    return Cache


# Attributes


def test_a_user_has_the_published_attributes():
    auth = Auth("acme")
    realm = "https://auth.comotion.us/auth/realms/acme"
    assert (auth.orgname, auth.issuer, auth.entity_type) == ("acme", ISSUER, "user")
    assert (auth.application_client_id, auth.application_client_secret) == ("comotion_cli", None)
    assert auth.auth_endpoint == f"{realm}/protocol/openid-connect/auth"
    assert auth.token_endpoint == f"{realm}/protocol/openid-connect/token"
    assert auth.logout_endpoint == f"{realm}/protocol/openid-connect/logout"
    assert auth.delegated_endpoint == f"{realm}/account"
    assert isinstance(auth.credentials_cache, KeyringCredentialCache)


def test_an_application_has_its_id_and_secret():
    auth = Auth("acme", entity_type=Auth.APPLICATION, application_client_id="etl", application_client_secret="hunter2")
    assert auth.entity_type == "application"
    assert (auth.application_client_id, auth.application_client_secret) == ("etl", "hunter2")


def test_a_user_may_name_another_client():
    assert Auth("acme", application_client_id="mine").application_client_id == "mine"


def test_the_secret_does_not_show():
    auth = Auth("acme", entity_type=Auth.APPLICATION, application_client_id="etl", application_client_secret="hunter2")
    assert "hunter2" not in repr(auth)
    assert "hunter2" not in repr(auth.sign_in)


@pytest.mark.parametrize("orgname", ["", "-acme", "acme-", "a b", "a/b", "a.b", "a@b", "acmé", "a\n", None, 5, "a?b"])
def test_a_name_that_could_change_the_host_is_refused(orgname):
    with pytest.raises(ValueError, match="orgname"):
        Auth(orgname)


@pytest.mark.parametrize(
    "issuer",
    ["http://auth.example", "ftp://x", "https://u:p@x", "https://x?a=b", "https://x#a", "auth.example", "https://"],
)
def test_an_issuer_that_a_token_must_not_go_to_is_refused(issuer):
    with pytest.raises(ValueError, match="issuer"):
        Auth("acme", issuer)


@pytest.mark.parametrize(
    "arguments",
    [
        {"entity_type": "application"},
        {"entity_type": "application", "application_client_id": "etl"},
        {"entity_type": "application", "application_client_secret": "hunter2"},
        {"entity_type": "user", "application_client_secret": "hunter2"},
        {"application_client_secret": "hunter2"},
        {"entity_type": "robot"},
    ],
)
def test_arguments_that_do_not_go_together_are_refused(arguments):
    with pytest.raises(ValueError):
        Auth("acme", **arguments)


# The environment


def test_an_application_reads_what_was_left_out_from_the_environment(monkeypatch):
    monkeypatch.setenv("COMOTION_CLIENT_ID", "etl")
    monkeypatch.setenv("COMOTION_CLIENT_SECRET", "hunter2")
    auth = Auth("acme", entity_type=Auth.APPLICATION)
    assert (auth.application_client_id, auth.application_client_secret) == ("etl", "hunter2")


def test_an_argument_wins_over_the_environment(monkeypatch):
    monkeypatch.setenv("COMOTION_CLIENT_ID", "etl")
    monkeypatch.setenv("COMOTION_CLIENT_SECRET", "hunter2")
    auth = Auth("acme", entity_type=Auth.APPLICATION, application_client_id="mine")
    assert (auth.application_client_id, auth.application_client_secret) == ("mine", "hunter2")


def test_a_user_does_not_read_the_environments_application(monkeypatch):
    monkeypatch.setenv("COMOTION_CLIENT_ID", "etl")
    monkeypatch.setenv("COMOTION_CLIENT_SECRET", "hunter2")
    auth = Auth("acme")
    assert (auth.entity_type, auth.application_client_id, auth.application_client_secret) == (
        "user",
        "comotion_cli",
        None,
    )


def test_an_issuer_that_was_left_out_is_read_from_the_environment(monkeypatch):
    monkeypatch.setenv("COMOTION_ISSUER", "https://auth.example")
    assert Auth("acme").issuer == "https://auth.example"


@pytest.mark.parametrize("issuer", ["https://auth.other", ISSUER])
def test_an_issuer_that_was_given_is_not(monkeypatch, issuer):
    monkeypatch.setenv("COMOTION_ISSUER", "https://auth.example")
    assert Auth("acme", issuer).issuer == issuer


# Tokens


def test_a_user_gets_a_token_with_any_cache_class(served):
    cache = cache_of(token=served.refresh_token())
    auth = Auth("acme", served.url, credentials_cache_class=cache)
    assert auth.get_access_token().count(".") == 2
    assert cache.made_with == (served.url, "acme")
    assert isinstance(auth.credentials_cache, cache)


def test_a_cache_with_the_older_names_will_do(served):
    class Older:
        token = served.refresh_token()

        def __init__(self, issuer, orgname):
            """Nothing to open."""

        def get_offline_token(self):
            return self.token

        def set_offline_token(self, username, token):
            type(self).token = token

    first = Older.token
    assert Auth("acme", served.url, credentials_cache_class=Older).get_access_token()
    assert Older.token != first  # the fake rotates


def test_a_subclass_with_the_older_names_will_do(served):
    class Older(CredentialsCacheInterface):
        token = served.refresh_token()

        def get_offline_token(self):
            return self.token

        def set_offline_token(self, username, token):
            type(self).token = token

    assert Auth("acme", served.url, credentials_cache_class=Older).get_access_token()


def test_a_class_without_the_methods_is_refused():
    class Nothing:
        def __init__(self, issuer, orgname):
            """Nothing to open."""

    with pytest.raises(ValueError, match="neither get_refresh_token nor get_offline_token"):
        Auth("acme", credentials_cache_class=Nothing)


def test_a_cache_that_fails_is_an_error_of_ours(served):
    cache = cache_of(token="x")
    cache.get_refresh_token = lambda self: 1 / 0
    with pytest.raises(CredentialsCacheException, match=r"Cache failed in .* \(ZeroDivisionError\)"):
        Auth("acme", served.url, credentials_cache_class=cache).get_access_token()


def test_the_log_in_of_an_older_client_is_used(served, keyring):
    keyring.set_password(f"comotion auth api latest username ({served.url})", "acme", "tester")
    entry = (f"comotion auth api offline token ({served.url}/auth/realms/acme)", "tester")
    keyring.set_password(*entry, served.refresh_token())
    before = keyring.get_password(*entry)
    assert Auth("acme", served.url).get_access_token()
    assert keyring.get_password(*entry) not in (before, None)  # the fake rotates, and the newest one is kept


def test_the_published_keyring_cache_reads_and_writes_the_published_entries(keyring):
    cache = KeyringCredentialCache(ISSUER, "acme")
    cache.set_refresh_token("jane", "r1")
    assert (cache.get_current_user(), cache.get_refresh_token()) == ("jane", "r1")
    assert keyring.entries[f"comotion auth api offline token ({ISSUER}/auth/realms/acme)", "jane"] == "r1"


def test_the_file_that_the_environment_names_is_used_instead_of_the_keyring(served, monkeypatch, tmp_path):
    monkeypatch.setenv("COMOTION_CREDENTIALS_FILE", str(tmp_path / "credentials.json"))
    auth = Auth("acme", served.url)
    auth.credentials_cache.set_refresh_token("tester", served.refresh_token())
    assert auth.get_access_token()


def test_a_cache_answers_to_the_older_names_too():
    class Kept(CredentialsCacheInterface):
        token = "first"

        def get_refresh_token(self):
            return self.token

        def set_refresh_token(self, username, token):
            self.token = f"{token} of {username}"

    cache = Auth("my_org", credentials_cache_class=Kept).credentials_cache
    assert cache.get_offline_token() == "first"
    cache.set_offline_token("jane", "second")
    assert cache.get_refresh_token() == "second of jane"


def test_an_application_gets_a_token_and_touches_no_keyring(served):
    application = served.organisation.the_application()
    auth = Auth(
        "acme",
        served.url,
        entity_type=Auth.APPLICATION,
        application_client_id=application.client_id,
        application_client_secret=application.client_secret,
    )
    assert auth.get_access_token().count(".") == 2


def test_all_auths_of_one_sign_in_share_a_token(served):
    cache = cache_of(token=served.refresh_token())
    first = Auth("acme", served.url, credentials_cache_class=cache).get_access_token()
    assert Auth("acme", served.url, credentials_cache_class=cache).get_access_token() == first
    assert [entry.operation for entry in served.requests] == ["token"]


def test_two_cache_classes_never_share_a_token(served):
    one, other = cache_of(token=served.refresh_token()), cache_of(token=served.refresh_token())
    first = Auth("acme", served.url, credentials_cache_class=one).get_access_token()
    assert Auth("acme", served.url, credentials_cache_class=other).get_access_token() != first


# Errors


def test_invalid_credentials_are_said_in_the_published_sentence(served):
    with pytest.raises(UnAuthenticatedException) as caught:
        Auth("acme", served.url, credentials_cache_class=cache_of(token="stale")).get_access_token()
    assert str(caught.value) == (
        "Your credentials are not valid. Run `comotion authenticate` to refresh your credentials."
    )


def test_no_network_is_not_authenticated():
    class Brief(cache_of(token="r")):
        """Somebody is signed in."""

    from comotion.composition.sign_in import World
    from comotion.domain.errors import NeverSent

    class NoNetwork:
        def send(self, request):
            raise NeverSent(f"{request.operation}: no connection")

    world = World(clock=FakeDash("acme").clock, network=NoNetwork())
    with pytest.raises(UnAuthenticatedException, match=r"no connection \(after 6 attempts\)"):
        Auth("acme", credentials_cache_class=Brief, world=world).get_access_token()


def test_a_wrong_secret_is_not_authenticated_and_not_shown(served):
    auth = Auth(
        "acme",
        served.url,
        entity_type=Auth.APPLICATION,
        application_client_id="tester_application",
        application_client_secret="hunter2",
    )
    with pytest.raises(UnAuthenticatedException) as caught:
        auth.get_access_token()
    assert "hunter2" not in str(caught.value)


def test_nobody_signed_in_is_not_authenticated(keyring):
    with pytest.raises(UnAuthenticatedException, match="run `comotion authenticate`"):
        Auth("acme").get_access_token()


def test_a_machine_without_keyring_is_both_published_errors():
    import keyring

    before = keyring.get_keyring()
    keyring.set_keyring(NoKeyring())
    try:
        with pytest.raises(CredentialsCacheException, match="COMOTION_CREDENTIALS_FILE") as caught:
            Auth("acme").get_access_token()
    finally:
        keyring.set_keyring(before)
    assert isinstance(caught.value, UnAuthenticatedException)


@pytest.mark.parametrize("kind", [AuthException, UnAuthenticatedException, CredentialsCacheException])
def test_the_published_errors_survive_a_process_boundary(kind):
    error = pickle.loads(pickle.dumps(kind("why")))
    assert (type(error), str(error)) == (kind, "why")


def test_an_application_does_not_sign_in_with_a_browser():
    auth = Auth("acme", entity_type=Auth.APPLICATION, application_client_id="etl", application_client_secret="s")
    with pytest.raises(ValueError, match="client secret"):
        auth.authenticate()


def test_an_auth_can_be_sent_to_another_process():
    auth = Auth("acme", "https://auth.example", entity_type="application", application_client_id="etl",
                application_client_secret="hunter2")  # fmt: skip
    twin = pickle.loads(pickle.dumps(auth))
    assert (twin.orgname, twin.issuer, twin.application_client_secret) == (
        "acme",
        "https://auth.example",
        "hunter2",
    )
    assert copy.copy(auth).token_endpoint == auth.token_endpoint


# PKCE


def test_a_proof_key_is_s256_of_its_verifier():
    made = PKCE.generate_pkce()
    assert made.get_code_challenge() == Pkce(made.get_code_verifier()).challenge
    assert (made.code_challenge, made.code_verifier) == (made.get_code_challenge(), made.get_code_verifier())


def test_no_two_proof_keys_are_alike():
    assert PKCE.generate_pkce().code_verifier != PKCE.generate_pkce().code_verifier


def test_a_proof_key_can_be_made_of_its_parts():
    made = PKCE("challenge", base64url(b"v" * 32))
    assert made.get_code_challenge() == "challenge"
