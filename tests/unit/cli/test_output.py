"""Tables as a person reads them, and how far a long work is."""

import io
import sys
from time import sleep

from comotion.cli.output import prose, table, watching


class Terminal(io.StringIO):
    def isatty(self):
        return True


def watched(stderr, monkeypatch):
    monkeypatch.setattr(sys, "stderr", stderr)
    with watching(lambda: "people: 5 rows read", every_s=0.01):
        sleep(0.2)
        prose("Warning: a row is short")
    return stderr.getvalue()


def test_somebody_at_a_terminal_is_told_how_far_it_is(monkeypatch):
    said = watched(Terminal(), monkeypatch)
    assert "people: 5 rows read, 0 s\r" in said
    assert "\r\x1b[KWarning: a row is short\n" in said
    assert said.endswith("\x1b[K")


def test_a_script_is_told_nothing_of_it(monkeypatch):
    assert watched(io.StringIO(), monkeypatch) == "Warning: a row is short\n"


def test_a_table_has_numbers_to_the_right_and_null_left_empty():
    assert table(["name", "n"], [["ann", "5"], ["bo", "100"], ["cy", ""]]).splitlines() == [
        "name    n",
        "----  ---",
        "ann     5",
        "bo    100",
        "cy",
    ]


def test_a_long_text_is_cut_and_stays_on_one_line():
    assert table(["t"], [["a\nb" + "c" * 50]]).splitlines()[-1] == "a b" + "c" * 20 + "…"


def test_a_table_without_rows_is_its_header():
    assert table(["a", "bb"], []).splitlines() == ["a  bb", "-  --"]
