"""pandas' reading of fields that are already cut: types, NULLs, dates, thousands, with the user's arguments."""

import io
import warnings
from collections.abc import Mapping
from typing import TYPE_CHECKING

from comotion.adapters.readers.csv_head import Head
from comotion.adapters.readers.csv_options import NULL_OPTIONS, VALUE_OPTIONS, CsvPlan
from comotion.domain.errors import DataError, InvalidArgument

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

_OF_DATES = ("date_format", "dayfirst")


class PandasValues:
    """Reads batches of text as pandas reads the same fields in a file.

    A date format that pandas would guess from the first value of the file is guessed once, for all batches.
    """

    def __init__(self, plan: CsvPlan, head: Head, *, name: str) -> None:
        self._name = name
        self._names = [head.names[i] for i in head.chosen]
        self._options = {key: value for key, value in plan.options.items() if key in VALUE_OPTIONS}
        self._dates = self._date_columns(head)
        self._options.pop("parse_dates", None)
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
                    low_memory=False,
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
        missing = [one for one in named if one not in self._names]
        if missing:
            raise InvalidArgument(f"{self._name}: parse_dates names {missing[0]!r}, which is none of its columns")
        return named

    def _date_formats(self, texts: "pa.RecordBatch") -> object:
        given = self._options.get("date_format")
        if given is not None and not isinstance(given, Mapping):
            return given
        formats = dict(given or {})
        for name in self._dates:
            if name not in formats:
                found = self._formats.get(name) or self._guess(texts.column(self._names.index(name)))
                if found is not None:
                    formats[name] = self._formats[name] = found
        return formats or None

    def _guess(self, texts: "pa.StringArray") -> object:
        from pandas.tseries.api import guess_datetime_format

        nulls = self._null_texts()
        first = next((text for text in texts.to_pylist() if text is not None and text not in nulls), None)
        if first is None:
            return None
        return guess_datetime_format(first, dayfirst=bool(self._options.get("dayfirst", False))) or "mixed"

    def _null_texts(self) -> frozenset[str]:
        from comotion.adapters.readers.csv_options import NA_STRINGS

        own = self._options.get("na_values")
        return frozenset(NA_STRINGS) | (
            frozenset(map(str, own)) if isinstance(own, list | tuple | set) else frozenset()
        )


def _as_csv(texts: "pa.RecordBatch") -> bytes:
    """The batch as CSV that pandas cuts into the same fields: all quoted, what is missing empty."""
    import pyarrow as pa
    import pyarrow.csv as arrow_csv

    sink = pa.BufferOutputStream()
    arrow_csv.write_csv(texts, sink, arrow_csv.WriteOptions(include_header=False, quoting_style="all_valid"))
    return bytes(sink.getvalue())
