"""CredentialStore in a file of the user's own (mode 0600): the explicit choice where there is no keyring.

One file holds the sign-ins of several organisations and issuers. It is replaced whole, so that a reader sees the
old or the new one, and it is refused when others could read it.
"""

import contextlib
import json
import os
import stat
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from comotion.domain.endpoints import Realm
from comotion.domain.errors import CredentialsCacheException

VERSION = 1
REPLACE_TRIES = 20
POSIX = os.name == "posix"


class FileStore:
    """The sign-in of one organisation at one issuer, in a file.

    Parameters
    ----------
    issuer, orgname : str
    path : Path
        Made on first use, with its folder. On Windows the folder's own access list keeps others out.
    lock : callable
        Held while the file is changed, lest two organisations' sign-ins overwrite each other.
    """

    def __init__(
        self,
        issuer: str,
        orgname: str,
        *,
        path: Path,
        lock: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> None:
        self._realm_url = Realm(org=orgname, issuer=issuer).url
        self._path = Path(os.path.realpath(path.expanduser()))
        self._lock = lock

    @property
    def identity(self) -> str:
        return f"file {self._path}"

    def get_current_user(self) -> str | None:
        return self._member("username")

    def get_refresh_token(self) -> str | None:
        return self._member("refresh_token")

    def set_refresh_token(self, username: str, token: str) -> None:
        self._change({"username": username, "refresh_token": token})
        if self.get_refresh_token() != token:
            raise CredentialsCacheException(f"{self._path} does not hold what was written to it")

    def forget(self) -> None:
        if self._path.exists():
            self._change(None)

    def _member(self, name: str) -> str | None:
        entry = self._sign_ins().get(self._realm_url)
        value = entry.get(name) if isinstance(entry, dict) else None
        return value if isinstance(value, str) and value else None

    def _change(self, entry: Mapping[str, str] | None) -> None:
        with self._lock():
            sign_ins = self._sign_ins()
            if entry is None:
                sign_ins.pop(self._realm_url, None)
            else:
                sign_ins[self._realm_url] = dict(entry)
            self._replace(json.dumps({"version": VERSION, "sign_ins": sign_ins}, indent=1).encode())

    def _sign_ins(self) -> dict[str, object]:
        data = self._read()
        if not data:  # missing, or made empty by its owner to set its mode
            return {}
        try:
            content = json.loads(data)
        except (ValueError, RecursionError):
            content = None
        sign_ins = content.get("sign_ins") if isinstance(content, dict) else None
        if not isinstance(sign_ins, dict) or content.get("version") != VERSION:
            raise CredentialsCacheException(
                f"{self._path} is no credentials file of this client: name another file, or remove it and sign in again"
            )
        return sign_ins

    def _read(self) -> bytes | None:
        try:
            with self._path.open("rb") as file:
                self._check_private(os.fstat(file.fileno()))
                return file.read()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise self._unusable("read", error) from error

    def _check_private(self, found: os.stat_result) -> None:
        if not stat.S_ISREG(found.st_mode):
            raise CredentialsCacheException(f"{self._path} is no regular file")
        if POSIX and found.st_mode & 0o077:
            raise CredentialsCacheException(
                f"{self._path} can be read by others (mode {stat.S_IMODE(found.st_mode):04o}): "
                f"run `chmod 600 {self._path}`, and sign in again if others may have read it"
            )
        if POSIX and found.st_uid != os.geteuid():
            raise CredentialsCacheException(f"{self._path} belongs to another user")

    def _replace(self, data: bytes) -> None:
        draft = self._path.with_name(f"{self._path.name}.{os.getpid()}-{threading.get_ident()}.new")
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            draft.unlink(missing_ok=True)  # of a process that died, and whose number this one has now
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
            with open(descriptor, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            _put_in_place(draft, self._path)
        except OSError as error:
            with contextlib.suppress(OSError):
                draft.unlink(missing_ok=True)
            raise self._unusable("write", error) from error

    def _unusable(self, verb: str, error: OSError) -> CredentialsCacheException:
        return CredentialsCacheException(f"cannot {verb} the credentials file {self._path}: {error.strerror}")


def _put_in_place(draft: Path, path: Path) -> None:
    """Rename over ``path``. Windows refuses while somebody reads it, which takes a moment."""
    for _ in range(REPLACE_TRIES):
        try:
            draft.replace(path)
            return
        except PermissionError:
            if POSIX:
                raise
            time.sleep(0.05)
    draft.replace(path)
