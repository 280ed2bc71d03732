"""Records of JSON as a source: parsed by Arrow under types told from the first records, in bounded memory.

Where Arrow meets a value that does not fit, every record is looked at once, the schema is widened, and whoever
reads this source begins again.
"""

from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, BinaryIO, cast

from comotion.adapters.readers.json_dtype import Wanted
from comotion.adapters.readers.json_records import RecordsAsLines, records
from comotion.adapters.readers.json_types import Observed
from comotion.adapters.readers.lake_types import lake_schema
from comotion.adapters.readers.raw import Raw
from comotion.adapters.readers.types import schema_to_arrow, to_arrow
from comotion.domain.errors import UnreadableSource
from comotion.domain.schema import EXACT_IN_DOUBLE, ColumnType, ListOf, Schema, SchemaWidened, Struct, Unseen
from comotion.ports.tables import EncodedPart

if TYPE_CHECKING:
    import pyarrow as pa

GLANCE_BYTES = 1 << 20
BLOCK_BYTES = 1 << 20
LARGEST_BLOCK_BYTES = 1 << 30


class JsonSource:
    """Records, in an array or one a line.

    Parameters
    ----------
    wanted : Wanted
        The types that the user asked for.
    settles : bool
        Whether all records are looked at before the schema is told, so that it never widens.
    """

    def __init__(self, raw: Raw, *, is_array: bool, wanted: Wanted, settles: bool = False) -> None:
        self.name = raw.name
        self._raw = raw
        self._is_array = is_array
        self._wanted = wanted
        self._settles = settles
        self._schema: Schema | None = None
        self._is_whole_known = False
        self._block_bytes = BLOCK_BYTES

    @property
    def may_widen(self) -> bool:
        """Whether a later value can still change the schema."""
        return not self._is_whole_known

    def schema(self) -> Schema:
        if self._schema is None:
            self._schema = self._look(None if self._settles else GLANCE_BYTES)
        return self._schema

    def batches(self) -> "Generator[pa.RecordBatch, None, None]":
        import pyarrow as pa

        schema = self.schema()
        target = schema_to_arrow(schema)
        done = 0
        while True:
            try:
                for batch in self._parsed(schema, skip=done):
                    if not self._is_whole_known and _may_be_rounded(batch):
                        self._widen(schema, "")
                    done += len(batch)
                    yield _without_nan(batch.cast(target))
                break
            except pa.ArrowInvalid as wrong:
                if "straddl" not in str(wrong) or self._block_bytes * 8 > LARGEST_BLOCK_BYTES:
                    self._widen(schema, str(wrong))
                self._block_bytes *= 8
        self._is_whole_known = True

    def _parsed(self, schema: Schema, skip: int) -> "Iterator[pa.RecordBatch]":
        import pyarrow as pa

        parsed = pa.schema([pa.field(one.name, _as_parsed(one.type)) for one in schema.columns])
        with self._stream() as stream:
            for batch in self._read(stream, parsed):
                if skip < len(batch):
                    yield batch.slice(skip)
                skip = max(skip - len(batch), 0)

    def _read(self, stream: BinaryIO, parsed: "pa.Schema") -> "Iterator[pa.RecordBatch]":
        import pyarrow as pa
        import pyarrow.json as arrow_json

        try:
            yield from arrow_json.open_json(
                pa.PythonFile(stream, mode="r"),
                read_options=arrow_json.ReadOptions(use_threads=False, block_size=self._block_bytes),
                parse_options=arrow_json.ParseOptions(
                    explicit_schema=parsed, newlines_in_values=self._is_array, unexpected_field_behavior="error"
                ),
            )
        except pa.ArrowInvalid as wrong:
            if "Empty JSON" not in str(wrong):
                raise

    def _stream(self) -> BinaryIO:
        if not self._is_array and not self._wanted:
            return self._raw.open()
        return cast(BinaryIO, RecordsAsLines(self._raw, is_array=self._is_array, wanted=self._wanted))

    def _look(self, size: int | None) -> Schema:
        """The schema of the records in the first ``size`` characters, or of all. Raises DataError."""
        observed, read, before = Observed(self.name, self._wanted), 0, 0
        for record in records(self._raw, is_array=self._is_array, wanted=self._wanted):
            if not self._is_array and before == record.line:
                raise UnreadableSource(f"{self.name}, line {record.line}: two records stand on one line")
            before = record.line + record.text.count("\n")
            observed.add(record.value, record.line)
            read += len(record.text)
            if size is not None and read > size:
                break
        else:
            self._is_whole_known = True
        if not observed.types:
            raise UnreadableSource(f"{self.name} is empty: there is no record with a value in it")
        schema = observed.schema()
        lake_schema(schema_to_arrow(schema), source=self.name)  # refuses what no lake can hold, a struct of nothing
        return schema

    def _widen(self, before: Schema, why: str) -> None:
        """Look at every record; raises SchemaWidened, or what is wrong with the text."""
        was_whole_known = self._is_whole_known
        self._schema = self._look(None)
        if was_whole_known and self._schema == before:
            raise UnreadableSource(f"{self.name}: {why}")
        raise SchemaWidened(self._schema)

    def is_repeatable(self) -> bool:
        return True

    def verbatim_file(self) -> EncodedPart | None:
        return None

    def notes(self) -> tuple[str, ...]:
        return ()

    def close(self) -> None:
        self._raw.close()


def _without_nan(batch: "pa.RecordBatch") -> "pa.RecordBatch":
    """``batch`` with NULL for NaN, which JSON does not have: Python writes it for a value that is missing."""
    import pyarrow as pa
    import pyarrow.compute as pc

    for i, column in enumerate(batch.columns):
        if pa.types.is_floating(column.type) and pc.any(pc.is_nan(column)).as_py():
            batch = batch.set_column(i, batch.schema.field(i), pc.if_else(pc.is_nan(column), None, column))
    return batch


def _as_parsed(type_: ColumnType) -> "pa.DataType":
    """The type Arrow parses under: nothing but null where no value was seen, so that one that comes is noticed."""
    import pyarrow as pa

    match type_:
        case Unseen():
            return pa.null()
        case ListOf(item):
            return pa.list_(_as_parsed(item))
        case Struct(fields):
            return pa.struct([pa.field(one.name, _as_parsed(one.type)) for one in fields])
        case _:
            return to_arrow(type_)


def _may_be_rounded(batch: "pa.RecordBatch") -> bool:
    """Whether a double is so large that an integer may have been rounded to it."""
    return any(_has_large(column) for column in batch.columns)


def _has_large(column: "pa.Array") -> bool:
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_list(column.type):
        return _has_large(column.flatten())
    if pa.types.is_struct(column.type):
        return any(_has_large(one) for one in column.flatten())
    if not pa.types.is_floating(column.type):
        return False
    extremes = pc.min_max(column).as_py()
    return any(value is not None and abs(value) >= EXACT_IN_DOUBLE for value in extremes.values())
