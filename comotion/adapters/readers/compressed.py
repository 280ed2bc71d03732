"""Compressed bytes as the bytes they stand for: gzip, zstandard, bzip2, xz, and zip with one member.

Told by content; the suffix below the compression's own (``x.csv.gz``) stays the hint.
"""

import zipfile
import zlib
from collections.abc import Callable
from lzma import LZMAError
from pathlib import Path, PurePath
from typing import BinaryIO, cast

from comotion.adapters.readers.raw import CHUNK, Raw
from comotion.adapters.readers.temporary_file import TemporaryFile
from comotion.domain.errors import InvalidArgument, UnreadableSource

MAGIC = {
    b"\x1f\x8b": "gzip",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"BZh": "bz2",
    b"\xfd7zXZ\x00": "xz",
    b"PK\x03\x04": "zip",
    b"PK\x05\x06": "zip",  # one without members
}
MAGIC_BYTES = 8
SUFFIXES = {".gz": "gzip", ".zst": "zstd", ".bz2": "bz2", ".xz": "xz", ".zip": "zip"}
WORKBOOK_MEMBERS = {"[Content_Types].xml", "mimetype", "xl/workbook.xml", "xl/workbook.bin"}
BROKEN = (EOFError, OSError, zlib.error, LZMAError, zipfile.BadZipFile)


def compression_of(head: bytes) -> str | None:
    return next((name for magic, name in MAGIC.items() if head.startswith(magic)), None)


def decompressed(raw: Raw, *, compression: object = "infer") -> Raw:
    """``raw``, or what it holds when it is compressed. A workbook is a zip file too, and is left alone.

    Parameters
    ----------
    compression : str, mapping or None
        As in pandas: ``"infer"`` looks at the content, None takes the bytes as they are.
    """
    if isinstance(compression, dict):
        compression = compression.get("method", "infer")
    if not isinstance(compression, str):
        return raw
    with raw.open() as stream:
        found = compression_of(stream.read(MAGIC_BYTES))
    if compression != "infer":
        if compression not in SUFFIXES.values():
            raise InvalidArgument(f"compression={compression!r} is none of {', '.join(SUFFIXES.values())}")
        found = compression
    if found is None:
        return raw
    if found == "zip":
        return _unzipped(raw)
    return Decompressed(raw, lambda stream: _OPENERS[found](stream))


def _unzipped(raw: Raw) -> Raw:
    with raw.seekable() as stream:
        try:
            names = zipfile.ZipFile(stream).namelist()
        except BROKEN as wrong:
            raise UnreadableSource(f"{raw.name}: a damaged zip file: {wrong}") from None
    if WORKBOOK_MEMBERS.intersection(names):
        return raw
    members = [
        name
        for name in names
        if not name.endswith("/") and not name.startswith("__MACOSX/") and ".DS_Store" not in name
    ]
    if len(members) != 1:
        shown = ", ".join(members[:5]) + (", ..." if len(members) > 5 else "")
        raise UnreadableSource(
            f"{raw.name}: a zip file must hold exactly one file, this one holds {len(members)}"
            + (f" ({shown}); unpack it and load the folder" if members else "")
        )
    opened = Decompressed(raw, lambda stream: _member(stream, members[0]), seeks=True)
    opened.hint = PurePath(members[0]).suffix.lower()
    return opened


class Decompressed:
    """What a compressed source holds. A damaged or cut-off archive is an error, never a short table."""

    path: Path | None = None

    def __init__(self, raw: Raw, opener: Callable[[BinaryIO], BinaryIO], *, seeks: bool = False) -> None:
        self.name = raw.name
        inner = PurePath(raw.name).with_suffix("") if raw.hint in SUFFIXES else PurePath(raw.name)
        self.hint = inner.suffix.lower()
        self._raw = raw
        self._opener = opener
        self._seeks = seeks

    def open(self) -> BinaryIO:
        stream = self._raw.seekable() if self._seeks else self._raw.open()
        return cast(BinaryIO, _Guarded(stream, self._opener, name=self.name))

    def seekable(self) -> BinaryIO:
        import shutil

        file = TemporaryFile(of=self.name)
        try:
            with self.open() as stream:
                shutil.copyfileobj(stream, file, CHUNK)
        except BaseException:
            file.close()
            raise
        file.seek(0)
        return cast(BinaryIO, file)

    def close(self) -> None:
        self._raw.close()


class _Guarded:
    """A decompressing reader whose failures name the source. Closes its own file, not the user's stream."""

    closed = False

    def __init__(self, stream: BinaryIO, opener: Callable[[BinaryIO], BinaryIO], *, name: str) -> None:
        self._name = name
        self._beneath = stream
        try:
            self._stream = opener(stream)
        except BROKEN as wrong:
            raise self._damaged(wrong) from None

    def read(self, size: int = -1) -> bytes:
        try:
            return self._stream.read(size)
        except BROKEN as wrong:
            raise self._damaged(wrong) from None

    def _damaged(self, wrong: BaseException) -> UnreadableSource:
        return UnreadableSource(f"{self._name}: the compressed file is damaged or cut off: {wrong}")

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return False

    def writable(self) -> bool:
        return False

    def close(self) -> None:
        self.closed = True
        self._stream.close()
        self._beneath.close()

    def __enter__(self) -> "_Guarded":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _member(stream: BinaryIO, name: str) -> BinaryIO:
    return cast(BinaryIO, zipfile.ZipFile(stream).open(name))


def _gzip(stream: BinaryIO) -> BinaryIO:
    import gzip

    return cast(BinaryIO, gzip.GzipFile(fileobj=stream, mode="rb"))


def _bz2(stream: BinaryIO) -> BinaryIO:
    import bz2

    return cast(BinaryIO, bz2.BZ2File(stream, "rb"))


def _xz(stream: BinaryIO) -> BinaryIO:
    import lzma

    return cast(BinaryIO, lzma.LZMAFile(stream, "rb"))


def _zstd(stream: BinaryIO) -> BinaryIO:
    import pyarrow as pa

    return cast(BinaryIO, pa.CompressedInputStream(pa.PythonFile(stream, mode="r"), "zstd"))


_OPENERS: dict[str, Callable[[BinaryIO], BinaryIO]] = {"gzip": _gzip, "bz2": _bz2, "xz": _xz, "zstd": _zstd}
