"""Signatures of our own client: the worked examples of the S3 documentation."""

from datetime import UTC, datetime

import pytest

from comotion.adapters.s3_store.signing import Credentials, is_safe_way, query_text, signed_headers

KEYS = Credentials(access_key_id="AKIAIOSFODNN7EXAMPLE", secret_access_key="wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
HOST = "https://examplebucket.s3.amazonaws.com"


def sign(method, target, *, headers=None, payload=EMPTY, credentials=KEYS):
    return signed_headers(
        method,
        HOST + target,
        headers=headers or {},
        payload_sha256=payload,
        credentials=credentials,
        region="us-east-1",
        now=datetime(2013, 5, 24, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    ("method", "target", "headers", "payload", "signature"),
    [
        (
            "GET",
            "/test.txt",
            {"Range": "bytes=0-9"},
            EMPTY,
            "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
        ),
        (
            "PUT",
            "/test%24file.text",
            {"Date": "Fri, 24 May 2013 00:00:00 GMT", "x-amz-storage-class": "REDUCED_REDUNDANCY"},
            "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072",
            "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
        ),
        (
            "GET",
            "/?" + query_text({"prefix": "J", "max-keys": "2"}),
            {},
            EMPTY,
            "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
        ),
        (
            "GET",
            "/?" + query_text({"lifecycle": ""}),
            {},
            EMPTY,
            "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
        ),
    ],
    ids=["get", "put", "list", "lifecycle"],
)
def test_the_documented_requests_get_the_documented_signatures(method, target, headers, payload, signature):
    signed = sign(method, target, headers=headers, payload=payload)
    assert signed["Authorization"].endswith(f"Signature={signature}")


def test_everything_that_is_sent_is_signed():
    token = Credentials(access_key_id="A", secret_access_key="S", session_token="T")
    signed = sign("PUT", "/k", headers={"x-amz-checksum-crc32": "AAAAAA=="}, credentials=token)
    listed = signed["Authorization"].partition("SignedHeaders=")[2].partition(",")[0].split(";")
    assert sorted(name.lower() for name in signed if name != "Authorization") == listed
    assert signed["x-amz-security-token"] == "T"


def test_a_query_is_spelled_as_it_is_signed():
    assert query_text({"uploadId": "a/b+c=", "partNumber": "1"}) == "partNumber=1&uploadId=a%2Fb%2Bc%3D"


def test_keys_are_not_shown():
    assert "AKIA" not in repr(KEYS)
    assert "wJal" not in repr(KEYS)


def test_keys_are_struck_out_of_a_text():
    text = KEYS.without_secrets(f"{KEYS.access_key_id} may not, {KEYS.secret_access_key} neither")
    assert text == "… may not, … neither"


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://s3.eu-west-1.amazonaws.com/b/k", True),
        ("http://127.0.0.1:4000/b/k", True),
        ("http://localhost/b/k", True),
        ("http://[::1]:4000/b/k", True),
        ("http://minio:9000/b/k", False),
        ("http://localhost.example/b/k", False),
    ],
)
def test_a_body_is_safe_over_tls_and_on_this_machine(url, safe):
    assert is_safe_way(url) is safe
