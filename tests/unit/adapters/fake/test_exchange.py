"""What is read from requests is read strictly."""

import pytest

from comotion.adapters.fake_dash.exchange import whole_number


@pytest.mark.parametrize(("text", "number"), [("0", 0), ("7", 7), ("007", 7), ("000", 0), ("100", 100)])
def test_a_whole_number_is_its_digits(text: str, number: int) -> None:
    assert whole_number(text, 100) == number


@pytest.mark.parametrize("text", ["", "x", "-1", "+1", "1.0", " 1", "1_0", "²", "٣", "101", "9" * 5000])
def test_any_other_text_is_no_whole_number(text: str) -> None:
    assert whole_number(text, 100) is None
