"""The published classes go the whole way, by each of the ways that lead to a fake Dash."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
import pytest
import requests

from comotion.adapters.fake_dash.progress import Pace
from comotion.auth import Auth
from comotion.dash import DashConfig, Load, Query
from comotion.testing import FakeDash

FRAME = pd.DataFrame({"Policy Id": [1, 2, 3], "premium": [1.5, None, 3.5], "name": ["a", None, "ü"]})


@contextmanager
def in_process(fake: FakeDash) -> Iterator[DashConfig]:
    yield fake.config()


@contextmanager
def as_application(fake: FakeDash) -> Iterator[DashConfig]:
    yield fake.config(as_application=True)


@contextmanager
def over_sockets(fake: FakeDash) -> Iterator[DashConfig]:
    with fake.serve() as server:
        yield server.config()


@contextmanager
def under_a_script(fake: FakeDash) -> Iterator[DashConfig]:
    """A script that knows of no fake: it names its organisation and its application, and nothing else."""
    application = fake.organisation.the_application()
    with fake.installed():
        yield DashConfig(
            Auth(
                "my_org",
                entity_type=Auth.APPLICATION,
                application_client_id=application.client_id,
                application_client_secret=application.client_secret,
            )
        )


WAYS = {way.__name__: way for way in (in_process, as_application, over_sockets, under_a_script)}


@pytest.mark.parametrize("way", list(WAYS))
def test_a_frame_goes_into_a_table_and_comes_back_out_of_a_query(fake_dash: FakeDash, way: str, tmp_path: Path) -> None:
    with WAYS[way](fake_dash) as config:
        load = Load(
            config,
            load_type="APPEND_ONLY",
            table_name="motor",
            load_as_service_client_id="0",
            track_rows_uploaded=True,
        )
        load.upload_df(FRAME, file_key="part_1")
        load.commit(check_sum={"sum(premium)": 5.0})
        assert load.wait_to_complete() == "SUCCESS"
        query = Query(config, query_text="select policy_id, premium, name from motor order by policy_id")
        assert query.wait_to_complete().status.state == "SUCCEEDED"
        query.download_csv(str(tmp_path / "out.csv"))
    assert (tmp_path / "out.csv").read_text("utf-8") == (
        '"policy_id","premium","name"\n"1","1.5","a"\n"2",,\n"3","3.5","ü"\n'
    )


def test_waiting_in_process_costs_the_clocks_time_only(fake_dash: FakeDash) -> None:
    fake_dash.manners.query_pace = Pace(seconds=3600)
    query = Query(fake_dash.config(), query_text="select 1 as one")
    assert query.wait_to_complete().status.state == "SUCCEEDED"
    assert sum(fake_dash.clock.naps) >= 3600


def test_a_second_world_has_a_sign_in_of_its_own() -> None:
    with FakeDash() as blue, FakeDash() as red, blue.serve() as one, red.serve() as two:
        for fake, server in ((blue, one), (red, two)):
            Query(server.config(), query_text="select 1 as one").wait_to_complete()
            assert len(fake.requests.of("token")) == 1


def test_two_worlds_of_one_server_are_two(fake_dash: FakeDash) -> None:
    with FakeDash("blue_org") as blue, fake_dash.serve(others={"blue": blue}) as server:
        assert requests.get(f"{server.url}/w/blue/auth/realms/blue_org", timeout=5).status_code == 200
        assert requests.get(f"{server.url}/auth/realms/blue_org", timeout=5).status_code == 404
