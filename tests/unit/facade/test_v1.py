"""Uploads to data model v1 through the published functions."""

import gzip
import io
import pickle

import pandas as pd
import pytest
import requests

from comotion.dash import (
    ApiException,
    create_gzipped_csv_stream_from_df,
    read_and_upload_file_to_dash,
    upload_csv_to_dash,
    v1_upload_csv,
)
from comotion.domain.errors import InvalidArgument, InvalidName, OutcomeUnknown

TEXT = 'Policy No,Amount,Note\n007,1.50,NA\n 8 ,1e5,\n9,,"two\nlines"\n'


def rows(fake, table="motor") -> list[dict[str, str]]:
    return [{k: v for k, v in row.items() if k != "service_client_id"} for row in fake.v1_tables[table]]


def exact() -> list[dict[str, str]]:
    return [
        {"Policy No": "007", "Amount": "1.50", "Note": "NA"},
        {"Policy No": " 8 ", "Amount": "1e5", "Note": ""},
        {"Policy No": "9", "Amount": "", "Note": "two\nlines"},
    ]


def test_every_value_is_exactly_the_text_of_the_source(served, api_key, tmp_path):
    (tmp_path / "p.csv").write_text(TEXT)
    assert len(v1_upload_csv("p.csv", "motor", "my_org", api_key)) == 1
    assert rows(served) == exact()


def test_what_is_sent_has_its_header_and_every_field_quoted(served, api_key, tmp_path):
    (tmp_path / "p.csv").write_text(TEXT)
    v1_upload_csv("p.csv", "motor", "my_org", api_key, service_client_id="4")
    [sent] = [entry for entry in served.requests if entry.operation == "v1_upload"]
    assert gzip.decompress(sent.body).decode() == (
        '"Policy No","Amount","Note"\n"007","1.50","NA"\n" 8 ","1e5",""\n"9","","two\nlines"\n'
    )
    assert served.v1_tables["motor"][0]["service_client_id"] == "4"


def test_each_chunk_is_a_request_with_a_header(served, api_key, tmp_path):
    (tmp_path / "p.csv").write_text(TEXT)
    assert len(v1_upload_csv("p.csv", "motor", "my_org", api_key, chunksize=2)) == 2
    assert rows(served) == exact()


def test_a_stream_is_read_and_an_encoding_is_honoured(served, api_key):
    v1_upload_csv(io.BytesIO("näme\nÄ\n".encode("cp1252")), "motor", "my_org", api_key, encoding="cp1252")
    assert rows(served) == [{"näme": "Ä"}]


@pytest.mark.parametrize(
    "hook", [lambda df: df.insert(0, "batch", "7"), lambda df: df.assign(batch="7")[["batch", "a"]]]
)
def test_a_hook_may_edit_in_place_or_return_a_frame(served, api_key, hook):
    v1_upload_csv(io.StringIO("a\n1\n2\n"), "motor", "my_org", api_key, modify_lambda=hook, chunksize=1)
    assert rows(served) == [{"batch": "7", "a": "1"}, {"batch": "7", "a": "2"}]


def test_a_dry_run_writes_what_would_be_sent_and_sends_nothing(served, tmp_path):
    (tmp_path / "p.csv").write_text(TEXT)
    answers = v1_upload_csv("p.csv", "motor", "my_org", "key", chunksize=2, path_to_output_for_dryrun="out/deep")
    assert answers == []
    assert sorted(path.name for path in (tmp_path / "out/deep").iterdir()) == ["motor.1.csv.gz", "motor.2.csv.gz"]
    assert gzip.decompress((tmp_path / "out/deep/motor.2.csv.gz").read_bytes()).startswith(b'"Policy No"')
    assert list(served.requests) == []


