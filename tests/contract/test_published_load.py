"""The published Load, from call to lake table, over the fake Dash."""

import io
import os
import threading
import warnings

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from comotion.dash import Load, Query
from comotion.domain.errors import (
    ColumnCollision,
    IllegalTransition,
    InvalidArgument,
    MissingServiceClientId,
    SchemaConflict,
    SkippedFiles,
    UploadFailed,
)
from comotion.testing import FakeDash

FRAME = pd.DataFrame({"a": [1, 2], "b": ["x", None]})


@pytest.fixture
def fake():
    with FakeDash() as fake:
        yield fake


@pytest.fixture
def new_load(fake):
    def make(table="policies", **more):
        given = {"track_rows_uploaded": True, "load_as_service_client_id": "0", **more}
        return Load(fake.config(), table_name=table, **given)

    return make


def rows(fake, table="policies"):
    found = fake.tables[table].rows
    return sorted(({k: v for k, v in row.items() if k != "service_client_id"} for row in found), key=str)


def finish(load, **more):
    load.commit(**more)
    return load.wait_to_complete()


@pytest.fixture
def csv(tmp_path):
    def write(text, name="a.csv"):
        (tmp_path / name).write_text(text)
        return tmp_path / name

    return write


# ---- making and attaching


def test_a_config_that_is_none_is_a_type_error():
    with pytest.raises(TypeError):
        Load(object(), table_name="policies")


@pytest.mark.parametrize(
    "other",
    [
        {"table_name": "policies"},
        {"load_type": "APPEND_ONLY"},
        {"load_as_service_client_id": "0"},
        {"partitions": ["a"]},
        {"track_rows_uploaded": True},
        {"modify_lambda": print},
        {"chunksize": 5},
        {"path_to_output_for_dryrun": "folder"},
    ],
    ids=lambda other: next(iter(other)),
)
def test_a_load_id_comes_alone(fake, other):
    with pytest.raises(TypeError, match="load_id"):
        Load(fake.config(), load_id="x", **other)


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"table_name": "No Table"},
        {"table_name": "policies", "load_type": "REPLACE"},
        {"table_name": "policies", "partitions": "a"},
        {"table_name": "policies", "partitions": ["a"] * 101},
        {"table_name": "policies", "chunksize": 0},
    ],
    ids=str,
)
def test_arguments_that_can_never_work_are_value_errors_and_nothing_is_sent(fake, wrong):
    with pytest.raises(ValueError):
        Load(fake.config(), **wrong)
    assert not [one for one in fake.requests if one.operation == "create_load"]


def test_a_load_without_a_service_client_warns_once(fake):
    with pytest.warns(MissingServiceClientId) as caught:
        Load(fake.config(), table_name="policies")
    assert len(caught) == 1
    assert caught[0].filename == __file__


def test_a_load_can_be_attached_to_and_committed(fake, new_load):
    first = new_load()
    first.upload_df(FRAME)
    again = Load(fake.config(), load_id=first.load_id)
    assert again.get_load_info().load_status == "OPEN"
    assert finish(again, check_sum={"count(*)": 2}) == "SUCCESS"


# ---- uploading


def test_a_file_with_a_header_only_makes_columns_of_text_that_a_later_load_fills(fake, new_load, csv):
    for text in ("id,name\n", "id,name\n007x,Ann\n"):
        load = new_load()
        load.upload_file(csv(text))
        assert finish(load) == "SUCCESS"
    assert rows(fake) == [{"id": "007x", "name": "Ann"}]


@pytest.mark.parametrize("empty", ["a.csv", "z.csv"], ids=["first", "last"])
def test_a_file_with_a_header_only_joins_the_others_of_its_folder(fake, new_load, csv, tmp_path, empty):
    csv("id,is_new\n", empty), csv("id,is_new\n1,true\n", "m.csv")
    load = new_load()
    load.upload_file(tmp_path)
    assert finish(load) == "SUCCESS"
    assert rows(fake) == [{"id": 1, "is_new": True}]


