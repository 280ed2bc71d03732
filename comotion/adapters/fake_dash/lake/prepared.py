"""A statement that is ready to run, on the lake as it was when it was prepared; by whom and when is not its affair."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pyarrow as pa

from comotion.adapters.fake_dash.lake.alarm import Alarm
from comotion.adapters.fake_dash.lake.engine import Engine
from comotion.adapters.fake_dash.lake.physical import resolved, shown
from comotion.adapters.fake_dash.lake.running import run
from comotion.adapters.fake_dash.lake.translate import Translation
from comotion.adapters.fake_dash.lake.unforeseen import admitted


class Prepared:
    """One statement with a cursor of its own. It is run once, and may be stopped from any thread.

    Attributes
    ----------
    translated : str
        The SQL that the engine runs.
    """

    def __init__(
        self, engine: Engine, cursor: Any, translation: Translation, *, now: dt.datetime, longest_s: float
    ) -> None:
        self.translated = translation.sql
        self._engine = engine
        self._cursor = cursor
        self._translation = translation
        self._now = now
        self._alarm = Alarm(cursor, longest_s)

    def run(self) -> pa.Table:
        """The result, as ``Lake.sql`` has it. Raises SqlRefused, SqlNotSupported."""
        try:
            with admitted():
                return self._result(run(self._engine, self._cursor, self._translation, self._now, self._alarm))
        finally:
            self._cursor.close()

    def stop(self) -> None:
        """Interrupt it, now or as soon as it begins; one that is over stays what it is."""
        self._alarm.ring()

    def _result(self, raw: pa.Table) -> pa.Table:
        arrays, fields = [], []
        for (name, kind), column in zip(self._translation.columns, raw.columns, strict=True):
            array = shown(column, kind)
            arrays.append(array)
            known = resolved(kind, array)
            metadata = {b"trino_type": known.label.encode(), b"trino_signature": str(known).encode()}
            fields.append(pa.field(name, array.type, metadata=metadata))
        return pa.Table.from_arrays(arrays, schema=pa.schema(fields))
