"""A world's state as JSON: what the admin face shows. Bodies of token requests and all credentials are left out."""

from datetime import date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import attrs

from comotion.domain.endpoints import DEFAULT_ISSUER

if TYPE_CHECKING:
    import pyarrow as pa

    from comotion.adapters.fake_dash.faults import Fault
    from comotion.adapters.fake_dash.loads import LoadRecord
    from comotion.adapters.fake_dash.organisation import Organisation
    from comotion.adapters.fake_dash.queries import QueryRecord
    from comotion.adapters.fake_dash.request_log import Entry
    from comotion.adapters.fake_dash.world import World

JSON_BODIES = frozenset(
    {
        "run_query", "create_load", "commit_load", "start_migration", "enable_daily_run", "query_info",
        "load_info", "migration_status", "daily_run_history", "daily_run_enabled", "start_daily_run",
    }
)  # fmt: skip


def world(seen: "World") -> dict[str, Any]:
    return {
        "now": seen.clock.now().isoformat(),
        "requests": len(seen.log),
        "organisations": [organisation(one) for one in seen],
    }


def organisation(seen: "Organisation") -> dict[str, Any]:
    return {
        "name": seen.name,
        "bucket": seen.bucket,
        "users": list(seen.users),
        "applications": list(seen.applications),
        "tables": [
            {"name": name, "rows": rows, "columns": dict(seen.lake.schema(name))} for name, rows in seen.row_counts()
        ],
        "v1_tables": [{"name": name, "rows": len(table.rows)} for name, table in seen.v1.tables.items()],
        "loads": [load(one) for one in seen.loads.values()],
        "queries": [query(one) for one in seen.queries.values()],
        "migration": {kind.value: word for kind, word in seen.migration.words.items()},
        "daily_run": {"enabled": seen.daily_runs.enabled, "runs": [run.to_wire() for run in seen.daily_runs.runs]},
    }


def load(seen: "LoadRecord") -> dict[str, Any]:
    return {
        "load_id": seen.load_id,
        "table": seen.table,
        "status": seen.status.value,
        "opened": _plain(seen.opened),
        "committed": _plain(seen.committed),
        "ended": _plain(seen.ended),
        "file_keys": list(seen.tickets.values()),
        "expected": seen.expected,
        "found": {expression: _plain(value) for expression, value in seen.found.items()},
        "messages": list(seen.messages),
    }


def query(seen: "QueryRecord") -> dict[str, Any]:
    return {
        "query_id": seen.query_id,
        "query": seen.sql,
        "translated": seen.translated,
        "state": seen.state.value,
        "reason": seen.reason,
        "submitted": _plain(seen.submitted),
        "completed": _plain(seen.completed),
    }


def entry(seen: "Entry") -> dict[str, Any]:
    said: dict[str, Any] = {
        "number": seen.number,
        "at": seen.at.isoformat(),
        "operation": seen.operation,
        "organisation": seen.organisation,
        "method": seen.method,
        "host": seen.host,
        "path": seen.target.split("?", 1)[0],
        "status": seen.status,
        "received_bytes": seen.received_bytes,
        "faults": list(seen.faults),
    }
    if seen.operation in JSON_BODIES:
        said["body"] = seen.body.decode("utf-8", "replace")
        said["answer"] = seen.answer.decode("utf-8", "replace")
    return said


def fault(seen: "Fault", calls: int, hits: int) -> dict[str, Any]:
    said = attrs.asdict(seen)
    return {**said, "kind": seen.kind.name.lower(), "calls": calls, "hits": hits}


def credentials(seen: "World", whose: "Organisation", origin: str | None) -> dict[str, str]:
    """How to sign in to an organisation."""
    user, application = whose.the_user(), whose.the_application()
    return {
        "org": whose.name,
        "user": user.name,
        "password": user.password,
        "refresh_token": seen.sign_in(whose.name, issuer=origin or DEFAULT_ISSUER),
        "client_id": application.client_id,
        "client_secret": application.client_secret,
        "api_key": whose.the_api_key(),
        "bucket": whose.bucket,
        "region": whose.region,
    }


def rows(table: "pa.Table") -> dict[str, Any]:
    """A table: its columns with their Trino types, its rows as lists."""
    columns = [
        {"name": column.name, "type": (column.metadata or {}).get(b"trino_type", b"varchar").decode()}
        for column in table.schema
    ]
    values = zip(*(column.to_pylist() for column in table.columns), strict=True)
    return {"columns": columns, "rows": [[_plain(value) for value in row] for row in values]}


def _plain(value: Any) -> Any:
    """A value as JSON holds it; what JSON has no form for is its text."""
    if isinstance(value, (datetime, date, time)):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return str(value)
    if isinstance(value, (bytes, bytearray)):
        return bytes(value).hex()
    if isinstance(value, dict):
        return {str(name): _plain(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(inner) for inner in value]
    return value if value is None or isinstance(value, (bool, int, float, str)) else str(value)
