"""Loads, check sums and worlds."""

from __future__ import annotations

import datetime as dt
import random
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest

from comotion.adapters.fake_dash.lake import Lake, PartsDoNotJoin, SqlRefused, statement_type
from tests.unit.adapters.lake.conftest import NOON, Write


def value(lake: Lake, sql: str) -> object:
    return lake.sql(sql).column(0)[0].as_py()


# ---- loads


def test_the_first_load_makes_the_table_with_the_constant_column_last(lake: Lake, write: Write) -> None:
    rows = lake.append("sales", [write("a", n=pa.array([1, 2], pa.int32()))], constants={"service_client_id": "7"})
    assert rows == 2
    assert lake.schema("sales") == {"n": "integer", "service_client_id": "varchar"}
    assert lake.rows("sales").to_pylist() == [{"n": 1, "service_client_id": "7"}, {"n": 2, "service_client_id": "7"}]


def test_parts_with_int32_int64_and_double_become_one_column_of_doubles(lake: Lake, write: Write) -> None:
    parts = [write("a", n=pa.array([1], pa.int32())), write("b", n=pa.array([2**40])), write("c", n=pa.array([0.5]))]
    lake.append("t", parts)
    assert lake.schema("t") == {"n": "double"}
    assert value(lake, "SELECT sum(n) FROM t") == 2**40 + 1.5


def test_a_column_that_one_part_lacks_is_null_there(lake: Lake, write: Write) -> None:
    lake.append("t", [write("a", x=pa.array([1]), y=pa.array(["q"])), write("b", x=pa.array([2]))])
    assert lake.sql("SELECT x, y FROM t ORDER BY x").to_pylist() == [{"x": 1, "y": "q"}, {"x": 2, "y": None}]


def test_a_column_of_nothing_but_nulls_takes_the_type_of_the_other_part(lake: Lake, write: Write) -> None:
    lake.append("t", [write("a", x=pa.nulls(2)), write("b", x=pa.array([dt.date(2020, 1, 1)]))])
    assert lake.schema("t") == {"x": "date"}
    assert lake.count("t") == 3


def test_parts_whose_types_cannot_be_joined_are_refused_by_column_and_file(lake: Lake, write: Write) -> None:
    with pytest.raises(PartsDoNotJoin, match=r"'x' is bigint in a\.parquet and varchar in b\.parquet"):
        lake.append("t", [write("a", x=pa.array([1])), write("b", x=pa.array(["1"]))])
    assert lake.tables() == []


def test_a_load_that_does_not_fit_the_table_changes_nothing(lake: Lake, write: Write) -> None:
    lake.append("t", [write("a", x=pa.array([1]))])
    with pytest.raises(PartsDoNotJoin, match="'x' is bigint in table 't' and double in the load"):
        lake.append("t", [write("b", x=pa.array([1.5]))])
    with pytest.raises(PartsDoNotJoin, match="'y'"):
        lake.append("t", [write("c", x=pa.array([1]), y=pa.array([2]))])
    assert lake.count("t") == 1
    assert value(lake, "SELECT count(*) FROM t") == 1


def test_a_load_without_rows_fits_a_table_whatever_its_types(lake: Lake, write: Write) -> None:
    lake.append("t", [write("a", x=pa.array([1]), y=pa.array([True]))])
    assert lake.append("t", [write("b", y=pa.array([], pa.string()), x=pa.array([], pa.string()))]) == 0
    assert (lake.schema("t"), lake.count("t")) == ({"x": "bigint", "y": "boolean"}, 1)


def test_a_narrower_load_is_widened_to_the_table(lake: Lake, write: Write) -> None:
    lake.append("t", [write("a", x=pa.array([2**40]))])
    lake.append("t", [write("b", x=pa.array([5], pa.int16()))])
    assert value(lake, "SELECT max(x) + min(x) FROM t") == 2**40 + 5


