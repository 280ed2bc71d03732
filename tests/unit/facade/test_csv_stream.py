"""The response of get_csv_for_streaming reads like urllib3's."""

import io
import pickle

import pandas as pd
import pytest
import urllib3

from comotion.application.queries import CsvResult
from comotion.domain.errors import AnswerLost, IncompleteDownload
from comotion.facade.csv_stream import CsvStream
from comotion.ports.http import Headers

CSV = b'"a","b"\n"1","x"\n"2",\n'


class Response:
    """An HttpResponse over pieces."""

    status = 200

    def __init__(self, *pieces: bytes, announced: int | None = None, breaks: bool = False) -> None:
        self.pieces, self.breaks, self.is_closed = pieces, breaks, False
        self.headers = Headers({"Content-Type": "binary/octet-stream"} | (
            {} if announced is None else {"Content-Length": str(announced)}
        ))  # fmt: skip

    def chunks(self, size_bytes: int):
        yield from self.pieces
        if self.breaks:
            raise AnswerLost("broke")

    def read(self) -> bytes:
        return b"".join(self.pieces)

    def close(self) -> None:
        self.is_closed = True


def stream(*pieces: bytes, **more) -> CsvStream:
    return CsvStream(CsvResult(Response(*pieces, **more)))


def short() -> CsvStream:
    return stream(CSV[:10], announced=len(CSV))


@pytest.mark.parametrize("size", [1, 7, 8, 9, 1000])
def test_pieces_have_the_size_asked_for_whatever_came(size):
    pieces = list(stream(CSV[:5], b"", CSV[5:]).stream(size))
    assert b"".join(pieces) == CSV
    assert {len(piece) for piece in pieces[:-1]} <= {size}


@pytest.mark.parametrize("amount", [None, -1])
def test_everything_is_read_at_once(amount):
    assert stream(CSV[:5], CSV[5:]).read(amount) == CSV


def test_the_end_is_empty_again_and_again():
    response = stream(CSV)
    response.read()
    assert (response.read(), response.read(5), response.readline()) == (b"", b"", b"")


def test_data_is_kept():
    response = stream(CSV)
    assert response.data == CSV
    assert response.data == CSV


def test_lines_are_whole_across_pieces():
    assert list(stream(CSV[:3], CSV[3:12], CSV[12:])) == CSV.splitlines(keepends=True)


def test_a_line_may_be_cut():
    response = stream(CSV)
    assert (response.readline(4), response.readline()) == (CSV[:4], CSV[4:8])


def test_it_says_how_much_was_handed_out():
    response = stream(CSV)
    response.read(5)
    assert response.tell() == 5


def test_status_and_headers_are_there():
    response = stream(CSV, announced=len(CSV))
    assert response.status == 200
    assert response.headers["content-length"] == str(len(CSV))
    assert response.getheader("Content-Type") == "binary/octet-stream"
    assert response.getheader("X-None", "else") == "else"


def test_pandas_reads_it():
    frame = pd.read_csv(stream(CSV[:4], CSV[4:]))
    assert frame["a"].tolist() == [1, 2]
    assert frame["b"].isna().tolist() == [False, True]


def test_pandas_reads_its_data_as_the_guide_does():
    assert len(pd.read_csv(io.StringIO(stream(CSV).data.decode("utf-8")))) == 2


def test_leaving_the_block_closes_it():
    response = Response(CSV)
    with CsvStream(CsvResult(response)) as opened:
        assert not opened.closed
    assert opened.closed
    assert response.is_closed


def test_what_was_read_to_its_end_has_nothing_more_when_it_was_given_back():
    response = stream(CSV[:5], CSV[5:])
    assert response.data == CSV
    assert (response.read(), list(response.stream()), list(response)) == (b"", [], [])


def test_what_was_given_back_cannot_be_read():
    response = stream(CSV)
    response.release_conn()
    with pytest.raises(ValueError, match="given back"):
        response.read()


@pytest.mark.parametrize(
    "read",
    [
        lambda response: response.read(),
        lambda response: list(response.stream(4)),
        lambda response: response.data,
        list,
        lambda response: [response.read(10), response.read(10)],
        lambda response: io.TextIOWrapper(response).read(),
    ],
)
def test_a_short_body_is_an_incomplete_read_however_it_is_read(read):
    with pytest.raises(urllib3.exceptions.IncompleteRead) as caught:
        read(short())
    assert isinstance(caught.value, IncompleteDownload)
    assert (caught.value.partial, caught.value.expected) == (10, len(CSV) - 10)
    assert "10 bytes" in str(caught.value)
    assert repr(caught.value) == f"IncompleteRead(10 bytes read, {len(CSV) - 10} more expected)"


def test_a_short_body_does_not_pass_for_whole_on_a_second_try():
    response = short()
    for _ in range(2):
        with pytest.raises(urllib3.exceptions.IncompleteRead):
            response.read()


def test_pandas_does_not_take_a_short_body_for_a_table():
    with pytest.raises(urllib3.exceptions.IncompleteRead):
        pd.read_csv(short())


def test_a_broken_body_of_unknown_size_is_an_incomplete_read():
    with pytest.raises(urllib3.exceptions.IncompleteRead):
        stream(CSV, breaks=True).read()


def test_a_short_result_tells_another_process_the_same():
    with pytest.raises(urllib3.exceptions.IncompleteRead) as short:
        stream(b"abc", announced=10).read()
    twin = pickle.loads(pickle.dumps(short.value))
    assert isinstance(twin, urllib3.exceptions.IncompleteRead)
    assert (str(twin), twin.received_bytes, twin.missing_bytes) == (str(short.value), 3, 7)
