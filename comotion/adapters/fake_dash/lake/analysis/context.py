"""What one translation knows and collects: the lake's tables, fresh names, kernels, the clock's parameter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from attrs import define, field

from comotion.adapters.fake_dash.lake.analysis import walk
from comotion.adapters.fake_dash.lake.analysis.typed import Typed
from comotion.adapters.fake_dash.lake.sql import tree
from comotion.adapters.fake_dash.lake.types import Type
from comotion.adapters.fake_dash.lake.unforeseen import THIS_STATEMENT

CATALOG = "awsdatacatalog"
SCHEMA = "lake"


class Kernels(Protocol):
    """Where Python functions become DuckDB functions."""

    def function(self, name: str, parameters: Sequence[Type], returns: Type, *, keep_null: bool) -> str:
        """The DuckDB name of a kernel for these types, registered if it was not yet."""
        ...


class LakeTables(Protocol):
    """The tables that a statement can name."""

    def names(self) -> Sequence[str]: ...

    def columns(self, table: str) -> Mapping[str, Type] | None:
        """The columns of a table in order, or None where there is no such table."""
        ...

    def storage(self, table: str) -> str:
        """The DuckDB table that holds the rows, quoted."""
        ...

    def snapshots(self, table: str) -> Sequence[Snapshot]: ...


@define
class Snapshot:
    """One committed load of a table: its number, when it was committed (microseconds since 1970) and its rows."""

    number: int
    id: int
    at_us: int
    rows: int
    path: str


@define
class Context:
    """One translation."""

    kernels: Kernels
    tables: LakeTables
    dialect: str = "trino"
    text: str = ""
    scanned: set[str] = field(factory=set)  # the lake's tables that the statement reads
    reading: tree.Node | None = None  # the node at hand, to say where something unforeseen happened
    _names: int = field(default=0, init=False)

    def fresh(self, prefix: str) -> str:
        """A name that occurs neither before nor in the statement's own text."""
        while True:
            self._names += 1
            name = f"{prefix}_{self._names}"
            if name not in self.text:
                return name

    def place(self) -> str:
        """The construct that is being read, and where it stands."""
        if self.reading is None:
            return THIS_STATEMENT
        line, column = self.reading.at
        return f"{walk.construct(self.reading)} at line {line}:{column}"

    def kernel(self, name: str, arguments: Sequence[Typed], returns: Type, *, keep_null: bool = False) -> str:
        """DuckDB text that calls a kernel; NULL in gives NULL out unless `keep_null`."""
        function = self.kernels.function(name, [a.type for a in arguments], returns, keep_null=keep_null)
        return f"{function}({', '.join(a.sql for a in arguments)})"

    def now(self) -> str:
        """The query's start, UTC, as a DuckDB TIMESTAMP; bound when the statement runs."""
        return f"CAST(${self.clock} AS TIMESTAMP)"

    @property
    def clock(self) -> str:
        """The parameter that holds the query's start."""
        name = "now"
        while f"${name}" in self.text:
            name += "_"
        return name

    def fail(self, message: str, returns: Type, kind: str = "INVALID_FUNCTION_ARGUMENT") -> str:
        """DuckDB text that refuses the statement when it is reached."""
        from comotion.adapters.fake_dash.lake.analysis.typed import text
        from comotion.adapters.fake_dash.lake.types import VARCHAR

        return self.kernel("fail", [Typed(text(one), VARCHAR) for one in (message, kind)], returns)
