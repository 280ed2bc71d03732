"""The records of a JSON text one after the other, in bounded memory, each with the line it begins on.

Reads an array of records and one record a line alike; objects may span lines.
"""

import io
import json
import re
from collections.abc import Iterator
from typing import BinaryIO, cast

from attrs import frozen

from comotion.adapters.readers.json_dtype import Wanted
from comotion.adapters.readers.raw import CHUNK, Raw, fill
from comotion.domain.errors import UnreadableSource

RECORD_LIMIT = 1 << 28
_GAP = re.compile(r"[ \t\r\n]*")
_BOM = "\ufeff"


@frozen
class JsonRecord:
    line: int
    text: str
    value: dict[str, object]


def records(raw: Raw, *, is_array: bool, wanted: Wanted | None = None) -> Iterator[JsonRecord]:
    """Every record, under the types that are wanted.

    Raises UnreadableSource with line and column where the text is no such JSON, LossyValue for a value of another type.
    """
    with raw.open() as stream:
        yield from _Scanner(stream, raw.name, is_array=is_array, wanted=wanted).records()


class NameTwice(ValueError):
    """An object gives one name to two values; Python would forget the first."""


def distinct(members: list[tuple[str, object]]) -> dict[str, object]:
    """An object of JSON. Raises NameTwice."""
    found = dict(members)
    if len(found) < len(members):
        names = [name for name, _ in members]
        raise NameTwice(
            f"the name {next(name for name in names if names.count(name) > 1)!r} stands twice in one object"
        )
    return found


def first_value(raw: Raw) -> object:
    """The first value of the text where it is the only one; None where others follow or it is no object."""
    found = None
    with raw.open() as stream:
        for number, record in enumerate(_Scanner(stream, raw.name, is_array=False).records()):
            if number:
                return None
            found = record.value
    return found


class _Scanner:
    """Cuts values off the front of a text that is read piece by piece."""

    def __init__(self, stream: BinaryIO, name: str, *, is_array: bool, wanted: Wanted | None = None) -> None:
        self._stream = io.TextIOWrapper(stream, encoding="utf-8", newline="")
        self._name = name
        self._is_array = is_array
        self._wanted = wanted
        # Arrow, which parses the text as it stands, finds a name that stands twice; in a text made anew nobody would.
        self._decoder = json.JSONDecoder(object_pairs_hook=distinct) if wanted else json.JSONDecoder()
        self._text = ""
        self._at = 0
        self._line = 1
        self._ended = False

    def records(self) -> Iterator[JsonRecord]:
        self._more()
        self._at = len(_BOM) if self._text.startswith(_BOM) else 0
        if self._is_array:
            self._take("[")
            if self._next_mark() == "]":
                self._at += 1
                self._expect_end()
                return
        while self._next_mark():
            yield self._record()
            if self._is_array and self._take(",]") == "]":
                self._expect_end()
                return
        if self._is_array:
            self._refuse("the array is not closed", self._at)

    def _record(self) -> JsonRecord:
        if self._next_mark() != "{":
            self._refuse("a record is an object of names and values, in braces", self._at)
        line = self._line
        value, end = self._decoded()
        text = self._text[self._at : end]
        self._line += text.count("\n")
        self._at = end
        record = cast("dict[str, object]", value)
        if self._wanted:
            record = self._wanted.applied(record, where=f"{self._name}, line {line}")
            text = json.dumps(record)
        return JsonRecord(line, text, record)

    def _decoded(self) -> tuple[object, int]:
        """The value at the front, and where it ends; reads on while the text may only be cut off."""
        while True:
            try:
                return self._decoder.raw_decode(self._text, self._at)
            except json.JSONDecodeError as wrong:
                if self._ended or len(self._text) - self._at > RECORD_LIMIT:
                    self._refuse(wrong.msg, wrong.pos)
            except NameTwice as wrong:
                self._refuse(str(wrong), self._at)
            except RecursionError:
                self._refuse("values are nested too deeply", self._at)
            self._more(at_least=len(self._text) - self._at)

    def _next_mark(self) -> str:
        """The next character that is no space, left where it is; empty at the end of the text."""
        while True:
            gap = _GAP.match(self._text, self._at)
            assert gap is not None
            self._line += gap.group().count("\n")
            self._at = gap.end()
            if self._at < len(self._text):
                return self._text[self._at]
            if self._ended:
                return ""
            self._more()

    def _take(self, marks: str) -> str:
        mark = self._next_mark()
        if not mark or mark not in marks:
            self._refuse(f"{' or '.join(map(repr, marks))} is missing", self._at)
        self._at += 1
        return mark

    def _expect_end(self) -> None:
        if self._next_mark():
            self._refuse("there is more after the end of the array", self._at)

    def _more(self, at_least: int = 0) -> None:
        piece = self._stream.read(max(CHUNK, at_least))
        self._ended = not piece
        self._text = self._text[self._at :] + piece
        self._at = 0

    def _refuse(self, why: str, at: int) -> None:
        before = self._text[self._at : at]
        line = self._line + before.count("\n")
        column = at - (self._text.rfind("\n", 0, at) + 1) + 1
        raise UnreadableSource(f"{self._name}, line {line}, column {column}: {why}") from None


class RecordsAsLines(io.RawIOBase):
    """Records as bytes with one record after the other, for a reader of JSON lines."""

    def __init__(self, raw: Raw, *, is_array: bool, wanted: Wanted) -> None:
        self._records = records(raw, is_array=is_array, wanted=wanted)
        self._left = b""

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1, /) -> bytes:
        pieces, length = [self._left], len(self._left)
        while (size is None or size < 0 or length < size) and (record := next(self._records, None)) is not None:
            pieces.append(record.text.encode("utf-8", "surrogatepass") + b"\n")
            length += len(pieces[-1])
        whole = b"".join(pieces)
        end = length if size is None or size < 0 else size
        self._left = whole[end:]
        return whole[:end]

    def readinto(self, buffer: object, /) -> int:
        return fill(buffer, self.read)
