"""The v2 face keeps what section 2 of the wire contract says of loads."""

import decimal
from datetime import timedelta

import pyarrow as pa
import pytest

from comotion.adapters.fake_dash.progress import Pace
from tests.contract.fake.dash_client import API, Dash

MOTOR = pa.table({"id": [1, 2, 3], "premium": [0.1, 0.2, 0.3]})


def committed(dash: Dash, table: pa.Table, sums: dict[str, object], **more: object) -> str:
    load = dash.open_load(**more)
    dash.put(load, table, "part_1")
    assert dash.commit(load, sums).status == 202
    return load


def test_a_refused_commit_leaves_no_file_behind(dash: Dash) -> None:
    load = dash.open_load()
    dash.put(load, MOTOR, "part_1")
    before = sorted(dash.fake.world.directory.iterdir())
    assert dash.commit(load, {"count(": 3}).status == 400
    assert sorted(dash.fake.world.directory.iterdir()) == before


def test_a_new_load_is_open(dash: Dash) -> None:
    answer = dash.create_load()
    assert answer.status == 202
    assert dash.load_info(answer.json()["loadId"]) == {"LoadStatus": "OPEN"}


def test_a_load_whose_sums_are_right_puts_its_rows_into_the_table(dash: Dash) -> None:
    load = committed(dash, MOTOR, {"count(*)": 3, "sum(premium)": 0.6})
    assert dash.load_info(load) == {"LoadStatus": "SUCCESS"}
    assert dash.fake.tables["motor"].rows == [
        {"id": 1, "premium": 0.1, "service_client_id": "0"},
        {"id": 2, "premium": 0.2, "service_client_id": "0"},
        {"id": 3, "premium": 0.3, "service_client_id": "0"},
    ]


@pytest.mark.parametrize(
    ("sums", "said"),
    [
        ({"count(*)": 4}, "expected 4, found 3"),
        ({"sum(premium)": 0.7}, "expected 0.7, found 0.6"),
        ({"sum(nope)": 1}, "Column 'nope' cannot be resolved"),
        ({"count(*)": 3, "max(id)": "4"}, "expected 4, found 3"),
    ],
)
def test_a_load_whose_sums_are_wrong_fails_and_leaves_the_table_as_it_was(
    dash: Dash, sums: dict[str, object], said: str
) -> None:
    committed(dash, MOTOR, {"count(*)": 3})
    info = dash.load_info(committed(dash, MOTOR, sums))
    assert info["LoadStatus"] == "FAIL"
    assert len(info["ErrorMessages"]) == 1
    assert said in info["ErrorMessages"][0]
    assert len(dash.fake.tables["motor"]) == 3


def test_messages_may_come_as_objects(dash: Dash) -> None:
    dash.fake.manners.messages_as_objects = True
    info = dash.load_info(committed(dash, MOTOR, {"count(*)": 4}))
    assert set(info["ErrorMessages"][0]) == {"ErrorType", "ErrorMessage"}


def test_sums_are_taken_over_all_files_of_the_load(dash: Dash) -> None:
    load = dash.open_load()
    dash.put(load, MOTOR, "part_1")
    dash.put(load, pa.table({"id": [4], "premium": [1.0]}), "part_2")
    dash.put(load, pa.table({"id": [5], "premium": [1.0]}))
    dash.commit(load, {"count(*)": 5, "sum(id)": 15})
    assert dash.load_info(load)["LoadStatus"] == "SUCCESS"


def test_two_uploads_under_one_key_leave_the_last(dash: Dash) -> None:
    load = dash.open_load()
    dash.put(load, MOTOR, "part_1")
    dash.put(load, pa.table({"id": [9], "premium": [1.0]}), "part_1")
    dash.commit(load, {"count(*)": 1, "min(id)": 9})
    assert dash.load_info(load)["LoadStatus"] == "SUCCESS"


def test_one_key_is_one_place(dash: Dash) -> None:
    load = dash.open_load()
    first, again, other = (dash.ticket(load, key).json() for key in ("part_1", "part_1", "part_2"))
    assert first["path"] == again["path"] != other["path"]


def test_decimals_agree_exactly(dash: Dash) -> None:
    table = pa.table({"amount": pa.array([decimal.Decimal("0.10"), decimal.Decimal("0.20")])})
    assert dash.load_info(committed(dash, table, {"sum(amount)": "0.30"}))["LoadStatus"] == "SUCCESS"
    assert dash.load_info(committed(dash, table, {"sum(amount)": "0.31"}))["LoadStatus"] == "FAIL"


