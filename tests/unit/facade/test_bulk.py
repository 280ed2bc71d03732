"""DashBulkUploader over a fake Dash: what scripts put together, send, and read back."""

import io
import json
import warnings
from pathlib import Path

import pandas as pd
import pytest

from comotion.dash import Auth, DashBulkUploader, DashConfig
from comotion.domain.errors import (
    IllegalTransition,
    InvalidName,
    LoadFailed,
    MissingServiceClientId,
    SkippedFiles,
    UnreadableSource,
    UploadFailed,
)

POLICIES = "Policy Id,Salary\n1,10.5\n2,20.0\n"


@pytest.fixture
def uploader(fake_dash) -> DashBulkUploader:
    return DashBulkUploader(fake_dash.config())


def add(uploader, table="motor", **more):
    uploader.add_load(table, **{"track_rows_uploaded": True, "load_as_service_client_id": "0", **more})


def sent(fake, operation: str) -> int:
    return [entry.operation for entry in fake.requests].count(operation)


@pytest.fixture
def folder(tmp_path) -> Path:
    place = tmp_path / "policies"
    place.mkdir()
    (place / "b.csv").write_text(POLICIES)
    (place / "a.csv").write_text(POLICIES)
    return place


# the configuration


def test_it_takes_a_configuration_or_an_auth(fake_dash):
    config = fake_dash.config()
    assert DashBulkUploader(config).config is config
    assert DashBulkUploader(config=config).config is config
    assert DashBulkUploader(auth_token=config.auth).config.orgname == config.orgname


@pytest.mark.parametrize("arguments", [{}, {"config": "org"}, {"config": DashConfig}, {"auth_token": "org"}])
def test_anything_else_is_a_type_error(arguments):
    with pytest.raises(TypeError):
        DashBulkUploader(**arguments)


def test_not_both():
    auth = Auth("my_org")
    with pytest.raises(TypeError):
        DashBulkUploader(DashConfig(auth), auth_token=auth)


# putting together


def test_a_load_is_there_as_published(uploader):
    add(uploader, check_sum={"sum(salary)": 30.5})
    upload = uploader.uploads["motor"]
    assert set(upload) == {"load", "data_sources", "check_sum", "load_status"}
    assert upload["load"].load_id
    assert (upload["data_sources"], upload["check_sum"], upload["load_status"]) == (
        {},
        {"sum(salary)": 30.5},
        "OPEN",
    )


def test_a_source_is_there_as_published(uploader):
    add(uploader)
    uploader.add_data_to_load("motor", io.StringIO(POLICIES), file_key="may", sep=",")
    source = uploader.uploads["motor"]["data_sources"]["may"]
    assert set(source) == {"data", "source_type", "pd_read_kwargs"}
    assert (source["source_type"], source["pd_read_kwargs"]) == ("file", {"sep": ","})


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"table_name": "Motor", "track_rows_uploaded": True}, ValueError),
        ({"table_name": "motor"}, KeyError),
        ({"table_name": "motor", "check_sum": {}}, KeyError),
        ({"table_name": "motor", "check_sum": {"sum(a)": None}}, ValueError),
        ({"table_name": "motor", "track_rows_uploaded": True, "load_type": "REPLACE"}, ValueError),
    ],
)
def test_a_load_that_cannot_be_is_refused_before_any_call(fake_dash, uploader, arguments, error):
    with pytest.raises(error):
        uploader.add_load(**arguments)
    assert sent(fake_dash, "create_load") == 0


def test_a_second_load_of_a_table_is_refused(uploader):
    add(uploader)
    with pytest.raises(ValueError, match="remove_load"):
        add(uploader)


def test_a_missing_service_client_is_warned_about_once(uploader):
    with pytest.warns(MissingServiceClientId) as caught:
        add(uploader, load_as_service_client_id=None)
    assert len(caught) == 1


@pytest.mark.parametrize("source_type", ["csv", "", "DF", 7])
def test_a_bad_source_type_is_refused_at_once(uploader, source_type):
    add(uploader)
    with pytest.raises(ValueError, match="source_type is one of df, dir, file, query"):
        uploader.add_data_to_load("motor", io.StringIO(POLICIES), source_type=source_type)


@pytest.mark.parametrize(
    ("data", "error"), [("nowhere.csv", FileNotFoundError), (7, ValueError), (None, ValueError), ([1], ValueError)]
)
def test_what_is_no_source_is_refused_at_once(uploader, data, error):
    add(uploader)
    with pytest.raises(error):
        uploader.add_data_to_load("motor", data)


