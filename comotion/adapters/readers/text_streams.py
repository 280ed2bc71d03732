"""Text streams of the user's as UTF-8 bytes."""

import io
from pathlib import Path
from typing import BinaryIO, TextIO, cast

from comotion.adapters.readers.raw import CHUNK, Turn, fill
from comotion.domain.errors import UnreadableSource


class Encoded(io.RawIOBase):
    """A text stream as UTF-8 bytes."""

    def __init__(self, stream: TextIO, *, name: str, turn: Turn | None = None) -> None:
        self._stream = stream
        self._name = name
        self._left = b""
        self._turn = turn or Turn()
        self._mine = self._turn.next()

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1, /) -> bytes:
        if size is None or size < 0:
            data, self._left = self._left + self._encode(self._next(-1)), b""
            return data
        while len(self._left) < size:
            text = self._next(max(size, CHUNK))
            if not text:
                break
            self._left += self._encode(text)
        data, self._left = self._left[:size], self._left[size:]
        return data

    def readinto(self, buffer: object, /) -> int:
        return fill(buffer, self.read)

    def _next(self, size: int) -> str:
        with self._turn.lock:
            if self._turn.number != self._mine:
                return ""
            try:
                return self._stream.read(size)
            except UnicodeDecodeError as wrong:
                raise UnreadableSource(
                    f"{self._name}: the stream was opened as {wrong.encoding}, and its bytes are no such text "
                    f"({wrong.reason}); open it with the encoding= that the file was written with"
                ) from None

    def _encode(self, text: str) -> bytes:
        try:
            return text.encode()
        except UnicodeEncodeError as wrong:
            raise UnreadableSource(
                f"{self._name}: the stream yields characters that are no text ({wrong.reason}); "
                "open it without errors='surrogateescape', or in binary mode with encoding="
            ) from None


class TextBytes:
    """An open text stream that can seek, from where it stands, as UTF-8."""

    path: Path | None = None

    def __init__(self, stream: TextIO, *, name: str, hint: str = "") -> None:
        self.name = name
        self.hint = hint
        self._stream = stream
        self._start = stream.tell()
        self._turn = Turn()

    def open(self) -> BinaryIO:
        reader = Encoded(self._stream, name=self.name, turn=self._turn)
        if self._stream.tell() != self._start:
            self._stream.seek(self._start)
        return cast(BinaryIO, reader)

    def seekable(self) -> BinaryIO:
        return io.BytesIO(self.open().read())

    def close(self) -> None:
        """The stream is the user's to close; no reader of this source moves it any more."""
        self._turn.next()
