"""Looking for something in a tree without going into the queries inside it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import attrs

from comotion.adapters.fake_dash.lake.sql import tree

_QUERY_HOLDERS = (tree.Query,)


def parts(node: object) -> Iterator[tree.Node]:
    """The node and everything under it, queries left out."""
    if isinstance(node, _QUERY_HOLDERS):
        return
    if isinstance(node, tree.Node):
        yield node
        for field in attrs.fields(type(node)):
            if field.name != "at":
                yield from parts(getattr(node, field.name))
    elif isinstance(node, tuple):
        for item in node:
            yield from parts(item)


def has_aggregate(node: object, aggregates: frozenset[str]) -> bool:
    """Whether an aggregate or grouping() stands in it, outside of a window function of that name."""
    for part in parts(node):
        if isinstance(part, tree.Grouping):
            return True
        if isinstance(part, tree.Call) and part.window is None and part.name.lower() in aggregates:
            return True
    return False


def has_window(node: object) -> bool:
    return any(isinstance(part, tree.Call) and part.window is not None for part in parts(node))


def names(node: object) -> set[str]:
    """Every bare name in it, in lower case."""
    return {part.value.lower() for part in parts(node) if isinstance(part, tree.Name)}


def written(node: tree.Expression) -> str:
    """An expression as an error message shows it; only names and calls need be exact."""
    if isinstance(node, tree.Name):
        return node.value.lower() if not node.quoted else node.value
    if isinstance(node, tree.Dereference):
        return f"{written(node.base)}.{written(node.field)}"
    if isinstance(node, tree.Call):
        return f"{node.name}({', '.join(written(a) for a in node.arguments)})"
    if isinstance(node, tree.Arithmetic):
        return f"({written(node.left)} {node.operator} {written(node.right)})"
    if isinstance(node, tree.Integer):
        return str(node.value)
    return type(node).__name__.lower()


def construct(node: tree.Node) -> str:
    """What a node is, for somebody who wrote the statement: a function by its name, else the kind of node."""
    if isinstance(node, tree.Call):
        return f"{node.name.lower()}()"
    words = re.sub("(?<=[a-z])(?=[A-Z])", " ", type(node).__name__).lower()
    return f"the {words}"


def dotted(node: tree.Expression) -> tuple[str, ...] | None:
    """The parts of a name, in lower case, or None where it is no name."""
    if isinstance(node, tree.Name):
        return (node.value.lower(),)
    if isinstance(node, tree.Dereference):
        base = dotted(node.base)
        return None if base is None else (*base, node.field.value.lower())
    return None
