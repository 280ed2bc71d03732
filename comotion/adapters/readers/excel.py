"""Workbooks (xlsx, xls, xlsb, ods): what ``pandas.read_excel`` says of a sheet, read by calamine."""

from collections.abc import Mapping
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, BinaryIO

from comotion.adapters.readers.excel_guard import glance
from comotion.adapters.readers.frame import FrameSource, source_of_frame
from comotion.adapters.readers.raw import Raw
from comotion.domain.errors import DataWarning, ExtraMissing, InvalidArgument, LossyValue, UnreadableSource
from comotion.domain.warned import warn
from comotion.ports.tables import SourceSpec

if TYPE_CHECKING:
    import pandas as pd

EXACT_IN_DOUBLE = 2**53
_TYPING = (
    "dtype",
    "converters",
    "parse_dates",
    "thousands",
    "decimal",
    "true_values",
    "false_values",
    "date_format",
)


def open_excel(spec: SourceSpec, raw: Raw) -> FrameSource:
    """One sheet under the arguments of ``pandas.read_excel``.

    Raises
    ------
    ExtraMissing
        python-calamine is not installed.
    InvalidArgument
        An argument that pandas does not know, or several sheets.
    UnreadableSource
        No workbook, a damaged or protected one, no such sheet, or one of absurd dimensions.
    LossyValue
        Text that pandas reads as a number which does not hold its digits.
    """
    if find_spec("python_calamine") is None:
        raise ExtraMissing(f'{raw.name} is a workbook: pip install "comotion-sdk[excel]"')
    if spec.verbatim:
        options: dict[str, object] = {**spec.options, "dtype": str, "keep_default_na": False, "na_filter": False}
    else:
        options = dict(spec.options)
    _check_one_sheet(options, raw.name)
    seen = glance(raw)
    frame = _read(raw, options)
    if not frame.columns.size:
        raise UnreadableSource(f"{raw.name}: the sheet is empty")
    notes = _lost_text(raw, options, frame) if seen.may_lose_text and not spec.verbatim else ()
    for note in notes:
        warn(f"{raw.name}: {note}", DataWarning)
    return source_of_frame(frame, name=raw.name, index=spec.index, notes=notes, is_from_file=True)


def _check_one_sheet(options: Mapping[str, object], name: str) -> None:
    sheet = options.get("sheet_name", 0)
    if not isinstance(sheet, str | int):
        raise InvalidArgument(f"{name}: sheet_name is the name or number of one sheet, not {sheet!r}")


def _read(raw: Raw, options: Mapping[str, Any]) -> "pd.DataFrame":
    with raw.seekable() as source:
        return _sheet(source, raw.name, options)


def _sheet(source: BinaryIO, name: str, options: Mapping[str, Any]) -> "pd.DataFrame":
    import pandas as pd
    from python_calamine import CalamineError

    try:
        frame: pd.DataFrame = pd.read_excel(source, **{"engine": "calamine", **options})
    except (TypeError, OverflowError) as wrong:
        raise InvalidArgument(f"{name}: {wrong}") from None
    except ImportError as missing:
        raise ExtraMissing(f"{name}: engine={options.get('engine')!r} is not installed: {missing}") from None
    except (ValueError, KeyError, IndexError, CalamineError) as wrong:
        raise UnreadableSource(f"{name} cannot be read: {wrong}") from None
    return frame


# What pandas makes a number although it was typed as a text ----------------------------------------


def _lost_text(raw: Raw, options: Mapping[str, object], frame: "pd.DataFrame") -> tuple[str, ...]:
    """A note for each column of numbers that was text with leading zeros. Raises LossyValue for lost digits."""
    import pandas as pd

    as_typed = _read(raw, {name: value for name, value in options.items() if name not in _TYPING} | {"dtype": object})
    asked_for = options.get("dtype")
    chosen = asked_for if isinstance(asked_for, Mapping) else dict.fromkeys(frame.columns, asked_for)
    notes = []
    for position, label in enumerate(frame.columns):
        column = frame.iloc[:, position]
        if chosen.get(label) is None and pd.api.types.is_numeric_dtype(column.dtype):
            lost = _zeros_lost(as_typed.iloc[:, position], column, what=f"{raw.name}: column {label!r}")
            if lost:
                notes.append(
                    f"column {label!r}: leading zeros were lost in {lost} value{'s' * (lost > 1)}; "
                    f"pass dtype={{{label!r}: 'str'}} to keep them"
                )
    return tuple(notes)


def _zeros_lost(typed: "pd.Series", read: "pd.Series", *, what: str) -> int:
    lost = 0
    for row, (text, number) in enumerate(zip(typed.array, read.array, strict=True), start=1):
        if not isinstance(text, str):
            continue
        digits = text.strip().lstrip("+-")
        lost += digits[:1] == "0" and digits[1:2].isdigit()
        if digits.isdigit() and int(digits) > EXACT_IN_DOUBLE and int(number) != int(text):
            raise LossyValue(f"{what}, row {row} holds {text!r}, which would lose digits; pass dtype='str' for it")
    return lost
