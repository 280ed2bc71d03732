"""A file appears whole or not at all: written under another name beside its place, flushed, then moved there."""

import os
import secrets
import stat
from collections.abc import Iterable
from pathlib import Path

from attrs import field, frozen


def _path(path: str | os.PathLike[str]) -> Path:
    return Path(path)


@frozen(kw_only=True)
class WholeFile:
    """Where a file is to appear.

    Parameters
    ----------
    path : str or path
        Its place. A symbolic link is followed; what is no regular file (a pipe, a terminal) is written directly.
    fail_if_exists : bool
        Whether a file that stands there already is an error instead of being replaced.
    """

    path: Path = field(converter=_path)
    fail_if_exists: bool = False

    def check(self) -> None:
        """Find out beforehand what would make ``write`` fail.

        Raises
        ------
        FileExistsError, IsADirectoryError, FileNotFoundError
            The folder is missing, or the place is taken.
        """
        if self.fail_if_exists and os.path.lexists(self.path):
            raise FileExistsError(f"{self.path} exists already, and was not to be replaced")
        if self.path.is_dir():
            raise IsADirectoryError(f"{self.path} is a folder; name a file in it")
        folder = self._place().parent
        if not self._is_special() and not folder.is_dir():
            raise FileNotFoundError(f"the folder {folder} does not exist")

    def write(self, pieces: Iterable[bytes]) -> None:
        """Write all of ``pieces``. Whatever stops them also removes what was written."""
        if self._is_special():
            with self.path.open("wb") as special:
                special.writelines(pieces)
            return
        place = self._place()
        draft = place.with_name(f".{place.name[:48]}.{secrets.token_hex(4)}.part")  # 48 take at most 192 bytes of 255
        try:
            _fill(draft, pieces)
            if place.exists() and not self.fail_if_exists:
                draft.chmod(stat.S_IMODE(place.stat().st_mode))
            self._move(draft, place)
        finally:
            draft.unlink(missing_ok=True)
        _flush_folder(place.parent)

    def _is_special(self) -> bool:
        """Whether something other than a file stands there; /dev/stdout may be a pipe that has no path of its own."""
        return self.path.exists() and not stat.S_ISREG(self.path.stat().st_mode)

    def _place(self) -> Path:
        return Path(os.path.realpath(self.path))

    def _move(self, draft: Path, place: Path) -> None:
        if not self.fail_if_exists:
            draft.replace(place)
        elif hasattr(os, "link"):
            try:
                place.hardlink_to(draft)  # unlike a rename, refuses where something stands
            except FileExistsError:
                raise FileExistsError(f"{self.path} appeared meanwhile, and was not to be replaced") from None
            except OSError:  # a file system without hard links
                self.check()
                draft.replace(place)
        else:
            draft.rename(place)


def _fill(draft: Path, pieces: Iterable[bytes]) -> None:
    with draft.open("xb") as file:
        file.writelines(pieces)
        file.flush()
        os.fsync(file.fileno())


def _flush_folder(folder: Path) -> None:
    """Make the move itself last, where a folder can be opened (not on Windows)."""
    if os.name == "nt":
        return
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(handle)
    except OSError:
        pass  # some network file systems refuse; the file itself is on disk
    finally:
        os.close(handle)
