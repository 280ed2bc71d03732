"""A CSV text cut into fields by Arrow, every field as text, in bounded memory, exactly as pandas cuts it.

Short rows are padded and counted, long ones refused. What Arrow lets pass in silence is looked for at the end of a
pass: a quote that is never closed.
"""

from collections.abc import Generator, Iterator, Mapping
from typing import TYPE_CHECKING, NoReturn, Protocol

from comotion.adapters.readers import csv_lines
from comotion.adapters.readers.csv_head import Head
from comotion.adapters.readers.csv_odd_numbers import OddNumbers
from comotion.adapters.readers.csv_options import CsvPlan
from comotion.adapters.readers.csv_short_rows import ShortRows
from comotion.adapters.readers.csv_stream import CountedText, NotUtf8, OddNumber
from comotion.adapters.readers.csv_text import find_bad_text
from comotion.adapters.readers.csv_whereabouts import Whereabouts
from comotion.adapters.readers.raw import Raw
from comotion.domain.errors import UnreadableSource

if TYPE_CHECKING:
    import pyarrow as pa

BLOCK_BYTES = 1 << 20
LARGEST_BLOCK_BYTES = 1 << 30


class _LargerBlock(Exception):
    """A record is larger than a block."""


class NeedsText(Exception):
    """The rows that follow must be read as text."""


class _SpacesAlone(Exception):
    """The only column holds a field of spaces alone."""


class Rows(Protocol):
    """The rows of one source as batches of text, one column a position."""

    @property
    def padded(self) -> int:
        """How many rows had fewer fields than there are columns, once a pass has ended."""
        ...

    def batches(self, first: int = 0) -> "Generator[pa.RecordBatch, None, None]": ...
    def typed(
        self, types: "Mapping[int, pa.DataType]", *, with_negatives: bool
    ) -> "Generator[pa.RecordBatch, None, None]": ...
    def where(self, row: int) -> str:
        """Source and line of the ``row``-th row, counted from 0."""
        ...


