"""GET and HEAD of an object: its header fields, conditions, and one range of its bytes."""

import re
from email.utils import format_datetime

from comotion.adapters.fake_dash.exchange import FileSlice, Request, Response
from comotion.adapters.fake_dash.faces.object_store.checksums import HEADER
from comotion.adapters.fake_dash.faces.object_store.conditions import check_read
from comotion.adapters.fake_dash.faces.object_store.refusals import Refusal
from comotion.adapters.fake_dash.objects import Objects
from comotion.adapters.fake_dash.stored import StoredObject

_RANGE = re.compile(r"bytes=([0-9]{0,19})-([0-9]{0,19})")
_OVERRIDES = (
    "cache-control",
    "content-disposition",
    "content-encoding",
    "content-language",
    "content-type",
    "expires",
)


def find(objects: Objects, bucket: str, key: str) -> StoredObject:
    """The object. Raises NoSuchKey."""
    stored = objects.get(bucket, key)
    if stored is None:
        raise Refusal("NoSuchKey", "The specified key does not exist.", details={"Key": key})
    return stored


def read(objects: Objects, request: Request, bucket: str, key: str) -> Response:
    """Answer GET or HEAD."""
    stored = find(objects, bucket, key)
    if "partNumber" in request.query:
        raise Refusal("NotImplemented", "Reading a single part of an object is not supported here")
    headers = [("Last-Modified", format_datetime(stored.modified, usegmt=True)), ("ETag", f'"{stored.etag}"')]
    if not check_read(request, stored):
        return Response(status=304, headers=headers)
    headers += [("Accept-Ranges", "bytes"), *_fields(request, stored)]
    status, body = 200, FileSlice(stored.path, 0, stored.size_bytes)
    if wanted := _range(request, stored):
        status, body = 206, FileSlice(stored.path, *wanted)
        headers.append(("Content-Range", f"bytes {wanted[0]}-{wanted[1] - 1}/{stored.size_bytes}"))
    elif request.headers.get("x-amz-checksum-mode", "").upper() == "ENABLED":
        headers += [(HEADER + name, value) for name, value in stored.checksums.items()]
        if stored.checksums:
            is_composite = any("-" in value for value in stored.checksums.values())
            headers.append((f"{HEADER}type", "COMPOSITE" if is_composite else "FULL_OBJECT"))
    return Response(status=status, headers=headers, body=body)


def _fields(request: Request, stored: StoredObject) -> list[tuple[str, str]]:
    """The object's own header fields, as the query wants them changed."""
    query = request.query
    changed = {name: query[f"response-{name}"] for name in _OVERRIDES if f"response-{name}" in query}
    fields = {name.lower(): value for name, value in stored.fields.items()} | changed
    fields.setdefault("content-type", "binary/octet-stream")
    return list(fields.items())


def _range(request: Request, stored: StoredObject) -> tuple[int, int] | None:
    """The range asked for, its end exclusive; None for the whole object (also where Range makes no sense)."""
    found = _RANGE.fullmatch(request.headers.get("range", "").replace(" ", ""))
    if found is None or not any(found.groups()):
        return None
    first, last = found.groups()
    size = stored.size_bytes
    if first:
        start, stop = int(first), min(int(last) + 1, size) if last else size
        if last and int(last) < int(first):
            return None
    else:
        start, stop = max(0, size - int(last)), size
    if start >= size:
        raise Refusal(
            "InvalidRange",
            "The requested range is not satisfiable",
            details={"RangeRequested": request.headers["range"], "ActualObjectSize": str(size)},
            headers={"Content-Range": f"bytes */{size}"},
        )
    return start, stop
