"""Whole statements: queries, the SHOW family, and the ones that are known only to be refused."""

from __future__ import annotations

from collections.abc import Callable

import attrs

from comotion.adapters.fake_dash.lake.refusal import SqlNotSupported, SqlRefused
from comotion.adapters.fake_dash.lake.sql import tree
from comotion.adapters.fake_dash.lake.sql.lexer import BACKQUOTES, Position, Token, syntax_error
from comotion.adapters.fake_dash.lake.sql.parser import QueryParser

# statements that Trino or Athena know and that would change the lake or the session
CHANGING: dict[str, str] = {
    "INSERT": "DML", "DELETE": "DML", "UPDATE": "DML", "MERGE": "DML", "UNLOAD": "DML",
    "TRUNCATE": "DDL", "CREATE": "DDL", "DROP": "DDL", "ALTER": "DDL", "OPTIMIZE": "DDL", "VACUUM": "DDL",
    "MSCK": "DDL", "COMMENT": "DDL", "ANALYZE": "DDL", "REFRESH": "DDL", "GRANT": "DDL", "REVOKE": "DDL",
    "DENY": "DDL", "CALL": "UTILITY", "SET": "UTILITY", "RESET": "UTILITY", "USE": "UTILITY", "START": "UTILITY",
    "COMMIT": "UTILITY", "ROLLBACK": "UTILITY", "PREPARE": "UTILITY", "EXECUTE": "UTILITY",
    "DEALLOCATE": "UTILITY",
}  # fmt: skip

_STARTS = ("'ALTER'", "'ANALYZE'", "'CALL'", "'COMMENT'", "'COMMIT'", "'CREATE'", "'DEALLOCATE'", "'DELETE'", "'DENY'",
           "'DESC'", "'DESCRIBE'", "'DROP'", "'EXECUTE'", "'EXPLAIN'", "'GRANT'", "'INSERT'", "'MERGE'", "'PREPARE'",
           "'REFRESH'", "'RESET'", "'REVOKE'", "'ROLLBACK'", "'SET'", "'SHOW'", "'START'", "'TRUNCATE'", "'UPDATE'",
           "'USE'", "<query>")  # fmt: skip
_EXPLAINED = {"FORMAT": ("TEXT", "GRAPHVIZ", "JSON"), "TYPE": ("LOGICAL", "DISTRIBUTED", "VALIDATE", "IO")}


# what Athena reads as Hive does, where backquotes stand around a name
_OF_HIVE = frozenset({"SHOW", "DESCRIBE", "DESC"}) | {word for word, kind in CHANGING.items() if kind == "DDL"}


def _check_backquotes(found: list[Token], dialect: str) -> None:
    if dialect == "athena" and found[0].word in _OF_HIVE:
        return
    for token in found:
        if token.kind == "backquoted":
            raise syntax_error(token.at, BACKQUOTES)


