"""Load: open a load, upload sources to it, commit it with check sums, follow it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from os import PathLike
from typing import TYPE_CHECKING

from comotion.application.loads import LoadService
from comotion.application.requests import Manner, file_name, source_identity
from comotion.application.waiting import parse_timeout
from comotion.domain.checksum import CheckSums
from comotion.domain.chunking import Cut
from comotion.domain.errors import InvalidArgument, MissingServiceClientId
from comotion.domain.load import LoadDraft
from comotion.domain.names import FileKey, KeyStem
from comotion.domain.warned import warn
from comotion.facade.config import DashConfig, checked
from comotion.facade.load_arguments import draft_of, one_frame, query_of, refuse_beside_load_id, workers_of
from comotion.facade.sources import check_readable, is_several, key_in_folder, tables_in

if TYPE_CHECKING:
    from pathlib import Path

    from comotion.domain.load import CommitAnswer, LoadInfo, UploadTicket
    from comotion.domain.receipt import LoadReceipt, SourceReceipt
    from comotion.facade.query import Query

DRY_RUN_COMPLETE = "DRYRUN_COMPLETE"


class Load:
    """A load into one lake table: made at once, or attached to by its id.

    Parameters
    ----------
    config : DashConfig
    load_type : str, optional
        ``"APPEND_ONLY"``, the only one there is, also when left out.
    table_name : str
        The lake table. Needed unless ``load_id`` is given.
    load_as_service_client_id : str, optional
        The service client that the rows belong to. Left out, the data must have a column
        ``service_client_id``, and a MissingServiceClientId warning says so.
    partitions : list of str, optional
        Partitions of a table that is new; at most 100.
    load_id : str, optional
        Attach to this load. With it only ``config`` is given.
    track_rows_uploaded : bool, optional
        Commit with ``count(*)`` of the rows that this object uploaded.
    path_to_output_for_dryrun : str or path, optional
        Write the parts to this folder instead; nothing is sent and nobody signs in.
    modify_lambda : callable, optional
        Gets each DataFrame on its way, edits it in place or returns another.
    chunksize : int, optional
        Rows a part, and rows a frame that ``modify_lambda`` sees. Left out, parts are cut by size and
        ``modify_lambda`` sees the whole source in one frame.

    Attributes
    ----------
    load_id : str or None
        None in a dry run.
    rows_uploaded : int
        Rows that this object has uploaded, each key counted once.

    Raises
    ------
    TypeError
        ``config`` is no DashConfig, or ``load_id`` comes with another argument.
    ValueError
        No table name, or one that the lake cannot have; too many partitions; an unknown load type.
    ApiException
        The service refused the load.

    Notes
    -----
    Source: dash-api, section 2. Several threads may upload to one load; their sources go one after the other.

    Examples
    --------
    >>> import io
    >>> from comotion.dash import Load
    >>> from comotion.testing import FakeDash
    >>> config = FakeDash().config()  # of your own Dash: DashConfig(Auth("my_org_name"))
    >>> load = Load(config, table_name="policies", load_as_service_client_id="0", track_rows_uploaded=True)
    >>> load.upload_file(io.StringIO("id,name\\n007,Ann\\n"), file_key="may", dtype={"id": "str"})
    ['may_1']
    >>> answer = load.commit({"min(id)": "007"})
    >>> load.wait_to_complete()
    'SUCCESS'
    """

    def __init__(
        self,
        config: DashConfig,
        load_type: str | None = None,
        table_name: str | None = None,
        load_as_service_client_id: str | None = None,
        partitions: Sequence[str] | None = None,
        load_id: str | None = None,
        track_rows_uploaded: bool | None = None,
        path_to_output_for_dryrun: str | PathLike[str] | None = None,
        modify_lambda: Callable[..., object] | None = None,
        chunksize: int | None = None,
    ) -> None:
        self.config = checked(config)
        self.track_rows_uploaded = bool(track_rows_uploaded)
        self.modify_lambda = modify_lambda
        self.chunksize = chunksize
        if load_id is not None:
            refuse_beside_load_id(
                load_type, table_name, load_as_service_client_id, partitions, track_rows_uploaded,
                path_to_output_for_dryrun, modify_lambda, chunksize,
            )  # fmt: skip
            self.service = LoadService.attach(config.wiring, load_id)
            return
        draft = draft_of(load_type, table_name, load_as_service_client_id, partitions)
        if load_as_service_client_id is None:
            warn(
                f"load into {draft.table} without load_as_service_client_id: "
                "its data must have a column service_client_id",
                MissingServiceClientId,
            )
        self.service = _service(config, draft, path_to_output_for_dryrun)

    @property
    def load_id(self) -> str | None:
        """The service's id of this load."""
        return self.service.load.load_id

    @property
    def rows_uploaded(self) -> int:
        """Rows uploaded by this object and standing in the load."""
        return self.service.load.rows

    @property
    def chunksize(self) -> int | None:
        """Rows a part; None cuts parts by size."""
        return self._chunksize

    @chunksize.setter
    def chunksize(self, rows: int | None) -> None:
        Cut(rows=rows)  # raises for what is no count
        self._chunksize = rows

    # ---- uploading

    def upload_df(
        self, data: object = None, file_key: str | None = None, *, df: object = None, index: bool = False
    ) -> str:
        """Upload a DataFrame as one part, under exactly ``file_key``.

        Parameters
        ----------
        data, df : DataFrame
            pandas, or anything with ``__arrow_c_stream__`` (polars, pyarrow, DuckDB relations). Either name.
        file_key : str, optional
            Left out, a key is generated. A second upload under one key replaces the first.
        index : bool
            Whether a pandas index becomes columns.

        Returns
        -------
        str
            The key; ``'DRYRUN_COMPLETE'`` in a dry run.

        Raises
        ------
        ValueError
            The frame cannot be loaded, or the upload failed.
        """
        frame = one_frame(data, df)
        key = FileKey(self.create_file_key() if file_key is None else file_key)
        return self._items(self.service.upload([self.manner().whole(frame, key, index=index)]))[0]

    def upload_file(
        self,
        data: object,
        file_key: str | None = None,
        use_file_name_as_key: bool = False,
        max_workers: int | None = None,
        **pd_read_kwargs: object,
    ) -> list[str]:
        """Upload a file or stream: CSV, Excel, JSON or Parquet, told by its content.

        Parameters
        ----------
        data : str, path or stream
            A stream is read from where it stands. Of a folder, or a pattern such as ``data/*.csv``, every table
            is uploaded, under one schema. With ``con=`` (database URL or SQLAlchemy engine): a SQL query.
        file_key : str, optional
            Parts are ``{file_key}_1``, ``{file_key}_2``, …; of several files ``{file_key}_{file stem}_1``, ….
        use_file_name_as_key : bool
            Take the file name up to its first dot instead.
        max_workers : int, optional
            Requests in flight; left out, the setting (4).
        **pd_read_kwargs
            pandas' reading arguments, such as ``dtype``, ``sep``, ``encoding``, ``sheet_name``, ``skiprows``.

        Returns
        -------
        list of str
            The key of each part; ``'DRYRUN_COMPLETE'`` a part in a dry run.

        Raises
        ------
        FileNotFoundError
        ValueError
            The file cannot be loaded as it is (file, line and column in the message), or the upload failed.
        """
        if use_file_name_as_key and file_key is not None:
            raise InvalidArgument("give file_key or use_file_name_as_key, not both")
        is_query = "con" in pd_read_kwargs
        if not is_query:
            check_readable(data)
        use_name = use_file_name_as_key
        if not is_query and is_several(data):  # "select * from ..." is no pattern
            files = tables_in(data, pd_read_kwargs)
            stems = [self._stem_of_one_of_several(file, file_key, use_name=use_name) for file in files]
            given: list[object] = [str(file) for file in files]
        else:
            stems = [KeyStem.of_file(file_name(data)) if use_name else self._stem(file_key, source_identity(data))]
            given = [data]
        manner = self.manner()
        requests = [manner.numbered(one, key, options=pd_read_kwargs) for one, key in zip(given, stems, strict=True)]
        return self._items(self.service.upload(requests, max_workers=workers_of(max_workers)))

    def upload_dash_query(
        self,
        data: Query,
        file_key: str | None = None,
        max_workers: int | None = None,
        **pd_read_kwargs: object,
    ) -> list[str]:
        """Upload the result of the query ``data``, waiting for one that still runs.

        ``file_key``, ``max_workers`` and ``pd_read_kwargs``, and what is returned, are as for ``upload_file``. The
        result is fetched whole to a temporary file before anything is sent. Texts stay as they are, also ``NA`` and
        the empty one; NULL is NULL. ``na_values``, ``keep_default_na`` and ``na_filter`` bring pandas' rules back.

        Raises
        ------
        QueryFailed
            The query ended in FAILED or CANCELLED.
        urllib3.exceptions.IncompleteRead
            The result broke off.
        """
        name = f"query {query_of(data).query_id}"
        stem = self._stem(file_key, name)
        request = self.manner().numbered(data.get_csv_for_streaming, stem, name=name, options=pd_read_kwargs)
        return self._items(self.service.upload([request], max_workers=workers_of(max_workers)))

    def create_file_key(self) -> str:
        """A new key: ``x_`` and a uuid with underscores."""
        return str(self.service.new_stem())

    def generate_presigned_url_for_file_upload(self, file_key: str | None = None) -> UploadTicket:
        """Where one file of one's own goes, and with which credentials. Its rows are not tracked.

        Left out, ``file_key`` is the service's choice.
        """
        return self.service.ticket(None if file_key is None else FileKey(file_key))

    # ---- committing and following

    def commit(self, check_sum: Mapping[str, object] | None = None, *, despite_failures: bool = False) -> CommitAnswer:
        """Commit the load: the service evaluates the check sums and appends the rows, or refuses them all.

        Parameters
        ----------
        check_sum : dict, optional
            SQL aggregate to expected value, for example ``{"sum(salary)": 12345}``. Needed unless rows are tracked.
        despite_failures : bool
            Commit although an upload failed and was not repeated.

        Raises
        ------
        KeyError
            No check sum, and rows are not tracked.
        ValueError
            A check sum that cannot be sent, or an upload had failed.
        ApiException
            The service refused the commit, or (LoadNotOpen) the load was committed before.
        """
        return self.service.commit(
            CheckSums.parse(check_sum), track_rows=self.track_rows_uploaded, despite_failures=despite_failures
        )

    def get_load_info(self) -> LoadInfo:
        """What the service says of the load now."""
        return self.service.info()

    def wait_to_complete(self, *, timeout: float | None = None) -> str:
        """Wait until the load is SUCCESS or FAIL; that status. OPEN and not committed here is returned at once.

        Parameters
        ----------
        timeout : float, optional
            Seconds. Left out, waits as long as it takes.

        Raises
        ------
        TimeoutError
            The time is over; the load goes on.
        """
        return self.service.wait_to_complete(parse_timeout(timeout)).load_status

    def receipt(self) -> LoadReceipt:
        """What this object uploaded, from where, under which keys, and with which check sums it was committed."""
        return self.service.receipt()

    def __repr__(self) -> str:
        return f"Load(load_id={self.load_id!r}, rows_uploaded={self.rows_uploaded})"

    # ---- within

    def manner(self) -> Manner:
        """How this load treats its sources."""
        return Manner(
            hook=self.modify_lambda,
            rows_per_part=self.chunksize,
            part_bytes=self.config.wiring.settings.part_bytes,
        )

    def _stem(self, file_key: str | None, source: str) -> KeyStem:
        return self.service.new_stem(source) if file_key is None else KeyStem(file_key)

    def _stem_of_one_of_several(self, file: Path, file_key: str | None, *, use_name: bool) -> KeyStem:
        if use_name:
            return KeyStem.of_file(file.name)
        return self._stem(None if file_key is None else key_in_folder(file_key, file.name), str(file))

    def _items(self, receipts: Sequence[SourceReceipt]) -> list[str]:
        parts = [part for receipt in receipts for part in receipt.parts]
        return [DRY_RUN_COMPLETE if self.load_id is None else str(part.key) for part in parts]


def _service(config: DashConfig, draft: LoadDraft, dry_run_folder: str | PathLike[str] | None) -> LoadService:
    if dry_run_folder is None:
        return LoadService.create(config.wiring, draft)
    wiring = config.wiring.dry_run(str(dry_run_folder))
    constants = {} if draft.service_client_id is None else {"service_client_id": draft.service_client_id}
    return LoadService.create(wiring, draft, evaluate=wiring.evaluation(constants))
