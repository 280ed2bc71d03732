"""FileStore: a file of one's own, replaced whole, refused when others could read it."""

import json
import os
import stat
import threading

import pytest

from comotion.adapters.file_store import FileStore
from comotion.adapters.lock_file import LockFile
from comotion.domain.errors import CredentialsCacheException

ISSUER = "https://auth.comotion.us"
posix = pytest.mark.skipif(os.name != "posix", reason="modes mean something on POSIX only")


def store(path, org="acme", **members) -> FileStore:
    return FileStore(ISSUER, org, path=path, **members)


@posix
def test_the_file_is_the_users_alone_from_the_start(tmp_path):
    before = os.umask(0)
    try:
        store(tmp_path / "new" / "credentials.json").set_refresh_token("jane", "r1")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "new" / "credentials.json").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700


@posix
@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660, 0o606])
def test_a_file_that_others_can_read_is_refused(tmp_path, mode):
    path = tmp_path / "credentials.json"
    store(path).set_refresh_token("jane", "r1")
    path.chmod(mode)
    with pytest.raises(CredentialsCacheException, match=f"mode {mode:04o}.*chmod 600"):
        store(path).get_refresh_token()
    with pytest.raises(CredentialsCacheException, match="chmod 600"):
        store(path).set_refresh_token("jane", "r2")


@posix
def test_a_link_to_the_file_stays_a_link(tmp_path):
    real, link = tmp_path / "real.json", tmp_path / "link.json"
    link.symlink_to(real)
    store(link).set_refresh_token("jane", "r1")
    assert link.is_symlink()
    assert "r1" in real.read_text()


@pytest.mark.parametrize("content", ["no json", "[]", "{}", '{"version": 99}', '{"version": 1, "sign_ins": 5}'])
def test_a_file_of_something_else_is_not_overwritten(tmp_path, content):
    path = tmp_path / "notes.txt"
    path.write_text(content)
    path.chmod(0o600)
    with pytest.raises(CredentialsCacheException, match="no credentials file"):
        store(path).set_refresh_token("jane", "r1")
    assert path.read_text() == content


def test_an_empty_file_made_beforehand_is_filled(tmp_path):
    path = tmp_path / "credentials.json"
    path.touch(mode=0o600)
    store(path).set_refresh_token("jane", "r1")
    assert store(path).get_refresh_token() == "r1"


def test_a_folder_in_its_place_is_an_error(tmp_path):
    with pytest.raises(CredentialsCacheException):
        store(tmp_path).get_refresh_token()


@posix
@pytest.mark.skipif(os.name == "posix" and os.geteuid() == 0, reason="root writes everywhere")
def test_a_folder_that_cannot_be_written_is_an_error(tmp_path):
    (tmp_path / "shut").mkdir(mode=0o500)
    with pytest.raises(CredentialsCacheException, match="cannot write the credentials file"):
        store(tmp_path / "shut" / "credentials.json").set_refresh_token("jane", "r1")


def test_no_draft_is_left_behind(tmp_path):
    store(tmp_path / "credentials.json").set_refresh_token("jane", "r1")
    assert [entry.name for entry in tmp_path.iterdir()] == ["credentials.json"]


def test_the_draft_of_a_process_that_died_is_no_obstacle(tmp_path):
    path = tmp_path / "credentials.json"
    (tmp_path / f"credentials.json.{os.getpid()}-{threading.get_ident()}.new").write_text("half")
    store(path).set_refresh_token("jane", "r1")
    assert store(path).get_refresh_token() == "r1"


def test_the_file_names_the_realm_and_no_more_than_needed(tmp_path):
    path = tmp_path / "credentials.json"
    store(path).set_refresh_token("jane", "r1")
    assert json.loads(path.read_text()) == {
        "version": 1,
        "sign_ins": {f"{ISSUER}/auth/realms/acme": {"username": "jane", "refresh_token": "r1"}},
    }


def test_organisations_that_sign_in_at_once_are_all_kept(tmp_path):
    path, lock = tmp_path / "credentials.json", LockFile(tmp_path / "lock").hold
    orgs = [f"org{number}" for number in range(8)]
    threads = [
        threading.Thread(target=store(path, org, lock=lock).set_refresh_token, args=("jane", org)) for org in orgs
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert [store(path, org).get_refresh_token() for org in orgs] == orgs
