"""Hand-written ports of a load, for tests: rows are tuples, a part is a list of them, the store is a dict."""

import threading
from collections.abc import Callable, Generator, Iterable, Iterator
from types import SimpleNamespace

from attrs import define, field

from comotion.application.consignment import Request
from comotion.application.loads import LoadService
from comotion.application.part_keys import NumberedKeys
from comotion.domain.chunking import Cut
from comotion.domain.load import CommitAnswer, LoadDraft, LoadInfo, UploadTicket
from comotion.domain.names import FileKey, KeyStem, TableName
from comotion.domain.pacing import PollPolicy, RetryPolicy
from comotion.domain.schema import Column, ColumnType, Schema, SchemaWidened
from comotion.ports.storage import Spare
from comotion.ports.tables import SourceSpec
from comotion.testing import FakeClock

Rows = list[tuple]


def schema(**types: ColumnType) -> Schema:
    return Schema(tuple(Column(name, type_) for name, type_ in types.items()))


@define(eq=False)
class RowsPart:
    """A part that is complete; ``body`` is itself."""

    number: int
    content: Rows
    written_as: Schema
    discarded: bool = False
    row_bytes: int = 10

    @property
    def body(self) -> "RowsPart":
        return self

    def rows(self) -> int:
        return len(self.content)

    def rows_so_far(self) -> int:
        return len(self.content)

    def size_bytes(self) -> int:
        return self.row_bytes * len(self.content)

    def chunks(self, size_bytes: int) -> Iterator[bytes]:
        yield repr(self.content).encode()

    def discard(self) -> None:
        self.discarded = True


class RowsEncoder:
    """A part every ``cut.rows`` rows."""

    def __init__(self) -> None:
        self.closed = 0

    def parts(
        self, batches: Iterable[Rows], *, schema: Schema, cut: Cut, source: str = "the source"
    ) -> Iterator[RowsPart]:
        number, waiting = 0, []
        try:
            for batch in batches:
                waiting += batch
                while cut.rows is not None and len(waiting) >= cut.rows:
                    number += 1
                    yield RowsPart(number, waiting[: cut.rows], schema)
                    waiting = waiting[cut.rows :]
            if waiting or not number:
                yield RowsPart(number + 1, waiting, schema)
        finally:
            self.closed += 1

    def empty_part(self, schema: Schema) -> RowsPart:
        return RowsPart(1, [], schema)


@define(eq=False)
class RowsSource:
    """Batches of rows; ``widens_after`` batches the schema turns out to be ``wider``."""

    name: str
    rows_by_batch: list[Rows]
    now: Schema
    wider: Schema | None = None
    widens_after: int = 0
    fails_with: Exception | None = None
    repeatable: bool = True
    as_it_is: RowsPart | None = None
    note: str | None = None
    passes: int = 0
    passes_open: int = 0
    closed: bool = False

    def schema(self) -> Schema:
        return self.now

    def batches(self) -> Generator[Rows, None, None]:
        self.passes += 1
        self.passes_open += 1
        try:
            yield from self._batches()
        finally:
            self.passes_open -= 1

    def _batches(self) -> Iterator[Rows]:
        for number, batch in enumerate(self.rows_by_batch):
            if self.wider is not None and number == self.widens_after:
                self.now, self.wider = self.wider, None
                raise SchemaWidened(self.now)
            yield batch
        if self.fails_with is not None:
            raise self.fails_with

    def is_repeatable(self) -> bool:
        return self.repeatable

    def verbatim_file(self) -> RowsPart | None:
        return self.as_it_is

    def notes(self) -> tuple[str, ...]:
        return () if self.note is None else (self.note,)

    def close(self) -> None:
        self.closed = True


@define(eq=False)
class MemoryLoads:
    """Answers from a script; remembers what it was asked."""

    tickets: list[str | None] = field(factory=list)
    commits: list[dict] = field(factory=list)
    commit_script: list[Exception | None] = field(factory=list)
    status: list[str] = field(factory=lambda: ["OPEN"])
    refuses_ticket: Exception | None = None

    def create(self, draft: LoadDraft) -> str:
        return "load1"

    def info(self, load_id: str) -> LoadInfo:
        word = self.status.pop(0) if len(self.status) > 1 else self.status[0]
        return LoadInfo(load_status=word)

    def ticket(self, load_id: str | None, key: FileKey | None) -> UploadTicket:
        if self.refuses_ticket is not None:
            raise self.refuses_ticket
        self.tickets.append(None if key is None else str(key))
        return UploadTicket(path=f"loads/{key or f'named_{len(self.tickets)}'}", bucket="lake")

    def commit(self, load_id: str | None, check_sums: object) -> CommitAnswer:
        self.commits.append(check_sums.to_wire())
        error = self.commit_script.pop(0) if self.commit_script else None
        if error is not None:
            raise error
        return CommitAnswer(message="taken")


@define(eq=False)
class MemoryStore:
    """Keeps parts by path. ``before`` is run in the worker thread, before a part is kept."""

    kept: dict[str, RowsPart] = field(factory=dict)
    puts: list[str] = field(factory=list)
    before: Callable[[str], None] = lambda path: None
    wants_two: bool = False
    most_at_once: int = 0
    _now: int = 0
    _lock: threading.Lock = field(factory=threading.Lock)

    def put(self, ticket: UploadTicket, body: RowsPart, renew: Callable[[], UploadTicket], *, spare: Spare) -> None:
        has_two = self.wants_two and spare.take()
        with self._lock:
            self._now += 1 + has_two
            self.most_at_once = max(self.most_at_once, self._now)
        try:
            self.before(ticket.path)
            with self._lock:
                self.puts.append(ticket.path)
                self.kept[ticket.path] = body
        finally:
            with self._lock:
                self._now -= 1 + has_two
            if has_two:
                spare.give_back()

    def rows(self) -> Rows:
        return sorted(row for part in self.kept.values() for row in part.content)


class World:
    """A load over ports in memory."""

    def __init__(self) -> None:
        self.loads = MemoryLoads()
        self.store = MemoryStore()
        self.encoder = RowsEncoder()
        self.clock = FakeClock()
        self.opened: list[str] = []
        self.settings = SimpleNamespace(max_workers=2, retry=RetryPolicy(), poll=PollPolicy())
        self._uuids = iter(range(1, 1000))

    def new_uuid(self) -> str:
        return f"{next(self._uuids):08d}-0000-4000-8000-000000000000"

    def open_source(self, spec: SourceSpec) -> RowsSource:
        self.opened.append(spec.name)
        if isinstance(spec.data, Exception):
            raise spec.data
        return spec.data() if callable(spec.data) else spec.data

    def load(self) -> LoadService:
        return LoadService.create(self, LoadDraft(table=TableName("policies")))


def request(source: object, *, stem: str = "src", rows: int | None = None, again: bool = False) -> Request:
    """``source`` is a RowsSource, a maker of one, or the error that opening it raises."""
    name = getattr(source, "name", "a path")
    return Request(
        spec=SourceSpec(data=source, name=name),
        keys=NumberedKeys(KeyStem(stem)),
        cut=Cut(rows=rows),
        can_be_opened_again=again,
    )
