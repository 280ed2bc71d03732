"""The S3 face: which bucket and key are meant, which operation that is, and a refusal's way out.

Path style (``/bucket/key``) and virtual-host style (``bucket.s3.eu-west-1.amazonaws.com``) are both read.
"""

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from urllib.parse import unquote_to_bytes

from comotion.adapters.fake_dash.exchange import Request, Response
from comotion.adapters.fake_dash.faces.object_store import listing, multipart, posting, reading, writing
from comotion.adapters.fake_dash.faces.object_store.documents import document
from comotion.adapters.fake_dash.faces.object_store.doorman import (
    Storage,
    Visitor,
    admit,
    region_header,
    require,
    require_all,
)
from comotion.adapters.fake_dash.faces.object_store.refusals import Refusal
from comotion.adapters.fake_dash.objects import Objects

_VIRTUAL_HOST = re.compile(r"(?P<bucket>[a-z0-9][a-z0-9.-]+)\.s3[.-](?:[a-z0-9-]+\.)*amazonaws\.com(?:\.cn)?(?::\d+)?")
_SUBRESOURCES = frozenset(
    (
        "accelerate", "acl", "analytics", "attributes", "cors", "encryption",
        "intelligent-tiering", "inventory", "legal-hold", "lifecycle", "logging", "metrics",
        "notification", "object-lock", "ownershipControls", "policy", "policyStatus", "publicAccessBlock",
        "replication", "requestPayment", "restore", "retention", "select", "tagging",
        "torrent", "versionId", "versions", "website",
    )
)  # fmt: skip
_KNOWN_AMZ = re.compile(
    r"x-amz-(content-sha256|date|security-token|checksum-.*|sdk-checksum-algorithm|trailer|decoded-content-length"
    r"|meta-.*|copy-source(-range|-if-(none-)?match|-if-(un)?modified-since)?|metadata-directive|tagging-directive|mp-object-size"
    r"|expected-bucket-owner|api-version|request-payer|user-agent|optional-object-attributes|bucket-region)"
)
_HARMLESS = MappingProxyType(
    {
        "x-amz-acl": {"private", "bucket-owner-full-control"},
        "x-amz-storage-class": {"STANDARD"},
        "x-amz-server-side-encryption": {"AES256"},
    }
)


def object_store(world: Storage, request: Request) -> Response:
    """Answer one S3 request."""
    bucket, key = place_of(request, world.objects)
    try:
        response = _answer(world, request, bucket, key)
    except Refusal as refusal:
        response = refusal.answer(
            resource=request.path, request_id=_request_id(world), headless=request.method == "HEAD"
        )
    response.headers += [("x-amz-request-id", _request_id(world)), ("Server", "AmazonS3")]
    return response


def _request_id(world: Storage) -> str:
    return f"{int(world.clock.monotonic() * 1_000_000):016X}"


def place_of(request: Request, objects: Objects) -> tuple[str, str]:
    """Bucket and key, each empty where none is named."""
    path = unquote_to_bytes(request.raw_path).decode("utf-8", "replace").removeprefix("/")
    host = request.host.partition(":")[0]
    found = _VIRTUAL_HOST.fullmatch(host)
    if found is not None:
        return found["bucket"], path
    first = host.partition(".")[0]
    if first in objects.buckets:  # bucket.localhost, bucket.127.0.0.1.nip.io
        return first, path
    bucket, _, key = path.partition("/")
    return bucket, key


def _answer(world: Storage, request: Request, bucket: str, key: str) -> Response:
    if not bucket:
        return _service(world, request)
    if bucket not in world.objects.buckets:
        if request.method != "PUT" or key:
            raise Refusal("NoSuchBucket", "The specified bucket does not exist", details={"BucketName": bucket})
        admit(world, request, bucket=None)
        raise Refusal("AccessDenied", "Access Denied")
    if request.method == "POST" and not key and posting.is_form(request):
        return posting.post(world, request, bucket)
    visitor = admit(world, request, bucket=bucket)
    _check_known(request)
    if key:
        require(visitor, bucket, key)
        return _on_object(world.objects, request, visitor, bucket, key)
    require_all(visitor)
    return _on_bucket(world, request, bucket)


