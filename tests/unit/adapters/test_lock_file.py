"""LockFile: one process at a time, and never in the way of work."""

import logging
import multiprocessing
import os
import time

import pytest

from comotion.adapters.lock_file import LockFile

spawn = multiprocessing.get_context("spawn")


def _hold(path, held, release):
    with LockFile(path).hold():
        held.set()
        release.wait(20)


def _hold_and_die(path, held):
    with LockFile(path).hold():
        held.set()
        os._exit(1)


def test_a_lock_held_by_another_process_is_waited_for(tmp_path):
    held, release = spawn.Event(), spawn.Event()
    other = spawn.Process(target=_hold, args=(tmp_path / "lock", held, release))
    other.start()
    assert held.wait(20)
    began = time.monotonic()
    with LockFile(tmp_path / "lock", timeout_s=0.3).hold():
        waited_s = time.monotonic() - began
    release.set()
    other.join(20)
    assert waited_s >= 0.3


def test_a_lock_of_a_process_that_died_is_free(tmp_path):
    held = spawn.Event()
    other = spawn.Process(target=_hold_and_die, args=(tmp_path / "lock", held))
    other.start()
    other.join(20)
    began = time.monotonic()
    with LockFile(tmp_path / "lock", timeout_s=10).hold():
        assert time.monotonic() - began < 5


def test_a_holder_that_hangs_does_not_stop_the_work(tmp_path, caplog):
    with (
        caplog.at_level(logging.WARNING, logger="comotion.auth"),
        LockFile(tmp_path / "lock").hold(),
        LockFile(tmp_path / "lock", timeout_s=0.1).hold(),
    ):
        pass
    assert "going on without it" in caplog.text


def test_a_lock_that_cannot_be_made_does_not_stop_the_work(tmp_path, caplog):
    (tmp_path / "file").touch()
    with caplog.at_level(logging.WARNING, logger="comotion.auth"), LockFile(tmp_path / "file" / "lock").hold():
        pass
    assert "no lock between processes" in caplog.text


def test_an_error_inside_frees_the_lock(tmp_path):
    with pytest.raises(ZeroDivisionError), LockFile(tmp_path / "lock").hold():
        raise ZeroDivisionError
    began = time.monotonic()
    with LockFile(tmp_path / "lock", timeout_s=10).hold():
        assert time.monotonic() - began < 5


@pytest.mark.skipif(os.name != "posix", reason="modes mean something on POSIX only")
def test_the_lock_is_the_users_alone(tmp_path):
    with LockFile(tmp_path / "locks" / "lock").hold():
        assert (tmp_path / "locks" / "lock").stat().st_mode & 0o077 == 0
