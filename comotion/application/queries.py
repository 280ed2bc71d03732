"""Queries: start or attach, wait, stop, and fetch a result that is whole or an error."""

from collections.abc import Callable, Iterator
from contextlib import suppress

from attrs import frozen

from comotion.application.waiting import wait
from comotion.domain.errors import AnswerLost, BadRequestException, ComotionError, Conflict, NotFoundException
from comotion.domain.pacing import PollPolicy
from comotion.domain.query import ByteTally, QueryInfo
from comotion.ports.clock import Clock
from comotion.ports.dash import QueryGateway
from comotion.ports.http import Headers, HttpResponse

PIECE_BYTES = 1 << 20


class CsvResult:
    """A result as it comes, counted against the size that was announced. Read once, then closed.

    Attributes
    ----------
    received : int
        Bytes so far.
    """

    def __init__(self, response: HttpResponse) -> None:
        self._response = response
        self._tally = ByteTally(announced=_announced(response.headers))

    @property
    def status(self) -> int:
        return self._response.status

    @property
    def headers(self) -> Headers:
        return self._response.headers

    @property
    def announced(self) -> int | None:
        """Size in bytes as announced; None where the service did not tell."""
        return self._tally.announced

    @property
    def received(self) -> int:
        return self._tally.received

    def pieces(self, size_bytes: int = PIECE_BYTES) -> Iterator[bytes]:
        """The bytes in order, in pieces of at most ``size_bytes``. Raises IncompleteDownload."""
        try:
            for piece in self._response.chunks(size_bytes):
                self._tally = self._tally.plus(len(piece))
                yield piece
        except AnswerLost as lost:
            raise self._tally.broken_off(str(lost)) from None
        finally:
            self.close()
        self._tally.ended()

    def close(self) -> None:
        self._response.close()


def _announced(headers: Headers) -> int | None:
    """Content-Length, where it counts the bytes that will be read: not under a content coding, nor beside chunks."""
    if "Transfer-Encoding" in headers:  # overrides it (RFC 9112, 6.3)
        return None
    length = headers.get("Content-Length", "").strip()
    coding = headers.get("Content-Encoding", "identity").strip().lower()
    return int(length) if length.isascii() and length.isdigit() and coding in ("", "identity") else None


@frozen(kw_only=True)
class Queries:
    """What can be done with the queries of one organisation."""

    gateway: QueryGateway
    clock: Clock
    poll: PollPolicy

    def run(self, sql: str) -> str:
        """Start a query; its id. Raises BadSql, OutcomeUnknown."""
        return self.gateway.run(sql)

    def info(self, query_id: str) -> QueryInfo:
        return self.gateway.info(query_id)

    def wait(self, query_id: str, *, timeout_s: float | None = None) -> QueryInfo:
        """Until it is final, well or badly. An interrupt cancels the query, then passes on.

        Raises
        ------
        WaitTimedOut
            The query goes on.
        """
        try:
            return wait(
                lambda: self.gateway.info(query_id),
                is_final=QueryInfo.is_final,
                clock=self.clock,
                poll=self.poll,
                timeout_s=timeout_s,
                what=f"query {query_id}",
                state=lambda info: info.status.state,
            )
        except KeyboardInterrupt:
            self._stop_quietly(query_id)
            raise

    def stop(self, query_id: str) -> None:
        """Cancel it; one that is over already is no error.

        Raises
        ------
        UnknownQuery
        ApiException
            The service refused, and the query is not over.
        """
        try:
            self.gateway.stop(query_id)
        except (BadRequestException, Conflict):
            if not self.gateway.info(query_id).is_final():
                raise

    def _stop_quietly(self, query_id: str) -> None:
        with suppress(ComotionError):  # the interrupt is what the user must see
            self.stop(query_id)

    def open_csv(self, query_id: str) -> CsvResult:
        """The result. Where there is none yet, waits for it.

        Raises
        ------
        QueryFailed
            The query ended in FAILED or CANCELLED.
        UnknownQuery
        """
        try:
            return CsvResult(self.gateway.open_csv(query_id))
        except (BadRequestException, NotFoundException, Conflict) as refused:
            before = self.gateway.info(query_id)
            info = before if before.is_final() else self.wait(query_id)
            failure = info.failure(query_id)
            if failure is not None:
                raise failure from None
            if before.is_final():
                raise refused from None
        return CsvResult(self.gateway.open_csv(query_id))

    def save_csv(self, query_id: str, save: Callable[[Iterator[bytes]], object]) -> int:
        """Hand the result to ``save`` piece by piece; the number of bytes. Raises IncompleteDownload."""
        result = self.open_csv(query_id)
        try:
            save(result.pieces())
        finally:
            result.close()
        return result.received
