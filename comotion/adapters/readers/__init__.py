"""Readers: one folder of adapters that open any source as record batches. The table of formats is here.

A format is told by content, with the suffix as a hint. Its opener is imported when it is needed; what follows is
the same for every format: the user's hook, then the lake's names of the columns.
"""

import os
from collections.abc import Callable
from importlib import import_module
from typing import cast

from attrs import evolve

from comotion.domain.errors import DataWarning
from comotion.domain.warned import warn
from comotion.ports.tables import Source, SourceSpec

OBJECTS = {
    "frame": "comotion.adapters.readers.frame:open_frame",
    "arrow": "comotion.adapters.readers.arrow:open_arrow",
    "sql": "comotion.adapters.readers.sql:open_sql",
}
"""Sources that are tables already: ``opener(spec)``."""

BYTES = {
    "csv": "comotion.adapters.readers.csv:open_csv",
    "json": "comotion.adapters.readers.json:open_json",
    "parquet": "comotion.adapters.readers.parquet:open_parquet",
    "excel": "comotion.adapters.readers.excel:open_excel",
}
"""Sources that are bytes in a format: ``opener(spec, raw)``."""
NO_TEXT = frozenset({"parquet", "excel"})
"""Formats that say themselves how their texts are encoded."""


def open_source(spec: SourceSpec) -> Source:
    """Open what the user named, whatever it is.

    Raises
    ------
    InvalidArgument
        A reading argument that cannot be passed on, or data that no reader knows.
    UnreadableSource
        No table; the message says what it is and what to do.
    FileNotFoundError, ExtraMissing
    """
    from comotion.adapters.readers.csv_dtype import check_known
    from comotion.adapters.readers.csv_options import refuse_own_arguments
    from comotion.adapters.readers.hook import hooked
    from comotion.adapters.readers.lake_names import under_lake_names

    refuse_own_arguments(spec.options)
    check_known(spec.options.get("dtype"))
    source = _open(spec)
    try:
        source = hooked(source, spec)
        return source if spec.verbatim else under_lake_names(source)
    except BaseException:
        source.close()
        raise


def _open(spec: SourceSpec) -> Source:
    from comotion.adapters.readers.compressed import decompressed
    from comotion.adapters.readers.sniff import format_of
    from comotion.adapters.readers.streams import is_text, raw_of

    kind = _kind_of_object(spec)
    if kind is not None:
        return cast(Callable[[SourceSpec], Source], _load(OBJECTS[kind]))(spec)
    if is_text(spec.data):
        spec = _without_encoding(spec, "is a stream of text, decoded already")
    raw = raw_of(spec.data, name=spec.name, storage_options=spec.options.get("storage_options"))
    try:
        raw = decompressed(raw, compression=spec.options.get("compression", "infer"))
        format_ = format_of(raw, encoding=spec.options.get("encoding"))
        fitting = _without_encoding(spec, "is no text file") if format_ in NO_TEXT else spec
        return cast(Callable[[SourceSpec, object], Source], _load(BYTES[format_]))(fitting, raw)
    except BaseException:
        raw.close()
        raise


def _without_encoding(spec: SourceSpec, why: str) -> SourceSpec:
    kept = {name: value for name, value in spec.options.items() if name not in ("encoding", "encoding_errors")}
    if len(kept) == len(spec.options):
        return spec
    warn(f"{spec.name} {why}: encoding= has no effect on it", DataWarning)
    return evolve(spec, options=kept)


def _kind_of_object(spec: SourceSpec) -> str | None:
    """The kind of a source that is a table already; None for bytes."""
    data = spec.data
    if "con" in spec.options:
        return "sql"
    if isinstance(data, str | os.PathLike) or hasattr(data, "read"):
        return None
    if type(data).__module__.partition(".")[0] == "pandas":
        return "frame"
    return "arrow" if hasattr(data, "__arrow_c_stream__") else None


def _load(where: str) -> object:
    module, _, name = where.partition(":")
    return getattr(import_module(module), name)
