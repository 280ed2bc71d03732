"""Where a request goes: its face, and the name of its operation, by which faults and the log know it.

::

    identity      discovery realm keys authorise log_in token log_out revoke user_info
    api           run_query query_info stop_query results_page result_csv create_load load_info file_ticket
                  commit_load start_migration migration_status
    v1            v1_upload
    daily_run     daily_run_enabled enable_daily_run daily_run_history start_daily_run
    object_store  put_object upload_part create_multipart complete_multipart abort_multipart post_object get_object
                  head_object delete_object delete_objects copy_object list_objects list_parts list_uploads bucket
    other         admin openapi unknown

The console is no operation: the log does not know it.
"""

from collections.abc import Mapping
from types import MappingProxyType

from attrs import field, frozen

from comotion.adapters.fake_dash.addresses import bare, face_of_host, names_bucket
from comotion.adapters.fake_dash.exchange import Request
from comotion.adapters.fake_dash.faces import admin, api, daily_run, description, identity, v1
from comotion.adapters.fake_dash.faces.guard import LOOPBACK
from comotion.adapters.fake_dash.routing import Match
from comotion.ports.http import Headers

FINDERS = MappingProxyType(
    {
        "admin": admin.find,
        "api": api.find,
        "daily_run": daily_run.find,
        "description": description.find,
        "identity": identity.find,
        "v1": v1.find,
    }
)
BY_PATH = MappingProxyType(
    {
        "_fake": "admin",
        "auth": "identity",
        "console": "console",
        "openapi.yaml": "description",
        "superset": "daily_run",
        "v1": "v1",
        "v2": "api",
    }
)
STORE = (
    "put_object", "upload_part", "create_multipart", "complete_multipart", "abort_multipart", "post_object",
    "get_object", "head_object", "delete_object", "delete_objects", "copy_object", "list_objects", "list_parts",
    "list_uploads", "bucket",
)  # fmt: skip
ROUTED = (route.operation for face in (admin, api, daily_run, description, identity, v1) for route in face.ROUTES)
NAMES = frozenset((*STORE, *ROUTED, "unknown"))


@frozen
class Destination:
    """A face, the operation's name, and the route where the face has routes."""

    face: str
    operation: str
    match: Match = field(factory=lambda: Match(None, {}))


def destination(request: Request) -> Destination:
    """The face that a request is for: by the service's own host names, else by the first word of its path."""
    segments = request.segments
    face = face_of_host(request.host) or face_of_host(request.headers.get("X-Forwarded-Host", ""))
    if face is None:
        face = BY_PATH.get(segments[0], "object_store")
    if face == "console" or (face == "object_store" and _is_browser_at_root(request)):
        return Destination("console", "console")
    if face == "object_store":
        return Destination(face, object_operation(request.method, request, request.headers))
    found = FINDERS[face](request.method, segments)
    return Destination(face, found.route.operation if found.route else "unknown", found)


def _is_browser_at_root(request: Request) -> bool:
    """Whether a person has typed the server's URL: an S3 client that lists buckets there does not ask for HTML."""
    wants_page = "text/html" in request.headers.get("Accept", "") and "Authorization" not in request.headers
    is_root = request.method in ("GET", "HEAD") and request.target == "/"
    return is_root and wants_page and bare(request.host) in LOOPBACK


def object_operation(method: str, request: Request, headers: Headers) -> str:
    """The S3 operation, told by method, query, and whether a key is named."""
    asked = request.query
    if not _names_key(request):
        return _on_bucket(method, asked)
    named = {
        "PUT": "upload_part" if "partNumber" in asked else "put_object",
        "POST": _POSTED.get(next((word for word in _POSTED if word in asked), ""), "post_object"),
        "GET": "list_parts" if "uploadId" in asked else "get_object",
        "HEAD": "head_object",
        "DELETE": "abort_multipart" if "uploadId" in asked else "delete_object",
    }.get(method, "unknown")
    return "copy_object" if named == "put_object" and "x-amz-copy-source" in headers else named


def _names_key(request: Request) -> bool:
    """Whether the path names an object, and not only a bucket, or nothing."""
    path = request.path.removeprefix("/")
    return bool(path) if names_bucket(request.host) else bool(path.partition("/")[2])


def _on_bucket(method: str, asked: Mapping[str, str]) -> str:
    """The operation on a bucket; one that makes, looks at or lists buckets is called ``bucket``."""
    if method == "POST":
        return "delete_objects" if "delete" in asked else "post_object"
    if method == "GET" and "uploads" in asked:
        return "list_uploads"
    if method == "GET" and not _ABOUT_BUCKETS & asked.keys():
        return "list_objects"
    return "bucket" if method in ("GET", "HEAD", "PUT", "DELETE") else "unknown"


_POSTED = {"uploads": "create_multipart", "uploadId": "complete_multipart"}
_ABOUT_BUCKETS = frozenset({"location", "versioning"})
