"""The sample of Trino and Athena statements: every one is right, or refused as Trino refuses it."""

from __future__ import annotations

import pytest

from comotion.adapters.fake_dash.lake import Lake
from tests.contract.lake.cases import DATA, Case, judge, read_cases


@pytest.mark.parametrize("case", read_cases(DATA / "trino-sql-cases.csv"), ids=str)
def test_the_sample_is_answered_as_trino_answers_it(lake: Lake, case: Case) -> None:
    assert judge(lake, case) is None
