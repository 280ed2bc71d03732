"""What a failed test is told of its fake Dash: requests, SQL as translated, check sums. Never a token or key."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from comotion.adapters.fake_dash.faults import Fault
    from comotion.adapters.fake_dash.loads import LoadRecord
    from comotion.adapters.fake_dash.organisation import Organisation
    from comotion.adapters.fake_dash.world import World

LAST_REQUESTS = 60
SHOWN_CHARACTERS = 400
TELLING_ANSWERS = frozenset(
    {"run_query", "create_load", "load_info", "commit_load", "query_info", "start_migration", "v1_upload"}
)


def report_of(world: World) -> str:
    """The report as text."""
    lines = [f"fake Dash at {world.clock.now():%Y-%m-%d %H:%M:%S} UTC; {len(world.log)} requests"]
    for entry in list(world.log)[-LAST_REQUESTS:]:
        lines.append(entry.line())
        if entry.status >= 400 and entry.operation in TELLING_ANSWERS:
            lines.append(f"       {entry.answer.decode('utf-8', 'replace')[:SHOWN_CHARACTERS]}")
    lines += [_fault(*standing) for standing in world.faults.standing()]
    for organisation in world:
        lines += _queries(organisation)
        for load in organisation.loads.values():
            lines += _load(load)
    return "\n".join(lines)


def _fault(fault: Fault, calls: int, hits: int) -> str:
    return f"fault {fault.kind.value} on {fault.on}: saw {calls} call(s), hit {hits}"


def _queries(organisation: Organisation) -> list[str]:
    lines = []
    for query in organisation.queries.values():
        lines.append(f"query {query.query_id} {query.state.value}: {_short(query.sql)}")
        if query.translated:
            lines.append(f"  as translated: {_short(query.translated)}")
        if query.failure:
            lines.append(f"  failure: {_short(query.failure)}")
    return lines


def _load(load: LoadRecord) -> list[str]:
    lines = [f"load {load.load_id} of {load.table} {load.status.value}, {len(load.tickets)} file ticket(s)"]
    lines += [
        f"  check sum {expression}: expected {expected!r}, found {load.found.get(expression)!r}"
        for expression, expected in load.expected.items()
    ]
    return lines + [f"  {message}" for message in load.messages]


def _short(text: str) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= SHOWN_CHARACTERS else plain[: SHOWN_CHARACTERS - 1] + "…"
