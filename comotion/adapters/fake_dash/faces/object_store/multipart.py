"""Objects that come in parts: create, upload a part, complete, abort.

Every part but the last has at least 5 MiB; the list that completes an upload names parts in order with their
ETags; only then is there an object.
"""

import hashlib
from itertools import pairwise
from xml.etree import ElementTree

from comotion.adapters.fake_dash.exchange import FileSlice, Request, Response, whole_number
from comotion.adapters.fake_dash.faces.object_store.checksums import HEADER, POLYNOMIALS, of_parts
from comotion.adapters.fake_dash.faces.object_store.conditions import check_write
from comotion.adapters.fake_dash.faces.object_store.documents import document, read_document
from comotion.adapters.fake_dash.faces.object_store.doorman import Visitor
from comotion.adapters.fake_dash.faces.object_store.intake import Taken, named_sums, take_request
from comotion.adapters.fake_dash.faces.object_store.refusals import Refusal, malformed_xml, no_such_upload
from comotion.adapters.fake_dash.faces.object_store.writing import (
    check_key,
    copied,
    kept_fields,
    location_of,
    source_of,
    sum_fields,
    sum_nodes,
    take_slice,
    wanted_algorithm,
)
from comotion.adapters.fake_dash.objects import Objects
from comotion.adapters.fake_dash.stored import MultipartUpload, StoredPart

SMALLEST_PART_BYTES = 5 * 1024 * 1024
MOST_PARTS = 10_000


def find_upload(objects: Objects, request: Request, bucket: str, key: str) -> MultipartUpload:
    """The upload the query names. Raises NoSuchUpload."""
    upload = objects.uploads.get(request.query["uploadId"])
    if upload is None or (upload.bucket, upload.key) != (bucket, key):
        raise no_such_upload(request.query["uploadId"])
    return upload


def create(objects: Objects, request: Request, bucket: str, key: str) -> Response:
    """Begin an upload."""
    check_key(key)
    algorithm = wanted_algorithm(request)
    kind = request.headers.get(f"{HEADER}type", "").upper() or None
    if kind not in (None, "COMPOSITE", "FULL_OBJECT") or (kind is not None and algorithm is None):
        raise Refusal("InvalidRequest", "The x-amz-checksum-type header needs a type and x-amz-checksum-algorithm")
    if (kind == "FULL_OBJECT" and algorithm not in POLYNOMIALS) or (kind == "COMPOSITE" and algorithm == "crc64nvme"):
        raise Refusal("InvalidRequest", f"The {kind} checksum type cannot be used with the {algorithm} algorithm.")
    upload = objects.start_upload(
        bucket,
        key,
        fields=kept_fields(request.headers),
        checksum_algorithm=algorithm,
        is_full_object=kind == "FULL_OBJECT" or algorithm == "crc64nvme",
    )
    headers = [(f"{HEADER}algorithm", algorithm.upper()), (f"{HEADER}type", _kind(upload))] if algorithm else []
    members = [("Bucket", bucket), ("Key", key), ("UploadId", upload.upload_id)]
    return document("InitiateMultipartUploadResult", members, headers=headers)


def _kind(upload: MultipartUpload) -> str:
    return "FULL_OBJECT" if upload.is_full_object else "COMPOSITE"


def _number(request: Request) -> int:
    number = whole_number(request.query.get("partNumber", ""), MOST_PARTS)
    if not number:
        raise Refusal("InvalidArgument", "Part number must be an integer between 1 and 10000, inclusive")
    return number


def put_part(objects: Objects, request: Request, visitor: Visitor, bucket: str, key: str) -> Response:
    """Store the body as a part."""
    number, upload = _number(request), find_upload(objects, request, bucket, key)
    promised = next(iter(named_sums(request.headers)), None)
    expected = upload.checksum_algorithm
    if promised is not None and expected is not None and promised != expected:
        raise Refusal(
            "InvalidRequest",
            f"Checksum Type mismatch occurred, expected checksum Type: {expected}, actual checksum Type: {promised}",
        )
    part = _keep_part(objects, upload, number, take_request(objects, request, visitor, wanted=expected))
    return Response(headers=[("ETag", f'"{part.etag}"'), *sum_fields(part.checksums)[:1]])


def copy_part(objects: Objects, request: Request, visitor: Visitor, bucket: str, key: str) -> Response:
    """Store bytes of another object as a part."""
    number, upload = _number(request), find_upload(objects, request, bucket, key)
    source = source_of(objects, request, visitor)
    start, stop = 0, source.size_bytes
    wanted = request.headers.get("x-amz-copy-source-range")
    if wanted is not None:
        first, last = (
            whole_number(text, source.size_bytes - 1) for text in wanted.removeprefix("bytes=").partition("-")[::2]
        )
        if first is None or last is None or first > last:
            raise Refusal("InvalidArgument", "The x-amz-copy-source-range value must be of the form bytes=first-last")
        start, stop = first, last + 1
    taken = take_slice(objects, FileSlice(source.path, start, stop), upload.checksum_algorithm)
    part = _keep_part(objects, upload, number, taken)
    return document("CopyPartResult", copied(part.etag, part.modified, part.checksums))


