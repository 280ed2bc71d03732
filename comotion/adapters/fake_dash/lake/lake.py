"""One world's lake: tables that loads append to and SQL reads, in a DuckDB database of its own."""

from __future__ import annotations

import datetime as dt
import hashlib
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
from attrs import define, evolve, field

from comotion.adapters.fake_dash.lake.analysis.context import Snapshot
from comotion.adapters.fake_dash.lake.analysis.typed import quoted
from comotion.adapters.fake_dash.lake.arrow_types import from_arrow
from comotion.adapters.fake_dash.lake.checks import CheckValue, evaluate
from comotion.adapters.fake_dash.lake.engine import Engine, engine
from comotion.adapters.fake_dash.lake.parts import held, join_types, read_parts
from comotion.adapters.fake_dash.lake.prepared import Prepared
from comotion.adapters.fake_dash.lake.refusal import PartsDoNotJoin, SqlNotSupported, SqlRefused
from comotion.adapters.fake_dash.lake.running import LONGEST_S
from comotion.adapters.fake_dash.lake.store import Store
from comotion.adapters.fake_dash.lake.translate import Translation, translate
from comotion.adapters.fake_dash.lake.types import UNKNOWN, VARCHAR, Type, UnknownType, duck
from comotion.adapters.fake_dash.lake.unforeseen import admitted

SNAPSHOT = "$snapshot"


@define
class LakeTable:
    """A table: its columns in order and its committed loads."""

    columns: dict[str, Type]
    snapshots: list[Snapshot] = field(factory=list)


def _utc_now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


