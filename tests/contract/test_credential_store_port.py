"""What every CredentialStore does, whatever it keeps the sign-in in."""

from collections.abc import Callable
from pathlib import Path

import pytest

from comotion.adapters.file_store import FileStore
from comotion.adapters.keyring_store import KeyringStore
from comotion.ports.credentials import CredentialStore

from .keyrings import LimitedKeyring, MemoryKeyring

ISSUER, OTHER_ISSUER = "https://auth.comotion.us", "https://auth.example"
Open = Callable[[str, str], CredentialStore]


def in_a_file(folder: Path) -> Open:
    return lambda issuer, org: FileStore(issuer, org, path=folder / "credentials.json")


def in_a_keyring(_: Path) -> Open:
    keyring = MemoryKeyring()
    return lambda issuer, org: KeyringStore(issuer, org, keyring=keyring)


def in_a_keyring_of_short_values(_: Path) -> Open:
    keyring = LimitedKeyring(2560)
    return lambda issuer, org: KeyringStore(issuer, org, keyring=keyring)


MAKERS: dict[str, Callable[[Path], Open]] = {
    "file": in_a_file,
    "keyring": in_a_keyring,
    "keyring of short values": in_a_keyring_of_short_values,
}


@pytest.fixture(params=MAKERS)
def open_store(request, tmp_path) -> Open:
    """Opens the same place each time it is called."""
    return MAKERS[request.param](tmp_path)


def test_an_empty_store_knows_nobody(open_store):
    store = open_store(ISSUER, "acme")
    assert (store.get_current_user(), store.get_refresh_token()) == (None, None)


def test_what_was_stored_is_there_for_the_next_process(open_store):
    open_store(ISSUER, "acme").set_refresh_token("jane", "r1")
    store = open_store(ISSUER, "acme")
    assert (store.get_current_user(), store.get_refresh_token()) == ("jane", "r1")


@pytest.mark.parametrize("length", [1, 1200, 1201, 1280, 1281, 2400, 5000, 20_000])
def test_a_token_of_any_length_comes_back_whole(open_store, length):
    token = ("abcdefghij" * length)[:length]
    open_store(ISSUER, "acme").set_refresh_token("jane", token)
    assert open_store(ISSUER, "acme").get_refresh_token() == token


@pytest.mark.parametrize("lengths", [(10, 5000), (5000, 10), (5000, 3000), (3000, 5000), (5000, 5000)])
def test_a_token_replaces_the_one_before(open_store, lengths):
    before, after = "a" * lengths[0], "b" * lengths[1]
    open_store(ISSUER, "acme").set_refresh_token("jane", before)
    open_store(ISSUER, "acme").set_refresh_token("jane", after)
    assert open_store(ISSUER, "acme").get_refresh_token() == after


def test_the_user_who_signed_in_last_is_the_current_one(open_store):
    open_store(ISSUER, "acme").set_refresh_token("jane", "r1")
    open_store(ISSUER, "acme").set_refresh_token("john", "r2")
    store = open_store(ISSUER, "acme")
    assert (store.get_current_user(), store.get_refresh_token()) == ("john", "r2")


@pytest.mark.parametrize("user", ["jane@acme.example", "Jané Döe", 'j"\\\n', "名前"])
def test_a_name_may_have_any_characters(open_store, user):
    open_store(ISSUER, "acme").set_refresh_token(user, "r1")
    store = open_store(ISSUER, "acme")
    assert (store.get_current_user(), store.get_refresh_token()) == (user, "r1")


@pytest.mark.parametrize("other", [(ISSUER, "other"), (OTHER_ISSUER, "acme")], ids=["org", "issuer"])
def test_organisations_and_issuers_are_kept_apart(open_store, other):
    open_store(ISSUER, "acme").set_refresh_token("jane", "r1")
    open_store(*other).set_refresh_token("john", "r2")
    assert open_store(ISSUER, "acme").get_refresh_token() == "r1"
    assert open_store(*other).get_refresh_token() == "r2"


def test_what_is_forgotten_is_gone(open_store):
    open_store(ISSUER, "acme").set_refresh_token("jane", "r" * 5000)
    open_store(ISSUER, "acme").forget()
    store = open_store(ISSUER, "acme")
    assert (store.get_current_user(), store.get_refresh_token()) == (None, None)


def test_forgetting_one_organisation_leaves_the_other(open_store):
    open_store(ISSUER, "acme").set_refresh_token("jane", "r1")
    open_store(ISSUER, "other").set_refresh_token("jane", "r2")
    open_store(ISSUER, "acme").forget()
    assert open_store(ISSUER, "other").get_refresh_token() == "r2"


def test_forgetting_nobody_is_no_error(open_store):
    open_store(ISSUER, "acme").forget()


def test_after_forgetting_somebody_can_sign_in_again(open_store):
    store = open_store(ISSUER, "acme")
    store.set_refresh_token("jane", "r1")
    store.forget()
    store.set_refresh_token("jane", "r2")
    assert store.get_refresh_token() == "r2"


def test_a_token_does_not_show_in_the_stores_repr(open_store):
    store = open_store(ISSUER, "acme")
    store.set_refresh_token("jane", "s3cret-token")
    assert "s3cret" not in repr(store)
