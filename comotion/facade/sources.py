"""What users hand over as data: which kind it is, and which files of a folder are tables."""

from __future__ import annotations

import glob
import os
from collections.abc import Mapping
from pathlib import Path

from comotion.domain.errors import InvalidArgument, InvalidName, NotATable, SkippedFiles, UnreadableSource
from comotion.domain.names import KeyStem
from comotion.domain.warned import warn

SOURCE_TYPES = ("df", "dir", "file", "query")


def is_directory(data: object) -> bool:
    """Whether ``data`` names a folder that is there."""
    return isinstance(data, (str, os.PathLike)) and os.path.isdir(data)


def is_glob(data: object) -> bool:
    """Whether ``data`` is a pattern such as ``data/*.csv``, and no file of that name."""
    if not isinstance(data, (str, os.PathLike)):
        return False
    path = os.fspath(data)
    return isinstance(path, str) and "://" not in path and glob.has_magic(path) and not os.path.exists(path)


def is_several(data: object) -> bool:
    """Whether ``data`` names a folder or a pattern, which may hold several tables."""
    return is_directory(data) or is_glob(data)


def source_type_of(data: object) -> str:
    """``"df"``, ``"dir"``, ``"file"`` (also a stream) or ``"query"``.

    Raises
    ------
    FileNotFoundError
        A path where nothing is.
    InvalidArgument
        None of these.
    """
    from comotion.facade.query import Query

    if isinstance(data, Query):
        return "query"
    if is_several(data):
        return "dir"
    if isinstance(data, (str, os.PathLike)):
        if not os.path.exists(data) and "://" not in os.fspath(data):
            raise FileNotFoundError(f"there is no file or folder {os.fspath(data)!r}")
        return "file"
    if hasattr(data, "read"):
        return "file"
    if hasattr(data, "__arrow_c_stream__"):
        return "df"
    raise _no_source(data)


def check_readable(data: object) -> None:
    """Raise InvalidArgument where ``data`` is nothing that a reader could open."""
    if not (isinstance(data, (str, os.PathLike)) or hasattr(data, "read") or hasattr(data, "__arrow_c_stream__")):
        raise _no_source(data)


def _no_source(data: object) -> InvalidArgument:
    return InvalidArgument(
        f"{type(data).__name__} is no source: pass a path, a folder, an open file, a DataFrame or a Query"
    )


def parse_source_type(source_type: object) -> str:
    """A source type as users write it. Raises InvalidArgument."""
    if source_type not in SOURCE_TYPES:
        raise InvalidArgument(f"source_type is one of {', '.join(SOURCE_TYPES)}, not {source_type!r}")
    return str(source_type)


def tables_in(folder: object, options: Mapping[str, object] | None = None) -> list[Path]:
    """The tables at the top level of a folder, or among the matches of a glob; SkippedFiles names everything else.

    Parameters
    ----------
    folder : str or path
        A folder, or a pattern such as ``data/*.csv``.
    options : mapping, optional
        Reading arguments that decide whether a file can be read.

    Raises
    ------
    InvalidArgument
        There is none.
    UnreadableSource
        A file that is a table, but a damaged one, or one that cannot be read: nobody wants the folder without its rows.
    """
    place = Path(os.fspath(folder))  # type: ignore[call-overload]
    tables: list[Path] = []
    skipped: list[str] = []
    entries = map(Path, glob.glob(str(place), recursive=True)) if is_glob(folder) else place.iterdir()
    for entry in sorted(entries):
        reason = _why_no_table(entry, options or {})
        if reason is None:
            tables.append(entry)
        else:
            skipped.append(f"{entry.name} ({reason})")
    if skipped:
        warn(f"skipped in {place}: {'; '.join(skipped)}", SkippedFiles)
    if not tables:
        raise InvalidArgument(f"there is no table in {place}")
    return tables


def _why_no_table(entry: Path, options: Mapping[str, object]) -> str | None:
    if entry.name.startswith("."):
        return "hidden"
    if not entry.is_file() and entry.exists():
        return "a folder" if entry.is_dir() else "no file"
    from comotion.composition import open_source
    from comotion.ports.tables import SourceSpec

    try:
        source = open_source()(SourceSpec(data=entry, name=str(entry), options=options))
        try:
            source.schema()
        finally:
            source.close()
    except NotATable as unreadable:
        return str(unreadable).removeprefix(f"{entry}: ")
    except OSError as unreadable:  # nobody knows what it holds, and it may be a table
        why = unreadable.strerror or "it leads nowhere"
        raise UnreadableSource(f"{entry} cannot be read ({why}): take it out of the folder, or mend it") from None
    return None


def key_in_folder(file_key: str, file_name: str) -> str:
    """The key of one file of several: ``{file_key}_{file stem}``. Raises InvalidName, naming the file."""
    stem = f"{file_key}_{file_name.split('.', 1)[0]}"
    try:
        return str(KeyStem(stem))
    except InvalidName as wrong:
        raise InvalidName(f"the file name {file_name!r} gives no file key: {wrong}") from None
