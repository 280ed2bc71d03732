"""The migration, the daily run, and uploads to data model v1, over HTTP (dash-api, sections 2 to 4)."""

from urllib.parse import urlencode

from attrs import field, frozen

from comotion.adapters.dash_api import wire
from comotion.adapters.dash_api.calls import Answered, Call, order, send
from comotion.adapters.dash_api.faults import Asked
from comotion.domain import daily_run
from comotion.domain.daily_run import ExecutionStatus, HistoryMode, StartExecutionResponse
from comotion.domain.errors import AccessRefused
from comotion.domain.migration import MigrationPlan, MigrationStatus
from comotion.domain.pacing import Repeat
from comotion.domain.token import AccessToken
from comotion.ports.http import HttpClient
from comotion.ports.identity import TokenSource

ALREADY_RUNNING = 409  # an answer, not an error (dash-api, section 4)


@frozen
class MigrationsOverHttp:
    """The MigrationGateway of the live service."""

    http: HttpClient
    base_url: str

    def start(self, plan: MigrationPlan) -> None:
        order(
            self.http,
            Call(
                asked=Asked.START_MIGRATION,
                operation=f"start migration {plan.migration_type.value}",
                method="POST",
                url=f"{self.base_url}/migration",
                body=dict(plan.to_wire()),
                repeat=Repeat.ONLY_IF_NOT_RUN,
            ),
        )

    def status(self) -> MigrationStatus:
        operation = "read the migration status"
        call = Call(asked=Asked.MIGRATION, operation=operation, method="GET", url=f"{self.base_url}/migration")
        return wire.migration_status(operation, send(self.http, call).body)


@frozen
class DailyRunsOverHttp:
    """The DailyRunGateway of the live service.

    Parameters
    ----------
    http : HttpClient
        Retries, and adds the bearer token.
    base_url : str
        ``https://api.{org}.{dns_suffix}/superset``.
    tokens : TokenSource
        The same as behind ``http``; audience and scope are read from its token before each call.
    """

    http: HttpClient
    base_url: str
    tokens: TokenSource

    def is_enabled(self) -> bool:
        operation = "read whether the daily run is enabled"
        return wire.switch(operation, self._call(operation, "GET", "dailyRun_enabled", daily_run.ENABLED_READ).body)

    def enable(self, enabled: bool) -> bool:
        operation = "enable the daily run" if enabled else "disable the daily run"
        answered = self._call(
            operation, "POST", "dailyRun_enabled", daily_run.ENABLED_WRITE, body=wire.switch_body(enabled)
        )
        return wire.switch(operation, answered.body)

    def history(self, mode: HistoryMode, limit: int | None) -> ExecutionStatus | None:
        operation = f"read the daily run's history ({mode.value})"
        query: dict[str, object] = {"mode": mode.value}
        if limit is not None:
            query["limit"] = limit
        path = f"execution_status?{urlencode(query)}"
        return wire.history(operation, self._call(operation, "GET", path, daily_run.EXECUTION_READ).body, mode)

    def start(self) -> StartExecutionResponse:
        operation = "start the daily run"
        answered = self._call(
            operation,
            "POST",
            "start_execution",
            daily_run.EXECUTION_WRITE,
            repeat=Repeat.ONLY_IF_NOT_RUN,
            answers=frozenset({ALREADY_RUNNING}),
        )
        return wire.start_answer(operation, answered.body, refused=answered.status == ALREADY_RUNNING)

    def _call(
        self,
        operation: str,
        method: str,
        path: str,
        scope: str,
        *,
        body: dict[str, object] | None = None,
        repeat: Repeat = Repeat.FREELY,
        answers: frozenset[int] = frozenset(),
    ) -> Answered:
        may_call(AccessToken(self.tokens.token()), operation, scope)
        call = Call(
            asked=Asked.DAILY_RUN,
            operation=operation,
            method=method,
            url=f"{self.base_url}/dailyRun/{path}",
            body=body,
            repeat=repeat,
            answers=answers,
        )
        return send(self.http, call)


def may_call(token: AccessToken, operation: str, scope: str) -> None:
    """Raises AccessRefused where the token lacks the audience or exactly this scope; no scope implies another."""
    if daily_run.REQUIRED_AUDIENCE not in token.audiences():
        raise AccessRefused(
            f"{operation}: the access token is not for the audience {daily_run.REQUIRED_AUDIENCE!r}; "
            "ask your administrator for access to the daily run"
        )
    if scope not in token.scopes():
        raise AccessRefused(
            f"{operation}: the access token lacks the scope {scope!r}; ask your administrator for it, "
            "then sign in again"
        )


@frozen
class V1OverHttp:
    """The V1Gateway of the live service: one gzip-compressed CSV a request.

    Parameters
    ----------
    http : HttpClient
        Retries; adds no token, because the API key is the proof.
    """

    http: HttpClient
    base_url: str
    org: str
    api_key: str = field(repr=False)

    def upload(self, gzip_csv: bytes, *, table: str, service_client_id: str) -> str:
        """Raises ApiException, OutcomeUnknown."""
        call = Call(
            asked=Asked.V1_UPLOAD,
            operation=f"upload to v1 table {table}",
            method="POST",
            url=f"{self.base_url}/data-input-file",
            headers={
                "Accept": "*/*",
                "Content-Type": "application/gzip",
                "service_client_id": str(service_client_id),
                "x-api-key": self.api_key,
                "org-name": self.org,
                "table-name": str(table),
            },
            body=gzip_csv,
            repeat=Repeat.ONLY_IF_NOT_RUN,
            secret=self.api_key,
        )
        return order(self.http, call).body.decode("utf-8", "replace")
