"""A policy-like CSV file of any size: 20 columns with NULLs, other scripts, quotes, codes, dates and amounts.

``python benchmarks/policies.py OUT.csv [--mb 300] [--late]`` writes it; with ``--late`` the column ``agent_code``,
whole numbers so far, holds a text in its very last row. The same size always gives the same bytes. By its suffix
OUT may also be a workbook of 200,000 rows (``.xlsx``), JSON lines of 90 MB (``.jsonl``), or the first of 200 small
CSV files in its folder (``small.csv``).
"""

import argparse
import csv
import io
import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute

BLOCK_ROWS = 50_000
FIRST = ["Thabo", "Anaïs", "Zoë", "李", "Мария", "Siphokazi", "O'Neil", "José", "Łukasz", "Fatima", "Jörg", "Nomvula"]
LAST = ["Nkosi", "van der Merwe", 'Smith "Smithy"', "Müller", "Dlamini", "Petrov", "García, hijo", "Wang", "Naidoo"]
COMMENTS = [
    None,
    "premium in arrears, letter sent",
    'said "call again", then moved',
    "naïve café — überprüfen",
    "",
    "no change",
]
STATUS = ["active", "lapsed", "cancelled", "paid up"]


def block(number: int, *, late: bool = False) -> pa.Table:
    """Rows ``number * 50,000`` and on. With ``late`` the last row holds the text."""
    chance = np.random.default_rng(number)
    ids = np.arange(number * BLOCK_ROWS, (number + 1) * BLOCK_ROWS)
    agents = (1000 + ids % 700).astype(str).astype(object)
    if late:
        agents[-1] = "A-17"
    return pa.table(
        {
            "policy_id": ids,
            "policy_number": [f"POL-{one:09d}" for one in ids],
            "holder": _some([f"{a} {b}" for a in FIRST for b in LAST], chance),
            "id_number": chance.integers(10**12, 10**13, BLOCK_ROWS),
            "birth_date": _dates(chance, 1940, 60),
            "start_date": _dates(chance, 2000, 25),
            "end_date": _with_nulls(_dates(chance, 2025, 20), chance, 0.4),
            "product_code": _some([f"PR{n:03d}" for n in range(40)], chance),
            "branch": _some([f"branch {n}" for n in range(300)], chance),
            "premium": np.round(chance.gamma(2.0, 400.0, BLOCK_ROWS), 2),
            "sum_assured": np.round(chance.gamma(2.0, 4e5, BLOCK_ROWS), 0),
            "commission": _with_nulls(np.round(chance.random(BLOCK_ROWS) * 900, 2), chance, 0.2),
            "status": _some(STATUS, chance),
            "currency": _some(["ZAR", "EUR", "USD"], chance),
            "is_active": chance.random(BLOCK_ROWS) < 0.7,
            "claims": chance.poisson(0.6, BLOCK_ROWS),
            "last_claim": _with_nulls(np.round(chance.gamma(2.0, 9e3, BLOCK_ROWS), 2), chance, 0.7),
            "email": [f"holder{one % 99_991}@example.org" for one in ids],
            "comment": _some(COMMENTS, chance),
            "agent_code": pa.array(agents, pa.string()),
        }
    )


def _some(values: list[str | None], chance: np.random.Generator) -> pa.Array:
    return pa.array(values, pa.string()).take(pa.array(chance.integers(0, len(values), BLOCK_ROWS)))


def _dates(chance: np.random.Generator, year: int, years: int) -> pa.Array:
    days = np.datetime64(f"{year}-01-01") + chance.integers(0, years * 365, BLOCK_ROWS)
    return pa.array(days.astype("datetime64[D]"))


def _with_nulls(values: object, chance: np.random.Generator, share: float) -> pa.Array:
    array = values if isinstance(values, pa.Array) else pa.array(values)
    return pa.compute.if_else(pa.array(chance.random(BLOCK_ROWS) < share), pa.scalar(None, array.type), array)


def text(number: int, *, late: bool = False) -> bytes:
    """A block as CSV, the header only before the first; quoted is what must be."""
    table = block(number, late=late)
    sink = io.StringIO()
    writer = csv.writer(sink, lineterminator="\n")
    if number == 0:
        writer.writerow(table.column_names)
    writer.writerows(zip(*(column.to_pylist() for column in table.columns), strict=True))
    return sink.getvalue().encode()


def write(path: str | Path, *, mb: float, late: bool = False) -> int:
    """Write at least ``mb`` megabytes; the number of rows."""
    size, number = 0, 0
    with open(path, "wb") as file:
        while True:
            piece = text(number)
            is_last = size + len(piece) >= mb * 1e6
            size += file.write(text(number, late=True) if late and is_last else piece)
            number += 1
            if is_last:
                return number * BLOCK_ROWS


def write_workbook(path: Path) -> int:
    """200,000 rows of one sheet."""
    import openpyxl

    workbook = openpyxl.Workbook(write_only=True)
    sheet = workbook.create_sheet("policies")
    sheet.append(block(0).column_names)
    for number in range(4):
        for row in zip(*(column.to_pylist() for column in block(number).columns), strict=True):
            sheet.append(row)
    workbook.save(path)
    return 4 * BLOCK_ROWS


def write_json_lines(path: Path, *, mb: float = 90) -> int:
    """Records, one a line."""
    size, number = 0, 0
    with path.open("w", encoding="utf-8") as file:
        while size < mb * 1e6:
            for row in block(number).to_pylist():
                size += file.write(json.dumps(row, default=str, ensure_ascii=False) + "\n")
            number += 1
    return number * BLOCK_ROWS


def write_small_files(folder: Path, *, files: int = 200) -> int:
    """A block of rows, cut into so many files with a header each."""
    header, *rows = text(0).decode().splitlines(keepends=True)
    step = len(rows) // files
    for number in range(files):
        piece = "".join(rows[number * step : (number + 1) * step])
        (folder / f"small_{number}.csv").write_text(header + piece, "utf-8")
    return files * step


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path", type=Path)
    parser.add_argument("--mb", type=float, default=300)
    parser.add_argument("--late", action="store_true")
    given = parser.parse_args()
    if given.path.suffix == ".xlsx":
        rows = write_workbook(given.path)
    elif given.path.suffix == ".jsonl":
        rows = write_json_lines(given.path)
    elif given.path.name == "small.csv":
        rows = write_small_files(given.path.parent)
    else:
        rows = write(given.path, mb=given.mb, late=given.late)
    print(f"{given.path.name}: {rows:,} rows")


if __name__ == "__main__":
    main()
