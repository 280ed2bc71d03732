"""Tables as a person reads them."""

from comotion.cli.output import table


def test_a_table_has_numbers_to_the_right_and_null_as_a_dash():
    assert table(["name", "n"], [["ann", "5"], ["bo", "100"], [None, None]]).splitlines() == [
        "name    n",
        "----  ---",
        "ann     5",
        "bo    100",
        "-       -",
    ]


def test_a_long_text_is_cut_and_stays_on_one_line():
    assert table(["t"], [["a\nb" + "c" * 50]]).splitlines()[-1] == "a b" + "c" * 20 + "…"


def test_a_table_without_rows_is_its_header():
    assert table(["a", "bb"], []).splitlines() == ["a  bb", "-  --"]