def test_a_file_with_a_header_only_goes_into_a_table_of_any_types(fake, new_load, csv):
    for text in ("id,is_new\n1,true\n", "id,is_new\n"):
        load = new_load()
        load.upload_file(csv(text))
        assert finish(load) == "SUCCESS"
    assert rows(fake) == [{"id": 1, "is_new": True}]


def test_a_csv_file_reaches_its_table(fake, new_load, csv):
    load = new_load()
    assert load.upload_file(csv("ID,A  Name\n1,x\n2,\n"), file_key="may") == ["may_1"]
    assert load.rows_uploaded == 2
    assert finish(load) == "SUCCESS"
    assert rows(fake) == [{"id": 1, "a_name": "x"}, {"id": 2, "a_name": None}]


def test_a_frame_goes_under_its_key_and_is_as_it_was(fake, new_load):
    load, frame = new_load(), FRAME.copy(deep=True)
    assert load.upload_df(df=frame, file_key="mine") == "mine"
    assert load.upload_df(frame, file_key="mine") == "mine"
    assert load.rows_uploaded == 2
    pd.testing.assert_frame_equal(frame, FRAME)
    assert finish(load) == "SUCCESS"
    assert len(rows(fake)) == 2


@pytest.mark.parametrize("given", [{}, {"data": FRAME, "df": FRAME}, {"data": "a.csv"}], ids=["none", "both", "path"])
def test_upload_df_takes_one_frame(new_load, given):
    with pytest.raises(InvalidArgument):
        new_load().upload_df(**given)


def test_generated_keys_are_x_and_a_uuid(new_load, csv):
    load = new_load()
    [key] = load.upload_file(csv("a\n1\n"))
    assert key.startswith("x_")
    assert key.endswith("_1")
    assert len(load.create_file_key()) == len("x_") + 36


def test_the_file_name_can_be_the_key(new_load, csv):
    assert new_load().upload_file(csv("a\n1\n", "march.2020.csv"), use_file_name_as_key=True) == ["march_1"]


def test_a_stream_is_uploaded_from_where_it_stands(fake, new_load):
    load, stream = new_load(), io.BytesIO(b"skip me\na\n7\n")
    stream.readline()
    load.upload_file(stream)
    assert finish(load) == "SUCCESS"
    assert rows(fake) == [{"a": 7}]


def test_a_chunksize_makes_parts_and_the_hook_sees_these_rows(fake, new_load, csv):
    seen = []
    load = new_load(chunksize=2, modify_lambda=lambda frame: seen.append(len(frame)))
    keys = load.upload_file(csv("a\n" + "1\n" * 5), file_key="k")
    assert (keys, seen) == (["k_1", "k_2", "k_3"], [2, 2, 1])
    assert finish(load) == "SUCCESS"
    assert len(rows(fake)) == 5


def test_without_a_chunksize_the_hook_sees_the_whole_source(new_load, csv):
    seen = []

    def add(frame):
        seen.append(len(frame))
        frame["stamp"] = "now"

    load = new_load(modify_lambda=add)
    load.upload_file(csv("a\n" + "1\n" * 5))
    assert seen == [5]
    assert load.receipt().sources[0].columns == {"a": "int64", "stamp": "string"}


def test_a_value_that_changes_the_type_late_leaves_each_row_once(fake, new_load, csv):
    numbers = "".join(f"{n}\n" for n in range(300_000))
    load = new_load(chunksize=20_000)
    load.upload_file(csv(f"a\n{numbers}x\n"), file_key="k", max_workers=2)
    assert load.rows_uploaded == 300_001
    assert finish(load) == "SUCCESS"
    found = fake.sql("select count(*) n, count(distinct a) d, max(a) m from policies").to_pylist()
    assert found == [{"n": 300_001, "d": 300_001, "m": "x"}]


