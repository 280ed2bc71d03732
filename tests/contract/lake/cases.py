"""Statements with their expected answers: how they are read, run and judged."""

from __future__ import annotations

import csv
import datetime
import math
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from attrs import frozen

from comotion.adapters.fake_dash.lake import Lake, SqlRefused

DATA = Path(__file__).parents[2] / "data" / "lake"
_NAMES = {"datetime": datetime, "Decimal": Decimal, "nan": math.nan, "inf": math.inf}


@frozen
class Case:
    """One row of a file of cases."""

    number: str
    dialect: str
    sql: str
    expected: str
    expected_type: str

    def __str__(self) -> str:
        return f"{self.number}: {self.sql[:60]}"


def read_cases(path: Path) -> list[Case]:
    with path.open(encoding="utf-8", newline="") as file:
        return [
            Case(r["n"], r["dialect"], r["trino_sql"], r["expected"], r["expected_type"]) for r in csv.DictReader(file)
        ]


def table_t() -> pa.Table:
    """The table of the cases, with the map `m` and the row `rw` that two of them use and the file lacks."""
    table = pq.read_table(DATA / "t.parquet")
    numbers = range(1, table.num_rows + 1)
    maps = pa.array([[("x", n), ("y", 2)] for n in numbers], pa.map_(pa.string(), pa.int32()))
    rows = pa.array([{"a": n, "b": f"r{n % 3}"} for n in numbers], pa.struct([("a", pa.int32()), ("b", pa.string())]))
    return table.append_column("m", maps).append_column("rw", rows)


def judge(lake: Lake, case: Case) -> str | None:
    """What is wrong with the lake's answer, or None."""
    if case.expected.startswith("ERROR"):
        try:
            found = lake.sql(case.sql, dialect=case.dialect)
        except SqlRefused:
            return None
        return f"answered {found.slice(0, 3).to_pylist()} instead of refusing"
    found = lake.sql(case.sql, dialect=case.dialect)
    wrong = _wrong_type(found, case.expected_type)
    if wrong or not case.expected:
        return wrong
    rows = [tuple(column[i].as_py() for column in found.columns) for i in range(found.num_rows)]
    got: Any = rows[0][0] if len(rows) == 1 and found.num_columns == 1 else rows
    for candidate in (got, rows):
        if any(same(candidate, want) for want in _expected(case.expected)):
            return None
        if len(case.expected) >= 200 and repr(candidate).startswith(case.expected):
            return None
    return f"got {got!r}, expected {case.expected}"


def _expected(written: str) -> Iterator[Any]:
    try:
        value = eval(written, dict(_NAMES))
    except SyntaxError:
        return  # cut at 200 characters
    yield value
    if isinstance(value, str):  # some files quote a literal twice
        try:
            yield eval(value, dict(_NAMES))
        except (SyntaxError, NameError):
            return


def _wrong_type(found: pa.Table, wanted: str) -> str | None:
    if not wanted:
        return None
    metadata = found.schema.field(0).metadata
    names = {metadata[b"trino_type"].decode(), metadata[b"trino_signature"].decode()}
    bare = {re.sub(r"\(.*\)", "", name) for name in names if not name.startswith("decimal")}
    first_words = {name.split(" ")[0] for name in names} if wanted == "interval" else set()
    return None if wanted in names | bare | first_words else f"type {sorted(names)}, expected {wanted}"


def same(got: Any, want: Any) -> bool:
    """Equality, to 1e-9 where numbers are floating."""
    if isinstance(want, bool) or isinstance(got, bool):
        return got is want
    if isinstance(want, float) and isinstance(got, int | float | Decimal):
        if math.isnan(want):
            return math.isnan(got)
        return math.isclose(float(got), want, rel_tol=1e-9, abs_tol=1e-12)
    if isinstance(want, dict):
        pairs = dict(got) if isinstance(got, list) else got
        return isinstance(pairs, dict) and pairs.keys() == want.keys() and all(same(pairs[k], want[k]) for k in want)
    if isinstance(got, dict) and isinstance(want, tuple):  # a row may be written as a tuple
        return same(tuple(got.values()), want)
    if isinstance(want, list | tuple):
        return isinstance(got, list | tuple) and len(got) == len(want) and all(map(same, got, want))
    return bool(got == want)
