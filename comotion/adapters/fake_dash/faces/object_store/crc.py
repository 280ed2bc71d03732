"""CRC-32C and CRC-64/NVME over long inputs: many short lanes at once, joined by the algebra of zero bytes.

A CRC is linear over GF(2). A block is cut into lanes of equal length, numpy moves all lanes two bytes a step
through one table, and the lanes' values are joined pairwise: the left one is moved on by as many zero bytes as
the right one is long. A short block is padded with zeros in front, which a CRC that starts at zero cannot see.

Notes
-----
Source: R. N. Williams, "A painless guide to CRC error detection algorithms"; polynomials from RFC 3720
(CRC-32C) and the NVM Express NVM Command Set Specification (CRC-64).
"""

from functools import cache
from typing import TYPE_CHECKING

from attrs import frozen

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LANES = 4096
LANE_BYTES = 64
BLOCK_BYTES = LANES * LANE_BYTES
_FEW_BYTES = 2048  # below this one byte after the other is quicker


@frozen(kw_only=True)
class Polynomial:
    """A reflected CRC that begins with all ones and is inverted at the end."""

    name: str
    bits: int
    reversed_form: int

    @property
    def mask(self) -> int:
        return (1 << self.bits) - 1


CRC32 = Polynomial(name="crc32", bits=32, reversed_form=0xEDB88320)
CRC32C = Polynomial(name="crc32c", bits=32, reversed_form=0x82F63B78)
CRC64NVME = Polynomial(name="crc64nvme", bits=64, reversed_form=0x9A6C9329AC4BC9B5)


@cache
def _byte_table(polynomial: Polynomial) -> tuple[int, ...]:
    """What one byte does to a register of zero."""
    table = []
    for value in range(256):
        for _ in range(8):
            value = (value >> 1) ^ (polynomial.reversed_form if value & 1 else 0)
        table.append(value)
    return tuple(table)


_Columns = tuple[int, ...]  # a linear map of the register: what becomes of each of its bits


def _mapped(columns: _Columns, value: int) -> int:
    result = 0
    while value:
        lowest = value & -value
        result ^= columns[lowest.bit_length() - 1]
        value ^= lowest
    return result


@cache
def _zeros(polynomial: Polynomial, doublings: int) -> _Columns:
    """The map of ``2**doublings`` zero bytes."""
    if doublings == 0:
        table = _byte_table(polynomial)
        return tuple(((1 << bit) >> 8) ^ table[(1 << bit) & 0xFF] for bit in range(polynomial.bits))
    half = _zeros(polynomial, doublings - 1)
    return tuple(_mapped(half, column) for column in half)


def joined(polynomial: Polynomial, left: int, right: int, right_bytes: int) -> int:
    """The CRC of two texts after each other, from the CRC of each and the second one's length."""
    doublings = 0
    while right_bytes:
        if right_bytes & 1:
            left = _mapped(_zeros(polynomial, doublings), left)
        right_bytes >>= 1
        doublings += 1
    return left ^ right


@cache
def _pair_table(polynomial: Polynomial) -> "NDArray[np.uint64]":
    """What two bytes do to a register of zero."""
    import numpy as np

    ones = np.array(_byte_table(polynomial), dtype=np.uint64)
    pairs = np.arange(65536, dtype=np.uint64)
    once = (pairs >> np.uint64(8)) ^ ones[pairs & np.uint64(0xFF)]
    twice: NDArray[np.uint64] = (once >> np.uint64(8)) ^ ones[once & np.uint64(0xFF)]
    twice.flags.writeable = False
    return twice


@cache
def _zeros_tables(polynomial: Polynomial, doublings: int) -> "NDArray[np.uint64]":
    """The map of ``2**doublings`` zero bytes, as one table a byte of the register."""
    import numpy as np

    columns = _zeros(polynomial, doublings)
    rows = [[_mapped(columns, value << shift) for value in range(256)] for shift in range(0, polynomial.bits, 8)]
    tables = np.array(rows, dtype=np.uint64)
    tables.flags.writeable = False
    return tables


def _lanes(polynomial: Polynomial, steps: "NDArray[np.uint16]") -> "NDArray[np.uint64]":
    """The register of each lane, begun at zero, after all steps. Nothing is allocated in the loop."""
    import numpy as np

    table, two_bytes, mask = _pair_table(polynomial), np.uint64(16), np.uint64(0xFFFF)
    lanes, low, found = (np.zeros(LANES, dtype=np.uint64) for _ in range(3))
    for step in steps:
        np.bitwise_xor(lanes, step, out=lanes)
        np.bitwise_and(lanes, mask, out=low)
        np.right_shift(lanes, two_bytes, out=lanes)
        np.take(table, low.view(np.int64), out=found, mode="clip")
        np.bitwise_xor(lanes, found, out=lanes)
    return lanes


def _block(polynomial: Polynomial, register: int, piece: memoryview) -> int:
    """The register after at most BLOCK_BYTES bytes."""
    import numpy as np

    width = polynomial.bits // 8
    block = np.zeros(BLOCK_BYTES, dtype=np.uint8)
    start = BLOCK_BYTES - len(piece)
    block[start:] = np.frombuffer(piece, dtype=np.uint8)
    block[start : start + width] ^= np.frombuffer(register.to_bytes(width, "little"), dtype=np.uint8)
    lanes = _lanes(polynomial, np.ascontiguousarray(block.view("<u2").reshape(LANES, LANE_BYTES // 2).T))
    doublings = LANE_BYTES.bit_length() - 1
    while len(lanes) > 1:
        left, right = lanes[0::2], lanes[1::2].copy()
        for index, column in enumerate(_zeros_tables(polynomial, doublings)):
            right ^= column[(left >> np.uint64(8 * index)) & np.uint64(0xFF)]
        lanes, doublings = right, doublings + 1
    return int(lanes[0])


class Crc:
    """A running CRC, with the interface of hashlib."""

    def __init__(self, polynomial: Polynomial) -> None:
        self._polynomial = polynomial
        self._register = polynomial.mask

    def update(self, piece: bytes | memoryview, /) -> None:
        view = memoryview(piece)
        for start in range(0, len(view), BLOCK_BYTES):
            block = view[start : start + BLOCK_BYTES]
            if len(block) < _FEW_BYTES:
                self._one_by_one(block)
            else:
                self._register = _block(self._polynomial, self._register, block)

    def _one_by_one(self, block: memoryview) -> None:
        table, register = _byte_table(self._polynomial), self._register
        for byte in block:
            register = (register >> 8) ^ table[(register ^ byte) & 0xFF]
        self._register = register

    def digest(self) -> bytes:
        """Big-endian, as S3 writes it."""
        return (self._register ^ self._polynomial.mask).to_bytes(self._polynomial.bits // 8, "big")
