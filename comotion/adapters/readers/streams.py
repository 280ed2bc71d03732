"""Where the bytes of a source come from: readable from the start as often as needed, never rewound before it.

A stream is read from where it stands and seeks back to there; one that cannot seek is spooled to disk while it is
read for the first time, as is a path that is no regular file. What is fetched (a query's result) is spooled whole at
once, so that no connection idles while parts go out. A text stream is read as UTF-8. What the user opened stays open.
"""

import io
import os
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import BinaryIO, Protocol, TextIO, cast

from attrs import define, field

from comotion.adapters.readers.remote import is_url, open_url
from comotion.domain.errors import InvalidArgument, UnreadableSource

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


class FileBytes:
    """A local file, which has to stay what it was when it was first opened: it is read in several passes."""

    def __init__(self, path: "str | os.PathLike[str]", *, name: str) -> None:
        self.name = name
        self.path: Path | None = Path(path)
        self.hint = Path(path).suffix.lower()
        self._stood: tuple[int, ...] | None = None

    def open(self) -> BinaryIO:
        """Raises UnreadableSource, also from ``read``, where the file is another one now, or is still being written."""
        assert self.path is not None
        return cast(BinaryIO, _Unchanged(self.path, self._check))

    def _check(self, descriptor: int) -> None:
        found = os.fstat(descriptor)
        stands = (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns)
        self._stood = self._stood or stands
        if stands != self._stood:
            raise UnreadableSource(f"{self.name} changed while it was read; upload it again when it is written whole")

    def seekable(self) -> BinaryIO:
        return self.open()

    def close(self) -> None:
        """A file is opened anew for each pass; nothing stays open."""


class _Unchanged(io.FileIO):
    """A file that is looked at when it is opened and when its end is reached."""

    def __init__(self, path: Path, check: Callable[[int], None]) -> None:
        super().__init__(path, "rb")
        self._check = check
        try:
            check(self.fileno())
        except BaseException:
            self.close()
            raise

    def read(self, size: int | None = -1, /) -> bytes:
        piece = super().read(-1 if size is None else size)
        if not piece or size is None or size < 0:
            self._check(self.fileno())
        return piece or b""


@define(eq=False)
class _Turn:
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


class _Window(io.RawIOBase):
    """A stream from ``start`` on, as if it began there; closing it does not close the stream."""

    def __init__(self, stream: BinaryIO, start: int, turn: _Turn) -> None:
        self._stream = stream
        self._start = start
        self._turn = turn
        self._mine = turn.next()
        if stream.tell() != start:
            stream.seek(start)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def read(self, size: int | None = -1, /) -> bytes:
        with self._turn.lock:
            if self._turn.number != self._mine:
                return b""
            return self._stream.read(-1 if size is None else size)

    def readinto(self, buffer: object, /) -> int:
        return fill(buffer, self.read)

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        at = self._start + offset if whence == os.SEEK_SET else offset
        return max(self._stream.seek(at, whence), self._start) - self._start

    def tell(self) -> int:
        return self._stream.tell() - self._start


def fill(buffer: object, read: object) -> int:
    view = memoryview(cast(bytearray, buffer)).cast("B")
    piece: bytes = read(len(view))  # type: ignore[operator]
    view[: len(piece)] = piece
    return len(piece)


class StreamBytes:
    """An open binary stream that can seek, from where it stands."""

    path: Path | None = None

    def __init__(self, stream: BinaryIO, *, name: str, hint: str = "") -> None:
        self.name = name
        self.hint = hint
        self._stream = stream
        self._start = stream.tell()
        self._turn = _Turn()

    def open(self) -> BinaryIO:
        return cast(BinaryIO, _Window(self._stream, self._start, self._turn))

    def seekable(self) -> BinaryIO:
        return self.open()

    def close(self) -> None:
        """The stream is the user's to close; no reader of this source moves it any more."""
        self._turn.next()


