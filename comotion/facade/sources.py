"""What users hand over as data: which kind it is, and which files of a folder are tables."""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping
from pathlib import Path

from comotion.domain.errors import InvalidArgument, SkippedFiles, UnreadableSource

SOURCE_TYPES = ("df", "dir", "file", "query")


def is_directory(data: object) -> bool:
    """Whether ``data`` names a folder that is there."""
    return isinstance(data, (str, os.PathLike)) and os.path.isdir(data)


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
    if is_directory(data):
        return "dir"
    if isinstance(data, (str, os.PathLike)):
        if not os.path.exists(data) and not _is_remote_or_glob(os.fspath(data)):
            raise FileNotFoundError(f"there is no file or folder {os.fspath(data)!r}")
        return "file"
    if hasattr(data, "read"):
        return "file"
    if hasattr(data, "__arrow_c_stream__"):
        return "df"
    raise InvalidArgument(
        f"{type(data).__name__} is no source: pass a path, a folder, an open file, a DataFrame or a Query"
    )


def parse_source_type(source_type: object) -> str:
    """A source type as users write it. Raises InvalidArgument."""
    if source_type not in SOURCE_TYPES:
        raise InvalidArgument(f"source_type is one of {', '.join(SOURCE_TYPES)}, not {source_type!r}")
    return str(source_type)


def tables_in(folder: object, options: Mapping[str, object] | None = None) -> list[Path]:
    """The tables at the top level of a folder, by name; a SkippedFiles warning names everything else.

    Parameters
    ----------
    folder : str or path
    options : mapping, optional
        Reading arguments that decide whether a file can be read.

    Raises
    ------
    InvalidArgument
        There is none.
    """
    place = Path(os.fspath(folder))  # type: ignore[call-overload]
    tables: list[Path] = []
    skipped: list[str] = []
    for entry in sorted(place.iterdir()):
        reason = _why_no_table(entry, options or {})
        if reason is None:
            tables.append(entry)
        else:
            skipped.append(f"{entry.name} ({reason})")
    if skipped:
        warnings.warn(f"skipped in {place}: {'; '.join(skipped)}", SkippedFiles, stacklevel=4)
    if not tables:
        raise InvalidArgument(f"the folder {place} holds no table")
    return tables


def _why_no_table(entry: Path, options: Mapping[str, object]) -> str | None:
    if entry.name.startswith("."):
        return "hidden"
    if not entry.is_file():
        return "a folder" if entry.is_dir() else "no file"
    from comotion.composition import open_source
    from comotion.ports.tables import SourceSpec

    try:
        source = open_source()(SourceSpec(data=entry, name=str(entry), options=options))
        try:
            source.schema()
        finally:
            source.close()
    except UnreadableSource as unreadable:
        return str(unreadable).removeprefix(f"{entry}: ")
    except OSError as unreadable:
        return unreadable.strerror or type(unreadable).__name__
    return None


def _is_remote_or_glob(path: str) -> bool:
    return "://" in path or any(character in path for character in "*?[")
