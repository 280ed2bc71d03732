"""The sources of one table in a bulk upload: as ``uploads`` shows them, and as requests of their load."""

from __future__ import annotations

from collections.abc import Mapping
from os import PathLike
from typing import TYPE_CHECKING, Any

from comotion.domain.errors import AlreadyAdded, DataWarning, InvalidArgument, InvalidName
from comotion.domain.names import FileKey, KeyStem
from comotion.domain.warned import warn
from comotion.facade.load_arguments import one_frame
from comotion.facade.sources import key_in_folder, parse_source_type, source_type_of, tables_in

if TYPE_CHECKING:
    from comotion.application.consignment import Request
    from comotion.facade.load import Load

DataSource = dict[str, Any]
"""'data', 'source_type', 'pd_read_kwargs'."""


def sources_of(
    load: Load, data: object, file_key: str | None, source_type: str | None, options: Mapping[str, object]
) -> dict[str, DataSource]:
    """What a call of ``add_data_to_load`` adds, under its keys: one source, or one a table of a folder.

    Raises
    ------
    InvalidArgument
        No source, a source of another type than was said, or a key that cannot be.
    FileNotFoundError
    """
    if "con" in options and source_type in (None, "file"):
        kind = "file"  # what is read is a database
    else:
        kind = source_type_of(data) if source_type is None else parse_source_type(source_type)
        _check_fits(kind, data, options)
    if kind == "dir":
        keyed = _keyed_files(load, data, file_key, options)
        return {key: _source(path, "file", options) for key, path in keyed.items()}
    key = load.create_file_key() if file_key is None else file_key
    valid = FileKey(key) if kind == "df" else KeyStem(key)
    return {str(valid): _source(data, kind, options)}


def check_replacements(
    there: Mapping[str, DataSource], added: Mapping[str, DataSource], *, asked_for: str | None
) -> None:
    """Say aloud that a source replaces other data under the key that was asked for.

    Raises
    ------
    AlreadyAdded
        The key is one that nobody asked for: two folders hold files of one name.
    """
    for key in there.keys() & added.keys():
        before, after = there[key]["data"], added[key]["data"]
        if before is after or (isinstance(before, (str, PathLike)) and before == after):
            continue
        if key != asked_for:
            raise AlreadyAdded(f"{after} would replace {before} under the key {key!r}; pass another file_key")
        warn(f"other data replace what was added under the key {key!r}", DataWarning)


def request_of(load: Load, key: str, source: Mapping[str, Any]) -> Request:
    """A source as a request of its load; a query's result is fetched when it is its turn to be opened."""
    data, kind, options = source["data"], source["source_type"], source["pd_read_kwargs"]
    if kind == "df":
        return load.manner().whole(data, FileKey(key))
    if kind == "query":
        name = f"query {data.query_id}"
        return load.manner().numbered(data.get_csv_for_streaming, KeyStem(key), name=name, options=options)
    return load.manner().numbered(data, KeyStem(key), options=options)


def _source(data: object, kind: str, options: Mapping[str, object]) -> DataSource:
    return {"data": data, "source_type": kind, "pd_read_kwargs": dict(options)}


def _keyed_files(load: Load, folder: object, file_key: str | None, options: Mapping[str, object]) -> dict[str, str]:
    """The tables of a folder under their keys. Raises InvalidName where two files would have one."""
    keyed: dict[str, str] = {}
    for file in tables_in(folder, options):
        key = load.create_file_key() if file_key is None else key_in_folder(file_key, file.name)
        if key in keyed:
            raise InvalidName(f"{keyed[key]} and {file} would both have the key {key!r}; rename one")
        keyed[key] = str(file)
    return keyed


def _check_fits(kind: str, data: object, options: Mapping[str, object]) -> None:
    from comotion.facade.query import Query

    if kind == "query" and not isinstance(data, Query):
        raise InvalidArgument(f"source_type 'query' takes a Query, not {type(data).__name__}")
    if kind in ("dir", "file"):
        found = source_type_of(data)
        if kind != found and (kind, found) != ("file", "df"):
            named = data if isinstance(data, (str, PathLike)) else type(data).__name__
            raise InvalidArgument(f"source_type {kind!r} takes a {'folder' if kind == 'dir' else 'file'}, not {named}")
    if kind != "df":
        return
    one_frame(data, None)
    if options:
        warn(f"a DataFrame is taken as it is: {', '.join(options)} has no effect on it", DataWarning)
