"""The fake's S3 face beside moto's server: a large PUT through boto3, its time, CPU and peak.

``python benchmarks/s3_face.py [--mb 512] [--runs 5]`` prints a table of medians and the two ratios. Both servers
take turns, each run in a process of its own. ``put_object`` sends one request, ``upload_file`` parts of 8 MiB over
ten threads. Needs boto3 and ``moto[server]``.
"""

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

BUCKET = "lake-in"


def _serve_fake() -> str:
    from datetime import UTC, datetime

    from comotion.adapters.fake_dash.clock import FakeClock
    from comotion.adapters.fake_dash.server import FakeServer
    from comotion.adapters.fake_dash.world import World

    world = World(clock=FakeClock(datetime.now(UTC), ticking=True))
    world.objects.add_bucket(BUCKET, "us-east-1")
    keys = world.credentials.lasting
    return f"{FakeServer(world).start().url} {keys.access_key_id} {keys.secret_access_key}"


def _serve_moto() -> str:
    import logging

    import boto3
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").disabled = True
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    url = "http://{}:{}".format(*server.get_host_and_port())
    keys = {"aws_access_key_id": "key", "aws_secret_access_key": "secret"}
    boto3.client("s3", endpoint_url=url, region_name="us-east-1", **keys).create_bucket(Bucket=BUCKET)
    return f"{url} key secret"


SERVERS = {"fake": _serve_fake, "moto": _serve_moto}


def _serve(kind: str) -> None:
    """In a child: serve until standard input ends, then print CPU seconds since the start, and peak megabytes."""
    print(SERVERS[kind](), flush=True)
    begun = resource.getrusage(resource.RUSAGE_SELF)
    sys.stdin.read()
    ended = resource.getrusage(resource.RUSAGE_SELF)
    cpu_s = ended.ru_utime + ended.ru_stime - begun.ru_utime - begun.ru_stime
    print(cpu_s, ended.ru_maxrss / (1024 if sys.platform != "darwin" else 1 << 20), flush=True)
    os._exit(0)  # moto's threads would keep the process


def _put(how: str, path: str, url: str, key: str, secret: str) -> None:
    """In a child: put the file once, print the seconds it took."""
    import boto3

    keys = {"aws_access_key_id": key, "aws_secret_access_key": secret}
    client = boto3.client("s3", endpoint_url=url, region_name="us-east-1", **keys)
    began = time.perf_counter()
    if how == "upload_file":
        client.upload_file(path, BUCKET, "large")
    else:
        with open(path, "rb") as file:
            client.put_object(Bucket=BUCKET, Key="large", Body=file)
    print(time.perf_counter() - began)


def _once(kind: str, how: str, path: str) -> tuple[float, float, float]:
    """Wall seconds of the put, CPU seconds and peak megabytes of the server."""
    command = [sys.executable, __file__, "--serve", kind]
    server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert server.stdout
    where = server.stdout.readline().split()
    put = [sys.executable, __file__, "--put", how, path, *where]
    wall_s = float(subprocess.run(put, capture_output=True, text=True, check=True, timeout=300).stdout)
    told, _ = server.communicate(timeout=60)
    cpu_s, peak_mb = map(float, told.split())
    return wall_s, cpu_s, peak_mb


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mb", type=int, default=512)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--serve", choices=SERVERS, help=argparse.SUPPRESS)
    parser.add_argument("--put", nargs=5, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        _serve(given.serve)
    elif given.put:
        _put(*given.put)
    else:
        _compare(given.mb, given.runs)


def _compare(mb: int, runs: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "large")
        with path.open("wb") as file:
            for _ in range(mb):
                file.write(os.urandom(1 << 20))
        print("| put with | server | wall, s | server CPU, s | server peak, MB |")
        print("| --- | --- | --- | --- | --- |")
        for how in ("put_object", "upload_file"):
            rounds = [{kind: _once(kind, how, str(path)) for kind in SERVERS} for _ in range(runs)]
            for kind in SERVERS:
                wall_s, cpu_s, peak_mb = (statistics.median(r[kind][i] for r in rounds) for i in range(3))
                print(f"| {how} | {kind} | {wall_s:.2f} | {cpu_s:.2f} | {peak_mb:.0f} |", flush=True)
            faster = statistics.median(r["moto"][0] / r["fake"][0] for r in rounds)
            cheaper = statistics.median(r["fake"][1] / r["moto"][1] for r in rounds)
            print(f"| {how} | fake to moto | {faster:.2f} x throughput | {cheaper:.2f} x CPU | |", flush=True)


if __name__ == "__main__":
    main()
