"""PUT, copy and DELETE of whole objects; an object is there whole or not at all."""

from collections.abc import Mapping
from datetime import datetime
from urllib.parse import quote, unquote_to_bytes
from xml.etree.ElementTree import Element

from comotion.adapters.fake_dash.exchange import FileSlice, Request, Response
from comotion.adapters.fake_dash.faces.object_store.checksums import ALGORITHMS, HEADER
from comotion.adapters.fake_dash.faces.object_store.conditions import check_match, check_source, check_write
from comotion.adapters.fake_dash.faces.object_store.documents import Node, document, read_document, when
from comotion.adapters.fake_dash.faces.object_store.doorman import Visitor, require
from comotion.adapters.fake_dash.faces.object_store.intake import Promises, Taken, named_sums, take, take_request
from comotion.adapters.fake_dash.faces.object_store.reading import find
from comotion.adapters.fake_dash.faces.object_store.refusals import Refusal, malformed_xml
from comotion.adapters.fake_dash.objects import Objects
from comotion.adapters.fake_dash.stored import StoredObject

LONGEST_KEY = 1024
MOST_DELETIONS = 1000
META = "x-amz-meta-"
MOST_META_BYTES = 2048
_KEPT = ("cache-control", "content-disposition", "content-encoding", "content-language", "content-type", "expires")


def kept_fields(headers: Mapping[str, str]) -> dict[str, str]:
    """The fields of a request (or form) that come back with the object. Raises MetadataTooLarge."""
    kept = {}
    for name, value in headers.items():
        lower = name.lower()
        if lower == "content-encoding":  # aws-chunked is a coding of the transfer only
            value = ",".join(word for word in value.split(",") if word.strip() and word.strip() != "aws-chunked")
        if value and (lower in _KEPT or lower.startswith(META)):
            kept[lower] = value
    meta_bytes = sum(
        len((name.removeprefix(META) + value).encode()) for name, value in kept.items() if name.startswith(META)
    )
    if meta_bytes > MOST_META_BYTES:
        raise Refusal(
            "MetadataTooLarge",
            "Your metadata headers exceed the maximum allowed metadata size",
            details={"Size": str(meta_bytes), "MaxSizeAllowed": str(MOST_META_BYTES)},
        )
    return kept


def location_of(request: Request, bucket: str, key: str) -> str:
    """The URL of an object, as whoever asks reaches it."""
    if request.origin is None and request.host.startswith(f"{bucket}."):
        return f"https://{request.host}/{quote(key)}"
    return f"{request.origin or 'https://' + request.host}/{bucket}/{quote(key)}"


def check_key(key: str) -> None:
    if len(key.encode()) > LONGEST_KEY:
        raise Refusal("KeyTooLongError", "Your key is too long")


def keep(
    objects: Objects, request: Request, bucket: str, key: str, taken: Taken, fields: Mapping[str, str]
) -> StoredObject:
    """Make what was taken the object, unless a condition of the request forbids it."""
    try:
        with objects.lock:
            check_write(request, objects.get(bucket, key))
            return objects.put(
                bucket,
                key,
                path=taken.path,
                etag=taken.etag,
                fields={**fields, **taken.encryption_fields()},
                checksums=taken.checksums,
            )
    except Refusal:
        taken.path.unlink(missing_ok=True)
        raise


def put(objects: Objects, request: Request, visitor: Visitor, bucket: str, key: str) -> Response:
    """Store the body as an object."""
    check_key(key)
    fields = kept_fields(request.headers)
    taken = take_request(objects, request, visitor)
    stored = keep(objects, request, bucket, key, taken, fields)
    return Response(
        headers=[
            ("ETag", f'"{stored.etag}"'),
            *taken.encryption_fields().items(),
            *sum_fields(stored.checksums),
        ]
    )


def sum_fields(checksums: Mapping[str, str]) -> list[tuple[str, str]]:
    """Check sums of a whole object as header fields."""
    fields = [(HEADER + name, value) for name, value in checksums.items()]
    return [*fields, (f"{HEADER}type", "FULL_OBJECT")] if fields else []


