"""Keys that meet: no source may take the rows of another out of a load without a word."""

import io

import pandas as pd
import pytest

from comotion.dash import DashBulkUploader, DataWarning, Load, Query, UploadFailed


@pytest.fixture
def load(dash_config) -> Load:
    return Load(dash_config, table_name="motor", load_as_service_client_id="0", track_rows_uploaded=True)


@pytest.fixture
def uploader(dash_config) -> DashBulkUploader:
    made = DashBulkUploader(dash_config)
    made.add_load("motor", track_rows_uploaded=True, load_as_service_client_id="0")
    return made


def values(fake) -> list[int]:
    return sorted(row["a"] for row in fake.tables["motor"].rows)


def done(load: Load) -> str:
    load.commit()
    return load.wait_to_complete()


def two_of_one_name(folder, pattern: str = "") -> str:
    for name, number in (("x", 1), ("y", 2)):
        (folder / name).mkdir()
        (folder / name / "part.csv").write_text(f"a\n{number}\n")
    return str(folder / pattern)


def test_a_file_and_a_frame_of_one_key_are_two_parts(load, fake_dash):
    load.upload_file(io.StringIO("a\n1\n2\n"), file_key="may")
    load.upload_df(pd.DataFrame({"a": [9]}), file_key="may")
    assert done(load) == "SUCCESS"
    assert values(fake_dash) == [1, 2, 9]


def test_a_frame_does_not_mend_a_failed_file_of_its_key(load, fake_dash):
    fake_dash.faults.status(403, on="post_object")
    with pytest.raises(UploadFailed):
        load.upload_file(io.StringIO("a\n1\n"), file_key="may")
    load.upload_df(pd.DataFrame({"a": [9]}), file_key="may")
    with pytest.raises(UploadFailed, match="may"):
        load.commit()


def test_a_frame_may_replace_one_part_of_a_file_and_that_is_said(load, fake_dash):
    load.chunksize = 1
    load.upload_file(io.StringIO("a\n1\n2\n3\n"), file_key="may")
    with pytest.warns(DataWarning, match="'may_2'"):
        load.upload_df(pd.DataFrame({"a": [9]}), file_key="may_2")
    assert (done(load), load.rows_uploaded) == ("SUCCESS", 3)
    assert values(fake_dash) == [1, 3, 9]


def test_a_part_that_was_replaced_stays_so_when_its_file_would_be_sent_again(load, fake_dash, tmp_path):
    (tmp_path / "a.csv").write_text("a\n1\n2\n")
    load.upload_file(tmp_path / "a.csv", file_key="may")
    with pytest.warns(DataWarning):
        load.upload_df(pd.DataFrame({"a": [9]}), file_key="may_1")
    with pytest.warns(DataWarning, match="narrower"):
        load.upload_df(pd.DataFrame({"a": [0.5]}), file_key="june")
    assert done(load) == "SUCCESS"
    assert values(fake_dash) == [0.5, 9]


def test_two_sources_of_a_table_whose_parts_would_meet_are_an_error(uploader, fake_dash, tmp_path):
    (tmp_path / "a.csv").write_text("a\n1\n")
    uploader.add_data_to_load("motor", tmp_path / "a.csv", file_key="may")
    uploader.add_data_to_load("motor", pd.DataFrame({"a": [9]}), file_key="may_1")
    with pytest.raises(ValueError, match="under one key"):
        uploader.execute_upload("motor")
    assert not fake_dash.requests.of("file_ticket", "commit_load")


@pytest.mark.parametrize("how", [{"file_key": "k"}, {"use_file_name_as_key": True}], ids=["key", "file names"])
def test_files_of_one_name_in_two_folders_are_an_error_that_names_both(load, fake_dash, tmp_path, how):
    with pytest.raises(ValueError, match=r"x.part\.csv.*y.part\.csv"):
        load.upload_file(two_of_one_name(tmp_path, "*/part.csv"), **how)
    assert not fake_dash.requests.of("file_ticket")


def test_files_of_one_name_in_two_folders_are_both_loaded_without_a_key(load, fake_dash, tmp_path):
    load.upload_file(two_of_one_name(tmp_path, "*/part.csv"))
    assert done(load) == "SUCCESS"
    assert values(fake_dash) == [1, 2]


def test_a_second_folder_does_not_replace_the_files_of_the_first(uploader, tmp_path):
    two_of_one_name(tmp_path)
    uploader.add_data_to_load("motor", tmp_path / "x", file_key="k")
    with pytest.raises(ValueError, match="another file_key"):
        uploader.add_data_to_load("motor", tmp_path / "y", file_key="k")


def test_other_data_under_a_key_that_was_added_are_said_to_replace_it(uploader, fake_dash):
    uploader.add_data_to_load("motor", pd.DataFrame({"a": [1]}), file_key="may")
    with pytest.warns(DataWarning, match="'may'"):
        uploader.add_data_to_load("motor", pd.DataFrame({"a": [2]}), file_key="may")
    assert uploader.execute_upload("motor", wait=True) == "SUCCESS"
    assert values(fake_dash) == [2]


@pytest.mark.filterwarnings("error")
def test_the_same_data_may_be_added_under_its_key_again(uploader, tmp_path):
    (tmp_path / "a.csv").write_text("a\n1\n")
    for _ in range(2):
        uploader.add_data_to_load("motor", tmp_path / "a.csv", file_key="may")
        uploader.add_data_to_load("motor", tmp_path, file_key="all")
    assert list(uploader.uploads["motor"]["data_sources"]) == ["may", "all_a"]


def test_a_load_that_somebody_else_committed_is_only_read(uploader, dash_config, fake_dash):
    uploader.add_data_to_load("motor", pd.DataFrame({"a": [9]}))
    other = Load(dash_config, load_id=uploader.uploads["motor"]["load"].load_id)
    other.upload_df(pd.DataFrame({"a": [1]}))
    other.commit({"count(*)": 1})
    other.wait_to_complete()
    assert uploader.execute_upload("motor") == "SUCCESS"
    assert uploader.uploads["motor"]["load_status"] == "SUCCESS"
    assert values(fake_dash) == [1]


def test_a_query_is_what_upload_dash_query_takes(load):
    with pytest.raises(ValueError, match="takes a Query"):
        load.upload_dash_query("select 1")


def test_a_key_and_the_files_name_cannot_both_be_the_key(load, tmp_path):
    with pytest.raises(ValueError, match="not both"):
        load.upload_file(tmp_path / "a.csv", file_key="k", use_file_name_as_key=True)


def test_a_query_under_the_key_of_a_longer_file_replaces_all_of_it(load, dash_config, fake_dash):
    load.chunksize = 1
    load.upload_file(io.StringIO("a\n1\n2\n"), file_key="may")
    load.upload_dash_query(Query(dash_config, "select 7 as a"), file_key="may")
    assert (done(load), load.rows_uploaded) == ("SUCCESS", 1)
    assert values(fake_dash) == [7]
