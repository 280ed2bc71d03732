"""``modify_lambda``: what the user's function makes of a source, frame by frame, typed once for the load.

Every row passes the function exactly once, under the types its column has in the whole source. What comes out
is kept on disk, so that a later frame that needs a wider type costs no second call.
"""

import contextlib
from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, cast

from comotion.adapters.readers.kept_tables import KeptTables
from comotion.adapters.readers.types import from_arrow, schema_from_arrow, schema_to_arrow, to_arrow
from comotion.domain.errors import DataWarning, InvalidArgument, SchemaConflict
from comotion.domain.schema import Column, Decimal, ListOf, Schema, SchemaWidened, Struct, Unseen, join
from comotion.domain.warned import warn
from comotion.ports.tables import EncodedPart, Hook, Source, SourceSpec

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa


def hooked(source: Source, spec: SourceSpec) -> Source:
    """``source`` as it is, or as ``spec.hook`` changes it."""
    if spec.hook is None:
        return source
    return HookedSource(source, spec.hook, rows_per_frame=spec.rows_per_frame, settles=not spec.verbatim)


class HookedSource:
    """What a function makes of the frames of a source.

    Parameters
    ----------
    rows_per_frame : int or None
        How many rows the function sees at a time; None is the whole source in one frame.
    settles : bool
        Whether all batches have one schema; where fields are text and parts are CSV, none is needed.
    """

    def __init__(self, source: Source, hook: Hook, *, rows_per_frame: int | None, settles: bool = True) -> None:
        self._source = source
        self._hook = hook
        self._rows_per_frame = rows_per_frame
        self._settles = settles
        self._kept = KeptTables(self._run, of=source.name, join=self._join if settles else None)
        self._notes: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return self._source.name

    def schema(self) -> Schema:
        return self._kept.schema()

    def batches(self) -> "Generator[pa.RecordBatch, None, None]":
        return self._kept.batches(source=self.name)

    def _run(self) -> "Iterator[pa.Table]":
        from comotion.adapters.readers.frame import index_left_out, to_table
        from comotion.adapters.readers.lake_types import lake_table

        for frame in frames_of(self._source, self._rows_per_frame):
            result = self._call(frame)
            self._take_note(index_left_out(result))
            table = to_table(result, source=self.name)
            if self._settles:
                if not hasattr(self._source, "frames"):  # a frame has no other types than pandas sees
                    table = _under_types_of(table, self._source.schema())
                table = lake_table(table, source=self.name)
            yield table

    def _call(self, frame: "pd.DataFrame") -> "pd.DataFrame":
        import pandas as pd

        result = self._hook(frame)
        if isinstance(result, pd.DataFrame):
            return result
        if result is None or isinstance(result, pd.Series):  # a Series is what df.pop("x") leaves behind
            return frame
        raise InvalidArgument(
            f"modify_lambda returned {type(result).__name__}; it returns a DataFrame, or None if it changed its own"
        )

    def _take_note(self, left_out: str | None) -> None:
        """Say once what the function hid in an index: what it groups by is a column no more."""
        if left_out is not None and not self._notes:
            self._notes = (f"{left_out}: modify_lambda made it; return the frame with reset_index()",)
            warn(f"{self.name}: {self._notes[0]}", DataWarning)

    def _join(self, schema: Schema, table: "pa.Table") -> Schema:
        types = {column.name: column.type for column in schema_from_arrow(table.schema).columns}
        if set(types) != set(schema.names):
            differing = sorted(set(types) ^ set(schema.names))
            raise SchemaConflict(
                f"{self.name}: modify_lambda gives each frame the same columns; not all have {differing[0]!r}"
            )
        joined = []
        for column in schema.columns:
            type_ = join(column.type, types[column.name])
            if type_ is None:
                raise SchemaConflict(
                    f"{self.name}: modify_lambda makes column {column.name!r} {column.type} in one frame and "
                    f"{types[column.name]} in another; give it one type, for example with astype"
                )
            joined.append(Column(column.name, type_))
        return Schema(tuple(joined))

    def is_repeatable(self) -> bool:
        return True

    def verbatim_file(self) -> EncodedPart | None:
        return None

    def notes(self) -> tuple[str, ...]:
        return (*self._source.notes(), *self._notes)

    def close(self) -> None:
        self._kept.close()
        self._source.close()