def _check_known(request: Request) -> None:
    """Refuse what this fake does not do rather than leave it undone."""
    for name in sorted(_SUBRESOURCES & request.query.keys()):
        raise Refusal("NotImplemented", f"The subresource {name} is not supported by this fake.")
    for name, value in request.headers.items():
        lower = name.lower()
        if not lower.startswith("x-amz-") or _KNOWN_AMZ.fullmatch(lower) or value in _HARMLESS.get(lower, ()):
            continue
        raise Refusal(
            "NotImplemented",
            "A header you provided implies functionality that is not implemented",
            details={"Header": lower},
        )


def _service(world: Storage, request: Request) -> Response:
    if request.method != "GET":
        raise _not_allowed(request)
    require_all(admit(world, request, bucket=None))
    return listing.list_buckets(world.objects)


def _not_allowed(request: Request) -> Refusal:
    return Refusal(
        "MethodNotAllowed",
        "The specified method is not allowed against this resource.",
        details={"Method": request.method},
    )


def _on_bucket(world: Storage, request: Request, bucket: str) -> Response:
    objects, query = world.objects, request.query
    match request.method:
        case "HEAD":
            return Response(headers=[*region_header(world, bucket).items(), ("Content-Type", "application/xml")])
        case "GET" if "location" in query:
            region = objects.buckets[bucket]
            return document("LocationConstraint", "" if region == "us-east-1" else region)
        case "GET" if "versioning" in query:
            return document("VersioningConfiguration", "")
        case "GET" if "uploads" in query:
            return listing.list_uploads(objects, request, bucket)
        case "GET" if query.get("list-type") == "2":
            return listing.list_v2(objects, request, bucket)
        case "GET" if "list-type" not in query:
            return listing.list_v1(objects, request, bucket)
        case "POST" if "delete" in query:
            return writing.delete_many(objects, request, bucket)
        case "PUT":
            raise Refusal(
                "BucketAlreadyOwnedByYou",
                "Your previous request to create the named bucket succeeded and you already own it.",
                details={"BucketName": bucket},
            )
    raise _not_allowed(request)


_Operation = Callable[[Objects, Request, Visitor, str, str], Response]


def _without_visitor(operation: Callable[[Objects, Request, str, str], Response]) -> _Operation:
    return lambda objects, request, _, bucket, key: operation(objects, request, bucket, key)


def _list_parts(objects: Objects, request: Request, _: Visitor, bucket: str, key: str) -> Response:
    return listing.list_parts(multipart.find_upload(objects, request, bucket, key), request)


# method, is it about an upload, does it copy
_OPERATIONS: Mapping[tuple[str, bool, bool], _Operation] = MappingProxyType(
    {
        ("GET", False, False): _without_visitor(reading.read),
        ("HEAD", False, False): _without_visitor(reading.read),
        ("PUT", False, False): writing.put,
        ("PUT", False, True): writing.copy,
        ("DELETE", False, False): _without_visitor(writing.delete),
        ("GET", True, False): _list_parts,
        ("PUT", True, False): multipart.put_part,
        ("PUT", True, True): multipart.copy_part,
        ("POST", True, False): _without_visitor(multipart.complete),
        ("DELETE", True, False): _without_visitor(multipart.abort),
    }
)


def _on_object(objects: Objects, request: Request, visitor: Visitor, bucket: str, key: str) -> Response:
    if request.method == "POST" and "uploads" in request.query:
        return multipart.create(objects, request, bucket, key)
    operation = _OPERATIONS.get((request.method, "uploadId" in request.query, "x-amz-copy-source" in request.headers))
    if operation is None:
        raise _not_allowed(request)
    return operation(objects, request, visitor, bucket, key)
