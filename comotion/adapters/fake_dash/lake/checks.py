"""Check sums: SQL aggregates over the union of a load's files."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pyarrow as pa
from attrs import frozen

from comotion.adapters.fake_dash.lake.alarm import Alarm
from comotion.adapters.fake_dash.lake.analysis.context import LakeTables
from comotion.adapters.fake_dash.lake.engine import Engine
from comotion.adapters.fake_dash.lake.physical import shown
from comotion.adapters.fake_dash.lake.refusal import SqlNotSupported, SqlRefused
from comotion.adapters.fake_dash.lake.running import LONGEST_S, run
from comotion.adapters.fake_dash.lake.translate import translate_check_sum
from comotion.adapters.fake_dash.lake.types import Type
from comotion.adapters.fake_dash.lake.unforeseen import admitted


@frozen
class CheckValue:
    """What one expression came to.

    Attributes
    ----------
    expression : str
    value : int, float, Decimal, str, bool, date, datetime or None
        None where the aggregate is NULL or was refused.
    trino_type : str or None
    refusal : str or None
        Why the expression has no value: worded as the service words it, or what this fake does not support.
    """

    expression: str
    value: Any = None
    trino_type: str | None = None
    refusal: str | None = None


def evaluate(engine: Engine, tables: LakeTables, expressions: Sequence[str], types: Mapping[str, Type], rows: pa.Table,
             now: Callable[[], dt.datetime]) -> list[CheckValue]:  # fmt: skip
    """Each expression over the rows; one that is refused does not disturb the others."""
    columns = tuple(types.items())
    cursor = engine.cursor()
    try:
        cursor.register("parts", rows.rename_columns([f"c{i}" for i in range(len(columns))]))
        return [_one(engine, tables, cursor, text, columns, now) for text in expressions]
    finally:
        cursor.close()


def _one(engine: Engine, tables: LakeTables, cursor: Any, text: str, columns: tuple[tuple[str, Type], ...],
         now: Callable[[], dt.datetime]) -> CheckValue:  # fmt: skip
    try:
        translation = translate_check_sum(text, columns, engine, tables)
        with admitted():
            raw = run(engine, cursor, translation, now(), Alarm(cursor, LONGEST_S))
            kind = translation.columns[0][1]
            return CheckValue(text, shown(raw.column(0), kind)[0].as_py(), kind.label)
    except (SqlRefused, SqlNotSupported) as error:
        return CheckValue(text, refusal=str(error))
