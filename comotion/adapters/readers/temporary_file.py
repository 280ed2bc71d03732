"""Bytes that readers keep on disk for a later pass; a disk that has no room for them is an error with a remedy."""

import io
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from comotion.adapters.readers.raw import fill
from comotion.domain.errors import UploadFailed


class TemporaryFile(io.RawIOBase):
    """A file without a name, gone when it is closed or the process ends. Written at its end, read anywhere.

    Nothing is held back in memory: what is written is on the disk, or an error at once.

    Parameters
    ----------
    of : str
        What it keeps: the name of a source, for the error.

    Raises
    ------
    UploadFailed
        There is no room for it, or no folder.
    """

    def __init__(self, *, of: str) -> None:
        self._of = of
        with self._kept():
            self._file = tempfile.TemporaryFile(prefix="comotion-", buffering=0)  # noqa: SIM115 - closed by close
        self._size = 0

    @contextmanager
    def _kept(self) -> Iterator[None]:
        try:
            yield
        except OSError as wrong:
            raise UploadFailed(
                f"{self._of} cannot be kept in {tempfile.tempdir or 'a temporary folder'} while it is read: "
                f"{wrong.strerror or wrong}; make room there, or name a roomier folder in TMPDIR"
            ) from wrong

    def size_bytes(self) -> int:
        return self._size

    def write(self, data: object, /) -> int:
        """Append ``data``, all of it."""
        view = memoryview(data).cast("B")  # type: ignore[arg-type]
        done = 0
        with self._kept():
            self._file.seek(self._size)
            while done < len(view):  # an unbuffered file may take less than it is given
                done += self._file.write(view[done:])
        self._size += done
        return done

    def read(self, size: int | None = -1, /) -> bytes:
        """All that is asked for, as far as it is there: the system may give less at a time."""
        if size is None or size < 0:
            return self._file.readall()
        pieces = []
        while size > 0 and (piece := self._file.read(size)):
            pieces.append(piece)
            size -= len(piece)
        return b"".join(pieces)

    def readinto(self, buffer: object, /) -> int:
        return fill(buffer, self.read)

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def readable(self) -> bool:
        return True

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def close(self) -> None:
        if not self.closed:
            self._file.close()
        super().close()
