"""What it costs to upload one file, client by client: CPU, wall and peak memory of a process that does only that.

``python benchmarks/upload_layer.py [--mb 114] [--runs 5] [--tls] [--mb-per-s N]`` prints a table. The clients take
turns, each run in a process of its own, against the same sink; the figures are medians. "put" is the upload alone,
"process" also the interpreter and the imports. awswrangler, boto3, obstore and pyarrow are compared where they are
installed; ``--tls`` needs cryptography.
"""

import argparse
import contextlib
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

CHUNK = 8 * 1024 * 1024
KEYS = {"AWS_ACCESS_KEY_ID": "AKIAEXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_SESSION_TOKEN": "token"}


class FilePart:
    """A PartBody over a finished file."""

    def __init__(self, path: str) -> None:
        self._path = path

    def chunks(self, size_bytes: int) -> Iterator[bytes]:
        with open(self._path, "rb") as file:
            while chunk := file.read(size_bytes):
                yield chunk

    def size_bytes(self) -> int:
        return os.stat(self._path).st_size


def _ours(path: str, url: str) -> Callable[[], object]:
    import random

    from comotion.adapters.requests_http import RequestsHttp
    from comotion.adapters.retrying_http import RetryingHttp
    from comotion.adapters.s3_store import S3Store
    from comotion.adapters.system_clock import SystemClock
    from comotion.domain.pacing import RetryPolicy

    clock = SystemClock()
    http = RetryingHttp(RequestsHttp(), policy=RetryPolicy(), clock=clock, chance=random.random)
    return lambda: S3Store(http, clock=clock).put(_ticket(url), FilePart(path), _never)


def _ours_form(path: str, url: str) -> Callable[[], object]:
    from comotion.adapters.requests_http import RequestsHttp
    from comotion.adapters.s3_store import PresignedStore

    return lambda: PresignedStore(RequestsHttp()).put(_ticket(url), FilePart(path), _never)


def _ticket(url: str):  # type: ignore[no-untyped-def]
    from comotion.domain.load import UploadTicket

    keys = zip(("AccessKeyId", "SecretAccessKey", "SessionToken"), KEYS.values(), strict=True)
    return UploadTicket(
        presigned_url={"url": f"{url}/b", "fields": {"key": "k"}}, sts_credentials=dict(keys), path="k", bucket="b"
    )


def _never() -> object:
    raise AssertionError("nothing expires here")


def _obstore(path: str, url: str) -> Callable[[], object]:
    import obstore
    from obstore.store import S3Store

    options: dict[str, object] = {"allow_http": True}
    if "REQUESTS_CA_BUNDLE" in os.environ:
        options["root_certificate"] = Path(os.environ["REQUESTS_CA_BUNDLE"]).read_bytes()
    store = S3Store("b", endpoint=url, region="us-east-1", client_options=options)
    chunks = FilePart(path).chunks(CHUNK)
    return lambda: obstore.put(store, "k", chunks, chunk_size=CHUNK, max_concurrency=2)


def _boto3(path: str, url: str) -> Callable[[], object]:
    import boto3

    client = boto3.client("s3", endpoint_url=url, region_name="us-east-1")
    return lambda: client.upload_file(path, "b", "k")


def _pyarrow(path: str, url: str) -> Callable[[], object]:
    from pyarrow import fs

    scheme, _, host = url.partition("://")
    filesystem = fs.S3FileSystem(endpoint_override=host, scheme=scheme, region="us-east-1")

    def put() -> None:
        with filesystem.open_output_stream("b/k") as stream:
            for chunk in FilePart(path).chunks(CHUNK):
                stream.write(chunk)

    return put


def _awswrangler(path: str, url: str) -> Callable[[], object]:
    import awswrangler
    import boto3

    awswrangler.config.s3_endpoint_url = url
    session = boto3.session.Session(region_name="us-east-1")
    return lambda: awswrangler.s3.upload(path, "s3://b/k", boto3_session=session)


