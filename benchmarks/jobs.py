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
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from comotion.ports.tables import EncodedPart

KEYS = {"AWS_ACCESS_KEY_ID": "AKIAEXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_SESSION_TOKEN": "token"}


class Done(NamedTuple):
    """What a job read, and the Parquet bytes it made."""

    rows: int = 0
    size_bytes: int = 0


# ---- ours


def load(path: str, url: str) -> Done:
    """A file, or the files of a folder, through the load service."""
    from comotion.application.loads import LoadService
    from comotion.application.requests import Manner
    from comotion.domain.load import LoadDraft
    from comotion.domain.names import KeyStem, TableName

    service = LoadService.create(_ports(url), LoadDraft(table=TableName("policies")))
    files = sorted(Path(path).iterdir()) if Path(path).is_dir() else [Path(path)]
    service.upload([Manner().numbered(str(file), KeyStem(f"k{n}")) for n, file in enumerate(files)])
    return Done(service.load.rows, sum(part.size_bytes for part in service.load.parts.values()))


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


def convert(path: str, url: str) -> Done:
    """A file to Parquet parts that are thrown away."""
    from comotion.adapters.readers import open_source
    from comotion.composition import part_encoder
    from comotion.domain.chunking import Cut
    from comotion.domain.schema import SchemaWidened
    from comotion.ports.tables import SourceSpec

    encoder, source = part_encoder("snappy"), open_source(SourceSpec(data=path, name=path))
    while True:
        try:
            done, previous = Done(), None
            for part in encoder.parts(source.batches(), schema=source.schema(), cut=Cut()):
                done, previous = _let_go(previous, done), part
            return _let_go(previous, done)
        except SchemaWidened:
            continue


def _let_go(part: "EncodedPart | None", done: Done) -> Done:
    if part is None:
        return done
    done = Done(done.rows + part.rows(), done.size_bytes + part.body.size_bytes())
    part.discard()
    return done


# ---- others


def _as_the_older_client(read: Callable[[str], object], path: str, url: str) -> Done:
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
    return Done(table.num_rows, _removed(place))


def _removed(place: str) -> int:
    """Remove a file; its size."""
    size_bytes = os.stat(place).st_size
    os.unlink(place)
    return size_bytes


def older_csv(path: str, url: str) -> Done:
    import pandas

    return _as_the_older_client(pandas.read_csv, path, url)


def older_excel(path: str, url: str) -> Done:
    import pandas

    return _as_the_older_client(pandas.read_excel, path, url)


def older_json(path: str, url: str) -> Done:
    import pandas

    return _as_the_older_client(lambda place: pandas.read_json(place, lines=True), path, url)


def polars_convert(path: str, url: str) -> Done:
    import polars

    place = f"{path}.polars.parquet"
    polars.scan_csv(path).sink_parquet(place)
    return Done(size_bytes=_removed(place))


def duckdb_convert(path: str, url: str) -> Done:
    import duckdb

    place = f"{path}.duckdb.parquet"
    duckdb.sql(f"copy (from read_csv('{path}')) to '{place}' (format parquet)")
    return Done(size_bytes=_removed(place))


JOBS: dict[str, Callable[[str, str], Done]] = {
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
    done = JOBS[job](path, url)
    yield "wall_s", time.monotonic() - began
    yield "cpu_s", time.process_time() - cpu
    yield "peak_mb", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    yield "rows", done.rows
    yield "written_mb", done.size_bytes / 1e6


if __name__ == "__main__":
    print(json.dumps(dict(_figures(*sys.argv[1:4]))))
