"""The result of a SQL query through SQLAlchemy: typed as the driver gives it, in constant memory."""

from collections.abc import Generator, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from attrs import define, field

from comotion.adapters.readers.frame_columns import column_to_arrow
from comotion.adapters.readers.kept_tables import KeptTables
from comotion.adapters.readers.lake_types import lake_table
from comotion.adapters.readers.types import schema_from_arrow
from comotion.domain.errors import ExtraMissing, InvalidArgument, UnreadableSource
from comotion.domain.schema import Column, Schema, join
from comotion.ports.tables import EncodedPart, SourceSpec

if TYPE_CHECKING:
    import pyarrow as pa
    from sqlalchemy import Connection, CursorResult, Engine

BATCH_ROWS = 20_000
_OPTIONS = frozenset({"con", "params"})


@define(eq=False)
class SqlSource:
    """Rows as the cursor yields them, so many at a time, kept on disk: the query runs once.

    Types come from the values: of the first rows, and wider when later ones need it. A column of NULLs only
    yields to whatever comes.
    """

    name: str
    _sql: str = field(repr=False)
    _engine: "Engine" = field(repr=False)
    _params: "Mapping[str, object] | None" = field(default=None, repr=False)
    _owns_engine: bool = False
    batch_rows: int = BATCH_ROWS
    _kept: KeptTables = field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        self._kept = KeptTables(self._run, of=self.name, join=self._joined)

    def schema(self) -> Schema:
        return self._kept.schema()

    def batches(self) -> "Generator[pa.RecordBatch, None, None]":
        return self._kept.batches(source=self.name)

    def is_repeatable(self) -> bool:
        return True

    def verbatim_file(self) -> EncodedPart | None:
        return None

    def notes(self) -> tuple[str, ...]:
        return ()

    def close(self) -> None:
        self._kept.close()
        if self._owns_engine:
            self._engine.dispose()

    def _joined(self, schema: Schema, table: "pa.Table") -> Schema:
        joined = []
        for column, other in zip(schema.columns, schema_from_arrow(table.schema).columns, strict=True):
            type_ = join(column.type, other.type)
            if type_ is None:
                raise UnreadableSource(
                    f"{self.name}: column {column.name!r} holds {column.type} in some rows and {other.type} in "
                    "others; cast it in the query"
                )
            joined.append(Column(column.name, type_))
        return Schema(tuple(joined))

    def _run(self) -> "Iterator[pa.Table]":
        from sqlalchemy.exc import SQLAlchemyError

        try:  # a cursor on the server's side, where the driver has one: the client does not hold the result
            with self._engine.connect() as connection:
                result = self._executed(
                    connection.execution_options(stream_results=True, max_row_buffer=self.batch_rows)
                )
                names = [str(name) for name in result.keys()]  # noqa: SIM118 - a result iterates over rows
                rows = result.fetchmany(self.batch_rows)
                yield self._typed(names, rows)
                while rows := result.fetchmany(self.batch_rows):
                    yield self._typed(names, rows)
        except SQLAlchemyError as wrong:
            cause = getattr(wrong, "orig", None) or wrong  # the driver's words, without the statement's parameters
            raise UnreadableSource(f"{self.name} cannot be read: {cause}") from None

    def _executed(self, connection: "Connection") -> "CursorResult[Any]":
        from sqlalchemy import text

        if self._params:
            return connection.execute(text(self._sql), dict(self._params))
        return connection.execution_options(no_parameters=True).exec_driver_sql(self._sql)

    def _typed(self, names: list[str], rows: "Sequence[Any]") -> "pa.Table":
        import pandas as pd
        import pyarrow as pa

        columns = [
            column_to_arrow(
                pd.Series([row[i] for row in rows], dtype=object),
                what=f"{self.name}: column {name!r}",
                remedy="cast it in the query",
            )
            for i, name in enumerate(names)
        ]
        return lake_table(pa.Table.from_arrays(columns, names=names), source=self.name)


def open_sql(spec: SourceSpec) -> SqlSource:
    """A query: ``data`` is its SQL, ``con=`` a database URL or SQLAlchemy engine, ``params=`` its parameters.

    Raises
    ------
    ExtraMissing
        SQLAlchemy, or the database's driver, is not installed.
    InvalidArgument
        Another reading argument, or no SQL.
    """
    unknown = set(spec.options) - _OPTIONS
    if unknown:
        raise InvalidArgument(f"a query takes con and params, not {', '.join(sorted(unknown))}")
    if not isinstance(spec.data, str):
        raise InvalidArgument(f"with con=, the data is the text of a query, not {type(spec.data).__name__}")
    engine, owns = _engine(spec.options["con"])
    params = cast("Mapping[str, object] | None", spec.options.get("params"))
    return SqlSource("SQL query", spec.data, engine, params, owns_engine=owns)


def _engine(con: object) -> "tuple[Engine, bool]":
    try:
        import sqlalchemy
    except ImportError:
        raise ExtraMissing('reading a database needs SQLAlchemy: pip install "comotion-sdk[sql]"') from None
    if isinstance(con, sqlalchemy.Engine):
        return con, False
    if not isinstance(con, str | sqlalchemy.URL):
        raise InvalidArgument(f"con is a database URL or a SQLAlchemy engine, not {type(con).__name__}")
    try:
        return sqlalchemy.create_engine(con), True
    except sqlalchemy.exc.ArgumentError:
        raise InvalidArgument("con is no database URL, such as 'postgresql://user@host/database'") from None
    except ImportError as missing:
        raise ExtraMissing(f"the driver of this database is not installed: {missing}") from None
