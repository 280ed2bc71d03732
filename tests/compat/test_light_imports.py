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
)
NAMES = "Auth, DashConfig, Query, Load, DashBulkUploader, Migration, DailyRun, v1_upload_csv, ApiException"


def loaded_after(code: str) -> list[str]:
    """Which heavy packages a fresh process has loaded after ``code``."""
    program = f"{code}\nimport json, sys\nprint(json.dumps([name for name in {HEAVY!r} if name in sys.modules]))"
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    return json.loads(answer.stdout)


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


def test_the_probe_sees_what_is_loaded():
    assert "click" in loaded_after("import click")
