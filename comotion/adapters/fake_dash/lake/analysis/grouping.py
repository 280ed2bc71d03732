"""A grouped query: what its keys and aggregates have become after grouping."""

from __future__ import annotations

import re

from attrs import define, field, frozen

from comotion.adapters.fake_dash.lake.analysis.typed import Field, Scope, Typed, refusal
from comotion.adapters.fake_dash.lake.sql.lexer import Position

_PARAMETER = re.compile(r"\b(?:x|e|k|v|p|a|b|i|j|s|t|q)_\d+\b")


def canonical(sql: str) -> str:
    """The text with the names of lambda parameters counted from one: each translation takes fresh ones."""
    if "lambda" not in sql:
        return sql
    names: dict[str, str] = {}
    return _PARAMETER.sub(lambda m: names.setdefault(m[0], f"parameter {len(names) + 1}"), sql)


@define
class Grouping:
    """Keys and aggregates, each by the DuckDB text it has before grouping."""

    alias: str
    keys: dict[str, Typed] = field(factory=dict)
    aggregates: dict[str, Typed] = field(factory=dict)
    sets: bool = False

    def add_key(self, value: Typed) -> str:
        """Take a key in; the text it is grouped by."""
        for known in self.keys:
            if canonical(known) == canonical(value.sql):
                return self._grouped(known)
        self.keys[value.sql] = Typed(f"{self.alias}.k{len(self.keys)}", value.type)
        return self._grouped(value.sql)

    def _grouped(self, sql: str) -> str:
        """What a key is grouped by: moments in zones that differ by row are equal whatever zone shows them."""
        kind = self.keys[sql].type
        return f"({sql}).t" if kind.is_zoned and kind.zone is None else sql

    def _shown(self, sql: str) -> str:
        """What a key is after grouping; of several zones one is as good as another, and the first by name is shown."""
        moment = self._grouped(sql)
        if moment == sql:
            return sql
        return f"CASE WHEN {moment} IS NOT NULL THEN struct_pack(t := {moment}, z := min(({sql}).z)) END"

    def key(self, sql: str) -> Typed | None:
        """What a key has become, whatever its lambdas call their parameters."""
        if sql in self.keys:
            return self.keys[sql]
        wanted = canonical(sql)
        return next((found for known, found in self.keys.items() if canonical(known) == wanted), None)

    def written(self, sql: str) -> str | None:
        """The text by which a key is grouped, as it was first written."""
        return next((self._grouped(known) for known in self.keys if canonical(known) == canonical(sql)), None)

    def aggregate(self, value: Typed) -> Typed:
        """The column that an aggregate becomes."""
        if value.sql not in self.aggregates:
            self.aggregates[value.sql] = Typed(f"{self.alias}.a{len(self.aggregates)}", value.type)
        return self.aggregates[value.sql]

    def columns(self) -> str:
        """The select list of the grouping itself."""
        keys = [f"{self._shown(sql)} AS k{i}" for i, sql in enumerate(self.keys)]
        return ", ".join(keys + [f"{sql} AS a{i}" for i, sql in enumerate(self.aggregates)]) or "1 AS k0"


@frozen
class GroupedScope(Scope):
    """The columns in sight after grouping: only keys are left of them."""

    grouping: Grouping | None = None

    def translate(self, found: Field, at: Position) -> Field:
        assert self.grouping is not None
        key = self.grouping.key(found.sql)
        if key is None:
            raise refusal(
                at, f"'{found.name}' must be an aggregate expression or appear in GROUP BY clause",
                "EXPRESSION_NOT_AGGREGATE",
            )  # fmt: skip
        return found.moved(key.sql)
