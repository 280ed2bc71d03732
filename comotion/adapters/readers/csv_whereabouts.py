"""Where in a CSV text something is wrong, found by cutting it again, slowly and exactly."""

from typing import NoReturn

from attrs import frozen

from comotion.adapters.readers import csv_lines
from comotion.adapters.readers.csv_head import Head
from comotion.adapters.readers.csv_options import CsvPlan
from comotion.adapters.readers.csv_quotes import are_well_quoted
from comotion.adapters.readers.csv_stream import CountedText
from comotion.adapters.readers.raw import Raw
from comotion.domain.errors import UnreadableSource

SHOWN_BYTES = 40


@frozen
class Whereabouts:
    """Names lines and columns of one text."""

    raw: Raw
    plan: CsvPlan
    head: Head

    @property
    def sep(self) -> bytes:
        return self.plan.sep.encode()

    @property
    def quote(self) -> bytes:
        return self.plan.quotechar.encode()

    def text(self) -> CountedText:
        """The text after the header."""
        return CountedText(self.raw, self.head.data_at)

    def of_row(self, row: int) -> str:
        """``"{source}, line N"`` of the ``row``-th row, counted from 0."""
        record = self._record(row)
        return self.raw.name if record is None else f"{self.raw.name}, line {record.line}"

    def _record(self, row: int) -> csv_lines.Record | None:
        with self.text() as stream:
            return csv_lines.line_of_row(stream, row, sep=self.sep, quote=self.quote, first_line=self.head.data_line)

    def refuse_long_row(self, row: int, fields: int) -> NoReturn:
        """Raise UnreadableSource for a row with more fields than there are columns."""
        columns = len(self.head.names)
        raise UnreadableSource(
            f"{self.of_row(row)}: {fields} fields where there are {columns} columns{self._what_is_extra(row)}; quote "
            f"the value that holds {self.plan.sep!r}, or pass the sep= that the file is written with"
        ) from None

    def _what_is_extra(self, row: int) -> str:
        record, columns = self._record(row), len(self.head.names)
        parts = [] if record is None else csv_lines.fields(record.data, sep=self.sep, quote=self.quote)
        if len(parts) <= columns:
            return ""
        return f" (column {columns + 1} holds {parts[columns][:SHOWN_BYTES].decode(errors='replace')!r})"

    def refuse_stray_quotes(self) -> None:
        """Raise UnreadableSource where a quote that spans lines was most likely never meant to."""
        with self.text() as stream:
            if are_well_quoted(stream, sep=self.sep, quote=self.quote):
                return
        with self.text() as stream:
            stray = csv_lines.first_stray_quote(stream, sep=self.sep, quote=self.quote, first_line=self.head.data_line)
        if stray is not None:
            why = "is never closed" if stray.is_open else "closes on a later line, in the middle of a field"
            raise UnreadableSource(
                f"{self.raw.name}, line {stray.line}, column {stray.column}: the quote that opens here {why}"
            ) from None
