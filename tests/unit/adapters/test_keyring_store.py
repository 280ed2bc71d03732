"""KeyringStore: the published entries, and keyrings that hang, refuse, forget, cut and lie."""

import traceback

import pytest

from comotion.adapters.keyring_store import KeyringStore
from comotion.domain.errors import CredentialsCacheException
from tests.contract.keyrings import (
    CrashingKeyring,
    CuttingKeyring,
    ForgetfulKeyring,
    HangingKeyring,
    LimitedKeyring,
    LockedKeyring,
    LyingKeyring,
    MemoryKeyring,
    NoKeyring,
)

ISSUER = "https://auth.comotion.us"
USER_ENTRY = ("comotion auth api latest username (https://auth.comotion.us)", "acme")
TOKEN_ENTRY = ("comotion auth api offline token (https://auth.comotion.us/auth/realms/acme)", "jane")


def store(keyring, **members) -> KeyringStore:
    return KeyringStore(ISSUER, "acme", keyring=keyring, **members)


def test_the_entries_are_the_published_ones():
    keyring = MemoryKeyring()
    store(keyring).set_refresh_token("jane", "r1")
    assert keyring.entries == {USER_ENTRY: "jane", TOKEN_ENTRY: "r1"}


def test_a_log_in_of_an_older_client_is_found():
    keyring = MemoryKeyring()
    keyring.entries = {USER_ENTRY: "jane", TOKEN_ENTRY: "r" * 5000}
    assert store(keyring).get_current_user() == "jane"
    assert store(keyring).get_refresh_token() == "r" * 5000


def test_a_long_token_stays_whole_where_the_keyring_takes_it():
    keyring = MemoryKeyring()
    store(keyring).set_refresh_token("jane", "r" * 5000)
    assert keyring.entries == {USER_ENTRY: "jane", TOKEN_ENTRY: "r" * 5000}


@pytest.mark.parametrize("keyring", [LimitedKeyring(2560), CuttingKeyring()], ids=["limited", "cutting"])
def test_a_token_too_long_for_the_keyring_is_kept_in_pieces(keyring):
    store(keyring).set_refresh_token("jane", "r" * 5000)
    assert store(keyring).get_refresh_token() == "r" * 5000
    assert all(len(value) <= 1200 for value in keyring.entries.values())


def test_no_piece_is_left_behind_by_a_shorter_token():
    keyring = LimitedKeyring(2560)
    store(keyring).set_refresh_token("jane", "r" * 5000)
    store(keyring).set_refresh_token("jane", "r1")
    assert keyring.entries == {USER_ENTRY: "jane", TOKEN_ENTRY: "r1"}


def test_no_piece_is_left_behind_by_another_long_token():
    keyring = LimitedKeyring(2560)
    store(keyring).set_refresh_token("jane", "a" * 5000)
    store(keyring).set_refresh_token("jane", "b" * 2000)
    assert len(keyring.entries) == 2 + 2


def test_no_piece_is_left_behind_by_forgetting():
    keyring = LimitedKeyring(2560)
    store(keyring).set_refresh_token("jane", "r" * 5000)
    store(keyring).forget()
    assert keyring.entries == {}


def test_a_whole_token_of_an_older_client_gives_way_to_pieces():
    keyring = LimitedKeyring(2560)
    keyring.entries = {USER_ENTRY: "jane", TOKEN_ENTRY: "old"}
    store(keyring).set_refresh_token("jane", "r" * 5000)
    assert keyring.entries[TOKEN_ENTRY] != "old"
    assert store(keyring).get_refresh_token() == "r" * 5000


def test_a_write_that_stops_half_way_leaves_the_token_before():
    class Breaking(LimitedKeyring):
        writes_left = 3

        def set_password(self, service, username, password):
            super().set_password(service, username, password)
            self.writes_left -= 1
            if self.writes_left < 0:
                raise RuntimeError("power failure")

    keyring = Breaking(2560)
    keyring.writes_left = 100
    store(keyring).set_refresh_token("jane", "a" * 5000)
    keyring.writes_left = 2
    with pytest.raises(CredentialsCacheException):
        store(keyring).set_refresh_token("jane", "b" * 5000)
    assert store(keyring).get_refresh_token() == "a" * 5000


def test_a_missing_piece_is_an_error_that_says_what_to_do():
    keyring = LimitedKeyring(2560)
    store(keyring).set_refresh_token("jane", "r" * 5000)
    del keyring.entries[next(entry for entry in keyring.entries if "piece 2" in entry[0])]
    with pytest.raises(CredentialsCacheException, match="damaged: run `comotion authenticate`"):
        store(keyring).get_refresh_token()


def test_a_damaged_sign_in_can_be_replaced():
    keyring = LimitedKeyring(2560)
    store(keyring).set_refresh_token("jane", "r" * 5000)
    del keyring.entries[next(entry for entry in keyring.entries if "piece 2" in entry[0])]
    store(keyring).set_refresh_token("jane", "r1")
    assert keyring.entries == {USER_ENTRY: "jane", TOKEN_ENTRY: "r1"}


@pytest.mark.parametrize("keyring", [ForgetfulKeyring(), LyingKeyring()], ids=["forgetful", "lying"])
def test_a_keyring_that_does_not_keep_what_it_is_given_is_found_out(keyring):
    with pytest.raises(CredentialsCacheException, match="COMOTION_CREDENTIALS_FILE"):
        store(keyring).set_refresh_token("jane", "r1")


def test_a_keyring_that_hangs_is_given_up():
    keyring = HangingKeyring()
    with pytest.raises(CredentialsCacheException, match=r"did not answer within 0\.2 s: unlock it, or set"):
        store(keyring, timeout_s=0.2).get_current_user()
    assert keyring.asked.is_set()


def test_a_machine_without_a_keyring_is_told_of_the_file():
    with pytest.raises(
        CredentialsCacheException,
        match=r"^this machine has no keyring: set COMOTION_CREDENTIALS_FILE to a file of your own",
    ):
        store(NoKeyring()).get_current_user()


def test_a_locked_keyring_is_said_to_be_locked():
    with pytest.raises(CredentialsCacheException, match="the keyring is locked: unlock it"):
        store(LockedKeyring()).get_current_user()


def test_any_other_failure_of_a_keyring_is_an_error_of_ours():
    with pytest.raises(CredentialsCacheException, match=r"cannot read from the keyring \(RuntimeError\)"):
        store(CrashingKeyring()).get_current_user()


def test_a_token_that_cannot_be_stored_is_not_shown():
    secret = "-".join(["s3", "cr", "et"])

    class Refusing(MemoryKeyring):
        def set_password(self, service, username, password):
            raise ValueError("refused")

    with pytest.raises(CredentialsCacheException) as caught:
        store(Refusing()).set_refresh_token("jane", secret)
    assert secret not in "".join(traceback.format_exception(caught.value))


def test_the_keyring_that_the_library_finds_is_used():
    import keyring

    before, mine = keyring.get_keyring(), MemoryKeyring()
    keyring.set_keyring(mine)
    try:
        KeyringStore(ISSUER, "acme").set_refresh_token("jane", "r1")
    finally:
        keyring.set_keyring(before)
    assert mine.entries[TOKEN_ENTRY] == "r1"
