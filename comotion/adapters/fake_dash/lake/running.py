"""A translation runs on the engine: the clock bound, complaints in the service's words, limits that TRY hid told."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pyarrow as pa

from comotion.adapters.fake_dash.lake.alarm import Alarm
from comotion.adapters.fake_dash.lake.complaints import said_by_service
from comotion.adapters.fake_dash.lake.engine import Engine
from comotion.adapters.fake_dash.lake.refusal import SqlNotSupported, SqlRefused
from comotion.adapters.fake_dash.lake.translate import Translation

LONGEST_S = 30.0
"""How long one statement may take: a test that waits for it must end."""


def run(
    engine: Engine,
    cursor: Any,
    translation: Translation,
    now: dt.datetime,
    alarm: Alarm,
) -> pa.Table:
    """The rows as DuckDB holds them.

    Parameters
    ----------
    now : datetime
        What the statement takes for the time.
    alarm : Alarm
        New; rings when the statement is to stop.

    Raises
    ------
    SqlRefused
        Worded as the service words it.
    SqlNotSupported
        Where DuckDB or a kernel met what it does not know, or when the alarm rang.
    """
    import duckdb

    moment = now.astimezone(dt.UTC).replace(tzinfo=None)
    parameters = {translation.clock: moment} if translation.clock else None
    sql = _uuids_as_text(translation)
    before = engine.limits.met
    alarm.on()
    try:
        relation = cursor.sql(sql, params=parameters) if parameters else cursor.sql(sql)
        found: pa.Table = relation.to_arrow_table()
    except duckdb.InterruptException as stopped:
        why = "is interrupted" if alarm.is_rung else f"takes more than {alarm.after_s:g} s"
        raise SqlNotSupported(f"a statement that {why}") from stopped
    except duckdb.Error as error:
        verdict = said_by_service(error)
        raise verdict from (None if isinstance(verdict, SqlRefused) else error)
    finally:
        alarm.off()
    # only TRY hides a limit; one that a neighbour met at the same time is told here too, rather than lose ours
    if "TRY(" in sql and engine.limits.met != before:
        raise SqlNotSupported(engine.limits.last)
    return found


def _uuids_as_text(translation: Translation) -> str:
    if all(kind.base != "uuid" for _, kind in translation.columns):
        return translation.sql
    picked = [
        f"CAST(c{i} AS VARCHAR) AS c{i}" if kind.base == "uuid" else f"c{i}"
        for i, (_, kind) in enumerate(translation.columns)
    ]
    return f"SELECT {', '.join(picked)} FROM ({translation.sql}) AS result"