def test_a_refusal_is_an_http_error_and_an_api_exception_that_says_what_went(served, tmp_path):
    (tmp_path / "p.csv").write_text(TEXT)
    with pytest.raises(requests.HTTPError, match="no chunk was loaded before") as caught:
        v1_upload_csv("p.csv", "motor", "my_org", "wrong key")
    assert isinstance(caught.value, ApiException)
    assert caught.value.response.status_code == caught.value.status == 403
    assert "wrong key" not in str(caught.value)
    twin = pickle.loads(pickle.dumps(caught.value))  # as a pool of processes hands it on
    assert (type(twin), str(twin), twin.response.status_code) == (type(caught.value), str(caught.value), 403)


def test_a_chunk_in_doubt_stops_the_upload_and_is_not_repeated(served, api_key, tmp_path):
    (tmp_path / "p.csv").write_text("a\n1\n2\n3\n")
    served.faults.status(500, on="v1_upload", nth=2)
    with pytest.raises(
        OutcomeUnknown, match=r"chunks 1 to 1 \(1 rows\) were loaded; chunk 2 .* may have been"
    ) as error:
        v1_upload_csv("p.csv", "motor", "my_org", api_key, chunksize=1)
    assert isinstance(error.value, requests.HTTPError)
    assert error.value.response.status_code == 500
    twin = pickle.loads(pickle.dumps(error.value))
    assert (type(twin), str(twin), twin.response.text) == (
        type(error.value),
        str(error.value),
        error.value.response.text,
    )
    assert [entry.operation for entry in served.requests].count("v1_upload") == 2


@pytest.mark.parametrize("rows", [0, -1, "5", True])
def test_a_chunk_size_that_is_none_is_refused_before_any_call(served, api_key, rows):
    with pytest.raises(InvalidArgument, match="chunksize must be a whole number of at least 1"):
        v1_upload_csv(io.StringIO("a\n1\n"), "motor", "my_org", api_key, chunksize=rows)
    assert list(served.requests) == []


@pytest.mark.parametrize("key", [None, "", " ", 7])
def test_an_api_key_that_is_none_is_refused_before_any_call(served, key):
    with pytest.raises(InvalidArgument, match="needs dash_api_key"):
        v1_upload_csv(io.StringIO("a\n1\n"), "motor", "my_org", key)
    with pytest.raises(InvalidArgument, match="needs dash_api_key"):
        upload_csv_to_dash("my_org", key, "motor", io.BytesIO(b""))
    assert list(served.requests) == []


@pytest.mark.parametrize("stream", ["a,b", io.StringIO("a"), None, pd.DataFrame({"a": [1]})])
def test_what_is_no_stream_of_bytes_is_refused_before_any_call(served, api_key, stream):
    with pytest.raises(InvalidArgument, match="csv_gz_stream is a stream of gzip-compressed bytes"):
        upload_csv_to_dash("my_org", api_key, "motor", stream)
    assert list(served.requests) == []


def test_what_is_no_frame_makes_no_csv():
    with pytest.raises(InvalidArgument, match=r"takes a pandas.DataFrame, not list"):
        create_gzipped_csv_stream_from_df([{"a": 1}])


def test_a_service_that_is_busy_is_asked_again(served, api_key):
    served.faults.status(503, on="v1_upload", nth=1)
    v1_upload_csv(io.StringIO("a\n1\n"), "motor", "my_org", api_key)
    assert rows(served) == [{"a": "1"}]


@pytest.mark.parametrize("table", ["", "a/b", "a\nb", None])
def test_a_table_name_that_cannot_be_is_refused_before_any_call(served, api_key, table):
    with pytest.raises(InvalidName):
        v1_upload_csv(io.StringIO("a\n1\n"), table, "my_org", api_key)
    assert list(served.requests) == []


@pytest.mark.parametrize(
    "wrap", [lambda stream: stream, lambda stream: stream.getvalue(), lambda s: io.BufferedReader(s)]
)
def test_one_csv_is_answered_with_a_requests_response(served, api_key, wrap):
    stream = create_gzipped_csv_stream_from_df(pd.DataFrame({"a": ["x", None], "n": [1, 2]}))
    response = upload_csv_to_dash("my_org", api_key, "motor", wrap(stream))
    assert isinstance(response, requests.Response)
    assert (response.status_code, response.ok) == (200, True)
    assert "2 rows" in response.text
    assert pickle.loads(pickle.dumps(response)).text == response.text
    assert rows(served) == [{"a": "x", "n": "1"}, {"a": "", "n": "2"}]


