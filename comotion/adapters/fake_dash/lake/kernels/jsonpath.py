"""SQL/JSON paths followed through a document, lax or strict."""

from __future__ import annotations

import math
import operator as operators
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from attrs import frozen

from comotion.adapters.fake_dash.lake.kernels import jsonvalues
from comotion.adapters.fake_dash.lake.kernels.jsonpath_grammar import Node, parse_path
from comotion.adapters.fake_dash.lake.kernels.registry import KernelRefusal

_OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "+": operators.add, "-": operators.sub, "*": operators.mul, "/": operators.truediv, "%": operators.mod,
}  # fmt: skip


class PathFails(Exception):
    """The path does not fit the document: ON ERROR decides."""

    kind = "PATH_EVALUATION_ERROR"
    what = "path evaluation failed"

    def refusal(self) -> KernelRefusal:
        return KernelRefusal(f"{self.what}: {self}", self.kind)


class InputFails(PathFails):
    """The document, or one passed along, is no JSON."""

    kind = "JSON_INPUT_CONVERSION_ERROR"
    what = "conversion to JSON failed"


# ---- following -------------------------------------------------------------------------------------------


@frozen
class _Walk:
    strict: bool
    root: Any
    variables: dict[str, list[Any]]

    def items(self, node: Node, current: Any = None, last: int | None = None) -> list[Any]:
        return _FOLLOW[node.kind](self, node, current, last)

    def base(self, node: Node, current: Any, last: int | None, *, unwrap: bool) -> list[Any]:
        found = self.items(node.parts[0], current, last)
        if not unwrap or self.strict:
            return found
        return [item for one in found for item in (one if isinstance(one, list) else [one])]


def _member(walk: _Walk, node: Node, current: Any, last: int | None) -> list[Any]:
    out = []
    for one in walk.base(node, current, last, unwrap=True):
        if isinstance(one, dict) and node.parts[1] in one:
            out.append(one[node.parts[1]])
        elif walk.strict:
            raise PathFails(
                "structural error: missing member" if isinstance(one, dict) else "structural error: not an object"
            )
    return out


def _members(walk: _Walk, node: Node, current: Any, last: int | None) -> list[Any]:
    out: list[Any] = []
    for one in walk.base(node, current, last, unwrap=True):
        if isinstance(one, dict):
            out.extend(one.values())
        elif walk.strict:
            raise PathFails("structural error: not an object")
    return out


def _descendants(walk: _Walk, node: Node, current: Any, last: int | None) -> list[Any]:
    """Members of that name at any depth, each before those inside it."""
    out: list[Any] = []

    def visit(value: Any) -> None:
        if isinstance(value, dict):
            if node.parts[1] in value:
                out.append(value[node.parts[1]])
            for one in value.values():
                visit(one)
        elif isinstance(value, list):
            for one in value:
                visit(one)

    for one in walk.items(node.parts[0], current, last):
        visit(one)
    return out


def _elements(walk: _Walk, node: Node, current: Any, last: int | None) -> list[Any]:
    out = []
    for one in walk.items(node.parts[0], current, last):
        if isinstance(one, list):
            out.extend(one)
        elif walk.strict:
            raise PathFails("structural error: not an array")
        else:
            out.append(one)
    return out


def _subscript(walk: _Walk, node: Node, current: Any, last: int | None) -> list[Any]:
    out: list[Any] = []
    for one in walk.items(node.parts[0], current, last):
        if not isinstance(one, list):
            if walk.strict:
                raise PathFails("structural error: not an array")
            one = [one]
        for first, second in node.parts[1]:
            low = _index(walk, first, current, len(one) - 1)
            high = low if second is None else _index(walk, second, current, len(one) - 1)
            if walk.strict and not (0 <= low <= high < len(one)):
                raise PathFails("structural error: invalid array subscript")
            out.extend(one[max(low, 0) : max(high + 1, 0)])
    return out


def _index(walk: _Walk, node: Node, current: Any, last: int) -> int:
    found = walk.items(node, current, last)
    if len(found) != 1 or isinstance(found[0], bool) or not isinstance(found[0], int | float | Decimal):
        raise PathFails("array subscript must be a number")
    return int(found[0])


