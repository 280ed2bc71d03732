"""A warning about the data points at the line of the script that handed the data over."""

import io
import warnings

import pandas as pd
import pytest

from comotion.dash import DashBulkUploader, Load

SHORT_ROWS = "id,name\n1,Ann\n2\n"


@pytest.fixture
def load(dash_config):
    return Load(dash_config, table_name="people", load_as_service_client_id="0", track_rows_uploaded=True)


@pytest.fixture
def uploader(dash_config):
    made = DashBulkUploader(dash_config)
    made.add_load("people", load_as_service_client_id="0", track_rows_uploaded=True)
    return made


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "people.csv").write_text(SHORT_ROWS, "utf-8")
    (tmp_path / ".hidden").write_text("", "utf-8")
    return tmp_path


def files_warned_of(call):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        call()
    return [one.filename for one in caught]


def test_short_rows_of_a_file(load, folder):
    assert files_warned_of(lambda: load.upload_file(folder / "people.csv")) == [__file__]


def test_short_rows_of_a_file_that_a_hook_edits(load, folder):
    load.modify_lambda = lambda frame: None
    assert files_warned_of(lambda: load.upload_file(folder / "people.csv")) == [__file__]


def test_the_index_of_a_frame(load):
    frame = pd.DataFrame({"name": ["Ann"]}, index=pd.Index([1], name="id"))
    assert files_warned_of(lambda: load.upload_df(frame)) == [__file__]


def test_a_part_that_is_replaced(load):
    load.upload_file(io.StringIO("id\n1\n"), file_key="may")
    assert files_warned_of(lambda: load.upload_df(pd.DataFrame({"id": [2]}), file_key="may_1")) == [__file__]


def test_what_of_a_folder_is_no_table(load, uploader, folder):
    assert files_warned_of(lambda: load.upload_file(folder)) == [__file__, __file__]  # and its short rows
    assert files_warned_of(lambda: uploader.add_data_to_load("people", folder)) == [__file__]


def test_short_rows_in_a_bulk_upload(uploader, folder):
    uploader.add_data_to_load("people", folder / "people.csv")
    assert files_warned_of(uploader.execute_all_uploads) == [__file__]


def test_a_load_without_a_service_client(dash_config, uploader):
    assert files_warned_of(lambda: Load(dash_config, table_name="people")) == [__file__]
    assert files_warned_of(lambda: uploader.add_load("others", track_rows_uploaded=True)) == [__file__]


def test_arguments_that_a_frame_does_not_take(uploader):
    frame = pd.DataFrame({"id": [1]})
    assert files_warned_of(lambda: uploader.add_data_to_load("people", frame, dtype={"id": "str"})) == [__file__]
