"""A translated expression, the columns in sight, and how both are quoted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from attrs import evolve, field, frozen

from comotion.adapters.fake_dash.lake.refusal import SqlRefused
from comotion.adapters.fake_dash.lake.sql.lexer import Position
from comotion.adapters.fake_dash.lake.types import Type

if TYPE_CHECKING:
    from comotion.adapters.fake_dash.lake.analysis.relations import Source


@frozen
class Typed:
    """DuckDB text, safe to stand anywhere, with the Trino type of its value.

    `literal` is the Python value of a literal, for the rules that need one.
    """

    sql: str
    type: Type
    literal: object = None


def text(value: str) -> str:
    """A DuckDB string literal."""
    return "'" + value.replace("'", "''") + "'"


def quoted(name: str) -> str:
    """A DuckDB identifier."""
    return '"' + name.replace('"', '""') + '"'


def refusal(at: Position, message: str, kind: str = "GENERIC_USER_ERROR") -> SqlRefused:
    """A refusal that says where."""
    return SqlRefused(f"line {at[0]}:{at[1]}: {message}", kind=kind)


def mismatch(at: Position, message: str) -> SqlRefused:
    return refusal(at, message, "TYPE_MISMATCH")


@frozen
class Field:
    """A column in sight.

    `qualifier` is every prefix part it can be called by, outermost first, in lower case; empty for none.
    """

    name: str | None
    sql: str
    type: Type
    qualifier: tuple[str, ...] = ()
    hidden: bool = False

    def matches(self, parts: tuple[str, ...]) -> bool:
        """Whether the (lower-case) name, qualified or not, means this column."""
        if self.name is None or self.name.lower() != parts[-1]:
            return False
        prefix = parts[:-1]
        return not prefix or self.qualifier[-len(prefix) :] == prefix

    def within(self, qualifier: tuple[str, ...]) -> bool:
        """Whether the qualifier means the relation of this column."""
        return bool(qualifier) and self.qualifier[-len(qualifier) :] == qualifier

    def moved(self, sql: str) -> Field:
        return evolve(self, sql=sql)


@frozen
class Scope:
    """The columns in sight, and those of the query around."""

    fields: tuple[Field, ...]
    parent: Scope | None = None
    ctes: Mapping[str, Callable[[], Source]] = field(factory=dict, eq=False)

    def queries_in_sight(self) -> dict[str, Callable[[], Source]]:
        """The WITH queries that can be named here."""
        outer = self.parent.queries_in_sight() if self.parent else {}
        return {**outer, **self.ctes}

    def local(self, parts: tuple[str, ...]) -> list[Field]:
        return [one for one in self.fields if one.matches(parts)]

    def translate(self, found: Field, at: Position) -> Field:
        """What a column found here has become; a grouped query shows only its keys."""
        return found

    def find(self, parts: tuple[str, ...], at: Position) -> Field | None:
        """The column of that name here or around.

        Raises
        ------
        SqlRefused
            Where there are several.
        """
        found = self.local(parts)
        if len(found) > 1:
            raise refusal(at, f"Column '{'.'.join(parts)}' is ambiguous", "AMBIGUOUS_NAME")
        if found:
            return self.translate(found[0], at)
        return self.parent.find(parts, at) if self.parent else None
