"""Scripts that upload from threads of their own: each row once, each thread its answer."""

import sys
from concurrent.futures import ThreadPoolExecutor

import pandas as pd
import pytest

from comotion.dash import Load

SOURCES = 40


@pytest.fixture
def eager_switching():
    """Threads that interrupt each other as often as Python lets them."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(usual)


def test_one_load_may_be_filled_by_several_threads(dash_config, fake_dash, eager_switching):
    load = Load(dash_config, table_name="motor", load_as_service_client_id="0", track_rows_uploaded=True)
    with ThreadPoolExecutor(8) as threads:
        keys = list(threads.map(lambda n: load.upload_df(pd.DataFrame({"a": [n]}), f"k{n}"), range(SOURCES)))
    load.commit()
    assert load.wait_to_complete() == "SUCCESS"
    assert keys == [f"k{n}" for n in range(SOURCES)]
    assert sorted(row["a"] for row in fake_dash.tables["motor"].rows) == list(range(SOURCES))


def test_of_two_kinds_uploaded_by_two_threads_one_is_an_error(dash_config):
    load = Load(dash_config, table_name="motor", load_as_service_client_id="0", track_rows_uploaded=True)
    frames = [pd.DataFrame({"a": [1]}), pd.DataFrame({"a": ["x"]})]
    with ThreadPoolExecutor(2) as threads:
        failures = [future.exception() for future in [threads.submit(load.upload_df, frame) for frame in frames]]
    assert sorted(type(failure).__name__ for failure in failures) == ["NoneType", "SchemaConflict"]