@pytest.mark.parametrize(
    ("source_type", "data"),
    [
        ("query", "select 1"),
        ("df", "a.csv"),
        ("df", {"a": [1]}),
        ("dir", __file__),
        ("dir", pd.DataFrame({"a": [1]})),
        ("file", Path(__file__).parent),
    ],
)
def test_a_source_of_another_type_than_was_said_is_refused_at_once(uploader, source_type, data):
    add(uploader)
    with pytest.raises(ValueError, match=r"takes a (Query|DataFrame|file|folder)|one DataFrame"):
        uploader.add_data_to_load("motor", data, source_type=source_type)


@pytest.mark.parametrize("source_type", ["dir", "file", None])
def test_a_path_where_nothing_is_is_refused_at_once_whatever_it_was_called(uploader, source_type):
    add(uploader)
    with pytest.raises(FileNotFoundError, match="no file or folder 'nowhere'"):
        uploader.add_data_to_load("motor", "nowhere", source_type=source_type)


def test_reading_arguments_of_a_frame_are_warned_about(uploader):
    add(uploader)
    with pytest.warns(UserWarning, match="dtype has no effect") as caught:
        uploader.add_data_to_load("motor", pd.DataFrame({"a": [1]}), dtype={"a": "int32"})
    assert caught[0].filename == __file__


def test_data_needs_a_load(uploader):
    with pytest.raises(ValueError, match="add_load it first"):
        uploader.add_data_to_load("motor", io.StringIO(POLICIES))


@pytest.mark.parametrize("key", ["Upper", "9a", "a b"])
def test_a_key_that_cannot_be_is_refused_at_once(uploader, key):
    add(uploader)
    with pytest.raises(InvalidName):
        uploader.add_data_to_load("motor", io.StringIO(POLICIES), file_key=key)


def test_the_caller_s_arguments_are_not_shared(uploader):
    sums, dtype = {"sum(salary)": 30.5}, {"salary": "float64"}
    add(uploader, check_sum=sums)
    uploader.add_data_to_load("motor", io.StringIO(POLICIES), file_key="may", dtype=dtype)
    uploader.uploads["motor"]["check_sum"]["count(*)"] = 2
    assert (sums, dtype) == ({"sum(salary)": 30.5}, {"salary": "float64"})


# folders


def test_a_folder_is_a_source_a_file(uploader, folder):
    add(uploader)
    uploader.add_data_to_load("motor", folder)
    sources = list(uploader.uploads["motor"]["data_sources"].values())
    assert [Path(source["data"]).name for source in sources] == ["a.csv", "b.csv"]
    assert {source["source_type"] for source in sources} == {"file"}
    assert all(key.startswith("x_") for key in uploader.uploads["motor"]["data_sources"])


def test_the_keys_in_a_folder_are_made_of_the_key_and_the_file_s_stem(uploader, folder):
    add(uploader)
    uploader.add_data_to_load("motor", str(folder), file_key="may")
    assert list(uploader.uploads["motor"]["data_sources"]) == ["may_a", "may_b"]


def test_a_relative_folder_works(uploader, folder, monkeypatch):
    monkeypatch.chdir(folder.parent)
    add(uploader)
    uploader.add_data_to_load("motor", "policies")
    assert uploader.execute_upload("motor") == "SUCCESS"


def test_what_is_no_table_is_skipped_and_named(uploader, folder):
    (folder / ".hidden.csv").write_text(POLICIES)
    (folder / "photo.png").write_bytes(b"\x89PNG\r\n\x1a\n" + b"\x00" * 40)
    (folder / "empty.csv").write_text("")
    (folder / "sub").mkdir()
    add(uploader)
    with pytest.warns(SkippedFiles) as caught:
        uploader.add_data_to_load("motor", folder)
    assert len(uploader.uploads["motor"]["data_sources"]) == 2
    [one] = [each for each in caught if each.category is SkippedFiles]
    said = str(one.message)
    assert one.filename == __file__
    for name in (".hidden.csv (hidden)", "photo.png (", "empty.csv (", "sub (a folder)"):
        assert name in said


def test_a_file_of_a_folder_that_cannot_be_read_is_an_error_as_it_may_be_a_table(uploader, folder):
    (folder / "gone.csv").symlink_to(folder / "nowhere.csv")
    add(uploader)
    with pytest.raises(UnreadableSource, match=r"gone\.csv cannot be read"):
        uploader.add_data_to_load("motor", folder)


