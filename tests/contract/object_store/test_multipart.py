"""Objects that come in parts."""

import base64
import hashlib
import zlib
from xml.etree import ElementTree

import pytest

from comotion.adapters.fake_dash.faces.object_store.checksums import ALGORITHMS
from tests.contract.object_store.conftest import BUCKET, code_of

MIB = 1024 * 1024
FIRST, LAST = b"1" * (5 * MIB), b"2" * 10


def create(ask, key="k", **headers):
    answer = ask("POST", f"/{BUCKET}/{key}?uploads=", headers={n.replace("_", "-"): v for n, v in headers.items()})
    assert answer.status == 200
    return answer.body.partition(b"<UploadId>")[2].partition(b"</UploadId>")[0].decode()


def put_part(ask, upload_id, number, body, key="k", **options):
    return ask("PUT", f"/{BUCKET}/{key}?partNumber={number}&uploadId={upload_id}", body, **options)


def complete(ask, upload_id, parts, key="k", **options):
    """``parts`` is a list of (number, etag) or (number, etag, extra XML)."""
    listed = "".join(
        f"<Part><PartNumber>{number}</PartNumber><ETag>{etag}</ETag>{''.join(extra)}</Part>"
        for number, etag, *extra in parts
    )
    body = f"<CompleteMultipartUpload>{listed}</CompleteMultipartUpload>".encode()
    return ask("POST", f"/{BUCKET}/{key}?uploadId={upload_id}", body, **options)


def two_parts(ask, upload_id, **headers):
    return [(number, put_part(ask, upload_id, number, body).header("ETag")) for number, body in ((1, FIRST), (2, LAST))]


def test_the_parts_become_one_object_in_order_of_their_numbers(ask, world):
    upload_id = create(ask)
    second = put_part(ask, upload_id, 7, LAST).header("ETag")
    first = put_part(ask, upload_id, 3, FIRST).header("ETag")
    assert complete(ask, upload_id, [(3, first), (7, second)]).status == 200
    assert world.objects.get(BUCKET, "k").path.read_bytes() == FIRST + LAST


def test_nothing_is_visible_before_the_upload_is_complete(ask, world):
    two_parts(ask, create(ask))
    assert world.objects.get(BUCKET, "k") is None


def test_a_part_sent_again_replaces_the_earlier_one(ask, world):
    upload_id = create(ask)
    put_part(ask, upload_id, 1, b"wrong")
    etag = put_part(ask, upload_id, 1, b"right").header("ETag")
    complete(ask, upload_id, [(1, etag)])
    assert world.objects.get(BUCKET, "k").path.read_bytes() == b"right"


def test_parts_that_are_not_named_are_left_out_and_dropped(ask, world):
    upload_id = create(ask)
    parts = two_parts(ask, upload_id)
    complete(ask, upload_id, parts[:1])
    assert world.objects.get(BUCKET, "k").path.read_bytes() == FIRST
    assert len(list(world.objects.directory.iterdir())) == 1


def test_the_etag_is_that_of_the_parts(ask):
    upload_id = create(ask)
    etag = put_part(ask, upload_id, 1, b"small").header("ETag")
    answer = complete(ask, upload_id, [(1, etag)])
    expected = hashlib.md5(hashlib.md5(b"small").digest()).hexdigest()
    assert f"&quot;{expected}-1&quot;".encode() in answer.body or f'"{expected}-1"'.encode() in answer.body


def test_a_part_under_five_mebibytes_must_be_the_last(ask):
    upload_id = create(ask)
    first = put_part(ask, upload_id, 1, LAST).header("ETag")
    second = put_part(ask, upload_id, 2, FIRST).header("ETag")
    answer = complete(ask, upload_id, [(1, first), (2, second)])
    assert (answer.status, code_of(answer)) == (400, "EntityTooSmall")


def test_parts_must_be_named_in_order(ask):
    upload_id = create(ask)
    assert code_of(complete(ask, upload_id, two_parts(ask, upload_id)[::-1])) == "InvalidPartOrder"


