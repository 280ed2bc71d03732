"""FakeDash is a world of its own that tests can fill, look at, fork, reset and keep."""

import subprocess
import sys
from pathlib import Path

import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from comotion.adapters.fake_dash.lake import SqlNotSupported, SqlRefused
from comotion.dash import Load, Query
from comotion.domain.errors import InvalidArgument, InvalidName
from comotion.testing import FakeClock, FakeDash

ROWS = [{"id": 1, "name": "a"}, {"id": 2, "name": None}]


@pytest.mark.parametrize(
    "data",
    [ROWS, {"id": [1, 2], "name": ["a", None]}, pd.DataFrame(ROWS), pa.Table.from_pylist(ROWS), pl.DataFrame(ROWS)],
    ids=["rows", "columns", "pandas", "arrow", "polars"],
)
def test_it_is_seeded_from_python(fake_dash: FakeDash, data: object) -> None:
    fake_dash.seed({"motor": data})
    assert fake_dash.tables["motor"].rows == ROWS


def test_a_column_that_the_first_row_lacks_is_seeded(fake_dash: FakeDash) -> None:
    fake_dash.seed({"motor": [{"id": 1}, {"id": 2, "name": "a"}]})
    assert fake_dash.tables["motor"].rows == [{"id": 1, "name": None}, {"id": 2, "name": "a"}]


@pytest.mark.parametrize("name", ["motor.json", "motor.jsonl"])
def test_values_of_json_are_seeded_as_a_load_would_take_them(fake_dash: FakeDash, tmp_path: Path, name: str) -> None:
    rows = ['{"code": "007", "n": 5, "created_at": 1700000000}', '{"code": "008", "n": null, "created_at": 2}']
    (tmp_path / name).write_text("\n".join(rows) if name.endswith("l") else f"[{','.join(rows)}]")
    fake_dash.seed(tmp_path)
    load = Load(fake_dash.config(), table_name="loaded", load_as_service_client_id="0", track_rows_uploaded=True)
    load.upload_file(tmp_path / name)
    load.commit()
    seeded, loaded = fake_dash.tables["motor"], fake_dash.tables["loaded"].arrow().drop_columns("service_client_id")
    assert seeded.arrow() == loaded
    assert seeded.rows[0] == {"code": "007", "n": 5, "created_at": 1700000000}


def test_a_file_that_pandas_wrote_as_json_is_seeded(fake_dash: FakeDash, tmp_path: Path) -> None:
    pd.DataFrame(ROWS).to_json(tmp_path / "motor.json")
    fake_dash.seed(tmp_path)
    assert fake_dash.tables["motor"].rows == ROWS


