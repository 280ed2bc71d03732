"""Moving over the tokens: look ahead, step over, names and strings."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeVar

from comotion.adapters.fake_dash.lake.refusal import SqlRefused
from comotion.adapters.fake_dash.lake.sql import tree
from comotion.adapters.fake_dash.lake.sql.lexer import RESERVED, Token, syntax_error, tokens

T = TypeVar("T")


class TokenReader:
    """A place in the tokens of a statement."""

    def __init__(self, text: str, given: tuple[tree.Expression, ...] = ()) -> None:
        self.text = text
        self.tokens = tokens(text)
        self.index = 0
        self.given = given
        self.parameters = 0

    @property
    def here(self) -> Token:
        return self.tokens[self.index]

    def ahead(self, count: int = 1) -> Token:
        return self.tokens[min(self.index + count, len(self.tokens) - 1)]

    def sees(self, *words: str) -> bool:
        """Whether the next tokens are these words, one after the other."""
        return all(self.ahead(offset).word == word for offset, word in enumerate(words))

    def sees_any(self, *words: str) -> bool:
        return self.here.word in words and self.here.word != ""

    def take(self, *words: str) -> bool:
        """Step over these words if they come next."""
        if not self.sees(*words):
            return False
        self.index += len(words)
        return True

    def expect(self, *words: str) -> Token:
        token = self.here
        for word in words:
            if self.here.word != word:
                raise self.mismatch(f"'{word}'")
            token = self.here
            self.index += 1
        return token

    def mismatch(self, *expected: str) -> SqlRefused:
        wanted = ", ".join(expected)
        text = self.here.text if self.here.kind != "end" else "<EOF>"
        return syntax_error(self.here.at, f"mismatched input '{text}'. Expecting: {wanted}")

    def list_of(self, read: Callable[[], T]) -> tuple[T, ...]:
        items = [read()]
        while self.take(","):
            items.append(read())
        return tuple(items)

    def name(self) -> tree.Name:
        """An identifier: quoted, or a word that is not reserved."""
        token = self.here
        if token.kind == "quoted":
            self.index += 1
            value = token.text[1:-1].replace('""', '"')
            if not value:
                raise syntax_error(token.at, "Zero-length delimited identifier not allowed")
            return tree.Name(value, quoted=True, at=token.at)
        if token.kind == "backquoted":
            self.index += 1
            return tree.Name(token.text[1:-1], quoted=True, at=token.at)
        if token.kind == "name" and token.word not in RESERVED:
            self.index += 1
            return tree.Name(token.text, at=token.at)
        raise self.mismatch("<identifier>")

    def qualified_name(self) -> tuple[tree.Name, ...]:
        names = [self.name()]
        while self.take("."):
            names.append(self.name())
        return tuple(names)

    def string(self) -> str:
        token = self.here
        if token.kind == "string":
            self.index += 1
            return token.text[1:-1].replace("''", "'")
        if token.kind == "unicode":
            self.index += 1
            escape = "\\"
            if self.take("UESCAPE"):
                escape = self.string()
                if not escape:
                    raise syntax_error(token.at, "Empty Unicode escape character")
                if not re.fullmatch(r"[^0-9A-Fa-f+'\" ]", escape):
                    raise syntax_error(token.at, "Invalid Unicode escape character")
            return _decode_unicode(token, escape)
        raise self.mismatch("<string>")


def _decode_unicode(token: Token, escape: str) -> str:
    body = token.text[3:-1].replace("''", "'")
    out: list[str] = []
    index = 0
    while (found := body.find(escape, index)) >= 0:
        out.append(body[index:found])
        if body[found + 1 : found + 2] == escape:
            out.append(escape)
            index = found + 2
            continue
        size, skip = (6, 2) if body[found + 1 : found + 2] == "+" else (4, 1)
        index = found + skip + size
        out.append(_character(body[found + skip : index], size, token))
    return "".join([*out, body[index:]])


def _character(digits: str, size: int, token: Token) -> str:
    """The character of that number, which has so many hexadecimal digits."""
    if not re.fullmatch(f"[0-9A-Fa-f]{{{size}}}", digits):
        raise syntax_error(token.at, f"Incomplete escape sequence: {digits}")
    number = int(digits, 16)
    if number > 0x10FFFF:
        raise syntax_error(token.at, f"Invalid escaped character: {digits}")
    if 0xD800 <= number <= 0xDFFF:
        raise syntax_error(
            token.at,
            f"Invalid escaped character: {digits}. Escaped character is a surrogate. Use '\\+123456' instead.",
        )
    return chr(number)
