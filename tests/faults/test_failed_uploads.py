"""What a failed upload leaves behind: streams as they were given, and no file open."""

import gc
import gzip
import io
import warnings

import pandas as pd
import pyarrow as pa
import pytest

from comotion.dash import DashBulkUploader, Load, UploadFailed
from tests.unit.adapters.readers.reading import OneWay

TEXT = "a,b\n" + "".join(f"{n},x{n}\n" for n in range(3000))
SKIPPED = "not of the table\n"


@pytest.fixture
def new_load(dash_config):
    def make(**more) -> Load:
        return Load(dash_config, table_name="motor", load_as_service_client_id="0", track_rows_uploaded=True, **more)

    return make


def text_file(folder):
    (folder / "a.csv").write_text(SKIPPED + TEXT)
    stream = (folder / "a.csv").open()
    stream.read(len(SKIPPED))
    return stream


def parquet(folder):
    stream = io.BytesIO()
    pd.DataFrame({"a": range(3000), "b": [f"x{n}" for n in range(3000)]}).to_parquet(stream)
    stream.seek(0)
    return stream


def bytes_from_the_middle(folder):
    stream = io.BytesIO((SKIPPED + TEXT).encode())
    stream.seek(len(SKIPPED))
    return stream


STREAMS = {
    "text": lambda folder: io.StringIO(TEXT),
    "text file": text_file,
    "bytes from the middle": bytes_from_the_middle,
    "gzip": lambda folder: io.BytesIO(gzip.compress(TEXT.encode())),
    "parquet": parquet,
}


@pytest.mark.parametrize("make", STREAMS.values(), ids=STREAMS)
def test_the_same_call_again_uploads_the_stream_that_failed(make, new_load, fake_dash, tmp_path):
    load = new_load(chunksize=1000)
    with make(tmp_path) as stream:
        stood = stream.tell()
        fake_dash.faults.status(403, on="post_object", nth=2)
        with pytest.raises(UploadFailed):
            load.upload_file(stream, max_workers=1)
        assert stream.tell() == stood
        load.upload_file(stream, max_workers=1)
    load.commit()
    assert load.wait_to_complete() == "SUCCESS"
    assert sorted(row["a"] for row in fake_dash.tables["motor"].rows) == list(range(3000))


def test_a_stream_in_a_bulk_upload_is_resumed(dash_config, fake_dash):
    uploader = DashBulkUploader(dash_config)
    uploader.add_load("motor", track_rows_uploaded=True, load_as_service_client_id="0")
    uploader.add_data_to_load("motor", io.StringIO(TEXT), file_key="may")
    fake_dash.faults.status(403, on="post_object")
    with pytest.raises(UploadFailed):
        uploader.execute_upload("motor")
    assert uploader.execute_upload("motor", wait=True) == "SUCCESS"
    assert len(fake_dash.tables["motor"].rows) == 3000


def test_a_stream_that_is_no_table_stands_where_it_stood(new_load):
    stream = io.BytesIO(b"a,b\n1,2\n1,2,3\n")
    with pytest.raises(ValueError, match="line 3"):
        new_load().upload_file(stream)
    assert stream.tell() == 0


def test_a_stream_that_was_uploaded_stands_at_its_end(new_load):
    stream = io.BytesIO(TEXT.encode())
    new_load().upload_file(stream)
    assert stream.read() == b""


def test_a_stream_that_the_hook_closed_hides_nothing(new_load):
    stream = io.StringIO(TEXT)

    def close(frame):
        stream.close()
        raise RuntimeError("the hook")

    with pytest.raises(RuntimeError, match="the hook"):
        new_load(modify_lambda=close).upload_file(stream)


def refused_by_the_store(fake, load):
    fake.faults.status(403, on="post_object", times=None)
    return TEXT


def refused_a_ticket(fake, load):
    fake.faults.status(400, on="file_ticket", times=None)
    return TEXT


def ragged_late(fake, load):
    return TEXT + "1,2,3\n"


def broken_by_the_hook(fake, load):
    frames = []

    def hook(frame):
        frames.append(frame)
        if len(frames) == 3:
            raise RuntimeError("the hook")

    load.modify_lambda = hook
    return TEXT


def widened_late(fake, load):
    fake.faults.status(403, on="post_object", nth=4)
    return TEXT * 20 + "z,z\n"


ENDS = [refused_by_the_store, refused_a_ticket, ragged_late, broken_by_the_hook, widened_late]


@pytest.mark.parametrize("rows", [100, None], ids=["many parts", "one part"])
@pytest.mark.parametrize("end", ENDS, ids=lambda end: end.__name__)
@pytest.mark.filterwarnings("error::ResourceWarning", "error::pytest.PytestUnraisableExceptionWarning")
def test_no_file_is_open_after_an_upload_that_failed(end, rows, new_load, fake_dash):
    with warnings.catch_warnings(action="ignore", category=ResourceWarning):
        gc.collect()  # what an earlier test left
    load = new_load(chunksize=rows)
    text = end(fake_dash, load)
    try:
        load.upload_file(io.BytesIO(text.encode()), max_workers=2)
    except (ValueError, RuntimeError) as failed:
        failed.__traceback__ = None
    gc.collect()  # a file that was left open says so when it is collected


def reader():
    batches = (pa.record_batch({"a": [n] * 1000, "b": ["x"] * 1000}) for n in range(3))
    return pa.RecordBatchReader.from_batches(pa.schema([("a", pa.int64()), ("b", pa.string())]), batches)


@pytest.mark.parametrize("make", [reader, lambda: OneWay(TEXT.encode())], ids=["reader", "pipe"])
def test_what_a_failed_upload_has_read_from_is_not_taken_for_the_whole_when_it_cannot_go_back(
    make, new_load, fake_dash
):
    load, stream = new_load(chunksize=1000), make()
    fake_dash.faults.status(403, on="post_object")
    with pytest.raises(UploadFailed):
        load.upload_file(stream, file_key="may", max_workers=1)
    with pytest.raises(UploadFailed, match="cannot go back: open it anew, and upload that under the key 'may'"):
        load.upload_file(stream, file_key="may")
    load.upload_file(make(), file_key="may")
    load.commit()
    assert load.wait_to_complete() == "SUCCESS"
    assert len(fake_dash.tables["motor"]) == 3000
