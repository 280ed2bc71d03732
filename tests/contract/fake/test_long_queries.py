"""A query that takes long keeps nobody waiting but those who want its result, and ends when it is stopped."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from threading import Thread
from typing import cast

import pytest

from comotion.adapters.fake_dash.lake.prepared import Prepared
from comotion.adapters.fake_dash.queries import QueryRecord, run_query
from comotion.adapters.fake_dash.world import World
from comotion.testing import FakeDash
from tests.contract.fake.dash_client import API, Dash

NEEDS_FORK = pytest.mark.skipif(sys.platform == "win32", reason="Windows does not fork")
NUMBERS = "(SELECT n FROM UNNEST(sequence(1, 10000)) AS t(n))"
ENDLESS = f"SELECT count(*) FROM {NUMBERS} a, {NUMBERS} b, {NUMBERS} c WHERE a.n * b.n % 7919 < c.n"
SECONDS_LONG = ENDLESS.replace(f"{NUMBERS} c", "(SELECT n FROM UNNEST(sequence(1, 10)) AS t(n)) c")


def took_s(work: Callable[[], object]) -> float:
    began = time.monotonic()
    work()
    return time.monotonic() - began


def record(dash: Dash, query_id: str) -> QueryRecord:
    return dash.fake.organisation.queries[query_id]


@pytest.fixture(autouse=True)
def _time_passes(dash: Dash) -> None:
    dash.fake.clock.tick()


def test_a_load_goes_on_while_a_query_runs(dash: Dash) -> None:
    query = dash.query(ENDLESS)
    began = time.monotonic()
    load = dash.call("POST", f"{API}/load", json_body={"load_type": "APPEND_ONLY", "table_name": "motor"})
    assert load.status == 202
    assert dash.call("POST", f"{API}/load/{load.json()['loadId']}/file", json_body={}).status == 200
    assert time.monotonic() - began < 5
    assert not record(dash, query).is_over.is_set()
    dash.call("DELETE", f"{API}/query/{query}")


def test_a_query_that_is_stopped_is_dropped_by_the_engine(dash: Dash) -> None:
    query = dash.query(ENDLESS)
    assert dash.call("DELETE", f"{API}/query/{query}").status == 200
    assert record(dash, query).is_over.wait(5)
    status = dash.query_info(query)["status"]
    assert (status["state"], status["stateChangeReason"]) == ("CANCELLED", "Query cancelled by user")
    assert dash.call("GET", f"{API}/query/{query}/csv").status == 400
    assert record(dash, query).failure is None


def test_who_looks_while_the_clock_runs_is_told_that_it_runs(dash: Dash) -> None:
    query = dash.query(ENDLESS)
    looked = []
    assert took_s(lambda: looked.append(dash.query_info(query)["status"]["state"])) < 5
    assert looked == ["RUNNING"]
    dash.call("DELETE", f"{API}/query/{query}")


def test_who_looks_while_the_clock_stands_sees_the_end_at_the_first_look(dash: Dash) -> None:
    dash.fake.clock.stand()
    query = dash.query(SECONDS_LONG)
    assert record(dash, query).is_over.is_set()
    assert dash.query_info(query)["status"]["state"] == "SUCCEEDED"


WAITING = f"""
import sys
from comotion.dash import Query
from comotion.testing import FakeDash

fake = FakeDash()
if "ticking" in sys.argv:
    fake.clock.tick()
print("asking", flush=True)
query = Query(config=fake.config(), query_text={ENDLESS!r})
print("waiting", flush=True)
query.wait_to_complete()
"""


@pytest.mark.parametrize(("clock", "stage"), [("standing", "asking"), ("ticking", "waiting")])
def test_an_interrupt_in_process_takes_the_query_along(clock: str, stage: str) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", WAITING, clock], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as asking:
        assert asking.stdout is not None
        while asking.stdout.readline().decode().strip() != stage:
            pass
        time.sleep(0.5)
        asking.send_signal(signal.SIGINT)
        assert took_s(lambda: asking.communicate(timeout=20)) < 10
    assert asking.returncode != 0


def test_a_world_that_is_reset_or_closed_leaves_no_work_behind() -> None:
    with FakeDash() as fake:
        fake.clock.tick()
        gateway = fake.config().wiring.queries
        gateway.run(ENDLESS)
        first = next(iter(fake.organisation.queries.values()))
        fake.reset()
        assert first.is_over.wait(5)
        gateway.run(ENDLESS)
        second = next(iter(fake.organisation.queries.values()))
        assert not second.is_over.is_set()
    assert second.is_over.wait(5)


def test_a_query_that_begins_while_a_fork_does_is_waited_for(dash: Dash) -> None:
    world, copies = dash.fake.world, list[World]()
    forking = Thread(target=lambda: copies.append(world.fork()))
    with world.lock:
        forking.start()
        time.sleep(0.2)
        query = run_query(world, dash.fake.organisation, SECONDS_LONG)
        assert not query.is_over.is_set()
    forking.join()
    with copies[0] as copy:
        assert next(iter(copy)).queries[query.query_id].table is not None


def test_a_query_that_its_world_drops_did_not_take_too_long(dash: Dash) -> None:
    query = record(dash, dash.query(ENDLESS))
    dash.fake.reset()
    assert query.is_over.wait(5)
    assert query.failure == "not supported by this fake: a statement that is interrupted"


LEAVING = f"""
import os
import sys
from comotion.testing import FakeDash

fake = FakeDash()
fake.clock.tick()
fake.config().wiring.queries.run({ENDLESS!r})
if "fork" in sys.argv and (child := os.fork()):
    os.waitpid(child, 0)
"""


@pytest.mark.parametrize("way", ["alone", pytest.param("fork", marks=NEEDS_FORK)])
def test_who_leaves_does_not_wait_for_a_query(way: str) -> None:
    assert took_s(lambda: subprocess.run([sys.executable, "-c", LEAVING, way], check=True, timeout=60)) < 5


def test_a_world_is_closed_while_a_query_still_comes() -> None:
    with FakeDash() as fake:
        sent = fake.organisation.queries

        class OneMoreComes:
            def stop(self) -> None:
                sent["more"] = QueryRecord(query_id="more", sql="", submitted=fake.clock.now())

        prepared = cast("Prepared", OneMoreComes())
        sent["first"] = QueryRecord(query_id="first", sql="", submitted=fake.clock.now(), prepared=prepared)
    assert "more" in sent
