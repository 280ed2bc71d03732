"""Importing a door loads nothing heavy; each of these runs in a fresh process."""

import json
import subprocess
import sys

import pytest

HEAVY = (
    "requests",
    "urllib3",
    "pandas",
    "numpy",
    "pyarrow",
    "keyring",
    "obstore",
    "click",
    "duckdb",
    "sqlglot",
    "boto3",
    "comotion.adapters.fake_dash",
)
NAMES = "Auth, DashConfig, Query, Load, DashBulkUploader, Migration, DailyRun, v1_upload_csv, ApiException"


def loaded_after(code: str) -> list[str]:
    """Which heavy packages a fresh process has loaded after ``code``."""
    program = f"{code}\nimport json, sys\nprint(json.dumps([name for name in {HEAVY!r} if name in sys.modules]))"
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    return json.loads(answer.stdout.splitlines()[-1])


@pytest.mark.parametrize(
    "code",
    [
        "import comotion",
        "import comotion.dash",
        "import comotion.auth",
        "import comotion.testing",
        f"from comotion.dash import {NAMES}",
        "from comotion.dash import Auth, DashConfig; DashConfig(Auth('my_org_name')).host",
    ],
)
def test_nothing_heavy_is_loaded_by(code):
    assert loaded_after(code) == []


@pytest.mark.parametrize(
    "arguments",
    [["--help"], ["--version"], ["dash", "--help"], ["dash", "upload", "--help"], ["fake", "--help"]],
    ids=str,
)
def test_the_command_line_loads_nothing_heavy_to_say_how_it_is_used(arguments):
    assert loaded_after(f"from comotion.cli.main import outcome; assert outcome({arguments}) == 0") == ["click"]


def test_the_probe_sees_what_is_loaded():
    assert "click" in loaded_after("import click")
