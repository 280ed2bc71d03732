"""``comotion dash``: whole uploads of files, directories and trees, from the first byte to the end of the load."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from comotion.cli import output
from comotion.cli.load_options import (
    check_sum_of_table_option,
    check_sum_option,
    check_sums,
    partitions_option,
    service_client_option,
    timeout_option,
)
from comotion.cli.reading import reading_arguments, reading_options
from comotion.cli.session import Session, pass_session

if TYPE_CHECKING:
    from comotion.application.bulk import Reports
    from comotion.dash import DashBulkUploader
    from comotion.domain.errors import UploadFailed, WaitTimedOut


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

    arguments = reading_arguments(**reading)  # type: ignore[arg-type]
    files = [file for path in paths for file in _tables_in(path, arguments)]
    _refuse_files_given_twice(files)
    uploader = DashBulkUploader(session.config())
    uploader.add_load(
        table,
        check_sum=check_sums(check_sum),
        load_as_service_client_id=load_as_service_client,
        partitions=list(partitions) or None,
        track_rows_uploaded=True,
        path_to_output_for_dryrun=dry_run,
        chunksize=chunksize,
    )
    for file in files:
        uploader.add_data_to_load(table, file, source_type="file", **arguments)  # type: ignore[arg-type]
    with _saying_where_to_look(uploader), output.watching(partial(_how_far, uploader)):
        uploader.execute_upload(table, max_workers=max_workers, wait=wait and dry_run is None, timeout=timeout)
    _say_what_was_loaded(uploader, table, dry_run)


@contextmanager
def _saying_where_to_look(uploader: DashBulkUploader) -> Iterator[None]:
    """Name every load to whoever interrupts the work: one that was committed may not be loaded a second time."""
    try:
        yield
    except KeyboardInterrupt:
        for table, entry in uploader.uploads.items():
            load_id = entry["load"].load_id
            if load_id is not None:  # a dry run has none
                look = f"comotion dash get-load-info -l {load_id} (OPEN: nothing was loaded)"
                output.prose(f"Before loading {table} again: {look}")
        raise


def _tables_in(path: str, reading: dict[str, object]) -> list[Path]:
    """The file itself, or the tables of a folder: asked before a load is opened, which would be left behind."""
    from comotion.facade.sources import tables_in

    return tables_in(path, reading) if Path(path).is_dir() else [Path(path)]


def _refuse_files_given_twice(files: list[Path]) -> None:
    seen = set[Path]()
    for path in files:
        if path.resolve() in seen:
            raise click.UsageError(f"{path} is given twice, and its rows would be loaded twice")
        seen.add(path.resolve())


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
@check_sum_of_table_option
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
    check_sum: tuple[tuple[str, str, str], ...],
    load_as_service_client: str | None,
    wait: bool,
    timeout: float | None,
    dry_run: str | None,
    **reading: object,
) -> None:
    """Load DIR/{table}/files into many tables.

    A table that fails does not stop the others. The row count is always among the check sums of each.
    """
    from comotion.dash import DashBulkUploader
    from comotion.domain.errors import InvalidArgument, UploadFailed

    folders = _folders_of(directory)
    sums = _sums_by_table(check_sum, [folder.name for folder in folders])
    arguments = reading_arguments(**reading)  # type: ignore[arg-type]
    uploader, unread = DashBulkUploader(session.config()), dict[str, InvalidArgument]()
    for folder in folders:
        try:
            files = _tables_in(str(folder), arguments)
            uploader.add_load(
                folder.name,
                check_sum=sums.get(folder.name),
                load_as_service_client_id=load_as_service_client,
                track_rows_uploaded=True,
                path_to_output_for_dryrun=None if dry_run is None else str(Path(dry_run) / folder.name),
            )
        except InvalidArgument as wrong:
            unread[folder.name] = wrong
            continue
        for file in files:
            uploader.add_data_to_load(folder.name, file, source_type="file", **arguments)  # type: ignore[arg-type]
    failed = _executed(uploader, wait=wait and dry_run is None, timeout=timeout)
    for name, reason in unread.items():
        output.data(f"{name}: NOT ATTEMPTED, 0 rows: {reason}")
    if unread:
        raise UploadFailed(f"nothing was loaded into {', '.join(unread)}: see above") from failed
    if failed is not None:
        raise failed


def _folders_of(directory: str) -> list[Path]:
    folders = sorted(one for one in Path(directory).iterdir() if one.is_dir() and not one.name.startswith("."))
    if not folders:
        raise click.UsageError(f"{directory} holds no directories; it must hold one for each table")
    return folders


def _sums_by_table(
    triples: tuple[tuple[str, str, str], ...], tables: list[str]
) -> dict[str, dict[str, int | Decimal | str] | None]:
    for table, expression, _ in triples:
        if table not in tables:
            raise click.BadOptionUsage(
                "check_sum", f"the check sum {expression!r} is for {table!r}, which has no directory here"
            )
    return {table: check_sums((sql, value) for name, sql, value in triples if name == table) for table in tables}


def _how_far(uploader: DashBulkUploader) -> str:
    services = {table: entry["load"].service for table, entry in uploader.uploads.items()}
    committed = sum(not service.is_open() for service in services.values())
    if committed == len(services):
        return "committed: waiting"
    who = next(iter(services)) if len(services) == 1 else f"{committed} of {len(services)} tables committed"
    return output.rows_on_their_way(who, *services.values())


def _executed(uploader: DashBulkUploader, *, wait: bool, timeout: float | None) -> UploadFailed | WaitTimedOut | None:
    """Upload every table and print a line on each; the error that it ended with."""
    from comotion.domain.errors import UploadFailed, WaitTimedOut

    failed: UploadFailed | WaitTimedOut | None = None
    try:
        with _saying_where_to_look(uploader), output.watching(partial(_how_far, uploader)):
            reports = uploader.execute_all_uploads(wait=wait, timeout=timeout)
    except (UploadFailed, WaitTimedOut) as error:
        failed, reports = error, cast("Reports", error.report)
    for report in reports.values():
        reasons = f": {'; '.join(report.reasons)}" if report.reasons else ""
        output.data(f"{report.table}: {report.state}, {report.rows:,} rows{reasons}")
        if report.load_id is None and report.is_good:
            output.data(uploader.uploads[report.table]["load"].service.commit_answer.message)  # of a dry run
    return failed


COMMANDS = (upload, upload_tree)
