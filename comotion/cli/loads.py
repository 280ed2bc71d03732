"""``comotion dash``: loads, step by step, and whole uploads of files, directories and trees."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from comotion.cli import output
from comotion.cli.reading import reading_arguments, reading_options
from comotion.cli.session import Session, pass_session

if TYPE_CHECKING:
    from comotion.dash import DashBulkUploader

_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?")
load_id_option = click.option("-l", "--load_id", required=True, help="Id of the load.")
service_client_option = click.option(
    "-s", "--load-as-service-client", help="Service client id of every row; else the data has the column."
)
partitions_option = click.option("-p", "--partitions", multiple=True, help="A partition; may be given several times.")
timeout_option = click.option("--timeout", type=click.FloatRange(min=0), help="Seconds to wait at most.")
check_sum_option = partial(
    click.option,
    "-c",
    "--check_sum",
    "--check-sum",
    "check_sum",
    type=(str, str),
    multiple=True,
    metavar="EXPRESSION VALUE",
    help="A SQL aggregate and the value it must have; may be given several times.",
)


def _value(text: str) -> int | Decimal | str:
    """A check sum's value as typed: a number where it is written as one, so that ``007`` stays a text."""
    if not _NUMBER.fullmatch(text):
        return text
    number = Decimal(text)
    return int(number) if number == number.to_integral_value() and "." not in text else number


def _check_sums(pairs: tuple[tuple[str, str], ...]) -> dict[str, int | Decimal | str] | None:
    sums: dict[str, int | Decimal | str] = {}
    for expression, value in pairs:
        if expression in sums:
            raise click.BadOptionUsage("check_sum", f"the check sum {expression!r} is given twice")
        sums[expression] = _value(value)
    return sums or None


@click.command("create-load")
@click.argument("table_name")
@click.option("-t", "--load-type", default="APPEND_ONLY", show_default=True)
@service_client_option
@partitions_option
@pass_session
def create_load(
    session: Session,
    table_name: str,
    load_type: str,
    load_as_service_client: str | None,
    partitions: tuple[str, ...],
) -> None:
    """Open a load and print its id."""
    from comotion.dash import Load

    load = Load(
        session.config(),
        load_type=load_type,
        table_name=table_name,
        load_as_service_client_id=load_as_service_client,
        partitions=list(partitions) or None,
    )
    output.data(str(load.load_id))


@click.command("upload-file")
@click.argument("path", metavar="FILE", type=click.Path(exists=True, dir_okay=False))
@load_id_option
@click.option("-k", "--file_key", help="Key of the file within the load; else the service names it.")
@reading_options
@pass_session
def upload_file(session: Session, /, path: str, load_id: str, file_key: str | None, **reading: object) -> None:
    """Upload FILE to an open load.

    Takes csv, excel, json and parquet.
    """
    from comotion.dash import Load
    from comotion.domain.names import FileKey, KeyStem

    load = Load(session.config(), load_id=load_id)
    key = None if file_key is None else FileKey(file_key)
    stem = load.service.new_stem(path) if file_key is None else KeyStem(file_key)
    options = reading_arguments(**reading)  # type: ignore[arg-type]
    (receipt,) = load.service.upload([load.manner().single(path, key, stem=stem, options=options)])
    count = len(receipt.parts)
    output.data(f"Uploaded {path}: {receipt.rows:,} rows in {count} part{'' if count == 1 else 's'}")


@click.command("commit-load")
@load_id_option
@check_sum_option(required=True)
@pass_session
def commit_load(session: Session, load_id: str, check_sum: tuple[tuple[str, str], ...]) -> None:
    """Commit a load with its check sums."""
    from comotion.dash import Load

    if not check_sum:
        raise click.UsageError("give --check_sum EXPRESSION VALUE, for example --check_sum 'count(*)' 1000")
    Load(session.config(), load_id=load_id).commit(check_sum=_check_sums(check_sum))
    output.data("Load committed")


@click.command("get-load-info")
@load_id_option
@pass_session
def get_load_info(session: Session, load_id: str) -> None:
    """Print the status of a load.

    Its error messages go to standard error.
    """
    from comotion.dash import Load

    info = Load(session.config(), load_id=load_id).get_load_info()
    output.data(info.load_status)
    for message in info.error_messages or ():
        output.prose(" ".join(message.splitlines()))


@click.command("wait-load")
@load_id_option
@timeout_option
@pass_session
def wait_load(session: Session, load_id: str, timeout: float | None) -> None:
    """Wait for a load and print its status."""
    from comotion.dash import Load
    from comotion.domain.load import LoadStatus

    load = Load(session.config(), load_id=load_id)
    status = load.wait_to_complete(timeout=timeout)
    output.data(status)
    if status == LoadStatus.OPEN.value:
        raise click.ClickException(f"load {load_id} is OPEN: nothing happens to it until it is committed")
    failure = load.get_load_info().failure(load_id)
    if failure is not None:
        raise failure


