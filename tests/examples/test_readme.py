"""The README's blocks run as printed: the Python ones in order and in one namespace, the test as a test."""

import re
from pathlib import Path

import pytest

from comotion.testing import FakeDash

README = Path(__file__).parents[2] / "README.md"
BLOCKS = re.findall(r"```python\n(.*?)```", README.read_text("utf-8"), re.DOTALL)
SCRIPTS = [block for block in BLOCKS if "def test_" not in block]
TESTS = [block for block in BLOCKS if "def test_" in block]
POLICIES = "id,product,sum_assured\n1,Funeral Plan,12000\n2,Credit Life,345\n"


@pytest.fixture
def policies(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("policies.csv").write_text(POLICIES, "utf-8")


def test_the_scripts_load_a_file_and_query_it_back(policies, monkeypatch):
    from comotion.auth import Auth

    monkeypatch.setenv("COMOTION_CREDENTIALS_FILE", "credentials")
    with FakeDash("my_org") as fake, fake.installed():
        Auth("my_org").sign_in.credentials.set_refresh_token("tester", fake.refresh_token())
        namespace = {}
        for block in SCRIPTS:
            exec(compile(block, "README.md", "exec"), namespace)
        assert len(fake.tables["v1_policies"]) == 2
    assert len(Path("first_policies.csv").read_text("utf-8").splitlines()) == 3


def test_the_test_passes(policies, fake_dash, dash_config):
    (block,) = TESTS
    namespace = {}
    exec(compile(block, "README.md", "exec"), namespace)
    namespace["test_the_nightly_load"](fake_dash, dash_config)


def test_the_readme_has_blocks_of_both_kinds():
    assert (len(SCRIPTS), len(TESTS)) == (2, 1)
