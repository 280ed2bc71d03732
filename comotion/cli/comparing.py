"""Whether the rows that came back are the rows that went in, told by pandas, which neither wrote nor sent them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import partial
from math import fsum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from comotion.domain.errors import UnreadableSource
from comotion.domain.names import lake_columns

if TYPE_CHECKING:
    import pandas as pd

COMPRESSED = frozenset({".gz", ".bz2", ".xz", ".zip", ".zst"})


def read_table(path: str, options: Mapping[str, object]) -> pd.DataFrame:
    """A file as a frame, its columns named as the lake names them. Raises DataError for what is no table.

    Parameters
    ----------
    options : mapping
        pandas reading arguments.
    """
    import pandas as pd

    try:
        frame: pd.DataFrame = _reader(path)(path, **options)
    except (ValueError, TypeError, ImportError) as wrong:  # pandas' own errors are ValueErrors
        _refuse_as_a_load_would(path, options)
        raise UnreadableSource(f"pandas cannot read {path}, so there is nothing to compare with: {wrong}") from None
    frame.columns = pd.Index(lake_columns(list(frame.columns), source=path))
    return frame


def _reader(path: str) -> Callable[..., Any]:
    """The reader of pandas for the format that a file's name says; CSV where it says none."""
    import pandas as pd

    suffixes = [suffix.lower() for suffix in Path(path).suffixes if suffix.lower() not in COMPRESSED]
    suffix = suffixes[-1] if suffixes else ""
    if suffix in (".jsonl", ".ndjson"):
        return partial(pd.read_json, lines=True, dtype=False, convert_dates=False)
    if suffix == ".json":
        return _read_json
    if suffix == ".parquet":
        return pd.read_parquet
    if suffix in (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"):
        return partial(pd.read_excel, engine="calamine")
    return partial(pd.read_csv, low_memory=False)


def _read_json(path: str, **options: Any) -> Any:
    import pandas as pd

    read = partial(pd.read_json, path, **{"dtype": False, "convert_dates": False, **options})
    try:
        return read()
    except ValueError:
        return read(lines=True)


def _refuse_as_a_load_would(path: str, options: Mapping[str, object]) -> None:
    """Raise the error that uploading the file would end with, if it would."""
    from comotion.composition import open_source
    from comotion.ports.tables import SourceSpec

    source = open_source()(SourceSpec(data=path, name=path, options=options))
    for _ in source.batches():
        pass


def read_result(path: str, sent: pd.DataFrame) -> pd.DataFrame:
    """A downloaded result, its columns of the kinds that they had in ``sent``."""
    import pandas as pd

    found = pd.read_csv(path, dtype=str, keep_default_na=False, na_values=[""])
    for name in sent.columns.intersection(found.columns):
        found[name] = _of_the_kind_of(sent[name], found[name])
    return found


def _of_the_kind_of(column: pd.Series, texts: pd.Series) -> pd.Series:
    import pandas as pd

    kind = pd.api.types.infer_dtype(column, skipna=True)
    if kind == "boolean":
        return texts.map({"true": True, "false": False})
    if kind in ("integer", "floating", "mixed-integer-float", "decimal"):
        return texts.map(_number, na_action="ignore")
    if kind.startswith("datetime"):
        return pd.to_datetime(texts, utc=getattr(column.dtype, "tz", None) is not None, format="mixed")
    return texts


def _number(text: str) -> int | float:
    try:
        return int(text)
    except ValueError:
        return float(text)


def nested(frame: pd.DataFrame) -> list[str]:
    """The columns that hold lists or structs, which a CSV result writes in no form that can be read again."""
    import pandas as pd

    return [name for name in frame.columns if frame[name].map(pd.api.types.is_list_like).any()]


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
    """What differs between two tables whose rows may stand in any order; None when nothing does.

    An empty text is taken for NULL: pandas reads both as nothing.
    """
    missing = [str(name) for name in sent.columns if name not in found.columns]
    if missing:
        return f"columns {', '.join(missing)} did not come back"
    if len(sent) != len(found):
        return f"{len(sent):,} rows went in and {len(found):,} came back"
    columns = list(sent.columns)
    left, right = _in_order(sent.replace("", None)), _in_order(found[columns])
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
