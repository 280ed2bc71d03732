"""How much is asked of the service: one token, one ticket a part, no second read."""

import io
from collections import Counter

import pytest

from comotion.dash import DashBulkUploader, Load

ROWS = "a\n" + "".join(f"{number}\n" for number in range(20))


@pytest.fixture(params=["in process", "over sockets"])
def dash(request, fake_dash):
    """A connection, and what counts the requests it causes."""
    if request.param == "in process":
        yield fake_dash.config(), fake_dash
        return
    with fake_dash.serve() as server:
        yield server.config(), fake_dash


def counted(fake) -> Counter[str]:
    return Counter(entry.operation for entry in fake.requests)


def test_twenty_parts_are_one_token_and_twenty_two_calls(dash):
    config, fake = dash
    load = Load(config, table_name="motor", load_as_service_client_id="0", track_rows_uploaded=True, chunksize=1)
    assert len(load.upload_file(io.StringIO(ROWS))) == 20
    load.commit()
    assert load.wait_to_complete() == "SUCCESS"
    calls = counted(fake)
    assert calls["token"] == 1
    assert (calls["create_load"], calls["file_ticket"], calls["commit_load"]) == (1, 20, 1)
    assert calls["load_info"] == 1
    assert calls["post_object"] + calls["put_object"] == 20


def test_ten_tables_are_one_token(dash):
    config, fake = dash
    uploader = DashBulkUploader(config)
    for number in range(10):
        uploader.add_load(f"table_{number}", track_rows_uploaded=True, load_as_service_client_id="0")
        uploader.add_data_to_load(f"table_{number}", io.StringIO(ROWS))
    uploader.execute_all_uploads(wait=True)
    calls = counted(fake)
    assert calls["token"] == 1
    assert (calls["create_load"], calls["file_ticket"], calls["commit_load"]) == (10, 10, 10)
    assert calls["load_info"] == 10
