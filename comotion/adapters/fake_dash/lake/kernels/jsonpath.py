"""The SQL/JSON path language: read a path, follow it through a document, lax or strict."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache
from typing import Any

from attrs import frozen

from comotion.adapters.fake_dash.lake.kernels import jsonvalues
from comotion.adapters.fake_dash.lake.kernels.registry import KernelRefusal, Kernels, KernelUnknown

KERNELS = Kernels()


class PathRefused(Exception):
    """The text is no path."""


class PathUnknown(Exception):
    """A path that this fake does not follow."""


class PathFails(Exception):
    """The path does not fit the document: ON ERROR decides."""


_TOKEN = re.compile(
    r'\s*(?:(?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(?P<string>"(?:[^"\\]|\\.)*")|(?P<variable>\$[A-Za-z_]\w*)'
    r"|(?P<word>[A-Za-z_]\w*)|(?P<op>\*\*|&&|\|\||==|<>|!=|<=|>=|[$@.\[\](),?*+\-/%!<>]))"
)


@frozen
class Node:
    """One step of a path."""

    kind: str
    parts: tuple[Any, ...] = ()


@lru_cache(maxsize=1024)
def parse_path(text: str) -> tuple[bool, Node]:
    """Whether a path is strict, and its steps.

    Raises
    ------
    PathRefused, PathUnknown
    """
    return _Reader(text).read()


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.words: list[tuple[str, str]] = []
        at = 0
        while text[at:].strip():
            match = _TOKEN.match(text, at)
            if match is None or match.lastgroup is None:
                raise PathRefused(f"Invalid JSON path: {text}")
            self.words.append((match.lastgroup, match[match.lastgroup]))
            at = match.end()
        self.at = 0

    def see(self) -> str:
        return self.words[self.at][1] if self.at < len(self.words) else ""

    def kind(self) -> str:
        return self.words[self.at][0] if self.at < len(self.words) else ""

    def take(self, word: str) -> bool:
        if self.see() == word and self.kind() != "string":
            self.at += 1
            return True
        return False

    def need(self, word: str) -> None:
        if not self.take(word):
            raise PathRefused(f"Invalid JSON path: {self.text}")

    def read(self) -> tuple[bool, Node]:
        mode = self.see()
        if mode not in ("lax", "strict"):
            raise PathRefused(f"mismatched input '{mode or '<EOF>'}'. Expecting: 'lax', 'strict'")
        self.at += 1
        found = self.sum()
        if self.at != len(self.words):
            raise PathRefused(f"Invalid JSON path: {self.text}")
        return mode == "strict", found

    def sum(self) -> Node:
        left = self.product()
        while self.see() in ("+", "-") and self.kind() == "op":
            operator = self.see()
            self.at += 1
            left = Node("arithmetic", (operator, left, self.product()))
        return left

    def product(self) -> Node:
        left = self.signed()
        while self.see() in ("*", "/", "%") and self.kind() == "op":
            operator = self.see()
            self.at += 1
            left = Node("arithmetic", (operator, left, self.signed()))
        return left

    def signed(self) -> Node:
        if self.take("-"):
            return Node("negative", (self.signed(),))
        if self.take("+"):
            return self.signed()
        return self.accessors(self.primary())

    def primary(self) -> Node:
        kind, word = self.kind(), self.see()
        if self.take("$"):
            return Node("root")
        if self.take("@"):
            return Node("current")
        if self.take("last"):
            return Node("last")
        if self.take("("):
            inner = self.sum()
            self.need(")")
            return inner
        self.at += 1
        if kind == "variable":
            return Node("variable", (word[1:],))
        if kind == "number":
            return Node("literal", (int(word) if word.isdigit() else Decimal(word),))
        if kind == "string":
            return Node("literal", (_unquoted(word),))
        if word in ("true", "false", "null"):
            return Node("literal", ({"true": True, "false": False, "null": None}[word],))
        raise PathRefused(f"Invalid JSON path: {self.text}")

    def accessors(self, base: Node) -> Node:
        while True:
            if self.take("."):
                base = self.member(base)
            elif self.take("["):
                if self.take("*"):
                    self.need("]")
                    base = Node("elements", (base,))
                else:
                    base = Node("subscript", (base, self.subscripts()))
            elif self.take("?"):
                self.need("(")
                predicate = self.predicate()
                self.need(")")
                base = Node("filter", (base, predicate))
            else:
                return base

    def member(self, base: Node) -> Node:
        if self.take("*"):
            return Node("members", (base,))
        if self.take("**"):
            raise PathUnknown("recursive wildcards")
        if self.take("."):
            name = self.see()
            kind = self.kind()
            self.at += 1
            if kind not in ("word", "string"):
                raise PathRefused(f"Invalid JSON path: {self.text}")
            return Node("descendants", (base, _unquoted(name) if kind == "string" else name))
        kind, word = self.kind(), self.see()
        self.at += 1
        if kind == "string":
            return Node("member", (base, _unquoted(word)))
        if kind != "word":
            raise PathRefused(f"Invalid JSON path: {self.text}")
        if self.take("("):
            if word not in ("type", "size", "double", "ceiling", "floor", "abs", "keyvalue"):
                raise PathUnknown(f"the method {word}()")
            self.need(")")
            return Node("method", (base, word))
        return Node("member", (base, word))

    def subscripts(self) -> tuple[tuple[Node, Node | None], ...]:
        found: list[tuple[Node, Node | None]] = []
        while True:
            first = self.sum()
            found.append((first, self.sum() if self.take("to") else None))
            if not self.take(","):
                break
        self.need("]")
        return tuple(found)

    def predicate(self) -> Node:
        left = self.conjunction()
        while self.take("||"):
            left = Node("or", (left, self.conjunction()))
        return left

    def conjunction(self) -> Node:
        left = self.test()
        while self.take("&&"):
            left = Node("and", (left, self.test()))
        return left

    def test(self) -> Node:
        if self.take("!"):
            self.need("(")
            inner = self.predicate()
            self.need(")")
            return Node("not", (inner,))
        if self.take("exists"):
            self.need("(")
            path = self.sum()
            self.need(")")
            return Node("exists", (path,))
        if self.see() == "(":
            saved = self.at
            self.at += 1
            try:
                inner = self.predicate()
                self.need(")")
                if self.take("is"):
                    self.need("unknown")
                    return Node("unknown", (inner,))
                if self.see() not in ("==", "<>", "!=", "<", "<=", ">", ">=", "+", "-", "*", "/", "."):
                    return inner
            except PathRefused:
                pass
            self.at = saved
        left = self.sum()
        operator = self.see()
        if operator in ("==", "<>", "!=", "<", "<=", ">", ">="):
            self.at += 1
            return Node("compare", (operator.replace("!=", "<>"), left, self.sum()))
        if self.take("starts"):
            self.need("with")
            return Node("starts", (left, self.sum()))
        if self.take("like_regex"):
            raise PathUnknown("like_regex")
        raise PathRefused(f"Invalid JSON path: {self.text}")


def _unquoted(word: str) -> str:
    return str(jsonvalues.parsed(word))


# ---- following --------------------------------------------------------------------------------------------------


@frozen
class _Walk:
    strict: bool
    root: Any
    variables: dict[str, Any]

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
    return Decimal(value.text) if isinstance(value, jsonvalues.Number) else value


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
    a, b = values
    if operator in "/%" and b == 0:
        raise PathFails("division by zero")
    whole = isinstance(a, int) and isinstance(b, int)
    if operator == "/":
        return [abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1) if whole else Decimal(a) / Decimal(b)]
    if operator == "%":
        return [abs(a) % abs(b) * (1 if a >= 0 else -1) if whole else Decimal(a) % Decimal(b)]
    a, b = (a, b) if whole else (Decimal(a), Decimal(b))
    return [a + b if operator == "+" else a - b if operator == "-" else a * b]


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
        raise KernelUnknown("keyvalue() in a JSON path")
    return [_applied(name, one) for one in found]


def _fails(message: str) -> bool:
    raise PathFails(message)


def _applied(name: str, value: Any) -> Any:
    import math

    if name == "double":
        try:
            return float(value) if isinstance(value, str) else float(_number(value))
        except ValueError:
            raise PathFails("not a number") from None
    number = _number(value)
    if name == "abs":
        return abs(number)
    return math.ceil(number) if name == "ceiling" else math.floor(number)


def _type(value: Any) -> str:
    if value is None:
        return "null"
    for kind, name in ((bool, "boolean"), (str, "string"), (dict, "object"), (list, "array")):
        if isinstance(value, kind):
            return name
    return "number"


def _variable(walk: _Walk, node: Node, current: Any, last: int | None) -> list[Any]:
    if node.parts[0] not in walk.variables:
        raise KernelRefusal(f"no value passed for parameter {node.parts[0]}")
    return [walk.variables[node.parts[0]]]


_FOLLOW: dict[str, Callable[[_Walk, Node, Any, int | None], list[Any]]] = {
    "root": lambda w, n, c, at: [w.root], "current": lambda w, n, c, at: [c], "last": lambda w, n, c, at: [at],
    "literal": lambda w, n, c, at: [n.parts[0]], "variable": _variable, "member": _member, "members": _members,
    "descendants": _descendants, "elements": _elements, "subscript": _subscript, "filter": _filter, "method": _method, "arithmetic": _arithmetic,
    "negative": lambda w, n, c, at: [-_number(v) for v in w.base(n, c, at, unwrap=True)],
}  # fmt: skip


def followed(document: str, path: str, variables: str) -> list[Any]:
    """The items that a path finds.

    Raises
    ------
    PathFails
        Where the document is no JSON or does not fit a strict path.
    """
    strict, node = parse_path(path)
    try:
        root = jsonvalues.parsed(document)
    except ValueError:
        raise PathFails("conversion to JSON failed") from None
    return _Walk(strict, root, jsonvalues.parsed(variables)).items(node)


# ---- JSON_EXISTS, JSON_QUERY, JSON_VALUE ------------------------------------------------------------------------


@KERNELS()
def json_exists(document: str, path: str, variables: str, error: str, unused: str) -> bool | None:
    try:
        return bool(followed(document, path, variables))
    except PathFails as failure:
        if error == "error":
            raise KernelRefusal(f"path evaluation failed: {failure}", "PATH_EVALUATION_ERROR") from None
        return {"true": True, "false": False, "unknown": None}[error]


@KERNELS()
def json_query(document: str, path: str, variables: str, how: str, empty: str, error: str) -> str | None:
    wrapper, _, quotes = how.partition("/")
    try:
        found = followed(document, path, variables)
    except PathFails as failure:
        return _instead(error, f"path evaluation failed: {failure}")
    if not found:
        return _instead(empty, "cannot extract value from JSON object: JSON path found no items")
    if wrapper == "unconditional" or (
        wrapper == "conditional" and (len(found) != 1 or not isinstance(found[0], dict | list))
    ):
        return jsonvalues.written(found)
    if len(found) > 1:
        return _instead(error, "cannot extract value from JSON object: JSON path found multiple items")
    if quotes == "omit" and isinstance(found[0], str):
        return found[0]
    return jsonvalues.written(found[0])


def _instead(behaviour: str, message: str) -> str | None:
    if behaviour == "error":
        raise KernelRefusal(message, "JSON_OUTPUT_CONVERSION_ERROR")
    return {"null": None, "empty array": "[]", "empty object": "{}"}[behaviour]


@KERNELS()
def json_value(document: str, path: str, variables: str, empty: str, error: str) -> str | None:
    try:
        found = followed(document, path, variables)
        if len(found) > 1:
            raise PathFails("JSON path found multiple items")
        if found and isinstance(found[0], dict | list):
            raise PathFails("JSON path found an item that cannot be converted to an SQL value")
    except PathFails as failure:
        return _behaviour(error, "r", f"cannot extract SQL scalar from JSON: {failure}")
    if not found:
        return _behaviour(empty, "e", "cannot extract SQL scalar from JSON: JSON path found no items")
    if found[0] is None:
        return None
    value = found[0]
    return "v" + (value.text if isinstance(value, jsonvalues.Number) else str(value).lower() if isinstance(value, bool)
                  else str(value))  # fmt: skip


def _behaviour(behaviour: str, mark: str, message: str) -> str | None:
    if behaviour == "error":
        raise KernelRefusal(message, "JSON_VALUE_RESULT_ERROR")
    return mark if behaviour == "default" else None
