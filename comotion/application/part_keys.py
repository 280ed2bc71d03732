"""Under which keys the parts of one source go."""

import re
from collections.abc import Iterator
from itertools import chain
from typing import Protocol

from attrs import frozen

from comotion.domain.names import FileKey, KeyStem
from comotion.ports.tables import EncodedPart

KeyedPart = tuple[EncodedPart, FileKey | None]


class PartKeys(Protocol):
    """A rule that gives each part of a source its key, the same one whenever the source is read again."""

    @property
    def label(self) -> str:
        """What an error tells the user to upload again under."""
        ...

    @property
    def place(self) -> str:
        """Where its parts are in the load: two sources of one place replace each other, of two places they do not.

        A key and numbered keys of the same text are two: ``may`` and ``may_{n}``.
        """
        ...

    def keyed(self, parts: Iterator[EncodedPart], *, again: bool) -> Iterator[KeyedPart]:
        """Each part with its key; ``again`` when parts of this source went out before."""
        ...


def numbering_place(keys: PartKeys) -> str | None:
    """The place of the source whose numbered parts would include this exact key; None where none would."""
    found = re.fullmatch(r"(.+)_[1-9][0-9]*", keys.place) if isinstance(keys, ExactKey) else None
    return None if found is None else f"{found[1]}_{{n}}"


@frozen
class NumberedKeys:
    """``{stem}_1``, ``{stem}_2``, …, also for one part."""

    stem: KeyStem

    @property
    def label(self) -> str:
        return str(self.stem)

    @property
    def place(self) -> str:
        return f"{self.stem}_{{n}}"

    def keyed(self, parts: Iterator[EncodedPart], *, again: bool) -> Iterator[KeyedPart]:
        for part in parts:
            yield part, self.stem.numbered(part.number)


@frozen
class ExactKey:
    """The key itself, for a source that is one part."""

    key: FileKey

    @property
    def label(self) -> str:
        return str(self.key)

    @property
    def place(self) -> str:
        return str(self.key)

    def keyed(self, parts: Iterator[EncodedPart], *, again: bool) -> Iterator[KeyedPart]:
        for part in parts:
            yield part, self.key if part.number == 1 else KeyStem(str(self.key)).numbered(part.number)


@frozen(kw_only=True)
class GivenOrNumbered:
    """One part goes under the key that was given, or under the service's own when none was; several are numbered.

    Attributes
    ----------
    key : FileKey or None
    stem : KeyStem
        Of the keys of several parts.

    Notes
    -----
    Which of the two it is, is known when a second part begins, so the first waits for that.
    """

    key: FileKey | None
    stem: KeyStem

    @property
    def label(self) -> str:
        return str(self.stem)

    @property
    def place(self) -> str:
        return f"{self.stem}_{{n}}"

    def keyed(self, parts: Iterator[EncodedPart], *, again: bool) -> Iterator[KeyedPart]:
        first = next(parts)
        try:
            second = next(parts, None)
        except BaseException:
            first.discard()
            raise
        if second is None and not again:
            yield first, self.key
            return
        for part in chain((first,), () if second is None else (second,), parts):
            yield part, self.stem.numbered(part.number)
