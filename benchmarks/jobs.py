"""One job, one process: ``python benchmarks/jobs.py JOB FILE SINK_URL`` does it and prints what it cost as JSON.

The jobs named ``older ...`` do what the public client 1.2.2 does with a file: the whole of it in a DataFrame, that in
an Arrow table, that in a Parquet file, that to S3 by awswrangler.
"""

import json
import os
import resource
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

KEYS = {"AWS_ACCESS_KEY_ID": "AKIAEXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_SESSION_TOKEN": "token"}


# ---- ours


def load(path: str, url: str) -> int:
    """A file, or the files of a folder, through the load service; the rows."""
    from comotion.application.loads import LoadService
    from comotion.application.requests import Manner
    from comotion.domain.load import LoadDraft
    from comotion.domain.names import KeyStem, TableName

    service = LoadService.create(_ports(url), LoadDraft(table=TableName("policies")))
    files = sorted(Path(path).iterdir()) if Path(path).is_dir() else [Path(path)]
    service.upload([Manner().numbered(str(file), KeyStem(f"k{n}")) for n, file in enumerate(files)])
    return service.load.rows


def _ports(url: str) -> SimpleNamespace:
    """The ports of production; only the Dash API is answered here."""
    import random
    import uuid

    from comotion.adapters.readers import open_source
    from comotion.adapters.requests_http import RequestsHttp
    from comotion.adapters.retrying_http import RetryingHttp
    from comotion.adapters.s3_store import S3Store
    from comotion.adapters.system_clock import SystemClock
    from comotion.composition import Settings, part_encoder
    from comotion.domain.load import UploadTicket

    def ticket(load_id: object, key: object) -> UploadTicket:
        keys = zip(("AccessKeyId", "SecretAccessKey", "SessionToken"), KEYS.values(), strict=True)
        form = {"url": f"{url}/b", "fields": {"key": "k"}}
        return UploadTicket(presigned_url=form, sts_credentials=dict(keys), path=f"load/{key}", bucket="b")

    settings, clock = Settings(), SystemClock()
    http = RetryingHttp(RequestsHttp(), policy=settings.retry, clock=clock, chance=random.random)
    return SimpleNamespace(
        loads=SimpleNamespace(create=lambda draft: "load", ticket=ticket),
        store=S3Store(http, clock=clock, endpoint=url),
        open_source=open_source,
        encoder=part_encoder(os.environ.get("COMPRESSION", "snappy")),
        clock=clock,
        new_uuid=lambda: str(uuid.uuid4()),
        settings=settings,
    )


def convert(path: str, url: str) -> int:
    """A file to Parquet parts that are thrown away; the rows."""
    from comotion.adapters.readers import open_source
    from comotion.composition import part_encoder
    from comotion.domain.chunking import Cut
    from comotion.domain.schema import SchemaWidened
    from comotion.ports.tables import SourceSpec

    encoder, source = part_encoder("snappy"), open_source(SourceSpec(data=path, name=path))
    while True:
        try:
            rows = 0
            previous = None
            for part in encoder.parts(source.batches(), schema=source.schema(), cut=Cut()):
                rows += _let_go(previous)
                previous = part
            return rows + _let_go(previous)
        except SchemaWidened:
            continue


def _let_go(part: object) -> int:
    if part is None:
        return 0
    rows: int = part.rows()  # type: ignore[attr-defined]
    part.discard()  # type: ignore[attr-defined]
    return rows


# ---- others


def _as_the_older_client(read: Callable[[str], object], path: str, url: str) -> int:
    import awswrangler
    import boto3
    import pyarrow as pa
    import pyarrow.parquet as pq

    os.environ.update(KEYS)
    table = pa.Table.from_pandas(read(path))
    place = f"{path}.older.parquet"
    pq.write_table(table, place)
    awswrangler.config.s3_endpoint_url = url
    awswrangler.s3.upload(place, "s3://b/k", boto3_session=boto3.session.Session(region_name="us-east-1"))
    Path(place).unlink()
    return table.num_rows


def older_csv(path: str, url: str) -> int:
    import pandas

    return _as_the_older_client(pandas.read_csv, path, url)


def older_excel(path: str, url: str) -> int:
    import pandas

    return _as_the_older_client(pandas.read_excel, path, url)


def older_json(path: str, url: str) -> int:
    import pandas

    return _as_the_older_client(lambda place: pandas.read_json(place, lines=True), path, url)


def polars_convert(path: str, url: str) -> int:
    import polars

    place = f"{path}.polars.parquet"
    polars.scan_csv(path).sink_parquet(place)
    Path(place).unlink()
    return 0


def duckdb_convert(path: str, url: str) -> int:
    import duckdb

    place = f"{path}.duckdb.parquet"
    duckdb.sql(f"copy (from read_csv('{path}')) to '{place}' (format parquet)")
    Path(place).unlink()
    return 0


JOBS: dict[str, Callable[[str, str], int]] = {
    "load": load,
    "convert": convert,
    "older csv": older_csv,
    "older excel": older_excel,
    "older json": older_json,
    "polars": polars_convert,
    "duckdb": duckdb_convert,
}


def _figures(job: str, path: str, url: str) -> Iterator[tuple[str, float]]:
    began, cpu = time.monotonic(), time.process_time()
    rows = JOBS[job](path, url)
    yield "wall_s", time.monotonic() - began
    yield "cpu_s", time.process_time() - cpu
    yield "peak_mb", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    yield "rows", rows


if __name__ == "__main__":
    print(json.dumps(dict(_figures(*sys.argv[1:4]))))
