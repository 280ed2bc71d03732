"""GET, HEAD, conditions and ranges; copies and deletions; lists."""

import base64
import hashlib
from datetime import timedelta
from email.utils import format_datetime
from xml.etree import ElementTree

import pytest

from tests.contract.object_store.conftest import BUCKET, code_of, text_of

DIGITS = b"0123456789"


@pytest.fixture
def digits(world):
    return world.objects.put_bytes(BUCKET, "digits", DIGITS)


@pytest.mark.parametrize(
    ("wanted", "body", "place"),
    [
        ("bytes=0-3", b"0123", "bytes 0-3/10"),
        ("bytes=7-", b"789", "bytes 7-9/10"),
        ("bytes=-2", b"89", "bytes 8-9/10"),
        ("bytes=5-99", b"56789", "bytes 5-9/10"),
        ("bytes=-99", DIGITS, "bytes 0-9/10"),
    ],
)
def test_a_range_is_answered_with_it_alone(ask, digits, wanted, body, place):
    answer = ask("GET", f"/{BUCKET}/digits", headers={"Range": wanted})
    assert (answer.status, text_of(answer), answer.header("Content-Range")) == (206, body, place)


@pytest.mark.parametrize("wanted", ["bytes=4-2", "lines=1-2", "bytes=-", "bytes=0-1,4-5"])
def test_a_range_without_sense_is_answered_with_the_whole(ask, digits, wanted):
    answer = ask("GET", f"/{BUCKET}/digits", headers={"Range": wanted})
    assert (answer.status, text_of(answer)) == (200, DIGITS)


@pytest.mark.parametrize("wanted", ["bytes=10-", "bytes=99-100", "bytes=-0"])
def test_a_range_outside_the_object_is_refused(ask, digits, wanted):
    answer = ask("GET", f"/{BUCKET}/digits", headers={"Range": wanted})
    assert (answer.status, code_of(answer), answer.header("Content-Range")) == (416, "InvalidRange", "bytes */10")


def test_what_came_with_an_object_comes_back_with_it(ask):
    fields = {"Content-Type": "text/csv", "x-amz-meta-owner": "me", "Cache-Control": "no-store"}
    ask("PUT", f"/{BUCKET}/k", b"x", headers=fields)
    answer = ask("HEAD", f"/{BUCKET}/k")
    assert {name: answer.header(name) for name in fields} == fields


def test_a_key_may_hold_anything(ask):
    target = f"/{BUCKET}/a%20b%2Bc//%C3%A9%25%26%3D%3F"
    ask("PUT", target, b"x")
    assert text_of(ask("GET", target)) == b"x"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"If-Match": "{etag}"}, 200),
        ({"If-Match": "other"}, 412),
        ({"If-None-Match": "{etag}"}, 304),
        ({"If-None-Match": "other"}, 200),
        ({"If-Modified-Since": "Mon, 01 Jan 2001 00:00:00 GMT"}, 200),
        ({"If-Modified-Since": "Mon, 01 Jan 2040 00:00:00 GMT"}, 304),
        ({"If-Unmodified-Since": "Mon, 01 Jan 2001 00:00:00 GMT"}, 412),
        ({"If-Unmodified-Since": "Mon, 01 Jan 2040 00:00:00 GMT"}, 200),
        ({"If-Modified-Since": "yesterday"}, 200),
    ],
)
def test_conditions_decide_whether_an_object_is_sent(ask, digits, headers, status):
    headers = {name: value.format(etag=f'"{digits.etag}"') for name, value in headers.items()}
    assert ask("GET", f"/{BUCKET}/digits", headers=headers).status == status


def test_an_object_is_created_only_where_there_is_none(ask, world, digits):
    answer = ask("PUT", f"/{BUCKET}/digits", b"x", headers={"If-None-Match": "*"})
    assert (answer.status, code_of(answer)) == (412, "PreconditionFailed")
    assert world.objects.get(BUCKET, "digits").path.read_bytes() == DIGITS


def test_an_object_is_replaced_only_where_it_is_the_expected_one(ask, digits):
    assert ask("PUT", f"/{BUCKET}/digits", b"x", headers={"If-Match": '"other"'}).status == 412
    assert ask("PUT", f"/{BUCKET}/digits", b"x", headers={"If-Match": digits.etag}).status == 200


def test_a_missing_object_is_a_404_without_a_document_for_head(ask):
    assert code_of(ask("GET", f"/{BUCKET}/none")) == "NoSuchKey"
    head = ask("HEAD", f"/{BUCKET}/none")
    assert (head.status, head.body) == (404, b"")


