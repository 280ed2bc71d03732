"""``comotion dash``: start a query, look at it, stop it, download its result."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from comotion.cli import output
from comotion.cli.session import Session, pass_session

if TYPE_CHECKING:
    from comotion.dash import Query

query_id_option = click.option("-q", "--query_id", required=True, help="Id of the query.")


@click.command("start-query")
@click.argument("sql")
@pass_session
def start_query(session: Session, sql: str) -> None:
    """Start the query SQL and print its id."""
    from comotion.dash import Query

    output.data(Query(session.config(), query_text=sql).query_id)


@click.command("stop-query")
@query_id_option
@pass_session
def stop_query(session: Session, query_id: str) -> None:
    """Cancel a query.

    One that is finished stays as it is.
    """
    from comotion.dash import Query

    Query(session.config(), query_id=query_id).stop()
    output.data("Query stopped")


@click.command("query-state")
@query_id_option
@pass_session
def query_state(session: Session, query_id: str) -> None:
    """Print the state of a query."""
    from comotion.dash import Query

    output.data(Query(session.config(), query_id=query_id).state())


@click.command("query-info")
@query_id_option
@pass_session
def query_info(session: Session, query_id: str) -> None:
    """Print a query's state, and the reason."""
    from comotion.dash import Query

    status = Query(session.config(), query_id=query_id).get_query_info().status
    reason = status.state_change_reason
    output.data(f"{status.state} - {reason}" if reason else status.state)


@click.command()
@click.argument("sql", required=False)
@click.option("-f", "--file", required=True, help="Where the csv goes; - is standard output.")
@click.option("-q", "--query_id", help="Id of a query that was started before.")
@pass_session
def download(session: Session, sql: str | None, file: str, query_id: str | None) -> None:
    """Download a result as csv.

    Runs SQL, or waits for the query of --query_id.
    """
    from comotion.composition import whole_file
    from comotion.dash import Query

    if bool(sql) == bool(query_id):
        raise click.UsageError("give either SQL or --query_id")
    if file == "-":
        output.stdout()
    else:
        whole_file(file).check()  # a query costs money
    query = Query(session.config(), query_text=sql, query_id=query_id)
    with output.watching(lambda: f"query {query.query_id}: waiting"):
        info = query.wait_to_complete()
    failure = info.failure(query.query_id)
    if failure is not None:
        raise failure
    if file == "-":
        _to_stdout(query)
    else:
        with output.watching(lambda: f"query {query.query_id}: downloading"):
            query.download_csv(file)
        output.prose(f"Saved {file}")


def _to_stdout(query: Query) -> None:
    with query.get_csv_for_streaming() as response:
        for piece in response.stream(1 << 20):
            output.stdout().buffer.write(piece)
    output.stdout().buffer.flush()


COMMANDS = (start_query, stop_query, query_state, query_info, download)
