"""The Dash API, version 2: loads, queries, migrations (dash-api, section 2)."""

import math

from comotion.adapters.fake_dash import loads, migrations, queries
from comotion.adapters.fake_dash.addresses import bucket_url
from comotion.adapters.fake_dash.exchange import Response, json_answer, text_answer
from comotion.adapters.fake_dash.faces.bearer import demand_scope, identify
from comotion.adapters.fake_dash.faces.query_results import result_csv, results_page
from comotion.adapters.fake_dash.faults import Kind
from comotion.adapters.fake_dash.people import LOAD_READ, LOAD_WRITE, MIGRATION_WRITE, QUERY_READ, QUERY_WRITE
from comotion.adapters.fake_dash.refused import Refused
from comotion.adapters.fake_dash.routing import Call, Match, Route, checked, match
from comotion.domain.load import LoadType
from comotion.domain.migration import MigrationPlan, MigrationType
from comotion.domain.names import LAKE_NAME
from comotion.ports.http import Headers

TIME_FORMAT = "%m-%d-%Y %H:%M:%S"
CLEAR_OUT = {"CLEAR_OUT": True, "DO_NOT_CLEAR_OUT": False}


def api(call: Call, found: Match) -> Response:
    """Answer one request of version 2."""
    try:
        if found.route is None:
            allow = {"Allow": ", ".join(found.allowed)}
            raise Refused(405, "Method Not Allowed", headers=allow) if found.allowed else Refused(404, "Not Found")
        identify(call)
        demand_scope(call, found.route.scope)
        found.route.check_query(call.request)
        _check_content(call.request.headers, call.request.method)
        call.receive()
        return found.route.answer(call)
    except Refused as refused:
        return refused.answer()


def find(method: str, segments: list[str]) -> Match:
    return match(ROUTES, method, segments)


def _check_content(headers: Headers, method: str) -> None:
    """Refused with 415 when a body is no JSON."""
    kind = headers.get("Content-Type", "application/json").split(";")[0].strip().lower()
    if method == "POST" and kind != "application/json":
        raise Refused(415, "Unsupported Media Type")


def _run_query(call: Call) -> Response:
    body = call.json_object()
    checked(body, required={"query": str})
    sql = str(body["query"])
    if not sql.strip():
        raise Refused(400, "Invalid request body: query must not be empty")
    query = queries.run_query(call.world, call.organisation, sql)
    return json_answer({"queryId": query.query_id}, status=202)


def _query_info(call: Call) -> Response:
    query = queries.find_query(call.organisation, call.params["id"])
    queries.look_at(call.world, query)
    status: dict[str, object] = {"state": query.state.value}
    if query.reason is not None:
        status["stateChangeReason"] = query.reason
    status["submissionDateTime"] = query.submitted.strftime(TIME_FORMAT)
    if query.completed is not None:
        status["completionDateTime"] = query.completed.strftime(TIME_FORMAT)
    return json_answer(
        {
            "query": query.sql,
            "queryId": query.query_id,
            "statementType": query.statement_type,
            "status": status,
        }
    )


def _stop_query(call: Call) -> Response:
    queries.stop(call.world, queries.find_query(call.organisation, call.params["id"]))
    return Response(status=200)


def _create_load(call: Call) -> Response:
    body = call.json_object()
    checked(
        body,
        required={"load_type": str, "table_name": str},
        optional={"load_as_service_client_id": str, "partitions": list},
    )
    if body["load_type"] not in LoadType.__members__:
        raise Refused(400, f"load_type must be one of {', '.join(LoadType.__members__)}")
    table, partitions = str(body["table_name"]), body.get("partitions", [])
    if not LAKE_NAME.fullmatch(table):
        raise Refused(400, f"table_name does not match ^{LAKE_NAME.pattern}$")
    assert isinstance(partitions, list)
    if not all(isinstance(partition, str) and partition for partition in partitions):
        raise Refused(400, "partitions must be an array of strings")
    client = body.get("load_as_service_client_id")
    load = loads.open_load(
        call.world,
        call.organisation,
        table=table,
        service_client_id=None if client is None else str(client),
        partitions=tuple(partitions),
    )
    return json_answer({"loadId": load.load_id}, status=202)


def _load_info(call: Call) -> Response:
    load = loads.find_load(call.organisation, call.params["id"])
    loads.look_at(call.world, call.organisation, load)
    said: dict[str, object] = {"LoadStatus": load.status.value}
    if load.status.is_final() and load.messages:
        kind = load.error_type or "LoadError"
        said["ErrorType"] = kind
        said["ErrorMessages"] = (
            [{"ErrorType": kind, "ErrorMessage": text} for text in load.messages]
            if call.world.manners.messages_as_objects
            else list(load.messages)
        )
    return json_answer(said)