def test_a_query_may_change_the_fields_of_the_answer(ask, digits):
    answer = ask("GET", f"/{BUCKET}/digits?response-content-type=text%2Fplain")
    assert answer.header("Content-Type") == "text/plain"


def test_a_copy_is_an_object_of_its_own(ask, world, digits):
    assert ask("PUT", f"/{BUCKET}/copy", headers={"x-amz-copy-source": f"{BUCKET}/digits"}).status == 200
    world.objects.delete(BUCKET, "digits")
    assert text_of(ask("GET", f"/{BUCKET}/copy")) == DIGITS


def test_an_object_is_not_copied_onto_itself_unchanged(ask, digits):
    headers = {"x-amz-copy-source": f"{BUCKET}/digits"}
    assert code_of(ask("PUT", f"/{BUCKET}/digits", headers=headers)) == "InvalidRequest"


def test_new_metadata_may_be_copied_onto_an_object(ask, digits):
    headers = {
        "x-amz-copy-source": f"{BUCKET}/digits",
        "x-amz-metadata-directive": "REPLACE",
        "x-amz-meta-a": "b",
    }
    assert ask("PUT", f"/{BUCKET}/digits", headers=headers).status == 200
    assert ask("HEAD", f"/{BUCKET}/digits").header("x-amz-meta-a") == "b"


def test_temporary_keys_copy_only_what_they_open(ask, world, digits):
    grant = world.credentials.issue_sts(BUCKET, "mine")
    headers = {"x-amz-copy-source": f"{BUCKET}/digits"}
    assert code_of(ask("PUT", f"/{BUCKET}/mine", headers=headers, grant=grant)) == "AccessDenied"


def test_deleting_is_done_also_where_nothing_is(ask, digits):
    assert [ask("DELETE", f"/{BUCKET}/digits").status for _ in range(2)] == [204, 204]


def delete_many(ask, body, **more):
    md5 = base64.b64encode(hashlib.md5(body).digest()).decode()
    return ask("POST", f"/{BUCKET}?delete=", body, headers={"Content-MD5": md5}, **more)


def test_many_are_deleted_at_once(ask, world, digits):
    body = b"<Delete><Object><Key>digits</Key></Object><Object><Key>none</Key></Object></Delete>"
    assert delete_many(ask, body).body.count(b"<Deleted>") == 2
    assert world.objects.listed(BUCKET) == []


@pytest.fixture
def tree(world):
    for key in ("a", "b/1", "b/2", "b/c/3", "d", "é"):
        world.objects.put_bytes(BUCKET, key, b"x")


def listed(answer):
    """Keys and common prefixes, in the order of the document, and the rest of it by name."""
    elements = list(ElementTree.fromstring(answer.body).iter())
    names = [(element.tag.rpartition("}")[2], element.text) for element in elements]
    prefixes = [text for (name, text), before in zip(names[1:], names, strict=False) if before[0] == "CommonPrefixes"]
    return [text for name, text in names if name == "Key"], prefixes, dict(names)


def test_keys_are_listed_in_the_order_of_their_bytes(ask, tree):
    keys, prefixes, _ = listed(ask("GET", f"/{BUCKET}?list-type=2"))
    assert (keys, prefixes) == (["a", "b/1", "b/2", "b/c/3", "d", "é"], [])


def test_a_delimiter_rolls_keys_up(ask, tree):
    keys, prefixes, _ = listed(ask("GET", f"/{BUCKET}?delimiter=%2F&list-type=2"))
    assert (keys, prefixes) == (["a", "d", "é"], ["b/"])


def test_a_prefix_is_looked_into(ask, tree):
    keys, prefixes, _ = listed(ask("GET", f"/{BUCKET}?delimiter=%2F&list-type=2&prefix=b%2F"))
    assert (keys, prefixes) == (["b/1", "b/2"], ["b/c/"])


@pytest.mark.parametrize("delimiter", ["", "&delimiter=%2F"])
def test_pages_hold_everything_once(ask, tree, delimiter):
    found, token = [], ""
    while token is not None:
        start = f"&continuation-token={token.replace('=', '%3D')}" if token else ""
        query = "&".join(sorted(f"list-type=2&max-keys=1{start}{delimiter}".split("&")))
        keys, prefixes, rest = listed(ask("GET", f"/{BUCKET}?{query}"))
        assert len(keys) + len(prefixes) == 1
        found += keys + prefixes
        token = rest.get("NextContinuationToken")
    assert found == (["a", "b/", "d", "é"] if delimiter else ["a", "b/1", "b/2", "b/c/3", "d", "é"])


