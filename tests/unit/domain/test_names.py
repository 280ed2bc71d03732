"""Names: what the lake takes, how columns are renamed, and when two columns collide."""

import pytest

from comotion.domain.errors import ColumnCollision, InvalidName
from comotion.domain.names import FileKey, KeyStem, TableName, generated_key, lake_column, lake_columns


@pytest.mark.parametrize("text", ["ab", "a1", "_a", "v1_policies", "__9", "a_b_c0"])
def test_a_lake_name_is_taken_as_it_is(text):
    assert str(TableName(text)) == text
    assert str(FileKey(text)) == text


@pytest.mark.parametrize("text", ["", "a", "A1", "1a", "a_", "a-b", "a b", "ab\n", "é1", None, 5])
def test_any_other_name_is_refused_with_the_rule(text):
    with pytest.raises(InvalidName, match="lower-case letters"):
        TableName(text)
    with pytest.raises(ValueError, match="no file key"):
        FileKey(text)


@pytest.mark.parametrize(("wrong", "better"), [("My Table", "my_table"), ("2024 Book", "book"), ("!", "my_name")])
def test_a_refused_name_comes_with_one_that_works(wrong, better):
    with pytest.raises(InvalidName, match=f"for example '{better}'"):
        TableName(wrong)


def test_parts_are_numbered_from_their_stem():
    assert [str(KeyStem("book").numbered(n)) for n in (1, 2, 11)] == ["book_1", "book_2", "book_11"]


@pytest.mark.parametrize("stem", ["a", "a_", "book"])
def test_a_stem_need_not_be_a_key_itself(stem):
    assert str(KeyStem(stem)) == stem


@pytest.mark.parametrize("stem", ["", "Book", "1a", None])
def test_a_stem_whose_parts_would_have_no_key_is_refused(stem):
    with pytest.raises(InvalidName):
        KeyStem(stem)


def test_a_file_gives_its_name_up_to_the_first_dot():
    assert str(KeyStem.of_file("inforce_policies.2024.csv.gz")) == "inforce_policies"


def test_a_file_whose_name_gives_no_key_is_named_with_the_remedy():
    with pytest.raises(InvalidName, match=r"'My Book.csv' gives no file key.*pass file_key"):
        KeyStem.of_file("My Book.csv")


def test_a_stem_is_refused_as_it_was_given_with_one_that_works():
    with pytest.raises(InvalidName, match=r"'my book' is no file key.*for example 'my_book'\)"):
        KeyStem("my book")


def test_a_generated_key_is_a_key_and_a_stem():
    key = generated_key("0b0e7c1e-1111-4222-8333-123456789abc")
    assert key == "x_0b0e7c1e_1111_4222_8333_123456789abc"
    assert str(FileKey(key)) == str(KeyStem(key)) == key


@pytest.mark.parametrize(
    ("given", "renamed"),
    [
        ("Sum Assured", "sum_assured"),
        ("a \t\n b", "a_b"),
        (" x ", "_x_"),
        ("É", "é"),
        (5, "5"),
        (("a", 1), "('a',_1)"),
    ],
)
def test_columns_are_lower_case_with_an_underscore_for_white_space(given, renamed):
    assert lake_column(given) == renamed


def test_two_columns_of_one_lake_name_are_both_named():
    with pytest.raises(ColumnCollision, match=r"a\.csv: columns 'Sum A' and 'sum_a' would both be 'sum_a'"):
        lake_columns(["Sum A", "b", "sum_a"], source="a.csv")


def test_a_column_without_a_name_is_refused():
    with pytest.raises(InvalidName, match="without a name"):
        lake_columns(["a", ""], source="a.csv")


def test_columns_keep_their_order():
    assert lake_columns(["B", "A"], source="x") == ["b", "a"]
