"""Every code block of our own guide, as it is printed, in its order and in one namespace."""

import io
from pathlib import Path

import pandas as pd
import pytest

from comotion.auth import Auth
from comotion.dash import DashConfig, Query
from tests.examples.reader import POLICIES, typed
from tests.examples.rst_blocks import blocks_of

GUIDE = Path(__file__).parents[2] / "docs" / "guide.rst"
BLOCKS = blocks_of(GUIDE)
SHELL = [block for block in BLOCKS if block.code.startswith("> ")]
PYTHON = [block for block in BLOCKS if not block.code.startswith((">", "pip"))]


@pytest.fixture(scope="module")
def namespace(fake) -> dict[str, object]:
    """What the guide takes for granted."""
    for path in ("path/to/csv/file.csv", "data/inforce_policies/one.csv"):
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_text(POLICIES)
    pd.DataFrame({"a": range(5)}).to_sql("my_table", "sqlite:///my.db", index=False)
    sql = "select 1 as id, 'Cy' as name, 50 as age, 12345.0e0 as salary"
    return {
        "secret": next(iter(fake.world.organisations["my_org_name"].applications.values())).client_secret,
        "df_for_upload": pd.read_csv(io.StringIO(POLICIES)),
        "dash_query_object": Query(DashConfig(Auth("my_org_name")), sql),
        "my_database": "sqlite:///my.db",
    }


def test_the_guide_has_blocks_of_both_kinds():
    assert len(PYTHON) > 10
    assert len(SHELL) == 3


@pytest.mark.parametrize("block", PYTHON, ids=lambda block: block.line)
@pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")
def test_the_block_runs(block, namespace):
    exec(compile(block.code, f"{GUIDE.name}:{block.line}", "exec"), namespace)


def test_what_was_promised_has_happened(fake, namespace):
    v1 = fake.world.organisations["my_org_name"].v1.tables
    assert namespace["load"].wait_to_complete() == "SUCCESS"
    assert len(v1["my_table_in_dash"].dicts()) == len(v1["my_table_from_sql"].dicts()) == 5
    assert namespace["failed"] is None
    assert Path("myfile.csv").read_text().splitlines() == ['"one"', '"1"']
    assert len(list(Path("outputpath").iterdir())) == 1


@pytest.mark.parametrize("block", SHELL, ids=lambda block: block.line)
def test_the_shell_lines_run_through_the_console_script(block, tmp_path):
    assert "tester" in typed(block.code, tmp_path, org="my_org_name")