class _Encoded(io.RawIOBase):
    """A text stream as UTF-8 bytes."""

    def __init__(self, stream: TextIO, *, name: str, turn: _Turn | None = None) -> None:
        self._stream = stream
        self._name = name
        self._left = b""
        self._turn = turn or _Turn()
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
        self._turn = _Turn()

    def open(self) -> BinaryIO:
        reader = _Encoded(self._stream, name=self.name, turn=self._turn)
        if self._stream.tell() != self._start:
            self._stream.seek(self._start)
        return cast(BinaryIO, reader)

    def seekable(self) -> BinaryIO:
        return io.BytesIO(self.open().read())

    def close(self) -> None:
        """The stream is the user's to close; no reader of this source moves it any more."""
        self._turn.next()


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
        self._file = tempfile.TemporaryFile(prefix="comotion-source-")  # noqa: SIM115 - lives as long as the source
        self._kept = 0
        self._ended = False
        self._lock = threading.RLock()

    def open(self) -> BinaryIO:
        return cast(BinaryIO, _Replay(self))

    def seekable(self) -> BinaryIO:
        self.fetch_all()
        return self.open()

    def read_at(self, at: int, size: int) -> bytes:
        with self._lock:
            while not self._ended and self._kept < at + size:
                self._fetch(max(CHUNK, at + size - self._kept))
            self._file.seek(at)
            return self._file.read(size)

    def fetch_all(self) -> int:
        with self._lock:
            while not self._ended:
                self._fetch(CHUNK)
            return self._kept

    def _fetch(self, size: int) -> None:
        piece = self._stream.read(size)
        if piece is None:
            raise UnreadableSource(f"{self.name} does not wait for its bytes: open the stream in blocking mode")
        if not piece:
            self._ended = True
            return
        self._file.seek(0, os.SEEK_END)
        self._file.write(piece)
        self._kept += len(piece)

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


class _Pieces(io.RawIOBase):
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


def raw_of(data: object, *, name: str, storage_options: object = None) -> Raw:
    """The bytes behind a path, a URL, an open stream, an iterator of bytes, or what a callable opens.

    Raises
    ------
    FileNotFoundError
    InvalidArgument
        ``data`` is none of these.
    """
    if is_url(data):
        url = cast(str, data)
        stream = open_url(url, name=name, storage_options=cast("Mapping[str, object] | None", storage_options))
        return SpooledBytes(stream, name=name, hint=Path(url.partition("?")[0]).suffix.lower(), is_ours=True)
    if isinstance(data, str | os.PathLike):
        return _raw_of_path(Path(os.fsdecode(data)), name=name)
    if callable(data) and not hasattr(data, "read"):
        return fetched(cast("Callable[[], BinaryIO]", data), name=name)
    hint = _suffix_of_stream(data)
    if isinstance(data, Iterator) and not hasattr(data, "read"):
        return SpooledBytes(cast(BinaryIO, _Pieces(data)), name=name, hint=hint)
    if not hasattr(data, "read"):
        raise InvalidArgument(f"{name}: {type(data).__name__} is no path, stream or table that can be read")
    if is_text(data):
        return _text_raw(cast(TextIO, data), name=name, hint=hint)
    binary = cast(BinaryIO, data)
    return (StreamBytes if _can_seek(binary) else SpooledBytes)(binary, name=name, hint=hint)


def _raw_of_path(path: Path, *, name: str) -> Raw:
    if not path.exists():
        raise FileNotFoundError(f"{path} does not exist")
    if path.is_file():
        return FileBytes(path, name=name)
    # A named pipe, or /dev/stdin: what is read of it is gone, and a pipe that is opened twice waits for ever.
    return SpooledBytes(path.open("rb"), name=name, hint=path.suffix.lower(), is_ours=True)


def _suffix_of_stream(data: object) -> str:
    name = getattr(data, "name", "")
    return Path(name).suffix.lower() if isinstance(name, str) else ""


def is_text(data: object) -> bool:
    """Whether ``data`` is a stream of text, decoded already."""
    return isinstance(data, io.TextIOBase) or (
        not isinstance(data, io.IOBase) and isinstance(getattr(data, "encoding", None), str)
    )


def _text_raw(stream: TextIO, *, name: str, hint: str) -> Raw:
    if _can_seek(stream):
        return TextBytes(stream, name=name, hint=hint)
    return SpooledBytes(cast(BinaryIO, _Encoded(stream, name=name)), name=name, hint=hint)


def _can_seek(stream: object) -> bool:
    """Whether the stream can come back to where it stands; a text stream in mid-iteration cannot."""
    try:
        if not stream.seekable():  # type: ignore[attr-defined]
            return False
        stream.tell()  # type: ignore[attr-defined]
    except (AttributeError, OSError, ValueError):
        return False
    return True