def _number(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise PathFails("not a number")
    return value


def _arithmetic(walk: _Walk, node: Node, current: Any, last: int | None) -> list[Any]:
    operator, left, right = node.parts
    values = []
    for side in (left, right):
        found = walk.items(side, current, last)
        if not walk.strict:
            found = [item for one in found for item in (one if isinstance(one, list) else [one])]
        if len(found) != 1:
            raise PathFails("arithmetic needs one number")
        values.append(_number(found[0]))
    return [_computed(operator, *values)]


def _computed(operator: str, a: Any, b: Any) -> Any:
    """Whole numbers stay whole, a double makes doubles, decimals are exact."""
    if operator in "/%" and b == 0:
        raise PathFails("division by zero")
    if isinstance(a, int) and isinstance(b, int) and operator in "/%":
        sign = 1 if (a < 0) == (b < 0) else -1
        return abs(a) // abs(b) * sign if operator == "/" else abs(a) % abs(b) * (1 if a >= 0 else -1)
    if isinstance(a, float) or isinstance(b, float):
        a, b = float(a), float(b)
        return math.fmod(a, b) if operator == "%" else _OPERATORS[operator](a, b)
    return _OPERATORS[operator](a, b)


def _filter(walk: _Walk, node: Node, current: Any, last: int | None) -> list[Any]:
    return [one for one in walk.base(node, current, last, unwrap=True) if _holds(walk, node.parts[1], one) is True]


def _holds(walk: _Walk, node: Node, current: Any) -> bool | None:
    """A predicate: true, false or unknown."""
    if node.kind in ("and", "or"):
        first, second = (_holds(walk, part, current) for part in node.parts)
        stop = node.kind == "or"
        if first is stop or second is stop:
            return stop
        return None if first is None or second is None else not stop
    if node.kind == "not":
        inner = _holds(walk, node.parts[0], current)
        return None if inner is None else not inner
    if node.kind == "unknown":
        return _holds(walk, node.parts[0], current) is None
    try:
        if node.kind == "exists":
            return bool(walk.items(node.parts[0], current))
        sides = [walk.items(part, current) for part in node.parts[-2:]]
    except PathFails:
        return None
    if not walk.strict:
        sides = [[i for one in side for i in (one if isinstance(one, list) else [one])] for side in sides]
    return _any_pair(node, sides)


def _any_pair(node: Node, sides: list[list[Any]]) -> bool | None:
    found: bool | None = False
    for a in sides[0]:
        for b in sides[1]:
            result = _starts(a, b) if node.kind == "starts" else _compared(node.parts[0], a, b)
            if result is None:
                return None
            found = found or result
    return found


def _starts(a: Any, b: Any) -> bool | None:
    return a.startswith(b) if isinstance(a, str) and isinstance(b, str) else None


def _compared(operator: str, a: Any, b: Any) -> bool | None:
    if isinstance(a, dict | list) or isinstance(b, dict | list):
        return None
    if a is None or b is None:
        return {"==": a is b, "<>": a is not b}.get(operator, False if a is not b else operator in ("<=", ">="))
    kinds = [bool if isinstance(v, bool) else str if isinstance(v, str) else float for v in (a, b)]
    if kinds[0] is not kinds[1]:
        return None
    if kinds[0] is float:
        a, b = Decimal(str(_number(a))), Decimal(str(_number(b)))
    if operator in ("==", "<>"):
        return bool(a == b) == (operator == "==")
    return bool({"<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b}[operator])


def _method(walk: _Walk, node: Node, current: Any, last: int | None) -> list[Any]:
    name = node.parts[1]
    if name == "type":
        return [_type(one) for one in walk.items(node.parts[0], current, last)]
    if name == "size":
        return [len(one) if isinstance(one, list) else 1 for one in walk.items(node.parts[0], current, last)
                if isinstance(one, list) or not walk.strict or _fails("size() of what is no array")]  # fmt: skip
    found = walk.base(node, current, last, unwrap=True)
    if name == "keyvalue":
        return [pair for number, one in enumerate(found) for pair in _pairs(one, number)]
    return [_applied(name, one) for one in found]


def _pairs(value: Any, number: int) -> list[dict[str, Any]]:
    """An object's members, one object each; the number tells which object they are of."""
    if not isinstance(value, dict):
        raise PathFails("keyvalue() of what is no object")
    return [{"name": name, "value": member, "id": number} for name, member in value.items()]


def _fails(message: str) -> bool:
    raise PathFails(message)


def _applied(name: str, value: Any) -> Any:
    if name == "double":
        try:
            return float(value) if isinstance(value, str) else float(_number(value))
        except ValueError:
            raise PathFails("not a number") from None
    number = _number(value)
    if name == "abs":
        return abs(number)
    whole = math.ceil(number) if name == "ceiling" else math.floor(number)
    return float(whole) if isinstance(number, float) else whole


def _type(value: Any) -> str:
    if value is None:
        return "null"
    for kind, name in ((bool, "boolean"), (str, "string"), (dict, "object"), (list, "array")):
        if isinstance(value, kind):
            return name
    return "number"


_FOLLOW: dict[str, Callable[[_Walk, Node, Any, int | None], list[Any]]] = {
    "root": lambda w, n, c, at: [w.root],
    "current": lambda w, n, c, at: [c],
    "last": lambda w, n, c, at: [at],
    "literal": lambda w, n, c, at: [n.parts[0]],
    "variable": lambda w, n, c, at: w.variables[n.parts[0]],
    "member": _member,
    "members": _members,
    "descendants": _descendants,
    "elements": _elements,
    "subscript": _subscript,
    "filter": _filter,
    "method": _method,
    "arithmetic": _arithmetic,
    "negative": lambda w, n, c, at: [-_number(v) for v in w.base(n, c, at, unwrap=True)],
}


def followed(document: str, path: str, variables: str) -> list[Any]:
    """The items that a path finds.

    Parameters
    ----------
    variables : str
        An object with the items of each variable in an array.

    Raises
    ------
    PathFails
        Where the document is no JSON or does not fit a strict path.
    """
    strict, node = parse_path(path)
    try:
        root, given = jsonvalues.parsed(document), jsonvalues.parsed(variables)
    except ValueError:
        raise InputFails("") from None
    return _Walk(strict, root, given).items(node)
