"""Check sums: what is taken, what is sent, and when two values agree."""

from datetime import date, datetime
from decimal import Decimal

import numpy as np
import pytest

from comotion.domain.checksum import CheckSums, is_equal, is_row_count
from comotion.domain.errors import InvalidCheckSum


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        (7, 7),
        (1.5, 1.5),
        (Decimal("12.50"), 12.5),
        (Decimal("3"), 3),
        (Decimal("1E+3"), 1000),
        (Decimal("12345678901234567.89"), "12345678901234567.89"),
        (np.int64(9), 9),
        (np.float64(2.5), 2.5),
        ("abc", "abc"),
        (True, "true"),
        (np.bool_(False), "false"),
        (date(2026, 1, 2), "2026-01-02"),
        (datetime(2026, 1, 2, 3, 4, 5, 6000), "2026-01-02 03:04:05.006"),
    ],
)
def test_a_scalar_of_any_library_is_sent_as_json_can_carry_it(given, sent):
    value = CheckSums.parse({"max(x)": given}).to_wire()["max(x)"]
    assert (value, type(value)) == (sent, type(sent))


@pytest.mark.parametrize("given", [None, float("nan"), float("inf"), Decimal("NaN"), [1], "", object(), b"x"])
def test_a_value_that_is_no_finite_scalar_is_refused_and_its_expression_named(given):
    with pytest.raises(InvalidCheckSum, match="sum"):
        CheckSums.parse({"sum(x)": given})


@pytest.mark.parametrize("expression", ["", "  ", 5, None])
def test_an_expression_is_a_text(expression):
    with pytest.raises(InvalidCheckSum, match="SQL aggregate"):
        CheckSums.parse({expression: 1})


def test_check_sums_are_a_dict_or_nothing():
    assert not CheckSums.parse(None)
    with pytest.raises(InvalidCheckSum, match="dict"):
        CheckSums.parse([("count(*)", 1)])


def test_the_callers_dict_is_not_kept():
    given = {"count(*)": 1}
    sums = CheckSums.parse(given)
    given["sum(x)"] = 2
    assert dict(sums) == {"count(*)": 1}


def test_the_row_count_joins_the_given_sums():
    assert CheckSums.parse({"sum(x)": 2}).with_row_count(5).to_wire() == {"sum(x)": 2, "count(*)": 5}


@pytest.mark.parametrize("written", ["count(*)", "COUNT( * )", " Count(*)"])
def test_a_given_row_count_is_not_replaced(written):
    assert CheckSums.parse({written: 3}).with_row_count(5).to_wire() == {written: 3}


def test_a_count_of_a_column_is_no_row_count():
    assert not is_row_count("count(x)")


@pytest.mark.parametrize(
    ("expected", "found"),
    [
        (3, 3),
        (3, Decimal("3.00")),
        (3.0, 3),
        ("3", 3),
        ("12.50", Decimal("12.5")),
        (0.1 + 0.2, 0.3),
        (1e15, 1e15 * (1 + 1e-12)),
        (Decimal("0.3"), 0.1 + 0.2),
        (1.5, Decimal("1.5")),
        ("abc", "abc"),
        ("true", True),
        ("2026-01-02", date(2026, 1, 2)),
        ("2026-01-02 03:04:05.000", datetime(2026, 1, 2, 3, 4, 5)),
        ("inf", "inf"),
        (0, 0.0),
    ],
)
def test_values_that_mean_the_same_agree(expected, found):
    assert is_equal(expected, found)


@pytest.mark.parametrize(
    ("expected", "found"),
    [
        (9007199254740993, 9007199254740992),
        (9007199254740992.0, 9007199254740993),
        (Decimal("0.30"), Decimal("0.31")),
        (3, 4),
        (3.5, 3),
        (1.0, 1.0001),
        ("abc", "ABC"),
        ("abc", 1),
        (1, None),
        ("None", None),
        (1, True),
        ("false", True),
    ],
)
def test_values_that_differ_do_not_agree(expected, found):
    assert not is_equal(expected, found)


def test_a_numpy_time_is_sent_as_a_time_whatever_its_unit():
    sums = {f"max({unit})": np.datetime64("2026-01-02T03:04:05", unit) for unit in ("s", "us", "ns")}
    assert set(CheckSums.parse(sums).to_wire().values()) == {"2026-01-02 03:04:05.000"}


def test_an_array_is_no_value():
    with pytest.raises(InvalidCheckSum, match=r"max\(a\)"):
        CheckSums.parse({"max(a)": np.array([1, 2])})
