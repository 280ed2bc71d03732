"""An empty lake whose clock stands still."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

pytest.importorskip("duckdb", reason="the fake's lake needs the extra 'fake'")

import pyarrow as pa
import pyarrow.parquet as pq

from comotion.adapters.fake_dash.lake import Lake

NOON = dt.datetime(2024, 2, 29, 12, 0, 0, 123456, tzinfo=dt.UTC)
Write = Callable[..., Path]


@pytest.fixture
def lake() -> Iterator[Lake]:
    found = Lake(now=lambda: NOON)
    yield found
    found.close()


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes columns to a Parquet file and says where."""

    def written(name: str, **columns: pa.Array) -> Path:
        path = tmp_path / f"{name}.parquet"
        pq.write_table(pa.table(columns), path)
        return path

    return written