@pytest.mark.parametrize(("name", "text"), [("a.json", "{"), ("a.json", "7"), ("a.jsonl", "[1]\n"), ("a.csv", "")])
def test_a_seed_file_without_a_table_is_named(fake_dash: FakeDash, tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(InvalidArgument, match=r"a\.|table a"):
        fake_dash.seed(tmp_path)


@pytest.mark.parametrize("text", ["a: [", "tables: [motor]", "migrated: maybe", "- 1", "v1_tables: {old: {a: [1]}}"])
def test_a_yaml_seed_that_is_none_is_refused(fake_dash: FakeDash, tmp_path: Path, text: str) -> None:
    (tmp_path / "seed.yaml").write_text(text)
    with pytest.raises(InvalidArgument):
        fake_dash.seed(tmp_path / "seed.yaml")


def test_requests_are_asked_for_by_operations_that_there_are(fake_dash: FakeDash) -> None:
    Query(fake_dash.config(), "select 1")
    assert len(fake_dash.requests.of("run_query")) == 1
    assert [entry.operation for entry in fake_dash.requests.of("run_*", "tok*")] == ["token", "run_query"]
    with pytest.raises(ValueError, match="did you mean 'run_query'"):
        fake_dash.requests.of("runquery")


def test_it_is_seeded_from_a_directory(fake_dash: FakeDash, tmp_path: Path) -> None:
    (tmp_path / "motor.csv").write_text("Policy Id,premium\n1,1.5\n2,\n")
    (tmp_path / "household").mkdir()
    for part in (1, 2):
        pq.write_table(pa.table({"id": [part]}), tmp_path / "household" / f"part_{part}.parquet")
    (tmp_path / "claims.jsonl").write_text('{"id": 7}\n{"id": 8}\n')
    (tmp_path / "README.md").write_text("no table")
    fake_dash.seed(tmp_path)
    assert sorted(fake_dash.tables) == ["claims", "household", "motor"]
    assert fake_dash.tables["motor"].columns == ["policy_id", "premium"]
    assert sorted(row["id"] for row in fake_dash.tables["household"].rows) == [1, 2]


def test_it_is_seeded_from_yaml(fake_dash: FakeDash, tmp_path: Path) -> None:
    (tmp_path / "motor.csv").write_text("id\n1\n")
    seed = tmp_path / "seed.yaml"
    seed.write_text(
        "users: {ada: {password: lovelace, scopes: ['query:read']}}\n"
        "applications: {etl: {client_secret: hush}}\n"
        "tables:\n  motor: motor.csv\n  claims: [{id: 1}, {id: 2}]\n"
        "v1_tables:\n  old: [{a: 1, b: null}]\n"
        "migrated: true\n"
    )
    fake_dash.seed(seed)
    assert {name: len(table) for name, table in fake_dash.tables.items()} == {"claims": 2, "motor": 1}
    assert fake_dash.v1_tables == {"old": [{"a": "1", "b": "", "service_client_id": "0"}]}
    assert fake_dash.organisation.users["ada"].scopes == ("query:read",)
    assert fake_dash.organisation.migration.is_fully_done()


@pytest.mark.parametrize(
    ("source", "error"),
    [
        (7, InvalidArgument),
        ("/no/such/thing", InvalidArgument),
        ({"Motor": ROWS}, InvalidName),
        ({"motor": 7}, InvalidArgument),
        ({"motor": []}, InvalidArgument),
        ({"motor": [1]}, InvalidArgument),
        ({"motor": {"id": 1}}, InvalidArgument),
        ({"motor": {"id": "12"}}, InvalidArgument),
        ({"motor": {"id": [1], "name": ["a", "b"]}}, InvalidArgument),
        ({"motor": [{"id": 1}, {"id": "x"}]}, InvalidArgument),
    ],
)
def test_a_seed_that_is_no_table_is_refused(fake_dash: FakeDash, source: object, error: type[Exception]) -> None:
    with pytest.raises(error):
        fake_dash.seed(source)


def test_a_table_that_no_load_makes_may_be_called_by_one_letter(fake_dash: FakeDash) -> None:
    fake_dash.seed({"t": ROWS})
    assert fake_dash.sql("select count(*) as n from lake.t").to_pylist() == [{"n": 2}]


def test_sql_is_answered_with_trino_types(fake_dash: FakeDash) -> None:
    fake_dash.seed({"motor": ROWS})
    answer = fake_dash.sql("select count(*) as n, max(name) as top from motor")
    assert answer.to_pylist() == [{"n": 2, "top": "a"}]
    assert answer.schema.field("n").metadata[b"trino_type"] == b"bigint"


def test_sql_is_refused_or_not_supported_but_never_guessed(fake_dash: FakeDash) -> None:
    with pytest.raises(SqlRefused, match="nope"):
        fake_dash.sql("select nope")
    with pytest.raises(SqlNotSupported):
        fake_dash.sql("select bing_tile(1, 2, 3)")


def test_a_table_is_looked_at_as_rows_arrow_or_frame(fake_dash: FakeDash) -> None:
    fake_dash.seed({"motor": ROWS})
    table = fake_dash.tables["motor"]
    assert table.arrow().num_rows == len(table.frame()) == len(table) == 2


def test_an_unknown_table_is_named_with_those_there_are(fake_dash: FakeDash) -> None:
    fake_dash.seed({"motor": ROWS})
    with pytest.raises(KeyError, match="motor"):
        fake_dash.tables["claims"]


def test_an_unknown_organisation_is_named_with_those_there_are(fake_dash: FakeDash) -> None:
    for look in (fake_dash.tables_of, fake_dash.refresh_token):
        with pytest.raises(KeyError, match="no organisation 'nobody' here; there is my_org"):
            look("nobody")


def test_worlds_share_nothing() -> None:
    with FakeDash() as one, FakeDash() as two:
        one.seed({"motor": ROWS})
        one.clock.advance(hours=1)
        one.faults.drop()
        assert list(two.tables) == []
        assert two.faults.standing() == []


def test_organisations_of_one_world_share_no_table(fake_dash: FakeDash) -> None:
    fake_dash.seed({"motor": ROWS}, org="other_org")
    assert list(fake_dash.tables) == []
    assert list(fake_dash.tables_of("other_org")) == ["motor"]


def test_a_fork_goes_its_own_way() -> None:
    with FakeDash(clock=FakeClock()) as fake:
        fake.seed({"motor": ROWS})
        token = fake.refresh_token()
        with fake.fork() as fork:
            fork.seed({"motor": ROWS, "claims": ROWS})
            fork.clock.advance(days=1)
            assert (len(fork.tables["motor"]), len(fake.tables["motor"])) == (4, 2)
            assert "claims" not in fake.tables
            assert fake.clock.monotonic() == 0
            session = fork.organisation.sessions.refresh(token, client_id="comotion_cli", issuer="https://x")[0]
            session.is_over = True
        assert fake.organisation.sessions.refresh(token, client_id="comotion_cli", issuer="https://x")


def test_a_forks_clients_draw_the_chance_that_its_origin_would_have_drawn() -> None:
    def naps(seed: int, *, forked: bool) -> list[float]:
        with FakeDash(seed=seed) as origin:
            fake = origin.fork() if forked else origin
            fake.faults.status(503, on="run_query", times=3)
            Query(fake.config(), query_text="select 1").wait_to_complete()
            return fake.clock.naps

    assert naps(1, forked=True) == naps(1, forked=False) != naps(2, forked=True)


def test_a_forks_objects_are_its_own(fake_dash: FakeDash) -> None:
    bucket = fake_dash.organisation.bucket
    fake_dash.world.objects.put_bytes(bucket, "a", b"first")
    with fake_dash.fork() as fork:
        fork.world.objects.put_bytes(bucket, "a", b"second")
        fork.world.objects.delete(bucket, "a")
        kept = fake_dash.world.objects.get(bucket, "a")
        assert kept is not None
        assert kept.path.read_bytes() == b"first"


def test_the_sql_of_a_fork_tells_the_forks_time() -> None:
    with FakeDash(clock=FakeClock()) as fake:
        assert fake.sql("select current_date as d").to_pylist()[0]["d"].day == 5
        with fake.fork() as fork:
            fork.clock.advance(days=2)
            assert fork.sql("select current_date as d").to_pylist()[0]["d"].day == 7


def test_resetting_forgets_data_and_keeps_people(fake_dash: FakeDash) -> None:
    fake_dash.seed({"motor": ROWS})
    fake_dash.faults.drop(times=None)
    token = fake_dash.refresh_token()
    fake_dash.reset()
    assert list(fake_dash.tables) == []
    assert fake_dash.faults.standing() == []
    assert fake_dash.organisation.sessions.refresh(token, client_id="comotion_cli", issuer="https://x")


def test_a_directory_keeps_a_world(tmp_path: Path) -> None:
    with FakeDash(directory=tmp_path) as first:
        first.seed({"motor": ROWS})
        first.organisation.v1.append_rows("old", ("a",), [("1",)], service_client_id="0")
        token, key = first.refresh_token(), first.organisation.the_api_key()
    with FakeDash(directory=tmp_path) as second:
        assert second.tables["motor"].rows == ROWS
        assert second.v1_tables == {"old": [{"a": "1", "service_client_id": "0"}]}
        assert second.organisation.the_api_key() == key
        assert second.organisation.sessions.refresh(token, client_id="comotion_cli", issuer="https://x")


@pytest.mark.parametrize("text", ["{", "[]", '{"organisations": [{"name": "x"}]}', '{"organisations": ["x"]}'])
def test_a_kept_world_that_is_damaged_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "world.json").write_text(text)
    with pytest.raises(InvalidArgument, match=r"world\.json is no kept world"):
        FakeDash(directory=tmp_path)
    assert (tmp_path / "world.json").read_text() == text


