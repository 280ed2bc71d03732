"""From a database into data model v1: chunk by chunk, and what could not be loaded is kept and returned."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from comotion.domain.errors import ApiException, ExtraMissing, InvalidArgument, OutcomeUnknown, ServiceUnreachable

if TYPE_CHECKING:
    import os
    from types import ModuleType

    import pandas as pd

ROWS_PER_CHUNK = 50_000
# Rows as they come, and a query that may hold ":" and "%" for itself.
_AS_IT_IS = {"stream_results": True, "no_parameters": True}
# What makes one chunk fail and lets the others go on: the service, or a type that its values do not have.
_OF_ONE_CHUNK = (ApiException, OutcomeUnknown, ServiceUnreachable, ValueError, TypeError, OverflowError)
log = logging.getLogger("comotion.sql")


def upload_from_oracle(
    sql_host: str,
    sql_port: int | str,
    sql_service_name: str,
    sql_username: str,
    sql_password: str,
    sql_query: str,
    dash_table: str,
    dash_orgname: str,
    dash_api_key: str,
    dtypes: Mapping[str, Any] | None = None,
    include_snapshot: bool = True,
    export_csvs: bool = True,
    chunksize: int = ROWS_PER_CHUNK,
    output_path: str | os.PathLike[str] | None = None,
    sep: str = "\t",
    max_tries: int = 5,
) -> pd.DataFrame | None:
    """Append the result of an Oracle query to a table of data model v1.

    Parameters
    ----------
    sql_host, sql_port, sql_service_name, sql_username, sql_password : str
        Which database, as whom. Connected to by python-oracledb (extra ``oracle``).
    sql_query, dash_table, dash_orgname, dash_api_key, dtypes, include_snapshot
        Those of ``upload_from_sql``, as is what is returned and raised.
    export_csvs, chunksize, output_path, sep, max_tries
        Those of ``upload_from_sql`` too.
    """
    sqlalchemy = _sqlalchemy("oracle")
    url = sqlalchemy.URL.create(
        "oracle+oracledb",
        username=sql_username,
        password=sql_password,
        host=sql_host,
        port=int(sql_port),
        query={"service_name": sql_service_name},
    )
    return upload_from_sql(
        url,
        sql_query,
        dash_table,
        dash_orgname,
        dash_api_key,
        dtypes=dtypes,
        include_snapshot=include_snapshot,
        export_csvs=export_csvs,
        chunksize=chunksize,
        output_path=output_path,
        sep=sep,
        max_tries=max_tries,
    )


def upload_from_sql(
    sql_url: object,
    sql_query: str,
    dash_table: str,
    dash_orgname: str,
    dash_api_key: str,
    *,
    dtypes: Mapping[str, Any] | None = None,
    include_snapshot: bool = True,
    export_csvs: bool = True,
    chunksize: int = ROWS_PER_CHUNK,
    output_path: str | os.PathLike[str] | None = None,
    sep: str = "\t",
    max_tries: int = 5,
    service_client_id: str = "0",
) -> pd.DataFrame | None:
    """Append the result of a query on any database to a table of data model v1, in constant memory.

    Parameters
    ----------
    sql_url : str, sqlalchemy.URL or sqlalchemy.Engine
        Which database; needs SQLAlchemy 2 (extra ``sql``) and its driver.
    sql_query : str
        Run once; rows are fetched ``chunksize`` at a time.
    dash_table, dash_orgname, dash_api_key, service_client_id : str
        Those of ``upload_csv_to_dash``.
    dtypes : dict, optional
        Column to pandas type, applied to each chunk.
    include_snapshot : bool
        Whether a column ``snapshot_timestamp`` with the time of this call is added.
    export_csvs : bool
        Whether what was loaded is saved as ``{table}_{time}_success.csv.gz``. What was not is always saved, as
        ``{table}_{time}_fail.csv.gz``.
    output_path : str or path, optional
        Folder of these files, made if need be; the working directory when left out.
    sep : str
        Field separator of these files. What is sent is a CSV with commas, which is what data model v1 takes.
    max_tries : int
        How often a chunk is sent while it surely did not run.

    Returns
    -------
    pandas.DataFrame or None
        The rows that were refused or may not have been loaded; None when all were.

    Raises
    ------
    ExtraMissing
        SQLAlchemy or a driver is not installed.
    ValueError
        A chunk size or number of tries below 1.

    Notes
    -----
    Source: dash-api, section 3. A chunk whose outcome is unknown counts as failed and is not sent again: look at
    the table before loading the failed rows. Progress is logged to ``comotion.sql``.

    Examples
    --------
    >>> from comotion.dash import upload_from_sql
    >>> from comotion.testing import FakeDash
    >>> with FakeDash("my_org_name").installed() as fake:  # of your own Dash: its API key, and no such block
    ...     api_key = fake.organisation.the_api_key()
    ...     upload_from_sql(
    ...         "sqlite://", "select 7 as id", "v1_policies", "my_org_name", api_key, include_snapshot=False
    ...     )
    ...     fake.v1_tables["v1_policies"]
    [{'id': '7', 'service_client_id': '0'}]
    """
    from comotion.composition import gzip_csv, real_world
    from comotion.facade.v1 import gateway_of, v1_table

    if chunksize < 1 or max_tries < 1:
        raise InvalidArgument(f"chunksize and max_tries are at least 1, not {chunksize!r} and {max_tries!r}")
    gateway = gateway_of(dash_orgname, dash_api_key, attempts=max_tries)
    now = real_world().clock.now().astimezone()  # the time zone of this machine
    stamp = now.strftime("%Y-%m-%d %H:%M:%S.%f") if include_snapshot else None
    folder = Path(output_path or ".")
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{v1_table(dash_table)}_{now:%Y%m%d%H%M%S}"
    failed: list[pd.DataFrame] = []
    with ExitStack() as files:
        good = files.enter_context(_CsvFile(folder / f"{name}_success.csv.gz", sep)) if export_csvs else None
        bad = files.enter_context(_CsvFile(folder / f"{name}_fail.csv.gz", sep))
        for frame in _frames(sql_url, sql_query, chunksize):
            chunk = frame if stamp is None else frame.assign(snapshot_timestamp=stamp)
            try:
                chunk = chunk.astype(dict(dtypes or {}))
                gateway.upload(gzip_csv(chunk), table=dash_table, service_client_id=service_client_id)
            except _OF_ONE_CHUNK as error:
                log.error("%s: %d rows were not loaded: %s", dash_table, len(chunk), error)
                bad.append(chunk)
                failed.append(chunk)
            else:
                log.info("%s: %d rows were loaded", dash_table, len(chunk))
                if good is not None:
                    good.append(chunk)
    if not failed:
        return None
    import pandas as pd

    log.warning("%s: %d rows were not loaded; they are in %s", dash_table, sum(map(len, failed)), bad.path)
    return pd.concat(failed, ignore_index=True)


def _frames(sql_url: object, sql_query: str, rows: int) -> Iterator[pd.DataFrame]:
    """The result, so many rows at a time, by a cursor that holds no more. Values stay what the driver gives."""
    import pandas as pd

    sqlalchemy = _sqlalchemy("sql")
    is_ours = not isinstance(sql_url, sqlalchemy.Engine)
    engine: Any = _engine(sqlalchemy, sql_url) if is_ours else sql_url
    try:
        with engine.connect().execution_options(**_AS_IT_IS, max_row_buffer=rows) as connection:
            result = connection.exec_driver_sql(sql_query)
            columns = list(result.keys())
            while fetched := result.fetchmany(rows):
                values = {place: [row[place] for row in fetched] for place in range(len(columns))}
                frame = pd.DataFrame(values, dtype=object)
                frame.columns = pd.Index(columns)
                yield frame
    finally:
        if is_ours:
            engine.dispose()


def _engine(sqlalchemy: ModuleType, sql_url: object) -> Any:
    try:
        return sqlalchemy.create_engine(sql_url)
    except ImportError as missing:
        raise ExtraMissing(f"the driver of this database is not installed: {missing}") from missing


def _sqlalchemy(extra: str) -> ModuleType:
    try:
        import sqlalchemy
    except ImportError as missing:
        raise ExtraMissing(f'SQLAlchemy is needed: pip install "comotion-sdk[{extra}]"') from missing
    return sqlalchemy  # type: ignore[no-any-return]


class _CsvFile:
    """Frames one after the other in one gzip-compressed CSV file with one header; no file without a frame."""

    def __init__(self, path: Path, sep: str) -> None:
        self.path = path
        self._sep = sep
        self._file: Any = None

    def append(self, frame: pd.DataFrame) -> None:
        from comotion.composition import gzip_csv

        is_first = self._file is None
        if is_first:
            self._file = self.path.open("wb")
        self._file.write(gzip_csv(frame, sep=self._sep, header=is_first))
        self._file.flush()

    def __enter__(self) -> _CsvFile:
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()