def test_a_ticket_names_bucket_path_credentials_and_region(dash: Dash) -> None:
    ticket = dash.ticket(dash.open_load(), "part_1").json()
    assert ticket["bucket"] == dash.fake.organisation.bucket
    assert ticket["presigned_url"]["fields"]["key"] == ticket["path"]
    assert ticket["presigned_url"]["fields"]["x-amz-credential"].split("/")[2] == "eu-west-1"
    assert ticket["sts_credentials"]["SessionToken"]


def test_a_table_without_its_own_client_column_needs_it_in_the_data(dash: Dash) -> None:
    load = committed(dash, MOTOR, {"count(*)": 3}, client=None)
    info = dash.load_info(load)
    assert info["LoadStatus"] == "FAIL"
    assert "service_client_id" in info["ErrorMessages"][0]
    own = MOTOR.append_column("service_client_id", pa.array(["a", "b", "c"]))
    assert dash.load_info(committed(dash, own, {"count(*)": 3}, client=None))["LoadStatus"] == "SUCCESS"


def test_files_whose_types_cannot_be_joined_fail_the_load(dash: Dash) -> None:
    load = dash.open_load()
    dash.put(load, pa.table({"id": [1]}), "part_1")
    dash.put(load, pa.table({"id": ["one"]}), "part_2")
    dash.commit(load, {"count(*)": 2})
    info = dash.load_info(load)
    assert info["LoadStatus"] == "FAIL"
    assert "id" in info["ErrorMessages"][0]


def test_a_file_that_is_no_parquet_fails_the_load(dash: Dash) -> None:
    load = dash.open_load()
    dash.put(load, b"id,premium\n1,2\n", "part_1")
    dash.commit(load, {"count(*)": 1})
    assert dash.load_info(load)["ErrorMessages"] == ["File part_1 is not a Parquet file"]


def test_a_load_without_files_cannot_be_committed(dash: Dash) -> None:
    load = dash.open_load()
    dash.ticket(load, "part_1")
    answer = dash.commit(load, {"count(*)": 0})
    assert answer.status == 400
    assert "no files" in answer.message
    assert dash.load_info(load)["LoadStatus"] == "OPEN"


def test_a_committed_load_takes_no_file_and_no_second_commit(dash: Dash) -> None:
    load = committed(dash, MOTOR, {"count(*)": 3})
    assert dash.ticket(load, "part_2").status == 400
    assert dash.commit(load, {"count(*)": 3}).status == 400
    assert len(dash.fake.tables["motor"]) == 3


@pytest.mark.parametrize(
    "sums",
    [{}, {"count(*)": None}, {"count(*)": True}, {"count(*)": [3]}, {" ": 1}, {"sum(": 1}, [], "count(*)"],
)
def test_an_invalid_check_sum_is_refused_and_the_load_stays_open(dash: Dash, sums: object) -> None:
    load = dash.open_load()
    dash.put(load, MOTOR, "part_1")
    assert dash.commit(load, sums).status == 400
    assert dash.load_info(load)["LoadStatus"] == "OPEN"


@pytest.mark.parametrize(
    "change",
    [
        {"load_type": "REPLACE"},
        {"load_type": None},
        {"table_name": "Motor"},
        {"table_name": "motor_"},
        {"table_name": "motor\n"},
        {"table_name": 7},
        {"partitions": "month"},
        {"partitions": [1]},
        {"partitions": ["p"] * 101},
        {"load_as_service_client_id": None},
        {"colour": "red"},
    ],
)
def test_a_wrong_load_is_refused(dash: Dash, change: dict[str, object]) -> None:
    asked = {"load_type": "APPEND_ONLY", "table_name": "motor", **change}
    assert dash.call("POST", f"{API}/load", json_body=asked).status == 400


def test_a_hundred_partitions_are_taken(dash: Dash) -> None:
    assert dash.create_load(partitions=["month"] * 100).status == 202


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"check_sum": {"count(*)": NaN}}', b"\xff"])
def test_a_body_that_is_no_json_object_is_refused(dash: Dash, body: bytes) -> None:
    load = dash.open_load()
    headers = {"Content-Type": "application/json"}
    assert dash.call("POST", f"{API}/load/{load}/commit", body=body, headers=headers).status == 400