class Lake:
    """Tables and SQL of one world.

    Parameters
    ----------
    now : callable
        The world's clock, an aware time in UTC; drives now(), current_date and snapshots.
    directory : Path, optional
        Where the tables are kept between processes; without it they live in memory only.
    longest_s : float
        How long one statement may take, in seconds; one that takes longer is refused as a limit of the fake.

    Examples
    --------
    >>> lake = Lake()
    >>> lake.sql("SELECT 7 / 2").to_pylist()
    [{'_col0': 3}]
    >>> lake.close()
    """

    def __init__(
        self,
        *,
        now: Callable[[], dt.datetime] = _utc_now,
        directory: Path | None = None,
        longest_s: float = LONGEST_S,
    ) -> None:
        self._now = now
        self._longest_s = longest_s
        self._engine: Engine = engine()
        self._database = self._engine.attach()
        self._tables: dict[str, LakeTable] = {}
        self._version: tuple[Any, ...] = ()
        self._lock = threading.RLock()
        self._store = Store(directory) if directory is not None else None
        if self._store is not None:
            for name, table, snapshots in self._store.load():
                self._create_from_store(name, table, snapshots)

    # ---- what a translation asks

    def names(self) -> list[str]:
        return sorted(self._tables)

    def columns(self, table: str) -> dict[str, Type] | None:
        found = self._tables.get(table)
        return found.columns if found is not None else None

    def storage(self, table: str) -> str:
        return quoted(table)

    def snapshots(self, table: str) -> list[Snapshot]:
        return self._tables[table].snapshots

    # ---- SQL

    def sql(self, text: str, *, dialect: str = "trino") -> pa.Table:
        """Run one statement.

        Parameters
        ----------
        text : str
            Trino or Athena SQL.
        dialect : {'trino', 'athena'}

        Returns
        -------
        pyarrow.Table
            Each field's metadata holds the Trino type's name under ``trino_type``, as the service's result
            metadata has it (``timestamp``), and with every precision under ``trino_signature``
            (``timestamp(3)``).

        Raises
        ------
        SqlRefused
            Worded as the service words it.
        SqlNotSupported
            Where Trino would answer and this fake cannot.
        """
        __tracebackhide__ = True  # a user's failing test shows the test's own line, not the inside of the lake
        try:
            return self.prepare(text, dialect=dialect).run()
        except (SqlRefused, SqlNotSupported) as verdict:
            # the message says where in the statement; a cause keeps its own traceback
            raise verdict.with_traceback(None) from verdict.__cause__

    def prepare(self, text: str, *, dialect: str = "trino") -> Prepared:
        """A statement that reads the lake as it is now, whenever it is run. Raises SqlRefused, SqlNotSupported."""
        with self._lock, admitted():
            translation = self._translation(text, dialect)
            cursor = self._snapshot()
        return Prepared(self._engine, cursor, translation, now=self._now(), longest_s=self._longest_s)

    def _snapshot(self) -> Any:
        """A cursor that reads the tables as they are now: DuckDB's transaction begins at its first look at one."""
        cursor = self._engine.cursor()
        cursor.execute(f"USE {self._database}")
        cursor.execute("BEGIN TRANSACTION")
        if self._tables:
            cursor.execute(f"SELECT 1 FROM {quoted(next(iter(self._tables)))} LIMIT 0")
        return cursor

    def _translation(self, text: str, dialect: str) -> Translation:
        key = (text, dialect, self._version)
        found = self._engine.translations.get(key)
        if found is None:
            found = translate(text, self._engine, self, dialect=dialect)
            self._engine.remember(key, found)
        return found

    # ---- loads

    def append(self, table: str, parts: Sequence[Path], *, constants: Mapping[str, str] | None = None,
               at: dt.datetime | None = None) -> int:  # fmt: skip
        """Add the rows of Parquet files to a table, all or nothing; the first load makes the table.

        Parameters
        ----------
        table : str
        parts : sequence of Path
            Parquet files, joined to one schema by column name.
        constants : mapping of str to str, optional
            Columns of type varchar that hold one value, added last.
        at : datetime, optional
            When the load was committed; the world's now by default.

        Returns
        -------
        int
            How many rows were added.

        Raises
        ------
        PartsDoNotJoin
            Where the files do not fit each other or the table; nothing has changed.
        """
        types, rows = read_parts(parts, constants or {})
        with self._lock:
            known = self._tables.get(table)
            if known is not None:
                rows = self._fitted(table, known.columns, types, rows)
            name = parts[0].name if parts else "empty.parquet"
            self._add(table, types, rows, name, at)
        return int(rows.num_rows)

    def _fitted(self, table: str, columns: dict[str, Type], types: Mapping[str, Type], rows: pa.Table) -> pa.Table:
        for name, kind in types.items():
            if name not in columns:
                raise PartsDoNotJoin(f"the load has a column '{name}' ({kind}) that table '{table}' does not have")
            if rows.num_rows and kind != columns[name] and join_types(kind, columns[name]) != columns[name]:
                raise PartsDoNotJoin(f"column '{name}' is {columns[name]} in table '{table}' and {kind} in the load")
        arrays = []
        for name, kind in columns.items():
            if name not in types or not rows.num_rows:
                arrays.append(pa.nulls(rows.num_rows, _held_type(kind)))
            elif types[name] == kind:
                arrays.append(rows.column(name))
            else:
                arrays.append(rows.column(name).cast(_held_type(kind), safe=not kind.is_floating))
        return pa.Table.from_arrays(arrays, names=list(columns))

    def create(self, table: str, data: pa.Table) -> None:
        """Make a table of an Arrow table, in place of any of that name."""
        types = {f.name.lower(): from_arrow(f.type) for f in data.schema}
        types = {name: VARCHAR if kind == UNKNOWN else kind for name, kind in types.items()}
        if len(types) != data.num_columns:
            raise UnknownType("two columns have one name")
        with self._lock:
            self.drop(table)
            self._add(table, types, held([data], types, {}), "created.parquet", None)

    def _add(self, table: str, types: Mapping[str, Type], rows: pa.Table, file: str, at: dt.datetime | None) -> None:
        known = self._tables.get(table)
        moment = (at or self._now()).astimezone(dt.UTC)
        at_us = round((moment - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)) / dt.timedelta(microseconds=1))
        number = len(known.snapshots) + 1 if known is not None else 1
        path = f"s3://fake-lake/lake/{table}/data/{number:05d}-{file}"
        snapshot = Snapshot(number, _snapshot_id(table, number, at_us), at_us, rows.num_rows, path)
        columns = known.columns if known is not None else dict(types)
        self._insert(table, columns, rows, number, create=known is None)
        if known is None:
            self._tables[table] = LakeTable(columns)
        self._tables[table].snapshots.append(snapshot)
        self._changed()
        if self._store is not None:
            self._store.save(table, columns, self._tables[table].snapshots, rows)

    def _insert(self, table: str, columns: Mapping[str, Type], rows: pa.Table, number: int, *, create: bool) -> None:
        cursor = self._engine.cursor()
        name = f"{self._database}.main.{quoted(table)}"
        try:
            cursor.execute("BEGIN TRANSACTION")
            if create:
                listed = ", ".join(f"{quoted(c)} {_column_type(k)}" for c, k in columns.items())
                cursor.execute(f"CREATE TABLE {name} ({listed}, {quoted(SNAPSHOT)} INTEGER)")
            cursor.register("incoming", rows)
            cursor.execute(f"INSERT INTO {name} SELECT *, {number} FROM incoming")
            cursor.execute("COMMIT")
        finally:
            cursor.close()

    def _create_from_store(self, table: str, rows: list[pa.Table], known: LakeTable) -> None:
        for index, one in enumerate(rows):
            self._insert(table, known.columns, one, index + 1, create=index == 0)
        self._tables[table] = known
        self._changed()

    def _changed(self) -> None:
        self._version = tuple(
            (name, tuple((c, str(k)) for c, k in t.columns.items()), tuple((s.id, s.path) for s in t.snapshots))
            for name, t in sorted(self._tables.items())
        )

    # ---- tables

    def drop(self, table: str) -> None:
        """Remove a table; one that does not exist is removed already."""
        with self._lock:
            if self._tables.pop(table, None) is None:
                return
            self._execute(f"DROP TABLE {self._database}.main.{quoted(table)}")
            if self._store is not None:
                self._store.remove(table)
            self._changed()

    def tables(self) -> list[str]:
        """The names of the tables."""
        return self.names()

    def schema(self, table: str) -> dict[str, str]:
        """Column names and Trino types, in order."""
        return {name: str(kind) for name, kind in self._tables[table].columns.items()}

    def count(self, table: str) -> int:
        """How many rows a table has."""
        return sum(one.rows for one in self._tables[table].snapshots)

    def rows(self, table: str) -> pa.Table:
        """All rows of a table."""
        return self.sql(f"SELECT * FROM {quoted(table)}")

    # ---- check sums

    def evaluate(self, expressions: Sequence[str], parts: Sequence[Path], *,
                 constants: Mapping[str, str] | None = None) -> list[CheckValue]:  # fmt: skip
        """Each SQL aggregate over the union of the files, as a commit's check sums are.

        Raises
        ------
        PartsDoNotJoin
            Where the files have no common schema.
        """
        types, rows = read_parts(parts, constants or {})
        return evaluate(self._engine, self, expressions, types, rows, self._now)

    # ---- the world as a whole

    def fork(self, *, now: Callable[[], dt.datetime] | None = None) -> Lake:
        """An independent copy, in memory; ``now`` is its clock, this one's when left out."""
        other = Lake(now=now or self._now)
        with self._lock:
            for name, table in self._tables.items():
                target = f"{other._database}.main.{quoted(name)}"
                self._execute(f"CREATE TABLE {target} AS SELECT * FROM {self._database}.main.{quoted(name)}")
                other._tables[name] = evolve(table, columns=dict(table.columns), snapshots=list(table.snapshots))
        other._changed()
        return other

    def reset(self) -> None:
        """Remove every table."""
        for name in self.names():
            self.drop(name)

    def close(self) -> None:
        """Give the memory back; what is kept in a directory stays there."""
        with self._lock:
            if self._database:
                self._engine.detach(self._database)
                self._database = ""
                self._tables.clear()

    def _execute(self, sql: str) -> None:
        cursor = self._engine.cursor()
        try:
            cursor.execute(sql)
        finally:
            cursor.close()


def _column_type(kind: Type) -> str:
    return "TIMESTAMP" if kind.is_zoned else duck(kind)


def _held_type(kind: Type) -> pa.DataType:
    from comotion.adapters.fake_dash.lake.arrow_types import to_arrow
    from comotion.adapters.fake_dash.lake.physical import stored

    return stored(pa.nulls(0, to_arrow(kind)), kind).type


def _snapshot_id(table: str, number: int, at_us: int) -> int:
    digest = hashlib.sha256(f"{table}/{number}/{at_us}".encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 1
