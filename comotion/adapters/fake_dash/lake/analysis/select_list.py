"""The select list: its expressions, and what the stars in it stand for."""

from __future__ import annotations

from attrs import frozen

from comotion.adapters.fake_dash.lake.analysis import walk
from comotion.adapters.fake_dash.lake.analysis.expressions import Expressions
from comotion.adapters.fake_dash.lake.analysis.typed import Field, Typed, mismatch, refusal
from comotion.adapters.fake_dash.lake.sql import tree

Named = tuple[str | None, Typed]


@frozen
class SelectList:
    """What stands between SELECT and FROM, over the columns of the FROM."""

    node: tree.Select
    fields: tuple[Field, ...]

    def named(self, expressions: Expressions) -> list[Named]:
        """Each column of the result with its name, if it has one."""
        found: list[Named] = []
        for item in self.node.items:
            if isinstance(item, tree.Item):
                value = expressions.analyse(item.value)
                found.append((item.alias.value if item.alias else _name_of(item.value), value))
            else:
                found.extend(self._star(expressions, item))
        return found

    def written(self) -> list[tree.Expression | Field]:
        """Each column of the result as it is written; a star's are columns of the FROM."""
        found: list[tree.Expression | Field] = []
        for item in self.node.items:
            if isinstance(item, tree.Item):
                found.append(item.value)
            else:
                found.extend(self._star_fields(item))
        return found

    def _star_fields(self, item: tree.AllColumns) -> list[Field]:
        visible = [f for f in self.fields if not f.hidden]
        if item.target is None:
            if self.node.source is None:
                raise refusal(item.at, "SELECT * not allowed in queries without FROM clause", "COLUMN_NOT_FOUND")
            return visible
        parts = walk.dotted(item.target)
        if parts is not None:
            chosen = [f for f in visible if f.within(parts)]
            if chosen:
                return chosen
        return []

    def _star(self, expressions: Expressions, item: tree.AllColumns) -> list[Named]:
        fields = self._star_fields(item)
        found: list[Named] = []
        if fields:
            for one in fields:
                shown = expressions.scope.translate(one, item.at)
                found.append((one.name, Typed(shown.sql, shown.type)))
        else:
            found = self._row_star(expressions, item)
        if item.aliases:
            if len(item.aliases) != len(found):
                raise refusal(
                    item.aliases[0].at,
                    f"Column alias list has {len(item.aliases)} entries but relation has {len(found)} columns",
                    "MISMATCHED_COLUMN_ALIASES",
                )
            found = [(alias.value, value) for alias, (_, value) in zip(item.aliases, found, strict=True)]
        return found

    def _row_star(self, expressions: Expressions, item: tree.AllColumns) -> list[Named]:
        assert item.target is not None
        parts = walk.dotted(item.target)
        if parts is not None and expressions.scope.find(parts, item.at) is None and len(parts) == 1:
            raise refusal(
                item.at, f"Unable to resolve reference {walk.written(item.target)}", "INVALID_COLUMN_REFERENCE"
            )
        value = expressions.analyse(item.target)
        if value.type.base != "row":
            raise mismatch(item.at, "expected expression of type Row")
        names = value.type.names or (None,) * len(value.type.parts)
        return [
            (n, Typed(f"({value.sql}).f{i}", p)) for i, (n, p) in enumerate(zip(names, value.type.parts, strict=True))
        ]


def _name_of(node: tree.Expression) -> str | None:
    if isinstance(node, tree.Name):
        return node.value
    if isinstance(node, tree.Dereference):
        return node.field.value
    return None
