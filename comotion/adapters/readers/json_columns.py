"""pandas' column form of JSON, ``{column: {index: value}}`` or ``{column: [value, ..]}``, as a source.

The form has its first row's last value at its end, so it is read whole.
"""

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, cast

from comotion.adapters.readers.json_types import Observed
from comotion.adapters.readers.streams import Raw
from comotion.adapters.readers.types import schema_to_arrow
from comotion.domain.errors import UnreadableSource
from comotion.domain.schema import Schema, Unseen
from comotion.ports.tables import EncodedPart

if TYPE_CHECKING:
    import pyarrow as pa

BATCH_ROWS = 64 * 1024


def is_of_columns(value: object) -> bool:
    """Whether an object is a table in column form: nothing but objects, or nothing but lists of one length."""
    if not isinstance(value, Mapping) or not value:
        return False
    columns = list(value.values())
    if all(isinstance(one, Mapping) for one in columns):
        return True
    return all(isinstance(one, list) and len(one) == len(columns[0]) for one in columns)


def open_columns(raw: Raw) -> "ColumnsSource":
    """Read the whole text. Raises UnreadableSource, SchemaConflict, LossyValue."""
    with raw.open() as stream:
        try:
            value = json.loads(stream.read())
        except json.JSONDecodeError as wrong:
            raise UnreadableSource(f"{raw.name}, line {wrong.lineno}, column {wrong.colno}: {wrong.msg}") from None
    if not is_of_columns(value):
        raise UnreadableSource(f"{raw.name}: columns are objects, or lists of one length")
    columns = {name: dict(enumerate(one)) if isinstance(one, list) else one for name, one in value.items()}
    return ColumnsSource(raw, cast("dict[str, dict[object, object]]", columns))


class ColumnsSource:
    """A table that is in memory; rows are the labels of all columns, in order of appearance."""

    def __init__(self, raw: Raw, columns: dict[str, dict[object, object]]) -> None:
        self.name = raw.name
        self._raw = raw
        self._columns = columns
        self._labels = list(dict.fromkeys(label for column in columns.values() for label in column))
        observed = Observed(raw.name)
        for name, column in columns.items():
            observed.types.setdefault(name, Unseen())
            for row, label in enumerate(self._labels, start=1):
                observed.add({name: column.get(label)}, row)
        self._schema = observed.schema()

    may_widen = False

    def schema(self) -> Schema:
        return self._schema

    def batches(self) -> "Iterator[pa.RecordBatch]":
        import pyarrow as pa

        schema = schema_to_arrow(self._schema)
        for start in range(0, len(self._labels), BATCH_ROWS):
            labels = self._labels[start : start + BATCH_ROWS]
            arrays = [pa.array([self._columns[one.name].get(label) for label in labels], one.type) for one in schema]
            yield pa.RecordBatch.from_arrays(arrays, schema=schema)

    def is_repeatable(self) -> bool:
        return True

    def verbatim_file(self) -> EncodedPart | None:
        return None

    def notes(self) -> tuple[str, ...]:
        return ()

    def close(self) -> None:
        self._raw.close()
