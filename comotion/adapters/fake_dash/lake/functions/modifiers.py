"""What stands around an aggregate or window call: DISTINCT, ORDER BY, FILTER, OVER, IGNORE NULLS."""

from __future__ import annotations

from attrs import frozen


@frozen
class Modifiers:
    """The words around a call, as DuckDB text."""

    distinct: bool = False
    order: str = ""
    filter: str = ""
    over: str = ""
    ignore_nulls: bool = False
    overflow: str | None = None

    def call(self, function: str, arguments: str, *, distinct: bool | None = None, order: str | None = None,
             keep: str = "") -> str:  # fmt: skip
        """A DuckDB aggregate with these words around it; `keep` is a further condition on its rows."""
        chosen_distinct = self.distinct if distinct is None else distinct
        chosen_order = self.order if order is None else order
        head = "DISTINCT " if chosen_distinct else ""
        tail = f" ORDER BY {chosen_order}" if chosen_order else ""
        if self.ignore_nulls:
            tail += " IGNORE NULLS"
        conditions = " AND ".join(f"({c})" for c in (self.filter, keep) if c)
        where = f" FILTER (WHERE {conditions})" if conditions else ""
        over = f" {self.over}" if self.over else ""
        return f"{function}({head}{arguments}{tail}){where}{over}"