def test_a_directory_keeps_a_sign_in_though_the_server_is_killed(tmp_path: Path) -> None:
    killed = FakeDash(directory=tmp_path)
    config = killed.config()
    Query(config, query_text="select 1 as one")
    token = config.auth.credentials_cache.get_refresh_token()
    with FakeDash(directory=tmp_path) as second:
        assert second.organisation.sessions.refresh(token, client_id="comotion_cli", issuer="https://x")


def test_a_world_in_memory_leaves_nothing_on_disk() -> None:
    with FakeDash() as fake:
        fake.world.objects.put_bytes("bucket", "a", b"x")
        folder = fake.world.directory
        assert folder.exists()
    assert not folder.exists()


def test_importing_the_plugin_loads_nothing_heavy() -> None:
    heavy = ["pandas", "pyarrow", "duckdb", "sqlglot", "requests", "keyring", "obstore", "attrs", "http.server"]
    code = f"import sys, comotion.testing.plugin; print([name for name in {heavy!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", f"import pytest; {code}"], capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "[]", done.stderr


def test_a_failed_tests_report_shows_requests_sql_and_check_sums(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        from comotion.dash import Load, Query
        import pandas as pd

        def test_it(fake_dash, dash_config):
            fake_dash.faults.drop(on="v1_upload")
            load = Load(dash_config, load_type="APPEND_ONLY", table_name="motor", load_as_service_client_id="0")
            load.upload_df(pd.DataFrame({"id": [1, 2]}), file_key="part_1")
            load.commit(check_sum={"sum(id)": 4})
            load.wait_to_complete()
            Query(dash_config, query_text="select 7 / 2 as half").wait_to_complete()
            assert False
        """
    )
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider")
    result.stdout.fnmatch_lines(
        [
            "*create_load*",
            "fault drop on v1_upload: saw 0 call(s), hit 0",
            "*query*select 7 / 2*",
            "*as translated:*",
            "*check sum sum(id): expected 4, found 3*",
        ]
    )
    assert "Bearer" not in result.stdout.str()
