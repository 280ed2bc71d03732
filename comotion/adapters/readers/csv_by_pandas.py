"""A CSV text whose values pandas reads, in chunks: the types are still those of the whole file.

What a chunk's dtype says of a column joins what earlier chunks said, as in ``csv_source``; a column that is text in
any chunk is the text of the source in all of them.
"""

from collections.abc import Generator, Iterable
from contextlib import closing
from typing import TYPE_CHECKING

from attrs import define, field

from comotion.adapters.readers.csv_fields import count_leading_zeros, look_at_large, null_flag
from comotion.adapters.readers.csv_head import Head
from comotion.adapters.readers.csv_notes import Notes
from comotion.adapters.readers.csv_options import CsvPlan
from comotion.adapters.readers.csv_rows import Rows
from comotion.adapters.readers.csv_values import PandasValues
from comotion.adapters.readers.frame import column_name
from comotion.adapters.readers.frame_columns import column_to_arrow
from comotion.adapters.readers.lake_types import lake_type
from comotion.adapters.readers.raw import Raw
from comotion.adapters.readers.types import cast_exactly, from_arrow, schema_to_arrow, to_arrow
from comotion.domain.errors import LossyValue, SchemaConflict
from comotion.domain.schema import (
    EXACT_IN_DOUBLE,
    Column,
    ColumnType,
    Float,
    Int,
    Schema,
    SchemaWidened,
    Seen,
    Text,
    Timestamp,
    Unseen,
    join,
    lost_digits,
    pandas_type,
)
from comotion.ports.tables import EncodedPart

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa


@define
class _Known:
    """What the chunks so far said of one column: of pandas' guesses, and of types that are beyond guessing."""

    seen: Seen = Seen.NOTHING
    typed: ColumnType = field(factory=Unseen)
    typed_when_null: ColumnType | None = None
    """What a column without a value is, where pandas gives it a type all the same (``parse_dates``)."""
    is_forced: bool = False
    """Whether the user asked for the type, so that nothing is lost without their knowledge."""

    def type(self) -> ColumnType | None:
        """The column's type; None where its types cannot be one."""
        if isinstance(self.typed, Unseen):
            guessed = pandas_type(self.seen)
            return self.typed_when_null or guessed if isinstance(guessed, Unseen) else guessed
        if self.seen & ~Seen.NULL:
            return Text() if isinstance(pandas_type(self.seen), Text) else join(self.typed, pandas_type(self.seen))
        return self.typed


