"""Uploads to data model v1: a DataFrame as its CSV, one CSV, or a whole file in chunks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from comotion.application.requests import is_path
from comotion.domain.chunking import Cut
from comotion.domain.errors import ApiException, InvalidArgument, InvalidName, OutcomeUnknown

if TYPE_CHECKING:
    import io
    import os

    import pandas as pd
    import requests

    from comotion.ports.dash import V1Gateway
    from comotion.ports.legacy import CsvChunk
    from comotion.ports.tables import Hook, SourceSpec

ROWS_PER_CHUNK = 30_000
NEEDS_KEY = "an upload to data model v1 needs dash_api_key, the organisation's API key"
NOT_OF_V1 = frozenset({"client_id", "client_secret", "orgname", "zone", "issuer", "credentials_file"})


def create_gzipped_csv_stream_from_df(df: pd.DataFrame) -> io.BytesIO:
    """A DataFrame as a gzip-compressed CSV, ready for ``upload_csv_to_dash``.

    Parameters
    ----------
    df : pandas.DataFrame
        Not changed. Its index is left out.

    Returns
    -------
    io.BytesIO
        UTF-8; all but numbers and booleans quoted; NULL as ``""`` in any column; lines end in ``\\n``.

    Notes
    -----
    Source: dash-api, section 3.

    Examples
    --------
    >>> import gzip
    >>> import pandas as pd
    >>> stream = create_gzipped_csv_stream_from_df(pd.DataFrame({"name": ["Ann", None], "age": [41, 7]}))
    >>> print(gzip.decompress(stream.getvalue()).decode(), end="")
    "name","age"
    "Ann",41
    "",7
    """
    import io

    from comotion.composition import gzip_csv

    if not hasattr(df, "to_csv"):
        raise InvalidArgument(f"create_gzipped_csv_stream_from_df takes a pandas.DataFrame, not {type(df).__name__}")
    return io.BytesIO(gzip_csv(df))


def upload_csv_to_dash(
    dash_orgname: str,
    dash_api_key: str,
    dash_table: str,
    csv_gz_stream: io.BytesIO | io.BufferedIOBase | bytes,
    service_client_id: str = "0",
) -> requests.Response:
    """Append one gzip-compressed CSV to a table of data model v1.

    Parameters
    ----------
    dash_orgname, dash_api_key : str
        The organisation, and its API key.
    dash_table : str
        Made by the service where there is none.
    csv_gz_stream : io.BytesIO, binary file or bytes
        A BytesIO is sent whole, wherever it stands.
    service_client_id : str
        The service client that the rows belong to.

    Returns
    -------
    requests.Response
        The service's answer.

    Raises
    ------
    requests.HTTPError
        The service refused it (also an ApiException), or answered so that the rows may have been loaded
        (also an OutcomeUnknown: look at the table before sending it again).
    ServiceUnreachable
        It was surely not sent.

    Notes
    -----
    Source: dash-api, section 3.

    Examples
    --------
    >>> import pandas as pd
    >>> from comotion.dash import create_gzipped_csv_stream_from_df, upload_csv_to_dash
    >>> from comotion.testing import FakeDash
    >>> with FakeDash("my_org_name").installed() as fake:  # of your own Dash: its API key, and no such block
    ...     stream = create_gzipped_csv_stream_from_df(pd.DataFrame({"name": ["Ann"]}))
    ...     upload_csv_to_dash("my_org_name", fake.organisation.the_api_key(), "people", stream).status_code
    200
    """
    from comotion.facade.v1_answers import as_response

    gateway, table, body = gateway_of(dash_orgname, dash_api_key), v1_table(dash_table), _bytes_of(csv_gz_stream)
    with _errors_of_requests():
        return as_response(200, gateway.upload(body, table=table, service_client_id=service_client_id))


def v1_upload_csv(
    file: str | os.PathLike[str] | io.IOBase,
    dash_table: str,
    dash_orgname: str,
    dash_api_key: str,
    encoding: str = "utf-8",
    chunksize: int | None = ROWS_PER_CHUNK,
    modify_lambda: Callable[[pd.DataFrame], object] | None = None,
    path_to_output_for_dryrun: str | os.PathLike[str] | None = None,
    service_client_id: str = "0",
) -> list[str]:
    """Append a CSV file to a table of data model v1, in chunks, every value exactly the text that stands in it.

    Parameters
    ----------
    file : str, path or stream
    dash_table, dash_orgname, dash_api_key, service_client_id : str
        Those of ``upload_csv_to_dash``.
    encoding : str
        Of the file.
    chunksize : int
        Rows a chunk; gzip-compressed, one must stay within the service's limit.
    modify_lambda : callable, optional
        Is given each chunk as a DataFrame of texts; edits it in place or returns another.
    path_to_output_for_dryrun : str or path, optional
        Write ``{table}.{n}.csv.gz`` there instead of sending anything. The folder is made.

    Returns
    -------
    list of str
        The service's answer to each chunk; empty for a dry run.

    Raises
    ------
    requests.HTTPError
        A chunk was refused (also an ApiException) or may have been loaded (also an OutcomeUnknown). Nothing
        after it was sent; the message says which chunks went.

    Notes
    -----
    Source: dash-api, section 3.

    Examples
    --------
    >>> import io
    >>> from comotion.dash import v1_upload_csv
    >>> from comotion.testing import FakeDash
    >>> with FakeDash("my_org_name").installed() as fake:  # of your own Dash: its API key, and no such block
    ...     api_key = fake.organisation.the_api_key()
    ...     answers = v1_upload_csv(io.StringIO("id\\n007\\n"), "people", "my_org_name", api_key)
    ...     fake.v1_tables["people"]
    [{'id': '007', 'service_client_id': '0'}]
    """
    return upload_specs(
        [v1_spec(file, encoding=encoding, rows=chunksize, hook=modify_lambda)],
        table=dash_table,
        orgname=dash_orgname,
        api_key=dash_api_key,
        rows=chunksize,
        folder=path_to_output_for_dryrun,
        service_client_id=service_client_id,
    )


def v1_spec(data: object, *, encoding: str, rows: int | None, hook: Hook | None, name: str | None = None) -> SourceSpec:
    """A source as data model v1 reads it: every field the text that it is, column names unchanged."""
    from comotion.ports.tables import SourceSpec

    return SourceSpec(
        data=data,
        name=name or _name_of(data),
        options=encoding_option(data, encoding),
        hook=hook,
        rows_per_frame=rows,
        verbatim=True,
    )


def encoding_option(data: object, encoding: str) -> dict[str, Any]:
    """The reading argument for the encoding of a file or stream; none for the usual one, a frame or a query."""
    is_usual = encoding.lower().replace("_", "-") in ("utf-8", "utf8")
    return {"encoding": encoding} if not is_usual and (is_path(data) or hasattr(data, "read")) else {}


def upload_specs(
    specs: Sequence[SourceSpec],
    *,
    table: str,
    orgname: str,
    api_key: str,
    rows: int | None,
    folder: str | os.PathLike[str] | None,
    service_client_id: str,
) -> list[str]:
    """Send every chunk of every source, or write them to ``folder``.

    Raises
    ------
    InvalidArgument
        ``rows`` is no count, or the API key no text; nothing was sent.
    """
    from comotion.application.operations import chunks_of, send_chunks
    from comotion.composition import chunk_csv, open_source

    Cut(rows=rows)  # raises for what is no count
    chunks = chunks_of(specs, open_source=open_source(), chunk_csv=chunk_csv(), rows=rows)
    name = v1_table(table)
    if folder is not None:
        _write(chunks, Path(folder), name)
        return []
    gateway = gateway_of(orgname, api_key)
    with _errors_of_requests():
        return send_chunks(
            chunks, lambda chunk: gateway.upload(chunk.gzip_csv, table=name, service_client_id=service_client_id)
        )


def _write(chunks: Iterator[CsvChunk], folder: Path, table: str) -> None:
    from comotion.composition import whole_file

    folder.mkdir(parents=True, exist_ok=True)
    for number, chunk in enumerate(chunks, start=1):
        whole_file(folder / f"{table}.{number}.csv.gz").write([chunk.gzip_csv])


def gateway_of(orgname: str, api_key: object, *, attempts: int | None = None) -> V1Gateway:
    """Data model v1 of an organisation, asked as often as the settings say, or so often. Raises InvalidArgument."""
    from attrs import evolve

    from comotion.composition import resolve, v1_gateway
    from comotion.domain.endpoints import parse_host_name

    if not isinstance(api_key, str) or not api_key.strip():
        raise InvalidArgument(NEEDS_KEY)
    settings = resolve({}, leave_out=NOT_OF_V1)
    if attempts is not None:
        settings = evolve(settings, retry=evolve(settings.retry, attempts=attempts))
    return v1_gateway(settings, org=parse_host_name("orgname", orgname), api_key=api_key)


def v1_table(name: object) -> str:
    """A v1 table's name: a text that is safe in a header and in a file's name. Raises InvalidName."""
    if not isinstance(name, str) or not name.strip() or not name.isprintable() or set(name) & set("/\\"):
        raise InvalidName(f"{name!r} is no table name: use printable text without slashes")
    return name


def _bytes_of(stream: io.BytesIO | io.BufferedIOBase | bytes) -> bytes:
    if isinstance(stream, bytes):
        return stream
    whole = getattr(stream, "getvalue", None) or getattr(stream, "read", None)
    body = None if whole is None else whole()
    if not isinstance(body, bytes | bytearray | memoryview):
        raise InvalidArgument(
            "csv_gz_stream is a stream of gzip-compressed bytes, such as create_gzipped_csv_stream_from_df makes, "
            f"not {type(stream).__name__}"
        )
    return bytes(body)


def _name_of(data: object) -> str:
    named = data if isinstance(data, (str, Path)) else getattr(data, "name", None)
    return str(named) if isinstance(named, (str, Path)) else type(data).__name__


@contextmanager
def _errors_of_requests() -> Iterator[None]:
    """Raise refusals and unknown outcomes as the classes that scripts written with requests catch."""
    try:
        yield
    except ApiException as refused:
        from comotion.facade.v1_answers import raise_refused

        raise_refused(refused)
    except OutcomeUnknown as unknown:
        from comotion.facade.v1_answers import raise_unknown

        raise_unknown(unknown)
