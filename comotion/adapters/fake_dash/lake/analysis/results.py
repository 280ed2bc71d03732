"""What a translated query is: DuckDB text whose columns are c0, c1, ..., each with a name and a Trino type."""

from __future__ import annotations

from attrs import frozen

from comotion.adapters.fake_dash.lake.analysis.typed import Typed, refusal
from comotion.adapters.fake_dash.lake.sql import tree
from comotion.adapters.fake_dash.lake.types import Type, row


@frozen
class Column:
    """A column of a result."""

    name: str | None
    type: Type


@frozen
class Result:
    """A query as DuckDB text whose columns are c0, c1, ..."""

    sql: str
    columns: tuple[Column, ...]


def packed(name: str, columns: tuple[Column, ...]) -> Typed:
    """A row of the relation of that name as one value: its only column, or all of them as a row."""
    if len(columns) == 1:
        return Typed(f"{name}.c0", columns[0].type)
    fields = ", ".join(f"f{i} := {name}.c{i}" for i in range(len(columns)))
    return Typed(f"struct_pack({fields})", row(tuple(c.type for c in columns), tuple(c.name for c in columns)))


def renamed(result: Result, cte: tree.With) -> tuple[Column, ...]:
    """The columns under the names that the WITH query gives them."""
    if not cte.columns:
        return result.columns
    if len(cte.columns) != len(result.columns):
        raise refusal(
            cte.at,
            f"WITH column alias list has {len(cte.columns)} entries but WITH query({cte.name.value}) has "
            f"{len(result.columns)} columns",
            "MISMATCHED_COLUMN_ALIASES",
        )
    return tuple(Column(n.value, c.type) for n, c in zip(cte.columns, result.columns, strict=True))
