"""Which parts the service reads as one column, and which it cannot."""

import pytest

from comotion.domain.part_types import first_unreadable, is_read_as, is_written_alike
from comotion.domain.schema import NO_ROWS, Column, Decimal, Float, Int, Schema, Text, Unseen


@pytest.mark.parametrize("written", [Int(32), Int(64), Float(32), Decimal(9, 2), Unseen()], ids=str)
def test_numbers_are_read_beside_doubles(written):
    assert is_read_as(written, Float(64))


@pytest.mark.parametrize("written", [Int(32), Unseen()], ids=str)
def test_numbers_are_not_read_beside_text(written):
    assert not is_read_as(written, Text())


def test_a_type_is_read_beside_itself():
    assert is_read_as(Text(), Text())


def test_the_first_column_that_cannot_be_read_is_named():
    written = Schema((Column("a", Int(64)), Column("b", Int(64))))
    assert first_unreadable(written, Schema((Column("b", Text()), Column("a", Float(64))))) == "b"
    assert first_unreadable(written, written) is None


def test_a_column_without_a_value_is_written_as_double():
    assert is_written_alike(Schema((Column("a", Unseen()),)), Schema((Column("a", Float(64)),)))
    assert not is_written_alike(Schema((Column("a", Int(64)),)), Schema((Column("a", Float(64)),)))


def test_a_column_without_rows_is_written_as_text():
    assert is_written_alike(Schema((Column("a", NO_ROWS),)), Schema((Column("a", Text()),)))
    assert not is_read_as(NO_ROWS, Int(64))


def test_columns_in_another_order_are_not_alike():
    a, b = Column("a", Text()), Column("b", Text())
    assert not is_written_alike(Schema((a, b)), Schema((b, a)))
