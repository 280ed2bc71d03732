"""The arguments of the published Load, checked and turned into values of the domain."""

from collections.abc import Sequence

from comotion.domain.errors import InvalidArgument
from comotion.domain.load import LoadDraft, LoadType
from comotion.domain.names import TableName


def draft_of(
    load_type: str | None, table_name: str | None, client_id: str | None, partitions: Sequence[str] | None
) -> LoadDraft:
    """What a new load is asked for with. Raises InvalidArgument."""
    if table_name is None:
        raise InvalidArgument("give table_name, to make a load, or load_id, to attach to one")
    known = [kind.value for kind in LoadType]
    if load_type is not None and load_type not in known:
        raise InvalidArgument(f"load_type is {' or '.join(known)}, not {load_type!r}")
    if isinstance(partitions, str):
        raise InvalidArgument(f"partitions is a list of names, not the text {partitions!r}")
    return LoadDraft(
        table=TableName(table_name),
        load_type=LoadType(load_type or LoadType.APPEND_ONLY.value),
        service_client_id=None if client_id is None else str(client_id),
        partitions=None if partitions is None else tuple(partitions),
    )


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


def workers_of(maxworkers_of: int | None) -> int | None:
    """``max_workers`` as it was given, checked. Raises InvalidArgument."""
    if maxworkers_of is not None and (isinstance(maxworkers_of, bool) or maxworkers_of < 1):
        raise InvalidArgument(f"maxworkers_of is a whole number of at least 1, not {maxworkers_of!r}")
    return maxworkers_of
