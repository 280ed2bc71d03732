"""Lists: objects (both versions of the call), parts, uploads, buckets; in pages, by prefix and delimiter."""

import base64
from collections.abc import Callable, Iterable
from urllib.parse import quote

from attrs import define, field

from comotion.adapters.fake_dash.exchange import Request, Response, whole_number
from comotion.adapters.fake_dash.faces.object_store.documents import Node, document, when
from comotion.adapters.fake_dash.faces.object_store.refusals import Refusal
from comotion.adapters.fake_dash.objects import Objects
from comotion.adapters.fake_dash.stored import MultipartUpload, StoredObject

MOST_KEYS = 1000
LARGEST_INTEGER = (1 << 31) - 1
OWNER: Node = ("Owner", [("ID", "0" * 64), ("DisplayName", "fake-dash")])


@define
class _Page:
    """One page of a listing, in key order."""

    objects: list[StoredObject] = field(factory=list)
    prefixes: list[str] = field(factory=list)
    is_truncated: bool = False
    last: str = ""

    def __len__(self) -> int:
        return len(self.objects) + len(self.prefixes)


def _page(found: Iterable[StoredObject], *, prefix: str, delimiter: str, after: str, most: int) -> _Page:
    """The entries after ``after``, at most ``most``; keys that share what stands before the delimiter are one."""
    page = _Page()
    for stored in found:
        end = stored.key.find(delimiter, len(prefix)) if delimiter else -1
        name = stored.key if end < 0 else stored.key[: end + len(delimiter)]
        if stored.key.encode() <= after.encode() or name == after or page.prefixes[-1:] == [name]:
            continue
        if len(page) >= most:
            page.is_truncated = most > 0
            break
        if end < 0:
            page.objects.append(stored)
        else:
            page.prefixes.append(name)
        page.last = name
    return page


def _most(query: dict[str, str], name: str) -> int:
    return min(_integer(query.get(name, str(MOST_KEYS)), name), MOST_KEYS)


def _integer(text: str, name: str) -> int:
    number = whole_number(text, LARGEST_INTEGER)
    if number is None:
        raise Refusal("InvalidArgument", f"Provided {name} not an integer or within integer range")
    return number


def _spelling(query: dict[str, str]) -> Callable[[str], str]:
    kind = query.get("encoding-type")
    if kind not in (None, "", "url"):
        raise Refusal("InvalidArgument", "Invalid Encoding Method specified in Request")
    return (lambda text: quote(text, safe="/-_.~*")) if kind else str


def _contents(page: _Page, spelled: Callable[[str], str], *, with_owner: bool) -> list[Node]:
    nodes: list[Node] = []
    for stored in page.objects:
        members: list[Node] = [
            ("Key", spelled(stored.key)),
            ("LastModified", when(stored.modified)),
            ("ETag", f'"{stored.etag}"'),
            *(("ChecksumAlgorithm", name.upper()) for name in stored.checksums),
            ("Size", stored.size_bytes),
            ("StorageClass", "STANDARD"),
        ]
        nodes.append(("Contents", [*members, OWNER] if with_owner else members))
    return [*nodes, *(("CommonPrefixes", [("Prefix", spelled(prefix))]) for prefix in page.prefixes)]


def list_v2(objects: Objects, request: Request, bucket: str) -> Response:
    """ListObjectsV2."""
    query, spelled = request.query, _spelling(request.query)
    token, most = query.get("continuation-token"), _most(query, "max-keys")
    after = query.get("start-after", "") if token is None else _from_token(token)
    prefix, delimiter = query.get("prefix", ""), query.get("delimiter", "")
    page = _page(objects.listed(bucket, prefix), prefix=prefix, delimiter=delimiter, after=after, most=most)
    members: list[Node] = [
        ("Name", bucket),
        ("Prefix", spelled(prefix)),
        ("Delimiter", spelled(delimiter) if delimiter else None),
        ("StartAfter", spelled(query["start-after"]) if "start-after" in query else None),
        ("ContinuationToken", token),
        ("NextContinuationToken", _token(page.last) if page.is_truncated else None),
        ("KeyCount", len(page)),
        ("MaxKeys", most),
        ("EncodingType", query.get("encoding-type") or None),
        ("IsTruncated", page.is_truncated),
    ]
    with_owner = query.get("fetch-owner", "").lower() == "true"
    return document("ListBucketResult", [*members, *_contents(page, spelled, with_owner=with_owner)])