def frames_of(source: Source, rows: int | None) -> "Iterator[pd.DataFrame]":
    """The source as frames of ``rows`` rows, or as one; its types are settled before the first is made."""
    own = getattr(source, "frames", None)
    if own is not None:
        yield from own(rows)
        return
    if rows is not None and getattr(source, "may_widen", True):
        _settle(source)
    empty = schema_to_arrow(source.schema()).empty_table()
    made = 0
    for table in _tables(source, rows):
        yield frame_of(table)
        made += 1
    if not made:
        yield frame_of(empty)


def _settle(source: Source) -> None:
    while True:
        try:
            for _ in source.batches():
                pass
            return
        except SchemaWidened:
            continue


def _tables(source: Source, rows: int | None) -> "Iterator[pa.Table]":
    """The batches of the source, ``rows`` at a time; all of them where ``rows`` is None."""
    import pyarrow as pa

    waiting: list[pa.RecordBatch] = []
    if rows is None:
        while not waiting:
            try:
                waiting = [cast("pa.RecordBatch", batch) for batch in source.batches()]
                break
            except SchemaWidened:
                continue
        if waiting:
            yield pa.Table.from_batches(waiting)
        return
    size = 0
    for batch in source.batches():
        rest = cast("pa.RecordBatch", batch)
        while size + len(rest) >= rows:
            yield pa.Table.from_batches([*waiting, rest.slice(0, rows - size)])
            rest, waiting, size = rest.slice(rows - size), [], 0
        if len(rest):
            waiting.append(rest)
            size += len(rest)
    if waiting:
        yield pa.Table.from_batches(waiting)


def frame_of(table: "pa.Table") -> "pd.DataFrame":
    """A frame with the values of ``table``; whole numbers with NULLs are nullable integers, never rounded.

    Lists and structs are lists and dicts: as arrays, whole numbers among NULLs would be rounded.
    """
    import pandas as pd
    import pyarrow as pa

    columns: dict[int, object] = {}
    for position, column in enumerate(table.columns):
        if pa.types.is_map(column.type):  # as objects, its keys and values would be of several kinds
            columns[position] = pd.Series(pd.arrays.ArrowExtensionArray(column))
        elif pa.types.is_nested(column.type):
            columns[position] = pd.Series(column.to_pylist(), dtype=object)
        elif pa.types.is_integer(column.type) and column.null_count:
            name = f"{'UInt' if pa.types.is_unsigned_integer(column.type) else 'Int'}{column.type.bit_width}"
            nullable = getattr(pd, f"{name}Dtype")()
            columns[position] = pd.Series(nullable.__from_arrow__(column))
        else:
            columns[position] = column.to_pandas()
    frame = pd.DataFrame(columns, index=pd.RangeIndex(table.num_rows))
    frame.columns = pd.Index(table.column_names)
    return frame


def _under_types_of(table: "pa.Table", before: Schema) -> "pa.Table":
    """``table`` with the types its columns had in the source, where pandas has none: NULLs, decimals, lists, structs.

    What is told from objects is told from those of one frame; where the source's type does not hold them, it stays.
    """
    import pyarrow as pa

    types = {column.name: column.type for column in before.columns}
    for position, own in enumerate(table.schema):
        seen, was = from_arrow(own.type), types.get(own.name)
        if isinstance(was, Unseen) and table.column(position).null_count == len(table):  # double or text to pandas
            table = table.set_column(position, own.with_type(pa.null()), pa.nulls(len(table)))
        if was is None or not isinstance(seen, Unseen | Decimal | ListOf | Struct) or join(seen, was) is None:
            continue
        with contextlib.suppress(pa.ArrowInvalid, pa.ArrowNotImplementedError):
            column = table.column(position).cast(to_arrow(was))
            table = table.set_column(position, own.with_type(column.type), column)
    return table