class PandasCsvSource:
    """Rows of text under the types that pandas gives them with the user's arguments."""

    def __init__(self, raw: Raw, rows: Rows, head: Head, plan: CsvPlan) -> None:
        self.name = raw.name
        self._raw = raw
        self._rows = rows
        self._head = head
        self._plan = plan
        self._values = PandasValues(plan, head, name=raw.name)
        self._known = [_Known(is_forced=self._values.is_forced(i)) for i in range(len(head.chosen))]
        self._schema: Schema | None = None
        self._zeros_lost = [0] * len(head.chosen)
        self._notes = Notes(raw.name)

    def schema(self) -> Schema:
        if self._schema is None:
            with closing(self._rows.batches()) as batches:
                first = next(batches, None)
            if first is not None:
                self._look(first, self._values.read(first, 0), 0)
            self._settle()
        assert self._schema is not None
        return self._schema

    def batches(self) -> "Generator[pa.RecordBatch, None, None]":
        import pyarrow as pa

        schema = self.schema()
        arrow_schema = schema_to_arrow(schema)
        self._zeros_lost = [0] * len(self._known)
        rows = 0
        with closing(self._rows.batches()) as batches:
            for texts in filter(len, batches):
                frame = self._values.read(texts, rows)
                self._look(texts, frame, rows)
                if self._types() != [column.type for column in schema.columns]:
                    self._look_at_all(batches, rows + len(texts))
                    raise SchemaWidened(self._settle())
                arrays = [self._array(i, texts, frame, column.type, rows) for i, column in enumerate(schema.columns)]
                yield pa.RecordBatch.from_arrays(arrays, schema=arrow_schema)
                rows += len(texts)
        self._say_what_was_done()

    def _array(
        self, i: int, texts: "pa.RecordBatch", frame: "pd.DataFrame", type_: ColumnType, rows: int
    ) -> "pa.Array":
        import pyarrow as pa

        if isinstance(type_, Text) and self._plan.is_result and not self._known[i].is_forced:
            return texts.column(i)
        column = frame.iloc[:, i]
        what = f"{self.name}: column {self._name(i)!r}"
        array = column_to_arrow(column, what=what)
        if isinstance(type_, Text) and not isinstance(from_arrow(array.type), Text):
            array = column_to_arrow(self._values.texts(texts, i, rows), what=what)
        if isinstance(array, pa.ChunkedArray):
            array = array.combine_chunks()
        if isinstance(type_, Int | Float) and not self._known[i].is_forced:
            self._zeros_lost[i] += count_leading_zeros(texts.column(i))
        return cast_exactly(array, to_arrow(type_), what=what)

    def _look(self, texts: "pa.RecordBatch", frame: "pd.DataFrame", rows: int) -> None:
        for i, known in enumerate(self._known):
            column = frame.iloc[:, i]
            seen = _seen_in(column, texts.column(i))
            if seen is None:
                what = f"{self.name}: column {self._name(i)!r}"
                array = column_to_arrow(column, what=what)
                self._join_typed(known, from_arrow(lake_type(array.type, what=what)), i)
                known.seen |= null_flag(array) if isinstance(known.typed, Unseen) else Seen.NOTHING
            else:
                known.seen |= seen
                if seen == Seen.NULL and _is_of_times(column):
                    known.typed_when_null = Timestamp("us")
            if lost_digits(known.seen) and isinstance(known.typed, Unseen) and not known.is_forced:
                self._refuse_lossy(i, rows)

    def _join_typed(self, known: _Known, type_: ColumnType, i: int) -> None:
        joined = join(known.typed, type_)
        if joined is None and (
            isinstance(type_, Text)
            or isinstance(known.typed, Text)
            or (isinstance(type_, Timestamp) and isinstance(known.typed, Timestamp))  # zones that differ: no one dtype
        ):
            joined = Text()
        if joined is None:
            raise SchemaConflict(
                f"{self.name}: column {self._name(i)!r} is {known.typed} in its first rows and {type_} later; "
                "pass a dtype for it"
            )
        known.typed = joined

    def _look_at_all(self, batches: "Iterable[pa.RecordBatch]", rows: int) -> None:
        for texts in filter(len, batches):
            self._look(texts, self._values.read(texts, rows), rows)
            rows += len(texts)

    def _types(self) -> list[ColumnType]:
        return [known.type() or Text() for known in self._known]

    def _settle(self) -> Schema:
        names = [self._name(i) for i in range(len(self._known))]
        self._schema = Schema(tuple(map(Column, names, self._types())))
        return self._schema

    def _name(self, i: int) -> str:
        return column_name(self._head.chosen_names[i])

    def _refuse_lossy(self, i: int, rows: int) -> None:
        name = self._name(i)
        raise LossyValue(
            f"{self.name}: column {name!r} holds, after row {rows}, an integer that would lose digits; "
            f"pass dtype={{{name!r}: 'Int64'}} or 'str' to keep them"
        )

    def _say_what_was_done(self) -> None:
        no_dates = [
            f"column {self._name(i)!r} holds what is no date and stays text; pass date_format= as it is written"
            for i, type_ in enumerate(self._types())
            if self._values.is_date(i) and isinstance(type_, Text)
        ]
        lost = ((self._name(i), count) for i, count in enumerate(self._zeros_lost))
        self._notes.say(lost, padded=self._rows.padded, others=no_dates)

    def notes(self) -> tuple[str, ...]:
        return self._notes.kept or ()

    def is_repeatable(self) -> bool:
        return True

    def verbatim_file(self) -> EncodedPart | None:
        return None

    def close(self) -> None:
        self._raw.close()


def _is_of_times(column: "pd.Series") -> bool:
    """Whether pandas parsed dates in a column, or would have: NULLs alone have no zone and no unit."""
    import numpy as np

    return isinstance(column.dtype, np.dtype) and column.dtype.kind == "M"


def _seen_in(column: "pd.Series", texts: "pa.StringArray") -> Seen | None:
    """What a chunk's dtype says of a column that pandas guessed; None where the type is beyond guessing."""
    import numpy as np
    import pandas as pd

    has_null = bool(column.isna().any())
    null = Seen.NULL if has_null else Seen.NOTHING
    is_plain = column.dtype in (np.dtype("float64"), np.dtype("object")) or _is_of_times(column)
    if has_null and is_plain and column.isna().all():
        return Seen.NULL
    if isinstance(column.dtype, pd.StringDtype):
        return Seen.TEXT | null
    if column.dtype == np.dtype("bool"):
        return Seen.BOOL
    if column.dtype == np.dtype("int64"):
        return Seen.INTEGER | (Seen.NEGATIVE if len(column) and column.min() < 0 else Seen.NOTHING)
    if column.dtype == np.dtype("uint64"):
        return Seen.INTEGER | Seen.BEYOND_INT64
    if column.dtype == np.dtype("float64"):
        filled = column.dropna()
        is_whole = has_null and bool((filled == filled.round()).all())
        large = look_at_large(texts) if bool((filled.abs() >= EXACT_IN_DOUBLE).any()) else Seen.NOTHING
        return (Seen.INTEGER if is_whole else Seen.FLOAT) | null | large
    if column.dtype == np.dtype("object"):
        kinds = {type(value) for value in column.dropna()}
        if kinds == {bool}:
            return Seen.BOOL | null
        if kinds == {int}:
            return Seen.INTEGER | Seen.BEYOND_UINT64 | null
        if kinds == {str}:
            return Seen.TEXT | null
    return None
