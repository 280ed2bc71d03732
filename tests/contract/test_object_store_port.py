"""What every ObjectStore promises."""

import os

import pytest

from comotion.adapters.s3_store import CHUNK_BYTES
from tests.contract.parts import Growing, Stopping, Whole, WriterStopped
from tests.contract.storage import MAKERS

SIZES = [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES + 5]
CONTENT = os.urandom(SIZES[-1])


def never():
    raise AssertionError("nothing had expired")


@pytest.fixture(params=MAKERS)
def place(request, tmp_path):
    with MAKERS[request.param](tmp_path) as place:
        yield place


@pytest.mark.parametrize("size_bytes", SIZES)
def test_a_part_is_stored_byte_for_byte(place, size_bytes):
    place.store.put(place.ticket("part"), Whole(CONTENT[:size_bytes]), never)
    assert place.content("part") == CONTENT[:size_bytes]


def test_a_part_is_stored_while_it_is_being_written(place):
    place.store.put(place.ticket("part"), Growing(CONTENT), never)
    assert place.content("part") == CONTENT


def test_a_part_put_again_replaces_the_earlier_one(place):
    place.store.put(place.ticket("part"), Whole(CONTENT), never)
    place.store.put(place.ticket("part"), Whole(b"short"), never)
    assert place.content("part") == b"short"


def test_parts_do_not_touch_each_other(place):
    for name in ("one", "two"):
        place.store.put(place.ticket(name), Whole(name.encode()), never)
    assert (place.content("one"), place.content("two")) == (b"one", b"two")


@pytest.mark.parametrize("size_bytes", [100, 3 * CHUNK_BYTES])
def test_a_part_whose_writer_stops_is_not_there_and_its_error_is_raised(place, size_bytes):
    with pytest.raises(WriterStopped):
        place.store.put(place.ticket("part"), Stopping(CONTENT[:size_bytes]), never)
    assert place.content("part") is None


def test_a_part_whose_writer_stops_leaves_the_earlier_one(place):
    place.store.put(place.ticket("part"), Whole(b"earlier"), never)
    with pytest.raises(WriterStopped):
        place.store.put(place.ticket("part"), Stopping(CONTENT), never)
    assert place.content("part") == b"earlier"


def test_a_part_that_failed_leaves_nothing_lying_about(place):
    with pytest.raises(WriterStopped):
        place.store.put(place.ticket("part"), Stopping(CONTENT), never)
    assert place.residue() == 0
