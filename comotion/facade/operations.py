"""Migration and DailyRun: moving the lake to data model v2, and the run that refreshes it every day."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from comotion.domain import daily_run
from comotion.domain.errors import InvalidArgument
from comotion.facade.config import DashConfig, checked

if TYPE_CHECKING:
    from comotion.application.operations import Migrations
    from comotion.domain.daily_run import ExecutionStatus, StartExecutionResponse
    from comotion.domain.migration import MigrationStatus


class Migration:
    """Starts the migration of a lake from data model v1 to v2, and follows it.

    Parameters
    ----------
    config : DashConfig

    Raises
    ------
    TypeError
        ``config`` is no DashConfig.

    Notes
    -----
    Source: dash-api, section 2 (start migration, migration status).

    Examples
    --------
    >>> from comotion.dash import Migration
    >>> from comotion.testing import FakeDash
    >>> config = FakeDash().config()  # of your own Dash: DashConfig(Auth("my_org_name"))
    >>> migration = Migration(config)
    >>> migration.start("FLASH_SCHEMA", wait=True)
    >>> migration.status().flash_schema_status
    'Completed'
    """

    def __init__(self, config: DashConfig) -> None:
        self.config = checked(config)

    @property
    def _migrations(self) -> Migrations:
        from comotion.application.operations import Migrations

        wiring = self.config.wiring
        return Migrations(gateway=wiring.migrations, clock=wiring.clock, poll=wiring.settings.poll)

    def start(
        self,
        migration_type: str = "FLASH_SCHEMA",
        clear_out_new_lake: bool = False,
        *,
        wait: bool = False,
        timeout: float | None = None,
    ) -> None:
        """Start a migration.

        Parameters
        ----------
        migration_type : str
            ``"FLASH_SCHEMA"`` copies the schema and one row of each v1 table. ``"FULL_MIGRATION"`` copies all
            data; it runs once, and afterwards uploads to the v1 lake are refused.
        clear_out_new_lake : bool
            Whether all data in the v2 lake is deleted first. A full migration into a lake that holds data
            fails without it.
        wait : bool
            Whether to return only when it is done; it may take hours.
        timeout : float, optional
            Seconds to wait.

        Raises
        ------
        ValueError
            An unknown type, or (MigrationConflict) a migration that cannot start now.
        OutcomeUnknown
            It may have been started: look at ``status()``.
        MigrationFailed, TimeoutError
            With ``wait``.
        """
        from comotion.application.waiting import parse_timeout
        from comotion.domain.migration import MigrationPlan

        plan = MigrationPlan.parse(migration_type, clear_out_new_lake)
        timeout_s = parse_timeout(timeout)
        self._migrations.start(plan)
        if wait:
            self._migrations.wait(plan.migration_type, started=True, timeout_s=timeout_s)

    def status(self) -> MigrationStatus:
        """How far both migrations are."""
        return self._migrations.status()

    def wait_to_complete(
        self, migration_type: str = "FULL_MIGRATION", *, timeout: float | None = None
    ) -> MigrationStatus:
        """Wait until a migration is over; one that was never run is not waited for.

        Parameters
        ----------
        migration_type : str
            ``"FLASH_SCHEMA"`` or ``"FULL_MIGRATION"``.
        timeout : float, optional
            Seconds. Left out, waits as long as it takes.

        Raises
        ------
        MigrationFailed
        TimeoutError
            The time is over; the migration goes on.
        """
        from comotion.application.waiting import parse_timeout
        from comotion.domain.migration import MigrationPlan

        plan = MigrationPlan.parse(migration_type, False)
        return self._migrations.wait(plan.migration_type, started=False, timeout_s=parse_timeout(timeout))


class DailyRun:
    """The daily run: its switch, its history, its start.

    Each call needs exactly its own scope in the access token, and the audience ``dash_api``. Both are checked
    before anything is sent.

    Parameters
    ----------
    config : DashConfig
        Its ``dns_suffix`` says where the daily run is.

    Raises
    ------
    TypeError
        ``config`` is no DashConfig.

    Notes
    -----
    Source: dash-api, section 4.

    Examples
    --------
    >>> from comotion.dash import DailyRun
    >>> from comotion.testing import FakeDash
    >>> config = FakeDash().config()  # of your own Dash: DashConfig(Auth("my_org_name"))
    >>> daily = DailyRun(config)
    >>> daily.start_execution().started
    True
    >>> daily.start_execution().running_execution.status  # one at a time
    'RUNNING'
    """

    REQUIRED_AUDIENCE = daily_run.REQUIRED_AUDIENCE
    EXECUTION_READ_SCOPE = daily_run.EXECUTION_READ
    EXECUTION_WRITE_SCOPE = daily_run.EXECUTION_WRITE
    ENABLED_READ_SCOPE = daily_run.ENABLED_READ
    ENABLED_WRITE_SCOPE = daily_run.ENABLED_WRITE
    EXECUTION_READ_SCOPES = (EXECUTION_READ_SCOPE,)
    EXECUTION_WRITE_SCOPES = (EXECUTION_WRITE_SCOPE,)
    ENABLED_READ_SCOPES = (ENABLED_READ_SCOPE,)
    ENABLED_WRITE_SCOPES = (ENABLED_WRITE_SCOPE,)

    class GetDailyRunExecutionMode(Enum):
        """Which executions ``get_execution_info`` gives."""

        LIST = "list"
        LATEST = "latest"
        LAST_SUCCESSFUL = "last_successful"

    def __init__(self, config: DashConfig) -> None:
        self.config = checked(config)

    def get_daily_run_enabled(self) -> bool:
        """Whether the daily run is switched on.

        Raises
        ------
        ValueError
            The organisation has no such setting (NoDailyRunSetting, HTTP 404).
        UnAuthenticatedException
            Audience or scope is missing, or the service refused (403).
        """
        return self.config.wiring.daily_runs.is_enabled()

    def update_daily_run_enabled(self, enabled: bool) -> bool:
        """Switch the daily run on or off; what the service stored.

        Raises
        ------
        TypeError
            ``enabled`` is no bool.
        UnAuthenticatedException
        """
        if not isinstance(enabled, bool):
            raise TypeError(f"enabled is True or False, not {enabled!r}")
        return self.config.wiring.daily_runs.enable(enabled)

    def get_execution_info(
        self, mode: GetDailyRunExecutionMode | None = None, limit: int | None = None
    ) -> ExecutionStatus | None:
        """What ran.

        Parameters
        ----------
        mode : DailyRun.GetDailyRunExecutionMode, optional
            LIST (the default) fills ``executions``; LATEST and LAST_SUCCESSFUL give one execution's own
            members, or None or a ``message`` where there is none.
        limit : int, optional
            1 to 200 executions.

        Raises
        ------
        ValueError
            A mode that is no member of the enum, or a limit out of range.
        UnAuthenticatedException
        """
        asked = self.GetDailyRunExecutionMode.LIST if mode is None else mode
        if not isinstance(asked, self.GetDailyRunExecutionMode):
            raise InvalidArgument(f"mode is a member of DailyRun.GetDailyRunExecutionMode, not {mode!r}")
        return self.config.wiring.daily_runs.history(daily_run.HistoryMode(asked.value), daily_run.parse_limit(limit))

    def start_execution(self) -> StartExecutionResponse:
        """Start the daily run now. Look at ``.started``: False means that another one runs and nothing was started.

        Raises
        ------
        OutcomeUnknown
            It may have been started: look at ``get_execution_info``.
        UnAuthenticatedException
        """
        return self.config.wiring.daily_runs.start()
