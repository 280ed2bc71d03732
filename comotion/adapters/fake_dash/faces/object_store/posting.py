"""POST of a form: the browser's way to put an object, by a policy that somebody with credentials signed."""

from collections.abc import Iterator, Mapping
from urllib.parse import quote, urlencode

from comotion.adapters.fake_dash.exchange import Request, Response
from comotion.adapters.fake_dash.faces.object_store.documents import document
from comotion.adapters.fake_dash.faces.object_store.doorman import Storage, holder, region_header
from comotion.adapters.fake_dash.faces.object_store.form_data import Form, boundary_of
from comotion.adapters.fake_dash.faces.object_store.intake import Promises, named_sums, take
from comotion.adapters.fake_dash.faces.object_store.post_policy import Policy, parse_policy
from comotion.adapters.fake_dash.faces.object_store.refusals import Refusal, bad_signature
from comotion.adapters.fake_dash.faces.object_store.sigv4 import ALGORITHM, parse_scope, parse_stamp, same, seal
from comotion.adapters.fake_dash.faces.object_store.writing import check_key, keep, kept_fields, location_of
from comotion.adapters.fake_dash.grants import signing_key

_SIGNED_FIELDS = ("policy", "x-amz-algorithm", "x-amz-credential", "x-amz-date", "x-amz-signature")


def is_form(request: Request) -> bool:
    return request.headers.get("content-type", "").lower().startswith("multipart/form-data")


def post(world: Storage, request: Request, bucket: str) -> Response:
    """Store the form's file under the key the form names."""
    boundary = boundary_of(request.headers["content-type"])
    if boundary is None:
        raise Refusal("MalformedPOSTRequest", "The body of your POST request is not well-formed multipart/form-data.")
    form = Form(request.body, boundary)
    key = form.fields.get("key", "").replace("${filename}", form.file_name)
    if not key:
        raise Refusal("InvalidArgument", "Bucket POST must contain a field named 'key'.")
    check_key(key)
    policy = _admitted(world, form.fields, bucket, key)
    promises = Promises(md5=form.fields.get("content-md5"), sums=named_sums(form.fields))
    kept = kept_fields(form.fields)
    taken = take(world.objects, _within(form.file_chunks(), policy), promises)
    stored = keep(world.objects, request, bucket, key, taken, kept)
    return _answer(request, form.fields, bucket, key, stored.etag)


def _admitted(world: Storage, fields: Mapping[str, str], bucket: str, key: str) -> Policy:
    """The policy, when its signature is good, its conditions hold, and its signer may write there."""
    absent = next((name for name in _SIGNED_FIELDS if name not in fields), None)
    if absent == "policy":
        raise Refusal("AccessDenied", "Access Denied", headers=region_header(world, bucket))
    if absent is not None:
        raise Refusal("InvalidArgument", f"Bucket POST must contain a field named '{absent}'.")
    if fields["x-amz-algorithm"] != ALGORITHM:
        raise Refusal("InvalidArgument", "x-amz-algorithm must be AWS4-HMAC-SHA256")
    wrong = Refusal("InvalidArgument", "The x-amz-credential or x-amz-date field is malformed.")
    scope = parse_scope(fields["x-amz-credential"], wrong)
    if scope.day != f"{parse_stamp(fields['x-amz-date'], wrong):%Y%m%d}":
        raise wrong
    grant = holder(world, scope, fields.get("x-amz-security-token"))
    expected = world.objects.buckets[bucket]
    if scope.region != expected:
        raise Refusal(
            "AuthorizationQueryParametersError",
            f"Error parsing the x-amz-credential field; the region '{scope.region}' is wrong; expecting '{expected}'",
            details={"Region": expected},
            headers=region_header(world, bucket),
        )
    good = seal(signing_key(grant.secret_access_key, scope.day, scope.region), fields["policy"])
    if not same(fields["x-amz-signature"], good):
        raise bad_signature()
    policy = parse_policy(fields["policy"])
    policy.check({**fields, "bucket": bucket}, world.clock.now())
    if not grant.opens(bucket, key):
        raise Refusal("AccessDenied", "Access Denied")
    return policy


def _within(pieces: Iterator[bytes], policy: Policy) -> Iterator[bytes]:
    """The pieces, refused as soon as they are too many, or too few at the end."""
    size_bytes = 0
    for piece in pieces:
        size_bytes += len(piece)
        if policy.largest_bytes is not None and size_bytes > policy.largest_bytes:
            policy.check_size(size_bytes)
        yield piece
    policy.check_size(size_bytes)


def _answer(request: Request, fields: Mapping[str, str], bucket: str, key: str, etag: str) -> Response:
    where = location_of(request, bucket, key)
    headers = [("ETag", f'"{etag}"'), ("Location", where)]
    if target := fields.get("success_action_redirect"):
        told = urlencode({"bucket": bucket, "key": key, "etag": f'"{etag}"'}, quote_via=quote)
        return Response(status=303, headers=[("Location", f"{target}{'&' if '?' in target else '?'}{told}")])
    status = fields.get("success_action_status", "204")
    if status == "201":
        answer = document(
            "PostResponse",
            [("Location", where), ("Bucket", bucket), ("Key", key), ("ETag", f'"{etag}"')],
            headers=headers,
        )
        answer.status = 201
        return answer
    return Response(status=200 if status == "200" else 204, headers=headers)
