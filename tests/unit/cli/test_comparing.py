"""The demo's comparison: it must see every way in which a table can differ from its file."""

import pandas as pd
import pytest

from comotion.cli.comparing import a_sum, differences, read_result, read_table


def frame(**columns):
    return pd.DataFrame(columns)


def test_the_same_rows_in_another_order_do_not_differ():
    assert differences(frame(a=[1, 2, None], b=["x", None, "z"]), frame(b=["z", "x", None], a=[None, 1, 2])) is None


def test_a_column_that_came_on_top_does_not_count():
    assert differences(frame(a=[1]), frame(a=[1], service_client_id=["0"])) is None


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (frame(b=["x", "y"]), "columns a did not come back"),
        (frame(a=[1], b=["x"]), "2 rows went in and 1 came back"),
        (frame(a=[1, 3], b=["x", "y"]), "column a differs in 1 of 2 rows"),
        (frame(a=[1, 2], b=["x", None]), "column b differs in 1 of 2 rows"),
        (frame(a=[1, 1], b=["x", "x"]), "column a differs in 1 of 2 rows"),
        (frame(a=[2, 1], b=["x", "y"]), "column b differs in 2 of 2 rows"),
    ],
)
def test_every_difference_is_named(found, said):
    assert differences(frame(a=[1, 2], b=["x", "y"]), found) == said


def test_the_sum_is_exact():
    assert a_sum(frame(n=[2**62, 2**62])) == ('sum("n")', 2**63)
    assert a_sum(frame(n=[0.1] * 10)) == ('sum("n")', 1.0)


def test_without_a_number_lengths_are_summed():
    assert a_sum(frame(t=["ab", None, "c"], u=[True, False, True])) == ('sum(length("t"))', 3)


def test_a_column_of_nothing_is_not_summed():
    assert a_sum(frame(e=[None, None], n=[1, 2]).astype({"e": "float64"})) == ('sum("n")', 3)


def test_columns_are_named_as_in_the_lake(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("Sum Assured,B\n1,2\n", "utf-8")
    assert list(read_table(str(path), {}).columns) == ["sum_assured", "b"]


def test_a_result_is_read_as_the_kinds_that_were_sent(tmp_path):
    path = tmp_path / "result.csv"
    path.write_text('"t","n","b","d"\n"007","7","true","2024-01-02 00:00:00.000"\n,,,\n', "utf-8")
    sent = frame(t=["007", None], n=[7, None], b=[True, None], d=pd.to_datetime(["2024-01-02", None]))
    assert differences(sent, read_result(str(path), sent)) is None
