"""pandas' reading of fields that are already cut: types, NULLs, dates, thousands, with the user's arguments."""

import copy
import io
import warnings
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from comotion.adapters.readers.csv_head import Head, chosen_columns
from comotion.adapters.readers.csv_options import NA_STRINGS, NULL_OPTIONS, VALUE_OPTIONS, CsvPlan
from comotion.domain.errors import DataError, InvalidArgument

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

_OF_DATES = ("date_format", "dayfirst")
_OF_COLUMNS = frozenset({"dtype", "converters", "na_values", "date_format"})


class PandasValues:
    """Reads batches of text as pandas reads the same fields in a file.

    A date format that pandas would guess from the first value of the file is guessed once, for all batches.
    """

    def __init__(self, plan: CsvPlan, head: Head, *, name: str) -> None:
        self._name = name
        self._names = [_no_place(head.names[i]) for i in head.chosen]
        self._options = {key: value for key, value in plan.options.items() if key in VALUE_OPTIONS}
        named = _by_place(plan, head, name)
        for option in _OF_COLUMNS & self._options.keys():
            self._options[option] = _by_name(self._options[option], named)
        self._index = plan.options.get("index_col")
        self._dates = self._date_columns(head)
        self._options.pop("parse_dates", None)
        self._engine: dict[str, object] = {"low_memory": False}
        if plan.is_cut_in_python:
            self._engine = {"engine": "python"}
            self._options.pop("float_precision", None)
        self._formats: dict[object, object] = {}

    def is_forced(self, i: int) -> bool:
        """Whether the user named the type of the ``i``-th column, or a converter for it."""
        name = self._names[i]
        for option in ("dtype", "converters"):
            wanted = self._options.get(option)
            if wanted is not None and (not isinstance(wanted, Mapping) or name in wanted):
                return True
        return False

    def is_date(self, i: int) -> bool:
        """Whether the ``i``-th column was asked for as dates."""
        return self._names[i] in self._dates

    def read(self, texts: "pa.RecordBatch", row: int) -> "pd.DataFrame":
        """The fields of a batch that begins with row ``row``. Raises DataError, InvalidArgument."""
        options = {key: value for key, value in self._options.items() if key not in _OF_DATES}
        if self._dates:
            options |= {key: value for key, value in self._options.items() if key in _OF_DATES}
            options |= {"parse_dates": self._dates, "date_format": self._date_formats(texts)}
        return self._read(texts, self._names, options, row)

    def texts(self, texts: "pa.RecordBatch", i: int, row: int) -> "pd.Series":
        """The ``i``-th column as text: what is NULL in a text, which may not be NULL in a number, and the reverse."""
        options = {key: value for key, value in self._options.items() if key in NULL_OPTIONS}
        return self._read(texts.select([i]), [self._names[i]], options | {"dtype": "str"}, row).iloc[:, 0]

    def _read(
        self, texts: "pa.RecordBatch", names: list[object], options: Mapping[str, object], row: int
    ) -> "pd.DataFrame":
        import pandas as pd

        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", category=UserWarning)  # of dates that have no single format
                return pd.read_csv(  # type: ignore[call-overload, no-any-return]
                    io.BytesIO(_as_csv(texts)),
                    header=None,
                    names=names,
                    index_col=False,
                    skip_blank_lines=False,
                    **self._engine,
                    **options,
                )
        except (ValueError, OverflowError) as wrong:
            raise DataError(f"{self._name}, rows {row + 1} to {row + len(texts)}: {wrong}") from None
        except (TypeError, KeyError, IndexError) as wrong:
            raise InvalidArgument(f"{self._name}: {wrong}") from None

    def _date_columns(self, head: Head) -> list[object]:
        wanted = self._options.get("parse_dates")
        if wanted is None or isinstance(wanted, bool):  # of an index, and there is none
            return []
        if not isinstance(wanted, list | tuple | set):
            raise InvalidArgument(f"{self._name}: parse_dates is a list of columns, not {wanted!r}")
        named = [head.names[one] if isinstance(one, int) and one not in head.names else one for one in wanted]
        known = head.chosen_names if self._index is None else head.names  # an index is left out, with its dates
        missing = [one for one in named if one not in known]
        if missing:
            raise InvalidArgument(f"{self._name}: parse_dates names {missing[0]!r}, which is none of its columns")
        return [_no_place(one) for one in named if one in head.chosen_names]

    def _date_formats(self, texts: "pa.RecordBatch") -> object:
        given = self._options.get("date_format")
        if given is not None and not isinstance(given, Mapping):
            return given
        formats = dict(given or {})
        for name in self._dates:
            if name not in formats:
                found = self._formats.get(name) or self._guess(texts.column(self._names.index(name)), name)
                if found is not None:
                    formats[name] = self._formats[name] = found
        return formats or None

    def _guess(self, texts: "pa.StringArray", name: object) -> object:
        from pandas.tseries.api import guess_datetime_format

        nulls = self._null_texts(name)
        first = next((text for text in texts.to_pylist() if text is not None and text not in nulls), None)
        if first is None:
            return None
        return guess_datetime_format(first, dayfirst=bool(self._options.get("dayfirst", False))) or "mixed"

    def _null_texts(self, name: object) -> frozenset[str]:
        own = self._options.get("na_values", ())
        if isinstance(own, Mapping):
            own = own.get(name, ())
        listed = [own] if isinstance(own, str) or not isinstance(own, Iterable) else own
        return frozenset(NA_STRINGS) | frozenset(map(str, listed))


def _by_place(plan: CsvPlan, head: Head, source: str) -> Sequence[object]:
    """The columns that pandas counts: all of the file, and those of ``usecols=`` where its parser in Python cuts."""
    if not plan.is_cut_in_python or "usecols" in plan.cut_options():  # the head has no others then
        return head.names
    return [head.names[place] for place in chosen_columns(head.names, plan, source)]


def _by_name(of_columns: object, names: Sequence[object]) -> object:
    """An argument that says something of columns, those that it gives by their place under their names."""
    if not isinstance(of_columns, Mapping):
        return of_columns
    named: Any = copy.copy(of_columns)  # a defaultdict stays one
    named.clear()
    named |= {_no_place(key): value for key, value in of_columns.items() if type(key) is not int or key in names}
    for key in of_columns:
        if type(key) is int and key not in names and 0 <= key < len(names):
            named.setdefault(_no_place(names[key]), of_columns[key])
    return named


def _no_place(name: object) -> object:
    """A column's name for pandas, which takes a number for a place as well."""
    return f"\0{name}" if type(name) is int else name


def _as_csv(texts: "pa.RecordBatch") -> bytes:
    """The batch as CSV that pandas cuts into the same fields: all quoted, what is missing empty."""
    import pyarrow as pa
    import pyarrow.csv as arrow_csv

    sink = pa.BufferOutputStream()
    arrow_csv.write_csv(texts, sink, arrow_csv.WriteOptions(include_header=False, quoting_style="all_valid"))
    return bytes(sink.getvalue())
