"""read_and_upload_file_to_dash takes everything that the guide names, for either data model."""

import io

import pandas as pd
import pytest

from comotion.dash import Query, read_and_upload_file_to_dash

pytestmark = pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")
FRAME = {"Policy Id": [1, 2], "name": ["Ann", "Ben"]}
SQL = "select * from (values (1, 'Ann'), (2, 'Ben')) as t (\"policy id\", name)"


def given(kind: str, place, fake):
    """The same two rows, as each kind of source."""
    frame = pd.DataFrame(FRAME)
    makers = {
        "csv": lambda path: frame.to_csv(path, index=False),
        "xlsx": lambda path: frame.to_excel(path, index=False),
        "json": lambda path: frame.to_json(path, orient="records"),
        "parquet": lambda path: frame.to_parquet(path),
        "csv.gz": lambda path: frame.to_csv(path, index=False),
    }
    if kind in makers:
        path = place / f"source.{kind}"
        makers[kind](path)
        return path
    if kind == "directory":
        (place / "folder").mkdir()
        frame[:1].to_csv(place / "folder" / "one.csv", index=False)
        frame[1:].to_csv(place / "folder" / "two.csv", index=False)
        return str(place / "folder")
    if kind == "query":
        return Query(fake.config(), SQL)
    text = frame.to_csv(index=False)
    return {"text stream": io.StringIO(text), "stream": io.BytesIO(text.encode()), "frame": frame}[kind]


KINDS = ["csv", "xlsx", "json", "parquet", "csv.gz", "directory", "query", "text stream", "stream", "frame"]


@pytest.mark.parametrize("kind", KINDS)
def test_data_model_v1_takes_a(kind, served, api_key, tmp_path):
    read_and_upload_file_to_dash(
        given(kind, tmp_path, served), "motor", "my_org", dash_api_key=api_key, data_model_version="v1"
    )
    rows = served.v1_tables["motor"]
    assert [list(row.values())[:2] for row in rows] == [["1", "Ann"], ["2", "Ben"]]
    assert next(iter(rows[0])) == ("policy id" if kind == "query" else "Policy Id")


@pytest.mark.parametrize("kind", KINDS)
def test_data_model_v2_takes_a(kind, signed_in, tmp_path):
    uploader = read_and_upload_file_to_dash(
        given(kind, tmp_path, signed_in), "motor", "my_org", data_model_version="v2", wait=True
    )
    assert uploader.uploads["motor"]["load_status"] == "SUCCESS"
    rows = sorted(signed_in.tables["motor"].rows, key=lambda row: row["policy_id"])
    assert rows == [
        {"policy_id": 1, "name": "Ann", "service_client_id": "0"},
        {"policy_id": 2, "name": "Ben", "service_client_id": "0"},
    ]


def test_an_organisation_that_has_migrated_gets_v2(signed_in, api_key):
    signed_in.seed({})
    from comotion.dash import Migration

    Migration(signed_in.config()).start("FULL_MIGRATION", True, wait=True)
    uploader = read_and_upload_file_to_dash(io.StringIO("a\n1\n"), "motor", "my_org", dash_api_key=api_key)
    assert uploader.uploads["motor"]["load_status"] == "SUCCESS"


def test_a_given_check_sum_is_sent_as_given(signed_in):
    read_and_upload_file_to_dash(
        io.StringIO("a\n1\n2\n"), "motor", "my_org", check_sum={"sum(a)": 3}, data_model_version="v2"
    )
    [commit] = [entry for entry in signed_in.requests if entry.operation == "commit_load"]
    assert commit.body == b'{"check_sum": {"sum(a)": 3}}'


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_the_caller_s_frame_is_not_changed(version, signed_in, api_key):
    frame = pd.DataFrame(FRAME)
    before = frame.copy()

    def hook(df):
        df["batch"] = "7"

    read_and_upload_file_to_dash(
        frame, "motor", "my_org", dash_api_key=api_key, modify_lambda=hook, data_model_version=version
    )
    pd.testing.assert_frame_equal(frame, before)
    rows = signed_in.v1_tables["motor"] if version == "v1" else signed_in.tables["motor"].rows
    assert [row["batch"] for row in rows] == ["7", "7"]


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_an_encoding_is_honoured(version, signed_in, api_key, tmp_path):
    (tmp_path / "p.csv").write_bytes("name\nZoë\n".encode("cp1252"))
    read_and_upload_file_to_dash(
        "p.csv", "motor", "my_org", dash_api_key=api_key, encoding="cp1252", data_model_version=version
    )
    rows = signed_in.v1_tables["motor"] if version == "v1" else signed_in.tables["motor"].rows
    assert rows[0]["name"] == "Zoë"


def test_data_model_v1_takes_each_row_of_a_result_of_one_column(served, api_key):
    query = Query(served.config(), "select s from (values 'NA', null, '', 'x') as t (s)")
    read_and_upload_file_to_dash(query, "motor", "my_org", dash_api_key=api_key, data_model_version="v1")
    assert sorted(row["s"] for row in served.v1_tables["motor"]) == ["", "", "NA", "x"]
