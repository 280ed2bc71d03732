"""Parts on their way to the object store: so many at a time, failing together, reported in the calling thread."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from threading import BoundedSemaphore
from types import TracebackType
from typing import Self

from attrs import evolve, frozen

from comotion.application.consignment import Consignment
from comotion.domain.load import Part, UploadTicket
from comotion.domain.names import FileKey
from comotion.ports.dash import LoadGateway
from comotion.ports.storage import ObjectStore
from comotion.ports.tables import Batch, EncodedPart


@frozen(eq=False, kw_only=True)
class _Sent:
    part: EncodedPart
    key: FileKey | None
    owner: Consignment
    source: str


class RequestsInFlight:
    """So many requests at a time, tickets and uploads together: one each worker, and those that are to spare."""

    def __init__(self, most: int) -> None:
        self._free = BoundedSemaphore(most)

    def __enter__(self) -> None:
        """Wait for a worker's own."""
        self._free.acquire()

    def __exit__(self, *_: object) -> None:
        self._free.release()

    def take(self) -> bool:
        """One to spare, if there is one now."""
        return self._free.acquire(blocking=False)

    def give_back(self) -> None:
        """It is over."""
        self._free.release()


class PartsInFlight:
    """Uploads parts in threads; a context manager.

    Parameters
    ----------
    load_id : str or None
        The load that the parts belong to; None in a dry run.
    max_workers : int
        Requests in flight at any time, tickets and uploads together.
    landed : callable
        Told ``(owner, part)`` of each part that is stored, in the thread that calls these methods.

    Notes
    -----
    Leaving the context by an error, KeyboardInterrupt included, withdraws what is not stored yet and returns
    when no thread is at work any more.
    """

    def __init__(
        self,
        load_id: str | None,
        *,
        loads: LoadGateway,
        store: ObjectStore,
        max_workers: int,
        landed: Callable[[Consignment, Part], None],
    ) -> None:
        self._load_id = load_id
        self._loads = loads
        self._store = store
        self._max_workers = max_workers
        self._landed = landed
        self._in_flight: dict[Future[Part], _Sent] = {}
        self._failures: list[tuple[_Sent, BaseException]] = []  # appended to by worker threads
        self._requests = RequestsInFlight(max_workers)
        self._pool = ThreadPoolExecutor(max_workers, thread_name_prefix="comotion-upload")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if error is not None:
                self._withdraw(list(self._in_flight))
        finally:
            self._pool.shutdown(wait=True, cancel_futures=True)
            for failed, _ in self._failures:
                failed.part.discard()

    def send(self, part: EncodedPart, key: FileKey | None, *, owner: Consignment, source: str) -> None:
        """Start the upload of ``part``, which may still be growing.

        Waits while more parts are complete and not stored than there are workers. Raises the first failure.
        """
        sent = _Sent(part=part, key=key, owner=owner, source=source)
        future = self._pool.submit(self._deliver, sent)
        self._in_flight[future] = sent
        self._land_all_but(self._max_workers + 1)  # one more: the part that grows while its upload waits

    def watched(self, batches: Iterable[Batch]) -> Iterator[Batch]:
        """``batches``, ending with the first failure as soon as there is one."""
        for batch in batches:
            self.check()
            yield batch

    def settle(self) -> None:
        """Wait until every part is stored. Raises the first failure."""
        self._land_all_but(0)

    def withdraw(self, owner: Consignment) -> None:
        """Stop the uploads of ``owner``'s parts and wait until none is under way; forget their failures."""
        self._withdraw([future for future, sent in self._in_flight.items() if sent.owner is owner])
        self._failures = [failed for failed in self._failures if failed[0].owner is not owner]

    def check(self) -> None:
        """Raise the first failure, if there is one."""
        if self._failures:
            raise self._failures[0][1]

    def rows_on_the_way(self) -> int:
        """Rows of the parts that have not landed, as far as they are written. May be asked in any thread."""
        return sum(sent.part.rows_so_far() for sent in list(self._in_flight.values()))

    def failed_part(self, error: BaseException) -> str:
        """The part that failed with ``error``, in words."""
        for sent, failure in self._failures:
            if failure is error:
                return f"{sent.source}: the part {'without a key' if sent.key is None else repr(str(sent.key))}"
        return "a part"

    # ---- in the calling thread

    def _land_all_but(self, at_most: int) -> None:
        while True:
            self._fold([future for future in self._in_flight if future.done()])
            self.check()
            if len(self._in_flight) <= at_most:
                return
            wait(self._in_flight, return_when=FIRST_COMPLETED)

    def _fold(self, done: list[Future[Part]]) -> None:
        for future in done:
            sent = self._in_flight.pop(future)
            if not future.cancelled() and future.exception() is None:
                self._landed(sent.owner, future.result())

    def _withdraw(self, futures: list[Future[Part]]) -> None:
        for future in futures:
            future.cancel()
            self._in_flight[future].part.discard()
        wait(futures)
        self._fold(futures)

    # ---- in a worker thread

    def _deliver(self, sent: _Sent) -> Part:
        try:
            with self._requests:
                return self._stored(sent)
        except BaseException as error:
            self._failures.append((sent, error))  # before the future is done, so that no look at it comes too early
            raise

    def _stored(self, sent: _Sent) -> Part:
        ticket = self._loads.ticket(self._load_id, sent.key)
        self._store.put(ticket, sent.part.body, lambda: self._renewed(ticket, sent.key), spare=self._requests)
        stored = Part(
            key=sent.key,
            rows=sent.part.rows(),
            size_bytes=sent.part.body.size_bytes(),
            path=ticket.path,
            source=sent.source,
        )
        sent.part.discard()
        return stored

    def _renewed(self, ticket: UploadTicket, key: FileKey | None) -> UploadTicket:
        """The same place with fresh credentials. Without a key the service would name another place."""
        fresh = self._loads.ticket(self._load_id, key)
        return fresh if key is not None else evolve(fresh, path=ticket.path, bucket=ticket.bucket)
