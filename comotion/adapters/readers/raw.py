"""The bytes of a source as readers ask for them: more than one pass, in pieces, whatever they come from."""

import threading
from pathlib import Path
from typing import BinaryIO, Protocol, cast

from attrs import define, field

CHUNK = 1 << 18


class Raw(Protocol):
    """The bytes of one source. One reader at a time."""

    @property
    def name(self) -> str: ...
    @property
    def hint(self) -> str:
        """The suffix of its file name, lower case (``".csv"``); empty where there is none."""
        ...

    @property
    def path(self) -> Path | None:
        """The local file that holds exactly these bytes, if there is one."""
        ...

    def open(self) -> BinaryIO:
        """A reader at the start of the source; closing it leaves the source as it is."""
        ...

    def seekable(self) -> BinaryIO:
        """As ``open``, and it can seek: for formats that are read from their end."""
        ...

    def close(self) -> None: ...


@define(eq=False)
class Turn:
    """Whose turn it is to read a stream that several readers share: the latest one's.

    Arrow reads ahead in a thread of its own, so a reader that was given up may still ask once more; it is told that
    the stream has ended, and does not move it under the feet of the next.
    """

    number: int = 0
    lock: "threading.Lock" = field(factory=threading.Lock)

    def next(self) -> int:
        with self.lock:
            self.number += 1
            return self.number


def fill(buffer: object, read: object) -> int:
    """``readinto`` for a stream that has ``read``."""
    view = memoryview(cast(bytearray, buffer)).cast("B")
    piece: bytes = read(len(view))  # type: ignore[operator]
    view[: len(piece)] = piece
    return len(piece)
