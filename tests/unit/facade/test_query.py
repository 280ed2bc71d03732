"""Query over a fake Dash: started, attached to, waited for, stopped, fetched."""

import io

import pandas as pd
import pytest

from comotion.adapters.fake_dash.progress import Pace
from comotion.dash import DashConfig, Query
from comotion.domain.errors import BadSql, OutcomeUnknown, QueryFailed

SQL = "select 1 as one, 'x' as two"
CSV = b'"one","two"\n"1","x"\n'


def sent(fake) -> list[str]:
    return [entry.operation for entry in fake.requests if entry.operation != "token"]


def test_making_the_object_starts_the_query(fake_dash, dash_config):
    query = Query(dash_config, SQL)
    assert sent(fake_dash) == ["run_query"]
    assert query.query_text == SQL
    assert query.config is dash_config
    assert query.query_id in repr(query)


def test_attaching_sends_nothing_and_learns_the_text_later(fake_dash, dash_config):
    query_id = Query(dash_config, SQL).query_id
    query = Query(config=dash_config, query_id=query_id)
    assert sent(fake_dash) == ["run_query"]
    assert query.query_text is None
    query.get_query_info()
    assert query.query_text == SQL


@pytest.mark.parametrize("config", [None, "my_org", DashConfig])
def test_a_configuration_is_needed(config):
    with pytest.raises(TypeError, match="DashConfig"):
        Query(config, SQL)


@pytest.mark.parametrize("arguments", [{}, {"query_text": ""}, {"query_id": ""}])
def test_a_text_or_an_id_is_needed(dash_config, arguments):
    with pytest.raises(ValueError, match="query_text"):
        Query(dash_config, **arguments)


def test_bad_sql_is_a_value_error_that_says_why(dash_config):
    with pytest.raises(ValueError, match="line 1:1") as caught:
        Query(dash_config, "selec 1")
    assert isinstance(caught.value, BadSql)


def test_a_query_that_fails_says_why(dash_config, tmp_path):
    query = Query(dash_config, "select * from nowhere")
    info = query.wait_to_complete()
    assert info.status.state == "FAILED"
    assert "nowhere" in info.status.state_change_reason
    with pytest.raises(QueryFailed, match="nowhere"):
        query.download_csv(tmp_path / "r.csv")


def test_an_unknown_id_is_a_value_error(dash_config):
    with pytest.raises(ValueError, match="404"):
        Query(dash_config, query_id="00000000-0000-4000-8000-000000000000").state()


def test_what_is_known_of_a_query_is_read_as_published(dash_config):
    info = Query(dash_config, SQL).wait_to_complete()
    assert (info.query, info.status.state) == (SQL, Query.SUCCEEDED_STATE)
    assert info.to_dict()["status"]["state"] == "SUCCEEDED"
    assert set(info.to_dict()) == {"query", "queryId", "statementType", "status"}
    assert "SUCCEEDED" in repr(info)


def test_a_query_takes_its_time(fake_dash, dash_config):
    fake_dash.manners.query_pace = Pace(seconds=20)
    query = Query(dash_config, SQL)
    assert query.state() in ("QUEUED", "RUNNING")
    assert not query.is_complete()
    assert query.wait_to_complete().status.state == "SUCCEEDED"
    assert query.is_complete()


def test_waiting_may_end_before_the_query_does(fake_dash, dash_config):
    fake_dash.manners.query_pace = Pace(seconds=20)
    query = Query(dash_config, SQL)
    with pytest.raises(TimeoutError, match="goes on"):
        query.wait_to_complete(timeout=3)
    assert query.wait_to_complete().status.state == "SUCCEEDED"


def test_a_stopped_query_is_cancelled_and_has_no_result(fake_dash, dash_config, tmp_path):
    fake_dash.manners.query_pace = Pace(seconds=20)
    query = Query(dash_config, SQL)
    query.stop()
    assert query.state() == "CANCELLED"
    with pytest.raises(QueryFailed, match="CANCELLED"):
        query.download_csv(tmp_path / "r.csv")
    assert list(tmp_path.iterdir()) == []


def test_stopping_a_finished_query_is_no_error(dash_config):
    query = Query(dash_config, SQL)
    query.wait_to_complete()
    query.stop()
    assert query.state() == "SUCCEEDED"


def test_a_download_waits_for_a_query_that_still_runs(fake_dash, dash_config, tmp_path):
    fake_dash.manners.query_pace = Pace(seconds=20)
    Query(dash_config, SQL).download_csv(tmp_path / "r.csv")
    assert (tmp_path / "r.csv").read_bytes() == CSV


def test_a_download_of_a_finished_query_is_one_call(fake_dash, dash_config, tmp_path):
    query = Query(dash_config, SQL)
    query.wait_to_complete()
    before = len(sent(fake_dash))
    query.download_csv(str(tmp_path / "r.csv"))
    assert sent(fake_dash)[before:] == ["result_csv"]


def test_a_result_cut_short_is_not_saved(fake_dash, dash_config, tmp_path):
    import urllib3

    fake_dash.faults.cut(5, on="result_csv")
    with pytest.raises(urllib3.exceptions.IncompleteRead):
        Query(dash_config, SQL).download_csv(tmp_path / "r.csv")
    assert list(tmp_path.iterdir()) == []


def test_a_result_streams_into_pandas(dash_config):
    query = Query(dash_config, SQL)
    query.wait_to_complete()
    with query.get_csv_for_streaming() as response:
        assert pd.read_csv(response)["one"].tolist() == [1]
    response = query.get_csv_for_streaming()
    assert pd.read_csv(io.StringIO(response.data.decode("utf-8")))["two"].tolist() == ["x"]
    response.release_conn()


def test_a_query_that_may_have_started_is_not_started_twice(fake_dash, dash_config):
    fake_dash.faults.status(500, on="run_query")
    with pytest.raises(OutcomeUnknown, match="look"):
        Query(dash_config, SQL)
    assert sent(fake_dash) == ["run_query"]
