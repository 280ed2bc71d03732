"""Words that start an expression with a grammar of its own: CASE, CAST, EXTRACT, TRIM, LISTAGG and their like."""

from __future__ import annotations

from collections.abc import Callable

from comotion.adapters.fake_dash.lake.sql import tree
from comotion.adapters.fake_dash.lake.sql.lexer import Position, syntax_error
from comotion.adapters.fake_dash.lake.sql.type_names import TypeReader

_NOW = ("CURRENT_DATE", "CURRENT_TIME", "CURRENT_TIMESTAMP", "LOCALTIME", "LOCALTIMESTAMP")
_WHO = ("CURRENT_USER", "CURRENT_CATALOG", "CURRENT_SCHEMA", "CURRENT_PATH", "CURRENT_ROLE")


class SpecialForms(TypeReader):
    """Reads them, each in a method of its own."""

    # the rules that the whole grammar fills in

    def expression(self) -> tree.Expression:
        raise NotImplementedError

    def value(self) -> tree.Expression:
        raise NotImplementedError

    def query(self) -> tree.Query:
        raise NotImplementedError

    def order_by(self) -> tuple[tree.SortItem, ...]:
        raise NotImplementedError

    def call_tail(self, call: tree.Call) -> tree.Expression:
        raise NotImplementedError

    def _word(self, value: tree.Expression) -> tree.Expression:
        self.index += 1
        return value

    def _case(self, at: Position) -> tree.Expression:
        self.expect("CASE")
        operand = None if self.here.word == "WHEN" else self.expression()
        branches = []
        while self.take("WHEN"):
            condition = self.expression()
            self.expect("THEN")
            branches.append((condition, self.expression()))
        if not branches:
            raise self.mismatch("'WHEN'")
        default = self.expression() if self.take("ELSE") else None
        self.expect("END")
        return tree.Case(operand, tuple(branches), default, at=at)

    def _cast(self, at: Position) -> tree.Expression | None:
        if self.ahead().word != "(":
            return None
        safe = self.here.word == "TRY_CAST"
        self.index += 2
        operand = self.expression()
        self.expect("AS")
        type_name = self.type_name()
        self.expect(")")
        return tree.Cast(operand, type_name, safe, at=at)

    def _extract(self, at: Position) -> tree.Expression:
        self.expect("EXTRACT", "(")
        part = self.name().value.lower()
        self.expect("FROM")
        operand = self.value()
        self.expect(")")
        return tree.Extract(part, operand, at=at)

    def _exists(self, at: Position) -> tree.Expression:
        self.expect("EXISTS", "(")
        query = self.query()
        self.expect(")")
        return tree.Exists(query, at=at)

    def _row(self, at: Position) -> tree.Expression | None:
        if self.ahead().word != "(":
            return None
        self.index += 2
        items = self.list_of(self._row_item)
        self.expect(")")
        return tree.Row(tuple(i for i, _ in items), tuple(n for _, n in items), at=at)

    def _row_item(self) -> tuple[tree.Expression, str | None]:
        value = self.expression()
        return value, self.name().value if self.take("AS") else None

    def _array(self, at: Position) -> tree.Expression | None:
        if self.ahead().word != "[":
            return None
        self.index += 2
        items = () if self.here.word == "]" else self.list_of(self.expression)
        self.expect("]")
        return tree.Array(items, at=at)

    def _substring(self, at: Position) -> tree.Expression | None:
        if self.ahead().word != "(":
            return None
        name = self.here.text
        saved = self.index
        self.index += 2
        subject = self.value() if self.here.word != ")" else None
        if subject is None or not self.take("FROM"):
            self.index = saved
            return None
        arguments = [subject, self.value()]
        if self.take("FOR"):
            arguments.append(self.value())
        self.expect(")")
        return tree.Call(name, tuple(arguments), at=at)

    def _position(self, at: Position) -> tree.Expression | None:
        if self.ahead().word != "(":
            return None
        self.index += 2
        needle = self.value()
        self.expect("IN")
        arguments = (self.value(), needle)
        self.expect(")")
        return tree.Call("strpos", arguments, at=at)

    def _trim(self, at: Position) -> tree.Expression:
        self.expect("TRIM", "(")
        function = "trim"
        if self.sees_any("LEADING", "TRAILING", "BOTH"):
            function = {"LEADING": "ltrim", "TRAILING": "rtrim", "BOTH": "trim"}[self.here.word]
            self.index += 1
            if self.take("FROM"):
                subject = self.value()
                self.expect(")")
                return tree.Call(function, (subject,), at=at)
        first = self.value()
        arguments: tuple[tree.Expression, ...] = (first,)
        if self.take("FROM"):
            arguments = (self.value(), first)
        elif self.take(","):
            arguments = (first, self.value())
        self.expect(")")
        return tree.Call(function, arguments, at=at)

    def _normalize(self, at: Position) -> tree.Expression:
        self.expect("NORMALIZE", "(")
        subject = self.value()
        form = "NFC"
        if self.take(","):
            if not self.sees_any("NFD", "NFC", "NFKD", "NFKC"):
                raise self.mismatch("'NFC'", "'NFD'", "'NFKC'", "'NFKD'")
            form = self.here.word
            self.index += 1
        self.expect(")")
        return tree.Call("normalize", (subject, tree.String(form, at=at)), at=at)

    def _listagg(self, at: Position) -> tree.Expression:
        self.expect("LISTAGG", "(")
        distinct = False
        if self.sees_any("DISTINCT", "ALL"):
            distinct = self.here.word == "DISTINCT"
            self.index += 1
        arguments: tuple[tree.Expression, ...] = (self.expression(),)
        if self.take(","):
            arguments += (tree.String(self.string(), at=self.here.at),)
        overflow = None
        if self.take("ON", "OVERFLOW"):
            overflow = self._overflow()
        self.expect(")")
        self.expect("WITHIN", "GROUP", "(")
        order = self.order_by()
        if not order:
            raise self.mismatch("'ORDER'")
        self.expect(")")
        call = tree.Call("listagg", arguments, False, distinct, order, at=at, overflow=overflow)
        found = self.call_tail(call)
        if isinstance(found, tree.Call) and found.window is not None:
            raise syntax_error(at, "mismatched input 'OVER'. Expecting: <EOF>")
        return found

    def _overflow(self) -> str | None:
        """What stands after ON OVERFLOW: None for ERROR, else whether a count is added, and the filler."""
        if self.take("ERROR"):
            return None
        self.expect("TRUNCATE")
        filler = self.string() if self.here.kind in ("string", "unicode") else "..."
        counted = self.take("WITH", "COUNT")
        if not counted:
            self.expect("WITHOUT", "COUNT")
        return ("+" if counted else "-") + filler

    def _now(self, at: Position) -> tree.Expression:
        word = self.here.word
        self.index += 1
        precision = None
        if word != "CURRENT_DATE" and self.take("("):
            if self.here.kind != "integer":
                raise self.mismatch("<integer>")
            precision = int(self.here.text)
            self.index += 1
            self.expect(")")
        return tree.Now(word.lower(), precision, at=at)

    def _who(self, at: Position) -> tree.Expression:
        word = self.here.word
        self.index += 1
        return tree.Now(word.lower(), at=at)

    def _grouping(self, at: Position) -> tree.Expression:
        self.expect("GROUPING", "(")
        items = () if self.here.word == ")" else self.list_of(self.expression)
        self.expect(")")
        return tree.Grouping(items, at=at)

    def _interval_or_name(self, at: Position) -> tree.Expression | None:
        if self.ahead().kind in ("string", "unicode") or self.ahead().word in ("+", "-"):
            return self.interval()
        return None


FORMS: dict[str, Callable[[SpecialForms, Position], tree.Expression | None]] = {
    "NULL": lambda p, at: p._word(tree.Null(at=at)),
    "TRUE": lambda p, at: p._word(tree.Boolean(True, at=at)),
    "FALSE": lambda p, at: p._word(tree.Boolean(False, at=at)),
    "CASE": SpecialForms._case,
    "CAST": SpecialForms._cast,
    "TRY_CAST": SpecialForms._cast,
    "EXTRACT": SpecialForms._extract,
    "EXISTS": SpecialForms._exists,
    "ROW": SpecialForms._row,
    "ARRAY": SpecialForms._array,
    "SUBSTRING": SpecialForms._substring,
    "POSITION": SpecialForms._position,
    "TRIM": SpecialForms._trim,
    "NORMALIZE": SpecialForms._normalize,
    "LISTAGG": SpecialForms._listagg,
    "GROUPING": SpecialForms._grouping,
    "INTERVAL": SpecialForms._interval_or_name,
    **dict.fromkeys(_NOW, SpecialForms._now),
    **dict.fromkeys(_WHO, SpecialForms._who),
}
