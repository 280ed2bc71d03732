"""The documentation builds without a warning, and holds the pages that the guide promises."""

import subprocess
import sys
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.docs
def test_the_documentation_builds(tmp_path):
    pytest.importorskip("sphinx", reason='the documentation needs pip install -e ".[docs]"')
    pytest.importorskip("myst_parser", reason='the documentation needs pip install -e ".[docs]"')
    built = subprocess.run(
        [sys.executable, "-m", "sphinx", "-W", "-q", "-d", tmp_path / "trees", DOCS, tmp_path / "html"],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    for page, name in {"comotion.dash": "read_and_upload_file_to_dash", "comotion.auth": "get_access_token"}.items():
        assert name in (tmp_path / "html" / f"{page}.html").read_text("utf-8")
    assert (tmp_path / "html" / "guide.html").exists()