def test_a_query_of_a_database_is_no_pattern_and_no_path(uploader, fake_dash, tmp_path):
    add(uploader)
    uploader.add_data_to_load("motor", "select * from (select 1 as a)", con=f"sqlite:///{tmp_path / 'db'}")
    assert uploader.execute_upload("motor", wait=True) == "SUCCESS"
    assert len(fake_dash.tables["motor"]) == 1


def test_a_folder_without_a_table_is_an_error(uploader, tmp_path):
    add(uploader)
    with pytest.raises(ValueError, match="no table"):
        uploader.add_data_to_load("motor", tmp_path)


def test_two_files_of_one_stem_need_two_names(uploader, folder):
    (folder / "a.2024.csv").write_text(POLICIES)
    add(uploader)
    with pytest.raises(InvalidName, match=r"would both have the key 'may_a'"):
        uploader.add_data_to_load("motor", folder, file_key="may")
    assert uploader.uploads["motor"]["data_sources"] == {}


# uploading


def test_files_frames_and_folders_end_in_one_load(fake_dash, uploader, folder):
    add(uploader, check_sum={"sum(salary)": 152.5})
    uploader.add_data_to_load("motor", folder, dtype={"Salary": "float64"})
    uploader.add_data_to_load("motor", pd.DataFrame({"Policy Id": [3], "Salary": [61.0]}))
    uploader.add_data_to_load("motor", io.BytesIO(POLICIES.encode()), file_key="stream")
    assert uploader.execute_upload("motor", wait=True) == "SUCCESS"
    assert len(fake_dash.tables["motor"].rows) == 7


def test_an_upload_commits_and_reads_the_load_once(fake_dash, uploader):
    add(uploader)
    uploader.add_data_to_load("motor", io.StringIO(POLICIES))
    uploader.execute_upload("motor")
    assert uploader.uploads["motor"]["load_status"] == "SUCCESS"
    assert [sent(fake_dash, name) for name in ("create_load", "file_ticket", "commit_load", "load_info")] == [1] * 4


def test_a_given_check_sum_and_tracked_rows_are_both_checked(fake_dash, uploader):
    add(uploader, check_sum={"sum(salary)": 30.5})
    uploader.add_data_to_load("motor", io.StringIO(POLICIES))
    uploader.execute_upload("motor")
    [commit] = [entry for entry in fake_dash.requests if entry.operation == "commit_load"]
    assert json.loads(commit.body)["check_sum"] == {"sum(salary)": 30.5, "count(*)": 2}


def test_a_wrong_sum_fails_the_load_and_leaves_the_table(fake_dash, uploader):
    add(uploader, check_sum={"sum(salary)": 1})
    uploader.add_data_to_load("motor", io.StringIO(POLICIES))
    assert uploader.execute_upload("motor") == "FAIL"
    assert "motor" not in fake_dash.tables


def test_waiting_for_a_load_that_fails_raises(uploader):
    add(uploader, check_sum={"sum(salary)": 1})
    uploader.add_data_to_load("motor", io.StringIO(POLICIES))
    with pytest.raises(LoadFailed, match="sum"):
        uploader.execute_upload("motor", wait=True)
    assert uploader.uploads["motor"]["load_status"] == "FAIL"


def test_a_load_that_is_no_longer_open_is_only_read(fake_dash, uploader):
    add(uploader)
    uploader.add_data_to_load("motor", io.StringIO(POLICIES))
    uploader.execute_upload("motor")
    before = len(list(fake_dash.requests))
    assert uploader.execute_upload("motor") == "SUCCESS"
    assert [entry.operation for entry in fake_dash.requests][before:] == ["load_info"]
    assert len(fake_dash.tables["motor"].rows) == 2


def test_a_bad_file_leaves_its_table_uncommitted_and_the_others_go_on(fake_dash, uploader, tmp_path):
    (tmp_path / "bad.csv").write_text("a,b\n1,2\n1,2,3\n")
    add(uploader, "bad_table")
    uploader.add_data_to_load("bad_table", tmp_path / "bad.csv")
    add(uploader, "good_table")
    uploader.add_data_to_load("good_table", io.StringIO(POLICIES))
    with pytest.raises(UploadFailed, match=r"1 of 2 tables failed: bad_table: .*bad\.csv") as caught:
        uploader.execute_all_uploads()
    report = caught.value.report
    assert (report["bad_table"].state, report["good_table"].state) == ("OPEN", "SUCCESS")
    assert uploader.uploads["bad_table"]["load_status"] == "OPEN"
    assert sent(fake_dash, "commit_load") == 1


