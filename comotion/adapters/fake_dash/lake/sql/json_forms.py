"""The SQL/JSON functions, whose arguments have a grammar of their own."""

from __future__ import annotations

from collections.abc import Callable

from comotion.adapters.fake_dash.lake.sql import tree
from comotion.adapters.fake_dash.lake.sql.lexer import Position
from comotion.adapters.fake_dash.lake.sql.special_forms import SpecialForms


class JsonForms(SpecialForms):
    """Reads JSON_VALUE, JSON_QUERY, JSON_EXISTS, JSON_OBJECT and JSON_ARRAY."""

    def _json_path_call(self, at: Position) -> tree.Expression:
        function = self.here.word.lower()
        self.index += 1
        self.expect("(")
        document = self._input()
        self.expect(",")
        path = self.string()
        passing: tuple[tuple[tree.JsonInput, str], ...] = ()
        if self.take("PASSING"):
            passing = self.list_of(self._passing)
        returning, output = self._returning()
        wrapper, quotes = self._wrapper(function)
        on_empty, on_error = self._on_clauses(function)
        self.expect(")")
        return tree.JsonPathCall(
            function, document, path, passing, returning, output, wrapper, quotes, on_empty, on_error, at=at
        )

    def _input(self) -> tree.JsonInput:
        at = self.here.at
        return tree.JsonInput(self.expression(), self._format(), at=at)

    def _format(self) -> str | None:
        if not self.take("FORMAT", "JSON"):
            return None
        if not self.take("ENCODING"):
            return "JSON"
        if not self.sees_any(*_ENCODINGS):
            raise self.mismatch(*(f"'{word}'" for word in _ENCODINGS))
        self.index += 1
        return f"JSON ENCODING {self.ahead(-1).word}"

    def _returning(self) -> tuple[str | None, str | None]:
        return (self.type_name(), self._format()) if self.take("RETURNING") else (None, None)

    def _passing(self) -> tuple[tree.JsonInput, str]:
        given = self._input()
        self.expect("AS")
        name = self.name()
        return given, name.value if name.quoted else name.value.upper()

    def _wrapper(self, function: str) -> tuple[str | None, str | None]:
        wrapper = quotes = None
        if function == "json_query":
            if self.take("WITHOUT"):
                self.take("ARRAY")
                self.expect("WRAPPER")
                wrapper = "without"
            elif self.take("WITH"):
                wrapper = "conditional" if self.take("CONDITIONAL") else "unconditional"
                self.take("UNCONDITIONAL")
                self.take("ARRAY")
                self.expect("WRAPPER")
            if self.sees_any("KEEP", "OMIT"):
                quotes = self.here.word.lower()
                self.index += 1
                self.expect("QUOTES")
                self.take("ON", "SCALAR", "STRING")
        return wrapper, quotes

    def _on_clauses(self, function: str) -> tuple[tree.Expression | str | None, tree.Expression | str | None]:
        found: dict[str, tree.Expression | str] = {}
        while self.here.word != ")":
            behaviour: tree.Expression | str
            if self.take("DEFAULT") and function == "json_value":
                behaviour = self.expression()
            elif self.take("EMPTY") and function == "json_query":
                behaviour = "empty array" if self.take("ARRAY") else "empty object"
                if behaviour == "empty object":
                    self.expect("OBJECT")
            elif self.sees_any(*_BEHAVIOURS[function]):
                behaviour = self.here.word.lower()
                self.index += 1
            else:
                raise self.mismatch("')'")
            self.expect("ON")
            if not self.sees_any(*_OCCASIONS[function]) or self.here.word.lower() in found:
                raise self.mismatch(*(f"'{word}'" for word in _OCCASIONS[function]))
            found[self.here.word.lower()] = behaviour
            self.index += 1
        return found.get("empty"), found.get("error")

    def _json_build(self, at: Position) -> tree.Expression:
        function = self.here.word.lower()
        self.index += 1
        self.expect("(")
        members: list[tuple[tree.Expression | None, tree.JsonInput]] = []
        null_on_null = function == "json_object"
        unique = False
        while self.here.word != ")" and not self._sees_json_tail():
            members.append(self._json_member(function))
            if not self.take(","):
                break
        while self.sees("NULL", "ON", "NULL") or self.sees("ABSENT", "ON", "NULL"):
            null_on_null = self.here.word == "NULL"
            self.index += 3
        if function == "json_object" and self.sees_any("WITH", "WITHOUT"):
            unique = self.here.word == "WITH"
            self.index += 1
            self.expect("UNIQUE")
            self.take("KEYS")
        returning, output = self._returning()
        self.expect(")")
        return tree.JsonBuild(function, tuple(members), null_on_null, unique, returning, output, at=at)

    def _sees_json_tail(self) -> bool:
        if self.sees_any("NULL", "ABSENT"):
            return self.ahead().word == "ON"
        return self.sees_any("RETURNING", "WITH", "WITHOUT") and self.ahead().word not in (",", ")")

    def _json_member(self, function: str) -> tuple[tree.Expression | None, tree.JsonInput]:
        key: tree.Expression | None = None
        if function == "json_object":
            keyed = self.here.word == "KEY" and self.ahead().word not in (":", ")", ",", "(")
            if keyed and self.ahead().word != "VALUE":
                self.index += 1
            key = self.value()
            if not self.take("VALUE"):
                self.expect(":")
        return key, self._input()


_ENCODINGS = ("UTF8", "UTF16", "UTF32")
_BEHAVIOURS = {
    "json_exists": ("TRUE", "FALSE", "UNKNOWN", "ERROR"),
    "json_query": ("NULL", "ERROR"),
    "json_value": ("NULL", "ERROR"),
}
_OCCASIONS = {"json_exists": ("ERROR",), "json_query": ("EMPTY", "ERROR"), "json_value": ("EMPTY", "ERROR")}

JSON_FORMS: dict[str, Callable[[JsonForms, Position], tree.Expression | None]] = {
    "JSON_VALUE": JsonForms._json_path_call,
    "JSON_QUERY": JsonForms._json_path_call,
    "JSON_EXISTS": JsonForms._json_path_call,
    "JSON_OBJECT": JsonForms._json_build,
    "JSON_ARRAY": JsonForms._json_build,
}
