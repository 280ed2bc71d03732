"""The support matrix: which of Trino's functions this fake answers, and which it refuses by name.

``python -m comotion.adapters.fake_dash.lake.support PAGE CASES.csv ...`` writes the page.
"""

from __future__ import annotations

import csv
import datetime as dt
import re
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from attrs import frozen

_SYNTAX = {
    "json_exists": "scalar",
    "json_query": "scalar",
    "json_value": "scalar",
    "json_object": "scalar",
    "json_array": "scalar",
    "cast": "scalar",
    "try_cast": "scalar",
    "extract": "scalar",
    "grouping": "aggregate",
    "current_date": "scalar",
    "current_time": "scalar",
    "current_timestamp": "scalar",
    "localtime": "scalar",
    "localtimestamp": "scalar",
    "current_user": "scalar",
    "current_catalog": "scalar",
    "current_schema": "scalar",
}
_LIMITS = (
    ("digits finer than a microsecond that are not zero; dates outside of the years 1 to 9999", "refused by name"),
    ("casts of text and of timestamps to `time with time zone`", "refused by name"),
    ("one result column in several time zones; DISTINCT and UNION over moments of several zones", "refused by name"),
    ("`MATCH_RECOGNIZE`, `JSON_TABLE`, table functions other than `sequence`", "refused by name"),
    ("`$manifests` and the rarer metadata tables; sizes and bounds of files", "refused by name; NULL"),
    (
        "`word_stem` in languages other than English; scripts and properties in patterns, such as `\\p{Latin}`",
        "refused by name",
    ),
    ("`approx_distinct`, `approx_percentile`, HyperLogLog, t-digest, q-digest", "computed exactly, not approximated"),
    ("bytes of sketches (`cast(... AS varbinary)`)", "refused by name"),
    ("`INSERT`, `DELETE`, `CREATE`, `SET` and whatever else would change something", "refused as access denied"),
)


@frozen
class Support:
    """One function: how it stands, how it is called, how many cases of the test matrices use it."""

    name: str
    kind: str
    verdict: str
    signatures: tuple[str, ...]
    cases: int


def rows(statements: Iterable[str] = ()) -> list[Support]:
    """Every function by name."""
    from comotion.adapters.fake_dash.lake.functions.known import UNSUPPORTED
    from comotion.adapters.fake_dash.lake.functions.special import SPECIAL
    from comotion.adapters.fake_dash.lake.functions.table import functions

    used = Counter(word.lower() for text in statements for word in set(re.findall(r"[A-Za-z_][A-Za-z_0-9]*", text)))
    found = [
        Support(name, one.kind, "answered", tuple(map(str, one.signatures)), used[name])
        for name, one in functions().items()
    ]
    special = {**dict.fromkeys(SPECIAL, "scalar"), **_SYNTAX}
    found += [
        Support(name, kind, "answered", (), used[name]) for name, kind in special.items() if name not in functions()
    ]
    found += [Support(name, "", "not supported", (), used[name]) for name in UNSUPPORTED]
    return sorted(found, key=lambda one: one.name)


def page(statements: Sequence[str], day: dt.date) -> str:
    """The support matrix as Markdown."""
    listed = rows(statements)
    answered = [one for one in listed if one.verdict == "answered"]
    missing = [one for one in listed if one.verdict != "answered"]
    lines = [
        "# Functions of the fake lake",
        "",
        (
            f"As of {day.isoformat()}. Written by `python -m comotion.adapters.fake_dash.lake.support`; a "
            "test compares it with the code."
        ),
        "",
        (
            f"{len(answered)} functions are answered as Trino answers them or refused as Trino refuses "
            f"them; {len(missing)} are refused by"
        ),
        (
            "name (`SqlNotSupported`). A name in neither list is none of Trino's: `Function 'x' not "
            "registered`. The last column counts"
        ),
        "the statements of the test matrices in which the name occurs.",
        "",
        "| function | kind | ways to call it | cases |",
        "| --- | --- | --- | --- |",
    ]
    lines += [
        f"| `{one.name}` | {one.kind} | {len(one.signatures) or 'syntax of its own'} | {one.cases} |"
        for one in answered
    ]
    lines += ["", "## Not supported", "", ", ".join(f"`{one.name}`" for one in missing) + "."]
    lines += ["", "## Other limits", "", "| what | how |", "| --- | --- |"]
    lines += [f"| {what} | {how} |" for what, how in _LIMITS]
    return "\n".join(lines) + "\n"


def statements_of(paths: Iterable[Path]) -> list[str]:
    """The statements of files of cases."""
    found: list[str] = []
    for path in paths:
        with path.open(encoding="utf-8", newline="") as file:
            found += [row["trino_sql"] for row in csv.DictReader(file)]
    return found


def main(arguments: Sequence[str]) -> None:
    target, *cases = map(Path, arguments)
    target.write_text(page(statements_of(cases), dt.datetime.now(dt.UTC).date()), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
