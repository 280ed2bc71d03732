"""The matrix of statements over the whole of Trino's documentation."""

from __future__ import annotations

from pathlib import Path

import pytest

from comotion.adapters.fake_dash.lake import Lake, SqlNotSupported
from tests.contract.lake.cases import Case, judge, read_cases

# what Trino answers and this fake does not, by the number of its case; one that starts to work must leave this list
KNOWN_GAPS = {
    "1723": "JSON_TABLE",
    "2543": "cast from HyperLogLog to varbinary",
    "2711": "word_stem for the language 'fr'",
    "3680": "dates outside of the years 1 to 9999",
    "3777": "the long name of the time zone America/New_York",
}


@pytest.mark.parametrize("case", read_cases(Path(__file__).with_name("trino_matrix.csv")), ids=str)
def test_the_matrix_is_answered_as_trino_answers_it(lake: Lake, case: Case) -> None:
    if case.number in KNOWN_GAPS:
        with pytest.raises(SqlNotSupported) as refused:
            judge(lake, case)
        assert refused.value.feature == KNOWN_GAPS[case.number]
    else:
        assert judge(lake, case) is None
