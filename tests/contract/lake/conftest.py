"""A lake with the table of the cases."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

pytest.importorskip("duckdb", reason="the fake's lake needs the extra 'fake'")

from comotion.adapters.fake_dash.lake import Lake
from tests.contract.lake.cases import table_t


@pytest.fixture(scope="session")
def lake() -> Iterator[Lake]:
    found = Lake()
    found.create("t", table_t())
    yield found
    found.close()
