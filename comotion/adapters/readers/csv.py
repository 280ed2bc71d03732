"""Opens a CSV source: sorts the arguments, finds the header, says who cuts the text and who reads the values."""

import os

from comotion.adapters.readers.csv_by_pandas import PandasCsvSource
from comotion.adapters.readers.csv_cut_by_pandas import PandasRows, read_head_by_pandas
from comotion.adapters.readers.csv_dtype import forced_types, nullable_names
from comotion.adapters.readers.csv_head import Head, read_head, without_index
from comotion.adapters.readers.csv_options import CsvPlan, plan
from comotion.adapters.readers.csv_rows import Rows, TextRows
from comotion.adapters.readers.csv_shape import refuse_what_is_no_table
from comotion.adapters.readers.csv_source import CsvSource
from comotion.adapters.readers.csv_text import as_utf8
from comotion.adapters.readers.raw import Raw
from comotion.domain.errors import UnreadableSource
from comotion.domain.schema import ColumnType, Text
from comotion.ports.tables import Source, SourceSpec


def open_csv(spec: SourceSpec, raw: Raw) -> Source:
    """A text of separated values under the pandas arguments in ``spec.options``.

    Raises
    ------
    InvalidArgument
        An argument that pandas does not know, or that the library sets itself.
    UnreadableSource
        Not such a text; the message says where and what to pass.
    """
    how = plan(spec.options, verbatim=spec.verbatim, is_result=callable(spec.data))
    text = as_utf8(raw, how)
    head = _head(spec, text, how)
    if not head.chosen:
        raise UnreadableSource(f"{text.name}: no column is left: its columns are the index, or usecols= takes none")
    forced = _forced(spec, how, head)
    if forced is not None and how.values_by_arrow:
        rows = _rows(text, how, head, spec.verbatim, nulls=how.nulls)
        nullable: frozenset[object] = (
            frozenset() if spec.verbatim else nullable_names(how.options.get("dtype"), head.names)
        )
        return CsvSource(text, rows, head, forced=forced, nullable=nullable)
    nulls = ("",) if how.is_result else ()  # what is quoted is none, and pandas would not know
    return PandasCsvSource(text, _rows(text, how, head, spec.verbatim, nulls=nulls), head, how)


def _head(spec: SourceSpec, text: Raw, how: CsvPlan) -> Head:
    if not how.cuts_by_arrow:
        return without_index(read_head_by_pandas(text, how), how, spec)
    head = read_head(text, how, verbatim=spec.verbatim)
    is_path = isinstance(spec.data, str | os.PathLike)
    refuse_what_is_no_table(head, how, name=text.name, hint=text.hint, is_path=is_path)
    return without_index(head, how, spec)


def _forced(spec: SourceSpec, how: CsvPlan, head: Head) -> dict[object, ColumnType] | None:
    if spec.verbatim:
        return dict.fromkeys(head.names, Text())
    return forced_types(how.options.get("dtype"), head.names)


def _rows(text: Raw, how: CsvPlan, head: Head, verbatim: bool, *, nulls: tuple[str, ...]) -> Rows:
    if how.cuts_by_arrow:
        return TextRows(text, how, head, nulls=nulls, missing="" if verbatim else None)
    return PandasRows(text, how, head, nulls=nulls)
