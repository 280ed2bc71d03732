"""Tables of other libraries: anything with ``__arrow_c_stream__`` (pyarrow, polars, DuckDB relations)."""

from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, Any

from attrs import define, field

from comotion.adapters.readers.lake_types import in_lake_types, lake_schema
from comotion.adapters.readers.types import schema_from_arrow
from comotion.domain.errors import DataError, InvalidArgument, UnreadableSource
from comotion.domain.schema import Schema
from comotion.ports.tables import EncodedPart, SourceSpec

if TYPE_CHECKING:
    import pyarrow as pa

BATCH_ROWS = 64 * 1024


@define(eq=False)
class ArrowSource:
    """Batches as the stream yields them; nothing is held but the batch on its way.

    Attributes
    ----------
    can_stream_again : bool
        Whether the table gives its stream a second time: one that has a length does, a reader does not.
    """

    name: str
    _data: Any = field(repr=False)
    can_stream_again: bool = True
    _reader: "pa.RecordBatchReader | None" = field(default=None, repr=False)
    _schema: "pa.Schema | None" = field(default=None, repr=False)

    def schema(self) -> Schema:
        schema = self._lake_schema()
        return schema_from_arrow(schema, has_rows=self._has_rows(schema))

    def batches(self) -> "Generator[pa.RecordBatch, None, None]":
        schema = self._lake_schema()
        reader, self._reader = self._reader or self._open(), None
        yield from in_lake_types(self._in_pieces(reader), schema, source=self.name)

    def is_repeatable(self) -> bool:
        return self.can_stream_again

    def verbatim_file(self) -> EncodedPart | None:
        return None

    def notes(self) -> tuple[str, ...]:
        return ()

    def close(self) -> None:
        self._reader = None

    def _has_rows(self, schema: "pa.Schema") -> bool:
        """Whether there are rows; asked only where it matters, because some tables run a query to know."""
        import pyarrow.types as t

        return not (self.can_stream_again and any(map(t.is_null, schema.types)) and len(self._data) == 0)

    def _lake_schema(self) -> "pa.Schema":
        if self._schema is None:
            self._reader = self._open()
            if not len(self._reader.schema):
                raise UnreadableSource(f"{self.name} has no columns")
            self._schema = lake_schema(self._reader.schema, source=self.name)
        return self._schema

    def _in_pieces(self, reader: "pa.RecordBatchReader") -> "Iterator[pa.RecordBatch]":
        """The reader's batches, none of them so long that memory grows with the table."""
        import pyarrow as pa

        while True:
            try:
                batch = next(reader, None)
            except pa.ArrowException as wrong:
                raise UnreadableSource(f"{self.name} broke off: {wrong}") from wrong
            if batch is None:
                return
            for start in range(0, batch.num_rows, BATCH_ROWS):
                yield batch.slice(start, BATCH_ROWS)

    def _open(self) -> "pa.RecordBatchReader":
        import pyarrow as pa

        try:
            return pa.RecordBatchReader.from_stream(self._data)
        except pa.ArrowInvalid as wrong:
            raise UnreadableSource(f"{self.name} is no table of columns: {wrong}") from None


def open_arrow(spec: SourceSpec) -> ArrowSource:
    """A table that speaks Arrow's C stream interface.

    Raises
    ------
    InvalidArgument
        Reading arguments were given: there is nothing to parse.
    DataError
        A column of a type that the lake does not have.
    """
    if spec.options:
        raise InvalidArgument(f"{spec.name} is a table already: {', '.join(spec.options)} cannot be applied to it")
    _refuse_addresses(spec)
    return ArrowSource(spec.name, spec.data, can_stream_again=hasattr(spec.data, "__len__"))


def _refuse_addresses(spec: SourceSpec) -> None:
    """Raise DataError for Python objects in a polars frame: its stream gives their addresses, as bytes."""
    data: Any = spec.data
    if type(data).__module__.partition(".")[0] != "polars":
        return
    for name, kind in getattr(data, "schema", {}).items():
        if str(kind) == "Object":
            raise DataError(f"{spec.name}: column {name!r} holds Python objects; cast it, or drop it")
