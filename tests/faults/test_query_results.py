"""Results of queries as sources: fetched one at a time, whole, and never left open behind a failure."""

import gc

import pytest

from comotion.adapters.fake_dash.server import FakeServer
from comotion.dash import DashBulkUploader, Load, Query
from comotion.domain.errors import IncompleteDownload, QueryFailed, UploadFailed
from comotion.testing import FakeDash
from comotion.testing.configs import config_over_sockets

SQL = "select a, rpad('x', 300, 'y') as b from motor"
QUERIES = 14


class CountingServer(FakeServer):
    """Remembers how many connections were open at most."""

    most = 0

    def get_request(self):
        accepted = super().get_request()
        self.most = max(self.most, self.connections())
        return accepted

    def connections(self) -> int:
        with self._open_lock:
            return len(self._open)


@pytest.fixture
def fake():
    with FakeDash() as made:
        made.seed({"motor": [{"a": n} for n in range(1000)]})
        yield made


@pytest.fixture
def server(fake):
    with CountingServer(fake.world) as running:
        yield running


@pytest.fixture
def config(fake, server):
    return config_over_sockets(fake.world, fake.organisation, server.url)


def uploader_of(config, queries) -> DashBulkUploader:
    uploader = DashBulkUploader(config)
    uploader.add_load("copies", track_rows_uploaded=True, load_as_service_client_id="0")
    for number, query in enumerate(queries):
        uploader.add_data_to_load("copies", query, file_key=f"q{number}")
    return uploader


def succeeded(config, number: int = QUERIES) -> list[Query]:
    queries = [Query(config, SQL) for _ in range(number)]
    for query in queries:
        query.wait_to_complete()
    return queries


def test_many_results_in_one_table_are_fetched_one_at_a_time(fake, server, config):
    uploader = uploader_of(config, succeeded(config))
    assert uploader.execute_upload("copies", max_workers=1, wait=True) == "SUCCESS"
    assert server.most <= 2
    assert fake.sql("select count(*) n from copies").to_pylist() == [{"n": QUERIES * 1000}]


@pytest.mark.filterwarnings("error::pytest.PytestUnraisableExceptionWarning")
def test_a_last_query_that_failed_leaves_nothing_sent_and_nothing_open(fake, server, config):
    wrong = Query(config, "select 1 / a from motor")
    wrong.wait_to_complete()
    uploader = uploader_of(config, [*succeeded(config, QUERIES - 1), wrong])
    with pytest.raises(QueryFailed):
        uploader.execute_upload("copies", max_workers=1)
    gc.collect()  # a spool file that was left open would warn now
    assert server.most <= 2
    assert not fake.requests.of("file_ticket")


def test_a_result_that_breaks_off_is_an_error_before_anything_is_sent(fake, config):
    [query] = succeeded(config, 1)
    fake.faults.cut(on="result_csv", after_bytes=100_000)
    load = Load(config, table_name="copies", load_as_service_client_id="0", track_rows_uploaded=True)
    with pytest.raises(IncompleteDownload):
        load.upload_dash_query(query, file_key="q")
    assert not fake.requests.of("file_ticket")
    assert load.upload_dash_query(query, file_key="q") == ["q_1"]
    load.commit()
    assert load.wait_to_complete() == "SUCCESS"


def test_a_query_that_failed_half_way_goes_again_under_the_keys_it_had(fake, config):
    [query] = succeeded(config, 1)
    load = Load(config, table_name="copies", load_as_service_client_id="0", track_rows_uploaded=True, chunksize=400)
    fake.faults.status(403, on="put_object", nth=2)
    with pytest.raises(UploadFailed):
        load.upload_dash_query(query, max_workers=1)
    load.upload_dash_query(query)
    load.commit()
    assert load.wait_to_complete() == "SUCCESS"
    assert fake.sql("select count(*) n, count(distinct a) d from copies").to_pylist() == [{"n": 1000, "d": 1000}]


@pytest.mark.filterwarnings("error::comotion.dash.DataWarning")
def test_a_result_is_fetched_again_where_a_later_source_widens_its_schema(fake, config):
    [query] = succeeded(config, 1)
    load = Load(config, table_name="copies", load_as_service_client_id="0", track_rows_uploaded=True)
    load.upload_dash_query(query, file_key="q")
    later = Query(config, "select 0.5e0 as a, 'z' as b")
    load.upload_dash_query(later, file_key="r")
    load.commit()
    assert load.wait_to_complete() == "SUCCESS"
    assert fake.sql("select count(*) n, min(a) m from copies").to_pylist() == [{"n": 1001, "m": 0.0}]
