"""The names of types, and interval literals."""

from __future__ import annotations

from comotion.adapters.fake_dash.lake.sql import tree
from comotion.adapters.fake_dash.lake.sql.lexer import RESERVED
from comotion.adapters.fake_dash.lake.sql.reader import TokenReader

_INTERVALS = ("YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND")


class TypeReader(TokenReader):
    """Reads the name of a type and leaves its meaning for later."""

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