def test_nested_columns_survive_the_way_into_the_lake_and_back(lake: Lake, write: Write) -> None:
    rows = pa.array([{"a": 1, "b": ["x", None]}, None], pa.struct([("a", pa.int32()), ("b", pa.list_(pa.string()))]))
    maps = pa.array([[("k", 1.5)], None], pa.map_(pa.string(), pa.float64()))
    lake.append("t", [write("a", r=rows, m=maps)])
    assert lake.schema("t") == {"r": "row(a integer, b array(varchar))", "m": "map(varchar, double)"}
    assert lake.rows("t").to_pylist() == [{"r": {"a": 1, "b": ["x", None]}, "m": [("k", 1.5)]}, {"r": None, "m": None}]
    assert value(lake, "SELECT r.b[1] FROM t WHERE m['k'] > 1") == "x"


# ---- check sums


def test_a_sum_of_doubles_does_not_depend_on_the_order_of_rows(lake: Lake, write: Write) -> None:
    numbers = [1e16, 1.0, -1e16, 0.1] * 5000
    shuffled = random.Random(3).sample(numbers, len(numbers))
    sums = [
        lake.evaluate(["sum(x)"], [write(name, x=pa.array(x))])[0].value
        for name, x in (("a", numbers), ("b", shuffled))
    ]
    assert sums[0] == sums[1] == pytest.approx(5500.0)


def test_each_check_sum_has_its_own_value_type_or_refusal(lake: Lake, write: Write) -> None:
    part = write(
        "a",
        n=pa.array([1, 2, None]),
        d=pa.array([Decimal("1.10"), Decimal("2.20"), None]),
        s=pa.array(["a", "b", None]),
    )
    found = lake.evaluate(
        ["count(*)", "sum(n)", "sum(d)", "max(s)", "sum(nope)", "max(service_client_id)", "ST_Area(n)"],
        [part],
        constants={"service_client_id": "0"},
    )
    assert [(c.value, c.trino_type) for c in found[:4]] == [
        (3, "bigint"),
        (3, "bigint"),
        (Decimal("3.30"), "decimal(38,2)"),
        ("b", "varchar"),
    ]
    assert found[4].refusal == "line 1:5: Column 'nope' cannot be resolved"
    assert found[5].value == "0"
    assert found[6].value is None
    assert found[6].refusal is not None


# ---- time


def test_now_is_the_time_of_the_world(lake: Lake) -> None:
    assert value(lake, "SELECT current_date") == dt.date(2024, 2, 29)
    assert value(lake, "SELECT localtimestamp") == dt.datetime(2024, 2, 29, 12, 0, 0, 123000)
    assert value(lake, "SELECT now()") == NOON.replace(microsecond=123000)


def test_a_literal_that_looks_like_the_clock_is_a_literal(lake: Lake) -> None:
    assert value(lake, "SELECT '$now ' || cast(current_date AS varchar)") == "$now 2024-02-29"


def test_a_table_can_be_read_as_it_was_before_a_load(lake: Lake, write: Write) -> None:
    lake.append("t", [write("a", x=pa.array([1]))], at=dt.datetime(2024, 1, 1, tzinfo=dt.UTC))
    lake.append("t", [write("b", x=pa.array([2]))], at=dt.datetime(2024, 1, 3, tzinfo=dt.UTC))
    then = "FOR TIMESTAMP AS OF TIMESTAMP '2024-01-02 00:00:00 UTC'"
    assert value(lake, f"SELECT array_agg(x) FROM t {then}") == [1]
    first = value(lake, 'SELECT snapshot_id FROM "t$snapshots" ORDER BY committed_at')
    assert value(lake, f"SELECT sum(x) FROM t FOR VERSION AS OF {first}") == 1
    assert value(lake, 'SELECT count(DISTINCT "$path") FROM t') == 2
    with pytest.raises(SqlRefused):
        lake.sql("SELECT * FROM t FOR TIMESTAMP AS OF TIMESTAMP '2023-01-01 00:00:00 UTC'")


# ---- worlds


def test_worlds_do_not_see_each_other(lake: Lake, write: Write) -> None:
    other = Lake()
    lake.append("t", [write("a", x=pa.array([1]))])
    with pytest.raises(SqlRefused, match=r"line 1:15: Table 'awsdatacatalog\.lake\.t' does not exist"):
        other.sql("SELECT * FROM t")
    other.close()


def test_a_fork_goes_its_own_way(lake: Lake, write: Write) -> None:
    lake.append("t", [write("a", x=pa.array([1]))])
    fork = lake.fork()
    fork.append("t", [write("b", x=pa.array([2]))])
    lake.reset()
    assert lake.tables() == []
    assert value(fork, "SELECT sum(x) FROM t") == 3
    fork.close()