CLIENTS = {
    "S3Store": _ours,
    "PresignedStore": _ours_form,
    "obstore": _obstore,
    "boto3": _boto3,
    "pyarrow.fs": _pyarrow,
    "awswrangler": _awswrangler,
}


def _cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _run_one(client: str, path: str, url: str) -> None:
    """In the child: upload once, print what it took."""
    put = CLIENTS[client](path, url)
    cpu_s, began = _cpu_s(), time.perf_counter()
    put()
    wall_s = time.perf_counter() - began
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform != "darwin" else 1 << 20)
    print(_cpu_s() - cpu_s, _cpu_s(), wall_s, peak_mb)


@contextlib.contextmanager
def _sink(certificate: tuple[str, str] | None, mb_per_s: float | None) -> Iterator[str]:
    options = ["--tls", *certificate] if certificate else []
    options += ["--mb-per-s", str(mb_per_s)] if mb_per_s else []
    command = [sys.executable, str(Path(__file__).with_name("s3_sink.py")), *options]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    assert process.stdin
    try:
        yield f"{'https' if certificate else 'http'}://127.0.0.1:{process.stdout.readline().strip()}"
    finally:
        process.stdin.close()
        process.wait(10)


def _certificate(folder: str) -> tuple[str, str]:
    """A certificate for this machine that is good for a day, and its key."""
    from datetime import UTC, datetime, timedelta
    from ipaddress import ip_address

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(now).not_valid_after(now + timedelta(days=1))
    names = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    certificate = builder.add_extension(names, critical=False).sign(key, hashes.SHA256())
    paths = str(Path(folder, "certificate.pem")), str(Path(folder, "key.pem"))
    Path(paths[0]).write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    form = serialization.PrivateFormat.PKCS8
    Path(paths[1]).write_bytes(key.private_bytes(serialization.Encoding.PEM, form, plain))
    return paths


def _measure(given: argparse.Namespace) -> dict[str, list[list[float]]]:
    """For each client that works here, one row of figures a run."""
    found: dict[str, list[list[float]]] = {}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "part")
        with path.open("wb") as file:  # piece by piece: a child counts its parent's peak as its own
            for _ in range(given.mb):
                file.write(os.urandom(1_000_000))
        certificate = _certificate(folder) if given.tls else None
        environment = {**os.environ, **KEYS, "AWS_EC2_METADATA_DISABLED": "true"}
        if certificate:
            environment |= dict.fromkeys(("REQUESTS_CA_BUNDLE", "AWS_CA_BUNDLE", "SSL_CERT_FILE"), certificate[0])
        with _sink(certificate, given.mb_per_s) as url:
            clients = given.clients or list(CLIENTS)
            for _ in range(given.runs):
                for client in list(clients):
                    command = [sys.executable, __file__, "--one", client, str(path), url]
                    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300)
                    if done.returncode:
                        print(f"{client}: left out ({done.stderr.strip().splitlines()[-1][:150]})", file=sys.stderr)
                        clients.remove(client)
                    else:
                        found.setdefault(client, []).append([float(word) for word in done.stdout.split()])
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mb", type=int, default=114)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--tls", action="store_true")
    parser.add_argument("--mb-per-s", type=float, help="how fast the sink takes bytes; as fast as it can")
    parser.add_argument("--clients", nargs="*", choices=CLIENTS)
    parser.add_argument("--one", nargs=3, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        _run_one(*given.one)
        return
    found = _measure(given)
    middle = {name: [statistics.median(column) for column in zip(*rows, strict=True)] for name, rows in found.items()}
    base = middle.get("awswrangler")
    print("| client | CPU put, s | CPU process, s | wall, s | peak, MB | put, x wrangler | process, x wrangler |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for name, (put_s, process_s, wall_s, peak_mb) in middle.items():
        ratios = f"{put_s / base[0]:.2f} | {process_s / base[1]:.2f}" if base else "- | -"
        print(f"| {name} | {put_s:.2f} | {process_s:.2f} | {wall_s:.2f} | {peak_mb:.0f} | {ratios} |")


if __name__ == "__main__":
    main()
