"""Results as Athena writes them."""

from __future__ import annotations

import csv
import io

import pytest

from comotion.adapters.fake_dash.lake import Lake
from comotion.adapters.fake_dash.lake.result_format import column_info, csv_bytes, varchar_rows


def written(lake: Lake, sql: str) -> str:
    return b"".join(csv_bytes(lake.sql(sql))).decode()


def test_every_value_is_quoted_and_null_is_an_empty_field(lake: Lake) -> None:
    assert (
        written(lake, "SELECT 1 AS a, null AS b, '' AS c, 'say \"hi\"' AS d")
        == '"a","b","c","d"\n"1",,"","say ""hi"""\n'
    )


@pytest.mark.parametrize(
    ("sql", "text"),
    [
        ("timestamp '2013-04-10 00:00:00'", "2013-04-10 00:00:00.000"),
        ("timestamp '2013-04-10 01:02:03.456 UTC'", "2013-04-10 01:02:03.456 UTC"),
        (
            "timestamp '2020-01-01 12:00:00 UTC' AT TIME ZONE 'America/New_York'",
            "2020-01-01 07:00:00.000 America/New_York",
        ),
        ("timestamp '2020-01-01 12:00:00 +02:00'", "2020-01-01 12:00:00.000 +02:00"),
        ("date '2020-01-02'", "2020-01-02"),
        ("true", "true"),
        ("1e10", "1.0E10"),
        ("0.5e0", "0.5"),
        ("real '1.25'", "1.25"),
        ("decimal '1.50'", "1.50"),
        ("X'6162'", "61 62"),
        ("array[1, 2, null]", "[1, 2, null]"),
        ("cast(row(1, 'x') AS row(x integer, y varchar))", "{x=1, y=x}"),
        ("map(array['a'], array[1])", "{a=1}"),
        ("interval '2' day", "2 00:00:00.000"),
        ("interval '14' month", "1-2"),
        ("json '{\"a\": 1}'", '{"a":1}'),
        ("cast('ab' AS char(4))", "ab  "),
    ],
)
def test_a_value_is_written_as_athena_writes_it(lake: Lake, sql: str, text: str) -> None:
    assert list(varchar_rows(lake.sql(f"SELECT {sql}"))) == [(text,)]


def test_the_file_reads_back_to_the_same_texts(lake: Lake) -> None:
    table = lake.sql(
        "SELECT x, 'line' || chr(10) || 'break, \"' || cast(x AS varchar) FROM UNNEST(sequence(1, 9000)) AS u(x)"
    )
    rows = list(csv.reader(io.StringIO(b"".join(csv_bytes(table)).decode(), newline="")))
    assert rows[0] == ["x", "_col1"]
    assert [tuple(row) for row in rows[1:]] == list(varchar_rows(table))


def test_columns_are_named_by_athenas_types(lake: Lake) -> None:
    found = column_info(
        lake.sql("SELECT 1 AS i, 1e0 AS d, real '1' AS r, 1.5 AS p, 'x' AS s, now() AS z, array[1] AS a")
    )
    assert [(c.name, c.type) for c in found] == [
        ("i", "integer"), ("d", "double"), ("r", "float"), ("p", "decimal"), ("s", "varchar"),
        ("z", "timestamp with time zone"), ("a", "array"),
    ]  # fmt: skip
    assert (found[3].precision, found[3].scale) == (2, 1)
