"""Whether the rows that came back are the rows that went in, told by pandas, which neither wrote nor sent them."""

from __future__ import annotations

from decimal import Decimal
from math import fsum
from typing import TYPE_CHECKING

from comotion.domain.errors import UnreadableSource
from comotion.domain.names import lake_columns

if TYPE_CHECKING:
    import pandas as pd


def read_csv(path: str) -> pd.DataFrame:
    """A CSV file as a frame, its columns named as the lake names them. Raises DataError for what is no table."""
    import pandas as pd

    try:
        frame = pd.read_csv(path, low_memory=False)
    except ValueError as wrong:  # pandas' own errors are ValueErrors
        _refuse_as_a_load_would(path)
        raise UnreadableSource(f"{path} is no csv file, and the demo takes no other: {wrong}") from None
    frame.columns = pd.Index(lake_columns(list(frame.columns), source=path))
    return frame


def _refuse_as_a_load_would(path: str) -> None:
    """Raise the error that uploading the file would end with, if it would."""
    from comotion.composition import open_source
    from comotion.ports.tables import SourceSpec

    source = open_source()(SourceSpec(data=path, name=path))
    for _ in source.batches():
        pass


def a_sum(frame: pd.DataFrame) -> tuple[str, int | float | Decimal]:
    """A check sum over one column of ``frame`` and its value: the last numeric column, else lengths of a text."""
    import pandas as pd

    numeric = [name for name in frame.columns if pd.api.types.is_numeric_dtype(frame[name].dtype)]
    numeric = [name for name in numeric if frame[name].dtype != bool and frame[name].notna().any()]
    if not numeric:
        return _a_sum_of_texts(frame)
    name = str(numeric[0])
    values = frame[name].dropna()
    if pd.api.types.is_integer_dtype(values.dtype):
        return f'sum("{name}")', sum(int(value) for value in values)
    return f'sum("{name}")', fsum(values)


def _a_sum_of_texts(frame: pd.DataFrame) -> tuple[str, int]:
    for name in frame.columns:
        values = frame[name].dropna()
        if len(values) and values.map(lambda value: isinstance(value, str)).all():
            return f'sum(length("{name}"))', int(values.map(len).sum())
    return f'count("{frame.columns[0]}")', int(frame[frame.columns[0]].count())


def differences(sent: pd.DataFrame, found: pd.DataFrame) -> str | None:
    """What differs between two tables whose rows may stand in any order; None when nothing does."""
    missing = [str(name) for name in sent.columns if name not in found.columns]
    if missing:
        return f"columns {', '.join(missing)} did not come back"
    if len(sent) != len(found):
        return f"{len(sent):,} rows went in and {len(found):,} came back"
    columns = list(sent.columns)
    left, right = _in_order(sent), _in_order(found[columns])
    for name in columns:
        differing = int((~_agree(left[name], right[name])).sum())
        if differing:
            return f"column {name} differs in {differing:,} of {len(left):,} rows"
    return None


def _in_order(frame: pd.DataFrame) -> pd.DataFrame:
    by = list(frame.columns)
    return frame.sort_values(by=by, key=lambda column: column.astype(str), ignore_index=True)


def _agree(left: pd.Series, right: pd.Series) -> pd.Series:
    """Row by row: both NULL, or equal; a number may have become a float on its way through text."""
    return (left == right) | (left.isna() & right.isna())
