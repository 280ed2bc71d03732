"""comotion.connect: what is asked for is done when a call returns, and what cannot work is refused unsent."""

from pathlib import Path

import pandas as pd
import pytest

import comotion
from comotion.domain.errors import BadSql, CheckSumsDiffer, InvalidArgument
from comotion.testing import FakeDash

FRAME = pd.DataFrame({"id": [1, 2]})


@pytest.fixture
def fake(monkeypatch):
    with FakeDash() as made, made.serve() as server:
        for name, value in server.environment().items():
            monkeypatch.setenv(name, value)
        yield made


def test_a_load_is_in_the_table_when_it_returns(fake):
    receipt = comotion.connect().load("motor", FRAME, check_sums={"sum(id)": 3}, service_client_id="0")
    assert (receipt.rows, receipt.table) == (2, "motor")
    assert [row["id"] for row in fake.tables["motor"].rows] == [1, 2]


def test_a_load_whose_sums_differ_raises_and_the_table_is_as_it_was(fake):
    with pytest.raises(CheckSumsDiffer):
        comotion.connect().load("motor", FRAME, check_sums={"sum(id)": 4}, service_client_id="0")
    assert "motor" not in fake.tables


def test_a_result_is_saved(fake, tmp_path):
    size = comotion.connect().save("select 1 as one", tmp_path / "one.csv")
    assert (tmp_path / "one.csv").read_text("utf-8") == '"one"\n"1"\n'
    assert size == 10


def test_bad_sql_saves_nothing(fake, tmp_path):
    with pytest.raises(BadSql):
        comotion.connect().save("selec 1", tmp_path / "one.csv")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "wrong",
    [{"partitions": "country"}, {"service_client_id": ""}, {"timeout_s": "5"}, {"check_sums": {"sum(id)": None}}],
)
def test_a_load_that_cannot_be_is_refused_before_anything_is_sent(fake, wrong):
    with pytest.raises(InvalidArgument):
        comotion.connect().load("motor", FRAME, **{"service_client_id": "0", **wrong})
    assert list(fake.requests) == []


@pytest.mark.parametrize("sources", [[], iter(()), ["one.csv", Path("one.csv")]])
def test_no_source_and_the_same_file_twice_open_no_load(fake, sources):
    with pytest.raises(InvalidArgument, match=r"no source|given twice"):
        comotion.connect().load("motor", sources, service_client_id="0")
    assert list(fake.requests) == []


def test_the_files_that_a_pattern_finds_are_loaded(fake, tmp_path):
    for name in ("one.csv", "two.csv"):
        (tmp_path / name).write_text("id\n1\n", "utf-8")
    assert comotion.connect().load("motor", tmp_path.glob("*.csv"), service_client_id="0").rows == 2


def test_a_folder_is_named_as_what_it_is(fake, tmp_path):
    with pytest.raises(IsADirectoryError, match="is a folder; name a file in it"):
        comotion.connect().load("motor", tmp_path, service_client_id="0")


def test_a_result_that_cannot_be_saved_starts_no_query(fake, tmp_path):
    with pytest.raises(FileNotFoundError):
        comotion.connect().save("select 1", tmp_path / "none" / "one.csv")
    with pytest.raises(InvalidArgument):
        comotion.connect().save("select 1", tmp_path / "one.csv", timeout_s=-1)
    assert list(fake.requests) == []


def test_a_service_client_may_be_given_as_a_number(fake):
    comotion.connect().load("motor", FRAME, service_client_id=7)
    assert {row["service_client_id"] for row in fake.tables["motor"].rows} == {"7"}
