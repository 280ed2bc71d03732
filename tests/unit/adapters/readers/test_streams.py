import bz2
import gzip
import io
import lzma
import os
import threading
import zipfile

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from comotion.adapters.readers.streams import raw_of
from comotion.domain.errors import DataWarning, InvalidArgument, UnreadableSource
from comotion.domain.schema import SchemaWidened
from tests.unit.adapters.readers.reading import OneWay, opened, read_all, table_of

CSV = b"a,b\n1,x\n2,y\n"
ROWS = [{"a": 1, "b": "x"}, {"a": 2, "b": "y"}]
LATE = b"a,b\n" + b"1,x\n" * 400_000 + b"z,x\n"


def zipped(data: bytes) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        archive.writestr("inner.csv", data)
    return sink.getvalue()


def zstd(data: bytes) -> bytes:
    return pa.compress(data, codec="zstd", asbytes=True)


@pytest.mark.parametrize("compress", [gzip.compress, bz2.compress, lzma.compress, zipped, zstd])
def test_compressed_files_are_told_by_content(compress, tmp_path):
    path = tmp_path / "table.csv"
    path.write_bytes(compress(CSV))
    assert table_of(path).to_pylist() == ROWS
    assert table_of(io.BytesIO(compress(CSV))).to_pylist() == ROWS
    assert table_of(OneWay(compress(CSV))).to_pylist() == ROWS


def test_a_compressed_source_is_read_again_when_a_type_widens():
    assert table_of(OneWay(gzip.compress(LATE)))["a"][-1].as_py() == "z"


@pytest.mark.parametrize("data", [CSV, LATE])
def test_a_named_pipe_is_read_once_and_as_often_as_needed(data, tmp_path):
    pipe = tmp_path / "pipe.csv"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(data,))
    writer.start()
    table = table_of(pipe, name=str(pipe))
    writer.join()
    assert len(table) == data.count(b"\n") - 1


def test_a_stream_that_does_not_wait_for_its_bytes_is_refused_and_never_taken_to_be_over():
    class Impatient(OneWay):
        def read(self, size=-1, /):
            return self._inner.read(4) if self._inner.tell() < 8 else None

    with pytest.raises(UnreadableSource, match="blocking"):
        table_of(Impatient(CSV))


@pytest.mark.parametrize(
    "stream", [io.StringIO, lambda text: io.TextIOWrapper(OneWay(text.encode("utf-16")), "utf-16")]
)
def test_a_stream_of_text_is_not_decoded_a_second_time(stream):
    with pytest.warns(DataWarning, match="decoded already"):
        table = table_of(stream("a,b\né,1\n"), encoding="cp1252")
    assert table["a"].to_pylist() == ["é"]


def test_a_stream_of_text_in_another_encoding_than_its_bytes_is_named(tmp_path):
    path = tmp_path / "table.csv"
    path.write_bytes("a,b\né,1\n".encode("cp1252"))
    with (
        path.open(encoding="utf-8") as stream,
        pytest.raises(UnreadableSource, match=r"^file\.csv: .* opened as utf-8"),
    ):
        table_of(stream)


def parquet(numbers) -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.table({"a": numbers}), sink)
    return sink.getvalue()


CHANGING = [
    (b"a,b\n1,x\n", b"a,b\n1,x\n2,y\n"),
    (gzip.compress(b"a,b\n1,x\n"), gzip.compress(b"a,b\n1,x\n2,y\n")),
    (b'{"a": 1}\n', b'{"a": 1}\n{"a": 2}\n'),
    (parquet([1]), parquet([1, 2])),
]


@pytest.mark.parametrize(("before", "after"), CHANGING, ids=["csv", "gzip", "json", "parquet"])
def test_a_file_that_changes_between_two_passes_is_refused(before, after, tmp_path):
    path = tmp_path / "table.csv"
    path.write_bytes(before)
    source = opened(path)
    source.schema()
    path.write_bytes(after)
    with pytest.raises(UnreadableSource, match="changed while it was read"):
        read_all(source)


def test_a_file_that_grows_while_it_is_read_is_refused_and_its_last_line_is_not_taken_for_whole(tmp_path):
    path = tmp_path / "table.csv"
    path.write_bytes(CSV)
    with raw_of(path, name="table.csv").open() as stream, path.open("ab") as writer:
        stream.read(4)
        writer.write(b"3,")
        writer.flush()
        with pytest.raises(UnreadableSource, match=r"table\.csv changed while it was read"):
            list(iter(lambda: stream.read(4), b""))


