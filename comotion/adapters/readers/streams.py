"""Where the bytes of a source come from: readable from the start as often as needed, never rewound before it.

A stream is read from where it stands and seeks back to there; one that cannot seek is spooled to disk while it is
read for the first time, as is a path that is no regular file. What is fetched (a query's result) is spooled whole at
once, so that no connection idles while parts go out. A text stream is read as UTF-8. What the user opened stays open.
"""

import io
import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import BinaryIO, TextIO, cast

from comotion.adapters.readers.raw import Raw, Turn, fill
from comotion.adapters.readers.remote import is_url, open_url
from comotion.adapters.readers.spooled import Pieces, SpooledBytes, fetched
from comotion.adapters.readers.text_streams import Encoded, TextBytes
from comotion.domain.errors import InvalidArgument, UnreadableSource


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


class _Window(io.RawIOBase):
    """A stream from ``start`` on, as if it began there; closing it does not close the stream."""

    def __init__(self, stream: BinaryIO, start: int, turn: Turn) -> None:
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


class StreamBytes:
    """An open binary stream that can seek, from where it stands."""

    path: Path | None = None

    def __init__(self, stream: BinaryIO, *, name: str, hint: str = "") -> None:
        self.name = name
        self.hint = hint
        self._stream = stream
        self._start = stream.tell()
        self._turn = Turn()

    def open(self) -> BinaryIO:
        return cast(BinaryIO, _Window(self._stream, self._start, self._turn))

    def seekable(self) -> BinaryIO:
        return self.open()

    def close(self) -> None:
        """The stream is the user's to close; no reader of this source moves it any more."""
        self._turn.next()


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
        return SpooledBytes(cast(BinaryIO, Pieces(data)), name=name, hint=hint)
    if not hasattr(data, "read"):
        raise InvalidArgument(f"{name}: {type(data).__name__} is no path, stream or table that can be read")
    if is_text(data):
        return _text_raw(cast(TextIO, data), name=name, hint=hint)
    binary = cast(BinaryIO, data)
    return (StreamBytes if _can_seek(binary) else SpooledBytes)(binary, name=name, hint=hint)


def _raw_of_path(path: Path, *, name: str) -> Raw:
    if not path.exists():
        raise FileNotFoundError(f"{path} does not exist")
    if path.is_dir():
        raise IsADirectoryError(f"{path} is a folder; name a file in it")
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
    return SpooledBytes(cast(BinaryIO, Encoded(stream, name=name)), name=name, hint=hint)


def _can_seek(stream: object) -> bool:
    """Whether the stream can come back to where it stands; a text stream in mid-iteration cannot."""
    try:
        if not stream.seekable():  # type: ignore[attr-defined]
            return False
        stream.tell()  # type: ignore[attr-defined]
    except (AttributeError, OSError, ValueError):
        return False
    return True
