"""Committing while the service stumbles: never twice, never past the retry policy, never as somebody else's error."""

import pandas as pd
import pytest

from comotion.dash import ApiException, Load, OutcomeUnknown


@pytest.fixture
def load(dash_config) -> Load:
    made = Load(dash_config, table_name="motor", load_as_service_client_id="0", track_rows_uploaded=True)
    made.upload_df(pd.DataFrame({"a": [1]}))
    return made


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_a_commit_that_is_never_taken_is_sent_six_times_and_is_the_services_own_error(load, fake_dash, status):
    fake_dash.faults.status(status, on="commit_load", times=None)
    began = fake_dash.clock.monotonic()
    with pytest.raises(ApiException, match=str(load.load_id)) as caught:
        load.commit()
    assert caught.value.status == status
    assert len(fake_dash.requests.of("commit_load")) == 6
    assert fake_dash.clock.monotonic() - began <= 60


@pytest.mark.parametrize("status", [408, 500, 502, 504])
def test_a_commit_that_was_taken_before_the_error_is_not_sent_again(load, fake_dash, status):
    fake_dash.faults.status(status, on="commit_load", after=True)
    load.commit()
    assert load.wait_to_complete() == "SUCCESS"
    assert len(fake_dash.requests.of("commit_load")) == 1
    assert fake_dash.tables["motor"].rows == [{"a": 1, "service_client_id": "0"}]


def test_a_commit_whose_load_cannot_be_read_after_it_is_an_unknown_outcome(load, fake_dash):
    fake_dash.faults.lose_answer(on="commit_load")
    fake_dash.faults.status(500, on="load_info", times=None)
    with pytest.raises(OutcomeUnknown, match=str(load.load_id)):
        load.commit()
    assert len(fake_dash.requests.of("commit_load")) == 1


@pytest.mark.parametrize("operation", ["file_ticket", "create_load"])
def test_what_the_service_refuses_is_an_api_exception(dash_config, fake_dash, operation):
    fake_dash.faults.status(400, on=operation, body='{"message": "because"}')
    with pytest.raises(ApiException, match="because") as caught:
        Load(dash_config, table_name="motor", load_as_service_client_id="0").upload_df(pd.DataFrame({"a": [1]}))
    assert caught.value.status == 400


def test_a_ticket_that_is_refused_is_a_failed_upload_too(load, fake_dash):
    fake_dash.faults.status(400, on="file_ticket")
    with pytest.raises(ValueError, match="was not uploaded"):
        load.upload_df(pd.DataFrame({"a": [1]}))
    with pytest.raises(ValueError, match="incomplete"):
        load.commit()
