"""Query: run SQL on the lake, follow it, and fetch its result."""

from __future__ import annotations

from typing import TYPE_CHECKING

from comotion.domain.endpoints import segment
from comotion.domain.errors import IncompleteDownload, InvalidArgument
from comotion.facade.config import DashConfig, checked

if TYPE_CHECKING:
    from os import PathLike

    from comotion.application.queries import Queries
    from comotion.domain.query import QueryInfo
    from comotion.facade.csv_stream import CsvStream


class Query:
    """A query on Dash: started by making the object, or attached to by its id.

    Parameters
    ----------
    config : DashConfig
    query_text : str, optional
        SQL in Trino's dialect. The query starts at once.
    query_id : str, optional
        Id of a query that was started before. Nothing is sent; with it, ``query_text`` is not run.

    Raises
    ------
    TypeError
        ``config`` is no DashConfig.
    ValueError
        Neither text nor id was given, or the service refused the SQL (BadSql).
    OutcomeUnknown
        The query may have been started, but its id was lost.

    Notes
    -----
    Source: dash-api, section 2 (run query, query info, stop query, result file).

    Examples
    --------
    >>> from comotion.dash import Query
    >>> from comotion.testing import FakeDash
    >>> config = FakeDash().config()  # of your own Dash: DashConfig(Auth("my_org_name"))
    >>> query = Query(config, query_text="select 1 as one")
    >>> query.wait_to_complete().status.state
    'SUCCEEDED'
    >>> with query.get_csv_for_streaming() as response:
    ...     print(response.data.decode(), end="")
    "one"
    "1"
    """

    COMPLETED_STATES = ["SUCCEEDED", "CANCELLED", "FAILED"]  # noqa: RUF012  (published as a list)
    SUCCEEDED_STATE = "SUCCEEDED"

    def __init__(self, config: DashConfig, query_text: str | None = None, query_id: str | None = None) -> None:
        self.config = checked(config)
        self.query_text = query_text
        if query_id:
            segment(query_id)
            self.query_id = str(query_id)
        elif query_text:
            self.query_id = self._queries.run(query_text)
        else:
            raise InvalidArgument("give either query_text, to run it, or query_id, to attach to a query")

    @property
    def _queries(self) -> Queries:
        from comotion.application.queries import Queries

        wiring = self.config.wiring
        return Queries(gateway=wiring.queries, clock=wiring.clock, poll=wiring.settings.poll)

    def get_query_info(self) -> QueryInfo:
        """What the service says of the query now. Raises ValueError (UnknownQuery)."""
        info = self._queries.info(self.query_id)
        if self.query_text is None:
            self.query_text = info.query
        return info

    def state(self) -> str:
        """Its state: QUEUED, RUNNING, SUCCEEDED, FAILED or CANCELLED."""
        return self.get_query_info().status.state

    def is_complete(self) -> bool:
        """Whether it is over, well or badly."""
        return self.get_query_info().is_final()

    def wait_to_complete(self, *, timeout: float | None = None) -> QueryInfo:
        """Wait until it is over, well or badly; look at ``.status.state`` for which.

        Parameters
        ----------
        timeout : float, optional
            Seconds. Left out, waits as long as it takes.

        Raises
        ------
        TimeoutError
            The time is over; the query goes on.
        KeyboardInterrupt
            After the query was cancelled.
        """
        from comotion.application.waiting import parse_timeout

        return self._queries.wait(self.query_id, timeout_s=parse_timeout(timeout))

    def get_csv_for_streaming(self) -> CsvStream:
        """The result as a stream of CSV, to be closed after use (``with``). Waits for a query that still runs.

        Raises
        ------
        QueryFailed
            The query ended in FAILED or CANCELLED.
        urllib3.exceptions.IncompleteRead
            While reading: fewer bytes came than were announced.
        """
        from comotion.facade.csv_stream import CsvStream

        return CsvStream(self._queries.open_csv(self.query_id))

    def download_csv(self, output_file_path: str | PathLike[str], fail_if_exists: bool = False) -> None:
        """Save the result as a CSV file, which appears whole or not at all.

        Parameters
        ----------
        output_file_path : str or path
        fail_if_exists : bool
            Whether a file that stands there is an error instead of being replaced.

        Raises
        ------
        FileExistsError
        QueryFailed
            The query ended in FAILED or CANCELLED.
        urllib3.exceptions.IncompleteRead
            Fewer bytes came than were announced; nothing was saved.
        """
        from comotion.composition import whole_file

        target = whole_file(output_file_path, fail_if_exists=fail_if_exists)
        target.check()
        try:
            self._queries.save_csv(self.query_id, target.write)
        except IncompleteDownload as short:
            from comotion.facade.csv_stream import raise_incomplete

            raise_incomplete(short)

    def stop(self) -> None:
        """Cancel the query. One that is over stays as it is. Raises ValueError (UnknownQuery)."""
        self._queries.stop(self.query_id)

    def __repr__(self) -> str:
        return f"Query(query_id={self.query_id!r})"