def test_all_good_returns_the_report(uploader):
    for table in ("one_table", "two_table"):
        add(uploader, table)
        uploader.add_data_to_load(table, io.StringIO(POLICIES))
    reports = uploader.execute_all_uploads(wait=True)
    assert [(name, report.state, report.rows) for name, report in reports.items()] == [
        ("one_table", "SUCCESS", 2),
        ("two_table", "SUCCESS", 2),
    ]


def test_an_unknown_table_stops_everything_before_it_begins(fake_dash, uploader):
    add(uploader)
    uploader.add_data_to_load("motor", io.StringIO(POLICIES))
    with pytest.raises(KeyError, match="nope"):
        uploader.execute_multiple_uploads(["motor", "nope"])
    assert sent(fake_dash, "file_ticket") == 0


@pytest.mark.parametrize("call", ["execute_upload", "remove_load"])
def test_an_unknown_table_is_a_key_error(uploader, call):
    with pytest.raises(KeyError, match="nope"):
        getattr(uploader, call)("nope")


def test_running_again_after_a_failure_resumes(fake_dash, uploader, folder):
    fake_dash.faults.status(403, on="post_object", nth=2)
    add(uploader)
    uploader.add_data_to_load("motor", folder, file_key="may")
    with pytest.raises(ValueError, match="may"):
        uploader.execute_upload("motor", max_workers=1)
    assert uploader.execute_upload("motor", max_workers=1) == "SUCCESS"
    assert len(fake_dash.tables["motor"].rows) == 4


@pytest.mark.parametrize("workers", [0, -1, True])
def test_a_number_of_workers_below_one_is_refused(uploader, workers):
    add(uploader)
    uploader.add_data_to_load("motor", io.StringIO(POLICIES))
    with pytest.raises(ValueError, match="at least 1"):
        uploader.execute_upload("motor", max_workers=workers)


# removing


def test_a_source_can_be_removed_before_it_is_sent(uploader):
    add(uploader)
    uploader.add_data_to_load("motor", io.StringIO(POLICIES), file_key="may")
    uploader.remove_data_from_load("motor", "may")
    assert uploader.uploads["motor"]["data_sources"] == {}
    with pytest.raises(KeyError):
        uploader.remove_data_from_load("motor", "may")


def test_nothing_is_removed_from_a_committed_load(uploader):
    add(uploader)
    uploader.add_data_to_load("motor", io.StringIO(POLICIES), file_key="may")
    uploader.execute_upload("motor")
    with pytest.raises(IllegalTransition, match="committed"):
        uploader.remove_data_from_load("motor", "may")


def test_a_removed_load_makes_room_for_another(uploader):
    add(uploader)
    uploader.remove_load("motor")
    add(uploader)


# looking


def test_load_infos_are_final_and_kept(fake_dash, uploader):
    from comotion.adapters.fake_dash.progress import Pace

    fake_dash.manners.load_pace = Pace(seconds=30)
    add(uploader)
    uploader.add_data_to_load("motor", io.StringIO(POLICIES))
    assert uploader.execute_upload("motor") == "PROCESSING"
    add(uploader, "idle_table")
    infos = uploader.get_load_info()
    assert {name: info.load_status for name, info in infos.items()} == {"motor": "SUCCESS", "idle_table": "OPEN"}
    assert uploader.uploads["motor"]["load_status"] == "SUCCESS"


# dry runs


def test_a_dry_run_sends_nothing_and_writes_every_part(fake_dash, uploader, folder, tmp_path):
    add(uploader, path_to_output_for_dryrun=tmp_path / "out", check_sum={"sum(salary)": 61})
    uploader.add_data_to_load("motor", folder, file_key="may")
    uploader.execute_upload("motor")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["may_a_1.parquet", "may_b_1.parquet"]
    assert list(fake_dash.requests) == []


def test_nothing_is_printed(uploader, folder, capsys):
    add(uploader)
    uploader.add_data_to_load("motor", folder)
    uploader.execute_all_uploads()
    assert capsys.readouterr() == ("", "")


def test_nothing_is_warned_about_without_a_reason(uploader, folder):
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        add(uploader)
        uploader.add_data_to_load("motor", folder)
        uploader.execute_all_uploads()
