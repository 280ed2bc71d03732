"""One function for both data models: no argument may change what a source says."""

import io
from pathlib import Path

import pandas as pd
import pytest

from comotion.dash import Auth, DashConfig, DataWarning, Query, read_and_upload_file_to_dash, v1_upload_csv
from comotion.testing import FakeDash

WORD = "é"
ORG = "my_org"


@pytest.fixture
def dash(tmp_path, monkeypatch):
    """A served fake that the environment names, with its user signed in."""
    with FakeDash(ORG) as fake, fake.serve() as server:
        for name, value in server.environment().items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("COMOTION_CREDENTIALS_FILE", str(tmp_path / "credentials"))
        auth = Auth(ORG)
        auth.sign_in.credentials.set_refresh_token("tester", fake.world.sign_in(ORG, issuer=auth.issuer))
        yield fake


def words(fake: FakeDash, model: str) -> list[str]:
    rows = fake.v1_tables["motor"] if model == "v1" else fake.tables["motor"].rows
    return [row["word"] for row in rows]


def upload(fake: FakeDash, source: object, model: str) -> None:
    read_and_upload_file_to_dash(
        source,
        "motor",
        ORG,
        encoding="latin-1",
        data_model_version=model,
        dash_api_key=fake.organisation.the_api_key(),
    )


def csv_in(folder: Path) -> str:
    path = folder / "words.csv"
    path.write_bytes(f"word\n{WORD}\n".encode("latin-1"))
    return str(path)


def parquet_in(folder: Path) -> str:
    path = folder / "words.parquet"
    pd.DataFrame({"word": [WORD]}).to_parquet(path)
    return str(path)


def excel_in(folder: Path) -> str:
    path = folder / "words.xlsx"
    pd.DataFrame({"word": [WORD]}).to_excel(path, index=False)
    return str(path)


@pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")
@pytest.mark.parametrize("model", ["v1", "v2"])
class TestAnEncoding:
    def test_is_that_of_a_text_file(self, dash, tmp_path, model):
        upload(dash, csv_in(tmp_path), model)
        assert words(dash, model) == [WORD]

    def test_is_not_that_of_a_querys_result(self, dash, model):
        dash.seed({"words": [{"word": WORD}]})
        upload(dash, Query(DashConfig(Auth(ORG)), "select word from words"), model)
        assert words(dash, model) == [WORD]

    def test_is_not_that_of_a_frame(self, dash, model):
        upload(dash, pd.DataFrame({"word": [WORD]}), model)
        assert words(dash, model) == [WORD]

    @pytest.mark.parametrize("made", [parquet_in, excel_in])
    def test_is_not_that_of_a_file_that_is_no_text_which_is_said(self, dash, tmp_path, model, made):
        with pytest.warns(DataWarning, match="encoding"):
            upload(dash, made(tmp_path), model)
        assert words(dash, model) == [WORD]


def test_a_service_client_may_be_a_number(dash):
    v1_upload_csv(io.StringIO("a\n1\n"), "motor", ORG, dash.organisation.the_api_key(), service_client_id=5)
    assert dash.v1_tables["motor"] == [{"a": "1", "service_client_id": "5"}]
