"""Answers that no Dash should give, through every layer down to requests: each ends in one clear error."""

import base64
import json

import pytest
import requests
import responses
import urllib3

from comotion.dash import (
    ApiException,
    Auth,
    BadRequestException,
    DailyRun,
    DashConfig,
    Load,
    Migration,
    NotFoundException,
    Query,
    UnAuthenticatedException,
    upload_csv_to_dash,
)
from comotion.domain.errors import BrokenAnswer, IncompleteDownload, MigrationConflict, OutcomeUnknown, UnknownQuery

V2 = "https://my_org.api.comodash.io/v2"
SUPERSET = "https://api.my_org.comodash.io/superset"
TOKEN_URL = "https://auth.comotion.us/auth/realms/my_org/protocol/openid-connect/token"
LINK = "https://results.s3.eu-west-1.amazonaws.com/r.csv?X-Amz-Signature=hush"
SCOPES = "dailyrun:enabled:read dailyrun:enabled:write dailyrun:execution:read dailyrun:execution:write"

ODD_BODIES = {
    "json": b'{"message": "because"}',
    "capital": b'{"Message": "because"}',
    "list": b'["because"]',
    "html": b"<html><head><title>because</title></head><body>x</body></html>",
    "xml": b"<Error><Code>No</Code><Message>because</Message></Error>",
    "empty": b"",
    "binary": b"\x00\xff\x00",
    "broken json": b'{"message": "bec',
}


class SignedIn:
    """A credentials cache with somebody in it."""

    def __init__(self, issuer: str, orgname: str) -> None:
        self.token = f"refresh {orgname}"

    def get_current_user(self) -> str:
        return "jane"

    def get_refresh_token(self) -> str:
        return self.token

    def set_refresh_token(self, username: str, token: str) -> None:
        self.token = token


def jwt(**claims: object) -> str:
    body = base64.urlsafe_b64encode(json.dumps({"exp": 4102444800, **claims}).encode()).decode().rstrip("=")
    return f"e30.{body}.sig"


@pytest.fixture
def service(monkeypatch):
    """Every request is answered by the test; the token endpoint always works."""
    for name in (
        "COMOTION_ISSUER",
        "COMOTION_API_URL",
        "COMOTION_V1_URL",
        "COMOTION_DAILY_RUN_URL",
        "COMOTION_ZONE",
    ):
        monkeypatch.delenv(name, raising=False)
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        token = jwt(aud="dash_api", scope=SCOPES)
        mock.post(TOKEN_URL, json={"access_token": token, "refresh_token": "refresh my_org"})
        yield mock


@pytest.fixture
def config(service) -> DashConfig:
    return DashConfig(Auth("my_org", credentials_cache_class=SignedIn))


@pytest.fixture(params=ODD_BODIES.values(), ids=ODD_BODIES)
def body(request) -> bytes:
    return request.param


def named(error: ApiException, operation: str, status: int) -> None:
    assert f"{operation}" in str(error)
    assert f"HTTP {status}: " in str(error)
    assert error.status == status
    assert "e30." not in str(error) + error.body


def test_bad_sql_is_a_value_error_with_any_body(service, config, body):
    service.post(f"{V2}/query", status=400, body=body)
    with pytest.raises(ValueError) as caught:
        Query(config, "selec 1")
    named(caught.value, "run query", 400)


def test_an_unknown_query_is_a_value_error_with_any_body(service, config, body):
    service.get(f"{V2}/query/q1", status=404, body=body)
    with pytest.raises(UnknownQuery) as caught:
        Query(config, query_id="q1").state()
    named(caught.value, "read query q1", 404)


def test_a_refused_load_is_an_api_exception_with_any_body(service, config, body):
    service.post(f"{V2}/load", status=400, body=body)
    with pytest.raises(BadRequestException) as caught:
        Load(config, table_name="motor", load_as_service_client_id="0")
    named(caught.value, "create load for table motor", 400)


def test_a_migration_that_cannot_start_is_a_value_error_with_any_body(service, config, body):
    service.post(f"{V2}/migration", status=409, body=body)
    with pytest.raises(MigrationConflict) as caught:
        Migration(config).start()
    assert isinstance(caught.value, ValueError)
    named(caught.value, "start migration FLASH_SCHEMA", 409)


def test_a_daily_run_403_is_unauthenticated_with_any_body(service, config, body):
    service.get(f"{SUPERSET}/dailyRun/dailyRun_enabled", status=403, body=body)
    with pytest.raises(UnAuthenticatedException) as caught:
        DailyRun(config).get_daily_run_enabled()
    named(caught.value, "read whether the daily run is enabled", 403)


def test_a_daily_run_404_is_a_value_error_with_any_body(service, config, body):
    service.get(f"{SUPERSET}/dailyRun/dailyRun_enabled", status=404, body=body)
    with pytest.raises(ValueError, match="404"):
        DailyRun(config).get_daily_run_enabled()


def test_a_refused_v1_upload_is_an_http_error_with_any_body(service, body):
    service.post("https://api.comodash.io/v1/data-input-file", status=400, body=body)
    with pytest.raises(requests.HTTPError) as caught:
        upload_csv_to_dash("my_org", "key", "motor", b"gz")
    named(caught.value, "upload to v1 table motor", 400)
    assert caught.value.response.status_code == 400


