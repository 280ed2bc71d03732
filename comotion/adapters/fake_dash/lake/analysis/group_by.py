"""GROUP BY: its keys, and the sets that ROLLUP, CUBE and GROUPING SETS make of them."""

from __future__ import annotations

import itertools

from comotion.adapters.fake_dash.lake.analysis import walk
from comotion.adapters.fake_dash.lake.analysis.expressions import Expressions
from comotion.adapters.fake_dash.lake.analysis.grouping import Grouping
from comotion.adapters.fake_dash.lake.analysis.operators import is_comparable, one_zone
from comotion.adapters.fake_dash.lake.analysis.select_list import SelectList
from comotion.adapters.fake_dash.lake.analysis.typed import Field, Typed, mismatch, refusal
from comotion.adapters.fake_dash.lake.sql import tree

Sets = list[tuple[str, ...]]


def read_sets(chosen: SelectList, source: Expressions, grouping: Grouping) -> list[Sets]:
    """The sets of keys of each GROUP BY element, its keys noted in `grouping`."""
    found: list[Sets] = []
    for element in chosen.node.group or ():
        if element.kind != "simple":
            for item in itertools.chain(*element.sets):
                _check_column(source, item)
        keyed = [tuple(_key(chosen, source, grouping, item) for item in group) for group in element.sets]
        if element.kind == "simple":
            found.append([keyed[0]])
        elif element.kind == "sets":
            found.append(keyed)
        elif element.kind == "rollup":
            found.append([tuple(itertools.chain(*keyed[:n])) for n in range(len(keyed), -1, -1)])
        else:
            picked = itertools.chain.from_iterable(itertools.combinations(keyed, n) for n in range(len(keyed), -1, -1))
            found.append([tuple(itertools.chain(*one)) for one in picked])
    grouping.sets = any(len(one) > 1 for one in found)
    return found


def _check_column(source: Expressions, item: tree.Expression) -> None:
    """ROLLUP, CUBE and GROUPING SETS take columns only, no expression and no place in the select list."""
    source.analyse(item)
    parts = walk.dotted(item)
    if parts is None or source.scope.find(parts, item.at) is None:
        message = f"GROUP BY expression must be a column reference: {walk.written(item)}"
        raise refusal(item.at, message, "INVALID_COLUMN_REFERENCE")


def _key(chosen: SelectList, source: Expressions, grouping: Grouping, item: tree.Expression) -> str:
    if isinstance(item, tree.Integer):
        expanded = chosen.written()
        if not 1 <= item.value <= len(expanded):
            raise refusal(item.at, f"GROUP BY position {item.value} is not in select list", "INVALID_COLUMN_REFERENCE")
        column = expanded[item.value - 1]
        if isinstance(column, Field):
            value = Typed(column.sql, column.type)
        else:
            value = source.analyse(column)
    else:
        value = source.analyse(item)
    if not is_comparable(value.type):
        raise mismatch(item.at, f"{value.type} is not comparable, and therefore cannot be used in GROUP BY")
    for part in value.type.parts:
        one_zone(part, "GROUP BY")
    return grouping.add_key(value)


def group_by(node: tree.Select, sets: list[Sets]) -> str:
    """The GROUP BY clause, each combination of the elements' sets in it."""
    if node.group is None:
        return ""
    combined = [tuple(dict.fromkeys(itertools.chain(*one))) for one in itertools.product(*sets)]
    if node.group_distinct:
        combined = list({frozenset(one): one for one in combined}.values())
    if len(combined) == 1:
        return f" GROUP BY {', '.join(combined[0])}" if combined[0] else ""
    shown = ", ".join(f"({', '.join(one)})" for one in combined)
    return f" GROUP BY GROUPING SETS ({shown})"
