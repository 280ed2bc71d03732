"""The daily run: switch, history, start (dash-api, section 4)."""

from comotion.adapters.fake_dash.daily_runs import SUCCEEDED, Run
from comotion.adapters.fake_dash.exchange import Response, json_answer, whole_number
from comotion.adapters.fake_dash.faces.bearer import demand_scope, identify
from comotion.adapters.fake_dash.refused import Refused
from comotion.adapters.fake_dash.routing import Call, Match, Route, checked, match
from comotion.domain.daily_run import (
    ENABLED_READ,
    ENABLED_WRITE,
    EXECUTION_READ,
    EXECUTION_WRITE,
    MAX_HISTORY,
    REQUIRED_AUDIENCE,
    HistoryMode,
)

ACCOUNT = "123456789012"


def daily_run(call: Call, found: Match) -> Response:
    """Answer one request about the daily run."""
    try:
        if found.route is None:
            allow = {"Allow": ", ".join(found.allowed)}
            raise Refused(405, "Method Not Allowed", headers=allow) if found.allowed else Refused(404, "Not Found")
        identify(call)
        if call.bearer is None or REQUIRED_AUDIENCE not in call.bearer.audiences:
            raise Refused(403, f"Forbidden: the audience {REQUIRED_AUDIENCE} is missing")
        demand_scope(call, found.route.scope)
        found.route.check_query(call.request)
        call.receive()
        return found.route.answer(call)
    except Refused as refused:
        return refused.answer()


def find(method: str, segments: list[str]) -> Match:
    return match(ROUTES, method, segments)


def _is_enabled(call: Call) -> Response:
    enabled = call.organisation.daily_runs.enabled
    if enabled is None:
        raise Refused(404, "No daily run setting found")
    return json_answer({"dailyRun": enabled})


def _enable(call: Call) -> Response:
    body = call.json_object()
    checked(body, required={"dailyRun": bool})
    call.organisation.daily_runs.enabled = bool(body["dailyRun"])
    return json_answer({"dailyRun": body["dailyRun"]})


def _history(call: Call) -> Response:
    asked = call.request.query
    mode, limit = _mode(asked.get("mode")), _limit(asked.get("limit"))
    runs = call.organisation.daily_runs
    runs.look(call.world)
    newest_first = runs.runs[::-1]
    if mode is HistoryMode.LIST:
        return json_answer({"executions": [run.to_wire() for run in newest_first[:limit]]})
    wanted = [run for run in newest_first if mode is HistoryMode.LATEST or run.status == SUCCEEDED]
    if wanted:
        return json_answer(wanted[0].to_wire())
    message = call.world.manners.no_execution
    return json_answer(None if message is None else {"message": message})


def _mode(text: str | None) -> HistoryMode:
    if text is None:
        return HistoryMode.LIST
    if text not in {mode.value for mode in HistoryMode}:
        raise Refused(400, f"mode must be one of {', '.join(mode.value for mode in HistoryMode)}")
    return HistoryMode(text)


def _limit(text: str | None) -> int:
    if text is None:
        return MAX_HISTORY
    limit = whole_number(text, MAX_HISTORY)
    if not limit:
        raise Refused(400, f"limit must be a whole number from 1 to {MAX_HISTORY}")
    return limit


def _start(call: Call) -> Response:
    runs = call.organisation.daily_runs
    runs.settle(call.world)
    running = runs.running()
    if running is not None:
        return json_answer({"started": False, "runningExecution": running.to_wire()}, status=409)
    return json_answer(_started(call, runs.start(call.world)))


def _started(call: Call, run: Run) -> dict[str, object]:
    region = call.organisation.region
    machine = f"dailyrun-{call.organisation.name}"
    return {
        "started": True,
        "executionArn": f"arn:aws:states:{region}:{ACCOUNT}:execution:{machine}:{run.name}",
        "startDate": run.started.isoformat(),
        "executionName": run.name,
        "stateMachineArn": f"arn:aws:states:{region}:{ACCOUNT}:stateMachine:{machine}",
        "message": "Daily run started",
    }


_BASE = "/superset/dailyRun"
ROUTES = (
    Route("GET", f"{_BASE}/dailyRun_enabled", "daily_run_enabled", _is_enabled, ENABLED_READ),
    Route("POST", f"{_BASE}/dailyRun_enabled", "enable_daily_run", _enable, ENABLED_WRITE),
    Route("GET", f"{_BASE}/execution_status", "daily_run_history", _history, EXECUTION_READ, ("mode", "limit")),
    Route("POST", f"{_BASE}/start_execution", "start_daily_run", _start, EXECUTION_WRITE),
)