@pytest.mark.parametrize("odd", [b"", b"[]", b"null", b"{}", b"<html>", b"\xff", b'{"queryId": ""}'])
def test_a_started_query_without_an_id_is_a_broken_answer(service, config, odd):
    service.post(f"{V2}/query", status=202, body=odd)
    with pytest.raises(BrokenAnswer, match="run query"):
        Query(config, "select 1")


@pytest.mark.parametrize("status", [200, 201, 202])
def test_any_2xx_will_do(service, config, status):
    service.post(f"{V2}/query", status=status, json={"queryId": "q1", "novelty": {}})
    assert Query(config, "select 1").query_id == "q1"


@pytest.mark.parametrize("fault", [requests.exceptions.ReadTimeout("slow"), 500, 502, 504, 408])
def test_a_query_that_may_have_started_is_not_started_again(service, config, fault):
    answer = {"status": fault} if isinstance(fault, int) else {"body": fault}
    started = service.post(f"{V2}/query", **answer)
    with pytest.raises(OutcomeUnknown):
        Query(config, "select 1")
    assert started.call_count == 1


def test_unknown_members_and_states_are_carried_through(service, config):
    service.get(f"{V2}/query/q1", json={"queryId": "q1", "status": {"state": "PLANNING", "eta": 3}, "cost": 1})
    query = Query(config, query_id="q1")
    assert query.state() == "PLANNING"
    assert not query.is_complete()


@pytest.mark.parametrize("messages", [["a: b"], [{"ErrorType": "a", "ErrorMessage": "b"}]])
def test_error_messages_of_both_shapes_read_alike(service, config, messages):
    service.get(f"{V2}/load/l1", json={"LoadStatus": "FAIL", "ErrorMessages": messages})
    info = Load(config, load_id="l1").get_load_info()
    assert info.error_messages == ["a: b"]
    assert info.to_dict() == {"LoadStatus": "FAIL", "ErrorMessages": ["a: b"]}


# results


CSV = b'"a"\n"1"\n'


def linked(service, **answer) -> None:
    service.get(f"{V2}/query/q1/csv", status=302, headers={"Location": LINK})
    service.get(LINK, **answer)


def test_the_token_goes_to_the_api_and_not_to_the_link(service, config, tmp_path):
    linked(service, body=CSV)
    Query(config, query_id="q1").download_csv(tmp_path / "r.csv")
    api, link = [call.request for call in service.calls if "/token" not in call.request.url]
    assert api.headers["Authorization"].startswith("Bearer ")
    assert "Authorization" not in link.headers
    assert (tmp_path / "r.csv").read_bytes() == CSV


@pytest.mark.parametrize("answer", [
    {"status": 403, "body": b"<Error><Code>AccessDenied</Code></Error>", "content_type": "application/xml"},
    {"status": 200, "body": b"<Error><Code>SlowDown</Code></Error>", "content_type": "application/xml"},
    {"status": 200, "body": b"<html>sign in</html>", "content_type": "text/html"},
    {"status": 200, "body": b'{"message": "no"}', "content_type": "application/json"},
    {"status": 404, "body": b""},
    {"status": 204, "body": b""},
])  # fmt: skip
def test_what_is_no_result_is_never_saved(service, config, tmp_path, answer):
    linked(service, **answer)
    service.get(f"{V2}/query/q1", json={"status": {"state": "SUCCEEDED"}})
    with pytest.raises((ApiException, BrokenAnswer)) as caught:
        Query(config, query_id="q1").download_csv(tmp_path / "r.csv")
    assert list(tmp_path.iterdir()) == []
    assert "hush" not in str(caught.value)


def test_a_short_body_is_an_incomplete_read_and_nothing_is_saved(service, config, tmp_path):
    linked(service, body=CSV, headers={"Content-Length": "99"}, auto_calculate_content_length=False)
    with pytest.raises(urllib3.exceptions.IncompleteRead) as caught:
        Query(config, query_id="q1").download_csv(tmp_path / "r.csv")
    assert isinstance(caught.value, IncompleteDownload)
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_exists_may_be_kept_without_any_call(service, config, tmp_path):
    (tmp_path / "r.csv").write_bytes(b"mine")
    with pytest.raises(FileExistsError):
        Query(config, query_id="q1").download_csv(tmp_path / "r.csv", fail_if_exists=True)
    assert (tmp_path / "r.csv").read_bytes() == b"mine"
    assert len(service.calls) == 0


# stopping


@pytest.mark.parametrize("status", [200, 202, 204])
def test_a_stop_that_is_taken_is_a_stop(service, config, status):
    service.delete(f"{V2}/query/q1", status=status)
    Query(config, query_id="q1").stop()


@pytest.mark.parametrize("status", [400, 409])
@pytest.mark.parametrize("state", ["SUCCEEDED", "FAILED", "CANCELLED"])
def test_a_refused_stop_of_a_finished_query_is_success(service, config, status, state):
    service.delete(f"{V2}/query/q1", status=status)
    service.get(f"{V2}/query/q1", json={"status": {"state": state}})
    Query(config, query_id="q1").stop()


def test_a_refused_stop_of_a_running_query_is_an_error(service, config):
    service.delete(f"{V2}/query/q1", status=409)
    service.get(f"{V2}/query/q1", json={"status": {"state": "RUNNING"}})
    with pytest.raises(ApiException):
        Query(config, query_id="q1").stop()


def test_a_stop_of_an_unknown_query_is_an_error_at_once(service, config):
    service.delete(f"{V2}/query/q1", status=404)
    with pytest.raises(NotFoundException):
        Query(config, query_id="q1").stop()
    assert not [call for call in service.calls if call.request.method == "GET"]
