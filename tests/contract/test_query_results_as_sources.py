"""The result of a query as a source: texts stay texts, NULLs stay NULLs, rows are neither lost nor made."""

import io

import pytest

from comotion.dash import Load, Query

TEXTS = ["", None, "NA", "null", "None", "nan", " ", "a,b", 'say "x"', "two\nlines", None]


def copy_of(fake, sql: str, **options: object) -> list[dict]:
    """What a table holds that the result of a query was uploaded to."""
    load = Load(fake.config(), table_name="copies", load_as_service_client_id="0", track_rows_uploaded=True)
    load.upload_dash_query(Query(fake.config(), sql), **options)
    load.commit()
    assert load.wait_to_complete() == "SUCCESS"
    return fake.tables["copies"].rows


def same(found: list, expected: list) -> bool:
    return sorted(found, key=repr) == sorted(expected, key=repr)


def test_texts_and_nulls_come_back_as_they_were(fake_dash):
    fake_dash.seed({"motor": [{"n": n, "s": text} for n, text in enumerate(TEXTS)]})
    rows = copy_of(fake_dash, "select n, s from motor")
    assert [row["s"] for row in sorted(rows, key=lambda row: row["n"])] == TEXTS


def test_a_column_alone_keeps_its_nulls_which_are_empty_lines(fake_dash):
    fake_dash.seed({"motor": [{"s": text} for text in TEXTS]})
    rows = copy_of(fake_dash, "select s from motor")
    assert same([row["s"] for row in rows], TEXTS)


@pytest.mark.parametrize("values", [[1, None, 3], [0.5, None], [True, None, False]], ids=["whole", "real", "bool"])
@pytest.mark.parametrize("columns", ["v", "v, 'x' as w"], ids=["alone", "beside another"])
def test_quoted_numbers_are_numbers_and_their_nulls_are_nulls(fake_dash, values, columns):
    fake_dash.seed({"motor": [{"v": value} for value in values]})
    rows = copy_of(fake_dash, f"select {columns} from motor")
    assert same([row["v"] for row in rows], values)


def test_an_empty_text_late_among_numbers_makes_them_text(fake_dash):
    fake_dash.seed({"motor": [{"n": n, "s": str(n)} for n in range(100_000)]})
    rows = copy_of(fake_dash, "select n, s from motor union all select -1, ''")
    assert {row["s"] for row in rows if row["n"] in (-1, 7)} == {"", "7"}


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"keep_default_na": True}, [None, None, None, "x"]),
        ({"na_values": ["x"]}, [None, None, None, None]),
        ({"keep_default_na": False, "na_values": ["NA"]}, ["", "", None, "x"]),
        ({"na_filter": False}, ["", "", "NA", "x"]),
        ({"dtype": {"s": "str"}}, ["", None, "NA", "x"]),
    ],
    ids=lambda one: ", ".join(one) if isinstance(one, dict) else "",
)
def test_what_the_user_says_of_nulls_is_meant_as_pandas_means_it(fake_dash, options, expected):
    fake_dash.seed({"motor": [{"n": n, "s": text} for n, text in enumerate(["", None, "NA", "x"])]})
    rows = copy_of(fake_dash, "select n, s from motor", **options)
    assert [row["s"] for row in sorted(rows, key=lambda row: row["n"])] == expected


def test_where_pandas_must_read_the_values_texts_stay_texts_too(fake_dash):
    fake_dash.seed({"motor": [{"d": "2026-05-01", "s": text} for text in ["NA", None, "x"]]})
    rows = copy_of(fake_dash, "select d, s from motor", parse_dates=["d"])
    assert same([row["s"] for row in rows], ["NA", None, "x"])


@pytest.mark.parametrize("options", [{"thousands": ","}, {"parse_dates": ["d"]}], ids=["thousands", "dates"])
def test_an_empty_text_is_no_null_also_where_pandas_must_read_the_values(fake_dash, options):
    fake_dash.seed({"motor": [{"d": "2024-01-01", "n": n, "s": text} for n, text in enumerate(TEXTS)]})
    rows = copy_of(fake_dash, "select d, n, s from motor", **options)
    assert [row["s"] for row in sorted(rows, key=lambda row: row["n"])] == TEXTS


def test_a_file_with_the_same_text_is_read_as_pandas_reads_it(fake_dash):
    load = Load(fake_dash.config(), table_name="copies", load_as_service_client_id="0", track_rows_uploaded=True)
    load.upload_file(io.StringIO('"n","s"\n"1",""\n"2","NA"\n"3","x"\n'))
    load.commit()
    load.wait_to_complete()
    assert same([row["s"] for row in fake_dash.tables["copies"].rows], [None, None, "x"])
