"""The check sums of the S3 face: catalogued values, and the CRC-32 of the standard library as the oracle."""

import base64
import random
import zlib
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comotion.adapters.fake_dash.faces.object_store.checksums import of_parts
from comotion.adapters.fake_dash.faces.object_store.crc import (
    BLOCK_BYTES,
    CRC32,
    CRC32C,
    CRC64NVME,
    Crc,
    joined,
)

DATA = random.Random(7).randbytes(3 * BLOCK_BYTES + 13)


def crc(polynomial, *pieces):
    running = Crc(polynomial)
    for piece in pieces:
        running.update(piece)
    return running.digest()


@pytest.mark.parametrize(
    ("polynomial", "value"),
    [(CRC32, "cbf43926"), (CRC32C, "e3069283"), (CRC64NVME, "ae8b14860a799888")],
    ids=["crc32", "crc32c", "crc64nvme"],
)
def test_the_catalogued_check_value_comes_out(polynomial, value):
    assert crc(polynomial, b"123456789").hex() == value


def test_32_zero_bytes_have_the_crc32c_of_rfc_3720():
    assert crc(CRC32C, bytes(32)).hex() == "8a9136aa"


@pytest.mark.parametrize("size", [0, 1, 2047, 2048, 2049, BLOCK_BYTES - 1, BLOCK_BYTES, BLOCK_BYTES + 1, len(DATA)])
def test_many_lanes_give_what_one_gives(size):
    assert crc(CRC32, DATA[:size]) == zlib.crc32(DATA[:size]).to_bytes(4, "big")


@settings(max_examples=25)
@given(st.lists(st.integers(0, len(DATA)), max_size=4))
def test_it_does_not_matter_how_the_bytes_are_handed_over(cuts):
    edges = [0, *sorted(cuts), len(DATA)]
    pieces = [DATA[start:stop] for start, stop in pairwise(edges)]
    assert crc(CRC64NVME, *pieces) == crc(CRC64NVME, DATA)


@given(st.binary(max_size=300), st.binary(max_size=300))
def test_two_crcs_join_to_that_of_both(left, right):
    assert joined(CRC32, zlib.crc32(left), zlib.crc32(right), len(right)) == zlib.crc32(left + right)


@pytest.mark.parametrize(("name", "polynomial"), [("crc32c", CRC32C), ("crc64nvme", CRC64NVME)])
def test_parts_have_the_check_sum_of_the_whole(name, polynomial):
    parts = [DATA[:5000], DATA[5000:6000], DATA[6000:20000]]
    told = [(base64.b64encode(crc(polynomial, part)).decode(), len(part)) for part in parts]
    assert of_parts(name, told, full_object=True) == base64.b64encode(crc(polynomial, DATA[:20000])).decode()


@pytest.mark.clients
def test_the_standard_runtime_agrees():
    awscrt = pytest.importorskip("awscrt.checksums")
    assert crc(CRC32C, DATA) == awscrt.crc32c(DATA).to_bytes(4, "big")
    assert crc(CRC64NVME, DATA) == awscrt.crc64nvme(DATA).to_bytes(8, "big")
