"""``comotion dash``: queries, as a shell script sees them."""

import pytest


@pytest.fixture
def table(fake):
    fake.seed({"motor": [{"id": 1, "name": "Ann"}, {"id": 2, "name": None}]})


def test_a_query_is_started_followed_and_downloaded(comotion, table, tmp_path):
    started = comotion("dash", "start-query", "select id, name from motor order by id")
    query_id = started.out.strip()
    assert started.code == 0
    assert len(started.out.split()) == 1
    path = tmp_path / "out.csv"
    assert comotion("dash", "download", "-q", query_id, "-f", path).code == 0
    assert path.read_text("utf-8") == '"id","name"\n"1","Ann"\n"2",\n'
    assert comotion("dash", "query-state", "-q", query_id).out == "SUCCEEDED\n"
    assert comotion("dash", "query-info", "-q", query_id).out == "SUCCEEDED\n"


def test_a_download_to_standard_output_is_the_csv_and_nothing_else(comotion, table):
    ran = comotion("dash", "download", "select name from motor where id = 1", "-f", "-")
    assert (ran.code, ran.out, ran.err) == (0, '"name"\n"Ann"\n', "")


def test_a_query_that_fails_is_named_with_its_reason(comotion, table):
    ran = comotion("dash", "download", "select 1 / (id - id) from motor", "-f", "-")
    assert (ran.code, ran.out) == (3, "")
    assert ran.err.startswith("Error: ")
    assert "Division by zero" in ran.err


def test_bad_sql_is_an_error_that_says_where(comotion, table):
    ran = comotion("dash", "start-query", "selec 1")
    assert (ran.code, ran.out) == (1, "")
    assert "line 1:1: mismatched input" in ran.err


def test_a_state_that_is_bad_is_still_an_answer(comotion, table):
    query_id = comotion("dash", "start-query", "select 1 / (id - id) from motor").out.strip()
    ran = comotion("dash", "query-info", "-q", query_id)
    assert ran.code == 0
    assert ran.out.startswith("FAILED - ")


@pytest.mark.parametrize("command", ["query-state", "query-info", "stop-query"])
def test_an_unknown_query_is_said_in_the_words_that_scripts_look_for(comotion, command):
    ran = comotion("dash", command, "-q", "nosuchquery")
    assert (ran.code, ran.out) == (1, "")
    assert "query_id cannot be found" in ran.err
    assert ran.err.count("\n") == 1


def test_a_finished_query_can_be_stopped(comotion, table):
    query_id = comotion("dash", "start-query", "select 1").out.strip()
    assert comotion("dash", "stop-query", "-q", query_id).out == "Query stopped\n"


def test_an_option_may_stand_in_the_environment(comotion, table, surroundings):
    query_id = comotion("dash", "start-query", "select 1").out.strip()
    surroundings.setenv("COMOTION_DASH_QUERY_STATE_QUERY_ID", query_id)
    assert comotion("dash", "query-state").out == "SUCCEEDED\n"


@pytest.mark.parametrize("arguments", [["-f", "-"], ["", "-f", "-"], ["select 1", "-q", "x", "-f", "-"], ["select 1"]])
def test_a_download_needs_either_sql_or_an_id_and_a_place(comotion, arguments):
    ran = comotion("dash", "download", *arguments)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("Error: ")
    assert ran.err.count("\n") == 1


def test_a_download_cut_short_leaves_no_file(comotion, table, fake, tmp_path):
    fake.faults.cut(5, on="result_csv", times=None)
    path = tmp_path / "out.csv"
    ran = comotion("dash", "download", "select * from motor", "-f", path)
    assert ran.code == 5
    assert list(tmp_path.iterdir()) == []


def test_a_download_into_a_folder_that_is_not_there_starts_no_query(comotion, fake, tmp_path):
    ran = comotion("dash", "download", "select 1", "-f", tmp_path / "none" / "out.csv")
    assert (ran.code, ran.out) == (1, "")
    assert "none does not exist" in ran.err
    assert fake.requests.of("run_query") == []


def test_a_reader_that_has_enough_ends_the_download_in_silence(surroundings, fake):
    import subprocess
    import sys

    fake.seed({"long": [{"id": number, "name": "x" * 100} for number in range(5_000)]})
    command = [sys.executable, "-m", "comotion.cli", "dash", "download", "select * from long", "-f", "-"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as ran:
        assert ran.stdout.readline().startswith(b'"id","name"')
        ran.stdout.close()
        assert (ran.stderr.read(), ran.wait(timeout=60)) == (b"", 0)
