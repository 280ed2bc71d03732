"""``comotion dash``: a load, step by step."""

from __future__ import annotations

import click

from comotion.cli import output
from comotion.cli.load_options import (
    check_sum_option,
    check_sums,
    partitions_option,
    service_client_option,
    timeout_option,
)
from comotion.cli.reading import reading_arguments, reading_options
from comotion.cli.session import Session, pass_session

load_id_option = click.option("-l", "--load_id", required=True, help="Id of the load.")


@click.command("create-load")
@click.argument("table_name")
@click.option("-t", "--load-type", default="APPEND_ONLY", show_default=True, help="How rows join the table.")
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
    with output.watching(lambda: output.rows_on_their_way(path, load.service)):
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

    Load(session.config(), load_id=load_id).commit(check_sum=check_sums(check_sum))
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
    with output.watching(lambda: f"load {load_id}: waiting"):
        status = load.wait_to_complete(timeout=timeout)
    output.data(status)
    if status == LoadStatus.OPEN.value:
        raise click.ClickException(f"load {load_id} is OPEN: nothing happens to it until it is committed")
    failure = load.get_load_info().failure(load_id)
    if failure is not None:
        raise failure


COMMANDS = (create_load, upload_file, commit_load, get_load_info, wait_load)
