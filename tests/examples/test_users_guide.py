"""Every code block of the users' guide, as it was printed, against a fake Dash that owns the service's host names.

The blocks run in their order and in one namespace, as a reader would type them. The test supplies paths, keys,
prompts, ``io`` and ``pd``; the slips of the printed text that it mends stand in SLIPS, and nothing else is changed.
"""

import io
import sys
from importlib.metadata import version
from pathlib import Path

import pandas as pd
import pytest

from comotion.auth import Auth
from comotion.dash import DashConfig, Load, Query
from comotion.testing import FakeDash
from tests.examples.reader import POLICIES, typed
from tests.examples.rst_blocks import Block, blocks_of

GUIDE = Path(__file__).parents[1] / "data" / "user-guide.rst.txt"
BLOCKS = {block.line: block for block in blocks_of(GUIDE)}
SHELL = {line for line, block in BLOCKS.items() if block.code.startswith((">", "pip"))}

SLIPS = {
    148: [("'postgresql://username:password@address.of.db:5432/mydatabase',", "con='sqlite:///my.db',")],
    360: [("config = DashConfig,", "config = dashconfig,")],
    382: [("config = DashConfig,", "config = dashconfig,"), ("'load_id'", "load.load_id")],
}
"""By the line of a block: what was printed, and what was meant (or the placeholder's value)."""


@pytest.fixture(scope="module")
def namespace(fake) -> dict[str, object]:
    """What the reader has at hand."""
    for path in ("path/to/csv/file.csv", "path/to/file.csv", "data/inforce_policies/one.csv"):
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_text(POLICIES)
    pd.DataFrame({"a": range(5)}).to_sql("my_table", "sqlite:///my.db", index=False)
    sheet = pd.read_csv(io.StringIO(POLICIES)).assign(salary=0.0)
    with pd.ExcelWriter("book.xlsx") as book:
        sheet.to_excel(book, sheet_name="inforce_book", startrow=2, index=False)
    return {"io": io, "pd": pd, "df_for_upload": pd.read_csv(io.StringIO(POLICIES))}


def before(line: int, fake: FakeDash, names: dict[str, object]) -> None:
    """Give the placeholders of a block their values."""
    if line == 81:  # the same table again with one column more: as in a new organisation
        fake.world.organisations["my_org_name"].v1.tables.clear()
    if line == 360:
        names["DashConfig"] = DashConfig
    if line == 393:
        Path("upload.csv").write_text(POLICIES.replace("12000.5", "-12000.5").replace("344.5", "-344.5"))
        names["path_to_upload_file"] = "upload.csv"
        config = DashConfig(Auth("my_org_name"))
        sql = "select 1 as id, 'Cy' as name, 50 as age, 12345.0e0 as salary"
        names["dash_query_object"] = Query(config, query_text=sql)
    if line == 416:
        names["path_to_upload_file"] = "book.xlsx"


def mended(block: Block) -> str:
    code = block.code
    for printed, meant in SLIPS.get(block.line, []):
        assert printed in code
        code = code.replace(printed, meant)
    return code


@pytest.mark.parametrize("line", [line for line in BLOCKS if line not in SHELL])
@pytest.mark.filterwarnings("ignore::PendingDeprecationWarning", "ignore::comotion.domain.errors.ComotionWarning")
def test_the_block_runs(line, fake, namespace, capsys):
    before(line, fake, namespace)
    exec(compile(mended(BLOCKS[line]), f"{GUIDE.name}:{line}", "exec"), namespace)
    after(line, fake, namespace, capsys.readouterr().out)


def after(line: int, fake: FakeDash, names: dict[str, object], printed: str) -> None:
    """What the block promised, where it can be seen."""
    world = fake.world.organisations
    if line in (54, 81):
        rows = world["my_org_name"].v1.tables["my_table_name"].dicts()
        assert {row["name"] for row in rows} == {"Ann", "Ben"}
        assert ("snapshot_timestamp" in rows[-1]) == (line == 81)
    if line == 117:
        assert [path.name for path in Path("outputpath").iterdir()] == ["my_table_name.1.csv.gz"]
    if line == 148:
        assert len(world["my_org_name"].v1.tables["my_table_in_dash"].dicts()) == 5
    if line == 228:
        assert "upload_timestamp" in world["my_dash_orgname"].v1.tables["my_lake_table_name"].dicts()[0]
    if line == 248:
        assert fake.tables_of("my_dash_orgname")["my_lake_table_name"].rows[0]["data_import_batch"]
    if line == 306:
        assert "v1_policies" in printed
    if line == 342:
        assert fake.tables_of("my_org_name")["v1_policies"].rows[0]["salary"] == 12000.5
    if line == 429:
        load = names["load"]
        assert isinstance(load, Load)
        assert load.wait_to_complete() == "SUCCESS"
        assert len(fake.tables_of("my_org_name")["v1_inforce_policies"].rows) == 7
    if line == 443:
        assert "load_status" in printed
    if line == 491:
        assert "Completed" in printed
    if line in (534, 572):
        assert Path("myfile.csv").read_text().splitlines()[1:] == ['"1"']
        Path("myfile.csv").unlink()
    if line == 612:
        assert len(names["df"]) == 1


def test_the_package_of_the_installation_line_is_this_one():
    assert BLOCKS[28].code == "pip install comotion-sdk\n"
    assert version("comotion-sdk").startswith("2.")


@pytest.mark.skipif(sys.platform == "win32", reason="the guide's shell lines are POSIX")
@pytest.mark.parametrize("line", sorted(SHELL - {28}))
def test_the_shell_lines_run_through_the_console_script(line, tmp_path):
    assert "tester" in typed(BLOCKS[line].code, tmp_path, org="orgname")
