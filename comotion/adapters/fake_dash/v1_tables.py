"""The lake of data model v1: tables of text, one gzip-compressed CSV appended at a time."""

import csv
import gzip
import io
import zlib

from attrs import define, field

from comotion.adapters.fake_dash.refused import Refused

CLIENT_COLUMN = "service_client_id"


@define
class V1Table:
    """Columns and rows, every value the text that was sent."""

    columns: tuple[str, ...]
    rows: list[tuple[str, ...]] = field(factory=list)

    def dicts(self) -> list[dict[str, str]]:
        return [dict(zip(self.columns, row, strict=True)) for row in self.rows]


@define
class V1Tables:
    """The tables by name."""

    tables: dict[str, V1Table] = field(factory=dict)

    def fork(self) -> "V1Tables":
        return V1Tables({name: V1Table(table.columns, list(table.rows)) for name, table in self.tables.items()})

    def append(self, table: str, gzip_csv: bytes, *, service_client_id: str) -> int:
        """Append one file; how many rows it held. Refused with 400 and without effect when it is no such CSV."""
        columns, rows = _parsed(gzip_csv)
        self.append_rows(table, columns, rows, service_client_id=service_client_id)
        return len(rows)

    def append_rows(
        self, table: str, columns: tuple[str, ...], rows: list[tuple[str, ...]], *, service_client_id: str
    ) -> None:
        """Append rows of text. Refused with 400 when the table has other columns."""
        if CLIENT_COLUMN not in columns:
            columns, rows = (*columns, CLIENT_COLUMN), [(*row, service_client_id) for row in rows]
        known = self.tables.get(table)
        if known is None:
            self.tables[table] = V1Table(columns, rows)
        elif known.columns == columns:
            known.rows.extend(rows)
        else:
            raise Refused(400, f"The columns of the file are not those of table {table}")


def _parsed(gzip_csv: bytes) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    try:
        text = gzip.decompress(gzip_csv).decode("utf-8")
    except (OSError, EOFError, zlib.error):
        raise Refused(400, "The body is not a gzip-compressed file") from None
    except UnicodeDecodeError:
        raise Refused(400, "The file is not UTF-8") from None
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as wrong:
        raise Refused(400, f"The file is not CSV: {wrong}") from None
    if not lines or not lines[0]:
        raise Refused(400, "The file has no header")
    header = tuple(lines[0])
    if len(set(header)) < len(header):
        raise Refused(400, "The file names a column twice")
    for number, line in enumerate(lines[1:], start=2):
        if len(line) != len(header):
            raise Refused(400, f"Row {number} has {len(line)} fields, the header {len(header)}")
    return header, [tuple(line) for line in lines[1:]]
