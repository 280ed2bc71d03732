"""A command that is told to end from outside ends as one that is interrupted: nothing goes on that nobody waits for."""

import os
import signal
import subprocess
import sys
import time

import pytest

from comotion.testing import FakeDash, Pace

COMOTION = (sys.executable, "-m", "comotion.cli")
NUMBERS = "(SELECT n FROM UNNEST(sequence(1, 10000)) AS t(n))"
ENDLESS = f"SELECT count(*) FROM {NUMBERS} a, {NUMBERS} b, {NUMBERS} c WHERE a.n * b.n % 7919 < c.n"

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")


def until_asked(fake, operation):
    deadline = time.monotonic() + 30
    while not fake.requests.of(operation):
        assert time.monotonic() < deadline, f"nobody asked for {operation}"
        time.sleep(0.05)


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_signal_cancels_the_query_that_is_waited_for(tmp_path, name):
    with FakeDash() as fake, fake.serve() as server:
        asked = (*COMOTION, "dash", "download", ENDLESS, "-f", str(tmp_path / "out.csv"))
        environment = {**os.environ, **server.environment()}
        with subprocess.Popen(asked, env=environment, stderr=subprocess.PIPE, text=True) as asking:
            until_asked(fake, "query_info")
            asking.send_signal(getattr(signal, name))
            _, said = asking.communicate(timeout=20)
        query = next(iter(fake.organisation.queries.values()))
        assert (asking.returncode, said.splitlines()[-1], query.state.value) == (130, "Error: interrupted", "CANCELLED")
    assert list(tmp_path.iterdir()) == []


IN_A_THREAD = """
import sys
from threading import Thread
from comotion.cli.main import run

sys.argv = ["comotion", "--version"]
thread = Thread(target=run)
thread.start()
thread.join()
"""


def test_a_command_may_be_run_in_a_thread():
    ran = subprocess.run([sys.executable, "-c", IN_A_THREAD], capture_output=True, text=True, check=True, timeout=60)
    assert ran.stdout.startswith("comotion")
    assert ran.stderr == ""


def test_what_nohup_started_outlives_its_terminal(tmp_path):
    with FakeDash() as fake, fake.serve() as server:
        asked = ("nohup", *COMOTION, "dash", "download", ENDLESS, "-f", str(tmp_path / "out.csv"))
        environment = {**os.environ, **server.environment()}
        with subprocess.Popen(asked, env=environment, stderr=subprocess.PIPE, text=True) as asking:
            until_asked(fake, "query_info")
            asking.send_signal(signal.SIGHUP)
            time.sleep(0.5)
            assert asking.poll() is None
            asking.send_signal(signal.SIGTERM)
            asking.communicate(timeout=20)
        assert asking.returncode == 130


@pytest.mark.parametrize("command", ["upload", "upload-tree"])
def test_who_interrupts_an_upload_is_told_which_loads_to_look_at(tmp_path, command):
    for table in ("motor", "home"):
        folder = tmp_path / table
        folder.mkdir()
        (folder / "a.csv").write_text("id,service_client_id\n1,0\n")
    what = (str(tmp_path),) if command == "upload-tree" else (str(tmp_path / "home"), "--table", "home")
    with FakeDash() as fake, fake.serve() as server:
        fake.manners.load_pace = Pace(seconds=3600)
        environment = {**os.environ, **server.environment()}
        asked = (*COMOTION, "dash", command, *what)
        with subprocess.Popen(asked, env=environment, stderr=subprocess.PIPE, text=True) as asking:
            until_asked(fake, "load_info")
            asking.send_signal(signal.SIGINT)
            _, said = asking.communicate(timeout=20)
        told = {
            f"Before loading {load.table} again: "
            f"comotion dash get-load-info -l {load.load_id} (OPEN: nothing was loaded)"
            for load in fake.organisation.loads.values()
        }
    assert (asking.returncode, set(said.split("\n")) - {""}) == (130, {*told, "Error: interrupted"})


@pytest.mark.parametrize("closed", [">&-", ">&- 2>&- <&-"])
def test_a_failure_with_closed_streams_has_its_exit_code_and_no_traceback(closed):
    command = f"{' '.join(COMOTION)} -o my_org dash download 'select 1' -f - {closed}"
    ran = subprocess.run(["sh", "-c", command], capture_output=True, text=True, timeout=60)
    assert (ran.returncode, ran.stderr.count("Traceback")) == (1, 0)
