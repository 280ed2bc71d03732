"""The life of one load as this client drives it: open it, upload sources, commit, look, wait."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from threading import RLock
from typing import Self

from attrs import define, evolve, field

from comotion.application.committing import Commit
from comotion.application.consignment import Consignment, Request, refuse_shared_keys
from comotion.application.dry_run import evaluated
from comotion.application.load_ports import LoadPorts
from comotion.application.part_keys import NumberedKeys, numbering_place
from comotion.application.parts_in_flight import PartsInFlight
from comotion.application.put_back import put_back_on_failure
from comotion.application.uploads import Uploading
from comotion.application.waiting import wait
from comotion.domain.checksum import CheckSums
from comotion.domain.errors import (
    ApiException,
    BrokenAnswer,
    DataWarning,
    MissingKey,
    OutcomeUnknown,
    ServiceUnreachable,
    StorageRefused,
    UnAuthenticatedException,
    UploadFailed,
    UploadRefused,
)
from comotion.domain.load import (
    CommitAnswer,
    Load,
    LoadDraft,
    LoadEvent,
    LoadInfo,
    LoadStatus,
    Part,
    UploadTicket,
    next_status,
)
from comotion.domain.names import FileKey, KeyStem, generated_key
from comotion.domain.receipt import LoadReceipt, SourceReceipt
from comotion.domain.warned import warn
from comotion.ports.evaluation import Evaluate


@define(eq=False, kw_only=True)
class LoadService:
    """One load. Several threads may upload to it, one after the other.

    Attributes
    ----------
    ports : LoadPorts
    load : Load
        The load as it is known now; a new value after each step.
    table : str
        For the receipt; empty where the load was made elsewhere.
    evaluate : callable, optional
        Evaluates check sums over the files of a dry run.
    commit_answer : CommitAnswer or None
        What came of the commit; in a dry run it says what each check sum was found to be.
    """

    ports: LoadPorts
    load: Load
    table: str = ""
    evaluate: Evaluate | None = None
    _consignments: dict[str, Consignment] = field(factory=dict, init=False)
    _spent: list[object] = field(factory=list, init=False)
    _failed_stems: dict[str, KeyStem] = field(factory=dict, init=False)
    _committed_with: CheckSums | None = field(default=None, init=False)
    _turn: AbstractContextManager[bool] = field(factory=RLock, init=False)
    _in_flight: PartsInFlight | None = field(default=None, init=False)
    commit_answer: CommitAnswer | None = field(default=None, init=False)

    @classmethod
    def create(cls, ports: LoadPorts, draft: LoadDraft, *, evaluate: Evaluate | None = None) -> Self:
        """Open a new load at the service."""
        load_id = ports.loads.create(draft)
        return cls(ports=ports, load=Load(load_id=load_id), table=str(draft.table), evaluate=evaluate)

    @classmethod
    def attach(cls, ports: LoadPorts, load_id: str) -> Self:
        """A load that was opened before; what others uploaded to it is not known here."""
        return cls(ports=ports, load=Load(load_id=load_id))

    # ---- uploading

    def new_stem(self, source: str = "") -> KeyStem:
        """A stem for a source that was given no key: new, or the one that this very source failed under.

        Parameters
        ----------
        source : str
            What tells the source from others, see ``identity``.
        """
        return self._failed_stems.get(source) or KeyStem(generated_key(self.ports.new_uuid()))

    def ticket(self, key: FileKey | None) -> UploadTicket:
        """Where a part of the caller's own goes; it is not among the rows that are counted here."""
        return self.ports.loads.ticket(self.load.load_id, key)

    def is_open(self) -> bool:
        """Whether parts can be put to it: OPEN as last read, and not committed by this object."""
        return self.load.status is LoadStatus.OPEN and self._committed_with is None

    def is_uploaded(self, label: str) -> bool:
        """Whether the source under this key or stem was uploaded whole by this object."""
        return any(one.is_whole() for one in self._consignments.values() if one.label == label)

    def is_begun(self, label: str) -> bool:
        """Whether parts of the source under this key or stem may be in the load."""
        return any(one.label == label for one in self._consignments.values())

    def rows_written(self) -> int:
        """Rows that were read and written into parts so far, stored or not, for whoever watches from another thread."""
        flight = self._in_flight
        return self.load.rows + (flight.rows_on_the_way() if flight is not None else 0)

    def upload(self, requests: Sequence[Request], *, max_workers: int | None = None) -> list[SourceReceipt]:
        """Upload sources under one schema; a receipt each, in order. Returns when every part is stored.

        A source that fails after the first bytes may have gone out leaves the load uncommittable until it is
        uploaded again under its key.

        Raises
        ------
        LoadNotOpen
            The load is no longer OPEN.
        InvalidName
            Two of the sources would have parts under one key.
        DataError
            A source cannot be loaded, or two cannot have one schema.
        UploadFailed
            A part did not reach the object store, or (UploadRefused) the service refused it a ticket.
        """
        with self._turn:  # threads of the user's own take turns: one schema a load, every part counted
            return self._upload(requests, max_workers)

    def _upload(self, requests: Sequence[Request], max_workers: int | None) -> list[SourceReceipt]:
        next_status(self.load.status, LoadEvent.PUT_PART, load_id=self.load.load_id or "")
        refuse_shared_keys(requests)
        self._refuse_spent(requests)
        self._note_replaced(requests)
        new = [self._consigned(request) for request in requests]
        places = {one.place for one in new}
        settled = [one for one in self._consignments.values() if one.place not in places and one.can_stay()]
        self._in_flight = flight = self._flight(max_workers or self.ports.settings.max_workers)
        uploading = Uploading(
            open_source=self.ports.open_source,
            encoder=self.ports.encoder,
            flight=flight,
            settled=settled,
            new=new,
        )
        try:
            with put_back_on_failure([request.spec.data for request in requests], spent=self._spent), flight:
                uploading.run()
        except BaseException as error:
            if not uploading.has_begun:  # no part is to blame
                raise
            self._note_failures([*settled, *new], error)
            failure = _upload_failure(error, flight)
            if failure is None:
                raise
            raise failure from error
        for one in new:
            self._settle(one)
        return [one.receipt() for one in new]

    def _refuse_spent(self, requests: Sequence[Request]) -> None:
        """Raise UploadFailed for a stream that an earlier upload has read from: the rows it has left are not all."""
        for request in requests:
            if any(one is request.spec.data for one in self._spent):
                raise UploadFailed(
                    f"{request.spec.name} was read from by an upload that failed, and cannot go back: open it anew, "
                    f"and upload that under the key {request.keys.label!r}"
                )

    def _flight(self, max_workers: int) -> PartsInFlight:
        return PartsInFlight(
            self.load.load_id,
            loads=self.ports.loads,
            store=self.ports.store,
            max_workers=max_workers,
            landed=self._land,
        )

    def _note_replaced(self, requests: Sequence[Request]) -> None:
        """A part of an earlier source under the very key of a new one is replaced: the user's wish, said aloud."""
        for request in requests:
            earlier = self._consignments.get(numbering_place(request.keys) or "")
            if earlier is not None and FileKey(request.keys.label) in earlier.keys_out:
                earlier.is_partly_replaced = True
                warn(
                    f"{request.spec.name} replaces a part of {earlier.name}, under the key {request.keys.label!r}",
                    DataWarning,
                )

    def _consigned(self, request: Request) -> Consignment:
        before = self._consignments.get(request.keys.place)
        return Consignment(request=request, keys_out=set(before.keys_out) if before else set())

    def _land(self, one: Consignment, part: Part) -> None:
        one.landed[part.path] = part
        self.load = self.load.with_part(part)

    def _settle(self, one: Consignment) -> None:
        self._consignments[one.place] = one
        self._failed_stems.pop(one.request.identity, None)
        self.load = self.load.without_failure(one.place)

    def _note_failures(self, consignments: Sequence[Consignment], error: BaseException) -> None:
        reason = str(error) or type(error).__name__
        for one in consignments:
            self._consignments[one.place] = one
            if one.is_whole():
                self.load = self.load.without_failure(one.place)
                continue
            self.load = self.load.with_failure(one.place, f"{one.name} (key {one.label!r}): {reason}")
            if isinstance(one.request.keys, NumberedKeys):
                self._failed_stems[one.request.identity] = one.request.keys.stem

    # ---- committing

    def commit(self, given: CheckSums, *, track_rows: bool = False, despite_failures: bool = False) -> CommitAnswer:
        """Commit with these check sums, and with the rows uploaded by this object where they are tracked.

        Raises
        ------
        MissingKey
            No check sum, and rows are not tracked.
        UploadFailed
            A source did not get there, and ``despite_failures`` was not asked for.
        LoadNotOpen
            It was committed before.
        ApiException
            The service refused the commit.
        OutcomeUnknown
            The answer was lost and the load could not be read.
        """
        sums = given.with_row_count(self.load.rows) if track_rows else given
        if not sums:
            raise MissingKey(
                f"load {self.load.load_id} cannot be committed without a check sum: pass check_sum, for example "
                "{'count(*)': 1000}, or create the load with track_rows_uploaded=True"
            )
        committed = self.load.committed(despite_failures=despite_failures)
        answer = Commit(
            load_id=self.load.load_id,
            check_sums=sums,
            loads=self.ports.loads,
            clock=self.ports.clock,
            retry=self.ports.settings.retry,
        ).send()
        self.load, self._committed_with = committed, sums
        if self.evaluate is not None and self.load.load_id is None:
            answer = evolve(answer, message=evaluated(sums, self.load, self.evaluate, table=self.table))
        self.commit_answer = answer
        return answer

    # ---- looking

    def info(self) -> LoadInfo:
        """What the service says of the load now. A dry run has no service: what is committed has succeeded."""
        if self.load.load_id is None:
            is_open = self._committed_with is None
            return LoadInfo(load_status=(LoadStatus.OPEN if is_open else LoadStatus.SUCCESS).value)
        info = self.ports.loads.info(self.load.load_id)
        self.load = self.load.observed(info)
        return info

    def wait_to_complete(self, timeout_s: float | None = None) -> LoadInfo:
        """Look until the load is final. One that is OPEN and was not committed here is returned as it is.

        Raises
        ------
        WaitTimedOut
            After ``timeout_s`` seconds; the work at the service goes on.
        """
        return wait(
            self.info,
            is_final=self._is_over,
            clock=self.ports.clock,
            poll=self.ports.settings.poll,
            timeout_s=timeout_s,
            what=f"load {self.load.load_id}",
            state=lambda info: info.load_status,
        )

    def _is_over(self, info: LoadInfo) -> bool:
        is_idle = info.load_status == LoadStatus.OPEN.value and self._committed_with is None
        return info.is_final() or is_idle

    def receipt(self) -> LoadReceipt:
        """What was uploaded by this object, from where, and with which check sums it was committed."""
        return LoadReceipt(
            table=self.table,
            load_id=self.load.load_id,
            sources=tuple(one.receipt() for one in self._consignments.values() if one.is_whole()),
            check_sums=self._committed_with or CheckSums(),
        )


def _upload_failure(error: BaseException, flight: PartsInFlight) -> UploadFailed | None:
    """What stopped a part, as an upload that failed; None for what keeps its own class."""
    message = f"{flight.failed_part(error)} was not uploaded: {error}"
    if isinstance(error, (StorageRefused, ServiceUnreachable, OutcomeUnknown, BrokenAnswer)):
        return UploadFailed(message)
    if isinstance(error, ApiException) and not isinstance(error, UnAuthenticatedException):
        return UploadRefused(message, status=error.status, operation=error.operation, body=error.body)
    return None
