"""Where the data of a CSV text begins, and what pandas calls its columns."""

import io
from collections.abc import Iterator
from typing import Any, BinaryIO, cast

from attrs import evolve, frozen

from comotion.adapters.readers import csv_lines
from comotion.adapters.readers.csv_options import CsvPlan
from comotion.adapters.readers.raw import Raw
from comotion.domain.errors import DataWarning, InvalidArgument, NotATable, UnreadableSource
from comotion.domain.warned import warn
from comotion.ports.tables import SourceSpec

BOM = b"\xef\xbb\xbf"
LOOK_AHEAD_RECORDS = 20


@frozen(kw_only=True)
class Head:
    """Attributes
    ----------
    names : tuple
        What pandas calls the columns, all of them: duplicates and empty names renamed.
    chosen : tuple of int
        Positions of the columns that are read (``usecols``), in the order of the file.
    data_at, data_line : int
        Byte offset and line number of the first record after the header.
    sample : tuple of bytes
        The header record, if there is one, and the first records after it.
    """

    names: tuple[object, ...]
    chosen: tuple[int, ...]
    data_at: int
    data_line: int
    sample: tuple[bytes, ...]

    @property
    def chosen_names(self) -> tuple[object, ...]:
        return tuple(self.names[i] for i in self.chosen)


def read_head(raw: Raw, plan: CsvPlan, *, verbatim: bool = False) -> Head:
    """Find the header of a text that Arrow can cut.

    Raises
    ------
    UnreadableSource
        No header, a header that is no text, or a quoted name that never ends.
    InvalidArgument
        ``usecols`` or ``names`` that do not fit the file.
    """
    sep, quote = plan.sep.encode(), plan.quotechar.encode()
    header = _header_number(plan)
    with raw.open() as stream:
        at = _skip_bom(stream)
    with _after(raw, at) as rest:
        at, line, kept = _skip_to(csv_lines.records(rest, sep=sep, quote=quote), at, plan, header)
    if not kept:
        raise NotATable(f"{raw.name} is empty: there is no header and no row in it")
    first = _text_of(kept[0], raw.name, sep)
    if header is None:
        kept_at, kept_line = at, line
    else:
        kept_at, kept_line = at + len(kept[0].data), line + _lines_in(kept[0].data)
    names = _names(first, plan, header, verbatim=verbatim, name=raw.name)
    return Head(
        names=names,
        chosen=chosen_columns(names, plan, raw.name),
        data_at=kept_at,
        data_line=kept_line,
        sample=tuple(one.data for one in kept),
    )


def _header_number(plan: CsvPlan) -> int | None:
    header = plan.options.get("header", "infer")
    if header == "infer":
        return None if plan.options.get("names") is not None else 0
    return header if isinstance(header, int) else None


def _skip_bom(stream: BinaryIO) -> int:
    return len(BOM) if stream.read(len(BOM)) == BOM else 0


def _after(raw: Raw, size: int) -> BinaryIO:
    stream = raw.open()
    stream.read(size)
    return stream


def _skip_to(
    found: Iterator[csv_lines.Record], at: int, plan: CsvPlan, header: int | None
) -> tuple[int, int, list[csv_lines.Record]]:
    """Offset and line of the first record that counts, and that record with some that follow it."""
    skip = plan.options.get("skiprows")
    to_skip = skip if isinstance(skip, int) else 0
    before = header or 0
    line = 1
    kept: list[csv_lines.Record] = []
    for record in found:
        if not kept:
            blank = csv_lines.is_blank(record.data, plan.sep.encode())
            if to_skip or blank or before:
                to_skip, before = (to_skip - 1, before) if to_skip else (0, before - (0 if blank else 1))
                at += len(record.data)
                line = record.line + _lines_in(record.data)
                continue
            line = record.line
        kept.append(record)
        if len(kept) > LOOK_AHEAD_RECORDS:
            break
    return at, line, kept


def _lines_in(data: bytes) -> int:
    return max(len(data.splitlines()), 1)


def _text_of(record: csv_lines.Record, name: str, sep: bytes) -> str:
    if record.is_open:
        raise UnreadableSource(f"{name}, line {record.line}: a quoted column name is never closed")
    try:
        return record.data.decode()
    except UnicodeDecodeError as wrong:
        raise UnreadableSource(
            f"{name}, line {record.line}, column {record.data[: wrong.start].count(sep) + 1}: the header is not "
            "UTF-8 text; pass encoding=, for example encoding='latin-1' or 'utf-16'"
        ) from None