@pytest.mark.parametrize("named", [(1, '"0123"'), (9, '"0123"'), ("x", '"0123"')])
def test_a_part_that_is_not_there_is_refused(ask, named):
    upload_id = create(ask)
    two_parts(ask, upload_id)
    answer = complete(ask, upload_id, [named])
    assert (answer.status, code_of(answer)) == (400, "InvalidPart")


@pytest.mark.parametrize(
    "body", [b"", b"<Other/>", b"<CompleteMultipartUpload/>", b"<!DOCTYPE x><CompleteMultipartUpload/>"]
)
def test_a_list_that_is_none_is_refused(ask, body):
    upload_id = create(ask)
    answer = ask("POST", f"/{BUCKET}/k?uploadId={upload_id}", body)
    assert (answer.status, code_of(answer)) == (400, "MalformedXML")


@pytest.mark.parametrize("number", ["0", "10001", "one", ""])
def test_part_numbers_run_from_1_to_10000(ask, number):
    assert code_of(put_part(ask, create(ask), number, b"x")) == "InvalidArgument"


def test_an_aborted_upload_is_gone_with_its_parts(ask, world):
    upload_id = create(ask)
    two_parts(ask, upload_id)
    assert ask("DELETE", f"/{BUCKET}/k?uploadId={upload_id}").status == 204
    assert list(world.objects.directory.iterdir()) == []
    assert code_of(put_part(ask, upload_id, 1, b"x")) == "NoSuchUpload"


def test_an_upload_belongs_to_its_key(ask):
    assert code_of(put_part(ask, create(ask), 1, b"x", key="other")) == "NoSuchUpload"


def test_an_upload_is_completed_once(ask):
    upload_id = create(ask)
    parts = two_parts(ask, upload_id)
    complete(ask, upload_id, parts)
    answer = complete(ask, upload_id, parts)
    assert (answer.status, code_of(answer)) == (404, "NoSuchUpload")


def value_of(algorithm, body):
    digest = ALGORITHMS[algorithm]()
    digest.update(body)
    return base64.b64encode(digest.digest()).decode()


def test_a_composite_check_sum_is_that_of_the_parts_check_sums(ask, world):
    upload_id = create(ask, x_amz_checksum_algorithm="SHA256")
    parts = []
    for number, body in ((1, FIRST), (2, LAST)):
        value = value_of("sha256", body)
        etag = put_part(ask, upload_id, number, body, headers={"x-amz-checksum-sha256": value}).header("ETag")
        parts.append((number, etag, f"<ChecksumSHA256>{value}</ChecksumSHA256>"))
    assert complete(ask, upload_id, parts).status == 200
    both = hashlib.sha256(FIRST).digest() + hashlib.sha256(LAST).digest()
    expected = base64.b64encode(hashlib.sha256(both).digest()).decode() + "-2"
    assert world.objects.get(BUCKET, "k").checksums == {"sha256": expected}


@pytest.mark.parametrize("algorithm", ["crc32", "crc32c", "crc64nvme"])
def test_a_full_object_check_sum_is_that_of_the_whole(ask, world, algorithm):
    upload_id = create(ask, x_amz_checksum_algorithm=algorithm.upper(), x_amz_checksum_type="FULL_OBJECT")
    complete(ask, upload_id, two_parts(ask, upload_id))
    assert world.objects.get(BUCKET, "k").checksums == {algorithm: value_of(algorithm, FIRST + LAST)}


def test_a_promised_check_sum_of_the_whole_is_compared(ask):
    upload_id = create(ask, x_amz_checksum_algorithm="CRC32", x_amz_checksum_type="FULL_OBJECT")
    wrong = {"x-amz-checksum-crc32": base64.b64encode(zlib.crc32(b"other").to_bytes(4, "big")).decode()}
    assert code_of(complete(ask, upload_id, two_parts(ask, upload_id), headers=wrong)) == "BadDigest"


def test_a_part_has_the_uploads_algorithm(ask):
    upload_id = create(ask, x_amz_checksum_algorithm="SHA256")
    headers = {"x-amz-checksum-crc32": value_of("crc32", b"x")}
    assert code_of(put_part(ask, upload_id, 1, b"x", headers=headers)) == "InvalidRequest"


