"""A source whose columns have the names the lake gives them. The last link of the chain, after the hook."""

from collections.abc import Generator
from typing import TYPE_CHECKING, cast

from comotion.domain.names import lake_columns
from comotion.domain.schema import Column, Schema, SchemaWidened
from comotion.ports.tables import Batch, EncodedPart, Source

if TYPE_CHECKING:
    import pyarrow as pa


def under_lake_names(source: Source) -> Source:
    """``source`` under the names of the lake; its names are looked at when its schema is asked for."""
    return _Renamed(source)


class _Renamed:
    def __init__(self, source: Source) -> None:
        self._source = source
        self._renamed_last = (Schema(()), Schema(()))

    @property
    def name(self) -> str:
        return self._source.name

    def schema(self) -> Schema:
        """Raises ColumnCollision where two columns would have one name."""
        return self._renamed(self._source.schema())

    def _renamed(self, schema: Schema) -> Schema:
        if self._renamed_last[0] is not schema:
            names = lake_columns(schema.names, source=self.name)
            columns = tuple(Column(name, column.type) for name, column in zip(names, schema.columns, strict=True))
            self._renamed_last = (schema, Schema(columns))
        return self._renamed_last[1]

    def batches(self) -> Generator[Batch, None, None]:
        names = list(self.schema().names)
        try:
            if names == list(self._source.schema().names):
                yield from self._source.batches()
                return
            for batch in self._source.batches():
                yield cast("pa.RecordBatch", batch).rename_columns(names)
        except SchemaWidened as wider:
            raise SchemaWidened(self._renamed(wider.schema)) from None

    def is_repeatable(self) -> bool:
        return self._source.is_repeatable()

    def verbatim_file(self) -> EncodedPart | None:
        """The file itself, where its columns have the lake's names already."""
        names = self._source.schema().names
        return self._source.verbatim_file() if names == self.schema().names else None

    def notes(self) -> tuple[str, ...]:
        return self._source.notes()

    def close(self) -> None:
        self._source.close()
