"""Faults that are placed with one button, the names for a form, and what a fault does as a sentence."""

from collections.abc import Mapping
from types import MappingProxyType

from attrs import frozen

from comotion.adapters.fake_dash.faults import Fault, Kind

OPERATIONS = (
    "create_load", "file_ticket", "put_object", "upload_part", "post_object", "commit_load", "load_info", "run_query",
    "query_info", "stop_query", "results_page", "result_csv", "start_migration", "migration_status", "v1_upload",
    "daily_run_history", "start_daily_run", "token", "realm", "keys",
)  # fmt: skip
KINDS: Mapping[str, tuple[str, Kind]] = MappingProxyType(
    {
        "status": ("Answer an error status", Kind.STATUS),
        "drop": ("Drop the connection before the work", Kind.DROP),
        "lose_answer": ("Do the work, lose the answer", Kind.LOSE_ANSWER),
        "cut": ("Cut the answer short", Kind.CUT),
        "slow": ("Answer late", Kind.SLOW),
        "expire_credentials": ("Let S3 credentials expire", Kind.EXPIRE_CREDENTIALS),
    }
)


@frozen
class Preset:
    """A fault that is often wanted."""

    name: str
    fault: Fault


PRESETS: Mapping[str, Preset] = MappingProxyType(
    {
        "unavailable": Preset(
            "503 to the next request", Fault(kind=Kind.STATUS, status=503, headers={"Retry-After": "1"})
        ),
        "throttled": Preset(
            "429 to the next query", Fault(kind=Kind.STATUS, status=429, on="run_query", headers={"Retry-After": "2"})
        ),
        "dropped": Preset("Drop the next connection", Fault(kind=Kind.DROP)),
        "slow": Preset("Next answer 5 s late", Fault(kind=Kind.SLOW, seconds=5)),
        "lost_commit": Preset("Lose the answer of the next commit", Fault(kind=Kind.LOSE_ANSWER, on="commit_load")),
        "failed_load": Preset(
            "Next load ends in FAIL",
            Fault(kind=Kind.FAIL_LOAD, on="commit_load", messages=("A fault placed in the console",)),
        ),
        "cut_csv": Preset("Cut the next result file", Fault(kind=Kind.CUT, on="result_csv", after_bytes=100)),
        "expired": Preset("S3 credentials expire now", Fault(kind=Kind.EXPIRE_CREDENTIALS, on="*")),
    }
)


def deed(fault: Fault) -> str:
    """What a fault does."""
    if fault.kind is Kind.STATUS:
        wait = fault.headers.get("Retry-After")
        after = " after doing the work" if fault.after else ""
        return f"answers {fault.status}{after}" + (f", Retry-After: {wait}" if wait is not None else "")
    return {
        Kind.DROP: "drops the connection",
        Kind.LOSE_ANSWER: "does the work, then drops the connection",
        Kind.CUT: f"cuts the answer after {fault.after_bytes} bytes",
        Kind.SLOW: f"answers {fault.seconds:g} s late"
        + ("" if fault.after_bytes is None else f" after {fault.after_bytes} bytes"),
        Kind.EXPIRE_CREDENTIALS: "lets S3 credentials expire",
        Kind.FAIL_LOAD: f"lets the load end in FAIL: {'; '.join(fault.messages)}",
    }[fault.kind]
