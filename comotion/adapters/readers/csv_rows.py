"""A CSV text cut into fields by Arrow, every field as text, in bounded memory, exactly as pandas cuts it.

Short rows are padded and counted, long ones refused. What Arrow lets pass in silence is looked for at the end of a
pass: a quote that is never closed.
"""

import io
from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, BinaryIO, NoReturn, Protocol

from attrs import define, field

from comotion.adapters.readers import csv_lines
from comotion.adapters.readers.csv_head import Head
from comotion.adapters.readers.csv_options import CsvPlan
from comotion.adapters.readers.csv_text import find_bad_text
from comotion.adapters.readers.streams import Raw
from comotion.domain.errors import UnreadableSource

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.csv as arrow_csv

BLOCK_BYTES = 1 << 20
LARGEST_BLOCK_BYTES = 1 << 30
TAIL_BYTES = 1 << 16
NEWLINE = ord("\n")


class _LargerBlock(Exception):
    """A record is larger than a block."""


class _SpacesAlone(Exception):
    """The only column holds a field of spaces alone."""


@define
class _Odd:
    """Rows that Arrow did not take, since the last batch: their numbers count from 1 and skip blank lines."""

    short: list[tuple[int, int, str]] = field(factory=list)
    """Row number, number of fields, text."""
    blank: list[int] = field(factory=list)
    long: tuple[int, int] | None = None
    """Row number and number of fields of the row that is refused."""

    def numbers(self) -> list[int]:
        return sorted([*(number for number, _, _ in self.short), *self.blank])

    def forget(self, up_to: int) -> None:
        self.short = [one for one in self.short if one[0] > up_to]
        self.blank = [one for one in self.blank if one > up_to]


