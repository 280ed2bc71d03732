"""The gateways to Comotion Dash, one Protocol a face of the service.

All of them raise ApiException (or the subclass that fits), BrokenAnswer, ServiceUnreachable, OutcomeUnknown
and UnAuthenticatedException; what is special to a method stands at it.
"""

from typing import Protocol

from comotion.domain.checksum import CheckSums
from comotion.domain.daily_run import ExecutionStatus, HistoryMode, StartExecutionResponse
from comotion.domain.load import CommitAnswer, LoadDraft, LoadInfo, UploadTicket
from comotion.domain.migration import MigrationPlan, MigrationStatus
from comotion.domain.names import FileKey
from comotion.domain.query import QueryInfo
from comotion.ports.http import HttpResponse


class LoadGateway(Protocol):
    """Loads of the v2 API."""

    def create(self, draft: LoadDraft) -> str | None:
        """Open a load; its id, or None where there is no service (dry run)."""
        ...

    def info(self, load_id: str) -> LoadInfo: ...
    def ticket(self, load_id: str | None, key: FileKey | None) -> UploadTicket:
        """Where a part goes; without a key the service names it."""
        ...

    def commit(self, load_id: str | None, check_sums: CheckSums) -> CommitAnswer:
        """Ask for the check sums to be evaluated and the rows to be appended.

        A lost answer is AnswerLost: the caller looks at the load before it decides.
        """
        ...


class QueryGateway(Protocol):
    """Queries of the v2 API."""

    def run(self, sql: str) -> str:
        """Start a query; its id. Raises BadSql, OutcomeUnknown."""
        ...

    def info(self, query_id: str) -> QueryInfo:
        """Raises UnknownQuery."""
        ...

    def stop(self, query_id: str) -> None:
        """Cancel. Raises UnknownQuery; Conflict or BadRequestException where the service refuses."""
        ...

    def open_csv(self, query_id: str) -> HttpResponse:
        """The result as a CSV stream, status 200; redirects are followed without the bearer token."""
        ...


class MigrationGateway(Protocol):
    """The move of a lake from data model v1 to v2."""

    def start(self, plan: MigrationPlan) -> None:
        """Raises MigrationConflict, OutcomeUnknown."""
        ...

    def status(self) -> MigrationStatus: ...


class DailyRunGateway(Protocol):
    """The daily run. Scope and audience are checked before each call: AccessRefused."""

    def is_enabled(self) -> bool:
        """Raises NoDailyRunSetting."""
        ...

    def enable(self, enabled: bool) -> bool: ...
    def history(self, mode: HistoryMode, limit: int | None) -> ExecutionStatus | None: ...
    def start(self) -> StartExecutionResponse:
        """Start it, or say which run is in progress. Raises OutcomeUnknown."""
        ...


class V1Gateway(Protocol):
    """Data model v1: one gzip-compressed CSV at a time."""

    def upload(self, gzip_csv: bytes, *, table: str, service_client_id: str) -> str:
        """Append one CSV; the text of the answer. Raises OutcomeUnknown when it may have been taken."""
        ...
