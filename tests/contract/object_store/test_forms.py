"""Presigned POST: the form as a stream, and the policy that decides."""

import base64
import hashlib
import hmac
import io
import json
from datetime import timedelta

import pytest

from comotion.adapters.fake_dash.exchange import Body, Request
from comotion.adapters.fake_dash.faces.object_store import object_store
from comotion.adapters.fake_dash.grants import signing_key
from comotion.ports.http import Headers
from tests.contract.object_store.conftest import BUCKET, code_of

BOUNDARY = "xYzZy"


class Dribble(io.BytesIO):
    """A stream that gives a few bytes at a time."""

    def read(self, size=-1, /):
        return super().read(min(size, 7))


def encoded(fields, content, *, after=()):
    lines = [f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{n}"\r\n\r\n{v}\r\n' for n, v in fields.items()]
    file = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="data.parquet"\r\n\r\n'
    rest = "".join(f'\r\n--{BOUNDARY}\r\nContent-Disposition: form-data; name="{n}"\r\n\r\nv' for n in after)
    return "".join([*lines, file]).encode() + content + f"{rest}\r\n--{BOUNDARY}--\r\n".encode()


def post(world, body, *, stream=io.BytesIO, content_type=f"multipart/form-data; boundary={BOUNDARY}"):
    request = Request(
        method="POST",
        target="/",
        host=f"{BUCKET}.s3.eu-west-1.amazonaws.com",
        headers=Headers({"Content-Type": content_type}),
        body=Body(stream(body), len(body)),
    )
    return object_store(world, request)


@pytest.fixture
def form(world):
    """Makes the fields of a presigned form, with more conditions or fields where asked for."""

    def make(*conditions, key="k", lasts=timedelta(hours=1), grant=None, region="eu-west-1", **fields):
        grant = grant or world.credentials.lasting
        now = world.clock.now()
        scope = f"{grant.access_key_id}/{now:%Y%m%d}/{region}/s3/aws4_request"
        signed = {
            "key": key,
            "x-amz-algorithm": "AWS4-HMAC-SHA256",
            "x-amz-credential": scope,
            "x-amz-date": f"{now:%Y%m%dT%H%M%SZ}",
        }
        if grant.session_token:
            signed["x-amz-security-token"] = grant.session_token
        given = [{name: value} for name, value in signed.items() if name != "key" or not conditions]
        policy = {
            "expiration": f"{now + lasts:%Y-%m-%dT%H:%M:%S.000Z}",
            "conditions": [{"bucket": BUCKET}, *given, *conditions],
        }
        text = base64.b64encode(json.dumps(policy).encode()).decode()
        day_key = signing_key(grant.secret_access_key, f"{now:%Y%m%d}", region)
        seal = hmac.new(day_key, text.encode(), hashlib.sha256).hexdigest()
        return {**signed, **fields, "policy": text, "x-amz-signature": seal}

    return make


def stored(world, key="k"):
    found = world.objects.get(BUCKET, key)
    return None if found is None else found.path.read_bytes()


def test_the_file_of_a_form_becomes_the_object(world, form):
    assert post(world, encoded(form(), b"content")).status == 204
    assert stored(world) == b"content"


@pytest.mark.parametrize(
    "content",
    [b"", b"\r\n", b"\r\n--xYz", b"--xYzZy", b"\r\n--xYzZ\r\n--xYzY", b"a\r\r\n\r\n--", bytes(range(256)) * 40],
)
def test_a_file_that_looks_like_the_end_of_the_form_is_kept_whole(world, form, content):
    assert post(world, encoded(form(), content), stream=Dribble).status == 204
    assert stored(world) == content


def test_what_follows_the_file_is_ignored(world, form):
    assert post(world, encoded(form(), b"content", after=["x-amz-meta-late"])).status == 204
    assert stored(world) == b"content"


def test_a_form_that_breaks_off_leaves_nothing(world, form):
    answer = post(world, encoded(form(), b"content" * 100)[:-30])
    assert (answer.status, code_of(answer)) == (400, "MalformedPOSTRequest")
    assert stored(world) is None


def test_an_expired_policy_is_refused(world, form):
    body = encoded(form(lasts=timedelta(minutes=5)), b"x")
    world.clock.advance(minutes=5)
    answer = post(world, body)
    assert (answer.status, code_of(answer)) == (403, "AccessDenied")
    assert b"Policy expired" in answer.body


def test_a_policy_that_was_changed_is_refused(world, form):
    fields = form()
    fields["policy"] = base64.b64encode(base64.b64decode(fields["policy"]) + b" ").decode()
    assert code_of(post(world, encoded(fields, b"x"))) == "SignatureDoesNotMatch"


def test_a_form_for_another_key_is_refused(world, form):
    answer = post(world, encoded(form() | {"key": "other"}, b"x"))
    assert code_of(answer) == "AccessDenied"
    assert b"Policy Condition failed" in answer.body


def test_a_field_that_no_condition_covers_is_refused(world, form):
    answer = post(world, encoded(form() | {"x-amz-meta-more": "1"}, b"x"))
    assert code_of(answer) == "AccessDenied"
    assert b"Extra input fields: x-amz-meta-more" in answer.body


def test_a_field_that_is_to_be_ignored_needs_no_condition(world, form):
    assert post(world, encoded(form() | {"x-ignore-me": "1"}, b"x")).status == 204


def test_a_key_may_be_free_behind_its_beginning(world, form):
    fields = form(["starts-with", "$key", "up/"], key="up/${filename}")
    assert post(world, encoded(fields, b"x")).status == 204
    assert stored(world, "up/data.parquet") == b"x"


def test_a_key_with_another_beginning_is_refused(world, form):
    fields = form(["starts-with", "$key", "up/"], key="down/x")
    assert code_of(post(world, encoded(fields, b"x"))) == "AccessDenied"


@pytest.mark.parametrize(
    ("size", "code"), [(1, "EntityTooSmall"), (11, "EntityTooLarge"), (5_000_000, "EntityTooLarge")]
)
def test_a_file_outside_the_length_range_is_refused_and_leaves_nothing(world, form, size, code):
    fields = form({"key": "k"}, ["content-length-range", 2, 10])
    answer = post(world, encoded(fields, bytes(size)))
    assert (answer.status, code_of(answer)) == (400, code)
    assert stored(world) is None


def test_a_form_signed_with_temporary_keys_ends_with_them(world, form):
    grant = world.credentials.issue_sts(BUCKET, "k")
    fields = form(grant=grant, lasts=timedelta(hours=5))
    assert post(world, encoded(fields, b"x")).status == 204
    world.clock.advance(hours=2)
    assert code_of(post(world, encoded(fields, b"x"))) == "ExpiredToken"


def test_a_form_for_another_region_is_refused(world, form):
    assert code_of(post(world, encoded(form(region="us-east-1"), b"x"))) == "AuthorizationQueryParametersError"


def test_a_form_without_a_file_is_refused(world, form):
    body = encoded(form(), b"").partition(b'--xYzZy\r\nContent-Disposition: form-data; name="file"')[0]
    assert code_of(post(world, body + b"--xYzZy--\r\n")) == "InvalidArgument"


def test_a_form_without_a_policy_is_refused(world):
    assert code_of(post(world, encoded({"key": "k"}, b"x"))) == "AccessDenied"


def test_a_form_without_a_boundary_is_refused(world):
    assert code_of(post(world, b"", content_type="multipart/form-data")) == "MalformedPOSTRequest"


def test_fields_without_end_are_refused(world, form):
    answer = post(world, encoded(form() | {"x-ignore-long": "x" * 30_000}, b"x"))
    assert code_of(answer) == "MaxPostPreDataLengthExceeded"


def test_a_form_may_ask_for_201_with_a_document(world, form):
    fields = form({"key": "k"}, {"success_action_status": "201"}, success_action_status="201")
    answer = post(world, encoded(fields, b"x"))
    assert answer.status == 201
    assert b"<Key>k</Key>" in answer.body


def test_a_form_may_carry_a_check_sum(world, form):
    right = base64.b64encode(hashlib.sha256(b"x").digest()).decode()
    name = "x-amz-checksum-sha256"
    conditions = ({"key": "k"}, ["starts-with", f"${name}", ""])
    assert post(world, encoded(form(*conditions, **{name: right}), b"x")).status == 204
    assert code_of(post(world, encoded(form(*conditions, **{name: right}), b"y"))) == "BadDigest"


@pytest.mark.parametrize("policy", ["", "bm9uZQ==", "W10=", "e30="])
def test_a_policy_that_is_none_is_refused(world, form, policy):
    fields = form() | {"policy": policy}
    key = signing_key(world.credentials.lasting.secret_access_key, fields["x-amz-date"][:8], "eu-west-1")
    fields["x-amz-signature"] = hmac.new(key, policy.encode(), hashlib.sha256).hexdigest()
    assert code_of(post(world, encoded(fields, b"x"))) == "InvalidPolicyDocument"


def test_the_worlds_own_form_is_good(world):
    told = world.credentials.presigned_post(BUCKET, "k", region="eu-west-1", url="https://x")
    assert post(world, encoded(told["fields"], b"x")).status == 204


@pytest.mark.parametrize("absent", ["x-amz-algorithm", "x-amz-credential", "x-amz-date", "x-amz-signature"])
def test_a_form_names_everything_its_signature_needs(world, form, absent):
    fields = {name: value for name, value in form().items() if name != absent}
    answer = post(world, encoded(fields, b"x"))
    assert code_of(answer) == "InvalidArgument"
    assert absent.encode() in answer.body


@pytest.mark.parametrize(
    "changed",
    [
        {"x-amz-algorithm": "AWS2"},
        {"x-amz-date": "now"},
        {"x-amz-date": "20010101T000000Z"},
        {"x-amz-credential": "x"},
    ],
)
def test_a_form_whose_signature_cannot_be_read_is_refused(world, form, changed):
    assert code_of(post(world, encoded(form() | changed, b"x"))) == "InvalidArgument"


def test_a_form_without_a_key_is_refused(world, form):
    assert code_of(post(world, encoded(form() | {"key": ""}, b"x"))) == "InvalidArgument"


def test_temporary_keys_sign_forms_for_their_own_object_only(world, form):
    fields = form(grant=world.credentials.issue_sts(BUCKET, "other"))
    assert code_of(post(world, encoded(fields, b"x"))) == "AccessDenied"


@pytest.mark.parametrize("target", ["https://app.example/done", "https://app.example/done?a=b"])
def test_a_form_may_send_the_browser_elsewhere(world, form, target):
    wish = {"success_action_redirect": target}
    answer = post(world, encoded(form({"key": "k"}, wish, **wish), b"x"))
    assert answer.status == 303
    assert answer.header("Location").startswith(target + ("&" if "?" in target else "?") + "bucket=lake-in&key=k")


def test_locations_are_spelled_as_urls(world, form):
    wish = {"success_action_redirect": "https://app.example/"}
    redirected = post(world, encoded(form({"key": "ü &"}, wish, key="ü &", **wish), b"x")).header("Location")
    assert redirected.startswith("https://app.example/?bucket=lake-in&key=%C3%BC%20%26&etag=%22")
    stored = post(world, encoded(form({"key": "ü/&"}, key="ü/&"), b"x")).header("Location")
    assert stored == "https://lake-in.s3.eu-west-1.amazonaws.com/%C3%BC/%26"


def test_a_field_that_is_no_utf8_is_refused(world):
    body = b'--xYzZy\r\nContent-Disposition: form-data; name="key"\r\n\r\n\xff\r\n--xYzZy--\r\n'
    assert code_of(post(world, body)) == "MalformedPOSTRequest"


def test_a_field_without_a_name_is_refused(world):
    body = b"--xYzZy\r\nContent-Disposition: form-data\r\n\r\nvalue\r\n--xYzZy--\r\n"
    assert code_of(post(world, body)) == "MalformedPOSTRequest"


def test_text_before_the_form_is_refused(world, form):
    assert code_of(post(world, b"hello\r\n" + encoded(form(), b"x"))) == "MalformedPOSTRequest"


def test_a_field_that_never_ends_is_refused(world):
    assert code_of(post(world, b"--xYzZy\r\n" + b"x" * 2_000_000)) == "MaxPostPreDataLengthExceeded"
