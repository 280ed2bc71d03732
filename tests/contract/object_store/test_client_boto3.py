"""Unmodified boto3 and s3transfer against the served face."""

import io
import os

import pytest

boto3 = pytest.importorskip("boto3")
from botocore.config import Config  # noqa: E402
from botocore.exceptions import ClientError  # noqa: E402

from tests.contract.object_store.conftest import BUCKET  # noqa: E402

pytestmark = pytest.mark.clients
MIB = 1024 * 1024


@pytest.fixture
def client_for(server):
    made = []

    def make(grant, *, region="eu-west-1", style="path", url=None, proxies=None):
        client = boto3.session.Session().client(
            "s3",
            endpoint_url=url or server.url,
            aws_access_key_id=grant.access_key_id,
            aws_secret_access_key=grant.secret_access_key,
            aws_session_token=grant.session_token,
            region_name=region,
            config=Config(
                signature_version="s3v4",
                retries={"max_attempts": 0},
                s3={"addressing_style": style},
                proxies=proxies,
            ),
        )
        made.append(client)
        return client

    yield make
    for client in made:
        client.close()


@pytest.fixture
def client(client_for, keys):
    return client_for(keys)


@pytest.fixture
def large(tmp_path):
    path = tmp_path / "large.bin"
    path.write_bytes(os.urandom(20 * MIB + 7))
    return path


@pytest.mark.parametrize("body", [b"", b"hello", io.BytesIO(b"x" * 3_000_000)], ids=["empty", "bytes", "stream"])
def test_an_object_is_put_and_read_back(client, body):
    expected = body if isinstance(body, bytes) else body.getvalue()
    client.put_object(Bucket=BUCKET, Key="a/b c+é.txt", Body=body, Metadata={"owner": "me"})
    answer = client.get_object(Bucket=BUCKET, Key="a/b c+é.txt")
    assert (answer["Body"].read(), answer["Metadata"]) == (expected, {"owner": "me"})


@pytest.mark.parametrize("algorithm", ["CRC32", "SHA1", "SHA256"])
def test_a_file_is_transferred_in_parts_and_back(client, large, tmp_path, algorithm):
    client.upload_file(str(large), BUCKET, "large", ExtraArgs={"ChecksumAlgorithm": algorithm})
    client.download_file(BUCKET, "large", str(tmp_path / "back"))
    assert (tmp_path / "back").read_bytes() == large.read_bytes()


@pytest.mark.parametrize("algorithm", ["CRC32", "CRC32C", "CRC64NVME"])
def test_the_faster_check_sums_of_the_common_runtime_are_understood(client, large, algorithm):
    pytest.importorskip("awscrt", reason="botocore computes CRC32C and CRC64NVME with awscrt only")
    client.upload_file(str(large), BUCKET, "large", ExtraArgs={"ChecksumAlgorithm": algorithm})


def test_the_wrong_region_is_mended_by_boto3_itself(client_for, keys, world):
    client_for(keys, region="us-east-1").put_object(Bucket=BUCKET, Key="k", Body=b"x")
    assert world.objects.get(BUCKET, "k") is not None


def test_a_bucket_may_be_named_in_the_host(client_for, keys, server, world):
    aws = "http://s3.eu-west-1.amazonaws.com"  # reached through the server, as a proxy
    client = client_for(keys, style="virtual", url=aws, proxies={"http": server.url})
    client.put_object(Bucket=BUCKET, Key="k", Body=b"x")
    assert world.objects.get(BUCKET, "k") is not None
    assert world.log[-1].host == f"{BUCKET}.s3.eu-west-1.amazonaws.com"


def test_temporary_keys_put_their_own_object(client_for, world):
    client_for(world.credentials.issue_sts(BUCKET, "mine")).put_object(Bucket=BUCKET, Key="mine", Body=b"x")
    assert world.objects.get(BUCKET, "mine") is not None


@pytest.mark.parametrize(
    ("hours", "key", "code"), [(0, "other", "AccessDenied"), (2, "mine", "ExpiredToken")], ids=["other key", "late"]
)
def test_temporary_keys_put_nothing_else(client_for, world, hours, key, code):
    client = client_for(world.credentials.issue_sts(BUCKET, "mine"))
    world.clock.advance(hours=hours)
    with pytest.raises(ClientError, match=code):
        client.put_object(Bucket=BUCKET, Key=key, Body=b"x")


def test_keys_are_listed_page_by_page(client, world):
    for number in range(25):
        world.objects.put_bytes(BUCKET, f"part {number:02}", b"x")
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, PaginationConfig={"PageSize": 10})
    found = [entry["Key"] for page in pages for entry in page["Contents"]]
    assert found == [f"part {number:02}" for number in range(25)]


def test_objects_are_copied_and_deleted(client, world):
    client.put_object(Bucket=BUCKET, Key="a", Body=b"x")
    client.copy({"Bucket": BUCKET, "Key": "a"}, BUCKET, "b")
    client.delete_objects(Bucket=BUCKET, Delete={"Objects": [{"Key": "a"}]})
    assert [stored.key for stored in world.objects.listed(BUCKET)] == ["b"]


def test_a_missing_object_is_boto3s_own_error(client):
    with pytest.raises(client.exceptions.NoSuchKey):
        client.get_object(Bucket=BUCKET, Key="none")


def test_a_bucket_tells_its_region(client):
    assert client.get_bucket_location(Bucket=BUCKET)["LocationConstraint"] == "eu-west-1"
    assert client.head_bucket(Bucket=BUCKET)["BucketRegion"] == "eu-west-1"


def test_signed_urls_put_and_get(client_for, keys, world):
    import requests

    world.clock.advance(seconds=0)
    client = client_for(keys)
    put = client.generate_presigned_url("put_object", Params={"Bucket": BUCKET, "Key": "k"})
    assert requests.put(put, data=b"x", timeout=10).status_code == 200
    get = client.generate_presigned_url("get_object", Params={"Bucket": BUCKET, "Key": "k"}, ExpiresIn=60)
    assert requests.get(get, timeout=10).content == b"x"
    world.clock.advance(minutes=2)
    assert requests.get(get, timeout=10).status_code == 403


def test_a_presigned_form_posts_as_requests_encodes_it(client, world):
    import requests

    form = client.generate_presigned_post(BUCKET, "k", Conditions=[["content-length-range", 1, 10]])
    sent = requests.post(form["url"], data=form["fields"], files={"file": b"hello"}, timeout=10)
    assert sent.status_code == 204
    assert world.objects.get(BUCKET, "k").path.read_bytes() == b"hello"


def test_an_upload_that_is_given_up_leaves_nothing(client, world):
    begun = client.create_multipart_upload(Bucket=BUCKET, Key="k")["UploadId"]
    client.upload_part(Bucket=BUCKET, Key="k", UploadId=begun, PartNumber=1, Body=b"x")
    client.abort_multipart_upload(Bucket=BUCKET, Key="k", UploadId=begun)
    assert client.list_multipart_uploads(Bucket=BUCKET).get("Uploads", []) == []