@pytest.mark.parametrize("data", [parquet(range(200_000)), b"a,b\n" + b"1,x\n" * 400_000])
def test_a_file_that_another_one_takes_the_place_of_is_refused(data, tmp_path):
    path, other = tmp_path / "table", tmp_path / "other"
    path.write_bytes(data)
    other.write_bytes(data)
    source = opened(path)
    source.schema()
    other.replace(path)
    with pytest.raises(UnreadableSource, match="changed while it was read"):
        list(source.batches())


def test_a_path_of_bytes_is_a_path(tmp_path):
    class Path:
        def __fspath__(self):
            return os.fsencode(tmp_path / "table.csv")

    (tmp_path / "table.csv").write_bytes(CSV)
    assert table_of(Path()).to_pylist() == ROWS


def test_an_empty_zip_file_says_so():
    with pytest.raises(UnreadableSource, match="this one holds 0"):
        opened(b"PK\x05\x06" + b"\0" * 18)


def test_several_gzip_members_are_one_text():
    assert table_of(gzip.compress(b"a,b\n1,x\n") + gzip.compress(b"2,y\n")).to_pylist() == ROWS


def test_a_stream_is_read_from_where_it_stands_and_never_before_it():
    stream = io.BytesIO(b"not,a,table,at,all\n" + LATE)
    stream.readline()
    source = opened(stream)
    with pytest.raises(SchemaWidened):
        list(source.batches())
    assert read_all(source).num_rows == 400_001


def test_a_text_stream_is_read_from_where_it_stands():
    stream = io.StringIO("junk\n" + CSV.decode() + "3,é\n")
    stream.readline()
    assert table_of(stream).to_pylist() == [*ROWS, {"a": 3, "b": "é"}]


def test_an_open_text_file_in_another_encoding_is_read(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("a,b\n1,é\n", encoding="cp1252")
    with path.open(encoding="cp1252") as stream:
        assert table_of(stream)["b"].to_pylist() == ["é"]
        assert not stream.closed


def test_a_stream_that_cannot_seek_is_read_twice_all_the_same():
    source = opened(OneWay(LATE))
    with pytest.raises(SchemaWidened):
        list(source.batches())
    table = read_all(source)
    assert (table.num_rows, table["a"][-1].as_py()) == (400_001, "z")


def test_a_pipe_is_a_source():
    ours, theirs = os.pipe()
    with os.fdopen(theirs, "wb") as sink:
        sink.write(CSV)
    with os.fdopen(ours, "rb") as stream:
        assert table_of(stream).to_pylist() == ROWS


def test_an_iterator_of_bytes_is_a_source():
    assert table_of(iter([CSV[:5], CSV[5:7], CSV[7:]])).to_pylist() == ROWS


def test_the_users_stream_stays_open():
    stream = io.BytesIO(CSV)
    source = opened(stream)
    read_all(source)
    source.close()
    assert not stream.closed


def test_a_pass_that_is_given_up_does_not_disturb_the_next():
    source = opened(io.BytesIO(b"a,b\n" + b"1,x\n" * 1_000_000))
    for _ in range(3):
        next(iter(source.batches()))
    assert read_all(source).num_rows == 1_000_000


def test_a_missing_file_is_a_file_not_found_error(tmp_path):
    with pytest.raises(FileNotFoundError, match="nowhere"):
        opened(tmp_path / "nowhere.csv")


def test_an_object_that_is_no_source_is_refused():
    with pytest.raises(InvalidArgument, match="int"):
        opened(42)


def test_a_parquet_file_named_csv_is_a_parquet_file(tmp_path):
    import pyarrow.parquet as pq

    path = tmp_path / "t.csv"
    pq.write_table(pa.table({"a": [1, 2], "b": ["x", "y"]}), path)
    assert table_of(path).to_pylist() == ROWS


def test_json_named_txt_is_json(tmp_path):
    path = tmp_path / "t.txt"
    path.write_text('[{"a": 1, "b": "x"}, {"a": 2, "b": "y"}]')
    assert table_of(path).to_pylist() == ROWS


@pytest.mark.parametrize("compression", ["gzip", {"method": "gzip"}])
def test_compression_can_be_named(compression):
    assert table_of(gzip.compress(CSV), compression=compression).to_pylist() == ROWS


def test_a_compression_that_nobody_knows_is_refused():
    with pytest.raises(InvalidArgument, match="lzw"):
        opened(CSV, compression="lzw")


def test_a_wrong_compression_is_an_error():
    with pytest.raises(UnreadableSource, match="damaged"):
        table_of(CSV, compression="gzip")
