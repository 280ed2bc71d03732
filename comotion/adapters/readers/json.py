"""Opens a JSON source: an array of records, one record a line, or pandas' columns; told by content.

Types are what the values are: dates stay text, nested values become lists and structs; ``dtype`` makes texts and
numbers of them. For other arguments that change values (``convert_dates``, a ``dtype`` of dates) pandas reads the file,
whole.
"""

import inspect
from collections.abc import Mapping
from functools import cache

from comotion.adapters.readers.csv_options import CsvPlan, encoding_of, errors_of, refuse_own_arguments
from comotion.adapters.readers.csv_text import Decoded
from comotion.adapters.readers.json_columns import is_of_columns, open_columns
from comotion.adapters.readers.json_dtype import wanted_types
from comotion.adapters.readers.json_lines import JsonSource
from comotion.adapters.readers.json_records import first_value
from comotion.adapters.readers.raw import Raw
from comotion.domain.errors import InvalidArgument, UnreadableSource
from comotion.ports.tables import Source, SourceSpec

_LINES = frozenset({".jsonl", ".ndjson"})
_OURS = frozenset({"lines", "encoding", "encoding_errors", "compression", "storage_options", "orient", "dtype"})
_ORIENTS = (None, "records", "columns", "split", "index", "values")
_AS_IT_IS = {"convert_dates": (False,), "precise_float": (True, False), "convert_axes": (False,)}
"""What changes no value, or has no effect on exact ones."""


@cache
def _arguments_of_read_json() -> frozenset[str]:
    import pandas as pd

    return frozenset(inspect.signature(pd.read_json).parameters)


def open_json(spec: SourceSpec, raw: Raw) -> Source:
    """A JSON text under the pandas arguments in ``spec.options``.

    Raises
    ------
    InvalidArgument
        An argument that pandas does not know, or that the library sets itself.
    UnreadableSource
        No JSON, or JSON that is no table.
    """
    _check(spec.options)
    text = Decoded(raw, _plan(spec.options))
    wanted = wanted_types(spec.options.get("dtype"))
    if wanted is None or _needs_pandas(spec.options):
        return _by_pandas(spec, text)
    orient = spec.options.get("orient")
    if orient in ("split", "index", "values"):
        return open_columns(text, orient=str(orient), wanted=wanted)
    shape = _shape(spec.options, text)
    if shape == "columns":
        return open_columns(text, orient=shape, wanted=wanted)
    return JsonSource(text, is_array=shape == "array", wanted=wanted, settles=spec.verbatim)


def _shape(options: Mapping[str, object], text: Raw) -> str:
    """``"array"`` of records, pandas' ``"columns"``, or ``"lines"``, a record each."""
    if options.get("lines") or text.hint in _LINES:
        return "lines"
    if _begins_with(text, "["):
        return "array"
    if options.get("orient") == "columns" or is_of_columns(first_value(text)):
        return "columns"
    return "lines"


def _check(options: Mapping[str, object]) -> None:
    refuse_own_arguments(options)
    for name in options:
        if name not in _arguments_of_read_json():
            raise InvalidArgument(f"{name}= is no argument of pandas.read_json")


def _plan(options: Mapping[str, object]) -> CsvPlan:
    return CsvPlan(encoding=encoding_of(options), errors=errors_of(options))


def _needs_pandas(options: Mapping[str, object]) -> bool:
    others = {name: value for name, value in options.items() if name not in _OURS}
    return options.get("orient") not in _ORIENTS or any(
        not any(value is one for one in _AS_IT_IS.get(name, ())) for name, value in others.items()
    )


def _begins_with(raw: Raw, mark: str) -> bool:
    with raw.open() as stream:
        return stream.read(4096).decode("utf-8", "replace").lstrip("\ufeff \t\r\n").startswith(mark)


def _by_pandas(spec: SourceSpec, text: Raw) -> Source:
    import io

    import pandas as pd

    from comotion.adapters.readers.frame import FrameSource

    ours = {"encoding", "encoding_errors", "compression", "storage_options"}
    options = {name: value for name, value in spec.options.items() if name not in ours}
    if not options.keys() & {"lines", "orient"}:
        options["lines"] = _shape(options, text) == "lines"
    try:
        with text.open() as stream:
            frame = pd.read_json(io.BytesIO(stream.read()), **options)  # type: ignore[call-overload]
    except (ValueError, TypeError, AttributeError, OverflowError) as wrong:
        raise UnreadableSource(f"{spec.name}: {wrong}") from None
    if not isinstance(frame, pd.DataFrame):
        raise UnreadableSource(f"{spec.name} is a series, not a table; leave typ= out")
    return FrameSource(spec.name, frame)
