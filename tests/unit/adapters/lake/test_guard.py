"""What cannot happen: files, networks, other worlds, settings, changes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyarrow as pa
import pytest

from comotion.adapters.fake_dash.lake import Lake, SqlNotSupported, SqlRefused
from comotion.adapters.fake_dash.lake.engine import engine
from comotion.adapters.fake_dash.lake.unforeseen import admitted
from tests.unit.adapters.lake.conftest import Write

_ESCAPES = (
    "SELECT * FROM read_csv('/etc/passwd')",
    "SELECT * FROM '/etc/passwd'",
    'SELECT * FROM "/etc/passwd"',
    'SELECT * FROM "/tmp/x.parquet"',
    "SELECT * FROM TABLE(read_csv('/etc/passwd'))",
    "SELECT read_text('/etc/passwd')",
    "SELECT getenv('HOME')",
    "SELECT * FROM duckdb_settings()",
    "SELECT * FROM duckdb_tables",
    "SELECT * FROM sqlite_master",
    "SELECT * FROM pragma_version()",
    "COPY t TO '/tmp/x'",
    "COPY (SELECT 1) TO '/tmp/x'",
    "ATTACH '/tmp/x.db'",
    "DETACH world_1",
    "INSTALL httpfs",
    "LOAD httpfs",
    "PRAGMA database_list",
    "EXPORT DATABASE '/tmp/x'",
    "IMPORT DATABASE '/tmp/x'",
    "SET memory_limit = '1GB'",
    "RESET ALL",
    "CHECKPOINT",
    "CALL pragma_version()",
    "USE memory",
    "FROM t",
    "FROM t SELECT x",
    "SELECT #1 FROM t",
    "SELECT x::varchar FROM t",
    "SELECT * EXCLUDE (x) FROM t",
    "SELECT * REPLACE (1 AS x) FROM t",
    "SELECT COLUMNS('x') FROM t",
    "SELECT [1, 2]",
    "SELECT {'a': 1}",
    "SELECT DISTINCT ON (x) x FROM t",
    "SELECT x FROM t QUALIFY true",
    "SELECT x FROM t GROUP BY ALL",
    "SELECT x FROM t ORDER BY ALL",
    "SELECT 1; SELECT 2",
    "SELECT 1; DROP TABLE t",
    "DROP TABLE t",
    "DELETE FROM t",
    "UPDATE t SET x = 1",
    "INSERT INTO t VALUES (1)",
    "TRUNCATE TABLE t",
    "CREATE TABLE u AS SELECT 1 AS x",
    "CREATE VIEW v AS SELECT 1",
    "ALTER TABLE t ADD COLUMN y integer",
    "MERGE INTO t USING t s ON true WHEN MATCHED THEN DELETE",
    "VACUUM t",
    "OPTIMIZE t",
    "UNLOAD (SELECT 1) TO 's3://b/p' WITH (format = 'PARQUET')",
    "SELECT ${x}",
    "SELECT $now",
    "SELECT ?",
    "SELECT error('x')",
    "SELECT current_setting('threads')",
    "SELECT fail__0('x')",
    "SELECT nextval('s')",
    "SELECT * FROM range(3)",
    'SELECT "$snapshot" FROM t',
    "SELECT rowid FROM t",
    "SELECT * FROM world_1.main.t",
    "SELECT * FROM memory.main.t",
    "SELECT x FROM t ASOF JOIN t u ON true",
    "SELECT 5 // 2",
    "SELECT x FROM t USING SAMPLE 1",
    "PIVOT t ON x",
    "SUMMARIZE t",
    "SHOW ALL TABLES",
    "VALUES (1), (2) LIMIT 1; PRAGMA show_tables",
)


@pytest.fixture
def guarded(lake: Lake) -> Lake:
    import pyarrow as pa

    lake.create("t", pa.table({"x": [1, 2]}))
    return lake


@pytest.mark.parametrize("sql", _ESCAPES)
def test_a_way_out_is_refused(guarded: Lake, sql: str) -> None:
    with pytest.raises(SqlRefused):
        guarded.sql(sql)
    assert guarded.rows("t").to_pylist() == [{"x": 1}, {"x": 2}]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_csv('/etc/passwd')",
        "COPY (SELECT 1) TO '/tmp/comotion_fake_escape'",
        "INSTALL httpfs",
        "SET threads = 1",
        "SET enable_external_access = true",
        "ATTACH '/tmp/comotion_fake_escape.db'",
    ],
)
def test_the_engine_itself_is_locked(sql: str) -> None:
    import duckdb

    cursor = engine().cursor()
    with pytest.raises(duckdb.Error):
        cursor.execute(sql)
    cursor.close()


def test_a_function_that_only_trino_has_is_named(lake: Lake) -> None:
    with pytest.raises(SqlNotSupported) as refused:
        lake.sql("SELECT ST_Area(ST_GeometryFromText('POINT (0 0)'))")
    assert refused.value.feature in ("st_area", "st_geometryfromtext")


def test_try_does_not_hide_what_the_fake_does_not_know(lake: Lake) -> None:
    with pytest.raises(SqlNotSupported, match="word_stem"):
        lake.sql("SELECT try(word_stem('mangeons', 'fr'))")


def test_try_hides_no_limit_where_two_queries_meet_one_at_once(lake: Lake) -> None:
    def refused(n: int) -> bool:
        try:
            lake.sql(f"SELECT try(word_stem('mangeons{n % 7}', 'fr'))")
        except SqlNotSupported:
            return True
        return False

    with ThreadPoolExecutor(4) as threads:
        assert all(threads.map(refused, range(400)))


def test_a_query_is_not_refused_for_what_its_neighbour_met(lake: Lake) -> None:
    def answered(n: int) -> bool:
        try:
            lake.sql("SELECT upper('x')" if n % 2 else "SELECT word_stem('mangeons', 'fr')")
        except SqlNotSupported:
            return False
        return True

    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(answered, range(400))) == [n % 2 == 1 for n in range(400)]


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("SELECT x FROM t", "line 1:15: Table 'awsdatacatalog.lake.t' does not exist"),
        ("SELECT y", "line 1:8: Column 'y' cannot be resolved"),
        ("SELECT foo(1)", "line 1:8: Function 'foo' not registered"),
        ("SELECT 1 / 0", "Division by zero"),
        ("SELECT 1 = '1'", "line 1:10: Cannot apply operator: integer = varchar(1)"),
        ("SELECT\n  2147483647 + 1", "integer addition overflow: 2147483647 + 1"),
        ("SELECT FROM t", "line 1:8: mismatched input 'FROM'. Expecting: <expression>"),
    ],
)
def test_a_refusal_reads_like_the_services(lake: Lake, sql: str, message: str) -> None:
    with pytest.raises(SqlRefused) as refused:
        lake.sql(sql)
    assert refused.value.message.startswith(message.split(":")[0])
    if "operator" not in message:
        assert refused.value.message == message


def test_an_expression_too_deep_for_the_fake_is_a_limit_and_no_crash(lake: Lake) -> None:
    with pytest.raises(SqlNotSupported, match="nested"):
        lake.sql("SELECT " + " + ".join(["1"] * 5000))


def test_what_nobody_foresaw_is_a_limit_that_names_the_construct_and_keeps_the_cause() -> None:
    with pytest.raises(SqlNotSupported) as admission, admitted(lambda: "nosuch() at line 1:8"):
        raise KeyError("x")
    assert admission.value.feature == "nosuch() at line 1:8 (KeyError: 'x')"
    assert isinstance(admission.value.__cause__, KeyError)


@pytest.mark.parametrize("verdict", [SqlRefused("line 1:8: no"), SqlNotSupported("ST_Point")])
def test_a_verdict_passes_the_net_as_it_is(verdict: Exception) -> None:
    with pytest.raises(type(verdict)) as passed, admitted():
        raise verdict
    assert passed.value is verdict


def test_try_does_not_hide_that_a_kernel_broke(lake: Lake) -> None:
    with pytest.raises(SqlNotSupported, match="format_number"):
        lake.sql("SELECT try(format_number(infinity()))")


def test_a_check_sum_that_breaks_the_fake_does_not_disturb_the_others(lake: Lake, write: Write) -> None:
    found = lake.evaluate(["count(*)", " + ".join(["1"] * 5000)], [write("one", x=pa.array([1]))])
    assert found[0].value == 1
    assert found[1].refusal is not None
    assert found[1].refusal.startswith("not supported by this fake")


@pytest.mark.parametrize("key", ["null", "true", "'a'", "1.5"])
def test_a_constant_is_a_key_that_orders_nothing(lake: Lake, key: str) -> None:
    assert lake.sql(f"SELECT 1 AS x UNION ALL SELECT 2 ORDER BY {key}").num_rows == 2
    assert lake.sql(f"SELECT array_agg(x ORDER BY {key}) AS a FROM (VALUES 3, 1) AS v(x)")["a"].to_pylist() == [[3, 1]]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT json_exists('{}', 'lax $.a' NULL ON ERROR)",
        "SELECT json_exists('{}', 'lax $.a' TRUE ON EMPTY)",
        "SELECT json_value('{}', 'lax $.a' TRUE ON ERROR)",
        "SELECT cast('a' AS char(65537))",
        "SELECT cast('a' AS varchar(2147483647))",
    ],
)
def test_what_the_grammar_or_a_type_does_not_hold_is_refused(lake: Lake, sql: str) -> None:
    with pytest.raises(SqlRefused):
        lake.sql(sql)


def test_null_fits_where_a_decimal_is_wanted(lake: Lake) -> None:
    assert lake.sql("SELECT mod(NULL, -2.5) AS x").to_pylist() == [{"x": None}]


@pytest.mark.parametrize("sql", ["SELECT 7 % (x - x) FROM (VALUES 1) AS v(x)", "SELECT interval '1' day / 0"])
def test_a_division_by_zero_is_refused_by_every_duckdb(lake: Lake, sql: str) -> None:
    with pytest.raises(SqlRefused) as refused:
        lake.sql(sql)
    assert refused.value.kind == "DIVISION_BY_ZERO"


def test_a_frame_that_reaches_a_negative_number_of_rows_is_refused(lake: Lake) -> None:
    with pytest.raises(SqlRefused) as refused:
        lake.sql("SELECT sum(x) OVER (ORDER BY x ROWS x - 2 PRECEDING) FROM (VALUES 1, 2) AS v(x)")
    assert refused.value.kind == "INVALID_WINDOW_FRAME"


@pytest.mark.parametrize("sql", ["SELECT nosuch", "SELECT 1 / 0", "SELECT word_stem('mangeons', 'fr')"])
def test_a_verdicts_traceback_ends_at_the_door(lake: Lake, sql: str) -> None:
    with pytest.raises((SqlRefused, SqlNotSupported)) as verdict:
        lake.sql(sql)
    assert [Path(str(entry.path)).name for entry in verdict.traceback] == ["test_guard.py", "lake.py"]


@pytest.mark.parametrize("function", ["map_from_entries", "multimap_from_entries"])
@pytest.mark.parametrize("entry", ["NULL", "ROW(NULL, 2)"])
def test_an_entry_without_a_key_makes_no_map(lake: Lake, function: str, entry: str) -> None:
    with pytest.raises(SqlRefused, match="cannot be null"):
        lake.sql(f"SELECT {function}(ARRAY[ROW('a', 1), {entry}])")
