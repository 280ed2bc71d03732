"""The bytes of a CSV source as UTF-8, whatever encoding they are in; the first that are none are located."""

import codecs
import io
from pathlib import Path
from typing import BinaryIO, NoReturn, cast

from comotion.adapters.readers import csv_lines
from comotion.adapters.readers.csv_options import CsvPlan
from comotion.adapters.readers.raw import CHUNK, Raw, fill
from comotion.domain.errors import UnreadableSource


class Decoded:
    """``raw`` as UTF-8."""

    path: Path | None = None

    def __init__(self, raw: Raw, plan: CsvPlan) -> None:
        self.name = raw.name
        self.hint = raw.hint
        self._raw = raw
        self._plan = plan

    def open(self) -> BinaryIO:
        return cast(BinaryIO, _Decoding(self._raw.open(), self._plan, name=self.name))

    def seekable(self) -> BinaryIO:
        return io.BytesIO(self.open().read())

    def close(self) -> None:
        self._raw.close()


class _Decoding(io.RawIOBase):
    def __init__(self, stream: BinaryIO, plan: CsvPlan, *, name: str) -> None:
        self._stream = stream
        self._plan = plan
        self._name = name
        self._decoder = codecs.getincrementaldecoder(plan.encoding)(plan.errors)
        self._left = b""
        self._lines = 0
        self._record = ""
        self._ended = False

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1, /) -> bytes:
        wanted = float("inf") if size is None or size < 0 else size
        pieces, length = [self._left], len(self._left)
        while length < wanted and not self._ended:
            pieces.append(self._next())
            length += len(pieces[-1])
        whole = b"".join(pieces)
        end = length if wanted == float("inf") else int(wanted)
        self._left = whole[end:]
        return whole[:end]

    def readinto(self, buffer: object, /) -> int:
        return fill(buffer, self.read)

    def _next(self) -> bytes:
        chunk = self._stream.read(CHUNK)
        self._ended = not chunk
        try:
            text = self._decoder.decode(chunk, final=self._ended)
            encoded = text.encode()
        except UnicodeDecodeError as wrong:
            self._refuse(wrong)
        except UnicodeEncodeError as wrong:
            raise UnreadableSource(f"{self._name}: not text in {self._plan.encoding}: {wrong.reason}") from None
        except UnicodeError as wrong:  # no mark where the encoding needs one
            raise UnreadableSource(f"{self._name} is no {self._plan.encoding} text: {wrong}") from None
        self._lines += encoded.count(b"\n")
        self._record = text.rpartition("\n")[2] if "\n" in text else self._record + text
        return encoded

    def _refuse(self, wrong: UnicodeDecodeError) -> NoReturn:
        if "BOM" in wrong.reason:  # as above: since Python 3.13 it is an error of a byte
            raise UnreadableSource(f"{self._name} is no {self._plan.encoding} text: {wrong.reason}") from None
        before = self._record + wrong.object[: wrong.start].decode(self._plan.encoding, "replace")
        line = self._lines + before.count("\n") + 1
        record = before.rpartition("\n")[2].encode()
        sep, quote = self._plan.sep.encode() or b",", self._plan.quotechar.encode() or b'"'
        column = len(csv_lines.fields(record, sep=sep, quote=quote))
        raise UnreadableSource(
            f"{self._name}, line {line}, column {column}: byte 0x{wrong.object[wrong.start]:02x} is no "
            f"{self._plan.encoding} text ({wrong.reason}); pass the encoding= the file was written with, "
            "for example encoding='cp1252' or 'utf-16'"
        ) from None

    def close(self) -> None:
        self._stream.close()
        super().close()


def as_utf8(raw: Raw, plan: CsvPlan) -> Raw:
    """``raw`` itself where it is UTF-8 already; Arrow finds what is none, ``find_bad_text`` says where."""
    return Decoded(raw, plan) if plan.needs_decoding else raw


def find_bad_text(raw: Raw, plan: CsvPlan) -> None:
    """Raise UnreadableSource for the first byte that is no UTF-8, with its line and column."""
    with Decoded(raw, plan).open() as stream:
        while stream.read(CHUNK):
            pass
