"""A file on disk that one thread writes while others already read it, each from the start."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Iterator
from io import RawIOBase
from typing import Protocol, cast

from comotion.domain.errors import UploadFailed


class _Bytes(Protocol):
    def __buffer__(self, flags: int, /) -> memoryview: ...


def _temporary_file() -> RawIOBase:
    try:
        return cast(RawIOBase, tempfile.TemporaryFile(buffering=0))
    except OSError as wrong:
        raise _no_room(wrong) from wrong


def _no_room(wrong: OSError) -> UploadFailed:
    return UploadFailed(
        f"a part cannot be kept in {tempfile.tempdir or 'a temporary folder'}: {wrong.strerror or wrong}; make room "
        "there, or name a roomier folder in TMPDIR"
    )


class Spool:
    """The sink that a Parquet writer fills and the body that an upload sends.

    The file has no name: it is gone when it is discarded, or when the process ends, however it ends.
    Reads and writes share one handle under a lock, because not every platform opens such a file twice.
    """

    closed = False  # Arrow asks for it; only ``discard`` closes the file

    def __init__(self, file: RawIOBase | None = None) -> None:
        self._file = file or _temporary_file()
        self._changed = threading.Condition()
        self._written = 0
        self._is_complete = False
        self._stopped_by: BaseException | None = None

    # ---- the writing side, called by Arrow

    def write(self, data: _Bytes) -> int:
        """Append ``data``; its size in bytes."""
        view = memoryview(data).cast("B")
        with self._changed:
            self._check()
            self._append(view)
            self._written += len(view)
            self._changed.notify_all()
        return len(view)

    def tell(self) -> int:
        """Bytes written so far."""
        return self._written

    def flush(self) -> None:
        """Nothing is held back."""

    def close(self) -> None:
        """Arrow closes its sink; the bytes stay."""

    def complete(self) -> None:
        """The last byte is written."""
        with self._changed:
            self._is_complete = True
            self._changed.notify_all()

    def stop(self, error: BaseException) -> None:
        """Nothing more will come, because of ``error``: every reader raises it."""
        with self._changed:
            if not self._is_complete and self._stopped_by is None:
                self._stopped_by = error
            self._changed.notify_all()

    # ---- the reading side

    def chunks(self, size_bytes: int) -> Iterator[bytes]:
        """The bytes in order; waits for those not yet written."""
        position = 0
        while piece := self._piece(position, size_bytes):
            position += len(piece)
            yield piece

    def size_bytes(self) -> int:
        """The whole size, once it is known."""
        self.wait()
        return self._written

    def wait(self) -> None:
        """Return when the last byte is written. Raises what stopped the writer."""
        with self._changed:
            self._changed.wait_for(lambda: self._is_complete or self._stopped_by is not None)
            self._check()

    def discard(self) -> None:
        """Free the disk space. Whoever still reads is stopped."""
        with self._changed:
            if self._stopped_by is None:
                self._stopped_by = UploadFailed("this part was withdrawn before it was sent whole")
            self._file.close()
            self._changed.notify_all()

    def _append(self, view: memoryview) -> None:
        done = 0
        try:
            self._file.seek(self._written)
            while done < len(view):  # an unbuffered file may take less than it is given
                done += self._file.write(view[done:]) or 0
        except OSError as wrong:
            raise _no_room(wrong) from wrong

    def _piece(self, position: int, size_bytes: int) -> bytes:
        with self._changed:
            self._changed.wait_for(lambda: self._has(position + size_bytes))
            self._check()
            self._file.seek(position)
            return self._file.read(min(size_bytes, self._written - position)) or b""

    def _has(self, size_bytes: int) -> bool:
        return self._written >= size_bytes or self._is_complete or self._stopped_by is not None

    def _check(self) -> None:
        if self._stopped_by is not None:
            raise self._stopped_by
