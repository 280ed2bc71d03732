"""HttpClient that sends again what may be sent again, and says so when the outcome of a request is unknown."""

import logging
from collections.abc import Callable, Iterator

from attrs import frozen

from comotion.domain.errors import AnswerLost, NeverSent, NotTrusted, OutcomeUnknown, ServiceUnreachable
from comotion.domain.pacing import (
    Fault,
    RetryPolicy,
    is_outcome_unknown,
    may_repeat_fault,
    may_repeat_status,
    retry_after_s,
)
from comotion.ports.clock import Clock
from comotion.ports.http import Headers, HttpClient, HttpRequest, HttpResponse

log = logging.getLogger("comotion.http")
LOOK_FIRST = "It may have run: look in Comotion Dash whether it did before you run it again"


@frozen
class WholeResponse:
    """An HttpResponse whose body is here already; its connection is free."""

    status: int
    headers: Headers
    body: bytes

    def read(self) -> bytes:
        return self.body

    def chunks(self, size_bytes: int) -> Iterator[bytes]:
        yield from (self.body[at : at + size_bytes] for at in range(0, len(self.body), size_bytes))

    def close(self) -> None:
        """Nothing is open."""


class RetryingHttp:
    """Sends through ``inner``, as often as the request and the policy allow.

    An answer with an error status is returned as it is once it may not be repeated, or not again; what it means
    is for the caller to say. Only when it leaves open whether the request ran, OutcomeUnknown is raised.

    Parameters
    ----------
    inner : HttpClient
    policy : RetryPolicy
    clock : Clock
        Measures, waits, and reads the date form of Retry-After.
    chance : callable
        Gives a number in [0, 1).
    """

    def __init__(self, inner: HttpClient, *, policy: RetryPolicy, clock: Clock, chance: Callable[[], float]) -> None:
        self._inner = inner
        self._policy = policy
        self._clock = clock
        self._chance = chance

    def send(self, request: HttpRequest) -> HttpResponse:
        started = self._clock.monotonic()
        attempts = 0
        while True:
            outcome = self._attempt(request)
            attempts += 1
            wait_s = self._wait_s(request, outcome, attempts, self._clock.monotonic() - started)
            if wait_s is None:
                return self._final(request, outcome, attempts)
            log.info(
                "%s: attempt %d failed (%s), again in %.1f s", request.operation, attempts, _short(outcome), wait_s
            )
            if not isinstance(outcome, ServiceUnreachable):
                outcome.close()
            self._clock.sleep(wait_s)

    def _attempt(self, request: HttpRequest) -> HttpResponse | ServiceUnreachable:
        try:
            response = self._inner.send(request)
            if request.streamed and response.status < 400:
                return response
            return WholeResponse(response.status, response.headers, response.read())
        except NotTrusted:
            raise
        except (NeverSent, AnswerLost) as fault:
            return fault

    def _wait_s(
        self, request: HttpRequest, outcome: HttpResponse | ServiceUnreachable, attempts: int, elapsed_s: float
    ) -> float | None:
        """Seconds until the next attempt, or None when this outcome stands."""
        asked_s = None
        if isinstance(outcome, ServiceUnreachable):
            may_repeat = may_repeat_fault(request.repeat, _fault(outcome))
        else:
            may_repeat = may_repeat_status(request.repeat, outcome.status)
            asked_s = retry_after_s(outcome.headers.get("Retry-After"), self._clock.now())
        if not may_repeat:
            return None
        return self._policy.wait_s(failures=attempts, elapsed_s=elapsed_s, chance=self._chance(), asked_s=asked_s)

    def _final(self, request: HttpRequest, outcome: HttpResponse | ServiceUnreachable, attempts: int) -> HttpResponse:
        tried = f" (after {attempts} attempts)" if attempts > 1 else ""
        if isinstance(outcome, ServiceUnreachable):
            if isinstance(outcome, AnswerLost) and not may_repeat_fault(request.repeat, Fault.ANSWER_LOST):
                raise OutcomeUnknown(f"{outcome}{tried}. {LOOK_FIRST}") from outcome
            raise type(outcome)(f"{outcome}{tried}") from outcome.__cause__
        if is_outcome_unknown(request.repeat, outcome.status):
            raise OutcomeUnknown(
                f"{request.operation}: the service answered {outcome.status}{tried}. {LOOK_FIRST}",
                status=outcome.status,
                body=outcome.read(),
            )
        if attempts > 1 and outcome.status >= 400:
            log.warning(
                "%s: gave up after %d attempts, the last answer was %d", request.operation, attempts, outcome.status
            )
        return outcome


def _fault(fault: ServiceUnreachable) -> Fault:
    return Fault.NEVER_SENT if isinstance(fault, NeverSent) else Fault.ANSWER_LOST


def _short(outcome: HttpResponse | ServiceUnreachable) -> str:
    return type(outcome).__name__ if isinstance(outcome, ServiceUnreachable) else str(outcome.status)
