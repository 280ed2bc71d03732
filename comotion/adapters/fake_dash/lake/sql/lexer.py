"""Tokens of Trino SQL: what is not a Trino token is refused here, with its position."""

from __future__ import annotations

import re

from attrs import frozen

from comotion.adapters.fake_dash.lake.refusal import SqlRefused

Position = tuple[int, int]

RESERVED = frozenset(
    [
        "ALTER",
        "AND",
        "AS",
        "BETWEEN",
        "BY",
        "CASE",
        "CAST",
        "CONSTRAINT",
        "CREATE",
        "CROSS",
        "CUBE",
        "CURRENT_CATALOG",
        "CURRENT_DATE",
        "CURRENT_PATH",
        "CURRENT_ROLE",
        "CURRENT_SCHEMA",
        "CURRENT_TIME",
        "CURRENT_TIMESTAMP",
        "CURRENT_USER",
        "DEALLOCATE",
        "DELETE",
        "DESCRIBE",
        "DISTINCT",
        "DROP",
        "ELSE",
        "END",
        "ESCAPE",
        "EXCEPT",
        "EXECUTE",
        "EXISTS",
        "EXTRACT",
        "FALSE",
        "FOR",
        "FROM",
        "FULL",
        "GROUP",
        "GROUPING",
        "HAVING",
        "IN",
        "INNER",
        "INSERT",
        "INTERSECT",
        "INTO",
        "IS",
        "JOIN",
        "JSON_ARRAY",
        "JSON_EXISTS",
        "JSON_OBJECT",
        "JSON_QUERY",
        "JSON_TABLE",
        "JSON_VALUE",
        "LEFT",
        "LIKE",
        "LISTAGG",
        "LOCALTIME",
        "LOCALTIMESTAMP",
        "NATURAL",
        "NORMALIZE",
        "NOT",
        "NULL",
        "ON",
        "OR",
        "ORDER",
        "OUTER",
        "PREPARE",
        "RECURSIVE",
        "RIGHT",
        "ROLLUP",
        "SELECT",
        "SKIP",
        "TABLE",
        "THEN",
        "TRIM",
        "TRUE",
        "UESCAPE",
        "UNION",
        "UNNEST",
        "USING",
        "VALUES",
        "WHEN",
        "WHERE",
        "WITH",
    ]
)

BACKQUOTES = "backquoted identifiers are not supported; use double quotes to quote identifiers"
_TOKEN = re.compile(
    r"""(?P<space>\s+|--[^\r\n]*(?:\r?\n)?|/\*.*?\*/)
      | (?P<unicode>[uU]&'(?:[^']|'')*')
      | (?P<binary>[xX]'[^']*')
      | (?P<string>'(?:[^']|'')*')
      | (?P<quoted>"(?:[^"]|"")*")
      | (?P<backquoted>`[^`]+`)
      | (?P<double>(?:\d[\d_]*(?:\.[\d_]*)?|\.\d[\d_]*)[eE][+-]?\d+(?![A-Za-z_]))
      | (?P<decimal>(?:\d[\d_]*\.(?:\d[\d_]*)?|\.\d[\d_]*)(?![A-Za-z_]))
      | (?P<integer>(?:0[xX][0-9a-fA-F_]+|0[bB][01_]+|0[oO][0-7_]+|\d+(?:_\d+)*)(?![A-Za-z_0-9]))
      | (?P<digits>\d[A-Za-z_0-9.]+)
      | (?P<name>[A-Za-z_][A-Za-z0-9_]*)
      | (?P<op><>|!=|<=|>=|->|=>|\|\||[<>=+\-*/%(),.\[\];?{}:^$|])
    """,
    re.X | re.S,
)


@frozen
class Token:
    """One word of a statement: its kind, its text as written and the line and column it starts at."""

    kind: str
    text: str
    at: Position

    @property
    def word(self) -> str:
        """The upper-case text of an unquoted word or operator, else ''."""
        return self.text.upper() if self.kind in ("name", "op") else ""


def syntax_error(at: Position, message: str) -> SqlRefused:
    """The refusal of a statement that cannot be read."""
    return SqlRefused(f"line {at[0]}:{at[1]}: {message}", kind="SYNTAX_ERROR")


def tokens(text: str) -> list[Token]:
    """Split a statement into tokens, ending with one of kind 'end'.

    Raises
    ------
    SqlRefused
        Where a character starts no Trino token.
    """
    found: list[Token] = []
    index, line, start = 0, 1, 0
    while index < len(text):
        match = _TOKEN.match(text, index)
        at = (line, index - start + 1)
        if match is None or match.lastgroup is None:
            raise syntax_error(at, _no_token(text[index]))
        kind, word = match.lastgroup, match.group()
        if kind == "digits":
            raise syntax_error(
                at, "identifiers must not start with a digit; surround the identifier with double quotes"
            )
        if kind != "space":
            found.append(Token(kind, word, at))
        breaks = word.count("\n")
        if breaks:
            line += breaks
            start = index + word.rindex("\n") + 1
        index = match.end()
    found.append(Token("end", "<EOF>", (line, index - start + 1)))
    return found


def _no_token(character: str) -> str:
    return BACKQUOTES if character == "`" else f"mismatched input '{character}'"
