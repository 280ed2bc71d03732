"""What is promised about a body is checked, and a body that is not as promised leaves nothing behind."""

import base64
import hashlib
import socket
import zlib

import pytest

from comotion.adapters.fake_dash.faces.object_store.checksums import ALGORITHMS
from comotion.adapters.s3_store.signing import Credentials, signed_headers
from tests.contract.object_store.conftest import BUCKET, code_of

BODY = b"the quick brown fox" * 1000


def sum_of(algorithm, body=BODY):
    digest = ALGORITHMS[algorithm]()
    digest.update(body)
    return base64.b64encode(digest.digest()).decode()


def nothing_is_left(world):
    folder = world.objects.directory
    return world.objects.listed(BUCKET) == [] and (not folder.exists() or list(folder.iterdir()) == [])


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_right_check_sum_is_kept(ask, world, algorithm):
    header = f"x-amz-checksum-{algorithm}"
    answer = ask("PUT", f"/{BUCKET}/k", BODY, headers={header: sum_of(algorithm)})
    assert answer.status == 200
    assert answer.header(header) == sum_of(algorithm)
    assert world.objects.get(BUCKET, "k").checksums == {algorithm: sum_of(algorithm)}


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_wrong_check_sum_is_refused_and_leaves_nothing(ask, world, algorithm):
    answer = ask("PUT", f"/{BUCKET}/k", BODY, headers={f"x-amz-checksum-{algorithm}": sum_of(algorithm, b"other")})
    assert (answer.status, code_of(answer)) == (400, "BadDigest")
    assert nothing_is_left(world)


def test_a_check_sum_that_is_none_is_refused(ask):
    answer = ask("PUT", f"/{BUCKET}/k", BODY, headers={"x-amz-checksum-crc32": "not base64"})
    assert code_of(answer) == "InvalidRequest"


def test_an_unknown_algorithm_is_refused(ask):
    answer = ask("PUT", f"/{BUCKET}/k", BODY, headers={"x-amz-checksum-md4": "AAAA"})
    assert code_of(answer) == "InvalidRequest"


def test_two_check_sums_are_refused(ask):
    headers = {f"x-amz-checksum-{name}": sum_of(name) for name in ("crc32", "sha1")}
    assert code_of(ask("PUT", f"/{BUCKET}/k", BODY, headers=headers)) == "InvalidRequest"


def test_a_signed_payload_must_be_the_one_that_comes(ask, world):
    answer = ask("PUT", f"/{BUCKET}/k", BODY, payload=hashlib.sha256(b"other").hexdigest())
    assert (answer.status, code_of(answer)) == (400, "XAmzContentSHA256Mismatch")
    assert nothing_is_left(world)


def test_a_wrong_content_md5_is_refused(ask, world):
    md5 = base64.b64encode(hashlib.md5(b"other").digest()).decode()
    answer = ask("PUT", f"/{BUCKET}/k", BODY, headers={"Content-MD5": md5})
    assert code_of(answer) == "BadDigest"
    assert nothing_is_left(world)


def test_a_content_md5_that_is_none_is_refused(ask):
    assert code_of(ask("PUT", f"/{BUCKET}/k", BODY, headers={"Content-MD5": "AAAA"})) == "InvalidDigest"


def test_the_etag_of_a_small_body_is_its_md5(ask):
    assert ask("PUT", f"/{BUCKET}/k", BODY).header("ETag") == f'"{hashlib.md5(BODY).hexdigest()}"'


def test_a_large_body_says_that_its_etag_is_no_md5(ask):
    answer = ask("PUT", f"/{BUCKET}/k", bytes(5_000_000))
    assert answer.header("x-amz-server-side-encryption") == "aws:kms"


def chunked(body, *, trailer):
    return f"{len(body):x}\r\n".encode() + body + b"\r\n0\r\n" + trailer + b"\r\n"


def put_with_trailer(ask, body, trailer, *, decoded=None):
    headers = {
        "Content-Encoding": "aws-chunked",
        "x-amz-decoded-content-length": str(len(body) if decoded is None else decoded),
        "x-amz-trailer": "x-amz-checksum-crc32",
    }
    return ask(
        "PUT",
        f"/{BUCKET}/k",
        chunked(body, trailer=trailer),
        headers=headers,
        payload="STREAMING-UNSIGNED-PAYLOAD-TRAILER",
    )