def test_a_stream_that_was_read_before_is_sent_whole(served, api_key):
    stream = create_gzipped_csv_stream_from_df(pd.DataFrame({"a": ["x"]}))
    stream.read()
    upload_csv_to_dash("my_org", api_key, "motor", stream)
    assert rows(served) == [{"a": "x"}]


# read_and_upload_file_to_dash


@pytest.fixture(autouse=True)
def _quiet():
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PendingDeprecationWarning)
        yield


def upload(file, **more):
    return read_and_upload_file_to_dash(file, "motor", "my_org", **more)


def test_it_announces_its_end(served, api_key):
    with pytest.warns(PendingDeprecationWarning, match="DashBulkUploader or Load") as caught:
        upload(io.StringIO("a\n1\n"), dash_api_key=api_key, data_model_version="v1")
    assert caught[0].filename == __file__


def test_v1_needs_an_api_key_before_any_call(served):
    with pytest.raises(ValueError, match="dash_api_key"):
        upload(io.StringIO("a\n1\n"), data_model_version="v1")
    assert list(served.requests) == []


def test_who_is_not_signed_in_but_has_a_key_uploads_to_v1(served, api_key):
    assert len(upload(io.StringIO("a\n1\n"), dash_api_key=api_key)) == 1
    assert [entry.operation for entry in served.requests] == ["v1_upload"]


def test_who_is_signed_in_uploads_to_the_organisation_s_data_model(signed_in, api_key):
    upload(io.StringIO("a\n1\n"), dash_api_key=api_key)
    assert rows(signed_in) == [{"a": "1"}]
    assert "migration_status" in [entry.operation for entry in signed_in.requests]


def test_a_migration_status_that_cannot_be_read_is_an_error_that_says_what_to_pass(signed_in, api_key):
    signed_in.faults.status(400, on="migration_status")
    with pytest.raises(ApiException, match="data_model_version='v1' or 'v2'"):
        upload(io.StringIO("a\n1\n"), dash_api_key=api_key)
    assert signed_in.v1_tables == {}


def test_an_unknown_version_is_refused(served, api_key):
    with pytest.raises(ValueError, match="v1, v2"):
        upload(io.StringIO("a\n1\n"), dash_api_key=api_key, data_model_version="v3")
    assert list(served.requests) == []


def test_a_dry_run_with_a_key_writes_v1_files_and_asks_nobody(served, tmp_path):
    assert upload(io.StringIO("a\n1\n"), dash_api_key="k", path_to_output_for_dryrun="out") == []
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["motor.1.csv.gz"]
    assert list(served.requests) == []


def test_a_dry_run_without_a_key_writes_v2_files_and_asks_nobody(served, tmp_path):
    uploader = upload(io.StringIO("A b\n1\n"), path_to_output_for_dryrun="out", file_key="may")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["may_1.parquet"]
    assert pd.read_parquet(tmp_path / "out" / "may_1.parquet")["a_b"].tolist() == [1]
    assert uploader.uploads["motor"]["load"].load_id is None
    assert list(served.requests) == []


def test_a_folder_of_files_goes_to_v1_file_by_file(served, api_key, tmp_path):
    (tmp_path / "in").mkdir()
    for name in ("b.csv", "a.csv"):
        (tmp_path / "in" / name).write_text(f"x\n{name}\n")
    assert len(upload("in", dash_api_key=api_key, data_model_version="v1")) == 2
    assert rows(served) == [{"x": "a.csv"}, {"x": "b.csv"}]


def test_a_dataframe_goes_to_v1_with_its_nulls_empty(served, api_key):
    upload(pd.DataFrame({"A b": ["x", None], "n": [1, 2]}), dash_api_key=api_key, data_model_version="v1")
    assert rows(served) == [{"A b": "x", "n": "1"}, {"A b": "", "n": "2"}]
