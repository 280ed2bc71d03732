"""The daily run: its switch, its history, its start, and the one scope that each of them needs."""

from enum import Enum

from attrs import field, frozen

from comotion.domain.answer import Answer, wire
from comotion.domain.errors import InvalidArgument

REQUIRED_AUDIENCE = "dash_api"
EXECUTION_READ = "dailyrun:execution:read"
EXECUTION_WRITE = "dailyrun:execution:write"
ENABLED_READ = "dailyrun:enabled:read"
ENABLED_WRITE = "dailyrun:enabled:write"
MAX_HISTORY = 200


class HistoryMode(Enum):
    """Which executions are asked for."""

    LIST = "list"
    LATEST = "latest"
    LAST_SUCCESSFUL = "last_successful"


def parse_limit(limit: object) -> int | None:
    """How many executions to list, 1 to 200. Raises InvalidArgument."""
    if limit is None:
        return None
    if isinstance(limit, bool) or not isinstance(limit, int) or not 1 <= limit <= MAX_HISTORY:
        raise InvalidArgument(f"limit is a whole number from 1 to {MAX_HISTORY}, not {limit!r}")
    return limit


@frozen(kw_only=True)
class Execution(Answer):
    """One daily run.

    Attributes
    ----------
    name, status, start_date, stop_date : str or None
        As the service says them; dates are ISO 8601 texts.
    """

    name: str | None = field(default=None, metadata=wire("name"))
    status: str | None = field(default=None, metadata=wire("status"))
    start_date: str | None = field(default=None, metadata=wire("startDate"))
    stop_date: str | None = field(default=None, metadata=wire("stopDate"))


@frozen(kw_only=True)
class ExecutionStatus(Answer):
    """The history of the daily run.

    Attributes
    ----------
    executions : list of Execution or None
        In list mode.
    name, status, start_date, stop_date : str or None
        Of the one execution that was asked for.
    message : str or None
        What the service says where there is none.
    """

    executions: list[Execution] | None = field(default=None, metadata=wire("executions"))
    name: str | None = field(default=None, metadata=wire("name"))
    status: str | None = field(default=None, metadata=wire("status"))
    start_date: str | None = field(default=None, metadata=wire("startDate"))
    stop_date: str | None = field(default=None, metadata=wire("stopDate"))
    message: str | None = field(default=None, metadata=wire("message"))


@frozen(kw_only=True)
class StartExecutionResponse(Answer):
    """What came of asking for a daily run.

    Attributes
    ----------
    started : bool or None
        False while another one runs.
    running_execution : Execution or None
        That other one.
    message, execution_arn, execution_name, state_machine_arn, start_date : str or None
        Of the one that was started.
    """

    message: str | None = field(default=None, metadata=wire("message"))
    started: bool | None = field(default=None, metadata=wire("started"))
    execution_arn: str | None = field(default=None, metadata=wire("executionArn"))
    start_date: str | None = field(default=None, metadata=wire("startDate"))
    execution_name: str | None = field(default=None, metadata=wire("executionName"))
    state_machine_arn: str | None = field(default=None, metadata=wire("stateMachineArn"))
    running_execution: Execution | None = field(default=None, metadata=wire("runningExecution"))