def test_a_list_may_start_inside_what_is_rolled_up(ask, tree):
    keys, prefixes, _ = listed(ask("GET", f"/{BUCKET}?delimiter=%2F&list-type=2&start-after=b%2F1"))
    assert (keys, prefixes) == (["d", "é"], ["b/"])


def test_keys_are_spelled_for_urls_on_demand(ask, tree):
    keys, _, _ = listed(ask("GET", f"/{BUCKET}?encoding-type=url&list-type=2&prefix=%C3%A9"))
    assert keys == ["%C3%A9"]


def test_the_first_version_of_the_call_lists_too(ask, tree):
    keys, _, rest = listed(ask("GET", f"/{BUCKET}?marker=b%2F1&max-keys=2"))
    assert (keys, rest["IsTruncated"]) == (["b/2", "b/c/3"], "true")


def test_a_bucket_says_where_it_is(ask):
    assert b">eu-west-1<" in ask("GET", f"/{BUCKET}?location=").body
    assert ask("HEAD", f"/{BUCKET}").header("x-amz-bucket-region") == "eu-west-1"


def test_the_buckets_are_listed(ask):
    assert b"<Name>lake-in</Name>" in ask("GET", "/").body


def test_a_bucket_that_is_there_is_not_made_again(ask):
    assert code_of(ask("PUT", f"/{BUCKET}")) == "BucketAlreadyOwnedByYou"


def test_the_md5_of_what_is_seeded_is_its_etag(ask, digits):
    assert ask("HEAD", f"/{BUCKET}/digits").header("ETag") == f'"{hashlib.md5(DIGITS).hexdigest()}"'


@pytest.mark.parametrize(
    "query",
    [
        "list-type=2&max-keys=many",
        "list-type=2&max-keys=2147483648",
        f"list-type=2&max-keys={'9' * 5000}",
        "encoding-type=xml&list-type=2",
        "continuation-token=%C3%A9&list-type=2",
        "continuation-token=aaa&list-type=2",
    ],
)
def test_a_list_asked_for_wrongly_is_refused(ask, query):
    answer = ask("GET", f"/{BUCKET}?{query}")
    assert (answer.status, code_of(answer)) == (400, "InvalidArgument")


def test_a_list_of_nothing_is_a_list(ask, tree):
    keys, prefixes, rest = listed(ask("GET", f"/{BUCKET}?list-type=2&max-keys=0"))
    assert (keys, prefixes, rest["IsTruncated"]) == ([], [], "false")


def test_the_owner_is_told_on_demand(ask, digits):
    assert b"<Owner>" in ask("GET", f"/{BUCKET}?fetch-owner=true&list-type=2").body
    assert b"<Owner>" not in ask("GET", f"/{BUCKET}?list-type=2").body


@pytest.mark.parametrize(
    ("method", "target"),
    [
        ("POST", "/"),
        ("DELETE", f"/{BUCKET}"),
        ("POST", f"/{BUCKET}/k"),
        ("PATCH", f"/{BUCKET}/k"),
        ("GET", f"/{BUCKET}?list-type=3"),
    ],
)
def test_a_method_that_means_nothing_there_is_refused(ask, method, target):
    answer = ask(method, target)
    assert (answer.status, code_of(answer)) == (405, "MethodNotAllowed")


def test_a_bucket_is_not_made(ask):
    assert code_of(ask("PUT", "/another-bucket")) == "AccessDenied"


def test_versioning_is_off(ask):
    assert b"<VersioningConfiguration" in ask("GET", f"/{BUCKET}?versioning=").body


def test_one_part_of_an_object_is_not_read_by_its_number(ask, digits):
    assert code_of(ask("GET", f"/{BUCKET}/digits?partNumber=1")) == "NotImplemented"


@pytest.mark.parametrize(
    ("source", "code"),
    [("nowhere", "InvalidArgument"), ("other/k", "NoSuchBucket"), (f"{BUCKET}/none", "NoSuchKey")],
)
def test_a_copy_needs_a_source(ask, source, code):
    assert code_of(ask("PUT", f"/{BUCKET}/k", headers={"x-amz-copy-source": source})) == code


