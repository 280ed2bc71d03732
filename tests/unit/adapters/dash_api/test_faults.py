"""An error body of any shape becomes an error that names operation, id, status and message, and no secret."""

import json

import pytest

from comotion.adapters.dash_api.faults import Asked, error_of, said
from comotion.domain import errors


def error(status: int, body: bytes, asked: Asked = Asked.LOAD, **more: str) -> errors.ApiException:
    return error_of(asked, "read load 7f", status, body, **more)


@pytest.mark.parametrize(
    ("asked", "status", "kind"),
    [
        (Asked.START_QUERY, 400, errors.BadSql),
        (Asked.QUERY, 404, errors.UnknownQuery),
        (Asked.START_MIGRATION, 409, errors.MigrationConflict),
        (Asked.DAILY_RUN, 404, errors.NoDailyRunSetting),
        (Asked.LOAD, 400, errors.BadRequestException),
        (Asked.LOAD, 401, errors.Unauthorised),
        (Asked.LOAD, 403, errors.Forbidden),
        (Asked.LOAD, 404, errors.NotFoundException),
        (Asked.LOAD, 409, errors.Conflict),
        (Asked.LOAD, 500, errors.ApiException),
        (Asked.LOAD, 302, errors.ApiException),
        (Asked.V1_UPLOAD, 403, errors.ApiException),
        (Asked.RESULT_FILE, 403, errors.ApiException),
    ],
)
def test_operation_and_status_decide_the_class(asked, status, kind):
    assert type(error(status, b"{}", asked)) is kind


def test_scripts_catch_the_published_classes():
    assert isinstance(error(400, b"", Asked.START_QUERY), ValueError)
    assert isinstance(error(404, b"", Asked.QUERY), ValueError)
    assert isinstance(error(409, b"", Asked.START_MIGRATION), ValueError)
    assert isinstance(error(403, b"", Asked.DAILY_RUN), errors.UnAuthenticatedException)


def test_a_refusal_of_v1_is_not_taken_for_a_missing_sign_in():
    assert not isinstance(error(403, b"", Asked.V1_UPLOAD), errors.UnAuthenticatedException)


def test_the_error_names_operation_id_status_and_message():
    wrong = error(400, b'{"message": "Invalid check sum"}')
    assert str(wrong) == "read load 7f: HTTP 400: Invalid check sum"
    assert (wrong.operation, wrong.status, wrong.body) == ("read load 7f", 400, '{"message": "Invalid check sum"}')


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ('{"message": "no such load"}', "no such load"),
        ('{"Message": "User is not authorized"}', "User is not authorized"),
        ('{"message": null, "error": "gone"}', "gone"),
        ('{"error": {"message": "nested"}}', "nested"),
        ('{"errors": 3}', '{"errors": 3}'),
        ('["one", {"message": "two"}]', "one; two"),
        ('"just text"', "just text"),
        ("plain words\nin two lines", "plain words in two lines"),
        ("<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>", "502 Bad Gateway"),
        ("<h1>Sorry</h1><script>alert(1)</script> &amp; bye", "Sorry & bye"),
        ("<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>",
         "AccessDenied: Request has expired"),
        ("{broken", "{broken"),
        ("", "the service gave no reason"),
        ("  \n", "the service gave no reason"),
        ("{}", "{}"),
    ],
)  # fmt: skip
def test_the_message_is_found_in_a_body_of_any_shape(body, message):
    assert said(body) == message


def test_a_binary_body_is_named_by_its_size():
    assert "2 bytes that are no text" in str(error(500, b"\xff\x00"))


def test_a_page_that_is_not_utf_8_is_still_read():
    assert str(error(502, b"<title>Fehler: \xfcberlastet</title>")).endswith("HTTP 502: Fehler: überlastet")


def test_a_long_message_is_cut():
    wrong = error(500, b"x" * 10_000)
    assert len(str(wrong)) < 600
    assert len(wrong.body) == 2_000


def test_the_message_of_a_long_body_is_still_found():
    body = json.dumps({"message": "at the head", "trace": "x" * 10_000}).encode()
    assert str(error(500, body)) == "read load 7f: HTTP 500: at the head"


@pytest.mark.parametrize(
    "body",
    [
        '{"message": "bad", "access_token": "SECRET-VALUE"}',
        "Authorization: Bearer SECRET-VALUE-LONG-ENOUGH was refused",
        "https://s3.example/x?X-Amz-Signature=SECRET-VALUE&X-Amz-Date=1",
        "<Error><AWSAccessKeyId>SECRET-VALUE</AWSAccessKeyId></Error>",
        '{"client_secret":"SECRET-VALUE"}',
        "token eyJhbGciOiJSUzI1NiJ9.SECRET-VALUE.sig was refused",
    ],
)
def test_a_secret_that_the_service_echoes_is_not_repeated(body):
    wrong = error(403, body.encode())
    assert "SECRET" not in str(wrong) + wrong.body


def test_the_api_key_that_was_sent_is_not_repeated():
    wrong = error(403, b'{"message": "key k-123 is unknown"}', Asked.V1_UPLOAD, secret="k-123")
    assert "k-123" not in str(wrong) + wrong.body


@pytest.mark.parametrize(
    ("asked", "said_wait"),
    [
        ("3600", "; the service asks to wait 3600 s before the next try"),
        (
            "Fri, 27 Nov 2026 13:00:00 GMT",
            "; the service asks to wait until 2026-11-27 13:00:00 UTC before the next try",
        ),
        ("soon", ""),
        (None, ""),
    ],
)
def test_an_error_names_the_wait_that_the_service_asks_for(asked, said_wait):
    wrong = error(429, b'{"message": "Too Many Requests"}', retry_after=asked)
    assert str(wrong) == f"read load 7f: HTTP 429: Too Many Requests{said_wait}"
