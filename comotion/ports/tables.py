"""The ports a table passes on its way to the lake: a reader opens it, an encoder cuts it into parts.

A batch is an Arrow record batch. It crosses these ports unopened: only adapters look inside.
"""

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from typing import Protocol

from attrs import field, frozen

from comotion.domain.chunking import Cut
from comotion.domain.schema import Schema
from comotion.ports.storage import PartBody

Batch = object
Hook = Callable[..., object]
"""``modify_lambda``: takes a DataFrame, edits it in place or returns another."""


@frozen(kw_only=True)
class SourceSpec:
    """A source as the user named it.

    Attributes
    ----------
    data : object
        Path, glob, open stream, DataFrame, anything with ``__arrow_c_stream__``; or a callable that opens the
        result of a query (CSV, every value quoted, NULL an empty field): called when the source is opened, read
        whole and closed at once.
    name : str
        What errors and receipts call it: a path, ``"DataFrame"``, ``"query 5c…"``.
    options : mapping
        pandas reading arguments (``dtype``, ``sep``, ``encoding``, ``sheet_name``, ...).
    hook : callable or None
        ``modify_lambda``.
    rows_per_frame : int or None
        How many rows the hook sees at a time, and how many a part holds (``chunksize``); None is the whole source.
    index : bool
        Whether a DataFrame's index becomes columns.
    verbatim : bool
        Every field as the text it is: no types, no NULLs, names unchanged (data model v1).
    """

    data: object = field(repr=False)
    name: str
    options: Mapping[str, object] = field(factory=dict, repr=False)  # may hold a database URL, or keys
    hook: Hook | None = field(default=None, repr=False)
    rows_per_frame: int | None = None
    index: bool = False
    verbatim: bool = False


class Source(Protocol):
    """An opened source: typed, named as the lake names columns, readable from the start as often as needed."""

    @property
    def name(self) -> str: ...

    def schema(self) -> Schema:
        """Column names and types as known now: from the file itself, or from its first block."""
        ...

    def batches(self) -> Generator[Batch, None, None]:
        """The rows, from the start, under ``schema()``, in bounded memory. Closed by whoever stops half-way.

        Raises
        ------
        SchemaWidened
            A later value did not fit. The source has looked at all of its rows; ``schema()`` is
            wider now, and nothing yielded by this pass may be kept.
        DataError
            The data is wrong; the message names file, line and column.
        """
        ...

    def is_repeatable(self) -> bool:
        """Whether ``batches`` can be called a second time."""
        ...

    def verbatim_file(self) -> "EncodedPart | None":
        """The source itself as one part, where it is a Parquet file that can be sent as it stands; else None."""
        ...

    def notes(self) -> tuple[str, ...]:
        """What was done to the data that its owner should know; complete once ``batches`` has ended."""
        ...

    def close(self) -> None: ...


OpenSource = Callable[[SourceSpec], Source]
"""Tells the format by content and opens it. Raises UnreadableSource, FileNotFoundError, ExtraMissing."""


class EncodedPart(Protocol):
    """One part while it is being written, and after.

    ``rows`` waits, as the body does, until the part is complete; ``rows_so_far`` does not.
    """

    @property
    def number(self) -> int: ...
    @property
    def body(self) -> PartBody: ...
    def rows(self) -> int: ...
    def rows_so_far(self) -> int: ...
    def discard(self) -> None:
        """Give its spool space back; the body cannot be read afterwards."""
        ...


class PartEncoder(Protocol):
    """Cuts record batches into Parquet parts."""

    def parts(
        self, batches: Iterable[Batch], *, schema: Schema, cut: Cut, source: str = "the source"
    ) -> Iterator[EncodedPart]:
        """Yield each part when its first bytes can be read; numbers run from 1.

        Batches are cast to ``schema`` where that loses nothing, else LossyValue names ``source`` and column.
        A source without rows makes one part of zero rows. An error of ``batches`` stops the part being
        written (its body raises it too) and is raised here.
        """
        ...

    def empty_part(self, schema: Schema) -> EncodedPart:
        """A part of zero rows under ``schema``."""
        ...
