"""The SQL/JSON path language: a path is read once, into steps."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache
from typing import Any

from attrs import frozen

from comotion.adapters.fake_dash.lake.kernels import jsonvalues


class PathRefused(Exception):
    """The text is no path."""


class PathUnknown(Exception):
    """A path that this fake does not follow."""


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


def variables_of(node: Node) -> set[str]:
    """The names of the variables in a path."""
    found = {node.parts[0]} if node.kind == "variable" else set()
    return found.union(*map(_variables_in, node.parts))


def _variables_in(part: object) -> set[str]:
    if isinstance(part, Node):
        return variables_of(part)
    return set().union(*map(_variables_in, part)) if isinstance(part, tuple | list) else set()


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
            exact = Decimal if "e" not in word.lower() else float
            return Node("literal", (int(word) if word.isdigit() else exact(word),))
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
