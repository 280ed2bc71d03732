"""Statements of the matrix, damaged: whatever comes out, nothing but a verdict comes out."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest

from comotion.adapters.fake_dash.lake import Lake, SqlNotSupported, SqlRefused
from tests.contract.lake.cases import read_cases

_TOKEN = re.compile(
    r"""(?P<string>(?:[Xx]|[Uu]&)?'(?:[^']|'')*') | (?P<number>\d+(?:\.\d*)?(?:[eE][+-]?\d+)?)
      | (?P<name>\w+|"[^"]*") | (?P<sign><>|[<>!]=|->|=>|\|\||\S)""",
    re.X | re.S,
)
_STRANGE = ("NULL", "''", "-1", "1e400", "9223372036854775808", "ARRAY[]", "ROW(1)", "X''", "(SELECT 1)", "nosuch")
_EACH_SEED = 150

Token = tuple[str, str]  # its kind and its text


def _tokens(sql: str) -> list[Token]:
    return [(str(found.lastgroup), found[0]) for found in _TOKEN.finditer(sql)]


def _mutated(chance: random.Random, statements: list[list[Token]]) -> str:
    """A statement with a token or two lost, doubled, strange, or taken from elsewhere; mostly of the same kind."""
    tokens = list(chance.choice(statements))
    for _ in range(chance.randint(1, 2)):
        at = chance.randrange(len(tokens))
        what = chance.randrange(10)
        values = [index for index, (kind, _) in enumerate(tokens) if kind in ("string", "number")]
        if what == 0 and len(tokens) > 1:
            del tokens[at]
        elif what == 1:
            tokens.insert(at, chance.choice(tokens))
        elif what in (2, 3, 4) and values:
            tokens[chance.choice(values)] = ("strange", chance.choice(_STRANGE))
        else:
            others = [token for token in chance.choice(statements) if token[0] == tokens[at][0]]
            tokens[at] = chance.choice(others or tokens)
    return " ".join(text for _, text in tokens)


@pytest.fixture(scope="module")
def statements() -> list[list[Token]]:
    cases = read_cases(Path(__file__).with_name("trino_matrix.csv"))
    return [_tokens(case.sql) for case in cases if 0 < len(case.sql.strip()) < 200]


@pytest.mark.parametrize("seed", range(10))
def test_a_damaged_statement_is_answered_refused_or_admitted_to_be_unknown(
    lake: Lake, statements: list[list[Token]], seed: int
) -> None:
    chance = random.Random(seed)
    for _ in range(_EACH_SEED):
        sql = _mutated(chance, statements)
        try:
            lake.sql(sql)
        except (SqlRefused, SqlNotSupported):
            continue
        except Exception as error:
            raise AssertionError(f"{type(error).__name__} came out of: {sql}") from error
