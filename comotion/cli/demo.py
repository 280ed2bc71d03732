"""``comotion demo``: a real file into a lake table and back, over sockets, with the adapters of production."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

import click
from attrs import define, field

from comotion.cli import output
from comotion.cli.reading import as_typed, reading_arguments, reading_options

if TYPE_CHECKING:
    from comotion.dash import DashConfig

TABLE = "demo_policies"
SHOWN_ROWS = 5
SHOWN_COLUMNS = 6

NEXT_STEPS = """
The same against a real organisation:
  comotion -o YOUR_ORG authenticate
  comotion -o YOUR_ORG dash upload {path} --table YOUR_TABLE -s 0{reading} --check-sum {sum} {value}
  comotion -o YOUR_ORG dash download 'select * from YOUR_TABLE limit 10' -f -"""


@define
class Steps:
    """Prints each step with the time it took, and keeps the times."""

    quiet: bool
    seconds: dict[str, float] = field(factory=dict)

    @contextmanager
    def step(self, name: str, text: str) -> Iterator[list[str]]:
        """Time what happens inside; what it appends to the list is printed behind the text."""
        said: list[str] = []
        begun = perf_counter()
        yield said
        self.seconds[name] = round(perf_counter() - begun, 4)
        if not self.quiet:
            output.data(f"{self.seconds[name]:7.3f} s  {' '.join([text, *said])}")


@click.command()
@click.option(
    "--data", type=click.Path(exists=True, dir_okay=False), help="A csv, excel, json or parquet file of your own."
)
@reading_options
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    envvar="COMOTION_DEMO_JSON",
    help="Print counts, sums, ids and timings as one object.",
)
def demo(data: str | None, as_json: bool, **reading: Any) -> None:
    """Load a file into a fake Dash and query it.

    Prints every step, and how long it took.
    """
    if data is not None:
        _run(Path(data), as_json, reading)
        return
    from importlib.resources import as_file, files

    with as_file(files("comotion.cli") / "demo_policies.csv") as shipped:
        _run(shipped, as_json, {})


def _run(path: Path, as_json: bool, reading: Mapping[str, Any]) -> None:
    import tempfile

    from comotion.cli import comparing
    from comotion.testing import FakeDash

    steps, options = Steps(quiet=as_json), reading_arguments(**reading) if reading else {}
    with steps.step("read", f"read {path.name}:") as said:
        sent = comparing.read_table(str(path), options)
        expression, expected = comparing.a_sum(sent)
        said.append(f"{len(sent):,} rows, {len(sent.columns)} columns, {expression} = {expected}")
    with FakeDash() as fake, fake.serve() as server, tempfile.TemporaryDirectory() as folder:
        with steps.step("sign_in", f"signed in to a fake Dash at {server.url}"):
            config = server.config()
            config.auth.get_access_token()
        load = _load(config, path, options, {"count(*)": len(sent), expression: expected}, steps)
        result = Path(folder) / "result.csv"
        query_id = _query(config, result, steps)
        with steps.step("compare", "compared every row on the source's columns:") as said:
            found = comparing.read_result(str(result), sent)
            left_out = comparing.nested(sent)
            wrong = comparing.differences(sent.drop(columns=left_out), found)
            said.append(wrong or "the rows that came back are the rows that went in")
            if left_out:
                said.append(f"(lists and structs were not compared: {', '.join(left_out)})")
        if as_json:
            output.data_json(
                {
                    "file": str(path),
                    "rows_sent": len(sent),
                    "rows_returned": len(found),
                    "check_sums": {"count(*)": len(sent), expression: expected},
                    "equal": wrong is None,
                    "load_id": load,
                    "query_id": query_id,
                    "table": TABLE,
                    "url": server.url,
                    "seconds": steps.seconds,
                }
            )
        else:
            _show(result, len(found))
            output.data(
                NEXT_STEPS.format(
                    path=shlex.quote(str(path)) if path.exists() else "FILE",
                    reading=as_typed(**reading),
                    sum=shlex.quote(expression),
                    value=expected,
                )
            )
    if wrong is not None:
        raise click.ClickException(f"the table does not hold the file: {wrong}")


def _load(
    config: DashConfig, path: Path, options: Mapping[str, object], check_sums: dict[str, object], steps: Steps
) -> str:
    from comotion.dash import Load

    with steps.step("create", f"opened a load for table {TABLE}:") as said:
        load = Load(config, load_type="APPEND_ONLY", table_name=TABLE, load_as_service_client_id="0")
        said.append(str(load.load_id))
    with steps.step("upload", "uploaded the file as Parquet:") as said:
        parts = load.upload_file(str(path), **options)  # type: ignore[arg-type]
        said.append(f"{len(parts)} part{'' if len(parts) == 1 else 's'}")
    with steps.step("commit", "committed with check sums"):
        load.commit(check_sum=check_sums)
    with steps.step("wait", "waited until the load was final:") as said:
        status = load.wait_to_complete()
        said.append(status)
    failure = load.get_load_info().failure(str(load.load_id))
    if failure is not None:
        raise failure
    return str(load.load_id)


def _query(config: DashConfig, result: Path, steps: Steps) -> str:
    from comotion.dash import Query

    sql = f"select * from {TABLE}"
    with steps.step("query", f"ran {sql}:") as said:
        query = Query(config, query_text=sql)
        info = query.wait_to_complete()
        said.append(info.status.state)
    failure = info.failure(query.query_id)
    if failure is not None:
        raise failure
    with steps.step("download", "downloaded the result:") as said:
        query.download_csv(str(result))
        said.append(f"{result.stat().st_size:,} bytes")
    return query.query_id


def _show(result: Path, rows: int) -> None:
    import csv

    with result.open(newline="", encoding="utf-8") as lines:
        reader = csv.reader(lines)
        header = next(reader)[:SHOWN_COLUMNS]
        first = [row[:SHOWN_COLUMNS] for row, _ in zip(reader, range(SHOWN_ROWS), strict=False)]
    output.data("")
    output.data(output.table(header, first))
    output.data(f"({min(rows, SHOWN_ROWS)} of {rows:,} rows, {len(header)} columns shown)")


COMMANDS = (demo,)
