"""A CSV text as a source: the types that pandas.read_csv of the whole file would give, one schema for all batches.

Types are told from the first block. A later value that does not fit is no error: the rest of the text is looked at
once, the schema is widened, and whoever reads this source begins again.
"""

import itertools
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import closing
from typing import TYPE_CHECKING, NoReturn

from comotion.adapters.readers.csv_columns import Values, checked, first_large, read_as
from comotion.adapters.readers.csv_dtype import read_forced
from comotion.adapters.readers.csv_fields import first_row
from comotion.adapters.readers.csv_head import Head
from comotion.adapters.readers.csv_look import look
from comotion.adapters.readers.csv_notes import Notes
from comotion.adapters.readers.csv_rows import NeedsText, Rows
from comotion.adapters.readers.frame import column_name
from comotion.adapters.readers.raw import Raw
from comotion.adapters.readers.types import schema_to_arrow, to_arrow
from comotion.domain.errors import LossyValue
from comotion.domain.schema import (
    Bool,
    Column,
    ColumnType,
    Float,
    Int,
    Schema,
    SchemaWidened,
    Seen,
    Text,
    lost_digits,
    pandas_type,
)
from comotion.ports.tables import EncodedPart

if TYPE_CHECKING:
    import pyarrow as pa

_TEXT = Text()
_WATCHED = (Seen.LARGE, Seen.ROUNDED, Seen.BEYOND_INT64, Seen.BEYOND_UINT64)


