"""A grouped query: what its keys and aggregates have become after grouping."""

from __future__ import annotations

from attrs import define, field, frozen

from comotion.adapters.fake_dash.lake.analysis.typed import Field, Scope, Typed, refusal
from comotion.adapters.fake_dash.lake.sql.lexer import Position


@define
class Grouping:
    """Keys and aggregates, each by the DuckDB text it has before grouping."""

    alias: str
    keys: dict[str, Typed] = field(factory=dict)
    aggregates: dict[str, Typed] = field(factory=dict)
    sets: bool = False

    def add_key(self, value: Typed) -> None:
        if value.sql not in self.keys:
            self.keys[value.sql] = Typed(f"{self.alias}.k{len(self.keys)}", value.type)

    def key_index(self, sql: str) -> int | None:
        return list(self.keys).index(sql) if sql in self.keys else None

    def aggregate(self, value: Typed) -> Typed:
        """The column that an aggregate becomes."""
        if value.sql not in self.aggregates:
            self.aggregates[value.sql] = Typed(f"{self.alias}.a{len(self.aggregates)}", value.type)
        return self.aggregates[value.sql]

    def columns(self) -> str:
        """The select list of the grouping itself."""
        keys = [f"{sql} AS k{i}" for i, sql in enumerate(self.keys)]
        return ", ".join(keys + [f"{sql} AS a{i}" for i, sql in enumerate(self.aggregates)]) or "1 AS k0"


@frozen
class GroupedScope(Scope):
    """The columns in sight after grouping: only keys are left of them."""

    grouping: Grouping | None = None

    def translate(self, found: Field, at: Position) -> Field:
        assert self.grouping is not None
        key = self.grouping.keys.get(found.sql)
        if key is None:
            raise refusal(
                at, f"'{found.name}' must be an aggregate expression or appear in GROUP BY clause",
                "EXPRESSION_NOT_AGGREGATE",
            )  # fmt: skip
        return found.moved(key.sql)