@click.command()
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=click.Path(exists=True))
@click.option("--table", required=True, help="The lake table; it is made when it is not there.")
@check_sum_option()
@service_client_option
@partitions_option
@click.option("--wait/--no-wait", default=True, help="Wait until the load is final (the default).")
@timeout_option
@click.option("--dry-run", type=click.Path(file_okay=False), help="Write the parts here and send nothing.")
@click.option("--chunksize", type=click.IntRange(min=1), help="Rows a part; else parts are cut by size.")
@click.option("--max-workers", type=click.IntRange(min=1), help="Uploads in flight.")
@reading_options
@pass_session
def upload(
    session: Session,
    /,
    paths: tuple[str, ...],
    table: str,
    check_sum: tuple[tuple[str, str], ...],
    load_as_service_client: str | None,
    partitions: tuple[str, ...],
    wait: bool,
    timeout: float | None,
    dry_run: str | None,
    chunksize: int | None,
    max_workers: int | None,
    **reading: object,
) -> None:
    """Load files into one table.

    Uploads files and directories, commits with check sums, and waits. The row count is always among the check sums.
    """
    from comotion.dash import DashBulkUploader

    uploader = DashBulkUploader(session.config())
    uploader.add_load(
        table,
        check_sum=_check_sums(check_sum),
        load_as_service_client_id=load_as_service_client,
        partitions=list(partitions) or None,
        track_rows_uploaded=True,
        path_to_output_for_dryrun=dry_run,
        chunksize=chunksize,
    )
    for path in paths:
        _add(uploader, table, path, reading_arguments(**reading))  # type: ignore[arg-type]
    try:
        uploader.execute_upload(table, max_workers=max_workers, wait=wait and dry_run is None, timeout=timeout)
    except KeyboardInterrupt:
        load_id = uploader.uploads[table]["load"].load_id
        output.prose(f"Before loading again: comotion dash get-load-info -l {load_id} (OPEN: nothing was loaded)")
        raise
    _say_what_was_loaded(uploader, table, dry_run)


def _add(uploader: DashBulkUploader, table: str, path: str, reading: dict[str, object]) -> None:
    kind = "dir" if Path(path).is_dir() else "file"
    uploader.add_data_to_load(table, path, source_type=kind, **reading)  # type: ignore[arg-type]


def _say_what_was_loaded(uploader: DashBulkUploader, table: str, folder: str | None) -> None:
    entry = uploader.uploads[table]
    load = entry["load"]
    if folder is not None:
        output.data(f"{table}: {load.rows_uploaded:,} rows written to {folder}")
        output.data(load.service.commit_answer.message)
    else:
        output.data(f"{table}: {load.rows_uploaded:,} rows, load {load.load_id}, {entry['load_status']}")


@click.command("upload-tree")
@click.argument("directory", metavar="DIR", type=click.Path(exists=True, file_okay=False))
@service_client_option
@click.option("--wait/--no-wait", default=True, help="Wait until every load is final (the default).")
@timeout_option
@click.option("--dry-run", type=click.Path(file_okay=False), help="Write the parts here and send nothing.")
@reading_options
@pass_session
def upload_tree(
    session: Session,
    /,
    directory: str,
    load_as_service_client: str | None,
    wait: bool,
    timeout: float | None,
    dry_run: str | None,
    **reading: object,
) -> None:
    """Load DIR/{table}/files into many tables."""
    from comotion.dash import DashBulkUploader
    from comotion.domain.errors import InvalidArgument, UploadFailed, WaitTimedOut

    tables = sorted(entry for entry in Path(directory).iterdir() if entry.is_dir() and not entry.name.startswith("."))
    if not tables:
        raise click.UsageError(f"{directory} holds no directories; it must hold one for each table")
    uploader, unread = DashBulkUploader(session.config()), dict[str, InvalidArgument]()
    for path in tables:
        uploader.add_load(
            path.name,
            load_as_service_client_id=load_as_service_client,
            track_rows_uploaded=True,
            path_to_output_for_dryrun=None if dry_run is None else str(Path(dry_run) / path.name),
        )
        try:
            _add(uploader, path.name, str(path), reading_arguments(**reading))  # type: ignore[arg-type]
        except InvalidArgument as wrong:
            uploader.remove_load(path.name)
            unread[path.name] = wrong
    failed: UploadFailed | WaitTimedOut | None = None
    try:
        reports: object = uploader.execute_all_uploads(wait=wait and dry_run is None, timeout=timeout)
    except (UploadFailed, WaitTimedOut) as error:
        failed, reports = error, error.report
    _say_reports(reports)
    for name, reason in unread.items():
        output.data(f"{name}: NOT ATTEMPTED, 0 rows: {reason}")
    if unread:
        raise UploadFailed(f"nothing was loaded into {', '.join(unread)}: see above") from failed
    if failed is not None:
        raise failed


def _say_reports(reports: object) -> None:
    for report in reports.values():  # type: ignore[attr-defined]
        reasons = f": {'; '.join(report.reasons)}" if report.reasons else ""
        output.data(f"{report.table}: {report.state}, {report.rows:,} rows{reasons}")


COMMANDS = (create_load, upload_file, commit_load, get_load_info, wait_load, upload, upload_tree)
