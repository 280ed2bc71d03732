"""Hashes and encodings of bytes, and checksum()."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import hashlib
import hmac
import struct
import zlib
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from comotion.adapters.fake_dash.lake.kernels.registry import KernelRefusal, Kernels, KernelUnknown
from comotion.adapters.fake_dash.lake.types import Type

KERNELS = Kernels()
_MASK = (1 << 64) - 1
_P1, _P2, _P3 = 0x9E3779B185EBCA87, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9
_P4, _P5 = 0x85EBCA77C2B2AE63, 0x27D4EB2F165667C5


def _rotate(value: int, count: int) -> int:
    value &= _MASK
    return ((value << count) | (value >> (64 - count))) & _MASK


def _round(state: int, lane: int) -> int:
    return _rotate(state + lane * _P2, 31) * _P1 & _MASK


def xxhash64(data: bytes, seed: int = 0) -> int:
    """XXH64 of the bytes, unsigned."""
    at, size = 0, len(data)
    if size >= 32:
        states = [(seed + _P1 + _P2) & _MASK, (seed + _P2) & _MASK, seed, (seed - _P1) & _MASK]
        while at + 32 <= size:
            for i, lane in enumerate(struct.unpack_from("<4Q", data, at)):
                states[i] = _round(states[i], lane)
            at += 32
        result = sum(_rotate(s, r) for s, r in zip(states, (1, 7, 12, 18), strict=True)) & _MASK
        for state in states:
            result = ((result ^ _round(0, state)) * _P1 + _P4) & _MASK
    else:
        result = (seed + _P5) & _MASK
    result = (result + size) & _MASK
    while at + 8 <= size:
        result = (_rotate(result ^ _round(0, struct.unpack_from("<Q", data, at)[0]), 27) * _P1 + _P4) & _MASK
        at += 8
    if at + 4 <= size:
        result = (_rotate(result ^ (struct.unpack_from("<I", data, at)[0] * _P1 & _MASK), 23) * _P2 + _P3) & _MASK
        at += 4
    for byte in data[at:]:
        result = _rotate(result ^ (byte * _P5 & _MASK), 11) * _P1 & _MASK
    result = (result ^ (result >> 33)) * _P2 & _MASK
    result = (result ^ (result >> 29)) * _P3 & _MASK
    return result ^ (result >> 32)


def hash_of(value: Any, kind: Type) -> int:
    """The hash that the service gives a value of a type; unsigned."""
    if value is None:
        return 0
    rule = _HASHES.get(kind.base)
    if rule is not None:
        return xxhash64(rule(value))
    if kind.base == "array":
        found = 0
        for item in value:
            found = (31 * found + hash_of(item, kind.element)) & _MASK
        return found
    if kind.base == "row":
        found = 1
        for item, part in zip(value.values(), kind.parts, strict=True):
            found = (31 * found + hash_of(item, part)) & _MASK
        return found
    if kind.base == "decimal":
        return _decimal_hash(value, kind)
    raise KernelUnknown(f"checksum of {kind}")


def _long(value: int) -> bytes:
    return struct.pack("<q", value)


def _decimal_hash(value: Decimal, kind: Type) -> int:
    unscaled = int(value.scaleb(kind.size[1]))
    if kind.size[0] <= 18:
        return xxhash64(_long(unscaled))
    wide = unscaled & ((1 << 128) - 1)
    return xxhash64(struct.pack("<Q", wide >> 64)) ^ xxhash64(struct.pack("<Q", wide & _MASK))


def _real_bits(value: float) -> bytes:
    return _long(struct.unpack("<i", struct.pack("<f", value + 0.0))[0])


_HASHES: dict[str, Callable[[Any], bytes]] = {
    "boolean": lambda v: _long(int(v)), "tinyint": _long, "smallint": _long, "integer": _long, "bigint": _long,
    "double": lambda v: struct.pack("<d", v + 0.0), "real": _real_bits, "varchar": lambda v: v.encode(),
    "char": lambda v: v.rstrip(" ").encode(), "varbinary": bytes, "json": lambda v: v.encode(),
    "date": lambda v: _long((v - dt.date(1970, 1, 1)).days),
    "timestamp": lambda v: _long((v - dt.datetime(1970, 1, 1)) // dt.timedelta(microseconds=1)),
    "timestamp with time zone": lambda v: _long((v["t"] - dt.datetime(1970, 1, 1)) // dt.timedelta(milliseconds=1)),
    "interval day to second": _long, "interval year to month": _long,
}  # fmt: skip


@KERNELS("checksum", typed=True, vectorised=True, keep_null=True)
def checksum(parameters: tuple[Type, ...], returns: Type) -> Callable[[Any], Any]:
    """The sum of all hashes, times a prime, in eight bytes; equal values are hashed once."""
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = parameters[0].element

    def of(values: Any) -> bytes:
        total = 0
        if kind.parts or kind.is_zoned:  # Arrow counts plain values only
            for item in values.to_pylist():
                total += _P1 if item is None else hash_of(item, kind) * _P1
        else:
            for pair in pc.value_counts(values).to_pylist() if len(values) else ():
                value, count = pair["values"], pair["counts"]
                total += count * (_P1 if value is None else hash_of(value, kind) * _P1)
        return struct.pack("<Q", total & _MASK)

    def vectorised(lists: Any) -> Any:
        lists = lists.combine_chunks() if isinstance(lists, pa.ChunkedArray) else lists
        return pa.array([of(one.values) if one.is_valid else None for one in lists], pa.binary())

    return vectorised


# ---- plain hashes ----------------------------------------------------------------------------------------


@KERNELS("xxhash64")
def xxhash64_bytes(data: bytes) -> bytes:
    return struct.pack(">Q", xxhash64(bytes(data)))


@KERNELS()
def crc32(data: bytes) -> int:
    return zlib.crc32(data)


def _digests(name: str) -> None:
    KERNELS(name)(lambda data: hashlib.new(name, bytes(data)).digest())
    KERNELS(f"hmac_{name}")(lambda data, key: hmac.new(bytes(key), bytes(data), name).digest())


for _name in ("md5", "sha1", "sha256", "sha512"):
    _digests(_name)


@KERNELS()
def murmur3(data: bytes) -> bytes:
    """MurmurHash3 x64 128 with seed 0."""
    data = bytes(data)
    c1, c2 = 0x87C37B91114253D5, 0x4CF5AD432745937F
    h1 = h2 = 0
    whole = len(data) // 16 * 16
    for at in range(0, whole, 16):
        k1, k2 = struct.unpack_from("<2Q", data, at)
        h1 ^= _rotate(k1 * c1, 31) * c2 & _MASK
        h1 = ((_rotate(h1, 27) + h2) * 5 + 0x52DCE729) & _MASK
        h2 ^= _rotate(k2 * c2, 33) * c1 & _MASK
        h2 = ((_rotate(h2, 31) + h1) * 5 + 0x38495AB5) & _MASK
    k1, k2 = struct.unpack("<2Q", data[whole:].ljust(16, b"\0"))
    h2 ^= _rotate(k2 * c2, 33) * c1 & _MASK
    h1 ^= _rotate(k1 * c1, 31) * c2 & _MASK
    h1, h2 = h1 ^ len(data), h2 ^ len(data)
    h1 = (h1 + h2) & _MASK
    h2 = (h2 + h1) & _MASK
    h1, h2 = _mixed(h1), _mixed(h2)
    h1 = (h1 + h2) & _MASK
    return struct.pack("<2Q", h1, (h2 + h1) & _MASK)


def _mixed(value: int) -> int:
    value = (value ^ (value >> 33)) * 0xFF51AFD7ED558CCD & _MASK
    value = (value ^ (value >> 33)) * 0xC4CEB9FE1A85EC53 & _MASK
    return value ^ (value >> 33)


# ---- encodings -------------------------------------------------------------------------------------------


@KERNELS()
def to_hex(data: bytes) -> str:
    return bytes(data).hex().upper()


@KERNELS()
def from_hex(text: str) -> bytes:
    if len(text) % 2:
        raise KernelRefusal(f"hex string must have an even number of digits: {text}")
    try:
        return binascii.unhexlify(text)
    except (binascii.Error, ValueError):
        raise KernelRefusal(f"invalid hex character: {text}") from None


@KERNELS()
def to_base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


@KERNELS()
def to_base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode()


def _decoded(text: str, url: bool) -> bytes:
    import re

    body = text.rstrip("=")
    if not re.fullmatch(r"[A-Za-z0-9_-]*" if url else r"[A-Za-z0-9+/]*", body) or len(body) % 4 == 1:
        raise KernelRefusal(f"Illegal base64 character in: {text}")
    padded = body + "=" * (-len(body) % 4)
    return base64.urlsafe_b64decode(padded) if url else base64.b64decode(padded)


@KERNELS()
def from_base64(text: str) -> bytes:
    return _decoded(text, url=False)


@KERNELS()
def from_base64url(text: str) -> bytes:
    return _decoded(text, url=True)


@KERNELS()
def to_base32(data: bytes) -> str:
    return base64.b32encode(data).decode()


@KERNELS()
def from_base32(text: str) -> bytes:
    try:
        return base64.b32decode(text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 8))
    except binascii.Error:
        raise KernelRefusal(f"Invalid input: {text}") from None


def _integer_codec(name: str, code: str, size: int) -> None:
    def to_bytes(value: int) -> bytes:
        return struct.pack(code, value)

    def from_bytes(data: bytes) -> int:
        if len(data) != size:
            raise KernelRefusal(f"expected {size}-byte input, but got instead: {len(data)}")
        return int(struct.unpack(code, bytes(data))[0])

    KERNELS(f"to_{name}")(to_bytes)
    KERNELS(f"from_{name}")(from_bytes)


_integer_codec("big_endian_64", ">q", 8)
_integer_codec("big_endian_32", ">i", 4)


@KERNELS()
def to_ieee754_64(value: float) -> bytes:
    return struct.pack(">d", value)


@KERNELS()
def to_ieee754_32(value: float) -> bytes:
    return struct.pack(">f", value)


@KERNELS()
def from_ieee754_64(data: bytes) -> float:
    if len(data) != 8:
        raise KernelRefusal("Input floating-point value must be exactly 8 bytes long")
    return float(struct.unpack(">d", bytes(data))[0])


@KERNELS()
def from_ieee754_32(data: bytes) -> float:
    if len(data) != 4:
        raise KernelRefusal("Input floating-point value must be exactly 4 bytes long")
    return float(struct.unpack(">f", bytes(data))[0])


@KERNELS()
def reverse_bytes(data: bytes) -> bytes:
    return bytes(data)[::-1]


@KERNELS()
def substr_bytes(data: bytes, start: int, length: int) -> bytes:
    if start == 0 or length <= 0:
        return b""
    begin = start - 1 if start > 0 else len(data) + start
    return bytes(data)[begin : begin + length] if 0 <= begin < len(data) else b""


@KERNELS(volatile=True)
def uuid_now() -> str:
    import uuid

    return str(uuid.uuid4())


@KERNELS(typed=True)
def value_hash(parameters: tuple[Type, ...], returns: Type) -> Callable[[Any], int]:
    """The hash by which sketches count values; signed."""

    def hashed(value: Any) -> int:
        found = hash_of(value, parameters[0])
        return found - (1 << 64) if found >> 63 else found

    return hashed
