"""Tables as a test gives them, by rows or by columns: every value arrives, or an error says which does not."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from comotion.domain.errors import InvalidArgument

if TYPE_CHECKING:
    import pyarrow as pa


def of_rows(rows: Sequence[object], *, what: str) -> "pa.Table":
    """Rows as an Arrow table: the columns of all of them, NULL where a row has none.

    Raises
    ------
    InvalidArgument
        A row that is no mapping, or a column of values that have no type in common.
    """
    mappings = [_row(row, what) for row in rows]
    names = dict.fromkeys(name for row in mappings for name in row)
    return of_columns({name: [row.get(name) for row in mappings] for name in names}, what=what)


def _row(row: object, what: str) -> Mapping[str, object]:
    if not isinstance(row, Mapping):
        raise InvalidArgument(f"{what}: a row is a dict of values by column, not {row!r}")
    return row


def of_columns(columns: Mapping[str, Any], *, what: str) -> "pa.Table":
    """Columns as an Arrow table.

    Raises
    ------
    InvalidArgument
        A column that is no list, of values that have no type in common, or of another length than the first.
    """
    import pyarrow as pa

    arrays: dict[str, pa.ChunkedArray] = {}
    for name, values in columns.items():
        try:
            if isinstance(values, (str, bytes, Mapping)):
                raise TypeError(f"a column is a list of values, not {values!r}")
            arrays[str(name)] = pa.table({str(name): values}).column(0)
        except (TypeError, ValueError) as wrong:
            raise InvalidArgument(f"{what}: column {name!r}: {wrong}") from None
    lengths = {name: len(array) for name, array in arrays.items()}
    if len(set(lengths.values())) > 1:
        raise InvalidArgument(f"{what}: columns of different lengths: {lengths}")
    return pa.table(arrays)
