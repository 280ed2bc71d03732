"""Several tables at once: each is uploaded, committed and looked at; one that fails does not stop the others.

Running a table again resumes it: a source that is in its load is not sent a second time, a load that was committed
is not committed again.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from attrs import evolve, field, frozen

from comotion.application.consignment import Request
from comotion.application.loads import LoadService
from comotion.domain.checksum import CheckSums
from comotion.domain.errors import ApiException, ComotionError, LoadFailed, UploadFailed, WaitTimedOut
from comotion.domain.load import LoadInfo, LoadStatus
from comotion.ports.clock import Clock

NOT_ATTEMPTED = "NOT ATTEMPTED"
"""State of a table that was not reached, or of which nothing was sent."""


@frozen(kw_only=True)
class TableUpload:
    """One table of a bulk upload.

    Attributes
    ----------
    table : str
    service : LoadService
    sources : mapping of key to callable
        Under the key of each source, what makes its Request; called only for sources that are not in the load yet.
    check_sums : CheckSums
    track_rows : bool
    """

    table: str
    service: LoadService
    sources: Mapping[str, Callable[[], Request]]
    check_sums: CheckSums
    track_rows: bool

    def upload_and_commit(self, *, max_workers: int | None) -> LoadInfo:
        """Bring the load as far as PROCESSING, and read it once. What is done already is not done again.

        Raises
        ------
        UploadFailed
            There is nothing to upload, or a source did not get there; the load is not committed.
        ComotionError
            What stopped it.
        """
        if self.service.is_open():
            if not self.sources:
                raise UploadFailed(f"table {self.table}: no data was added to load {self.service.load.load_id}")
            missing = [make for key, make in self.sources.items() if not self.service.is_uploaded(key)]
            try:
                if missing:
                    self.service.upload([make() for make in missing], max_workers=max_workers)
                self.service.commit(self.check_sums, track_rows=self.track_rows)
            except ApiException:
                if not self._was_closed_by_others():
                    raise
        return self.service.info()

    def _was_closed_by_others(self) -> bool:
        """Whether the load is no longer OPEN at the service and nothing of this upload is in it."""
        if self.service.load.parts:
            return False
        self.service.info()
        return not self.service.is_open()

    def settled(self, timeout_s: float | None) -> LoadInfo:
        """The load at its end. Raises LoadFailed, WaitTimedOut."""
        info = self.service.wait_to_complete(timeout_s)
        failure = info.failure(self.service.load.load_id or self.table)
        if failure is not None:
            raise failure
        return info


@frozen(kw_only=True)
class TableReport:
    """What became of one table.

    Attributes
    ----------
    table : str
    load_id : str or None
    state : str
        The load's status as last read (OPEN: it is not committed), or NOT ATTEMPTED.
    reasons : tuple of str
        Why it is not where it should be; empty where all is well.
    rows : int
        Rows in the load.
    error : Exception or None
        What stopped it.
    """

    table: str
    load_id: str | None
    state: str = NOT_ATTEMPTED
    reasons: tuple[str, ...] = ()
    rows: int = 0
    error: Exception | None = field(default=None, repr=False, eq=False)

    @property
    def is_good(self) -> bool:
        """Whether nothing went wrong, as far as the table got."""
        return self.error is None and not self.reasons

    def to_dict(self) -> dict[str, object]:
        """As plain values."""
        return {
            "table": self.table,
            "load_id": self.load_id,
            "state": self.state,
            "reasons": list(self.reasons),
            "rows": self.rows,
        }


Reports = dict[str, TableReport]


def run_all(
    uploads: Sequence[TableUpload],
    *,
    max_workers: int | None,
    wait: bool,
    timeout_s: float | None,
    clock: Clock,
) -> Reports:
    """Try every table; one report a table, in their order.

    Parameters
    ----------
    wait : bool
        Whether to wait, once all are committed, until each is SUCCESS or FAIL.
    timeout_s : float or None
        For all the waiting together.

    Raises
    ------
    UploadFailed
        A table failed. It carries the same ``.report``.
    WaitTimedOut
        None failed, but not all were done in time. It carries ``.report`` too.
    """
    reports = {one.table: TableReport(table=one.table, load_id=one.service.load.load_id) for one in uploads}
    for one in uploads:
        reports[one.table] = _reported(one, partial(one.upload_and_commit, max_workers=max_workers))
    if wait:
        began = clock.monotonic()
        for one in uploads:
            if reports[one.table].is_good and reports[one.table].state != LoadStatus.SUCCESS.value:
                left = None if timeout_s is None else max(0.0, timeout_s - (clock.monotonic() - began))
                reports[one.table] = _reported(one, partial(one.settled, left))
    _raise_if_any_failed(reports)
    return reports


def _reported(one: TableUpload, step: Callable[[], LoadInfo]) -> TableReport:
    """The report on a table after one step."""
    report = TableReport(table=one.table, load_id=one.service.load.load_id)
    try:
        info = step()
    except LoadFailed as failed:
        report = evolve(report, state=LoadStatus.FAIL.value, reasons=failed.reasons, error=failed)
    except Exception as error:  # noqa: BLE001  (a hook of the user's may raise anything; the other tables go on)
        state = one.service.load.status.value if one.sources else NOT_ATTEMPTED
        report = evolve(report, state=state, reasons=(_reason(error),), error=error)
    else:
        failure = info.failure(one.service.load.load_id or one.table)
        reasons = () if failure is None else failure.reasons
        report = evolve(report, state=info.load_status, reasons=reasons, error=failure)
    return evolve(report, rows=one.service.load.rows)


def _reason(error: Exception) -> str:
    return str(error) if isinstance(error, ComotionError) else f"{type(error).__name__}: {error}"


def _raise_if_any_failed(reports: Reports) -> None:
    bad = [report for report in reports.values() if not report.is_good]
    if not bad:
        return
    said = "; ".join(f"{report.table}: {', '.join(report.reasons)}" for report in bad)
    message = f"{len(bad)} of {len(reports)} tables failed: {said}"
    if all(isinstance(report.error, WaitTimedOut) for report in bad):
        raise WaitTimedOut(message, report=reports) from bad[0].error
    raise UploadFailed(message, report=reports) from bad[0].error
