"""``comotion demo`` and ``comotion fake serve`` as processes of their own, over real sockets."""

import json
import os
import shlex
import signal
import subprocess
import sys
import urllib.request
from contextlib import contextmanager
from functools import partial

import pytest

COMOTION = [sys.executable, "-m", "comotion.cli"]


def run(*arguments, **surroundings):
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("COMOTION_", "AWS_"))}
    return subprocess.run(
        [*COMOTION, *map(str, arguments)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
        env={**environ, "PYTHONUTF8": "1", **surroundings},
    )


@pytest.fixture
def demo(monkeypatch, shell):
    """``comotion demo`` in this process, in a shell that was told nothing."""
    for name in list(os.environ):
        if name.startswith(("COMOTION_", "AWS_")):
            monkeypatch.delenv(name)
    return partial(shell, "demo")


@contextmanager
def serving(*arguments):
    with subprocess.Popen([*COMOTION, "fake", "serve", *arguments], stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=10)


def test_the_demo_loads_its_file_and_gets_every_row_back():
    ran = run("demo")
    assert ran.returncode == 0, ran.stderr
    assert "the rows that came back are the rows that went in" in ran.stdout
    assert "(5 of 500 rows" in ran.stdout
    assert "comotion -o YOUR_ORG dash upload" in ran.stdout
    assert ran.stderr == ""


def test_the_demo_as_json_is_one_object(demo):
    told = demo("--json").json()
    assert told["equal"] is True
    assert told["rows_sent"] == told["rows_returned"] == told["check_sums"]["count(*)"] == 500
    assert {"read", "sign_in", "create", "upload", "commit", "wait", "query", "download", "compare"} == set(
        told["seconds"]
    )


def test_the_command_that_the_demo_ends_with_reads_as_the_demo_did(demo, tmp_path):
    path = tmp_path / "my policies.csv"
    path.write_text("it's;code\n1;007\n", "utf-8")
    told = demo("--data", path, "--sep", ";", "--dtype", "code", "str", "--na", "NIL").out
    (line,) = [line for line in told.splitlines() if "dash upload" in line]
    words = shlex.split(line)
    assert words[words.index("upload") + 1] == str(path)
    assert words[words.index("--sep") + 1] == ";"
    assert words[words.index("--dtype") + 1 :][:4] == ["code", "str", "--na", "NIL"]
    assert words[words.index("--check-sum") + 1 :] == ['sum("it\'s")', "1"]


def test_the_demo_takes_a_file_of_ones_own(demo, tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text('Town,Date,Note\nKöln,2024-01-01,"a, ""b""\nc"\nOslo,,\n', "utf-8")
    told = demo("--json", "--data", path).json()
    assert (told["equal"], told["rows_returned"]) == (True, 2)
    assert told["check_sums"] == {"count(*)": 2, 'sum(length("town"))': 8}


def spreadsheet(path):
    import pandas as pd

    columns = {
        "Code": ["007", "NA"],
        "Start": pd.to_datetime(["2024-01-02", None]),
        "Paid": [1.5, None],
        "On": [True, False],
    }
    pd.DataFrame(columns).to_excel(path, index=False)


def parquet(path):
    import pandas as pd

    columns = {"code": ["007", ""], "at": pd.to_datetime(["2024-01-02 03:04", None], utc=True), "tags": [["a"], None]}
    pd.DataFrame(columns).to_parquet(path)


def records(path):
    path.write_text('[{"code": "007", "n": 1, "in": {"x": 1}}, {"code": null, "n": 2.5}]', "utf-8")


def lines(path):
    path.write_text('{"code": "007", "n": 1, "ok": true}\n{"code": "8", "n": null}\n', "utf-8")


def zipped(path):
    import gzip

    path.write_bytes(gzip.compress(b"code,n\nx,1\ny,0.1\n"))


@pytest.mark.parametrize(
    ("name", "write"),
    [
        ("a.xlsx", spreadsheet),
        ("a.parquet", parquet),
        ("a.json", records),
        ("a.json", lines),
        ("a.jsonl", lines),
        ("a.csv.gz", zipped),
    ],
)
def test_the_demo_takes_every_format_that_a_load_takes(demo, tmp_path, name, write):
    write(tmp_path / name)
    ran = demo("--json", "--data", tmp_path / name)
    assert ran.code == 0, ran.err
    assert (ran.json()["equal"], ran.json()["rows_returned"]) == (True, 2)


def test_the_demo_reads_a_file_as_it_is_told(demo, tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text("id;paid\n007;1,5\n", "utf-8")
    ran = demo("--json", "--data", path, "--sep", ";", "--decimal", ",", "--dtype", "id", "str")
    assert ran.code == 0, ran.err
    assert ran.json()["check_sums"] == {"count(*)": 1, 'sum("paid")': 1.5}


def test_text_that_the_terminal_cannot_show_does_not_end_a_command(tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text("name,id\n数,1\n", "utf-8")
    ran = run("demo", "--data", path, PYTHONUTF8="0", PYTHONIOENCODING="cp1252")
    assert ran.returncode == 0, ran.stderr
    assert "\\u6570" in ran.stdout


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "empty"),
        ("a,b\n1,2\n3,4,5\n", "line 3"),
        ("a;b\n1;2\n", "--sep ';'"),
        ("a b,A_B\n1,2\n", "would both be 'a_b'"),
    ],
)
def test_the_demo_refuses_what_is_no_table_in_one_sentence(demo, tmp_path, text, said):
    path = tmp_path / "mine.csv"
    path.write_text(text, "utf-8")
    ran = demo("--data", path)
    assert ran.code == 1
    assert said in ran.err
    assert ran.err.startswith("Error: ")
    assert ran.err.count("\n") == 1


@pytest.mark.parametrize("text", ["a,b\nTrue,False\nFalse,True\n", "a,b\nTrue,yes\nFalse,no\n", "a,b\n"])
def test_the_demo_finds_a_check_sum_for_every_table(demo, tmp_path, text):
    path = tmp_path / "mine.csv"
    path.write_text(text, "utf-8")
    assert demo("--json", "--data", path).json()["equal"] is True


def test_what_a_shell_exports_signs_a_script_in_as_the_user():
    with serving() as process:
        exported = [process.stdout.readline() for _ in range(12)]
        surroundings = dict(line.removeprefix("export ").rstrip().split("=", 1) for line in exported)
        script = "from comotion.auth import Auth; print(Auth('my_org').get_access_token().count('.'))"
        environ = {**os.environ, **{name: value.strip("'") for name, value in surroundings.items()}}
        ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, env=environ)
    assert ran.stdout == "2\n", ran.stderr