@pytest.mark.parametrize(
    ("condition", "days", "status"),
    [
        ("if-match", None, 412),
        ("if-none-match", None, 412),
        ("if-unmodified-since", -1, 412),
        ("if-unmodified-since", 1, 200),
        ("if-modified-since", 1, 412),
        ("if-modified-since", -1, 200),
    ],
)
def test_a_copy_may_depend_on_its_source(ask, digits, condition, days, status):
    wanted = '"other"' if condition == "if-match" else f'"{digits.etag}"'
    if days is not None:
        wanted = format_datetime(digits.modified + timedelta(days=days), usegmt=True)
    headers = {"x-amz-copy-source": f"{BUCKET}/digits", f"x-amz-copy-source-{condition}": wanted}
    assert ask("PUT", f"/{BUCKET}/k", headers=headers).status == status


def test_what_replaces_needs_something_to_replace(ask):
    assert code_of(ask("PUT", f"/{BUCKET}/none", b"x", headers={"If-Match": '"e"'})) == "NoSuchKey"


def test_a_write_depends_on_absence_only_by_a_star(ask):
    assert code_of(ask("PUT", f"/{BUCKET}/k", b"x", headers={"If-None-Match": '"e"'})) == "NotImplemented"


@pytest.mark.parametrize(
    "body", [b"", b"<Delete/>", b"<Delete><Object><Key/></Object></Delete>", b"<Delete>" + b" " * 2_100_000]
)
def test_a_list_of_deletions_that_is_none_is_refused(ask, body):
    assert code_of(delete_many(ask, body)) == "MalformedXML"


def test_a_quiet_deletion_lists_nothing(ask, digits):
    body = b"<Delete><Quiet>true</Quiet><Object><Key>digits</Key></Object></Delete>"
    assert b"<Deleted>" not in delete_many(ask, body).body


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({}, "InvalidRequest"),
        ({"Content-MD5": base64.b64encode(bytes(16)).decode()}, "BadDigest"),
        ({"x-amz-checksum-crc32": "AAAAAA=="}, "BadDigest"),
    ],
)
def test_a_list_of_deletions_comes_with_its_check_sum(ask, digits, headers, code):
    body = b"<Delete><Object><Key>digits</Key></Object></Delete>"
    assert code_of(ask("POST", f"/{BUCKET}?delete=", body, headers=headers)) == code


def test_a_document_has_the_hash_that_was_signed(ask, digits):
    body = b"<Delete><Object><Key>digits</Key></Object></Delete>"
    assert code_of(delete_many(ask, body, payload=hashlib.sha256(b"").hexdigest())) == "XAmzContentSHA256Mismatch"


@pytest.mark.parametrize(("tag", "key", "code"), [("x", "digits", "PreconditionFailed"), ("*", "none", "NoSuchKey")])
def test_an_object_is_deleted_only_where_it_is_the_expected_one(ask, world, digits, tag, key, code):
    assert code_of(ask("DELETE", f"/{BUCKET}/{key}", headers={"If-Match": f'"{tag}"'})) == code
    assert world.objects.get(BUCKET, "digits") == digits


def test_the_expected_object_is_deleted(ask, world, digits):
    assert ask("DELETE", f"/{BUCKET}/digits", headers={"If-Match": f'"{digits.etag}"'}).status == 204
    assert world.objects.get(BUCKET, "digits") is None


@pytest.mark.parametrize("member", ["<ETag>x</ETag>", "<VersionId>7</VersionId>"])
def test_of_many_each_is_deleted_only_as_it_was_asked_for(ask, world, digits, member):
    body = f"<Delete><Object><Key>digits</Key>{member}</Object><Object><Key>none</Key></Object></Delete>"
    answer = delete_many(ask, body.encode()).body
    assert (answer.count(b"<Error>"), answer.count(b"<Deleted>")) == (1, 1)
    assert world.objects.get(BUCKET, "digits") == digits


def test_a_carriage_return_in_a_key_survives_a_list(ask, world):
    world.objects.put_bytes(BUCKET, "a\rb", b"")
    assert b"<Key>a&#13;b</Key>" in ask("GET", f"/{BUCKET}?list-type=2").body


def test_two_kilobytes_of_metadata_are_the_most(ask):
    assert ask("PUT", f"/{BUCKET}/k", headers={"x-amz-meta-ab": "x" * 2046}).status == 200
    assert code_of(ask("PUT", f"/{BUCKET}/k", headers={"x-amz-meta-ab": "x" * 2047})) == "MetadataTooLarge"
