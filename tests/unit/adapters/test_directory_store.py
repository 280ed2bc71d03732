"""A dry run writes the very bytes, whole or not at all, and asks nobody."""

import pytest

from comotion.adapters.directory_store import DirectoryLoads, DirectoryStore
from comotion.domain.checksum import CheckSums
from comotion.domain.errors import StorageRefused, UnreadableSource
from comotion.domain.load import LoadDraft
from comotion.domain.names import FileKey, TableName


class Body:
    def __init__(self, *pieces, fails_with=None):
        self.pieces, self.fails_with = pieces, fails_with

    def chunks(self, size_bytes):
        yield from self.pieces
        if self.fails_with:
            raise self.fails_with

    def size_bytes(self):
        return sum(map(len, self.pieces))


def put(folder, body, key="may_1"):
    ticket = DirectoryLoads(folder).ticket(None, FileKey(key))
    DirectoryStore(folder).put(ticket, body, lambda: ticket)


def test_a_part_is_a_file_named_by_its_key_in_a_folder_that_is_made(tmp_path):
    put(tmp_path / "new" / "folder", Body(b"ab", b"c"))
    assert (tmp_path / "new" / "folder" / "may_1.parquet").read_bytes() == b"abc"


def test_a_part_put_again_replaces_the_file(tmp_path):
    put(tmp_path, Body(b"old and longer"))
    put(tmp_path, Body(b"new"))
    assert [(file.name, file.read_bytes()) for file in tmp_path.iterdir()] == [("may_1.parquet", b"new")]


def test_a_part_that_breaks_off_leaves_nothing_behind(tmp_path):
    put(tmp_path, Body(b"old"))
    with pytest.raises(UnreadableSource):
        put(tmp_path, Body(b"half", fails_with=UnreadableSource("ragged")))
    assert [(file.name, file.read_bytes()) for file in tmp_path.iterdir()] == [("may_1.parquet", b"old")]


def test_a_folder_that_cannot_be_written_is_a_refusal(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageRefused, match="may_1"):
        put(tmp_path / "file", Body(b"x"))


def test_a_load_has_no_id_and_a_commit_sends_nothing(tmp_path):
    loads = DirectoryLoads(tmp_path / "folder")
    assert loads.create(LoadDraft(table=TableName("policies"))) is None
    assert "nothing was sent" in loads.commit(None, CheckSums()).message
    assert not (tmp_path / "folder").exists()