class StatementParser(QueryParser):
    """Reads one statement and nothing after it but a semicolon."""

    def statement(self) -> tree.Statement:
        found = self._statement()
        self.take(";")
        if self.here.kind != "end":
            raise self.mismatch("<EOF>")
        return found

    def _statement(self) -> tree.Statement:
        at = self.here.at
        word = self.here.word
        if word in ("SELECT", "WITH", "VALUES", "TABLE", "("):
            return tree.Statement("query", self.query(), at=at)
        if word == "EXPLAIN":
            return self._explain(at)
        if word in ("DESCRIBE", "DESC"):
            return self._describe(at)
        if word == "SHOW":
            return self._show(at)
        if self.sees("EXECUTE", "IMMEDIATE"):
            return self._execute_immediate()
        if word in CHANGING:
            raise SqlRefused(
                f"Access Denied: {word} statements would change the lake or the session and are not allowed; "
                "rows are added by loads only",
                kind="PERMISSION_DENIED",
            )
        raise self.mismatch(*_STARTS)

    def _execute_immediate(self) -> tree.Statement:
        self.index += 2
        text = self.string()
        given = self.list_of(self.expression) if self.take("USING") else ()
        inner = StatementParser(text, given)
        _check_backquotes(inner.tokens, "trino")
        found = inner.statement()
        if inner.parameters != len(given):
            message = f"Incorrect number of parameters: expected {inner.parameters} but found {len(given)}"
            raise syntax_error(found.at, message)
        return found

    def _explain(self, at: Position) -> tree.Statement:
        self.expect("EXPLAIN")
        analyze = self.take("ANALYZE")
        if analyze:
            self.take("VERBOSE")
        options: tuple[str, ...] = ()
        if self.sees("(") and self.ahead().word in _EXPLAINED:
            self.expect("(")
            options = self.list_of(self._explain_option)
            self.expect(")")
        inner = self._statement()
        return tree.Statement("explain", inner.query, text=" ".join(options) or ("ANALYZE" if analyze else ""), at=at)

    def _explain_option(self) -> str:
        if self.here.word not in _EXPLAINED:
            raise self.mismatch("'FORMAT'", "'TYPE'")
        known = _EXPLAINED[self.here.word]
        self.index += 1
        if self.here.word not in known:
            raise self.mismatch(*(f"'{word}'" for word in known))
        self.index += 1
        return self.tokens[self.index - 1].word

    def _describe(self, at: Position) -> tree.Statement:
        self.index += 1
        for kind in ("INPUT", "OUTPUT"):
            if self.sees(kind) and self.ahead().kind == "name":
                raise SqlRefused(f"Prepared statement not found: {self.ahead().text}", kind="NOT_FOUND")
        for kind in ("FORMATTED", "EXTENDED"):
            if self.sees(kind) and self.ahead().kind in ("name", "quoted", "backquoted"):
                self.index += 1
                return tree.Statement("describe", name=self.qualified_name(), text=kind, at=at)
        return tree.Statement("describe", name=self.qualified_name(), at=at)

    def _show(self, at: Position) -> tree.Statement:
        self.expect("SHOW")
        shows: dict[str, Callable[[Position], tree.Statement]] = {
            "TABLES": self._show_tables, "SCHEMAS": self._show_schemas, "DATABASES": self._show_schemas,
            "CATALOGS": self._show_catalogs, "COLUMNS": self._show_columns, "CREATE": self._show_create,
            "FUNCTIONS": self._show_functions, "SESSION": self._show_session, "VIEWS": self._show_views,
            "PARTITIONS": self._show_partitions, "TBLPROPERTIES": self._show_properties, "STATS": self._show_stats,
            "ROLES": self._show_unknown, "ROLE": self._show_unknown, "GRANTS": self._show_unknown,
            "CURRENT": self._show_unknown, "BRANCHES": self._show_unknown,
        }  # fmt: skip
        reader = shows.get(self.here.word)
        if reader is None:
            raise self.mismatch(*(f"'{word}'" for word in sorted(shows)))
        self.index += 1
        return reader(at)

    def _from_or_in(self) -> tuple[tree.Name, ...]:
        return self.qualified_name() if self.take("FROM") or self.take("IN") else ()

    def _like(self, found: tree.Statement) -> tree.Statement:
        if self.take("LIKE"):
            pattern = self.string()
            escape = self.string() if self.take("ESCAPE") else None
            return attrs.evolve(found, pattern=pattern, escape=escape)
        if self.here.kind == "string":  # Athena: SHOW TABLES 'regular expression'
            return attrs.evolve(found, text=self.string())
        return found

    def _show_tables(self, at: Position) -> tree.Statement:
        return self._like(tree.Statement("show_tables", name=self._from_or_in(), at=at))

    def _show_views(self, at: Position) -> tree.Statement:
        return self._like(tree.Statement("show_views", name=self._from_or_in(), at=at))

    def _show_schemas(self, at: Position) -> tree.Statement:
        return self._like(tree.Statement("show_schemas", name=self._from_or_in(), at=at))

    def _show_catalogs(self, at: Position) -> tree.Statement:
        return self._like(tree.Statement("show_catalogs", at=at))

    def _show_columns(self, at: Position) -> tree.Statement:
        name = self._from_or_in()
        if not name:
            raise self.mismatch("'FROM'", "'IN'")
        if self.take("FROM") or self.take("IN"):
            name = (*self.qualified_name(), *name)
        return self._like(tree.Statement("show_columns", name=name, at=at))

    def _show_create(self, at: Position) -> tree.Statement:
        if not self.sees_any("TABLE", "VIEW", "SCHEMA"):
            raise self.mismatch("'SCHEMA'", "'TABLE'", "'VIEW'")
        kind = self.here.word.lower()
        self.index += 1
        return tree.Statement(f"show_create_{kind}", name=self.qualified_name(), at=at)

    def _show_functions(self, at: Position) -> tree.Statement:
        self._from_or_in()
        return self._like(tree.Statement("show_functions", at=at))

    def _show_session(self, at: Position) -> tree.Statement:
        return self._like(tree.Statement("show_session", at=at))

    def _show_partitions(self, at: Position) -> tree.Statement:
        self._from_or_in_or_name()
        raise SqlRefused("SHOW PARTITIONS is not supported for Iceberg tables", kind="NOT_SUPPORTED")

    def _show_properties(self, at: Position) -> tree.Statement:
        name = self.qualified_name()
        wanted = None
        if self.take("("):
            wanted = self.string()
            self.expect(")")
        return tree.Statement("show_properties", name=name, text=wanted, at=at)

    def _show_stats(self, at: Position) -> tree.Statement:
        self.expect("FOR")
        if self.here.word == "(":
            raise SqlNotSupported("SHOW STATS FOR a query")
        return tree.Statement("show_stats", name=self.qualified_name(), at=at)

    def _from_or_in_or_name(self) -> tuple[tree.Name, ...]:
        return self._from_or_in() or self.qualified_name()

    def _show_unknown(self, at: Position) -> tree.Statement:
        raise SqlNotSupported(f"SHOW {self.tokens[self.index - 1].word}")


def parse(text: str, *, dialect: str = "trino") -> tree.Statement:
    """Read one statement.

    Raises
    ------
    SqlRefused
        Where the text is no Trino SQL, or is a statement that would change something.
    """
    try:
        parser = StatementParser(text)
        _check_backquotes(parser.tokens, dialect)
        return parser.statement()
    except RecursionError:
        raise syntax_error((1, 1), "statement is too large (stack overflow during analysis)") from None


def parse_expression(text: str) -> tree.Expression:
    """Read one expression, as a check sum is one."""
    parser = StatementParser(text)
    _check_backquotes(parser.tokens, "trino")
    found = parser.expression()
    if parser.here.kind != "end":
        raise parser.mismatch("<EOF>")
    return found


def statement_type(text: str) -> str:
    """How Athena counts a statement: DML, DDL or UTILITY, by its first word; DML where it is none of them."""
    try:
        word = StatementParser(text).here.word
    except SqlRefused:
        return "DML"
    if word in ("EXPLAIN", "DESCRIBE", "DESC", "SHOW"):
        return "UTILITY"
    return CHANGING.get(word, "DML")
