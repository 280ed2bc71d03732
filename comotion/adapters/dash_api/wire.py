"""JSON <-> domain values, one function a shape.

What is unknown is carried or ignored; what is needed and absent is BrokenAnswer.
"""

import json
from collections.abc import Mapping

from comotion.domain.checksum import CheckSums
from comotion.domain.daily_run import Execution, ExecutionStatus, HistoryMode, StartExecutionResponse
from comotion.domain.errors import BrokenAnswer
from comotion.domain.load import CommitAnswer, LoadDraft, LoadInfo, UploadTicket
from comotion.domain.migration import NOT_RUN, MigrationStatus
from comotion.domain.names import FileKey
from comotion.domain.query import QueryInfo, QueryStatus


def parsed(operation: str, body: bytes) -> object:
    """A JSON body as Python values; None where it is empty. Raises BrokenAnswer."""
    if not body.strip():
        return None
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise BrokenAnswer(f"{operation}: the answer is no JSON ({len(body)} bytes)") from None


def object_in(operation: str, body: bytes) -> Mapping[str, object]:
    """A JSON body that must be an object. Raises BrokenAnswer."""
    value = parsed(operation, body)
    if not isinstance(value, dict):
        raise BrokenAnswer(f"{operation}: the answer is no JSON object but {_kind(value)}")
    return value


def needed(operation: str, members: Mapping[str, object], name: str) -> str:
    """A member that must be there, as text. Raises BrokenAnswer."""
    value = text(members.get(name))
    if not value:
        raise BrokenAnswer(f"{operation}: the answer holds no {name}")
    return value


def text(value: object) -> str | None:
    """A scalar as text; None stays None, and what is no scalar becomes its JSON."""
    return value if value is None or isinstance(value, str) else json.dumps(value)


def _object_or_none(body: bytes) -> Mapping[str, object] | None:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _kind(value: object) -> str:
    return {type(None): "nothing", list: "a list", str: "a text", bool: "a truth value"}.get(type(value), "a number")


# --- queries


def query_body(sql: str) -> dict[str, object]:
    return {"query": sql}


def query_id(operation: str, body: bytes) -> str:
    return needed(operation, object_in(operation, body), "queryId")


def query_info(operation: str, body: bytes) -> QueryInfo:
    members = object_in(operation, body)
    status = members.get("status")
    if not isinstance(status, dict):
        raise BrokenAnswer(f"{operation}: the answer holds no status")
    return QueryInfo(
        query=text(members.get("query")),
        query_id=text(members.get("queryId")),
        statement_type=text(members.get("statementType")),
        status=QueryStatus(
            state=needed(operation, status, "state"),
            state_change_reason=text(status.get("stateChangeReason")),
            submission_date_time=text(status.get("submissionDateTime")),
            completion_date_time=text(status.get("completionDateTime")),
        ),
    )


# --- loads


def draft_body(draft: LoadDraft) -> dict[str, object]:
    """What has no value is left out, never null."""
    body: dict[str, object] = {"load_type": draft.load_type.value, "table_name": str(draft.table)}
    if draft.service_client_id is not None:
        body["load_as_service_client_id"] = draft.service_client_id
    if draft.partitions is not None:
        body["partitions"] = list(draft.partitions)
    return body


def load_id(operation: str, body: bytes) -> str:
    return needed(operation, object_in(operation, body), "loadId")


def load_info(operation: str, body: bytes) -> LoadInfo:
    members = object_in(operation, body)
    return LoadInfo(
        load_status=needed(operation, members, "LoadStatus"),
        error_type=text(members.get("ErrorType")),
        error_messages=error_messages(members.get("ErrorMessages")),
    )


def error_messages(value: object) -> list[str] | None:
    """A list of texts or of objects with ErrorType and ErrorMessage; also one of either, alone."""
    if value is None:
        return None
    return [_error_message(item) for item in (value if isinstance(value, list) else [value])]


def _error_message(item: object) -> str:
    if isinstance(item, dict):
        named = [str(item[name]) for name in ("ErrorType", "ErrorMessage") if item.get(name)]
        if named:
            return ": ".join(named)
    return text(item) or ""


def ticket_body(key: FileKey | None) -> dict[str, object]:
    return {} if key is None else {"file_key": str(key)}


def upload_ticket(operation: str, body: bytes) -> UploadTicket:
    members = object_in(operation, body)
    return UploadTicket(
        presigned_url=members.get("presigned_url"),
        sts_credentials=members.get("sts_credentials"),
        path=needed(operation, members, "path"),
        bucket=needed(operation, members, "bucket"),
    )


def commit_body(check_sums: CheckSums) -> dict[str, object]:
    return {"check_sum": check_sums.to_wire()}


def commit_answer(body: bytes) -> CommitAnswer:
    """A commit that was accepted needs no body; what it says is kept."""
    members = _object_or_none(body)
    if members is not None:
        return CommitAnswer(message=text(members.get("message")))
    return CommitAnswer(message=body.decode("utf-8", "replace").strip().strip('"') or None)


# --- migration


def migration_status(operation: str, body: bytes) -> MigrationStatus:
    members = object_in(operation, body)
    return MigrationStatus(
        flash_schema_status=text(members.get("flash_schema_status")) or NOT_RUN,
        flash_schema_message=text(members.get("flash_schema_message")),
        full_migration_status=needed(operation, members, "full_migration_status"),
        full_migration_message=text(members.get("full_migration_message")),
    )


# --- daily run


def switch_body(enabled: bool) -> dict[str, object]:
    return {"dailyRun": enabled}


def switch(operation: str, body: bytes) -> bool:
    value = object_in(operation, body).get("dailyRun")
    if not isinstance(value, bool):
        raise BrokenAnswer(f"{operation}: the answer does not say true or false as dailyRun")
    return value


def execution(members: Mapping[str, object]) -> Execution:
    return Execution(
        name=text(members.get("name")),
        status=text(members.get("status")),
        start_date=text(members.get("startDate")),
        stop_date=text(members.get("stopDate")),
    )


def history(operation: str, body: bytes, mode: HistoryMode) -> ExecutionStatus | None:
    """The list, or one execution's members at the top; None where the service says null."""
    if parsed(operation, body) is None:
        return None
    members = object_in(operation, body)
    if mode is HistoryMode.LIST and not {"executions", "message"} & set(members):
        raise BrokenAnswer(f"{operation}: the answer holds no executions")
    listed = members.get("executions")
    one = execution(members)
    return ExecutionStatus(
        executions=[execution(item) for item in listed if isinstance(item, dict)] if isinstance(listed, list) else None,
        name=one.name,
        status=one.status,
        start_date=one.start_date,
        stop_date=one.stop_date,
        message=text(members.get("message")),
    )


def start_answer(operation: str, body: bytes, *, refused: bool) -> StartExecutionResponse:
    """What came of a start. A refusal (409) means that none was started, whatever its body says or lacks."""
    members = _object_or_none(body) or {} if refused else object_in(operation, body)
    started, running = members.get("started"), members.get("runningExecution")
    if not isinstance(started, bool):
        if not refused and not members.get("executionArn"):
            raise BrokenAnswer(f"{operation}: the answer does not say whether it started; look at the history")
        started = not refused
    return StartExecutionResponse(
        message=text(members.get("message")),
        started=started,
        execution_arn=text(members.get("executionArn")),
        start_date=text(members.get("startDate")),
        execution_name=text(members.get("executionName")),
        state_machine_arn=text(members.get("stateMachineArn")),
        running_execution=execution(running) if isinstance(running, dict) else None,
    )
