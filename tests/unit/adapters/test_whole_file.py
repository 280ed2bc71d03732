"""A file appears whole or not at all."""

import os
import stat
import sys
from pathlib import Path

import pytest

from comotion.adapters.whole_file import WholeFile


def broken_off():
    yield b"half"
    raise ConnectionError("gone")


def test_the_pieces_become_the_file(tmp_path):
    WholeFile(path=tmp_path / "a.csv").write([b"one", b"two"])
    assert (tmp_path / "a.csv").read_bytes() == b"onetwo"
    assert os.listdir(tmp_path) == ["a.csv"]


def test_a_path_may_be_text(tmp_path):
    WholeFile(path=str(tmp_path / "a.csv")).write([b""])
    assert (tmp_path / "a.csv").read_bytes() == b""


def test_what_breaks_off_leaves_nothing(tmp_path):
    with pytest.raises(ConnectionError):
        WholeFile(path=tmp_path / "a.csv").write(broken_off())
    assert os.listdir(tmp_path) == []


def test_an_interrupt_leaves_nothing_either(tmp_path):
    def interrupted():
        yield b"half"
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        WholeFile(path=tmp_path / "a.csv").write(interrupted())
    assert os.listdir(tmp_path) == []


def test_what_breaks_off_leaves_the_file_that_was_there(tmp_path):
    (tmp_path / "a.csv").write_bytes(b"before")
    with pytest.raises(ConnectionError):
        WholeFile(path=tmp_path / "a.csv").write(broken_off())
    assert (tmp_path / "a.csv").read_bytes() == b"before"
    assert os.listdir(tmp_path) == ["a.csv"]


def test_the_file_is_not_there_while_it_is_written(tmp_path):
    def pieces():
        yield b"a"
        assert not (tmp_path / "a.csv").exists()
        yield b"b"

    WholeFile(path=tmp_path / "a.csv").write(pieces())


def test_a_file_that_is_there_is_replaced(tmp_path):
    (tmp_path / "a.csv").write_bytes(b"before")
    WholeFile(path=tmp_path / "a.csv").write([b"after"])
    assert (tmp_path / "a.csv").read_bytes() == b"after"


def test_a_file_that_is_there_may_be_an_error(tmp_path):
    (tmp_path / "a.csv").write_bytes(b"before")
    with pytest.raises(FileExistsError, match=r"a\.csv exists already"):
        WholeFile(path=tmp_path / "a.csv", fail_if_exists=True).check()


def test_a_file_that_appears_meanwhile_is_not_replaced_either(tmp_path):
    def pieces():
        yield b"ours"
        (tmp_path / "a.csv").write_bytes(b"theirs")

    with pytest.raises(FileExistsError):
        WholeFile(path=tmp_path / "a.csv", fail_if_exists=True).write(pieces())
    assert (tmp_path / "a.csv").read_bytes() == b"theirs"
    assert os.listdir(tmp_path) == ["a.csv"]


def test_a_new_file_is_written_also_when_it_may_not_exist(tmp_path):
    target = WholeFile(path=tmp_path / "a.csv", fail_if_exists=True)
    target.check()
    target.write([b"a"])
    assert os.listdir(tmp_path) == ["a.csv"]


def test_a_missing_folder_is_named_beforehand(tmp_path):
    with pytest.raises(FileNotFoundError, match="nowhere"):
        WholeFile(path=tmp_path / "nowhere" / "a.csv").check()


def test_a_folder_is_no_place_for_a_file(tmp_path):
    with pytest.raises(IsADirectoryError):
        WholeFile(path=tmp_path).check()


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX file modes")
def test_the_mode_of_a_replaced_file_stays_and_a_new_one_follows_the_umask(tmp_path):
    (tmp_path / "old").write_bytes(b"")
    (tmp_path / "old").chmod(0o600)
    before = os.umask(0o027)
    try:
        WholeFile(path=tmp_path / "old").write([b"x"])
        WholeFile(path=tmp_path / "new").write([b"x"])
    finally:
        os.umask(before)
    modes = [stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("old", "new")]
    assert modes == [0o600, 0o640]


@pytest.mark.skipif(sys.platform == "win32", reason="symbolic links need a right there")
def test_a_symbolic_link_stays_one(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real" / "a.csv")
    WholeFile(path=tmp_path / "link").write([b"x"])
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real" / "a.csv").read_bytes() == b"x"


@pytest.mark.skipif(sys.platform == "win32", reason="no /dev/null there")
def test_what_is_no_regular_file_is_written_through():
    WholeFile(path="/dev/null").write([b"x"])
    assert not stat.S_ISREG(Path("/dev/null").stat().st_mode)


@pytest.mark.skipif(sys.platform == "win32", reason="there, a name is counted in UTF-16 units")
def test_a_name_that_is_as_long_as_names_may_be_is_written(tmp_path):
    name = "数" * 84  # 252 of 255 bytes
    WholeFile(path=tmp_path / name).write([b"whole"])
    assert os.listdir(tmp_path) == [name]


@pytest.mark.skipif(not os.path.isdir("/dev/fd"), reason="needs /dev/fd")
def test_a_pipe_that_is_named_by_its_descriptor_is_written_directly():
    reading, writing = os.pipe()
    try:
        target = WholeFile(path=f"/dev/fd/{writing}")  # as >(gzip) is in a shell, and /dev/stdout before a pipe
        target.check()
        target.write([b"a,", b"b\n"])
        assert os.read(reading, 10) == b"a,b\n"
    finally:
        os.close(reading)
        os.close(writing)