def test_a_lake_in_a_directory_is_there_the_next_time(tmp_path: Path, write: Write) -> None:
    first = Lake(directory=tmp_path / "world")
    first.append("t", [write("a", x=pa.array([1]), z=pa.array([NOON], pa.timestamp("us", "UTC")))])
    first.append("t", [write("b", x=pa.array([2]), z=pa.array([NOON], pa.timestamp("us", "UTC")))])
    first.append("gone", [write("c", x=pa.array([2]))])
    first.drop("gone")
    first.close()
    second = Lake(directory=tmp_path / "world")
    assert second.tables() == ["t"]
    assert second.rows("t").to_pylist() == [{"x": 1, "z": NOON}, {"x": 2, "z": NOON}]
    second.close()


def test_a_created_table_replaces_one_of_that_name(lake: Lake) -> None:
    lake.create("t", pa.table({"a": [1]}))
    lake.create("t", pa.table({"b": ["x"]}))
    assert lake.rows("t").to_pylist() == [{"b": "x"}]


def test_a_repeated_statement_is_translated_once(lake: Lake) -> None:
    assert lake.prepare("SELECT 1 + 1").translated is lake.prepare("SELECT 1 + 1").translated


def test_importing_the_lake_imports_neither_duckdb_nor_pyarrow() -> None:
    script = (
        "import sys, comotion.adapters.fake_dash.lake; print(any(m in sys.modules for m in "
        "('duckdb', 'pyarrow', 'pandas')))"
    )
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)
    assert found.stdout.strip() == "False"


@pytest.mark.parametrize(
    ("sql", "kind"),
    [
        ("SELECT 1", "DML"),
        (" with a as (select 1) select * from a", "DML"),
        ("SHOW TABLES", "UTILITY"),
        ("describe t", "UTILITY"),
        ("EXPLAIN SELECT 1", "UTILITY"),
        ("DROP TABLE t", "DDL"),
        ("DROP TABLE `t`", "DDL"),
        ("INSERT INTO t VALUES 1", "DML"),
    ],
)
def test_a_statement_is_counted_as_athena_counts_it(sql: str, kind: str) -> None:
    assert statement_type(sql) == kind


def test_threads_get_their_own_answers_from_one_lake(lake: Lake) -> None:
    from concurrent.futures import ThreadPoolExecutor

    lake.create("t", pa.table({"x": list(range(1000))}))
    statements = [f"SELECT sum(x + {n}), array_join(array[{n}], ','), sqrt({n}e0) FROM t" for n in range(40)]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda sql: lake.sql(sql).to_pylist()[0], statements))
    assert [row["_col0"] for row in found] == [499500 + 1000 * n for n in range(40)]
    assert [row["_col1"] for row in found] == [str(n) for n in range(40)]


def test_moments_are_equal_in_whatever_zone_they_are_shown(lake: Lake) -> None:
    moments = "timestamp '2020-01-01 00:00:00 UTC', timestamp '2020-01-01 02:00:00 +02:00'"
    assert value(lake, f"SELECT cardinality(array_distinct(array[{moments}]))") == 1
    assert value(lake, f"SELECT count(DISTINCT x) FROM (VALUES {moments}) AS v(x)") == 1


def test_a_file_that_is_no_parquet_does_not_join(lake: Lake, tmp_path: Path) -> None:
    broken = tmp_path / "broken.parquet"
    broken.write_bytes(b"PAR1 but no more")
    with pytest.raises(PartsDoNotJoin, match="cannot be read as Parquet"):
        lake.append("t", [broken])
    assert lake.tables() == []


def test_a_part_with_text_that_is_no_utf8_does_not_join(lake: Lake, write: Write) -> None:
    ends = pa.py_buffer((0).to_bytes(4, "little") + (2).to_bytes(4, "little"))
    text = pa.Array.from_buffers(pa.string(), 1, [None, ends, pa.py_buffer(b"\xff\xfe")])
    with pytest.raises(PartsDoNotJoin, match="Invalid UTF8"):
        lake.append("t", [write("a", x=text)])
