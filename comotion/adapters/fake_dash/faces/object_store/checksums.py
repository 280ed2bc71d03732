"""The check sums of S3 and their spelling: which algorithm a header names, and how values of parts become one.

With the optional package ``awscrt`` the two CRCs that the standard library lacks come from there.
"""

import base64
import hashlib
import zlib
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Protocol

from comotion.adapters.fake_dash.faces.object_store.crc import CRC32, CRC32C, CRC64NVME, Crc, Polynomial, joined

HEADER = "x-amz-checksum-"
NAMES_OF_OTHERS = frozenset({"type", "mode", "algorithm"})  # x-amz-checksum-type and so on are no values


class Digest(Protocol):
    """A running check sum."""

    def update(self, piece: bytes | memoryview, /) -> None: ...
    def digest(self) -> bytes: ...


class _Running:
    """A CRC function of a library, in the interface of hashlib."""

    def __init__(self, function: Callable[[bytes | memoryview, int], int], width: int) -> None:
        self._function = function
        self._width = width
        self._value = 0

    def update(self, piece: bytes | memoryview, /) -> None:
        self._value = self._function(piece, self._value)

    def digest(self) -> bytes:
        return self._value.to_bytes(self._width, "big")


def _crc32() -> Digest:
    return _Running(zlib.crc32, 4)


def _crc32c() -> Digest:
    try:
        from awscrt.checksums import crc32c
    except ImportError:
        return Crc(CRC32C)
    return _Running(crc32c, 4)


def _crc64nvme() -> Digest:
    try:
        from awscrt.checksums import crc64nvme
    except ImportError:
        return Crc(CRC64NVME)
    return _Running(crc64nvme, 8)


ALGORITHMS: Mapping[str, Callable[[], Digest]] = MappingProxyType(
    {
        "crc32": _crc32,
        "crc32c": _crc32c,
        "crc64nvme": _crc64nvme,
        "sha1": lambda: hashlib.sha1(usedforsecurity=False),
        "sha256": hashlib.sha256,
    }
)
POLYNOMIALS: Mapping[str, Polynomial] = MappingProxyType({p.name: p for p in (CRC32, CRC32C, CRC64NVME)})


def in_base64(digest: bytes) -> str:
    return base64.b64encode(digest).decode()


def of_parts(algorithm: str, parts: Iterable[tuple[str, int]], *, full_object: bool) -> str:
    """The check sum of an object from its parts' values (base64) and sizes.

    Parameters
    ----------
    full_object : bool
        Whether it is that of the whole object (CRCs only) or the check sum of the values, ``{base64}-{parts}``.
    """
    values = [(base64.b64decode(value), size_bytes) for value, size_bytes in parts]
    if not full_object:
        digest = ALGORITHMS[algorithm]()
        digest.update(b"".join(value for value, _ in values))
        return f"{in_base64(digest.digest())}-{len(values)}"
    polynomial, whole = POLYNOMIALS[algorithm], 0
    for value, size_bytes in values:
        whole = joined(polynomial, whole, int.from_bytes(value, "big"), size_bytes)
    return in_base64(whole.to_bytes(polynomial.bits // 8, "big"))
