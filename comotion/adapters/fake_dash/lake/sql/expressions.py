"""Trino's expressions: a recursive descent over the tokens, one method a rule of the grammar."""

from __future__ import annotations

from collections.abc import Callable

import attrs

from comotion.adapters.fake_dash.lake.refusal import SqlNotSupported, SqlRefused
from comotion.adapters.fake_dash.lake.sql import tree
from comotion.adapters.fake_dash.lake.sql.json_forms import JSON_FORMS, JsonForms
from comotion.adapters.fake_dash.lake.sql.lexer import RESERVED, Position, Token, syntax_error
from comotion.adapters.fake_dash.lake.sql.special_forms import FORMS

_COMPARISONS = {"=": "=", "<>": "<>", "!=": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">="}


class ExpressionParser(JsonForms):
    """Reads expressions; queries come from the subclass that knows them."""

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
        return self._predicate_of(left) or left  # one at most: a = b = c is no expression

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
        found = self._special(token.word, at)
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

    def _special(self, word: str, at: Position) -> tree.Expression | None:
        """A form with a grammar of its own, if the word starts one here."""
        if word in FORMS:
            return FORMS[word](self, at)
        return JSON_FORMS[word](self, at) if word in JSON_FORMS else None

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
        self.expect(")")
        return self.call_tail(tree.Call(name, arguments, star, distinct, order, at=at))

    def call_tail(self, call: tree.Call) -> tree.Expression:
        filter_: tree.Expression | None = None
        nulls = False
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