def source_of(objects: Objects, request: Request, visitor: Visitor) -> StoredObject:
    """The object that x-amz-copy-source names. Raises Refusal."""
    text = request.headers["x-amz-copy-source"].removeprefix("/").partition("?")[0]
    bucket, slash, key = unquote_to_bytes(text).decode().partition("/")
    if not slash or not key:
        raise Refusal("InvalidArgument", "Copy Source must mention the source bucket and key: sourcebucket/sourcekey")
    if bucket not in objects.buckets:
        raise Refusal("NoSuchBucket", "The specified bucket does not exist", details={"BucketName": bucket})
    require(visitor, bucket, key)
    source = find(objects, bucket, key)
    check_source(request, source)
    return source


def copy(objects: Objects, request: Request, visitor: Visitor, bucket: str, key: str) -> Response:
    """Copy one object to another key; onto itself only with new metadata."""
    check_key(key)
    source = source_of(objects, request, visitor)
    replaces = request.headers.get("x-amz-metadata-directive", "COPY").upper() == "REPLACE"
    if (source.bucket, source.key) == (bucket, key) and not replaces:
        raise Refusal(
            "InvalidRequest",
            "This copy request is illegal because it is trying to copy an object to itself without changing the "
            "object's metadata, storage class, website redirect location or encryption attributes.",
        )
    algorithm = wanted_algorithm(request) or next(iter(source.checksums), None)
    fields = kept_fields(request.headers) if replaces else source.fields
    taken = take_slice(objects, FileSlice(source.path, 0, source.size_bytes), algorithm)
    stored = keep(objects, request, bucket, key, taken, fields)
    return document("CopyObjectResult", copied(stored.etag, stored.modified, stored.checksums))


def wanted_algorithm(request: Request) -> str | None:
    """The check sum that a copy, or an upload in parts, is to have. Raises InvalidRequest."""
    algorithm = request.headers.get(f"{HEADER}algorithm", "").lower() or None
    if algorithm is not None and algorithm not in ALGORITHMS:
        raise Refusal("InvalidRequest", "Checksum algorithm provided is unsupported.")
    return algorithm


def take_slice(objects: Objects, piece: FileSlice, algorithm: str | None) -> Taken:
    """Take bytes of an object as if they had been sent."""
    return take(objects, piece.chunks(), Promises(sums={} if algorithm is None else {algorithm: None}))


def copied(etag: str, modified: datetime, checksums: Mapping[str, str]) -> list[Node]:
    """The members of a copy's answer."""
    nodes: list[Node] = [("LastModified", when(modified)), ("ETag", f'"{etag}"')]
    return [*nodes, *sum_nodes(checksums)]


def sum_nodes(checksums: Mapping[str, str]) -> list[Node]:
    """Check sums as members of a document: ChecksumCRC32 and so on."""
    return [(f"Checksum{name.upper()}", value) for name, value in checksums.items()]


def delete(objects: Objects, request: Request, bucket: str, key: str) -> Response:
    """Remove an object, unless a condition of the request forbids it; 204 also when there was none."""
    with objects.lock:
        check_write(request, objects.get(bucket, key))
        objects.delete(bucket, key)
    return Response(status=204)


def delete_many(objects: Objects, request: Request, bucket: str) -> Response:
    """Remove the objects that a Delete document names, at most 1,000; each by its own condition."""
    if "content-md5" not in request.headers and not named_sums(request.headers):
        raise Refusal("InvalidRequest", "Missing required header for this request: Content-MD5")
    tree = read_document(request, "Delete", with_sums=True)
    entries = list(tree.iter("Object"))
    if not entries or len(entries) > MOST_DELETIONS or not all(entry.findtext("Key") for entry in entries):
        raise malformed_xml()
    is_quiet = (tree.findtext("Quiet") or "").strip().lower() == "true"
    told = [_deleted(objects, bucket, entry) for entry in entries]
    return document("DeleteResult", [node for node in told if not is_quiet or node[0] == "Error"])


def _deleted(objects: Objects, bucket: str, entry: Element) -> Node:
    """Remove one of several objects; what is said of it."""
    key, tag = entry.findtext("Key") or "", entry.findtext("ETag")
    try:
        if entry.findtext("VersionId") not in (None, "", "null"):
            raise Refusal("NotImplemented", "Versions are not supported by this fake.")
        with objects.lock:
            if tag is not None:
                check_match(tag, objects.get(bucket, key))
            objects.delete(bucket, key)
    except Refusal as no:
        return "Error", [("Key", key), ("Code", no.code), ("Message", no.message)]
    return "Deleted", [("Key", key)]
