"""A lake on disk: one Parquet file a load, one JSON file a table; written whole or not at all."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import attrs
import pyarrow as pa
import pyarrow.parquet as pq
from attrs import evolve

from comotion.adapters.fake_dash.lake.analysis.context import Snapshot
from comotion.adapters.fake_dash.lake.types import Type, parse_type

if TYPE_CHECKING:
    from comotion.adapters.fake_dash.lake.lake import LakeTable

_ABOUT = "table.json"


class Store:
    """The directory of a persistent world."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        directory.mkdir(parents=True, exist_ok=True)

    def save(self, table: str, columns: Mapping[str, Type], snapshots: Sequence[Snapshot], rows: pa.Table) -> None:
        """Keep the newest load of a table; the table's description is put in place last."""
        place = self.directory / table
        place.mkdir(exist_ok=True)
        pq.write_table(rows, place / f"{snapshots[-1].number:05d}.parquet")
        about = {
            "columns": [[name, str(kind)] for name, kind in columns.items()],
            "snapshots": [attrs.asdict(one) for one in snapshots],
        }
        draft = place / (_ABOUT + ".draft")
        draft.write_text(json.dumps(about, indent=1), encoding="utf-8")
        os.replace(draft, place / _ABOUT)

    def load(self) -> Iterator[tuple[str, list[pa.Table], LakeTable]]:
        """Every table: its name, the rows of its loads, its description."""
        from comotion.adapters.fake_dash.lake.lake import LakeTable

        for place in sorted(self.directory.iterdir()):
            if not (place / _ABOUT).is_file():
                continue
            about = json.loads((place / _ABOUT).read_text(encoding="utf-8"))
            snapshots = [Snapshot(**one) for one in about["snapshots"]]
            columns = {name: _zoned(parse_type(kind)) for name, kind in about["columns"]}
            rows = [pq.read_table(place / f"{one.number:05d}.parquet") for one in snapshots]
            yield place.name, rows, LakeTable(columns, snapshots)

    def remove(self, table: str) -> None:
        shutil.rmtree(self.directory / table, ignore_errors=True)


def _zoned(kind: Type) -> Type:
    parts = tuple(_zoned(part) for part in kind.parts)
    return evolve(kind, parts=parts, zone="UTC" if kind.is_zoned else None)