def test_a_composite_upload_is_completed_with_the_check_sum_of_each_part(ask):
    upload_id = create(ask, x_amz_checksum_algorithm="SHA256")
    assert code_of(complete(ask, upload_id, two_parts(ask, upload_id))) == "InvalidRequest"


def test_the_algorithms_have_the_types_s3_gives_them(ask):
    for algorithm, kind in (("SHA256", "FULL_OBJECT"), ("CRC64NVME", "COMPOSITE"), ("MD4", "COMPOSITE")):
        headers = {"x-amz-checksum-algorithm": algorithm, "x-amz-checksum-type": kind}
        assert code_of(ask("POST", f"/{BUCKET}/k?uploads=", headers=headers)) == "InvalidRequest"


def test_the_parts_that_are_there_are_listed(ask):
    upload_id = create(ask)
    two_parts(ask, upload_id)
    tree = ElementTree.fromstring(ask("GET", f"/{BUCKET}/k?max-parts=1&uploadId={upload_id}").body)
    text = {element.tag.rpartition("}")[2]: element.text for element in tree.iter()}
    assert (text["PartNumber"], text["Size"], text["IsTruncated"]) == ("1", str(len(FIRST)), "true")


def test_open_uploads_are_listed(ask):
    upload_id = create(ask, key="a/b")
    assert upload_id.encode() in ask("GET", f"/{BUCKET}?uploads=").body


def test_a_part_may_be_copied_from_an_object(ask, world):
    world.objects.put_bytes(BUCKET, "source", b"0123456789")
    upload_id = create(ask)
    headers = {"x-amz-copy-source": f"/{BUCKET}/source", "x-amz-copy-source-range": "bytes=2-4"}
    answer = put_part(ask, upload_id, 1, b"", headers=headers)
    etag = answer.body.partition(b"<ETag>")[2].partition(b"</ETag>")[0].decode()
    complete(ask, upload_id, [(1, etag)])
    assert world.objects.get(BUCKET, "k").path.read_bytes() == b"234"


@pytest.mark.parametrize("wanted", ["bytes=0-10", "bytes=5-2", "0-x"])
def test_a_range_to_copy_lies_within_its_source(ask, world, wanted):
    world.objects.put_bytes(BUCKET, "source", b"0123456789")
    headers = {"x-amz-copy-source": f"{BUCKET}/source", "x-amz-copy-source-range": wanted}
    assert code_of(put_part(ask, create(ask), 1, b"", headers=headers)) == "InvalidArgument"


def test_a_promised_size_of_the_whole_is_compared(ask):
    upload_id = create(ask)
    parts = two_parts(ask, upload_id)
    assert code_of(complete(ask, upload_id, parts, headers={"x-amz-mp-object-size": "7"})) == "InvalidRequest"
    size = str(len(FIRST + LAST))
    assert complete(ask, upload_id, parts, headers={"x-amz-mp-object-size": size}).status == 200


def test_a_part_with_another_check_sum_than_it_has_is_not_found(ask):
    upload_id = create(ask)
    value = value_of("crc32", b"x")
    etag = put_part(ask, upload_id, 1, b"x", headers={"x-amz-checksum-crc32": value}).header("ETag")
    named = [(1, etag, "<ChecksumCRC32>AAAAAA==</ChecksumCRC32>")]
    assert code_of(complete(ask, upload_id, named)) == "InvalidPart"


def test_an_upload_creates_only_where_nothing_is(ask, world):
    world.objects.put_bytes(BUCKET, "k", b"there")
    upload_id = create(ask)
    parts = two_parts(ask, upload_id)
    assert code_of(complete(ask, upload_id, parts, headers={"If-None-Match": "*"})) == "PreconditionFailed"


def test_a_type_of_check_sum_needs_an_algorithm(ask):
    headers = {"x-amz-checksum-type": "COMPOSITE"}
    assert code_of(ask("POST", f"/{BUCKET}/k?uploads=", headers=headers)) == "InvalidRequest"


@pytest.mark.parametrize("marker", ["x", "-1", "9" * 5000])
def test_a_list_of_parts_begins_at_a_number(ask, marker):
    upload_id = create(ask)
    assert code_of(ask("GET", f"/{BUCKET}/k?part-number-marker={marker}&uploadId={upload_id}")) == "InvalidArgument"
