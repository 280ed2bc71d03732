"""Unmodified pyarrow, obstore, awswrangler and DuckDB against the served face."""

import os
import socket
from pathlib import Path

import pytest

from tests.contract.object_store.conftest import BUCKET

pytestmark = pytest.mark.clients
CONTENT = os.urandom(13_000_001)


@pytest.fixture
def table():
    pyarrow = pytest.importorskip("pyarrow")
    return pyarrow.table({"n": list(range(100_000)), "s": [f"row {n}" for n in range(100_000)]})


class TestPyarrow:
    @pytest.fixture
    def filesystem(self, server, keys):
        fs = pytest.importorskip("pyarrow.fs")
        return fs.S3FileSystem(
            access_key=keys.access_key_id,
            secret_key=keys.secret_access_key,
            endpoint_override=server.url.removeprefix("http://"),
            scheme="http",
            region="eu-west-1",
        )

    def test_a_stream_is_written_and_read_back(self, filesystem):
        with filesystem.open_output_stream(f"{BUCKET}/a/stream") as stream:
            stream.write(CONTENT)
        with filesystem.open_input_stream(f"{BUCKET}/a/stream") as stream:
            assert stream.read() == CONTENT

    def test_a_parquet_file_is_written_and_read_in_ranges(self, filesystem, table):
        parquet = pytest.importorskip("pyarrow.parquet")
        parquet.write_table(table, f"{BUCKET}/t.parquet", filesystem=filesystem)
        assert parquet.read_table(f"{BUCKET}/t.parquet", filesystem=filesystem, columns=["n"])["n"] == table["n"]

    def test_folders_are_seen_in_keys(self, filesystem, world):
        fs = pytest.importorskip("pyarrow.fs")
        for key in ("a/1", "a/b/2", "c"):
            world.objects.put_bytes(BUCKET, key, b"x")
        found = filesystem.get_file_info(fs.FileSelector(BUCKET, recursive=True))
        assert {info.path for info in found if info.is_file} == {f"{BUCKET}/{key}" for key in ("a/1", "a/b/2", "c")}
        assert filesystem.get_file_info(f"{BUCKET}/a").type == fs.FileType.Directory
        assert filesystem.get_file_info(f"{BUCKET}/none").type == fs.FileType.NotFound

    def test_a_file_is_moved_and_deleted(self, filesystem, world):
        world.objects.put_bytes(BUCKET, "a", b"x")
        filesystem.move(f"{BUCKET}/a", f"{BUCKET}/b")
        filesystem.delete_file(f"{BUCKET}/b")
        assert [s.key for s in world.objects.listed(BUCKET) if not s.key.endswith("/")] == []


class TestObstore:
    @pytest.fixture
    def make(self, server, keys):
        store = pytest.importorskip("obstore.store")

        def make(grant=keys, **options):
            return store.S3Store(
                BUCKET,
                endpoint=server.url,
                region="eu-west-1",
                access_key_id=grant.access_key_id,
                secret_access_key=grant.secret_access_key,
                session_token=grant.session_token or "",
                client_options={"allow_http": True},
                retry_config={"max_retries": 0},
                **options,
            )

        return make

    @pytest.mark.parametrize("algorithm", [None, "sha256", "crc64nvme"])
    @pytest.mark.parametrize("size", [10, len(CONTENT)])
    def test_an_object_is_put_and_read_back(self, make, world, algorithm, size):
        import obstore

        options = {} if algorithm is None else {"checksum_algorithm": algorithm}
        store = make(world.credentials.issue_sts(BUCKET, "k"), **options)
        obstore.put(store, "k", CONTENT[:size], chunk_size=5 * 1024 * 1024)
        assert obstore.get(store, "k").bytes() == CONTENT[:size]

    def test_ranges_are_read(self, make, world):
        import obstore

        world.objects.put_bytes(BUCKET, "k", CONTENT)
        assert [bytes(b) for b in obstore.get_ranges(make(), "k", starts=[0, 9_000_000], lengths=[5, 7])] == [
            CONTENT[:5],
            CONTENT[9_000_000:9_000_007],
        ]

    def test_an_object_is_created_once(self, make):
        import obstore

        obstore.put(make(), "k", b"x", mode="create")
        with pytest.raises(obstore.exceptions.AlreadyExistsError):
            obstore.put(make(), "k", b"x", mode="create")

    def test_objects_are_listed_copied_and_deleted(self, make, world):
        import obstore

        obstore.put(make(), "a/1", b"x")
        obstore.copy(make(), "a/1", "b/1")
        assert sorted(entry["path"] for page in obstore.list(make()) for entry in page) == ["a/1", "b/1"]
        obstore.delete(make(), ["a/1", "b/1"])
        assert world.objects.listed(BUCKET) == []


