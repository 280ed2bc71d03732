"""Committing a load exactly once: after a lost answer the load itself is asked before anything is decided."""

from attrs import frozen

from comotion.domain.checksum import CheckSums
from comotion.domain.errors import ApiException, ComotionError, NeverSent, OutcomeUnknown, ServiceUnreachable
from comotion.domain.load import CommitAnswer, LoadInfo, LoadStatus
from comotion.domain.pacing import Repeat, RetryPolicy, is_outcome_unknown
from comotion.ports.clock import Clock
from comotion.ports.dash import LoadGateway

FULL_WAIT = 0.999
"""Chance spreads many clients apart; this one has just looked, and waits its turn in full."""


@frozen(kw_only=True)
class Commit:
    """One commit of one load."""

    load_id: str | None
    check_sums: CheckSums
    loads: LoadGateway
    clock: Clock
    retry: RetryPolicy

    def send(self) -> CommitAnswer:
        """Send it until it is known to have been taken or refused.

        Raises
        ------
        ApiException
            The service refused it, or answered so to the end; the load is OPEN.
        OutcomeUnknown, ServiceUnreachable
            Not even the load could be read, or the retry policy is exhausted with the load still OPEN.
        """
        began = self.clock.monotonic()
        lost = 0
        while True:
            try:
                return self.loads.commit(self.load_id, self.check_sums)
            except NeverSent:
                raise  # the gateway has repeated it already, and it surely did not run
            except (ServiceUnreachable, OutcomeUnknown, ApiException) as error:
                refused = isinstance(error, ApiException) and not _may_have_run(error)
                if refused and not lost:
                    raise  # the gateway has repeated it as often as it may
                info = self._look(error)
                if info.load_status != LoadStatus.OPEN.value:
                    return CommitAnswer(message=f"the commit was taken and its answer lost; {info.load_status} now")
                lost += 1
                pause = self.retry.wait_s(failures=lost, elapsed_s=self.clock.monotonic() - began, chance=FULL_WAIT)
                if pause is None or refused:
                    raise (_answered(error) or error) from None
                self.clock.sleep(pause)

    def _look(self, lost: Exception) -> LoadInfo:
        try:
            if self.load_id is not None:
                return self.loads.info(self.load_id)
        except ComotionError as blind:  # also without a token, or past a proxy's page
            raise OutcomeUnknown(
                f"load {self.load_id}: the answer to the commit was lost ({lost}) and the load could not be read "
                f"({blind}); read its status before committing again"
            ) from lost
        raise lost


def _may_have_run(answered: ApiException) -> bool:
    return is_outcome_unknown(Repeat.ONLY_IF_NOT_RUN, answered.status)


def _answered(error: BaseException | None) -> ApiException | None:
    """The service's own answer behind an error, if it gave one: the load was seen OPEN after it."""
    while error is not None and not isinstance(error, ApiException):
        error = error.__cause__
    return error
