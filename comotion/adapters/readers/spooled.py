"""What can be read only once, kept on disk as it goes by so that it can be read again."""

import io
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import BinaryIO, cast

from comotion.adapters.readers.raw import CHUNK, fill
from comotion.adapters.readers.temporary_file import TemporaryFile
from comotion.domain.errors import UnreadableSource


class _Replay(io.RawIOBase):
    """Reads a spool, and fetches from the stream behind it what is not spooled yet."""

    def __init__(self, spool: "SpooledBytes") -> None:
        self._spool = spool
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at}.get(whence)
        self._at = (self._spool.fetch_all() if base is None else base) + offset
        return self._at

    def read(self, size: int | None = -1, /) -> bytes:
        if size is None or size < 0:
            size = self._spool.fetch_all() - self._at
        piece = self._spool.read_at(self._at, size)
        self._at += len(piece)
        return piece

    def readinto(self, buffer: object, /) -> int:
        return fill(buffer, self.read)


class SpooledBytes:
    """A stream that can be read once, kept on disk as it goes by so that it can be read again.

    Parameters
    ----------
    is_ours : bool
        Whether it was opened here, and is closed with the source.
    """

    path: Path | None = None

    def __init__(self, stream: BinaryIO, *, name: str, hint: str = "", is_ours: bool = False) -> None:
        self.name = name
        self.hint = hint
        self._stream = stream
        self._is_ours = is_ours
        self._file = TemporaryFile(of=name)
        self._ended = False
        self._lock = threading.RLock()

    def open(self) -> BinaryIO:
        return cast(BinaryIO, _Replay(self))

    def seekable(self) -> BinaryIO:
        self.fetch_all()
        return self.open()

    def read_at(self, at: int, size: int) -> bytes:
        with self._lock:
            while not self._ended and (missing := at + size - self._file.size_bytes()) > 0:
                self._fetch(max(CHUNK, missing))
            self._file.seek(at)
            return self._file.read(size)

    def fetch_all(self) -> int:
        with self._lock:
            while not self._ended:
                self._fetch(CHUNK)
            return self._file.size_bytes()

    def _fetch(self, size: int) -> None:
        piece = self._stream.read(size)
        if piece is None:
            raise UnreadableSource(f"{self.name} does not wait for its bytes: open the stream in blocking mode")
        if not piece:
            self._ended = True
            return
        self._file.write(piece)

    def close(self) -> None:
        self._file.close()
        if self._is_ours:
            self._stream.close()


def fetched(open_: Callable[[], BinaryIO], *, name: str) -> SpooledBytes:
    """All that a stream holds, spooled; the stream is closed. Raises what reading it raises."""
    with closing(open_()) as stream:
        spool = SpooledBytes(stream, name=name)
        try:
            spool.fetch_all()
        except BaseException:
            spool.close()
            raise
    return spool


class Pieces(io.RawIOBase):
    """An iterator of bytes (a download) as a stream."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._left = b""

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1, /) -> bytes:
        if size is None or size < 0:
            return self._take(len(self._left) + sum(map(self._keep, self._pieces)))
        while len(self._left) < size and (piece := next(self._pieces, None)) is not None:
            self._left += piece
        return self._take(size)

    def _keep(self, piece: bytes) -> int:
        self._left += piece
        return len(piece)

    def _take(self, size: int) -> bytes:
        piece, self._left = self._left[:size], self._left[size:]
        return piece

    def readinto(self, buffer: object, /) -> int:
        return fill(buffer, self.read)