def _names(first: str, plan: CsvPlan, header: int | None, *, verbatim: bool, name: str) -> tuple[object, ...]:
    quote = plan.quotechar.encode()
    plain = csv_lines.fields(first.encode(), sep=plan.sep.encode(), quote=quote)
    width = len(plain)
    given = _given_names(plan, width)
    if verbatim and given is None and header is not None:
        return tuple(csv_lines.unquoted(one, quote).decode() for one in plain)
    if given is None and header is None:
        return tuple(range(width))
    if given is None and quote not in first.encode() and all(plain) and len(set(plain)) == width:
        return tuple(one.decode() for one in plain)  # nothing to rename: pandas need not be imported for it
    import pandas as pd

    try:
        frame = pd.read_csv(  # type: ignore[call-overload]
            io.StringIO(first),
            sep=plan.sep,
            quotechar=plan.quotechar,
            header=0 if header is not None else None,
            names=given,
            nrows=0,
            index_col=False,
            dtype=str,
        )
    except (ValueError, TypeError) as wrong:
        raise InvalidArgument(f"{name}: {wrong}") from None
    names = tuple(frame.columns)
    if len(names) < width:
        raise UnreadableSource(f"{name}: {width} fields in the first record and {len(names)} names")
    return names


def _given_names(plan: CsvPlan, width: int) -> object:
    """``names=``; as many as ``usecols=`` has positions are those of the columns there, as in pandas."""
    given, usecols = plan.options.get("names"), _usecols(plan)
    if given is None or not isinstance(usecols, list) or not all(type(one) is int for one in usecols):
        return given
    places, listed = sorted(set(usecols)), list(given)  # type: ignore[call-overload]
    if len(listed) != len(places) or len(listed) >= width:
        return given
    named = dict(zip(places, listed, strict=True))
    return [named.get(place, f"\0{place}") for place in range(width)]


def _usecols(plan: CsvPlan) -> object:
    """``usecols=``, an array of any kind as a list."""
    usecols = plan.options.get("usecols")
    if usecols is None or callable(usecols):
        return usecols
    return usecols.tolist() if hasattr(usecols, "tolist") else list(usecols)  # type: ignore[call-overload]


def chosen_columns(names: tuple[object, ...], plan: CsvPlan, source: str) -> tuple[int, ...]:
    """The positions of the columns that ``usecols=`` takes. Raises InvalidArgument where it names one that is none."""
    usecols = _usecols(plan)
    if usecols is None:
        return tuple(range(len(names)))
    if callable(usecols):
        return tuple(i for i, name in enumerate(names) if usecols(name))
    wanted = cast("list[Any]", usecols)
    if all(isinstance(one, int) and not isinstance(one, bool) for one in wanted) and not _named_by_numbers(names, plan):
        outside = [one for one in wanted if not 0 <= one < len(names)]
        if outside:
            raise InvalidArgument(f"{source}: usecols names column {outside[0]}, and there are {len(names)}")
        return tuple(sorted(set(wanted)))
    missing = [one for one in wanted if one not in names]
    if missing:
        raise InvalidArgument(f"{source}: usecols names {missing[0]!r}, which is none of its columns")
    return tuple(i for i, name in enumerate(names) if name in wanted)


def _named_by_numbers(names: tuple[object, ...], plan: CsvPlan) -> bool:
    return plan.options.get("names") is not None and all(isinstance(name, int) for name in names)


def without_index(head: Head, plan: CsvPlan, spec: SourceSpec) -> Head:
    """``head`` without the columns that ``index_col`` makes the index, unless the index is wanted as columns."""
    wanted = plan.options.get("index_col")
    if wanted is None or isinstance(wanted, bool) or spec.index or spec.verbatim:
        return head
    listed = list(wanted) if isinstance(wanted, list | tuple) else [wanted]
    names = head.chosen_names
    left_out = {names[one] if isinstance(one, int) and one < len(names) else one for one in listed}
    unknown = [one for one in left_out if one not in names]
    if unknown:
        raise InvalidArgument(f"{spec.name}: index_col names {unknown[0]!r}, which is none of its columns")
    warn(
        f"{spec.name}: the index {', '.join(repr(str(one)) for one in left_out)} is not uploaded; leave index_col "
        "out, or pass index=True",
        DataWarning,
    )
    return evolve(head, chosen=tuple(i for i in head.chosen if head.names[i] not in left_out))
