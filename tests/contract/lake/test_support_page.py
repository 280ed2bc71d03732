"""The page of supported functions says what the code does."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pytest

from comotion.adapters.fake_dash.lake import Lake, SqlNotSupported, SqlRefused
from comotion.adapters.fake_dash.lake.functions.known import UNSUPPORTED
from comotion.adapters.fake_dash.lake.support import page, rows, statements_of
from tests.contract.lake.cases import DATA

PAGE = Path(__file__).parents[3] / "docs" / "fake-lake-functions.md"


def test_the_page_is_what_the_script_writes() -> None:
    written = PAGE.read_text(encoding="utf-8")
    day = re.search(r"As of (\d{4}-\d{2}-\d{2})", written)
    assert day is not None
    cases = [Path(__file__).with_name("trino_matrix.csv"), DATA / "trino-sql-cases.csv"]
    expected = page(statements_of(cases), dt.date.fromisoformat(day[1]))
    assert _without_counts(written) == _without_counts(expected), "write it again: see the head of lake/support.py"


def _without_counts(text: str) -> str:
    """The page without its last column, which changes with every case that is added."""
    return re.sub(r"\| \d+ \|$", "|", text, flags=re.M)


@pytest.mark.parametrize("name", sorted(UNSUPPORTED))
def test_what_is_listed_as_not_supported_is_refused_by_name(lake: Lake, name: str) -> None:
    with pytest.raises((SqlNotSupported, SqlRefused)) as refused:
        lake.sql(f"SELECT {name}(1)")
    if isinstance(refused.value, SqlNotSupported):
        assert name in refused.value.feature.lower()


def test_no_function_is_in_both_lists() -> None:
    names = [one.name for one in rows()]
    assert len(names) == len(set(names))
