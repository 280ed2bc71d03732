"""What is asked on standard error, and where an answer cannot come or a result cannot go."""

import io
import os
import subprocess
import sys

import pytest


class Interrupted(io.StringIO):
    """A terminal at which somebody presses Ctrl-C."""

    def readline(self, *_):
        raise KeyboardInterrupt


@pytest.fixture
def typed(comotion, surroundings):
    """Runs commands without an orgname, with this standard input."""
    surroundings.delenv("COMOTION_ORGNAME")

    def run(stdin, *arguments):
        surroundings.setattr(sys, "stdin", stdin)
        return comotion(*arguments)

    return run


@pytest.mark.parametrize("piped", ["my_org\n", "my_org", " my_org \r\n", "\nmy_org\n"])
def test_an_error_after_a_question_begins_a_line(typed, piped):
    ran = typed(io.StringIO(piped), "dash", "query-state", "-q", "nosuchquery")
    assert ran.err.splitlines()[-1].startswith("Error: read query nosuchquery: query_id cannot be found")


@pytest.mark.parametrize("stdin", [io.StringIO(""), None], ids=["ended", "closed"])
def test_a_question_that_nobody_answers_ends_in_an_error_of_its_own_line(typed, stdin):
    ran = typed(stdin, "dash", "query-state", "-q", "nosuchquery")
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.splitlines()[-1] == "Error: no orgname: pass -o, or set COMOTION_ORGNAME"


@pytest.mark.parametrize("how", [["--no-browser"], []], ids=["by hand", "by browser"])
def test_a_sign_in_needs_no_standard_input(comotion, surroundings, tmp_path, how):
    surroundings.setenv("COMOTION_CREDENTIALS_FILE", str(tmp_path / "credentials.json"))
    surroundings.setenv("BROWSER", "true")
    surroundings.setattr(sys, "stdin", None)
    ran = comotion("authenticate", "--timeout", "1", *how)
    assert (ran.code, ran.out) == (4, "")
    assert ran.err.splitlines()[-1].startswith("Error: nobody signed in within 1 s")


@pytest.mark.parametrize("answer", ["no\n", ""])
def test_a_no_ends_in_an_error_of_its_own_line(comotion, surroundings, answer):
    surroundings.setattr(sys, "stdin", io.StringIO(answer))
    ran = comotion("dash", "start-daily-run-execution")
    assert ran.code == 1
    assert ran.err.splitlines()[-1] == "Error: no answer, or no as the answer: nothing was done"


def test_an_interrupted_question_ends_as_any_other_interrupt(typed):
    ran = typed(Interrupted(), "get-access-token")
    assert ran.code == 130
    assert ran.err.splitlines()[-1] == "Error: interrupted"


def test_the_orgname_is_asked_for_once(typed, surroundings, tmp_path):
    surroundings.setenv("COMOTION_CREDENTIALS_FILE", str(tmp_path / "none.json"))
    for name in ("COMOTION_CLIENT_ID", "COMOTION_CLIENT_SECRET"):
        surroundings.delenv(name)
    ran = typed(io.StringIO("my_org\n"), "get-current-user")
    assert ran.code == 4
    assert ran.err.splitlines()[-1] == "Error: nobody is signed in to my_org: run `comotion authenticate`"


def test_a_result_that_has_nowhere_to_go_starts_no_query(comotion, surroundings, fake):
    surroundings.setattr(sys, "stdout", None)
    ran = comotion("dash", "download", "select 1", "-f", "-")
    assert (ran.code, ran.err) == (1, "Error: standard output is closed\n")
    assert not fake.requests.of("run_query")


def test_a_closed_standard_output_turns_no_success_into_a_failure(comotion, surroundings, fake):
    surroundings.setattr(sys, "stdout", None)
    assert comotion("dash", "create-load", "motor", "-s", "0").code == 0
    assert fake.requests.of("create_load")


def test_a_reader_that_goes_away_is_no_failure():
    command = [sys.executable, "-m", "comotion.cli", "--orgname", "my_org", "get-issuer"]
    reading, writing = os.pipe()
    os.close(reading)
    ran = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, timeout=60)
    os.close(writing)
    assert (ran.returncode, ran.stderr) == (0, b"")


def test_a_closed_standard_error_stops_no_command(comotion, surroundings):
    surroundings.setattr(sys, "stderr", None)
    assert comotion("dash", "download", "select 1 as one", "-f", "-").out == '"one"\n"1"\n'
