"""How many rows pandas padded. It does not say, so it is asked for the rows that are short, and leaves out all others.

pandas takes the first record for the widest there may be, unless more names are given. Behind a record that is one
field too short, every whole row is too long and is left out.
"""

import io
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, BinaryIO, cast

from comotion.adapters.readers.raw import fill

if TYPE_CHECKING:
    import pandas as pd

Read = Callable[..., object]
"""``read(stream, **options)``: pandas.read_csv of a stream of text, every field as text, in chunks where asked for."""


def count_short_rows(text: BinaryIO, options: Mapping[str, object], *, fields: int, read: Read) -> int:
    """How many rows have fewer fields than ``fields``, cut by pandas' C parser; 0 where that cannot be asked.

    Parameters
    ----------
    text : binary stream
        From its beginning, header included.
    options : mapping
        How pandas cut it.
    """
    sep, names = options.get("sep", options.get("delimiter") or ","), options.get("names")
    header = options.get("header", "infer")
    if fields < 2 or header not in ("infer", None, 0) or (names is not None and header == 0):
        return 0
    first = ("," if sep == "," else "\t" if sep == r"\s+" else str(sep)).join(["0"] * (fields - 1))
    how = {name: value for name, value in options.items() if name not in ("usecols", "header", "skip_blank_lines")}
    how |= {"header": None, "names": range(fields - 1), "on_bad_lines": "skip", "index_col": False}
    if options.get("skiprows") is not None:
        how["skiprows"] = _one_line_later(options["skiprows"])
    end = str(options.get("lineterminator") or "\n")
    frames = read(cast(BinaryIO, _After(f"{first}{end}".encode(), text)), **how, chunksize=20_000)
    return max(sum(len(frame) for frame in cast("Iterable[pd.DataFrame]", frames)) - 1, 0)


def _one_line_later(skiprows: object) -> object:
    """``skiprows=`` for a text with a line before its first, which is not skipped."""
    if callable(skiprows):
        return lambda line: line > 0 and skiprows(line - 1)
    lines = range(skiprows) if isinstance(skiprows, int) else cast("list[int]", skiprows)
    return [line + 1 for line in lines]


class _After(io.RawIOBase):
    """A text behind some bytes."""

    def __init__(self, first: bytes, text: BinaryIO) -> None:
        self._first = first
        self._text = text

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1, /) -> bytes:
        if not self._first:
            return self._text.read(-1 if size is None else size)
        if size is None or size < 0:
            piece, self._first = self._first, b""
            return piece + self._text.read()
        piece, self._first = self._first[:size], self._first[size:]
        return piece

    def readinto(self, buffer: object, /) -> int:
        return fill(buffer, self.read)

    def close(self) -> None:
        self._text.close()
        super().close()