def _file_ticket(call: Call) -> Response:
    load = loads.find_load(call.organisation, call.params["id"])
    body = call.json_object()
    checked(body, required={}, optional={"file_key": str})
    key = body.get("file_key")
    if key is not None and not LAKE_NAME.fullmatch(str(key)):
        raise Refused(400, f"file_key does not match ^{LAKE_NAME.pattern}$")
    organisation, grants = call.organisation, call.world.credentials
    place = loads.object_key(organisation, load, None if key is None else str(key))
    sts = grants.issue_sts(organisation.bucket, place)
    assert sts.expires_at is not None
    url = bucket_url(call.request, organisation)
    return json_answer(
        {
            "presigned_url": grants.presigned_post(organisation.bucket, place, region=organisation.region, url=url),
            "sts_credentials": {
                "AccessKeyId": sts.access_key_id,
                "SecretAccessKey": sts.secret_access_key,
                "SessionToken": sts.session_token,
                "Expiration": sts.expires_at.isoformat(),
            },
            "path": place,
            "bucket": organisation.bucket,
        }
    )


def _commit(call: Call) -> Response:
    load = loads.find_load(call.organisation, call.params["id"])
    body = call.json_object()
    checked(body, required={"check_sum": dict})
    sums = body["check_sum"]
    assert isinstance(sums, dict)
    if not sums:
        raise Refused(400, "Invalid check sum: at least one expression is needed")
    for expression, value in sums.items():
        if not expression.strip():
            raise Refused(400, "Invalid check sum: an expression is empty")
        if isinstance(value, bool) or not isinstance(value, (int, float, str)):
            raise Refused(400, f"Invalid check sum: the value of {expression} must be a number or a string")
        if isinstance(value, float) and not math.isfinite(value):
            raise Refused(400, f"Invalid check sum: the value of {expression} is out of range")
    doom = [text for fault in call.faults if fault.kind is Kind.FAIL_LOAD for text in fault.messages]
    loads.commit(call.world, call.organisation, load, sums, doom=doom)
    return json_answer({"message": f"Load {load.load_id} committed"}, status=202)


def _start_migration(call: Call) -> Response:
    body = call.json_object()
    checked(body, required={"migration_type": str, "clear_out_new_lake": str})
    kind, clear = str(body["migration_type"]), str(body["clear_out_new_lake"])
    if kind not in MigrationType.__members__:
        raise Refused(400, f"migration_type must be one of {', '.join(MigrationType.__members__)}")
    if clear not in CLEAR_OUT:
        raise Refused(400, f"clear_out_new_lake must be one of {', '.join(CLEAR_OUT)}")
    plan = MigrationPlan(migration_type=MigrationType(kind), clear_out_new_lake=CLEAR_OUT[clear])
    migrations.start(call.world, call.organisation, plan)
    return text_answer("Migration started", status=202)


def _migration_status(call: Call) -> Response:
    record = migrations.look_at(call.world, call.organisation)
    said = {}
    for kind, name in (
        (MigrationType.FLASH_SCHEMA, "flash_schema"),
        (MigrationType.FULL_MIGRATION, "full_migration"),
    ):
        said[f"{name}_status"] = record.words[kind]
        if kind in record.messages:
            said[f"{name}_message"] = record.messages[kind]
    return json_answer(said)


ROUTES = (
    Route("POST", "/v2/query", "run_query", _run_query, QUERY_WRITE, is_locked=False),
    Route("GET", "/v2/query/{id}", "query_info", _query_info, QUERY_READ, is_locked=False),
    Route("DELETE", "/v2/query/{id}", "stop_query", _stop_query, QUERY_WRITE),
    Route("GET", "/v2/query/{id}/result", "results_page", results_page, QUERY_READ, ("next_token",), is_locked=False),
    Route("GET", "/v2/query/{id}/csv", "result_csv", result_csv, QUERY_READ, is_locked=False),
    Route("POST", "/v2/load", "create_load", _create_load, LOAD_WRITE),
    Route("GET", "/v2/load/{id}", "load_info", _load_info, LOAD_READ),
    Route("POST", "/v2/load/{id}/file", "file_ticket", _file_ticket, LOAD_WRITE),
    Route("POST", "/v2/load/{id}/commit", "commit_load", _commit, LOAD_WRITE),
    Route("POST", "/v2/migration", "start_migration", _start_migration, MIGRATION_WRITE),
    Route("GET", "/v2/migration", "migration_status", _migration_status, None),
)
