"""What shell scripts type and read: published spellings, values as typed, one line of error whatever happens."""

import json
import subprocess
import sys

import click
import pytest

from comotion.cli.main import comotion as group
from comotion.cli.main import outcome


def options(command: click.Command, path: tuple[str, ...] = ("COMOTION",)):
    """Every option under a command, with the words of the variable that it reads."""
    for option in command.params:
        if isinstance(option, click.Option) and path[1:]:
            yield pytest.param(option, path, id=" ".join([*path[1:], option.opts[-1]]))
    if isinstance(command, click.Group):
        for name, inner in command.commands.items():
            yield from options(inner, (*path, name))


# Two flags, one value; their variable is named after the value, as ever.
ONE_OF_TWO = {"migration_type", "enabled"}


@pytest.mark.parametrize(("option", "path"), list(options(group)))
def test_an_option_reads_the_variable_of_its_name(option, path):
    if option.name in ONE_OF_TWO:
        return
    words = {long.removeprefix("--") for long in option.opts if long.startswith("--")}
    variables = {"_".join((*path, word)).replace("-", "_").upper() for word in words}
    prefixed = "_".join((*path, option.name)).replace("-", "_").upper()
    assert (option.envvar or prefixed) in variables


@pytest.fixture
def filled(comotion, tmp_path):
    """The id of a load that holds a file of two rows."""
    (tmp_path / "a.csv").write_text("a,b\n1,007\n2,x\n")
    load_id = comotion("dash", "create-load", "motor", "-s", "0").out.strip()
    assert comotion("dash", "upload-file", tmp_path / "a.csv", "--load_id", load_id, "--file_key", "may").code == 0
    return load_id


@pytest.mark.parametrize("spelling", ["-c", "--check_sum", "--check-sum"])
def test_a_check_sum_is_taken_in_each_spelling(comotion, filled, spelling):
    assert comotion("dash", "commit-load", "--load_id", filled, spelling, "count(*)", "2").out == "Load committed\n"


def test_a_check_sum_may_stand_in_the_environment(comotion, filled, surroundings):
    surroundings.setenv("COMOTION_DASH_COMMIT_LOAD_CHECK_SUM", "count(*) 2")
    assert comotion("dash", "commit-load", "-l", filled).out == "Load committed\n"


def test_a_commit_without_a_check_sum_says_which_option_is_missing(comotion, filled, fake):
    bare = comotion("dash", "commit-load", "-l", filled)
    assert (bare.code, bare.out) == (2, "")
    missing = "Missing option '-c' / '--check_sum' / '--check-sum'."
    assert bare.err == f"Error: {missing} See `comotion dash commit-load --help`.\n"
    assert not fake.requests.of("commit_load")


def test_one_check_sum_with_two_values_is_refused_and_nothing_is_committed(comotion, filled, fake):
    twice = comotion("dash", "commit-load", "-l", filled, "-c", "count(*)", "2", "-c", "count(*)", "3")
    assert twice.code == 2
    assert "count(*)" in twice.err
    assert not fake.requests.of("commit_load")


def test_a_value_is_a_number_only_where_it_is_written_as_one(comotion, filled, fake):
    typed = {"min(b)": "007", "max(b)": "1_0", "sum(a)": "3", "avg(a)": "1.5", "a": "-0.10", "b": "1e3", "c": "NaN"}
    pairs = [word for sql, value in typed.items() for word in ("-c", sql, value)]
    comotion("dash", "commit-load", "-l", filled, *pairs)
    (entry,) = fake.requests.of("commit_load")
    sent = {"min(b)": "007", "max(b)": "1_0", "sum(a)": 3, "avg(a)": 1.5, "a": -0.1, "b": 1000, "c": "NaN"}
    assert json.loads(entry.body) == {"check_sum": sent}


def test_the_daily_run_is_switched_only_one_way_or_the_other(comotion, fake):
    neither = comotion("dash", "update-daily-run-enabled")
    assert (neither.code, neither.out) == (2, "")
    assert neither.err.startswith("Error: ")
    assert not fake.requests.of("enable_daily_run")


def test_what_nobody_foresaw_is_one_line_too(capfd):
    @group.command("break")
    def breaks() -> None:
        raise RuntimeError("of all\nthings")

    try:
        assert outcome(["break"]) == 1
    finally:
        del group.commands["break"]
    assert capfd.readouterr() == ("", "Error: RuntimeError: of all things\n")


def test_a_command_that_failed_ends_at_once_whatever_threads_are_still_at_work():
    script = """
import sys, threading, time
from comotion.cli.main import run
threading.Thread(target=time.sleep, args=(60,)).start()
print("out")
sys.argv = ["comotion", "dash", "upload", "nowhere.csv", "--table", "people"]
run()
"""
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=30)
    assert (ran.returncode, ran.stdout) == (2, "out\n")
    assert ran.stderr.startswith("Error: ")
