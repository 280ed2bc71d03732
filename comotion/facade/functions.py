"""The function that loads a table into a lake of either data model."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from comotion.domain.errors import InvalidArgument
from comotion.facade.v1 import NEEDS_KEY, ROWS_PER_CHUNK, encoding_option, upload_specs, v1_spec

if TYPE_CHECKING:
    import os

    import pandas as pd

    from comotion.facade.bulk import DashBulkUploader
    from comotion.facade.config import DashConfig
    from comotion.ports.tables import Hook, SourceSpec


def read_and_upload_file_to_dash(
    file: object,
    dash_table: str,
    dash_orgname: str,
    file_key: str | None = None,
    dash_api_key: str | None = None,
    check_sum: dict[str, Any] | None = None,
    encoding: str = "utf-8",
    chunksize: int | None = ROWS_PER_CHUNK,
    modify_lambda: Callable[[pd.DataFrame], object] | None = None,
    path_to_output_for_dryrun: str | os.PathLike[str] | None = None,
    service_client_id: str = "0",
    partitions: list[str] | None = None,
    load_type: str = "APPEND_ONLY",
    data_model_version: str | None = None,
    entity_type: str = "user",
    application_client_id: str | None = None,
    application_client_secret: str | None = None,
    *,
    wait: bool = False,
    timeout: float | None = None,
) -> list[str] | DashBulkUploader:
    """Load a table into the organisation's lake, whichever data model it has.

    Parameters
    ----------
    file : path, stream, DataFrame, Query or directory
        csv, Excel, json or Parquet; a directory adds each file in it.
    dash_table, dash_orgname : str
        The table, and the organisation that it is in.
    file_key : str, optional
        v2 only: names the parts, so that an upload of the same key replaces them.
    dash_api_key : str, optional
        Needed for v1.
    check_sum : dict, optional
        v2 only: SQL aggregate to expected value, sent as given. Left out, the rows are counted.
    encoding : str
        Of a text file.
    chunksize : int, optional
        Rows a chunk or part.
    modify_lambda : callable, optional
        Is given each chunk as a DataFrame; edits it in place or returns another.
    path_to_output_for_dryrun : str or path, optional
        Write the files there instead of sending them. Nobody is asked for the data model: it is v1 with an
        API key, else v2, unless ``data_model_version`` says so.
    service_client_id : str
        For v2, ``load_as_service_client_id``.
    partitions, load_type
        v2 only: those of Load.
    entity_type, application_client_id, application_client_secret : str, optional
        Who asks: those of Auth.
    data_model_version : ``"v1"``, ``"v2"`` or None
        None asks the service how far the migration is. Who is not signed in but has an API key uploads to v1.
    wait : bool
        v2 only: return only when the load is SUCCESS, or raise.
    timeout : float, optional
        Seconds to wait.

    Returns
    -------
    list of str, or DashBulkUploader
        v1: the service's answers. v2: the uploader that did it.

    Raises
    ------
    ValueError
        v1 without an API key, an unknown version, or data that cannot be loaded.
    ComotionError
        The data model cannot be known; the message says to pass it.

    Warns
    -----
    PendingDeprecationWarning
        The guide announces the end of this function: use DashBulkUploader or Load.

    Notes
    -----
    Source: the users' guide; dash-api, sections 2 and 3.

    Examples
    --------
    >>> import io
    >>> from comotion.dash import read_and_upload_file_to_dash
    >>> read_and_upload_file_to_dash(
    ...     io.StringIO("id,name\\n7,Ann\\n"),
    ...     "policies",
    ...     "my_org_name",
    ...     data_model_version="v2",
    ...     path_to_output_for_dryrun="outputpath",
    ... ).uploads["policies"]["load_status"]
    'SUCCESS'
    """
    from comotion.application.operations import data_model
    from comotion.domain.warned import warn
    from comotion.facade.auth import Auth
    from comotion.facade.config import DashConfig
    from comotion.facade.operations import Migration

    warn("read_and_upload_file_to_dash will be deprecated: use DashBulkUploader or Load", PendingDeprecationWarning)

    def config() -> DashConfig:
        return DashConfig(
            Auth(
                dash_orgname,
                entity_type=entity_type,
                application_client_id=application_client_id,
                application_client_secret=application_client_secret,
            )
        )

    version = data_model(
        data_model_version,
        is_dry_run=path_to_output_for_dryrun is not None,
        has_api_key=dash_api_key is not None,
        credentials=lambda: None if entity_type == Auth.APPLICATION else config().auth.sign_in.credentials,
        status=lambda: Migration(config()).status(),
    )
    if version == "v1":
        if dash_api_key is None:
            raise InvalidArgument(NEEDS_KEY)
        return upload_specs(
            _v1_specs(file, encoding=encoding, rows=chunksize, hook=modify_lambda),
            table=dash_table,
            orgname=dash_orgname,
            api_key=dash_api_key,
            rows=chunksize,
            folder=path_to_output_for_dryrun,
            service_client_id=service_client_id,
        )
    from comotion.facade.bulk import DashBulkUploader

    uploader = DashBulkUploader(config())
    uploader.add_load(
        dash_table,
        check_sum=check_sum,
        modify_lambda=modify_lambda,
        load_type=load_type,
        load_as_service_client_id=service_client_id,
        partitions=partitions,
        track_rows_uploaded=not check_sum,
        path_to_output_for_dryrun=path_to_output_for_dryrun,
        chunksize=chunksize,
    )
    uploader.add_data_to_load(dash_table, file, file_key=file_key, **encoding_option(file, encoding))
    uploader.execute_upload(dash_table, wait=wait, timeout=timeout)
    return uploader


def _v1_specs(file: object, *, encoding: str, rows: int | None, hook: Hook | None) -> list[SourceSpec]:
    """The sources that ``file`` stands for: a query's result, each table of a directory, or itself."""
    from comotion.facade.query import Query
    from comotion.facade.sources import is_directory, tables_in

    if isinstance(file, Query):
        result = file.get_csv_for_streaming
        return [v1_spec(result, encoding="utf-8", rows=rows, hook=hook, name=f"query {file.query_id}")]
    files = tables_in(file) if is_directory(file) else [file]
    return [v1_spec(one, encoding=encoding, rows=rows, hook=hook) for one in files]
