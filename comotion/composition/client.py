"""``comotion.connect``, the small client for new scripts: what is asked for is done when a call returns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from os import PathLike, fspath
from typing import TYPE_CHECKING

from attrs import frozen

from comotion.composition.settings import resolve
from comotion.composition.sign_in import SignInWiring
from comotion.composition.wiring import Wiring, whole_file

if TYPE_CHECKING:
    from comotion.domain.receipt import LoadReceipt


def connect(orgname: str | None = None, **settings: object) -> Dash:
    """Connect to an organisation's Dash: as the application that the settings name, else as the signed-in user.

    Parameters
    ----------
    orgname : str, optional
        Left out, COMOTION_ORGNAME.
    **settings
        Any of comotion.composition.Settings; left out, its environment variable, else its default.

    Raises
    ------
    ValueError
        No orgname, or a setting that can never work.

    Notes
    -----
    Nothing is read or sent until the first call.

    Examples
    --------
    >>> import comotion
    >>> comotion.connect("my_org")
    Dash('https://my_org.api.comodash.io/v2')
    """
    resolved = resolve({"orgname": orgname, **settings})
    as_application = bool(resolved.client_id and resolved.client_secret)
    sign_in = SignInWiring(settings=resolved, as_application=as_application)
    return Dash(Wiring(sign_in=sign_in, tokens=sign_in.tokens, settings=resolved))


@frozen(repr=False)
class Dash:
    """One organisation's Dash. ``wiring`` holds every port, for whoever needs more than this."""

    wiring: Wiring

    def load(
        self,
        table: str,
        sources: object,
        *,
        check_sums: Mapping[str, object] | None = None,
        service_client_id: str | None = None,
        partitions: Sequence[str] | None = None,
        hook: Callable[..., object] | None = None,
        timeout_s: float | None = None,
        **reading: object,
    ) -> LoadReceipt:
        """Append sources to a table, all of them or nothing.

        Parameters
        ----------
        table : str
            The lake table; made from the data where there is none.
        sources : path, frame, stream, or several of them
            Several in a list, or in an iterator such as ``Path("data").glob("*.csv")``. A path given twice is refused.
        check_sums : mapping, optional
            SQL aggregate to the value it must have. The row count is always among them.
        service_client_id : str, optional
            Left out, the data must have a column ``service_client_id``.
        hook : callable, optional
            Gets each DataFrame on its way, edits it in place or returns another.
        timeout_s : float, optional
            Seconds to wait for the service.
        **reading
            pandas' reading arguments.

        Raises
        ------
        InvalidArgument
            A name, check sum or time that can never work, or no source; nothing was sent.
        DataError
            A source cannot be loaded as it is; nothing was committed.
        UploadFailed
            A part did not get there; nothing was committed.
        LoadFailed
            The service refused the load (CheckSumsDiffer where sums do); the table is as it was.
        WaitTimedOut
            The load goes on.
        """
        from comotion.application.loads import LoadService
        from comotion.application.requests import Manner
        from comotion.application.waiting import parse_timeout
        from comotion.domain.checksum import CheckSums
        from comotion.domain.load import LoadDraft

        sums, wait_s = CheckSums.parse(check_sums), parse_timeout(timeout_s)
        draft = LoadDraft.parse(table, None, service_client_id, partitions)
        given = _several(sources)
        service = LoadService.create(self.wiring, draft)
        manner = Manner(hook=hook, part_bytes=self.wiring.settings.part_bytes)
        service.upload([manner.numbered(source, service.new_stem(), options=reading) for source in given])
        service.commit(sums, track_rows=True)
        failure = service.wait_to_complete(wait_s).failure(str(service.load.load_id))
        if failure is not None:
            raise failure
        return service.receipt()

    def save(self, sql: str, path: str | PathLike[str], *, timeout_s: float | None = None) -> int:
        """Run a query and save its result as CSV; the size in bytes. The file appears whole or not at all.

        Raises
        ------
        BadSql, QueryFailed, IncompleteDownload, WaitTimedOut
        FileNotFoundError
            The folder is not there; nothing was run.
        """
        from comotion.application.queries import Queries
        from comotion.application.waiting import parse_timeout

        wiring, wait_s, target = self.wiring, parse_timeout(timeout_s), whole_file(fspath(path))
        target.check()
        queries = Queries(gateway=wiring.queries, clock=wiring.clock, poll=wiring.settings.poll)
        query_id = queries.run(sql)
        failure = queries.wait(query_id, timeout_s=wait_s).failure(query_id)
        if failure is not None:
            raise failure
        return queries.save_csv(query_id, target.write)

    def __repr__(self) -> str:
        return f"Dash({self.wiring.api_url!r})"


def _several(sources: object) -> list[object]:
    """The sources that were given, one or several. Raises InvalidArgument where a path is among them twice."""
    from comotion.domain.errors import InvalidArgument

    is_one = hasattr(sources, "read") or hasattr(sources, "__arrow_c_stream__")
    given = list(sources) if isinstance(sources, (list, tuple, Iterator)) and not is_one else [sources]
    if not given:
        raise InvalidArgument("there is no source to load")
    paths = Counter(fspath(one) for one in given if isinstance(one, (str, PathLike)))
    twice = next((path for path, times in paths.items() if times > 1), None)
    if twice is not None:
        raise InvalidArgument(f"{twice} is given twice, and its rows would be loaded twice")
    return given
