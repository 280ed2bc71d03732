"""From a database into data model v1: what was loaded, what was not, and where it stands."""

import gzip
import os
from pathlib import Path

import pandas as pd
import pytest
import sqlalchemy

from comotion.dash import upload_from_oracle, upload_from_sql
from comotion.domain.errors import ExtraMissing

DATABASES = {
    "sqlite": "sqlite:///{place}/policies.db",
    "duckdb": "duckdb:///{place}/policies.duckdb",
    "postgresql": os.environ.get("COMOTION_TEST_POSTGRESQL", ""),
}


@pytest.fixture(
    params=[
        "sqlite",
        pytest.param("duckdb", marks=pytest.mark.clients),
        pytest.param("postgresql", marks=pytest.mark.database),
    ]
)
def url(request, tmp_path) -> str:
    """A database with a table of ten policies."""
    if request.param == "duckdb":
        pytest.importorskip("duckdb_engine")
    if not DATABASES[request.param]:
        pytest.skip("COMOTION_TEST_POSTGRESQL names no database")
    place = DATABASES[request.param].format(place=tmp_path)
    engine = sqlalchemy.create_engine(place)
    with engine.begin() as connection:
        connection.exec_driver_sql("drop table if exists policies")
        connection.exec_driver_sql("create table policies (id integer, code varchar(20), amount numeric(10, 2))")
        for number in range(10):
            code = "null" if number == 3 else f"'{number:03d}'"
            connection.exec_driver_sql(f"insert into policies values ({number}, {code}, {number}.50)")
    engine.dispose()
    return place


def upload(url, key, query="select * from policies order by id", **more):
    return upload_from_sql(
        url, query, "motor", "my_org", key, **{"include_snapshot": False, "output_path": "out", **more}
    )


def saved(kind: str) -> pd.DataFrame | None:
    paths = list(Path("out").glob(f"motor_*_{kind}.csv.gz"))
    assert len(paths) < 2
    return pd.read_csv(paths[0], sep="\t", dtype=str) if paths else None


def test_every_row_is_loaded_once(served, api_key, url):
    assert upload(url, api_key, chunksize=4) is None
    rows = served.v1_tables["motor"]
    assert [row["id"] for row in rows] == [str(number) for number in range(10)]
    assert [row["code"] for row in rows[:4]] == ["000", "001", "002", ""]
    assert [entry.operation for entry in served.requests] == ["v1_upload"] * 3


def test_what_was_loaded_is_saved_with_one_header(served, api_key, url):
    upload(url, api_key, chunksize=4)
    good = saved("success")
    assert good is not None
    assert good["id"].tolist() == [str(number) for number in range(10)]
    assert saved("fail") is None


def test_what_failed_is_returned_and_saved_and_not_among_what_was_loaded(served, api_key, url):
    served.faults.status(400, on="v1_upload", nth=2)
    failed = upload(url, api_key, chunksize=4)
    assert failed["id"].tolist() == [4, 5, 6, 7]
    bad, good = saved("fail"), saved("success")
    assert bad is not None
    assert good is not None
    assert bad["id"].tolist() == ["4", "5", "6", "7"]
    assert good["id"].tolist() == ["0", "1", "2", "3", "8", "9"]
    assert len(served.v1_tables["motor"]) == 6


def test_a_chunk_in_doubt_is_not_sent_again(served, api_key, url):
    served.faults.status(500, on="v1_upload", nth=1)
    failed = upload(url, api_key, chunksize=10)
    assert len(failed) == 10
    assert [entry.operation for entry in served.requests] == ["v1_upload"]


def test_a_chunk_that_surely_did_not_run_is_tried_again_so_often(served, api_key, url):
    served.faults.status(503, on="v1_upload", times=10)
    failed = upload(url, api_key, chunksize=10, max_tries=2)
    assert len(failed) == 10
    assert [entry.operation for entry in served.requests] == ["v1_upload"] * 2


def test_files_of_what_was_loaded_may_be_left_out(served, api_key, url):
    upload(url, api_key, export_csvs=False)
    assert list(Path("out").iterdir()) == []


def test_a_snapshot_is_one_time_for_all_rows(served, api_key, url):
    upload(url, api_key, chunksize=4, include_snapshot=True)
    stamps = {row["snapshot_timestamp"] for row in served.v1_tables["motor"]}
    assert len(stamps) == 1
    assert pd.to_datetime(stamps.pop(), format="%Y-%m-%d %H:%M:%S.%f") is not None


def test_types_are_applied_to_each_chunk(served, api_key, url):
    upload(url, api_key, chunksize=4, dtypes={"amount": float})
    assert [row["amount"] for row in served.v1_tables["motor"]][:2] == ["0.5", "1.5"]


def test_a_type_that_the_values_do_not_have_fails_their_chunk_alone(served, api_key, url):
    failed = upload(url, api_key, chunksize=4, dtypes={"code": int})
    assert failed["id"].tolist() == [0, 1, 2, 3]
    assert len(served.v1_tables["motor"]) == 6


def test_a_query_keeps_its_colons_and_percent_signs(served, api_key, url):
    query = "select id, 'a:b %d' as code from policies where code like '00%' order by id"
    assert upload(url, api_key, query) is None
    assert {row["code"] for row in served.v1_tables["motor"]} == {"a:b %d"}


def test_an_engine_of_one_s_own_stays_open(served, api_key, url):
    engine = sqlalchemy.create_engine(url)
    upload(engine, api_key)
    with engine.connect() as connection:
        assert connection.exec_driver_sql("select count(*) from policies").scalar() == 10
    engine.dispose()


def test_a_query_that_fails_raises_and_nothing_is_sent(served, api_key, url):
    with pytest.raises(sqlalchemy.exc.SQLAlchemyError):
        upload(url, api_key, "select nope from nowhere")
    assert list(served.requests) == []


def test_a_missing_driver_is_named(served, api_key):
    with pytest.raises(ExtraMissing, match="driver"):
        upload("mssql+pymssql://host/db", api_key)


@pytest.mark.parametrize("wrong", [{"chunksize": 0}, {"max_tries": 0}])
def test_numbers_below_one_are_refused(served, api_key, wrong):
    with pytest.raises(ValueError, match="at least 1"):
        upload("sqlite://", api_key, **wrong)


def test_the_saved_files_are_gzip(served, api_key, url):
    upload(url, api_key)
    [path] = Path("out").glob("*_success.csv.gz")
    assert gzip.decompress(path.read_bytes()).decode().splitlines(keepends=True)[0] == '"id"\t"code"\t"amount"\n'


def test_oracle_is_reached_by_its_own_driver_or_not_at_all(served, api_key):
    with pytest.raises((ExtraMissing, sqlalchemy.exc.SQLAlchemyError)):
        upload_from_oracle(
            "127.0.0.1", 1, "service", "scott", "tiger", "select 1 from dual", "motor", "my_org", api_key
        )
    assert list(served.requests) == []
