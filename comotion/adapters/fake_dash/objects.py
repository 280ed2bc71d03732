"""The objects of a world: files on disk in its own folder, found by bucket and key; also while still in parts.

Nothing is checked here: who may write where is the object-store face's business.
"""

import contextlib
import hashlib
import os
import shutil
from collections.abc import Iterable, Mapping
from itertools import count
from pathlib import Path
from threading import RLock
from typing import BinaryIO

from attrs import evolve

from comotion.adapters.fake_dash.stored import MultipartUpload, StoredObject, StoredPart
from comotion.ports.clock import Clock

DEFAULT_REGION = "eu-west-1"
COPIED_AT_ONCE = 1 << 30


class Objects:
    """Buckets and what lies in them.

    A face writes a body to ``new_path()`` while it checks it, and hands the finished file over with ``put`` or
    ``put_part``. The file belongs to the shelf from then on; a replaced or deleted object's file is removed.

    Attributes
    ----------
    directory : Path
        Where the files are; made with the first one.
    buckets : dict of bucket name to region
    uploads : dict of upload id to MultipartUpload
    lock : RLock
        Held while the index changes, never while bytes move.
    """

    def __init__(self, directory: Path, clock: Clock) -> None:
        self.directory = directory
        self._clock = clock
        self._numbers = count(1)
        self._objects: dict[str, dict[str, StoredObject]] = {}
        self.buckets: dict[str, str] = {}
        self.uploads: dict[str, MultipartUpload] = {}
        self.lock = RLock()

    def add_bucket(self, bucket: str, region: str = DEFAULT_REGION) -> None:
        self.buckets.setdefault(bucket, region)
        self._objects.setdefault(bucket, {})

    def new_path(self) -> Path:
        """A path in the world's folder where no file is yet."""
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        return self.directory / f"{next(self._numbers):08d}"

    def put(
        self,
        bucket: str,
        key: str,
        *,
        path: Path,
        etag: str,
        fields: Mapping[str, str] | None = None,
        checksums: Mapping[str, str] | None = None,
    ) -> StoredObject:
        """Take the file at ``path`` as the object ``key``; it is there at once and whole."""
        stored = StoredObject(
            bucket=bucket,
            key=key,
            path=path,
            size_bytes=path.stat().st_size,
            etag=etag,
            modified=self._clock.now(),
            fields=dict(fields or {}),
            checksums=dict(checksums or {}),
        )
        with self.lock:
            replaced = self._objects.setdefault(bucket, {}).get(key)
            self._objects[bucket][key] = stored
        if replaced is not None and replaced.path != path:
            _forget(replaced.path)
        return stored

    def put_bytes(self, bucket: str, key: str, content: bytes) -> StoredObject:
        """Put ``content`` directly, as a seed does."""
        path = self.new_path()
        path.write_bytes(content)
        return self.put(bucket, key, path=path, etag=hashlib.md5(content, usedforsecurity=False).hexdigest())

    def get(self, bucket: str, key: str) -> StoredObject | None:
        with self.lock:
            return self._objects.get(bucket, {}).get(key)

    def listed(self, bucket: str, prefix: str = "") -> list[StoredObject]:
        """The objects whose keys begin with ``prefix``, in UTF-8 order of their keys."""
        with self.lock:
            found = [stored for key, stored in self._objects.get(bucket, {}).items() if key.startswith(prefix)]
        return sorted(found, key=lambda stored: stored.key.encode())

    def delete(self, bucket: str, key: str) -> bool:
        """Remove an object; whether there was one."""
        with self.lock:
            stored = self._objects.get(bucket, {}).pop(key, None)
        if stored is not None:
            _forget(stored.path)
        return stored is not None

    def clear(self) -> None:
        """Remove every object and every upload; the buckets stay."""
        with self.lock:
            paths = [stored.path for objects in self._objects.values() for stored in objects.values()]
            paths += [part.path for upload in self.uploads.values() for part in upload.parts.values()]
            self._objects = {bucket: {} for bucket in self._objects}
            self.uploads.clear()
        for path in paths:
            _forget(path)

    def fork(self, directory: Path, clock: Clock) -> "Objects":
        """The same objects and uploads, in files of their own."""
        copy = Objects(directory, clock)
        with self.lock:
            copy.buckets = dict(self.buckets)
            for bucket, objects in self._objects.items():
                copy._objects[bucket] = {
                    key: evolve(stored, path=copy.pinned(stored.path)) for key, stored in objects.items()
                }
            for upload_id, upload in self.uploads.items():
                parts = {number: evolve(part, path=copy.pinned(part.path)) for number, part in upload.parts.items()}
                copy.uploads[upload_id] = evolve(upload, parts=parts)
        return copy

    def pinned(self, path: Path) -> Path:
        """The file at ``path`` under a new name of its own, so that it stays when ``path`` is replaced."""
        pinned = self.new_path()
        try:
            os.link(path, pinned)
        except OSError:
            shutil.copyfile(path, pinned)
        return pinned

    def start_upload(
        self,
        bucket: str,
        key: str,
        *,
        fields: Mapping[str, str] | None = None,
        checksum_algorithm: str | None = None,
        is_full_object: bool = False,
    ) -> MultipartUpload:
        """Begin a multipart upload."""
        upload_id = f"upload-{next(self._numbers):08d}-{os.urandom(8).hex()}"
        upload = MultipartUpload(
            upload_id=upload_id,
            bucket=bucket,
            key=key,
            started=self._clock.now(),
            fields=dict(fields or {}),
            checksum_algorithm=checksum_algorithm,
            is_full_object=is_full_object,
        )
        with self.lock:
            self.uploads[upload_id] = upload
        return upload

    def put_part(
        self, upload_id: str, number: int, *, path: Path, etag: str, checksums: Mapping[str, str] | None = None
    ) -> StoredPart:
        """Take the file at ``path`` as one part. Raises KeyError for an unknown upload."""
        part = StoredPart(
            number=number,
            path=path,
            size_bytes=path.stat().st_size,
            etag=etag,
            modified=self._clock.now(),
            checksums=dict(checksums or {}),
        )
        with self.lock:
            replaced = self.uploads[upload_id].parts.get(number)
            self.uploads[upload_id].parts[number] = part
        if replaced is not None:
            _forget(replaced.path)
        return part

    def complete(
        self, upload_id: str, numbers: Iterable[int], *, etag: str, checksums: Mapping[str, str] | None = None
    ) -> StoredObject:
        """Join the parts in the order given into the object. Raises KeyError for what is not there."""
        with self.lock:
            upload = self.uploads[upload_id]
            chosen = [upload.parts[number] for number in numbers]
            del self.uploads[upload_id]
        path = self._joined(chosen)
        for part in upload.parts.values():
            if part.path != path:
                _forget(part.path)
        return self.put(upload.bucket, upload.key, path=path, etag=etag, fields=upload.fields, checksums=checksums)

    def _joined(self, parts: list[StoredPart]) -> Path:
        """The parts as one file: the first part's, with the others appended."""
        whole = parts[0].path if parts else self.new_path()
        with whole.open("r+b" if parts else "wb", buffering=0) as file:
            file.seek(0, os.SEEK_END)
            for part in parts[1:]:
                with part.path.open("rb", buffering=0) as piece:
                    _append(piece, file)
        return whole

    def abort(self, upload_id: str) -> bool:
        """Forget a multipart upload and its parts; whether there was one."""
        with self.lock:
            upload = self.uploads.pop(upload_id, None)
        for part in upload.parts.values() if upload else ():
            _forget(part.path)
        return upload is not None


def _append(piece: BinaryIO, file: BinaryIO) -> None:
    """Copy a file to the end of another, inside the kernel where that is possible: a fourth of the CPU."""
    try:
        while os.copy_file_range(piece.fileno(), file.fileno(), COPIED_AT_ONCE):
            pass
    except (AttributeError, OSError):  # not on this system, or not on this file system
        shutil.copyfileobj(piece, file, 1 << 20)


def _forget(path: Path) -> None:
    """Remove a file; one that is still being read stays where that cannot be done, until the world closes."""
    with contextlib.suppress(PermissionError):  # Windows
        path.unlink(missing_ok=True)