class TestAwswrangler:
    @pytest.fixture
    def wrangler(self, server, monkeypatch):
        wrangler = pytest.importorskip("awswrangler")
        monkeypatch.setenv("AWS_ENDPOINT_URL_S3", server.url)
        monkeypatch.setattr(wrangler.config, "s3_endpoint_url", server.url)
        return wrangler

    @pytest.fixture
    def session(self, wrangler):
        boto3 = pytest.importorskip("boto3")

        def make(grant, region="eu-west-1"):
            return boto3.session.Session(
                aws_access_key_id=grant.access_key_id,
                aws_secret_access_key=grant.secret_access_key,
                aws_session_token=grant.session_token,
                region_name=region,
            )

        return make

    def test_a_file_is_uploaded_with_temporary_keys(self, wrangler, session, world, tmp_path):
        path = tmp_path / "part"
        path.write_bytes(CONTENT)
        grant = world.credentials.issue_sts(BUCKET, "in/part")
        wrangler.s3.upload(str(path), f"s3://{BUCKET}/in/part", boto3_session=session(grant))
        assert world.objects.get(BUCKET, "in/part").path.read_bytes() == CONTENT

    def test_a_frame_is_written_and_read_back(self, wrangler, session, keys, table):
        frame = table.to_pandas()
        wrangler.s3.to_parquet(frame, f"s3://{BUCKET}/frame.parquet", boto3_session=session(keys))
        back = wrangler.s3.read_parquet(f"s3://{BUCKET}/frame.parquet", boto3_session=session(keys))
        assert back["n"].tolist() == frame["n"].tolist()


class TestDuckDB:
    @pytest.fixture
    def connection(self, server, keys):
        duckdb = pytest.importorskip("duckdb")
        connection = duckdb.connect()
        shipped = Path(duckdb.__file__).parents[1] / "duckdb_ext/extensions"  # package duckdb-ext-httpfs
        folder = shipped / f"v{duckdb.__version__}"
        file = next(folder.rglob("httpfs.duckdb_extension"), None)
        try:
            if file is None:
                socket.create_connection(("extensions.duckdb.org", 80), timeout=2).close()
            connection.execute("INSTALL httpfs; LOAD httpfs" if file is None else f"LOAD '{file}'")
        except (duckdb.Error, OSError) as error:
            pytest.skip(f"DuckDB's httpfs extension cannot be installed here: {str(error).splitlines()[0][:200]}")
        connection.execute(
            f"""CREATE SECRET (TYPE s3, KEY_ID '{keys.access_key_id}', SECRET '{keys.secret_access_key}',
            REGION 'eu-west-1', ENDPOINT '{server.url.removeprefix("http://")}', URL_STYLE 'path', USE_SSL false)"""
        )
        yield connection
        connection.close()

    def test_a_query_is_written_and_read_back(self, connection):
        connection.execute(f"COPY (SELECT range AS n FROM range(1000)) TO 's3://{BUCKET}/n.parquet'")
        assert connection.sql(f"SELECT sum(n) FROM 's3://{BUCKET}/*.parquet'").fetchone() == (499_500,)