def _keep_part(objects: Objects, upload: MultipartUpload, number: int, taken: Taken) -> StoredPart:
    try:
        return objects.put_part(upload.upload_id, number, path=taken.path, etag=taken.etag, checksums=taken.checksums)
    except KeyError:  # aborted or completed in the meantime
        taken.path.unlink(missing_ok=True)
        raise no_such_upload(upload.upload_id) from None


def complete(objects: Objects, request: Request, bucket: str, key: str) -> Response:
    """Make the named parts the object."""
    upload = find_upload(objects, request, bucket, key)
    tree = read_document(request, "CompleteMultipartUpload")
    with objects.lock:
        parts = [_named_part(upload, entry) for entry in tree.iter("Part")]
        _check_parts(upload, parts, request)
        check_write(request, objects.get(bucket, key))
    etag = hashlib.md5(b"".join(bytes.fromhex(part.etag) for part in parts), usedforsecurity=False).hexdigest()
    checksums = _sums(upload, parts)
    for algorithm, value in named_sums(request.headers).items():
        if upload.is_full_object and checksums.get(algorithm) != value:
            raise Refusal("BadDigest", f"The {algorithm} you specified did not match the calculated checksum.")
    try:
        stored = objects.complete(
            upload.upload_id, [part.number for part in parts], etag=f"{etag}-{len(parts)}", checksums=checksums
        )
    except KeyError:
        raise no_such_upload(upload.upload_id) from None
    where = location_of(request, bucket, key)
    sums = [*sum_nodes(checksums), ("ChecksumType", _kind(upload) if checksums else None)]
    return document(
        "CompleteMultipartUploadResult",
        [("Location", where), ("Bucket", bucket), ("Key", key), ("ETag", f'"{stored.etag}"'), *sums],
    )


def _named_part(upload: MultipartUpload, entry: ElementTree.Element) -> StoredPart:
    """The part an entry means, if it is there as described."""
    number, etag = entry.findtext("PartNumber") or "", (entry.findtext("ETag") or "").strip().strip('"')
    part = upload.parts.get(whole_number(number, MOST_PARTS) or 0)
    missing = Refusal(
        "InvalidPart",
        "One or more of the specified parts could not be found. The part may not have been uploaded, or the "
        "specified entity tag may not match the part's entity tag.",
        details={"UploadId": upload.upload_id, "PartNumber": number, "ETag": etag},
    )
    if part is None or part.etag != etag:
        raise missing
    for algorithm, value in part.checksums.items():
        claimed = entry.findtext(f"Checksum{algorithm.upper()}")
        if claimed is None and upload.checksum_algorithm == algorithm and not upload.is_full_object:
            raise Refusal(
                "InvalidRequest",
                f"The upload was created using a {algorithm} checksum. The complete request must include the "
                f"checksum for each part. It was missing for part {number} in the request.",
            )
        if claimed is not None and claimed != value:
            raise missing
    return part


def _check_parts(upload: MultipartUpload, parts: list[StoredPart], request: Request) -> None:
    numbers = [part.number for part in parts]
    if not parts or len(parts) > MOST_PARTS:
        raise malformed_xml()
    if any(later <= earlier for earlier, later in pairwise(numbers)):
        raise Refusal("InvalidPartOrder", "The list of parts was not in ascending order.")
    for part in parts[:-1]:
        if part.size_bytes < SMALLEST_PART_BYTES:
            raise Refusal(
                "EntityTooSmall",
                "Your proposed upload is smaller than the minimum allowed size",
                details={
                    "PartNumber": str(part.number),
                    "ProposedSize": str(part.size_bytes),
                    "MinSizeAllowed": str(SMALLEST_PART_BYTES),
                },
            )
    told = request.headers.get("x-amz-mp-object-size")
    if told is not None and told != str(sum(part.size_bytes for part in parts)):
        raise Refusal("InvalidRequest", "The x-amz-mp-object-size header does not match the size of the parts")


def _sums(upload: MultipartUpload, parts: list[StoredPart]) -> dict[str, str]:
    """The object's check sum, where every part has one of the upload's algorithm."""
    algorithm = upload.checksum_algorithm
    if algorithm is None or any(algorithm not in part.checksums for part in parts):
        return {}
    values = [(part.checksums[algorithm], part.size_bytes) for part in parts]
    return {algorithm: of_parts(algorithm, values, full_object=upload.is_full_object)}


def abort(objects: Objects, request: Request, bucket: str, key: str) -> Response:
    """Forget an upload and its parts."""
    objects.abort(find_upload(objects, request, bucket, key).upload_id)
    return Response(status=204)
