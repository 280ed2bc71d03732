"""The bytes of a CSV text on their way to Arrow: proved to be UTF-8, their lines counted, the last one kept.

One pass of vectorised checks over raw bytes spares Arrow a check of every value.
"""

import codecs
import io
from typing import BinaryIO

from comotion.adapters.readers.csv_odd_numbers import PIECE, OddNumbers
from comotion.adapters.readers.raw import Raw

TAIL_BYTES = 1 << 16
NEWLINE = ord("\n")
_CONTINUES, _BEGINS_TWO = 0x80, 0xC0


class NotUtf8(Exception):
    """The text holds bytes that are no UTF-8."""


class OddNumber(Exception):
    """The text holds a number that Arrow would read otherwise than pandas, or whose leading zeros it would drop."""


class CountedText(io.BufferedIOBase, BinaryIO):
    """A text from an offset on.

    Parameters
    ----------
    watch : OddNumbers or None
        Looks for numbers that Arrow must not be asked to read.
    for_arrow : bool
        Whether Arrow reads it, which takes a byte order mark off the beginning, also where that is no file's.

    Raises NotUtf8 and OddNumber from ``read``.
    """

    def __init__(self, raw: Raw, start: int, *, watch: OddNumbers | None = None, for_arrow: bool = False) -> None:
        self._watch = watch
        self._is_at_start = for_arrow
        self._stream = raw.open()
        self._newlines = 0
        self._tail = b""
        self._cut_character = b""
        if raw.path is not None:
            self._stream.seek(start)
        else:
            while start and (skipped := self._stream.read(start)):
                start -= len(skipped)

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1, /) -> bytes:
        import numpy as np

        if self._is_at_start:
            return self._first(size)
        chunk = self._stream.read(-1 if size is None else size)
        self._check(chunk)
        if chunk:
            if self._watch is not None and self._watch.are_in(chunk):
                raise OddNumber
            characters = np.frombuffer(chunk, np.uint8)
            self._newlines += sum(
                int(np.count_nonzero(characters[at : at + PIECE] == NEWLINE)) for at in range(0, len(chunk), PIECE)
            )
            self._tail = chunk[-TAIL_BYTES:] if len(chunk) >= TAIL_BYTES else (self._tail + chunk)[-TAIL_BYTES:]
        return chunk

    def _first(self, size: int | None) -> bytes:
        self._is_at_start = False
        chunk = self.read(-1 if size is None or size < 0 else max(size - len(codecs.BOM_UTF8), 1))
        return codecs.BOM_UTF8 + chunk if chunk.startswith(codecs.BOM_UTF8) else chunk

    def _check(self, chunk: bytes) -> None:
        if not self._cut_character and chunk.isascii():
            return
        text = self._cut_character + chunk if self._cut_character else chunk
        whole = len(text) - _cut_at_end(text) if chunk else len(text)
        if not is_utf8(memoryview(text)[:whole]):
            raise NotUtf8
        self._cut_character = text[whole:]

    def lines(self) -> int:
        """How many lines went by."""
        return self._newlines + (1 if self._tail and not self._tail.endswith(b"\n") else 0)

    def last_line(self) -> bytes | None:
        """The last line that went by; None where it is longer than what is kept."""
        kept = self._tail.rstrip(b"\r\n")
        before = kept.rfind(b"\n")
        return None if before < 0 and len(self._tail) == TAIL_BYTES else self._tail[before + 1 :]

    def close(self) -> None:
        if hasattr(self, "_stream"):  # Python closes also what could not be opened, and tells what that raised
            self._stream.close()
        super().close()


def _cut_at_end(text: bytes) -> int:
    """How many bytes at the end are the beginning of a character that goes on beyond it."""
    for back in range(1, min(4, len(text) + 1)):
        byte = text[-back]
        if byte >= _BEGINS_TWO:
            length = 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4
            return back if back < length else 0
        if byte < _CONTINUES:
            return 0
    return 0


def is_utf8(text: bytes | memoryview) -> bool:
    """Whether some bytes are UTF-8, at Arrow's speed and without a copy."""
    import pyarrow as pa

    data = pa.py_buffer(text)
    ends = pa.py_buffer((0).to_bytes(4, "little") + data.size.to_bytes(4, "little"))
    try:
        pa.Array.from_buffers(pa.binary(), 1, [None, ends, data]).cast(pa.string())
    except pa.ArrowInvalid:
        return False
    return True
