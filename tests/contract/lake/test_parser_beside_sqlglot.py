"""Every query that our parser reads and Trino answers, sqlglot reads as Trino's as well: a parser of other people's."""

import logging
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from comotion.adapters.fake_dash.lake import SqlNotSupported
from comotion.adapters.fake_dash.lake.sql.statements import parse
from tests.contract.lake.cases import DATA, read_cases

# what is Trino's by its grammar and documentation, and sqlglot's parser lacks
BEYOND_SQLGLOT = {
    r"\bjson_(array|exists|object|query|value)\(": "clauses of the SQL/JSON functions",
    r"\bx'[0-9a-f ]*'": "blanks in a binary literal, or none of its digits",
    r"\d_\d+\.\d": "underscores in a decimal literal",
    r"\bgroups between\b": "a window frame of groups",
    r"\b(semi|anti)\b": "words that are free names in Trino",
}


def queries() -> Iterator[str]:
    matrix = Path(__file__).with_name("trino_matrix.csv")
    for case in [*read_cases(DATA / "trino-sql-cases.csv"), *read_cases(matrix)]:
        if not case.expected.startswith("ERROR"):
            with suppress(SqlNotSupported):
                if parse(case.sql, dialect=case.dialect).kind == "query":
                    yield case.sql


def refusal(sql: str) -> str | None:
    from sqlglot import parse_one
    from sqlglot.errors import SqlglotError

    try:
        parse_one(sql, read="trino")
    except SqlglotError as refused:
        return str(refused)
    return None


def test_two_parsers_agree_on_what_is_a_query(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL, logger="sqlglot")
    asked = list(queries())
    apart = {sql: said for sql in asked if (said := refusal(sql)) is not None}
    unexplained = {
        sql: said
        for sql, said in apart.items()
        if not any(re.search(pattern, sql, re.IGNORECASE) for pattern in BEYOND_SQLGLOT)
    }
    assert unexplained == {}
    assert len(apart) < len(asked) / 50