def test_a_missing_file_is_a_usage_error(demo):
    ran = demo("--data", "nowhere.csv")
    assert (ran.code, ran.out) == (2, "")
    assert "nowhere.csv" in ran.err


def test_a_served_fake_tells_a_client_all_it_needs():
    with serving("--json") as process:
        facts = json.loads(process.stdout.readline())
        client = {
            "COMOTION_ORGNAME": facts["org"],
            "COMOTION_ISSUER": facts["url"],
            "COMOTION_API_URL": facts["url"] + "/v2",
            "COMOTION_CLIENT_ID": facts["client_id"],
            "COMOTION_CLIENT_SECRET": facts["client_secret"],
        }
        ran = run("dash", "download", "select 1 as one", "-f", "-", **client)
    assert (ran.returncode, ran.stdout) == (0, '"one"\n"1"\n')


def test_a_served_fake_prints_what_a_shell_exports_and_ends_in_order():
    with serving() as process:
        exported = [process.stdout.readline() for _ in range(12)]
    assert all(line.startswith("export ") for line in exported)
    assert process.returncode == 0


def test_a_served_fake_answers_while_it_runs():
    with serving("--json", "--org", "other_org") as process:
        facts = json.loads(process.stdout.readline())
        url = f"{facts['url']}/auth/realms/other_org/.well-known/openid-configuration"
        with urllib.request.urlopen(url, timeout=10) as answer:
            assert json.load(answer)["issuer"].endswith("/auth/realms/other_org")