def crc32_trailer(body):
    return b"x-amz-checksum-crc32:" + base64.b64encode(zlib.crc32(body).to_bytes(4, "big")) + b"\r\n"


def test_a_check_sum_may_come_in_the_trailer(ask, world):
    assert put_with_trailer(ask, BODY, crc32_trailer(BODY)).status == 200
    assert world.objects.get(BUCKET, "k").path.read_bytes() == BODY


def test_the_coding_of_the_transfer_is_not_kept(ask):
    put_with_trailer(ask, BODY, crc32_trailer(BODY))
    assert ask("HEAD", f"/{BUCKET}/k").header("Content-Encoding") is None


def test_a_wrong_check_sum_in_the_trailer_is_refused(ask, world):
    answer = put_with_trailer(ask, BODY, crc32_trailer(b"other"))
    assert code_of(answer) == "BadDigest"
    assert nothing_is_left(world)


def test_a_trailer_that_was_announced_must_come(ask, world):
    assert code_of(put_with_trailer(ask, BODY, b"")) == "MalformedTrailerError"
    assert nothing_is_left(world)


def test_a_decoded_length_that_does_not_hold_is_refused(ask, world):
    answer = put_with_trailer(ask, BODY, crc32_trailer(BODY), decoded=len(BODY) + 1)
    assert code_of(answer) == "IncompleteBody"
    assert nothing_is_left(world)


def test_a_body_that_was_cut_leaves_the_object_as_it_was(server, world, keys):
    world.objects.put_bytes(BUCKET, "k", b"before")
    with socket.create_connection(("127.0.0.1", server.port)) as line:
        headers = signed_headers(
            "PUT",
            f"{server.url}/{BUCKET}/k",
            headers={},
            payload_sha256="UNSIGNED-PAYLOAD",
            credentials=Credentials(access_key_id=keys.access_key_id, secret_access_key=keys.secret_access_key),
            region="eu-west-1",
            now=world.clock.now(),
        )
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        line.sendall(f"PUT /{BUCKET}/k HTTP/1.1\r\n{head}Content-Length: 1000\r\n\r\nhalf".encode())
        line.shutdown(socket.SHUT_WR)
        assert line.recv(1000) == b""
    assert world.objects.get(BUCKET, "k").path.read_bytes() == b"before"


def test_a_key_longer_than_1024_bytes_is_refused(ask):
    assert ask("PUT", f"/{BUCKET}/{'k' * 1024}", b"x").status == 200
    assert code_of(ask("PUT", f"/{BUCKET}/{'k' * 1025}", b"x")) == "KeyTooLongError"


def test_more_than_s3_takes_at_once_is_refused_before_it_is_sent(ask):
    headers = {"x-amz-decoded-content-length": str(6 * 1024**3)}
    assert code_of(ask("PUT", f"/{BUCKET}/k", b"", headers=headers)) == "EntityTooLarge"


@pytest.mark.parametrize("told", ["many", "-1", "１"])
def test_a_decoded_length_that_is_no_number_is_refused(ask, told):
    answer = ask("PUT", f"/{BUCKET}/k", b"", extra={"x-amz-decoded-content-length": told})
    assert code_of(answer) in ("InvalidArgument", "AccessDenied")


def test_a_payload_hash_that_is_none_is_refused(ask):
    assert code_of(ask("PUT", f"/{BUCKET}/k", b"x", payload="none")) == "InvalidArgument"


def test_a_trailer_nobody_knows_is_refused(ask):
    assert (
        code_of(ask("PUT", f"/{BUCKET}/k", b"x", headers={"x-amz-trailer": "x-amz-checksum-md4"})) == "InvalidRequest"
    )


@pytest.mark.parametrize("body", [b"zz\r\nabc", b"5\r\nab", b"", b"-1\r\n", b"a" * 20_000])
def test_chunks_that_cannot_be_read_are_refused(ask, world, body):
    headers = {"x-amz-decoded-content-length": "5", "x-amz-trailer": "x-amz-checksum-crc32"}
    answer = ask("PUT", f"/{BUCKET}/k", body, headers=headers, payload="STREAMING-UNSIGNED-PAYLOAD-TRAILER")
    assert code_of(answer) in ("InvalidRequest", "IncompleteBody")
    assert nothing_is_left(world)
