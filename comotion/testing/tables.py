"""The tables of a fake Dash as a test looks at them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from attrs import field, frozen

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    from comotion.adapters.fake_dash.organisation import Organisation
    from comotion.adapters.fake_dash.world import World


@frozen
class Table:
    """One lake table, read anew at every look."""

    name: str
    _organisation: Organisation = field(repr=False)

    def arrow(self) -> pa.Table:
        """All rows as an Arrow table, columns with their Trino types in the field metadata."""
        return self._organisation.lake.rows(self.name)

    def frame(self) -> pd.DataFrame:
        """All rows as a DataFrame."""
        frame: pd.DataFrame = self.arrow().to_pandas()
        return frame

    @property
    def rows(self) -> list[dict[str, object]]:
        """All rows as dicts."""
        rows: list[dict[str, object]] = self.arrow().to_pylist()
        return rows

    @property
    def columns(self) -> list[str]:
        names: list[str] = self.arrow().column_names
        return names

    def __len__(self) -> int:
        return self._organisation.lake.count(self.name)


class Tables(Mapping[str, Table]):
    """The tables of an organisation's v2 lake by name; work that is due is done before each look."""

    def __init__(self, world: World, organisation: Organisation) -> None:
        self._world, self._organisation = world, organisation

    def _names(self) -> list[str]:
        self._world.settle()
        return list(self._organisation.lake.tables())

    def __getitem__(self, name: str) -> Table:
        if name not in self._names():
            raise KeyError(f"no table {name!r} in the lake; there is {', '.join(self._names()) or 'none'}")
        return Table(name, self._organisation)

    def __iter__(self) -> Iterator[str]:
        return iter(self._names())

    def __len__(self) -> int:
        return len(self._names())

    def __repr__(self) -> str:
        return f"Tables({', '.join(self._names())})"
