"""A query's result comes in with the driver's types, run once, in pieces."""

import datetime as dt

import pyarrow as pa
import pytest

from comotion.adapters.readers.sql import SqlSource, open_sql
from comotion.domain.errors import DataError, ExtraMissing, InvalidArgument, UnreadableSource
from comotion.domain.schema import SchemaWidened
from comotion.ports.tables import SourceSpec

sqlalchemy = pytest.importorskip("sqlalchemy")


@pytest.fixture
def engine(tmp_path):
    engine = sqlalchemy.create_engine(f"sqlite:///{tmp_path / 'db.sqlite'}")
    yield engine
    engine.dispose()


def run(engine, *statements):
    with engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


def opened(query, con, **options):
    return open_sql(SourceSpec(data=query, name="q", options={"con": con, **options}))


def read(source):
    while True:
        try:
            return pa.Table.from_batches(list(source.batches()))
        except SchemaWidened:
            continue


def test_values_have_the_types_of_the_driver(engine):
    run(engine, "create table t (i int, f float, s text, b blob)", "insert into t values (1, 1.5, 'x', x'00')")
    source = opened("select i, f, s, b, null n from t", engine)
    assert source.schema().described() == {"i": "int64", "f": "double", "s": "string", "b": "binary", "n": "double"}
    assert read(source).to_pylist() == [{"i": 1, "f": 1.5, "s": "x", "b": b"\x00", "n": None}]
    source.close()


def test_a_url_is_as_good_as_an_engine(tmp_path):
    source = opened("select 1 as a", f"sqlite:///{tmp_path / 'db.sqlite'}")
    assert read(source).to_pylist() == [{"a": 1}]
    source.close()


def test_signs_that_drivers_take_for_parameters_are_left_alone(engine):
    assert read(opened("select ':x %s ?' as a, '10%' as b", engine)).to_pylist() == [{"a": ":x %s ?", "b": "10%"}]


def test_parameters_are_bound(engine):
    assert read(opened("select :x as a", engine, params={"x": "it's"})).to_pylist() == [{"a": "it's"}]


def test_a_result_without_rows_has_columns(engine):
    source = opened("select 1 as a where 1 = 0", engine)
    assert source.schema().names == ("a",)
    assert sum(batch.num_rows for batch in source.batches()) == 0


def test_a_later_value_that_needs_a_wider_type_widens_and_the_query_runs_once(engine):
    run(engine, "create table t (a)", "insert into t values (null), (null), (1), (2), (2.5)")
    seen = []
    sqlalchemy.event.listen(engine, "before_cursor_execute", lambda *args: seen.append(args[2]))
    source = SqlSource("q", "select a from t", engine, batch_rows=2)
    assert read(source).to_pylist() == [{"a": None}, {"a": None}, {"a": 1.0}, {"a": 2.0}, {"a": 2.5}]
    assert seen == ["select a from t"]


def test_values_of_several_kinds_are_an_error_that_names_the_column(engine):
    run(engine, "create table t (a)", "insert into t values (1), ('x')")
    with pytest.raises(DataError, match=r"'a', row 2.*cast it in the query"):
        opened("select a from t", engine).schema()


def test_a_kind_that_comes_late_is_an_error_too(engine):
    run(engine, "create table t (a)", "insert into t values (1), ('x')")
    with pytest.raises(UnreadableSource, match=r"'a'.*cast it"):
        read(SqlSource("q", "select a from t", engine, batch_rows=1))


def test_a_wrong_query_says_what_the_database_says(engine):
    with pytest.raises(UnreadableSource, match="no such table: nope"):
        opened("select * from nope", engine).schema()


def test_no_password_is_in_an_error():
    with pytest.raises((UnreadableSource, ExtraMissing, InvalidArgument)) as refused:
        opened("select 1", "nope://me:hunter2@host/db").schema()
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize(
    ("query", "options"),
    [("select 1", {"sep": ";"}), ("select 1", {"con": 5}), (7, {})],
    ids=["option", "con", "data"],
)
def test_what_cannot_be_meant_is_an_error(engine, query, options):
    with pytest.raises(InvalidArgument):
        opened(query, **{"con": engine, **options})


@pytest.mark.clients
def test_duckdb_keeps_dates_and_decimals():
    pytest.importorskip("duckdb_engine")
    source = opened("select date '2020-01-02' as d", "duckdb:///:memory:")
    assert read(source).to_pylist() == [{"d": dt.date(2020, 1, 2)}]


def test_the_password_in_a_database_url_does_not_show():
    spec = SourceSpec(data="select 1", name="q", options={"con": "postgresql://etl:hunter2@db/prod"})
    assert "hunter2" not in repr(spec)