def list_v1(objects: Objects, request: Request, bucket: str) -> Response:
    """ListObjects, the first version."""
    query, spelled = request.query, _spelling(request.query)
    prefix, delimiter, marker = query.get("prefix", ""), query.get("delimiter", ""), query.get("marker", "")
    most = _most(query, "max-keys")
    page = _page(objects.listed(bucket, prefix), prefix=prefix, delimiter=delimiter, after=marker, most=most)
    members: list[Node] = [
        ("Name", bucket),
        ("Prefix", spelled(prefix)),
        ("Marker", spelled(marker)),
        ("NextMarker", spelled(page.last) if page.is_truncated and delimiter else None),
        ("MaxKeys", most),
        ("Delimiter", spelled(delimiter) if delimiter else None),
        ("EncodingType", query.get("encoding-type") or None),
        ("IsTruncated", page.is_truncated),
    ]
    return document("ListBucketResult", [*members, *_contents(page, spelled, with_owner=True)])


def _token(key: str) -> str:
    return base64.urlsafe_b64encode(key.encode()).decode()


def _from_token(token: str) -> str:
    try:
        return base64.b64decode(token, altchars=b"-_", validate=True).decode()
    except ValueError:
        raise Refusal("InvalidArgument", "The continuation token provided is incorrect") from None


def list_parts(upload: MultipartUpload, request: Request) -> Response:
    """The parts of an upload that are there."""
    most = _most(request.query, "max-parts")
    marker = _integer(request.query.get("part-number-marker", "0"), "part-number-marker")
    later = sorted((part for part in upload.parts.values() if part.number > marker), key=lambda p: p.number)
    shown = later[:most]
    members: list[Node] = [
        ("Bucket", upload.bucket),
        ("Key", upload.key),
        ("UploadId", upload.upload_id),
        ("PartNumberMarker", marker),
        ("NextPartNumberMarker", shown[-1].number if shown else 0),
        ("MaxParts", most),
        ("IsTruncated", len(later) > len(shown)),
        ("StorageClass", "STANDARD"),
    ]
    for part in shown:
        facts: list[Node] = [
            ("PartNumber", part.number),
            ("LastModified", when(part.modified)),
            ("ETag", f'"{part.etag}"'),
            ("Size", part.size_bytes),
        ]
        members.append(("Part", [*facts, *((f"Checksum{name.upper()}", v) for name, v in part.checksums.items())]))
    return document("ListPartsResult", members)


def list_uploads(objects: Objects, request: Request, bucket: str) -> Response:
    """The uploads that are neither completed nor aborted; all on one page."""
    prefix = request.query.get("prefix", "")
    with objects.lock:
        begun = [u for u in objects.uploads.values() if u.bucket == bucket and u.key.startswith(prefix)]
    begun.sort(key=lambda upload: (upload.key.encode(), upload.started))
    members: list[Node] = [
        ("Bucket", bucket),
        ("Prefix", prefix),
        ("MaxUploads", MOST_KEYS),
        ("IsTruncated", False),
    ]
    members += [
        (
            "Upload",
            [
                ("Key", u.key),
                ("UploadId", u.upload_id),
                ("StorageClass", "STANDARD"),
                ("Initiated", when(u.started)),
            ],
        )
        for u in begun
    ]
    return document("ListMultipartUploadsResult", members)


def list_buckets(objects: Objects) -> Response:
    """Every bucket of the world."""
    began = "2020-01-01T00:00:00.000Z"
    buckets = [
        ("Bucket", [("Name", name), ("CreationDate", began), ("BucketRegion", region)])
        for name, region in sorted(objects.buckets.items())
    ]
    return document("ListAllMyBucketsResult", [OWNER, ("Buckets", buckets)])