def test_a_file_key_is_checked(dash: Dash) -> None:
    assert dash.ticket(dash.open_load(), "Part 1").status == 400


@pytest.mark.parametrize("path", ["/load/unheard", "/query/unheard", "/load/%2e%2e", "/query/a%2Fb"])
def test_an_unknown_id_is_not_found(dash: Dash, path: str) -> None:
    assert dash.call("GET", f"{API}{path}").status == 404


def test_a_load_is_processed_for_as_many_looks_as_it_takes(dash: Dash) -> None:
    dash.fake.manners.load_pace = Pace(polls=2)
    load = committed(dash, MOTOR, {"count(*)": 3})
    seen = [dash.load_info(load)["LoadStatus"] for _ in range(4)]
    assert seen == ["PROCESSING", "PROCESSING", "SUCCESS", "SUCCESS"]


def test_a_load_takes_as_long_as_it_takes(dash: Dash) -> None:
    dash.fake.manners.load_pace = Pace(seconds=90)
    load = committed(dash, MOTOR, {"count(*)": 3})
    assert dash.load_info(load)["LoadStatus"] == "PROCESSING"
    assert "motor" not in dash.fake.tables
    dash.fake.clock.advance(seconds=91)
    assert len(dash.fake.tables["motor"]) == 3


def test_what_was_committed_is_loaded_whatever_is_put_there_later(dash: Dash) -> None:
    dash.fake.manners.load_pace = Pace(polls=1)
    load = dash.open_load()
    ticket = dash.ticket(load, "part_1").json()
    dash.put(load, MOTOR, "part_1")
    dash.commit(load, {"count(*)": 3})
    dash.post_form(ticket["presigned_url"], b"something else")
    dash.load_info(load)
    assert dash.load_info(load)["LoadStatus"] == "SUCCESS"


def test_a_ticket_expires(dash: Dash) -> None:
    ticket = dash.ticket(dash.open_load(), "part_1").json()
    dash.fake.clock.advance(seconds=dash.fake.world.credentials.life / timedelta(seconds=1) + 1)
    assert dash.post_form(ticket["presigned_url"], b"late").status == 403


def test_a_second_load_adds_to_the_table(dash: Dash) -> None:
    for _ in range(2):
        committed(dash, MOTOR, {"count(*)": 3})
    assert len(dash.fake.tables["motor"]) == 6


def test_a_load_of_another_organisation_does_not_exist(dash: Dash) -> None:
    load = dash.open_load()
    other = dash.fake.world.add_organisation("other_org")
    bearer = other.sessions.issue_access(
        other.the_application(), client_id="x", session=None, issuer="https://x", scope="load:read"
    )
    stranger = Dash(dash.fake, dash.way, bearer.text)
    answer = stranger.call("GET", f"https://other_org.api.comodash.io/v2/load/{load}")
    assert answer.status == 404


def test_a_missing_scope_is_refused(dash: Dash) -> None:
    reader = Dash(dash.fake, dash.way)
    reader.bearer = reader.as_application(scope="load:read").json()["access_token"]
    answer = reader.create_load()
    assert answer.status == 403
    assert "load:write" in answer.message


def test_a_load_whose_types_do_not_fit_its_table_fails_and_adds_nothing(dash: Dash) -> None:
    committed(dash, MOTOR, {"count(*)": 3})
    other = pa.table({"id": ["one"], "premium": [0.1]})
    info = dash.load_info(committed(dash, other, {"count(*)": 1}))
    assert info["LoadStatus"] == "FAIL"
    assert "id" in info["ErrorMessages"][0]
    assert len(dash.fake.tables["motor"]) == 3


def test_one_wrong_sum_of_several_is_named_alone(dash: Dash) -> None:
    info = dash.load_info(committed(dash, MOTOR, {"count(*)": 3, "max(id)": 4, "min(id)": 1}))
    assert len(info["ErrorMessages"]) == 1
    assert "max(id)" in info["ErrorMessages"][0]


def test_a_body_that_is_too_long_is_refused(dash: Dash) -> None:
    answer = dash.call("POST", f"{API}/load", json_body={"load_type": "APPEND_ONLY", "table_name": "x" * (9 << 20)})
    assert answer.status == 413


def test_a_body_of_another_type_is_refused(dash: Dash) -> None:
    answer = dash.call("POST", f"{API}/load", body=b"{}", headers={"Content-Type": "text/plain"})
    assert answer.status == 415