def test_the_result_of_a_query_is_a_source(fake, new_load):
    load = new_load()
    load.upload_df(FRAME)
    finish(load)
    query = Query(fake.config(), "select a, b from policies")
    copy = new_load("copies")
    assert copy.upload_dash_query(query, file_key="q") == ["q_1"]
    assert finish(copy) == "SUCCESS"
    assert rows(fake, "copies") == rows(fake)


def test_the_tables_of_a_folder_are_uploaded_under_one_schema(fake, new_load, csv, tmp_path):
    csv("a\n1\n", "one.csv")
    csv("a\n2.5\n", "two.csv")
    csv("# notes\n", "README.md")
    load = new_load()
    with pytest.warns(SkippedFiles, match="README.md"):
        keys = load.upload_file(tmp_path, file_key="k")
    assert keys == ["k_one_1", "k_two_1"]
    assert finish(load) == "SUCCESS"
    assert rows(fake) == [{"a": 1.0}, {"a": 2.5}]


def test_a_pattern_is_the_files_that_match(new_load, csv, tmp_path):
    csv("a\n1\n", "one.csv")
    csv("b\n2.5\n", "two.tsv")
    assert new_load().upload_file(str(tmp_path / "*.csv"), file_key="k") == ["k_one_1"]


def test_the_result_of_a_sql_query_is_a_source(fake, new_load, tmp_path):
    pytest.importorskip("sqlalchemy")
    load = new_load()
    load.upload_file("select * from (select 1 as a, 'x' as b)", con=f"sqlite:///{tmp_path / 'db.sqlite'}")
    assert finish(load) == "SUCCESS"
    assert rows(fake) == [{"a": 1, "b": "x"}]


@pytest.mark.clients
def test_a_file_behind_a_url_is_a_source(fake, new_load):
    fsspec = pytest.importorskip("fsspec")
    fsspec.filesystem("memory").pipe("/load/a.csv", b"a,b\n1,x\n")
    load = new_load()
    load.upload_file("memory://load/a.csv")
    assert finish(load) == "SUCCESS"
    assert rows(fake) == [{"a": 1, "b": "x"}]


def test_a_right_parquet_file_is_sent_as_it_lies_there(tmp_path, new_load):
    pq.write_table(pa.table({"a": [1]}), tmp_path / "a.parquet")
    load = new_load(path_to_output_for_dryrun=tmp_path / "dry")
    load.upload_file(tmp_path / "a.parquet", file_key="k")
    assert (tmp_path / "dry" / "k_1.parquet").read_bytes() == (tmp_path / "a.parquet").read_bytes()


def test_columns_that_would_have_one_name_are_an_error_before_anything_is_sent(fake, new_load, csv):
    load = new_load()
    with pytest.raises(ColumnCollision, match=r"'A b'.*'a_B'"):
        load.upload_file(csv("A b,a_B\n1,2\n"))
    assert not [one for one in fake.requests if one.operation == "file_ticket"]


def test_sources_of_two_kinds_are_an_error_that_names_both(new_load, csv):
    load = new_load()
    load.upload_file(csv("a\n1\n", "one.csv"))
    with pytest.raises(SchemaConflict, match=r"one\.csv.*two\.csv"):
        load.upload_file(csv("a\nx\n", "two.csv"))


def test_a_wider_file_makes_an_earlier_one_be_sent_again(fake, new_load, csv):
    load = new_load()
    load.upload_file(csv("a\n1\n", "one.csv"), file_key="one")
    load.upload_file(csv("a\n2.5\n", "two.csv"), file_key="two")
    assert load.rows_uploaded == 2
    assert finish(load) == "SUCCESS"
    assert rows(fake) == [{"a": 1.0}, {"a": 2.5}]


# ---- failing and mending


