"""Trino's expressions: a recursive descent over the tokens, one method a rule of the grammar."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from comotion.adapters.fake_dash.lake.refusal import SqlNotSupported, SqlRefused
from comotion.adapters.fake_dash.lake.sql import tree
from comotion.adapters.fake_dash.lake.sql.lexer import RESERVED, Position, Token, syntax_error, tokens

T = TypeVar("T")

_COMPARISONS = {"=": "=", "<>": "<>", "!=": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
_NOW = ("CURRENT_DATE", "CURRENT_TIME", "CURRENT_TIMESTAMP", "LOCALTIME", "LOCALTIMESTAMP")
_WHO = ("CURRENT_USER", "CURRENT_CATALOG", "CURRENT_SCHEMA", "CURRENT_PATH", "CURRENT_ROLE")
_INTERVALS = ("YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND")


class ExpressionParser:
    """Reads expressions; queries come from the subclass that knows them."""

    def __init__(self, text: str, given: tuple[tree.Expression, ...] = ()) -> None:
        self.text = text
        self.tokens = tokens(text)
        self.index = 0
        self.given = given
        self.parameters = 0

    # ---- moving over the tokens

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
            return _decode_unicode(token, escape)
        raise self.mismatch("<string>")

    # ---- boolean expressions

    def expression(self) -> tree.Expression:
        return self.or_expression()

    def or_expression(self) -> tree.Expression:
        return self._logical("OR", self.and_expression)

    def and_expression(self) -> tree.Expression:
        return self._logical("AND", self.not_expression)

    def _logical(self, word: str, read: Callable[[], tree.Expression]) -> tree.Expression:
        at = self.here.at
        terms = [read()]
        while self.take(word):
            terms.append(read())
        return terms[0] if len(terms) == 1 else tree.Logical(word, tuple(terms), at=at)

    def not_expression(self) -> tree.Expression:
        at = self.here.at
        if self.take("NOT"):
            return tree.Not(self.not_expression(), at=at)
        return self.predicate()

    def predicate(self) -> tree.Expression:
        left = self.value()
        while True:
            found = self._predicate_of(left)
            if found is None:
                return left
            left = found

    def _predicate_of(self, left: tree.Expression) -> tree.Expression | None:
        at = self.here.at
        if self.here.word in _COMPARISONS:
            operator = _COMPARISONS[self.here.word]
            self.index += 1
            if self.sees_any("ALL", "ANY", "SOME") and self.ahead().word == "(":
                quantifier = self.here.word.replace("SOME", "ANY")
                self.index += 2
                query = self.query()
                self.expect(")")
                return tree.Quantified(operator, quantifier, left, query, at=at)
            return tree.Comparison(operator, left, self.value(), at=at)
        if self.take("IS"):
            negated = self.take("NOT")
            if self.take("NULL"):
                found: tree.Expression = tree.IsNull(left, at=left.at)
            elif self.take("DISTINCT"):
                self.expect("FROM")
                found = tree.IsDistinct(left, self.value(), at=left.at)
            else:
                raise self.mismatch("'DISTINCT'", "'NULL'", *(() if negated else ("'NOT'",)))
            return tree.Not(found, at=at) if negated else found
        negated = self.sees("NOT") and self.ahead().word in ("BETWEEN", "IN", "LIKE")
        if negated:
            self.index += 1
        found_or_none = self._negatable(left)
        if found_or_none is None:
            return None
        return tree.Not(found_or_none, at=left.at) if negated else found_or_none

    def _negatable(self, left: tree.Expression) -> tree.Expression | None:
        if self.take("BETWEEN"):
            low = self.value()
            self.expect("AND")
            return tree.Between(left, low, self.value(), at=left.at)
        if self.take("IN"):
            self.expect("(")
            if self.starts_query():
                query = self.query()
                self.expect(")")
                return tree.InQuery(left, query, at=left.at)
            items = self.list_of(self.expression)
            self.expect(")")
            return tree.InList(left, items, at=left.at)
        if self.take("LIKE"):
            pattern = self.value()
            escape = self.value() if self.take("ESCAPE") else None
            return tree.Like(left, pattern, escape, at=left.at)
        return None

    # ---- values

    def value(self) -> tree.Expression:
        left = self._sum()
        while self.here.word == "||":
            at = self.here.at
            self.index += 1
            left = tree.Concat(left, self._sum(), at=at)
        return left

    def _sum(self) -> tree.Expression:
        left = self._product()
        while self.here.word in ("+", "-"):
            operator, at = self.here.word, self.here.at
            self.index += 1
            left = tree.Arithmetic(operator, left, self._product(), at=at)
        return left

    def _product(self) -> tree.Expression:
        left = self._signed()
        while self.here.word in ("*", "/", "%"):
            operator, at = self.here.word, self.here.at
            self.index += 1
            left = tree.Arithmetic(operator, left, self._signed(), at=at)
        return left

    def _signed(self) -> tree.Expression:
        at = self.here.at
        if self.here.word in ("-", "+"):
            operator = self.here.word
            self.index += 1
            return tree.Unary(operator, self._signed(), at=at)
        found = self.postfix()
        while self.sees("AT", "TIME", "ZONE"):
            self.index += 3
            if self.here.word == "INTERVAL":
                zone: tree.Expression = self.interval()
            else:
                zone = tree.String(self.string(), at=self.here.at)
            found = tree.AtTimeZone(found, zone, at=found.at)
        return found

    def postfix(self) -> tree.Expression:
        found = self.primary()
        while True:
            if self.take("["):
                found = tree.Subscript(found, self.value(), at=found.at)
                self.expect("]")
            elif self.here.word == "." and self.ahead().kind in ("name", "quoted"):
                self.index += 1
                found = tree.Dereference(found, self.name(), at=found.at)
            else:
                return found

    def primary(self) -> tree.Expression:
        token = self.here
        at = token.at
        literal = self._literal(token)
        if literal is not None:
            return literal
        if token.word == "(":
            return self._parenthesised()
        if token.word == "?":
            self.index += 1
            self.parameters += 1
            if self.parameters <= len(self.given):
                return self.given[self.parameters - 1]
            raise syntax_error(
                at, f"Incorrect number of parameters: expected {self.parameters} but found {len(self.given)}"
            )
        reader = _SPECIAL.get(token.word)
        if reader is not None:
            found = reader(self, at)
            if found is not None:
                return found
        if token.kind not in ("name", "quoted") or token.word in RESERVED:
            raise self.mismatch("<expression>")
        if token.kind == "name" and self.ahead().kind in ("string", "unicode") and token.word not in RESERVED:
            self.index += 1
            return tree.TypedLiteral(token.text.lower(), self.string(), at=at)
        if self.ahead().word == "->" and token.word not in RESERVED:
            return self._lambda((self.name(),), at)
        return self._name_or_call()

    def _literal(self, token: Token) -> tree.Expression | None:
        at, text = token.at, token.text
        if token.kind == "integer":
            self.index += 1
            return tree.Integer(
                int(text.replace("_", ""), 0 if text[:1] == "0" and len(text) > 2 and text[1] in "xXbBoO" else 10),
                at=at,
            )
        if token.kind == "decimal":
            self.index += 1
            return tree.Decimal(text.replace("_", ""), at=at)
        if token.kind == "double":
            self.index += 1
            return tree.Double(text.replace("_", ""), at=at)
        if token.kind in ("string", "unicode"):
            return tree.String(self.string(), at=at)
        if token.kind == "binary":
            self.index += 1
            digits = "".join(text[2:-1].split())
            if len(digits) % 2:
                raise syntax_error(at, "Binary literal must contain an even number of digits")
            try:
                return tree.Binary(bytes.fromhex(digits), at=at)
            except ValueError:
                raise syntax_error(at, "Binary literal can only contain hexadecimal digits") from None
        return None

    def starts_query(self) -> bool:
        """Whether a query, possibly in parentheses, starts here."""
        offset = 0
        while self.ahead(offset).word == "(":
            offset += 1
        return self.ahead(offset).word in ("SELECT", "WITH", "VALUES", "TABLE")

    def _parenthesised(self) -> tree.Expression:
        at = self.here.at
        closing = self._closing()
        if self.tokens[min(closing + 1, len(self.tokens) - 1)].word == "->":
            self.index += 1
            names = () if self.here.word == ")" else self.list_of(self.name)
            self.expect(")")
            return self._lambda(names, at)
        if self.starts_query():
            saved = self.index
            self.index += 1
            try:
                query = self.query()
                self.expect(")")
            except SqlRefused:
                if self.tokens[saved + 1].word != "(":
                    raise
                self.index = saved
            else:
                return tree.Subquery(query, at=at)
        self.expect("(")
        items = self.list_of(self.expression)
        self.expect(")")
        return items[0] if len(items) == 1 else tree.Row(items, at=at)

    def _closing(self) -> int:
        depth = 0
        for index in range(self.index, len(self.tokens)):
            word = self.tokens[index].word
            depth += (word == "(") - (word == ")")
            if depth == 0:
                return index
        return len(self.tokens) - 1

    def _lambda(self, names: tuple[tree.Name, ...], at: Position) -> tree.Expression:
        self.expect("->")
        return tree.Lambda(names, self.expression(), at=at)

    # ---- names and calls

    def _name_or_call(self) -> tree.Expression:
        at = self.here.at
        start = self.index
        names = [self.name()]
        while self.here.word == "." and self.ahead().kind in ("name", "quoted"):
            self.index += 1
            names.append(self.name())
        if self.here.word == "(":
            return self._call(".".join(part.value for part in names), at)
        self.index = start
        return self.name()

    def _call(self, name: str, at: Position) -> tree.Expression:
        self.expect("(")
        distinct = star = False
        order: tuple[tree.SortItem, ...] = ()
        arguments: tuple[tree.Expression, ...] = ()
        if self.sees("*", ")"):
            self.index += 1
            star = True
        elif self.here.word != ")":
            if self.sees_any("DISTINCT", "ALL"):
                distinct = self.here.word == "DISTINCT"
                self.index += 1
            if not self.sees("ORDER", "BY"):
                arguments = self.list_of(self.expression)
            order = self.order_by()
        nulls = False
        self.expect(")")
        return self._call_tail(tree.Call(name, arguments, star, distinct, order, at=at), nulls)

    def _call_tail(self, call: tree.Call, nulls: bool) -> tree.Expression:
        import attrs

        filter_: tree.Expression | None = None
        window: tree.Window | tree.Name | None = None
        if self.sees("FILTER", "("):
            self.index += 2
            self.expect("WHERE")
            filter_ = self.expression()
            self.expect(")")
        if self.sees("IGNORE", "NULLS") or self.sees("RESPECT", "NULLS"):
            nulls = self.here.word == "IGNORE"
            self.index += 2
            if self.here.word != "OVER":
                raise self.mismatch("'OVER'")
        if self.take("OVER"):
            if self.here.word == "(":
                self.index += 1
                window = self.window_specification()
                self.expect(")")
            else:
                window = self.name()
        return attrs.evolve(call, filter=filter_, window=window, ignore_nulls=nulls)

    def order_by(self) -> tuple[tree.SortItem, ...]:
        if not self.take("ORDER", "BY"):
            return ()
        return self.list_of(self.sort_item)

    def sort_item(self) -> tree.SortItem:
        at = self.here.at
        key = self.expression()
        descending = False
        if self.sees_any("ASC", "DESC"):
            descending = self.here.word == "DESC"
            self.index += 1
        first = False
        if self.take("NULLS"):
            if not self.sees_any("FIRST", "LAST"):
                raise self.mismatch("'FIRST'", "'LAST'")
            first = self.here.word == "FIRST"
            self.index += 1
        return tree.SortItem(key, descending, first, at=at)

    def window_specification(self) -> tree.Window:
        at = self.here.at
        base = None
        if self.here.kind in ("name", "quoted") and self.here.word not in (
            "PARTITION",
            "ORDER",
            "ROWS",
            "RANGE",
            "GROUPS",
            "MEASURES",
        ):
            base = self.name()
        if self.here.word == "MEASURES":
            raise SqlNotSupported("row pattern recognition in a window")
        partition: tuple[tree.Expression, ...] = ()
        if self.take("PARTITION", "BY"):
            partition = self.list_of(self.expression)
        order = self.order_by()
        frame = None
        if self.sees_any("ROWS", "RANGE", "GROUPS"):
            frame = self._frame()
        return tree.Window(base, partition, order, frame, at=at)

    def _frame(self) -> tree.Frame:
        token = self.here
        self.index += 1
        if self.take("BETWEEN"):
            start = self._bound()
            self.expect("AND")
            return tree.Frame(token.word, start, self._bound(), at=token.at)
        return tree.Frame(token.word, self._bound(), ("CURRENT ROW", None), at=token.at)

    def _bound(self) -> tuple[str, tree.Expression | None]:
        for words in (("UNBOUNDED", "PRECEDING"), ("UNBOUNDED", "FOLLOWING"), ("CURRENT", "ROW")):
            if self.take(*words):
                return " ".join(words), None
        size = self.expression()
        if not self.sees_any("PRECEDING", "FOLLOWING"):
            raise self.mismatch("'FOLLOWING'", "'PRECEDING'")
        word = self.here.word
        self.index += 1
        return word, size

    # ---- types and intervals

    def type_name(self) -> str:
        """The text of a type, lower-cased outside quotes; it is understood later."""
        start = self.index
        self._type()
        brackets = {"<": "(", ">": ")"}
        words = [
            t.text if t.kind == "quoted" else brackets.get(t.text, t.text.lower())
            for t in self.tokens[start : self.index]
        ]
        return " ".join(words)

    def _type(self) -> None:
        word = self.here.word
        if self.here.kind not in ("name", "quoted") or (word in RESERVED):
            raise self.mismatch("<type>")
        self.index += 1
        if word == "DOUBLE" and self.take("PRECISION"):
            return
        if word == "INTERVAL":
            self.index += 1
            self.expect("TO")
            self.index += 1
            return
        if word in ("ARRAY", "MAP") and self.take("<"):
            self._type()
            if word == "MAP":
                self.expect(",")
                self._type()
            self.expect(">")
        elif word == "ROW" and self.here.word == "(":
            self._row_type()
        elif self.take("("):
            while True:
                if self.here.kind == "integer":
                    self.index += 1
                else:
                    self._type()
                if not self.take(","):
                    break
            self.expect(")")
        if word in ("TIMESTAMP", "TIME") and self.sees_any("WITH", "WITHOUT") and self.ahead().word == "TIME":
            self.index += 1
            self.expect("TIME", "ZONE")
        while self.here.word == "ARRAY":
            self.index += 1

    def _row_type(self) -> None:
        self.expect("(")
        while True:
            if (
                self.here.kind in ("name", "quoted")
                and self.ahead().kind in ("name", "quoted")
                and not (
                    (self.here.word == "DOUBLE" and self.ahead().word == "PRECISION")
                    or (self.here.word in ("TIMESTAMP", "TIME") and self.ahead().word in ("WITH", "WITHOUT"))
                )
            ):
                self.index += 1
            self._type()
            if not self.take(","):
                break
        self.expect(")")

    def interval(self) -> tree.Expression:
        at = self.expect("INTERVAL").at
        sign = 1
        if self.here.word in ("+", "-"):
            sign = -1 if self.here.word == "-" else 1
            self.index += 1
        text = self.string()
        start = self._interval_field()
        end = self._interval_field() if self.take("TO") else None
        return tree.Interval(sign, text, start, end, at=at)

    def _interval_field(self) -> str:
        if not self.sees_any(*_INTERVALS):
            raise self.mismatch(*(f"'{name}'" for name in sorted(_INTERVALS)))
        word = self.here.word
        self.index += 1
        return word.lower()

    def query(self) -> tree.Query:
        raise NotImplementedError

    # ---- words that start an expression of their own

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
        found = self._call_tail(call, False)
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

    # ---- the SQL/JSON functions

    def _json_path_call(self, at: Position) -> tree.Expression:
        function = self.here.word.lower()
        self.index += 1
        self.expect("(")
        document = self.expression()
        if self.take("FORMAT", "JSON") and self.take("ENCODING"):
            self.index += 1
        self.expect(",")
        path = self.string()
        passing: tuple[tuple[tree.Expression, str], ...] = ()
        if self.take("PASSING"):
            passing = self.list_of(self._passing)
        returning = None
        if self.take("RETURNING"):
            returning = self.type_name()
            self.take("FORMAT", "JSON")
        wrapper, quotes = self._wrapper(function)
        on_empty, on_error = self._on_clauses(function)
        self.expect(")")
        return tree.JsonPathCall(
            function, document, path, passing, returning, wrapper, quotes, on_empty, on_error, at=at
        )

    def _passing(self) -> tuple[tree.Expression, str]:
        value = self.expression()
        self.take("FORMAT", "JSON")
        self.expect("AS")
        return value, self.name().value

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
            elif self.sees_any("NULL", "ERROR", "TRUE", "FALSE", "UNKNOWN"):
                behaviour = self.here.word.lower()
                self.index += 1
            else:
                raise self.mismatch("')'")
            self.expect("ON")
            if not self.sees_any("EMPTY", "ERROR") or self.here.word.lower() in found:
                raise self.mismatch("'EMPTY'", "'ERROR'")
            found[self.here.word.lower()] = behaviour
            self.index += 1
        return found.get("empty"), found.get("error")

    def _json_build(self, at: Position) -> tree.Expression:
        function = self.here.word.lower()
        self.index += 1
        self.expect("(")
        members: list[tuple[tree.Expression | None, tree.Expression, bool]] = []
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
        returning = None
        if self.take("RETURNING"):
            returning = self.type_name()
            self.take("FORMAT", "JSON")
        self.expect(")")
        return tree.JsonBuild(function, tuple(members), null_on_null, unique, returning, at=at)

    def _sees_json_tail(self) -> bool:
        if self.sees_any("NULL", "ABSENT"):
            return self.ahead().word == "ON"
        return self.sees_any("RETURNING", "WITH", "WITHOUT") and self.ahead().word not in (",", ")")

    def _json_member(self, function: str) -> tuple[tree.Expression | None, tree.Expression, bool]:
        key: tree.Expression | None = None
        if function == "json_object":
            keyed = self.here.word == "KEY" and self.ahead().word not in (":", ")", ",", "(")
            if keyed and self.ahead().word != "VALUE":
                self.index += 1
            key = self.value()
            if not self.take("VALUE"):
                self.expect(":")
        value = self.expression()
        formatted = self.take("FORMAT", "JSON")
        return key, value, formatted


def _decode_unicode(token: Token, escape: str) -> str:
    body = token.text[3:-1].replace("''", "'")
    out: list[str] = []
    index = 0
    while index < len(body):
        character = body[index]
        if character != escape:
            out.append(character)
            index += 1
        elif body[index + 1 : index + 2] == escape:
            out.append(escape)
            index += 2
        else:
            size, skip = (6, 2) if body[index + 1 : index + 2] == "+" else (4, 1)
            digits = body[index + skip : index + skip + size]
            try:
                if len(digits) != size:
                    raise ValueError
                out.append(chr(int(digits, 16)))
            except (ValueError, OverflowError):
                raise syntax_error(token.at, "Incomplete escape sequence: " + digits) from None
            index += skip + size
    return "".join(out)


_SPECIAL: dict[str, Callable[[ExpressionParser, Position], tree.Expression | None]] = {
    "NULL": lambda p, at: p._word(tree.Null(at=at)),
    "TRUE": lambda p, at: p._word(tree.Boolean(True, at=at)),
    "FALSE": lambda p, at: p._word(tree.Boolean(False, at=at)),
    "CASE": ExpressionParser._case,
    "CAST": ExpressionParser._cast,
    "TRY_CAST": ExpressionParser._cast,
    "EXTRACT": ExpressionParser._extract,
    "EXISTS": ExpressionParser._exists,
    "ROW": ExpressionParser._row,
    "ARRAY": ExpressionParser._array,
    "SUBSTRING": ExpressionParser._substring,
    "POSITION": ExpressionParser._position,
    "TRIM": ExpressionParser._trim,
    "NORMALIZE": ExpressionParser._normalize,
    "LISTAGG": ExpressionParser._listagg,
    "GROUPING": ExpressionParser._grouping,
    "INTERVAL": ExpressionParser._interval_or_name,
    "JSON_VALUE": ExpressionParser._json_path_call,
    "JSON_QUERY": ExpressionParser._json_path_call,
    "JSON_EXISTS": ExpressionParser._json_path_call,
    "JSON_OBJECT": ExpressionParser._json_build,
    "JSON_ARRAY": ExpressionParser._json_build,
    **dict.fromkeys(_NOW, ExpressionParser._now),
    **dict.fromkeys(_WHO, ExpressionParser._who),
}