class CsvSource:
    """Rows of text under the types pandas would give them.

    Parameters
    ----------
    forced : mapping of column name to ColumnType
        Types the user asked for (``dtype=``); all columns are Text where the source is read verbatim.
    nullable : frozenset of column name
        Those of them whose type takes NULLs where pandas' own does not.
    """

    def __init__(
        self,
        raw: Raw,
        rows: Rows,
        head: Head,
        *,
        forced: Mapping[object, ColumnType],
        nullable: frozenset[object] = frozenset(),
    ) -> None:
        self.name = raw.name
        self._raw = raw
        self._rows = rows
        self._names = [column_name(name) for name in head.chosen_names]
        self._forced = {i: forced[name] for i, name in enumerate(head.chosen_names) if name in forced}
        self._takes_nulls = {i for i, name in enumerate(head.chosen_names) if name in nullable}
        self._seen = [Seen.NOTHING] * len(self._names)
        self._first_rows: dict[tuple[int, Seen], int] = {}
        self._schema: Schema | None = None
        self._is_whole_known = False
        self._zeros_lost = [0] * len(self._names)
        self._notes = Notes(raw.name)

    def schema(self) -> Schema:
        if self._schema is None:
            with closing(self._rows.batches()) as batches:
                self._look(next(batches, None), 0)
            if self._lossy() is not None:  # unless the column turns out to be text
                with closing(self._rows.batches()) as batches:
                    self._look_at_all(batches, 0)
            self._settle()
        assert self._schema is not None
        return self._schema

    def batches(self) -> "Generator[pa.RecordBatch, None, None]":
        import pyarrow as pa

        schema = self.schema()
        arrow_schema = schema_to_arrow(schema)
        self._zeros_lost = [0] * len(self._names)
        wanted = self._columns_to_read(schema)
        rows = 0
        with_negatives = self._has_negatives()
        with closing(self._rows.typed(self._numbers(schema), with_negatives=with_negatives)) as batches:
            try:
                for batch in batches:
                    arrays = self._read(batch, wanted, rows)
                    if arrays is None or self._has_negatives() != with_negatives:
                        raise NeedsText
                    yield pa.RecordBatch.from_arrays(arrays, schema=arrow_schema)
                    rows += len(batch)
            except NeedsText:
                is_done = False
            else:
                is_done = True
        if not is_done:
            yield from self._rest_as_text(schema, arrow_schema, rows)
        self._is_whole_known = True
        self._notes.say(zip(self._names, self._zeros_lost, strict=True), padded=self._rows.padded)

    def _has_negatives(self) -> bool:
        return any(Seen.NEGATIVE in seen for seen in self._seen)

    def _numbers(self, schema: Schema) -> "dict[int, pa.DataType]":
        """The columns that Arrow may read itself, as long as nothing in the text speaks against it."""
        return {
            i: to_arrow(column.type)
            for i, column in enumerate(schema.columns)
            if i not in self._forced and isinstance(column.type, Int | Float | Bool)
        }

    def _rest_as_text(self, schema: Schema, arrow_schema: "pa.Schema", rows: int) -> "Iterator[pa.RecordBatch]":
        import pyarrow as pa

        wanted = self._columns_to_read(schema)
        with closing(self._rows.batches(rows)) as batches:
            for texts in batches:
                arrays = self._read(texts, wanted, rows)
                if arrays is None:
                    self._look_at_all(itertools.chain([texts], batches), rows)
                    raise SchemaWidened(self._settle())
                yield pa.RecordBatch.from_arrays(arrays, schema=arrow_schema)
                rows += len(texts)

    def _read(
        self, texts: "pa.RecordBatch", wanted: list[tuple[int, ColumnType]], rows: int
    ) -> "list[pa.Array] | None":
        """The columns of one batch, those ``wanted`` under their types; None where something does not fit."""
        arrays: list[pa.Array] = texts.columns
        for i, type_ in wanted:
            values = self._read_column(i, arrays[i], type_, rows)
            if values is None:
                return None
            self._zeros_lost[i] += values.zeros_lost
            if values.seen not in self._seen[i]:
                self._take_note(i, arrays[i], values.seen, rows)
                if lost_digits(self._seen[i]):
                    return None
            arrays[i] = values.array
        return arrays

    def _columns_to_read(self, schema: Schema) -> list[tuple[int, ColumnType]]:
        """All but those whose texts are their values."""
        return [(i, one.type) for i, one in enumerate(schema.columns) if i in self._forced or one.type != _TEXT]

    def _read_column(self, i: int, texts: "pa.Array", type_: ColumnType, rows: int) -> Values | None:
        import pyarrow as pa

        if not pa.types.is_string(texts.type):
            return checked(texts, type_)
        if i not in self._forced:
            return read_as(texts, type_)
        values = read_forced(texts, type_, takes_nulls=i in self._takes_nulls)
        if values is None:
            self._refuse_forced(i, texts, type_, rows)
        return values

    # Looking -------------------------------------------------------------------------------------

    def _look(self, texts: "pa.RecordBatch | None", rows: int) -> None:
        if texts is None:
            return
        for i in range(len(self._names)):
            if i not in self._forced:
                known = self._seen[i]
                self._take_note(i, texts.column(i), look(texts.column(i), known), rows)

    def _take_note(self, i: int, texts: "pa.Array", seen: Seen, rows: int) -> None:
        import pyarrow as pa

        for flag in _WATCHED:
            if flag in seen and flag not in self._seen[i]:
                row = first_row(texts, flag) if pa.types.is_string(texts.type) else first_large(texts)
                if row is not None:
                    self._first_rows[i, flag] = rows + row
        self._seen[i] |= seen

    def _look_at_all(self, batches: "Iterable[pa.RecordBatch]", rows: int) -> None:
        for texts in batches:
            self._look(texts, rows)
            rows += len(texts)
        self._is_whole_known = True
        lossy = self._lossy()
        if lossy is not None:
            self._refuse_lossy(lossy)

    def _settle(self) -> Schema:
        types = [self._forced.get(i) or pandas_type(seen) for i, seen in enumerate(self._seen)]
        self._schema = Schema(tuple(map(Column, self._names, types)))
        return self._schema

    def _lossy(self) -> int | None:
        return next((i for i, seen in enumerate(self._seen) if lost_digits(seen)), None)

    # Refusing ------------------------------------------------------------------------------------

    def _refuse_lossy(self, i: int) -> NoReturn:
        flag = lost_digits(self._seen[i])
        row = self._first_rows.get((i, flag))
        where = self.name if row is None else self._rows.where(row)
        name = self._names[i]
        why = {
            Seen.BEYOND_UINT64: "is beyond 64 bits",
            Seen.BEYOND_INT64: "is beyond 63 bits, in a column with negative numbers or NULLs",
            Seen.LARGE: "is beyond 2**53, in a column of whole numbers with NULLs, which is read as double",
        }.get(flag, "would be rounded to a double")
        remedy = f"dtype={{{name!r}: 'str'}}"
        if flag == Seen.LARGE:
            remedy = f"dtype={{{name!r}: 'Int64'}} (or 'str')"
        raise LossyValue(f"{where}: column {name!r} holds an integer that {why}; pass {remedy} to keep its digits")

    def _refuse_forced(self, i: int, texts: "pa.StringArray", type_: ColumnType, rows: int) -> NoReturn:
        nullable = i in self._takes_nulls
        fits = (read_forced(texts.slice(k, 1), type_, takes_nulls=nullable) is not None for k in range(len(texts)))
        at = next(k for k, one in enumerate(fits) if not one)
        text = texts[at].as_py()
        held = "a NULL" if text is None else repr(text[:40])
        hint = "; a nullable dtype such as 'Int64' takes NULLs" if text is None else ""
        raise LossyValue(f"{self._rows.where(rows + at)}: column {self._names[i]!r} holds {held}, not {type_}{hint}")

    def notes(self) -> tuple[str, ...]:
        return self._notes.kept or ()

    @property
    def may_widen(self) -> bool:
        """Whether a later value can still change the schema."""
        types = {column.type for column in self.schema().columns}
        return not self._is_whole_known and types != {Text()}

    def is_repeatable(self) -> bool:
        return True

    def verbatim_file(self) -> EncodedPart | None:
        return None

    def close(self) -> None:
        self._raw.close()