def test_a_load_with_a_bad_file_is_not_committed_until_it_is_mended(fake, new_load, csv):
    load = new_load()
    load.upload_file(csv("a,b\n1,2\n"), file_key="good")
    place = csv("a,b\n" + "1,2\n" * 400_000 + "1,2,3\n", "bad.csv")
    with pytest.raises(ValueError, match="400002"):
        load.upload_file(place)
    with pytest.raises(UploadFailed):
        load.commit()
    csv("a,b\n3,4\n", "bad.csv")
    load.upload_file(place)
    assert finish(load) == "SUCCESS"
    assert rows(fake) == [{"a": 1, "b": 2}, {"a": 3, "b": 4}]


def test_an_upload_to_a_committed_load_is_an_error(new_load):
    load = new_load()
    load.upload_df(FRAME)
    load.commit()
    with pytest.raises(IllegalTransition):
        load.upload_df(FRAME)


def test_a_commit_without_a_check_sum_is_a_key_error(new_load):
    load = new_load(track_rows_uploaded=False)
    load.upload_df(FRAME)
    with pytest.raises(KeyError):
        load.commit()


def test_a_wrong_sum_ends_in_fail_with_its_reasons(new_load):
    load = new_load()
    load.upload_df(FRAME)
    assert finish(load, check_sum={"sum(a)": 4}) == "FAIL"
    assert "sum(a)" in " ".join(load.get_load_info().error_messages)


def test_the_callers_check_sums_are_never_changed(new_load):
    load, sums = new_load(), {"sum(a)": 3}
    load.upload_df(FRAME)
    load.commit(sums)
    assert sums == {"sum(a)": 3}


# ---- dry run


def test_a_dry_run_needs_no_service_and_writes_what_would_be_sent(fake, new_load, csv, tmp_path):
    load = new_load(path_to_output_for_dryrun=str(tmp_path / "out"), chunksize=1)
    before = len(list(fake.requests))
    assert load.upload_file(csv("a\n1\n2\n"), file_key="k") == ["DRYRUN_COMPLETE"] * 2
    assert load.load_id is None
    assert sorted(os.listdir(tmp_path / "out")) == ["k_1.parquet", "k_2.parquet"]
    assert "expected 3, found 3" in load.commit({"sum(a)": 3}).message
    assert load.wait_to_complete() == "SUCCESS"
    assert len(list(fake.requests)) == before


# ---- behind the scenes


def test_no_thread_is_left_when_an_upload_ends(new_load, csv):
    load = new_load(chunksize=1)
    before = threading.active_count()
    load.upload_file(csv("a\n1\n2\n3\n"))
    assert threading.active_count() == before


def test_a_ticket_of_ones_own_can_be_asked_for(new_load):
    ticket = new_load().generate_presigned_url_for_file_upload("mine")
    assert "mine" in ticket.path
    assert set(ticket.to_dict()) == {"presigned_url", "sts_credentials", "path", "bucket"}
    assert "AccessKeyId" not in repr(ticket)


def test_uploading_warns_of_nothing(new_load):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        new_load().upload_df(FRAME)


@pytest.mark.parametrize(
    "data", [iter([{"a": 1}]), iter([b"a\n1\n"]), b"a\n1\n", None, 7, len], ids=lambda data: type(data).__name__
)
def test_what_is_no_source_is_refused_with_what_is_one(new_load, data):
    with pytest.raises(InvalidArgument, match="is no source: pass a path, a folder, an open file, a DataFrame"):
        new_load().upload_file(data)


@pytest.mark.parametrize("nobody", ["", " "])
def test_an_empty_service_client_is_refused_before_a_load_is_made(fake, new_load, nobody):
    with pytest.raises(InvalidArgument, match="load_as_service_client_id is empty"):
        new_load(load_as_service_client_id=nobody)
    assert not fake.requests.of("create_load")


def test_a_second_commit_is_a_value_error_too(new_load):
    load = new_load()
    load.upload_df(FRAME)
    load.commit()
    with pytest.raises(ValueError, match="cannot"):
        load.commit()
