"""The arguments of the published Load, checked and turned into values of the domain."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from comotion.domain.errors import InvalidArgument
from comotion.domain.load import LoadDraft

if TYPE_CHECKING:
    from comotion.facade.query import Query


def draft_of(
    load_type: str | None, table_name: str | None, client_id: str | None, partitions: Sequence[str] | None
) -> LoadDraft:
    """What a new load is asked for with. Raises InvalidArgument."""
    if table_name is None:
        raise InvalidArgument("give table_name, to make a load, or load_id, to attach to one")
    return LoadDraft.parse(table_name, load_type, client_id, partitions)


def refuse_beside_load_id(*others: object) -> None:
    """Raise TypeError unless each of ``others`` was left out."""
    if any(other is not None for other in others):
        raise TypeError("a load_id attaches to a load as it was made: give config and load_id, nothing else")


def one_frame(data: object, df: object) -> object:
    """The frame that was passed under either name. Raises InvalidArgument."""
    if (data is None) == (df is None):
        raise InvalidArgument("upload_df takes one DataFrame, as data or as df")
    frame = df if data is None else data
    if not hasattr(frame, "__arrow_c_stream__"):
        raise InvalidArgument(f"upload_df takes a DataFrame, not {type(frame).__name__}; use upload_file for files")
    return frame


def query_of(data: object) -> Query:
    """The query that was passed. Raises InvalidArgument."""
    from comotion.facade.query import Query

    if not isinstance(data, Query):
        raise InvalidArgument(f"upload_dash_query takes a Query, not {type(data).__name__}; use upload_file for files")
    return data


def workers_of(max_workers: int | None) -> int | None:
    """``max_workers`` as it was given, checked. Raises InvalidArgument."""
    is_count = isinstance(max_workers, int) and not isinstance(max_workers, bool) and max_workers >= 1
    if max_workers is not None and not is_count:
        raise InvalidArgument(f"max_workers is a whole number of at least 1, not {max_workers!r}")
    return max_workers