class Rows(Protocol):
    """The rows of one source as batches of text, one column a position."""

    @property
    def padded(self) -> int:
        """How many rows had fewer fields than there are columns, once a pass has ended."""
        ...

    def batches(self) -> "Generator[pa.RecordBatch, None, None]": ...
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

    Attributes
    ----------
    padded : int
        How many rows had fewer fields than there are columns, once a pass has ended.
    """

    def __init__(
        self, raw: Raw, plan: CsvPlan, head: Head, *, nulls: tuple[str, ...], missing: str | None = None
    ) -> None:
        self._raw = raw
        self._plan = plan
        self._head = head
        self._nulls = nulls
        self._missing = missing
        self._block_bytes = BLOCK_BYTES
        self._by_hand = False
        self._proved = False
        self.padded = 0

    def batches(self) -> "Generator[pa.RecordBatch, None, None]":
        """Every row, from the first. Raises UnreadableSource."""
        done = 0
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

        odd, number, rows, stream = _Odd(), 1, 0, None
        self.padded = 0
        try:
            stream = _Counting(self._raw, self._head.data_at)
            for batch in self._reader(stream, odd):
                self._refuse_spaces_alone(batch)
                merged, number = self._merged(batch, odd, number)
                rows += len(merged)
                yield merged
            merged, _ = self._merged(None, odd, number)
            rows += len(merged)
            yield merged
            if not self._proved:
                self._prove_quotes(stream, rows)
        except pa.ArrowInvalid as wrong:
            self._explain(wrong, odd)
        finally:
            if stream is not None:
                stream.close()

    def _reader(self, stream: "_Counting", odd: _Odd) -> "Iterator[pa.RecordBatch]":
        import pyarrow as pa
        import pyarrow.csv as arrow_csv

        try:
            yield from arrow_csv.open_csv(
                pa.PythonFile(stream, mode="r"),
                read_options=arrow_csv.ReadOptions(
                    use_threads=False, block_size=self._block_bytes, column_names=_columns(len(self._head.names))
                ),
                parse_options=self._parse_options(odd),
                convert_options=self._convert_options(self._head.chosen),
            )
        except pa.ArrowInvalid as wrong:
            if "Empty CSV file" not in str(wrong):
                raise

    def _parse_options(self, odd: _Odd) -> "arrow_csv.ParseOptions":
        import pyarrow.csv as arrow_csv

        sep = self._plan.sep

        def take_note(row: "arrow_csv.InvalidRow") -> str:
            if row.actual_columns > row.expected_columns:
                odd.long = (row.number, row.actual_columns)
                return "error"
            if row.actual_columns == 1 and csv_lines.is_blank(row.text.encode(), sep.encode()):
                odd.blank.append(row.number)
            else:
                odd.short.append((row.number, row.actual_columns, row.text))
            return "skip"

        return arrow_csv.ParseOptions(
            delimiter=sep,
            quote_char=self._plan.quotechar,
            newlines_in_values=True,
            invalid_row_handler=take_note,
        )

    def _convert_options(self, positions: tuple[int, ...]) -> "arrow_csv.ConvertOptions":
        import pyarrow as pa
        import pyarrow.csv as arrow_csv

        names = [str(i) for i in positions]
        return arrow_csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()),
            include_columns=names,
            null_values=list(self._nulls),
            strings_can_be_null=bool(self._nulls),
            quoted_strings_can_be_null=True,
        )

    # Short rows -------------------------------------------------------------------------------

    def _merged(self, batch: "pa.RecordBatch | None", odd: _Odd, number: int) -> "tuple[pa.RecordBatch, int]":
        """``batch`` with the short rows among its rows, and the number of the row after it; None takes the rest."""
        import numpy as np
        import pyarrow as pa

        count = 0 if batch is None else len(batch)
        if batch is not None and not odd.short and not odd.blank:
            return batch, number + count
        others = np.array(odd.numbers(), np.int64)
        own = np.setdiff1d(np.arange(number, number + count + len(others)), others)[:count]
        last = int(own[-1]) if count else number - 1
        while last + 1 in others or (batch is None and len(others) and last < others[-1]):
            last += 1
        short = [one for one in odd.short if one[0] <= last]
        odd.forget(last)
        self.padded += len(short)
        padded = self._padded(short)
        if batch is None or not short:
            return (padded if batch is None else batch), last + 1
        order = np.argsort(np.concatenate([own, [one[0] for one in short]]), kind="stable")
        return pa.concat_batches([batch, padded]).take(pa.array(order)), last + 1

    def _padded(self, short: list[tuple[int, int, str]]) -> "pa.RecordBatch":
        """Short rows as a batch in their order, NULL (or empty text, where all is text) in what they lack."""
        import pyarrow as pa

        schema = pa.schema([(str(i), pa.string()) for i in self._head.chosen])
        if not short:
            return pa.RecordBatch.from_pylist([], schema=schema)
        rows: list[dict[str, str | None]] = []
        sep, quote = self._plan.sep.encode(), self._plan.quotechar.encode()
        nulls = frozenset(self._nulls)
        for _, _, text in short:
            parts = [
                csv_lines.unquoted(one, quote).decode()
                for one in csv_lines.fields(text.encode(), sep=sep, quote=quote)
            ]
            rows.append(
                {
                    str(i): (None if parts[i] in nulls else parts[i]) if i < len(parts) else self._missing
                    for i in self._head.chosen
                }
            )
        return pa.RecordBatch.from_pylist(rows, schema=schema)

    # One column, where a line of spaces is a blank line to pandas and a value to Arrow ---------------

    def _refuse_spaces_alone(self, batch: "pa.RecordBatch") -> None:
        import pyarrow.compute as pc

        if len(self._head.names) == 1 and pc.any(pc.match_substring_regex(batch.column(0), r"^[ \t]+$")).as_py():
            raise _SpacesAlone

    def _cut_by_hand(self) -> "Iterator[pa.RecordBatch]":
        import pyarrow as pa

        sep, quote = self._plan.sep.encode(), self._plan.quotechar.encode()
        nulls = frozenset(self._nulls)
        schema = pa.schema([("0", pa.string())])
        with _Counting(self._raw, self._head.data_at) as stream:
            values: list[str | None] = []
            for record in csv_lines.records(stream, sep=sep, quote=quote):
                if csv_lines.is_blank(record.data, sep):
                    continue
                text = csv_lines.unquoted(record.data.rstrip(b"\r\n"), quote).decode()
                values.append(None if text in nulls else text)
                if len(values) == 8192:
                    yield pa.RecordBatch.from_arrays([pa.array(values, pa.string())], schema=schema)
                    values = []
            yield pa.RecordBatch.from_arrays([pa.array(values, pa.string())], schema=schema)

    # What went wrong --------------------------------------------------------------------------

    def record_of_row(self, row: int) -> csv_lines.Record | None:
        """The record behind the ``row``-th row, counted from 0, with its line number."""
        with _Counting(self._raw, self._head.data_at) as stream:
            return csv_lines.line_of_row(
                stream,
                row,
                sep=self._plan.sep.encode(),
                quote=self._plan.quotechar.encode(),
                first_line=self._head.data_line,
            )

    def where(self, row: int) -> str:
        """``"{source}, line N"`` of the ``row``-th row, counted from 0."""
        record = self.record_of_row(row)
        return self._raw.name if record is None else f"{self._raw.name}, line {record.line}"

    def _explain(self, wrong: Exception, odd: _Odd) -> NoReturn:
        message = str(wrong)
        if odd.long is not None:
            row, count = odd.long
            raise UnreadableSource(
                f"{self.where(row - 1)}: {count} fields where there are {len(self._head.names)} columns"
                f"{self._what_is_extra(row - 1)}; quote the value that holds {self._plan.sep!r}, or pass the sep= "
                "that the file is written with"
            ) from None
        if "straddl" in message or "out of sync" in message:
            self._refuse_stray_quotes()
            if self._block_bytes * 8 > LARGEST_BLOCK_BYTES:
                raise UnreadableSource(
                    f"{self._raw.name}: a record is larger than {LARGEST_BLOCK_BYTES} bytes"
                ) from None
            raise _LargerBlock
        if "UTF8" in message.upper().replace("-", ""):
            find_bad_text(self._raw, self._plan)
        raise UnreadableSource(f"{self._raw.name}: {message}") from None

    def _what_is_extra(self, row: int) -> str:
        record = self.record_of_row(row)
        if record is None:
            return ""
        sep, quote = self._plan.sep.encode(), self._plan.quotechar.encode()
        extra = csv_lines.fields(record.data, sep=sep, quote=quote)[len(self._head.names) :]
        return (
            f" (column {len(self._head.names) + 1} holds {extra[0][:40].decode(errors='replace')!r})"
            if extra
            else ""
        )

    def _prove_quotes(self, stream: "_Counting", rows: int) -> None:
        """Where each row is one line, only the last can hold a quote that is never closed; else look at all."""
        sep, quote = self._plan.sep.encode(), self._plan.quotechar.encode()
        last = stream.last_line()
        if stream.lines() != rows or last is None or csv_lines.ends_open(last, sep, quote, is_open=False):
            self._refuse_stray_quotes()
        self._proved = True

    def _refuse_stray_quotes(self) -> None:
        with _Counting(self._raw, self._head.data_at) as stream:
            stray = csv_lines.first_stray_quote(
                stream,
                sep=self._plan.sep.encode(),
                quote=self._plan.quotechar.encode(),
                first_line=self._head.data_line,
            )
        if stray is not None:
            why = "is never closed" if stray.is_open else "closes on a later line, in the middle of a field"
            raise UnreadableSource(
                f"{self._raw.name}, line {stray.line}, column {stray.column}: the quote that opens here {why}"
            ) from None


def _columns(count: int) -> list[str]:
    return [str(i) for i in range(count)]


class _Counting(io.BufferedIOBase, BinaryIO):
    """A text from an offset on, its line ends counted as it goes by."""

    def __init__(self, raw: Raw, start: int) -> None:
        self._stream = raw.open()
        self._newlines = 0
        self._tail = b""
        if raw.path is not None:
            self._stream.seek(start)
        else:
            while start and (skipped := self._stream.read(start)):
                start -= len(skipped)

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1, /) -> bytes:
        import numpy as np

        chunk = self._stream.read(-1 if size is None else size)
        if chunk:
            self._newlines += int(np.count_nonzero(np.frombuffer(chunk, np.uint8) == NEWLINE))
            self._tail = chunk[-TAIL_BYTES:] if len(chunk) >= TAIL_BYTES else (self._tail + chunk)[-TAIL_BYTES:]
        return chunk

    def lines(self) -> int:
        return self._newlines + (1 if self._tail and not self._tail.endswith(b"\n") else 0)

    def last_line(self) -> bytes | None:
        """The last line of the text; None where it is longer than what is kept."""
        kept = self._tail.rstrip(b"\r\n")
        before = kept.rfind(b"\n")
        return None if before < 0 and len(self._tail) == TAIL_BYTES else self._tail[before + 1 :]

    def close(self) -> None:
        self._stream.close()
        super().close()
