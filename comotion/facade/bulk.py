"""DashBulkUploader: loads into several tables, put together first and then uploaded together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from os import PathLike
from typing import TYPE_CHECKING, Any

from comotion.domain.checksum import CheckSums
from comotion.domain.errors import (
    AlreadyAdded,
    IllegalTransition,
    MissingKey,
    UnknownTable,
)
from comotion.domain.load import LoadStatus
from comotion.domain.names import TableName
from comotion.facade.bulk_sources import check_replacements, request_of, sources_of
from comotion.facade.config import DashConfig, checked
from comotion.facade.load import Load
from comotion.facade.load_arguments import workers_of

if TYPE_CHECKING:
    from comotion.application.bulk import Reports, TableUpload
    from comotion.domain.load import LoadInfo
    from comotion.facade.auth import Auth

Upload = dict[str, Any]
"""One entry of ``uploads``: 'load', 'data_sources', 'check_sum', 'load_status'."""


class DashBulkUploader:
    """Loads into several tables.

    Parameters
    ----------
    config : DashConfig
    auth_token : Auth
        Instead of ``config``: the organisation's main zone, as this user or application.

    Attributes
    ----------
    uploads : dict
        Table name to ``{'load': Load, 'data_sources': {file_key: {'data', 'source_type', 'pd_read_kwargs'}},
        'check_sum': dict or None, 'load_status': str}``.

    Raises
    ------
    TypeError
        ``config`` is no DashConfig, ``auth_token`` no Auth, or not exactly one of them is given.

    Notes
    -----
    Source: the users' guide; dash-api, section 2.

    Examples
    --------
    >>> import pandas as pd
    >>> from comotion.dash import DashBulkUploader
    >>> from comotion.testing import FakeDash
    >>> config = FakeDash().config()  # of your own Dash: DashConfig(Auth("my_org_name"))
    >>> uploader = DashBulkUploader(config)
    >>> uploader.add_load("policies", check_sum={"sum(salary)": 30.5}, load_as_service_client_id="0")
    >>> uploader.add_data_to_load("policies", pd.DataFrame({"id": ["1", "2"], "salary": [10.5, 20.0]}))
    >>> uploader.execute_all_uploads(wait=True)["policies"].state
    'SUCCESS'
    """

    def __init__(self, config: DashConfig | None = None, *, auth_token: Auth | None = None) -> None:
        if (config is None) == (auth_token is None):
            raise TypeError("give one of config, a DashConfig, and auth_token, an Auth")
        self.config = DashConfig(auth_token) if auth_token is not None else checked(config)
        self.uploads: dict[str, Upload] = {}

    # ---- putting together

    def add_load(
        self,
        table_name: str,
        check_sum: Mapping[str, object] | None = None,
        modify_lambda: Callable[..., object] | None = None,
        load_type: str = "APPEND_ONLY",
        load_as_service_client_id: str | None = None,
        partitions: Sequence[str] | None = None,
        track_rows_uploaded: bool = False,
        path_to_output_for_dryrun: str | PathLike[str] | None = None,
        chunksize: int | None = None,
    ) -> None:
        """Open a load into a table.

        Parameters
        ----------
        table_name : str
        check_sum : dict, optional
            SQL aggregate to expected value; needed unless ``track_rows_uploaded``.
        track_rows_uploaded : bool
            Commit with ``count(*)`` of the rows that were uploaded.
        modify_lambda, load_type, load_as_service_client_id, partitions, path_to_output_for_dryrun, chunksize
            Those of Load.

        Raises
        ------
        ValueError
            The table has a load here already, or its name or a check sum cannot be.
        KeyError
            Neither check sum nor tracked rows.
        """
        if table_name in self.uploads:
            raise AlreadyAdded(f"table {table_name} has a load here already: remove_load it to start again")
        TableName(table_name)
        sums = CheckSums.parse(check_sum)
        if not sums and not track_rows_uploaded:
            raise MissingKey(f"table {table_name}: pass check_sum, or track_rows_uploaded=True")
        self.uploads[table_name] = {
            "load": Load(
                self.config,
                load_type=load_type,
                table_name=table_name,
                load_as_service_client_id=load_as_service_client_id,
                partitions=partitions,
                track_rows_uploaded=track_rows_uploaded,
                path_to_output_for_dryrun=path_to_output_for_dryrun,
                modify_lambda=modify_lambda,
                chunksize=chunksize,
            ),
            "data_sources": {},
            "check_sum": dict(check_sum) if check_sum else None,
            "load_status": LoadStatus.OPEN.value,
        }

    def add_data_to_load(
        self,
        table_name: str,
        data: object,
        file_key: str | None = None,
        source_type: str | None = None,
        **pd_read_kwargs: object,
    ) -> None:
        """Add a source to a table's load; nothing is read or sent yet.

        Parameters
        ----------
        table_name : str
        data : path, folder, stream, DataFrame or Query
            Of a folder, each table at its top level is added as a source of its own.
        file_key : str, optional
            Left out, a key is generated. A second source under one key replaces the first. For a folder, the
            keys are ``{file_key}_{file stem}``.
        source_type : ``"df"``, ``"dir"``, ``"file"`` or ``"query"``, optional
        **pd_read_kwargs
            pandas' reading arguments.

        Raises
        ------
        ValueError
            The table has no load here, the source is of no known type, or the key cannot be.
        FileNotFoundError

        Warns
        -----
        SkippedFiles
            Names what of a folder is no table.
        """
        if table_name not in self.uploads:
            raise UnknownTable(f"table {table_name!r} has no load here: add_load it first")
        upload = self.uploads[table_name]
        added = sources_of(upload["load"], data, file_key, source_type, pd_read_kwargs)
        check_replacements(upload["data_sources"], added, asked_for=file_key)
        upload["data_sources"].update(added)

    def remove_data_from_load(self, table_name: str, file_key: str) -> None:
        """Take the source ``file_key`` out of the load into ``table_name`` again.

        Raises
        ------
        KeyError
            There is no such table or key.
        IllegalTransition
            The load was committed, or parts of the source are in it.
        """
        upload = self._upload(table_name)
        if file_key not in upload["data_sources"]:
            raise MissingKey(f"table {table_name} has no source under the key {file_key!r}")
        service = upload["load"].service
        if not service.is_open():
            raise IllegalTransition(f"load {service.load.load_id} into {table_name} was committed: too late to remove")
        if service.is_begun(file_key):
            raise IllegalTransition(
                f"parts of {file_key!r} are in load {service.load.load_id} into {table_name} already: "
                "remove_load it and start again"
            )
        del upload["data_sources"][file_key]

    def remove_load(self, table_name: str) -> None:
        """Forget the load into ``table_name``; at the service it stays as it is. Raises KeyError."""
        self._upload(table_name)
        del self.uploads[table_name]

    # ---- uploading

    def execute_upload(
        self, table_name: str, max_workers: int | None = None, *, wait: bool = False, timeout: float | None = None
    ) -> str:
        """Upload the sources of ``table_name``, commit its load, and read the load once.

        A load that is no longer OPEN is only read. After a failure, running it again resumes: what is in the
        load is not sent twice.

        Parameters
        ----------
        max_workers : int, optional
            Requests in flight.
        wait : bool
            Whether to return only at SUCCESS.
        timeout : float, optional
            Seconds to wait.

        Returns
        -------
        str
            The load's status.

        Raises
        ------
        KeyError
            The table has no load here.
        ValueError
            A source could not be loaded; the load is not committed.
        LoadFailed, TimeoutError
            With ``wait``.
        """
        from comotion.application.waiting import parse_timeout

        upload = self._upload(table_name)
        table, timeout_s = self._table(table_name), parse_timeout(timeout)
        info = table.upload_and_commit(max_workers=workers_of(max_workers))
        upload["load_status"] = info.load_status
        if wait and info.load_status != LoadStatus.SUCCESS.value:
            try:
                table.settled(timeout_s)
            finally:
                upload["load_status"] = table.service.load.status.value
        return str(upload["load_status"])

    def execute_multiple_uploads(
        self,
        table_names: Sequence[str],
        max_workers: int | None = None,
        *,
        wait: bool = False,
        timeout: float | None = None,
    ) -> Reports:
        """``execute_upload`` for each of ``table_names``; a table that fails does not stop the others.

        Parameters
        ----------
        max_workers : int, optional
            Requests in flight for one table; the tables go one after the other.
        wait : bool
            Whether to wait, once all are committed, until each is SUCCESS or FAIL.
        timeout : float, optional
            Seconds for all the waiting together.

        Returns
        -------
        dict
            Table name to TableReport (``state``, ``reasons``, ``rows``).

        Raises
        ------
        KeyError
            A table has no load here; nothing was sent.
        UploadFailed
            After every table was tried: at least one failed. The same report is its ``.report``.
        """
        from comotion.application.bulk import run_all
        from comotion.application.waiting import parse_timeout

        names = [table_names] if isinstance(table_names, str) else list(table_names)
        tables = [self._table(name) for name in names]
        workers, timeout_s = workers_of(max_workers), parse_timeout(timeout)
        try:
            return run_all(tables, max_workers=workers, wait=wait, timeout_s=timeout_s, clock=self.config.wiring.clock)
        finally:
            for table in tables:
                self.uploads[table.table]["load_status"] = table.service.load.status.value

    def execute_all_uploads(self, *, wait: bool = False, timeout: float | None = None) -> Reports:
        """``execute_multiple_uploads`` for every table here, with the same ``wait`` and ``timeout``."""
        return self.execute_multiple_uploads(list(self.uploads), wait=wait, timeout=timeout)

    def get_load_info(self) -> dict[str, LoadInfo]:
        """Table name to what the service says of its load, once that is final. One not committed is only read."""
        infos: dict[str, LoadInfo] = {}
        for name, upload in self.uploads.items():
            infos[name] = upload["load"].service.wait_to_complete()
            upload["load_status"] = infos[name].load_status
        return infos

    # ---- within

    def _upload(self, table_name: str) -> Upload:
        if table_name not in self.uploads:
            raise MissingKey(f"table {table_name!r} has no load here; there are: {', '.join(self.uploads) or 'none'}")
        return self.uploads[table_name]

    def _table(self, table_name: str) -> TableUpload:
        from comotion.application.bulk import TableUpload

        upload = self._upload(table_name)
        load: Load = upload["load"]
        sources = {key: partial(request_of, load, key, source) for key, source in upload["data_sources"].items()}
        return TableUpload(
            table=table_name,
            service=load.service,
            sources=sources,
            check_sums=CheckSums.parse(upload["check_sum"]),
            track_rows=load.track_rows_uploaded,
        )

    def __repr__(self) -> str:
        return f"DashBulkUploader(tables={list(self.uploads)})"
