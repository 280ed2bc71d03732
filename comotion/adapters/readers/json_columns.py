"""pandas' column form of JSON, ``{column: {index: value}}`` or ``{column: [value, ..]}``, as a source.

The form has its first row's last value at its end, so it is read whole; so are the orientations that must be named.
"""

import json
from collections.abc import Generator, Mapping
from typing import TYPE_CHECKING, Any

from comotion.adapters.readers.json_dtype import Wanted
from comotion.adapters.readers.json_records import NameTwice, distinct
from comotion.adapters.readers.json_types import Observed
from comotion.adapters.readers.raw import Raw
from comotion.adapters.readers.types import schema_to_arrow
from comotion.domain.errors import UnreadableSource
from comotion.domain.schema import NO_ROWS, Schema
from comotion.ports.tables import EncodedPart

if TYPE_CHECKING:
    import pyarrow as pa

BATCH_ROWS = 64 * 1024

Columns = dict[str, dict[object, object]]
"""Name to values by label."""


def is_of_columns(value: object) -> bool:
    """Whether an object is a table in column form: nothing but objects, or nothing but lists of one length."""
    if not isinstance(value, Mapping) or not value:
        return False
    columns = list(value.values())
    if all(isinstance(one, Mapping) for one in columns):
        return True
    return all(isinstance(one, list) and len(one) == len(columns[0]) for one in columns)


def open_columns(raw: Raw, *, orient: str, wanted: Wanted) -> "ColumnsSource":
    """Read the whole text, oriented as pandas has it: columns, split, index or values.

    Raises
    ------
    UnreadableSource, SchemaConflict, LossyValue
    """
    with raw.open() as stream:
        try:
            value = json.loads(stream.read(), object_pairs_hook=distinct)
        except json.JSONDecodeError as wrong:
            raise UnreadableSource(f"{raw.name}, line {wrong.lineno}, column {wrong.colno}: {wrong.msg}") from None
        except NameTwice as wrong:
            raise UnreadableSource(f"{raw.name}: {wrong}") from None
    columns = _columns_of(value, orient)
    if columns is None:
        raise UnreadableSource(f"{raw.name} is no table oriented by {orient}")
    if not columns:
        raise UnreadableSource(f"{raw.name} has no columns")
    return ColumnsSource(raw, columns, wanted)


def _columns_of(value: Any, orient: str) -> Columns | None:
    """The columns, or None where the value is not oriented so."""
    if orient == "columns" and is_of_columns(value):
        return {name: dict(enumerate(one)) if isinstance(one, list) else one for name, one in value.items()}
    if orient == "index" and isinstance(value, dict) and all(isinstance(one, dict) for one in value.values()):
        names = dict.fromkeys(name for row in value.values() for name in row)
        return {name: {label: row.get(name) for label, row in value.items()} for name in names}
    if orient == "split" and isinstance(value, dict):
        return _columns_of_rows(value.get("columns"), value.get("data"))
    if orient == "values" and isinstance(value, list) and value and isinstance(value[0], list):
        return _columns_of_rows(range(len(value[0])), value)
    return None


def _columns_of_rows(labels: Any, rows: Any) -> Columns | None:
    if not isinstance(labels, list | range) or not isinstance(rows, list):
        return None
    if any(not isinstance(row, list) or len(row) != len(labels) for row in rows):
        return None
    names = [str(label) for label in labels]
    if len(set(names)) < len(names):
        return None
    return {name: {label: row[i] for label, row in enumerate(rows)} for i, name in enumerate(names)}


class ColumnsSource:
    """A table that is in memory; rows are the labels of all columns, in order of appearance."""

    def __init__(self, raw: Raw, columns: Columns, wanted: Wanted) -> None:
        self.name = raw.name
        self._raw = raw
        self._labels = list(dict.fromkeys(label for column in columns.values() for label in column))
        self._columns = {
            name: {label: wanted.value(name, one, where=f"{raw.name}, row {label}") for label, one in column.items()}
            for name, column in columns.items()
        }
        observed = Observed(raw.name, wanted)
        for name, column in self._columns.items():
            observed.types.setdefault(name, wanted.of(name) or NO_ROWS)
            for row, label in enumerate(self._labels, start=1):
                observed.add({name: column.get(label)}, row)
        self._schema = observed.schema()

    may_widen = False

    def schema(self) -> Schema:
        return self._schema

    def batches(self) -> "Generator[pa.RecordBatch, None, None]":
        import pyarrow as pa

        schema = schema_to_arrow(self._schema)
        for start in range(0, len(self._labels), BATCH_ROWS):
            labels = self._labels[start : start + BATCH_ROWS]
            arrays = [
                pa.array([self._columns[one.name].get(label) for label in labels], one.type, from_pandas=True)
                for one in schema
            ]
            yield pa.RecordBatch.from_arrays(arrays, schema=schema)

    def is_repeatable(self) -> bool:
        return True

    def verbatim_file(self) -> EncodedPart | None:
        return None

    def notes(self) -> tuple[str, ...]:
        return ()

    def close(self) -> None:
        self._raw.close()
