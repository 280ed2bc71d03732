"""One source of a load: what was asked, what of it is out, and what has landed."""

from collections.abc import Sequence

from attrs import define, field, frozen

from comotion.application.part_keys import PartKeys, numbering_place
from comotion.domain.chunking import Cut
from comotion.domain.errors import InvalidName
from comotion.domain.load import Part
from comotion.domain.names import FileKey
from comotion.domain.receipt import SourceReceipt
from comotion.domain.schema import Schema
from comotion.ports.tables import Source, SourceSpec


def identity(data: object) -> str:
    """What tells an object from all others that live: a load keeps hold of what was uploaded to it."""
    return f"{type(data).__name__} {id(data)}"


@frozen(kw_only=True)
class Request:
    """A source to upload.

    Attributes
    ----------
    spec : SourceSpec
    keys : PartKeys
    cut : Cut
    can_be_opened_again : bool
        Whether ``spec`` can be opened after this upload is over: a path and a query can, a stream or a frame cannot.
    """

    spec: SourceSpec
    keys: PartKeys
    cut: Cut
    can_be_opened_again: bool = False

    @property
    def identity(self) -> str:
        """What tells its source from others: a name that finds it again, else the object that it is."""
        return self.spec.name if self.can_be_opened_again else identity(self.spec.data)


def refuse_shared_keys(requests: Sequence[Request]) -> None:
    """Raise InvalidName where two sources would replace each other's parts: rows would be lost without a word."""
    taken: dict[str, Request] = {}
    for request in requests:
        other = taken.setdefault(request.keys.place, request)
        if other is not request:
            raise _shared_key(other, request)
    for request in requests:
        other = taken.get(numbering_place(request.keys) or "", request)
        if other is not request:
            raise _shared_key(other, request)


def _shared_key(one: Request, other: Request) -> InvalidName:
    return InvalidName(
        f"{one.spec.name} (key {one.keys.label!r}) and {other.spec.name} (key {other.keys.label!r}) would have parts "
        "under one key, and one would replace the other; give one of them another key"
    )


@define(eq=False, kw_only=True)
class Consignment:
    """A source on its way.

    Attributes
    ----------
    source : Source or None
        None while it is closed.
    schema : Schema or None
        Its own, as far as it is known.
    sent_as : Schema or None
        What its parts were written under; None until all of them are out.
    is_stale : bool
        It is out, and must go out again under a wider schema.
    keys_out : set of FileKey or None
        Every key that may hold rows of it, from this or an earlier attempt; None is a key the service chose.
    keys_due : set of FileKey or None
        The keys that this attempt has used.
    landed : dict of object path to Part
        What this attempt has stored.
    is_partly_replaced : bool
        The user put something else under the key of one of its parts, which must stay there.
    """

    request: Request
    source: Source | None = None
    schema: Schema | None = None
    sent_as: Schema | None = None
    is_stale: bool = False
    keys_out: set[FileKey | None] = field(factory=set)
    keys_due: set[FileKey | None] = field(factory=set)
    landed: dict[str, Part] = field(factory=dict)
    notes: tuple[str, ...] = ()
    is_partly_replaced: bool = False

    @property
    def name(self) -> str:
        return self.request.spec.name

    @property
    def label(self) -> str:
        return self.request.keys.label

    @property
    def place(self) -> str:
        return self.request.keys.place

    def begin(self) -> None:
        """A new attempt: nothing of it is out yet."""
        self.sent_as, self.is_stale = None, False
        self.keys_due, self.landed = set(), {}

    def is_whole(self) -> bool:
        """Whether all of it is stored, once."""
        return self.sent_as is not None and self.keys_due <= {part.key for part in self.landed.values()}

    def can_stay(self) -> bool:
        """Whether it is whole and nobody else's, so that it may be sent again under a wider schema."""
        return self.is_whole() and not self.is_partly_replaced

    def is_without_rows(self) -> bool:
        """Whether it is stored, and turned out to be no row."""
        return self.is_whole() and not any(part.rows for part in self.landed.values())

    def can_be_sent_again(self) -> bool:
        """Whether its rows can be read again, if there are any, and put under the keys they have."""
        if None in self.keys_out:  # the service would choose another name, and the rows would be there twice
            return False
        if self.is_without_rows():
            return True
        return self.request.can_be_opened_again if self.source is None else self.source.is_repeatable()

    def close(self) -> None:
        """Let go of the source."""
        if self.source is not None:
            self.source.close()
            self.source = None

    def receipt(self) -> SourceReceipt:
        """What was stored of it."""
        parts = sorted(self.landed.values(), key=lambda part: (len(str(part.key)), str(part.key)))
        columns = {} if self.sent_as is None else self.sent_as.described()
        return SourceReceipt(source=self.name, parts=tuple(parts), columns=columns, notes=self.notes)
