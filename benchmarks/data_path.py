"""The measures of the data path: what a job costs beside another one, in turns, medians of several runs.

``python benchmarks/data_path.py MEASURE [--mb 300] [--runs 5] [--mb-per-s 50] [--compression snappy]``

=========== ==========================================================================================
csv         a policy-like CSV to S3, beside the older client: CPU, wall and peak memory
late        the same with a column that turns from whole numbers to text in its last row, beside the clean file
total       CSV to S3 at --mb-per-s, beside the larger of conversion alone and the bytes on the wire
conversion  CSV to Parquet alone, beside polars' sink_parquet and DuckDB's COPY
excel       200,000 rows of a workbook, beside openpyxl through pandas
json        JSON lines, beside pandas
files       200 small files of a folder, beside one file with the same rows
=========== ==========================================================================================

Each run is a process of its own; "CPU" is all of its threads, interpreter start left out, imports counted.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from upload_layer import _sink

HERE = Path(__file__).parent
ENVIRONMENT = {"AWS_EC2_METADATA_DISABLED": "true", "OPENBLAS_NUM_THREADS": "1"}
"""Of every job. The command line sets the second too: numpy's threads burn CPU while they wait for a matrix."""
Figures = dict[str, float]


def once(job: str, path: str, url: str, compression: str) -> Figures:
    """What one run of a job cost."""
    command = [sys.executable, "-W", "ignore", str(HERE / "jobs.py"), job, path, url]
    environment = {**os.environ, **ENVIRONMENT, "COMPRESSION": compression}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=1800)
    if done.returncode:
        raise SystemExit(f"{job}: {done.stderr.strip()[-600:]}")
    figures: Figures = json.loads(done.stdout)
    return figures


def medians(pairs: Sequence[tuple[str, str]], *, given: argparse.Namespace) -> list[Figures]:
    """For each (job, path) the median of its runs; the jobs take turns."""
    runs: list[list[Figures]] = [[] for _ in pairs]
    with _sink(None, given.mb_per_s) as url:
        for _ in range(given.runs):
            for place, (job, path) in zip(runs, pairs, strict=True):
                place.append(once(job, path, url, given.compression))
    return [{name: statistics.median(run[name] for run in ran) for name in ran[0]} for ran in runs]


def table(names: Sequence[str], found: Sequence[Figures]) -> None:
    """Print the figures; the first job beside each of the others."""
    print("| job | wall, s | CPU, s | peak, MB | first / this: wall | CPU |")
    print("| --- | --- | --- | --- | --- | --- |")
    for name, one in zip(names, found, strict=True):
        wall, cpu = (found[0][what] / one[what] for what in ("wall_s", "cpu_s"))
        print(f"| {name} | {one['wall_s']:.2f} | {one['cpu_s']:.2f} | {one['peak_mb']:.0f} | {wall:.2f} | {cpu:.2f} |")


def _policies(place: Path, mb: float, *options: str) -> str:
    """The file, made by a process of its own: a child counts its parent's peak memory as its own."""
    subprocess.run([sys.executable, str(HERE / "policies.py"), str(place), "--mb", str(mb), *options], check=True)
    return str(place)


def csv(folder: Path, given: argparse.Namespace) -> None:
    path = _policies(folder / "policies.csv", given.mb)
    table(["ours", "older client"], medians([("load", path), ("older csv", path)], given=given))


def late(folder: Path, given: argparse.Namespace) -> None:
    clean = _policies(folder / "clean.csv", given.mb)
    changed = _policies(folder / "late.csv", given.mb, "--late")
    table(["late change", "clean"], medians([("load", changed), ("load", clean)], given=given))


def conversion(folder: Path, given: argparse.Namespace) -> None:
    path = _policies(folder / "policies.csv", given.mb)
    jobs = ["convert", "polars", "duckdb"]
    table(jobs, medians([(job, path) for job in jobs], given=given))


def total(folder: Path, given: argparse.Namespace) -> None:
    path = _policies(folder / "policies.csv", given.mb)
    load, convert = medians([("load", path), ("convert", path)], given=given)
    table(["csv to S3", "conversion"], [load, convert])
    wire_s = load["written_mb"] / given.mb_per_s if given.mb_per_s else 0.0
    print(f"\n{load['written_mb']:.0f} MB take {wire_s:.2f} s; total / larger: ", end="")
    print(f"{load['wall_s'] / max(convert['wall_s'], wire_s):.2f}")


def excel(folder: Path, given: argparse.Namespace) -> None:
    path = _other_format(folder / "policies.xlsx")
    table(["ours", "openpyxl"], medians([("load", path), ("older excel", path)], given=given))


def json_lines(folder: Path, given: argparse.Namespace) -> None:
    path = _other_format(folder / "policies.jsonl")
    table(["ours", "pandas"], medians([("load", path), ("older json", path)], given=given))


def files(folder: Path, given: argparse.Namespace) -> None:
    many = folder / "many"
    many.mkdir()
    _other_format(many / "small.csv")
    one = _policies(folder / "one.csv", sum(file.stat().st_size for file in many.iterdir()) / 1e6)
    table(["200 files", "one file"], medians([("load", str(many)), ("load", one)], given=given))


def _other_format(place: Path) -> str:
    subprocess.run([sys.executable, str(HERE / "policies.py"), str(place)], check=True)
    return str(place)


MEASURES = {
    "csv": csv,
    "late": late,
    "total": total,
    "conversion": conversion,
    "excel": excel,
    "json": json_lines,
    "files": files,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("measure", choices=MEASURES)
    parser.add_argument("--mb", type=float, default=300)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--mb-per-s", type=float, help="how fast the sink takes bytes; as fast as it can")
    parser.add_argument("--compression", default="snappy")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        MEASURES[given.measure](Path(folder), given)


if __name__ == "__main__":
    main()
