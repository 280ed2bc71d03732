"""Prepared answers are found by their query, the latest first."""

import re

import pyarrow as pa
import pytest

from comotion.adapters.fake_dash.answers import Answers


@pytest.mark.parametrize("answer", [[{"n": 1}], {"n": [1]}, pa.table({"n": [1]})], ids=["rows", "columns", "arrow"])
def test_an_answer_may_be_rows_columns_or_arrow(answer: object) -> None:
    answers = Answers()
    answers.add("select n", answer)
    found = answers.find("select n")
    assert isinstance(found, pa.Table)
    assert found.to_pylist() == [{"n": 1}]


def test_a_column_that_the_first_row_lacks_is_in_the_answer() -> None:
    answers = Answers()
    answers.add("select n", [{"n": 1}, {"m": 2}])
    found = answers.find("select n")
    assert isinstance(found, pa.Table)
    assert found.to_pylist() == [{"n": 1, "m": None}, {"n": None, "m": 2}]


def test_rows_of_an_answer_are_mappings() -> None:
    with pytest.raises(TypeError, match="prepared answer"):
        Answers().add("select 1", [1])


def test_what_is_no_answer_is_refused() -> None:
    with pytest.raises(TypeError, match="rows, columns or an exception"):
        Answers().add("select n", 7)


def test_white_space_and_a_semicolon_make_no_difference() -> None:
    answers = Answers()
    answers.add("select n  from t;", [{"n": 1}])
    assert answers.find("\nselect n\tfrom t") is not None
    assert answers.find("select m from t") is None


def test_the_later_of_two_answers_counts() -> None:
    answers = Answers()
    answers.add(re.compile("select"), [{"n": 1}])
    answers.add("select n", ValueError("no"))
    assert answers.find("select n") == "no"