class TextRows:
    """The rows of one source as batches of text, one column a position.

    Parameters
    ----------
    raw : Raw
        UTF-8 text.
    nulls : tuple of str
        Fields that are NULL.
    missing : str or None
        What a short row holds where it has no field.
    block_bytes : int
        How much is cut at a time; a record that is larger makes it grow.

    Attributes
    ----------
    padded : int
        How many rows had fewer fields than there are columns, once a pass has ended.
    """

    def __init__(
        self,
        raw: Raw,
        plan: CsvPlan,
        head: Head,
        *,
        nulls: tuple[str, ...],
        missing: str | None = None,
        block_bytes: int = BLOCK_BYTES,
    ) -> None:
        self._raw = raw
        self._plan = plan
        self._sep, self._quote = plan.sep.encode(), plan.quotechar.encode()
        self._whereabouts = Whereabouts(raw, plan, head)
        self._head = head
        self._nulls = nulls
        self._missing = missing
        self._block_bytes = block_bytes
        self._by_hand = False
        self._proved = False
        self.padded = 0

    def typed(
        self, types: "Mapping[int, pa.DataType]", *, with_negatives: bool
    ) -> "Generator[pa.RecordBatch, None, None]":
        """Rows with numbers in some columns (by place among those chosen), as far as Arrow surely reads them alike.

        Parameters
        ----------
        with_negatives : bool
            Whether a column holds negative numbers; where none is expected, none is looked at.

        Raises
        ------
        NeedsText
            Not so in the rows after the last batch; nothing is wrong with them yet.
        """
        import pyarrow as pa

        short = self._short_rows()
        watch = OddNumbers(self._sep, self._quote, with_negatives=with_negatives)
        rows = 0
        with CountedText(self._raw, self._head.data_at, watch=watch, for_arrow=True) as stream:
            try:
                for batch in self._reader(stream, short, types):
                    if short.is_waiting() or len(self._head.names) == 1:
                        raise NeedsText
                    rows += len(batch)
                    yield batch
            except (pa.ArrowInvalid, NotUtf8, OddNumber):
                raise NeedsText from None
            if short.is_waiting():
                raise NeedsText
            if not self._proved:
                self._prove_quotes(stream, rows)
        self.padded = 0

    def batches(self, first: int = 0) -> "Generator[pa.RecordBatch, None, None]":
        """Every row, from the ``first`` on. Raises UnreadableSource."""
        done = first
        while True:
            try:
                for batch in self._from_row(done):
                    done += len(batch)
                    yield batch
                return
            except _LargerBlock:
                self._block_bytes *= 8
            except _SpacesAlone:
                self._by_hand = True

    def _from_row(self, first: int) -> "Iterator[pa.RecordBatch]":
        seen = 0
        for batch in self._cut_by_hand() if self._by_hand else self._cut():
            if seen + len(batch) > first:
                yield batch.slice(max(first - seen, 0))
            seen += len(batch)

    def _cut(self) -> "Iterator[pa.RecordBatch]":
        import pyarrow as pa

        short = self._short_rows()
        rows = 0
        with CountedText(self._raw, self._head.data_at, for_arrow=True) as stream:
            try:
                for batch in self._reader(stream, short):
                    merged = short.merged(batch)
                    self._refuse_spaces_alone(merged)
                    rows += len(merged)
                    yield merged
                rest = short.merged(None)
                yield rest
            except (pa.ArrowInvalid, NotUtf8) as wrong:
                self._explain(wrong, short)
            if not self._proved:
                self._prove_quotes(stream, rows + len(rest))
        self.padded = short.padded

    def _short_rows(self) -> ShortRows:
        return ShortRows(
            sep=self._sep,
            quote=self._quote,
            positions=self._head.chosen,
            nulls=frozenset(self._nulls),
            missing=self._missing,
        )

    def _reader(
        self, stream: CountedText, short: ShortRows, types: "Mapping[int, pa.DataType] | None" = None
    ) -> "Iterator[pa.RecordBatch]":
        import pyarrow as pa
        import pyarrow.csv as arrow_csv

        names = [str(i) for i in self._head.chosen]
        known = {names[place]: type_ for place, type_ in (types or {}).items()}
        try:
            yield from arrow_csv.open_csv(
                pa.PythonFile(stream, mode="r"),
                read_options=arrow_csv.ReadOptions(
                    use_threads=False,
                    block_size=self._block_bytes,
                    column_names=[str(i) for i in range(len(self._head.names))],
                ),
                parse_options=arrow_csv.ParseOptions(
                    delimiter=self._plan.sep,
                    quote_char=self._plan.quotechar,
                    newlines_in_values=True,
                    ignore_empty_lines=not self._has_empty_rows(),
                    invalid_row_handler=short.take_note,
                ),
                convert_options=arrow_csv.ConvertOptions(
                    check_utf8=False,  # CountedText has proved it, all columns at once
                    column_types=dict.fromkeys(names, pa.string()) | known,
                    include_columns=names,
                    null_values=list(self._nulls),
                    true_values=["True", "TRUE", "true"],
                    false_values=["False", "FALSE", "false"],
                    strings_can_be_null=bool(self._nulls),
                    quoted_strings_can_be_null=not self._plan.is_result,
                ),
            )
        except pa.ArrowInvalid as wrong:
            if "Empty CSV file" not in str(wrong):
                raise

    def _has_empty_rows(self) -> bool:
        """Whether an empty line is a row: a NULL of a result that has one column."""
        return self._plan.is_result and len(self._head.names) == 1 and "skip_blank_lines" not in self._plan.options

    # One column, where a line of spaces is a blank line to pandas and a value to Arrow ---------------

    def _refuse_spaces_alone(self, batch: "pa.RecordBatch") -> None:
        import pyarrow.compute as pc

        if self._plan.is_result:
            return  # an empty line is a NULL, and spaces are quoted
        if len(self._head.names) == 1 and pc.any(pc.match_substring_regex(batch.column(0), r"^[ \t]+$")).as_py():
            raise _SpacesAlone

    def _cut_by_hand(self) -> "Iterator[pa.RecordBatch]":
        import pyarrow as pa

        nulls = frozenset(self._nulls)
        schema = pa.schema([("0", pa.string())])
        with CountedText(self._raw, self._head.data_at) as stream:
            values: list[str | None] = []
            for record in csv_lines.records(stream, sep=self._sep, quote=self._quote):
                if csv_lines.is_blank(record.data, self._sep):
                    continue
                text = csv_lines.unquoted(record.data.rstrip(b"\r\n"), self._quote).decode()
                values.append(None if text in nulls else text)
                if len(values) == 8192:
                    yield pa.RecordBatch.from_arrays([pa.array(values, pa.string())], schema=schema)
                    values = []
            yield pa.RecordBatch.from_arrays([pa.array(values, pa.string())], schema=schema)

    # What went wrong --------------------------------------------------------------------------

    def where(self, row: int) -> str:
        """``"{source}, line N"`` of the ``row``-th row, counted from 0."""
        return self._whereabouts.of_row(row)

    def _explain(self, wrong: Exception, short: ShortRows) -> NoReturn:
        message = str(wrong)
        if short.long is not None:
            row, fields = short.long
            self._whereabouts.refuse_long_row(row - 1, fields)
        if "straddl" in message or "out of sync" in message:
            self._whereabouts.refuse_stray_quotes()
            if self._block_bytes * 8 <= LARGEST_BLOCK_BYTES:
                raise _LargerBlock
            message = f"a record is larger than {LARGEST_BLOCK_BYTES} bytes"
        if isinstance(wrong, NotUtf8):
            find_bad_text(self._raw, self._plan)
        raise UnreadableSource(f"{self._raw.name}: {message}") from None

    def _prove_quotes(self, stream: CountedText, rows: int) -> None:
        """Where each row is one line, only the last can hold a quote that is never closed; else look at all."""
        last = stream.last_line()
        if stream.lines() != rows or last is None or csv_lines.ends_open(last, self._sep, self._quote, is_open=False):
            self._whereabouts.refuse_stray_quotes()
        self._proved = True
