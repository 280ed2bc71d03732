"""Sources on their way into one load: one schema for all, each source exactly once, whatever happens on the way.

A source whose later values do not fit is read again under a wider schema and its parts go under the same
keys; a key that is not needed any more is overwritten with a part of zero rows.
"""

from collections.abc import Generator, Iterator, Sequence
from contextlib import closing

from attrs import define, field

from comotion.application.consignment import Consignment
from comotion.application.parts_in_flight import PartsInFlight
from comotion.domain.errors import DataWarning, SchemaConflict
from comotion.domain.part_types import first_unreadable, is_written_alike
from comotion.domain.schema import Schema, SchemaWidened, join_schemas
from comotion.domain.warned import warn
from comotion.ports.tables import EncodedPart, OpenSource, PartEncoder, Source


@define(kw_only=True)
class Uploading:
    """Sends the sources of one call.

    Attributes
    ----------
    settled : sequence of Consignment
        Those of earlier calls on the same load.
    new : sequence of Consignment
        Those of this call.
    has_begun : bool
        Whether the sources agreed and bytes may have gone out.
    """

    open_source: OpenSource
    encoder: PartEncoder
    flight: PartsInFlight
    settled: Sequence[Consignment]
    new: Sequence[Consignment]
    has_begun: bool = field(default=False, init=False)
    _joined: Schema = field(default=Schema(()), init=False)

    def run(self) -> None:
        """Send all that is new, and again what a wider schema touches. Returns when everything is stored."""
        try:
            for one in self.new:
                one.schema = self._opened(one).schema()
            self._agree()
            self.has_begun = True
            while (unsent := self._next_unsent()) is not None:
                if unsent.is_without_rows():
                    self._send_no_rows(unsent)
                else:
                    self._send(unsent)
                self.flight.check()
            self.flight.settle()
        finally:
            for one in self._all():
                one.close()

    def _all(self) -> Iterator[Consignment]:
        yield from self.settled
        yield from self.new

    def _next_unsent(self) -> Consignment | None:
        return next((one for one in self._all() if one.sent_as is None or one.is_stale), None)

    # ---- one source

    def _send(self, one: Consignment) -> None:
        """Send ``one`` under the joined schema; it stays unsent when its schema turned out wider."""
        source, target = self._opened(one), self._joined
        self.flight.withdraw(one)
        again = bool(one.keys_out)
        one.begin()
        try:
            with closing(self._parts(one, source, target)) as parts:
                for part, key in one.request.keys.keyed(parts, again=again):
                    one.keys_out.add(key)
                    one.keys_due.add(key)
                    self.flight.send(part, key, owner=one, source=one.name)
        except SchemaWidened:
            self.flight.withdraw(one)
            one.schema = source.schema()
            self._agree()
            return
        one.sent_as = target
        one.notes = source.notes()
        self._empty_unused_keys(one, target)

    def _send_no_rows(self, one: Consignment) -> None:
        """Give the parts of ``one``, which hold no row, the joined schema; nothing has to be read for that."""
        one.begin()
        one.sent_as = self._joined
        self._empty_unused_keys(one, self._joined)

    def _opened(self, one: Consignment) -> Source:
        if one.source is None:
            one.source = self.open_source(one.request.spec)
            if one.schema is not None:  # it was read before; what it says now may be narrower, or it has changed
                one.schema = join_schemas([(one.name, one.schema), (f"{one.name} as it is now", one.source.schema())])
                self._agree()
        return one.source

    def _parts(self, one: Consignment, source: Source, target: Schema) -> Generator[EncodedPart, None, None]:
        cut = one.request.cut
        as_it_is = source.verbatim_file() if cut.rows is None and source.schema() == target else None
        if as_it_is is not None and as_it_is.body.size_bytes() <= cut.size_bytes:
            yield as_it_is
            return
        with closing(source.batches()) as batches:  # a reader that is left half-way reads ahead in a thread of its own
            yield from self.encoder.parts(self.flight.watched(batches), schema=target, cut=cut, source=one.name)

    def _empty_unused_keys(self, one: Consignment, schema: Schema) -> None:
        """Take the rows of an earlier attempt out of the load: a part cannot be removed, only replaced."""
        for key in sorted(key for key in one.keys_out - one.keys_due if key is not None):
            one.keys_due.add(key)
            self.flight.send(self.encoder.empty_part(schema), key, owner=one, source=one.name)

    # ---- one schema

    def _agree(self) -> None:
        """Join all schemas as far as they are known; what went out under a narrower one is stale."""
        self._joined = join_schemas([(one.name, one.schema) for one in self._all() if one.schema is not None])
        for one in self._all():
            one.is_stale = False
            if one.sent_as is not None and not is_written_alike(one.sent_as, self._joined):
                self._reconsider(one, one.sent_as)

    def _reconsider(self, one: Consignment, sent_as: Schema) -> None:
        if one.can_be_sent_again():
            one.is_stale = True
            return
        column = first_unreadable(sent_as, self._joined)
        if column is not None:
            raise SchemaConflict(
                f"column {column!r} went out as {sent_as.described()[column]} with {one.name}, which cannot be "
                f"read again, and is {self._joined.described()[column]} with {self._widest(column, one)}; "
                "give both the same type and start a new load"
            )
        warn(
            f"{one.name} went out with narrower numbers than the sources after it and cannot be read again; "
            "the service joins them",
            DataWarning,
        )
        one.sent_as = self._joined

    def _widest(self, column: str, but: Consignment) -> str:
        wanted = self._joined.described()[column]
        others = [one for one in self._all() if one is not but and one.schema is not None]
        return next(
            (one.name for one in others if one.schema and one.schema.described()[column] == wanted), others[-1].name
        )
