"""A lock between the processes of one user: the operating system's lock on a file, which ends with its holder."""

import contextlib
import logging
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

log = logging.getLogger("comotion.auth")
POLL_S = 0.02


class LockFile:
    """Keeps other processes out while something is read, changed and written back.

    It never stands in the way of work: where the file cannot be made or locked (a read-only home, a file
    system without locks), or its holder hangs, the work goes on without it and a log line says so.

    Parameters
    ----------
    path : Path
        The file to lock; made when missing, never removed, holds nothing.
    timeout_s : float
        How long to wait for the holder.
    """

    def __init__(self, path: Path, *, timeout_s: float = 120.0) -> None:
        self._path = path
        self._timeout_s = timeout_s

    @contextlib.contextmanager
    def hold(self) -> Iterator[None]:
        """Wait for the lock, and hold it for the length of the ``with`` block."""
        descriptor = self._opened()
        try:
            if descriptor is not None:
                self._wait(descriptor)
            yield
        finally:
            if descriptor is not None:
                _unlock(descriptor)
                os.close(descriptor)

    def _opened(self) -> int | None:
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            return os.open(self._path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o600)
        except OSError as error:
            log.warning("no lock between processes (%s): %s", self._path, error.strerror)
            return None

    def _wait(self, descriptor: int) -> None:
        end = time.monotonic() + self._timeout_s
        while not _locked(descriptor):
            if time.monotonic() > end:
                log.warning("waited %.0f s for %s, going on without it", self._timeout_s, self._path)
                return
            time.sleep(POLL_S)


if sys.platform == "win32":
    import msvcrt

    def _locked(descriptor: int) -> bool:
        """Lock the file's first byte, if nobody has."""
        os.lseek(descriptor, 0, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _unlock(descriptor: int) -> None:
        os.lseek(descriptor, 0, os.SEEK_SET)
        with contextlib.suppress(OSError):  # it was never had
            msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)

else:
    import errno
    import fcntl

    def _locked(descriptor: int) -> bool:
        """Lock the file, if nobody has. A file system that knows no locks counts as locked."""
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            return error.errno not in (errno.EWOULDBLOCK, errno.EACCES, errno.EINTR)
        return True

    def _unlock(descriptor: int) -> None:
        """Unlock also for a child that was forked meanwhile: closing would leave the lock with its copy."""
        with contextlib.suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_UN)
