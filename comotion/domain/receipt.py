"""A receipt: what was uploaded, from where, under which keys, and with which sums it was committed."""

from collections.abc import Mapping

from attrs import field, frozen

from comotion.domain.checksum import CheckSums
from comotion.domain.load import Part


@frozen(kw_only=True)
class SourceReceipt:
    """One source of a load.

    Attributes
    ----------
    source : str
        Its name: a path, ``"DataFrame"``, ``"query 5c…"``.
    parts : tuple of Part
    columns : mapping of lake column name to type
    notes : tuple of str
        What was done to the data that its owner should know.
    """

    source: str
    parts: tuple[Part, ...]
    columns: Mapping[str, str] = field(factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def rows(self) -> int:
        return sum(part.rows for part in self.parts)


@frozen(kw_only=True)
class LoadReceipt:
    """A whole load, as committed."""

    table: str
    load_id: str | None
    sources: tuple[SourceReceipt, ...]
    check_sums: CheckSums = field(factory=CheckSums)

    @property
    def rows(self) -> int:
        return sum(source.rows for source in self.sources)
