"""The pandas bridge: a DataFrame as a typed source. It is never changed, its index never slips in."""

from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, Any

from attrs import define, field

from comotion.adapters.readers.frame_columns import column_to_arrow
from comotion.adapters.readers.lake_types import in_lake_types, lake_schema
from comotion.adapters.readers.types import schema_from_arrow
from comotion.domain.errors import DataWarning, InvalidArgument, UnreadableSource
from comotion.domain.schema import Schema
from comotion.domain.warned import warn
from comotion.ports.tables import EncodedPart, SourceSpec

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

BATCH_ROWS = 64 * 1024


@define(eq=False)
class FrameSource:
    """The columns of a frame as Arrow; those that pandas keeps in Arrow or numpy buffers are not copied.

    Attributes
    ----------
    is_from_file : bool
        Whether the remedy for a wrong column is an argument (``dtype=``) or a change of the frame.
    """

    name: str
    frame: "pd.DataFrame" = field(repr=False)
    _notes: tuple[str, ...] = ()
    is_from_file: bool = False
    _table: "pa.Table | None" = field(default=None, repr=False)

    def schema(self) -> Schema:
        schema = lake_schema(self._arrow().schema, source=self.name)
        return schema_from_arrow(schema, has_rows=len(self.frame) > 0)

    def batches(self) -> "Generator[pa.RecordBatch, None, None]":
        table = self._arrow()
        pieces = table.to_batches(max_chunksize=BATCH_ROWS)
        yield from in_lake_types(pieces, lake_schema(table.schema, source=self.name), source=self.name)

    def frames(self, rows: int | None) -> "Iterator[pd.DataFrame]":
        """Copies of the frame's rows, ``rows`` at a time, for a hook that may edit them."""
        step = rows or max(1, len(self.frame))
        for start in range(0, max(1, len(self.frame)), step):
            yield self.frame.iloc[start : start + step].copy()

    def is_repeatable(self) -> bool:
        return True

    def verbatim_file(self) -> EncodedPart | None:
        return None

    def notes(self) -> tuple[str, ...]:
        return self._notes

    def close(self) -> None:
        self._table = None

    def _arrow(self) -> "pa.Table":
        if self._table is None:
            self._table = to_table(self.frame, source=self.name, is_from_file=self.is_from_file)
        return self._table


def to_table(frame: "pd.DataFrame", *, source: str, is_from_file: bool = False) -> "pa.Table":
    """The columns of a frame, without its index, under their names as text.

    Raises
    ------
    UnreadableSource
        There are no columns.
    DataError
        A column that holds values of several kinds, or of one that Arrow does not know; names column and row.
    """
    import pyarrow as pa

    if not frame.columns.size:
        raise UnreadableSource(f"{source} has no columns")
    names = [column_name(label) for label in frame.columns]
    columns = [
        column_to_arrow(
            frame.iloc[:, position],
            what=f"{source}: column {name!r}",
            remedy=f"pass dtype={{{label!r}: 'str'}}" if is_from_file else "convert it, for example with astype(str)",
        )
        for position, (name, label) in enumerate(zip(names, frame.columns, strict=True))
    ]
    return pa.Table.from_arrays(columns, names=names)


def column_name(label: object) -> str:
    """A column's label as text; the levels of a MultiIndex are joined by underscores."""
    if isinstance(label, tuple):
        return "_".join(str(level) for level in label if str(level) != "")
    return str(label)


def open_frame(spec: SourceSpec) -> FrameSource:
    """A pandas DataFrame.

    Raises
    ------
    InvalidArgument
        Reading arguments were given: there is nothing to parse; or another object of pandas.
    """
    import pandas as pd

    if spec.options:
        raise InvalidArgument(f"{spec.name} is a DataFrame already: {', '.join(spec.options)} cannot be applied to it")
    frame: Any = spec.data
    if not isinstance(frame, pd.DataFrame):
        raise InvalidArgument(f"{spec.name} is no DataFrame: pass series.to_frame(name), or a frame of it")
    return source_of_frame(frame, name=spec.name, index=spec.index)


def source_of_frame(
    frame: "pd.DataFrame", *, name: str, index: bool, notes: tuple[str, ...] = (), is_from_file: bool = False
) -> FrameSource:
    """A frame with its index as columns, or without it; a named one that is left out is a warning and a note."""
    if index:
        return FrameSource(name, frame.reset_index(allow_duplicates=True), notes, is_from_file)
    left_out = index_left_out(frame)
    if left_out is not None:
        note = f"{left_out}; pass index=True, or reset_index() first"
        warn(f"{name}: {note}", DataWarning)
        notes = (*notes, note)
    return FrameSource(name, frame, notes, is_from_file)


def index_left_out(frame: "pd.DataFrame") -> str | None:
    """That an index with a name is left out, in words; None where there is none."""
    named = [repr(str(level)) for level in frame.index.names if level is not None]
    return f"the index {', '.join(named)} is not uploaded" if named else None
