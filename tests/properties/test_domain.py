"""What holds of names, numbering, check sums and pacing whatever is put in."""

import contextlib
import json
import math
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.utils import format_datetime

from hypothesis import given
from hypothesis import strategies as st

from comotion.domain.checksum import CheckSums, is_equal
from comotion.domain.endpoints import api_url, parse_base_url, segment
from comotion.domain.errors import ColumnCollision, IncompleteDownload, InvalidName
from comotion.domain.load import Load, LoadInfo, LoadStatus, Part
from comotion.domain.names import FileKey, KeyStem, TableName, generated_key, lake_column, lake_columns
from comotion.domain.pacing import Backoff, PollPolicy, RetryPolicy, retry_after_s
from comotion.domain.query import ByteTally
from comotion.domain.token import Pkce, claims_of

LAKE_NAME = r"[a-z_]+[a-z0-9_]*[a-z0-9]"
names = st.from_regex(LAKE_NAME, fullmatch=True)
scalars = st.one_of(
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.decimals(allow_nan=False, allow_infinity=False, places=4),
    st.text(min_size=1),
)


@given(st.text())
def test_a_name_is_taken_exactly_when_it_fits_the_contracts_pattern(text):
    fits = re.fullmatch(LAKE_NAME, text) is not None
    for kind in (TableName, FileKey):
        try:
            assert kind(text).text == text
            assert fits
        except InvalidName:
            assert not fits


@given(names, st.integers(1, 10**6))
def test_the_key_of_every_part_is_a_key_and_tells_its_number(stem, number):
    assert str(KeyStem(stem).numbered(number)).removeprefix(stem) == f"_{number}"


@given(names, names, st.integers(1, 99), st.integers(1, 99))
def test_two_parts_of_one_source_never_share_a_key(stem, other, left, right):
    same = KeyStem(stem).numbered(left) == KeyStem(stem).numbered(right)
    assert same is (left == right)


@given(st.uuids(version=4))
def test_every_generated_key_is_a_key(uuid):
    assert FileKey(generated_key(str(uuid)))


@given(st.text())
def test_renaming_a_column_twice_is_renaming_it_once(name):
    once = lake_column(name)
    assert lake_column(once) == once or once != once.lower()  # a few letters have no single lower case


@given(st.lists(st.text(min_size=1), max_size=8))
def test_columns_keep_their_number_or_collide(columns):
    try:
        renamed = lake_columns(columns, source="x")
    except ColumnCollision:
        assert len({lake_column(column) for column in columns}) < len(columns)
    else:
        assert renamed == [lake_column(column) for column in columns]
        assert len(set(renamed)) == len(columns)


@given(st.dictionaries(st.text(min_size=1).filter(str.strip), scalars))
def test_check_sums_survive_json_and_agree_with_themselves(given_sums):
    sent = json.loads(json.dumps(CheckSums.parse(given_sums).to_wire()))
    assert list(sent) == list(given_sums)
    for expression, value in given_sums.items():
        assert is_equal(sent[expression], value) or isinstance(value, str)


@given(st.decimals(allow_nan=False, allow_infinity=False))
def test_no_digit_of_a_decimal_is_lost_on_the_wire(value):
    sent = CheckSums.parse({"sum(x)": value}).to_wire()["sum(x)"]
    assert Decimal(repr(sent) if isinstance(sent, float) else sent) == value


@given(st.integers(), st.integers())
def test_whole_numbers_agree_only_when_equal(left, right):
    assert is_equal(left, right) is (left == right)


@given(st.floats(1e-200, 1e200), st.floats(-5e-10, 5e-10))
def test_floats_agree_within_the_tolerance(value, error):
    assert is_equal(value, value * (1 + error))


@given(st.floats(1e-3, 1e200), st.floats(1e-8, 0.5))
def test_floats_disagree_beyond_the_tolerance(value, error):
    assert not is_equal(value, value * (1 + error))


@given(st.integers(1, 10**6), st.floats(0, 1, exclude_max=True))
def test_a_wait_is_never_negative_and_never_beyond_the_cap(failures, chance):
    assert 0 <= Backoff().wait_s(failures, chance) <= 8.0


@given(st.lists(st.floats(0, 1, exclude_max=True), min_size=10, max_size=10))
def test_retrying_ends_within_its_attempts_and_its_time(chances):
    policy, elapsed, attempts = RetryPolicy(), 0.0, 1
    for chance in chances:
        wait = policy.wait_s(failures=attempts, elapsed_s=elapsed, chance=chance)
        if wait is None:
            break
        elapsed, attempts = elapsed + wait, attempts + 1
    assert attempts <= 6
    assert elapsed <= 60


@given(st.integers(1, 10**4))
def test_looks_never_come_closer_together(looks):
    policy = PollPolicy()
    assert 0.5 <= policy.wait_s(looks) <= policy.wait_s(looks + 1) <= 5.0


@given(st.integers(0, 10**6))
def test_both_forms_of_retry_after_say_the_same(seconds):
    now = datetime(2026, 1, 1, tzinfo=UTC)
    date_form = format_datetime(now + timedelta(seconds=seconds), usegmt=True)
    assert retry_after_s(str(seconds), now) == retry_after_s(date_form, now) == seconds


@given(st.text())
def test_no_retry_after_is_a_crash(text):
    waited = retry_after_s(text, datetime(2026, 1, 1, tzinfo=UTC))
    assert waited is None or waited >= 0


@given(st.text(min_size=1))
def test_no_id_leaves_its_path_segment(identifier):
    quoted = segment(identifier)
    assert not set(quoted) & set("/?#\\ ")
    assert quoted not in (".", "..")


@given(st.text())
def test_no_organisation_changes_the_host(text):
    try:
        url = api_url(text)
    except InvalidName:
        return
    assert re.fullmatch(r"https://[A-Za-z0-9_-]+\.api\.comodash\.io/v2", url)


@given(st.text())
def test_no_base_url_is_a_crash(text):
    with contextlib.suppress(InvalidName):
        assert parse_base_url("issuer", text).startswith(("https://", "http://"))


@given(st.lists(st.integers(0, 1000)), st.integers(0, 5000))
def test_a_download_is_whole_exactly_when_every_byte_came(pieces, announced):
    tally, whole = ByteTally(announced=announced), True
    try:
        for size in pieces:
            tally = tally.plus(size)
        tally.ended()
    except IncompleteDownload:
        whole = False
    assert whole is (sum(pieces) == announced)


@given(st.lists(st.tuples(st.integers(1, 4), st.integers(0, 100)), max_size=12))
def test_rows_are_counted_once_per_key_whatever_is_retried(puts):
    load, last = Load(load_id="l"), {}
    for number, rows in puts:
        key = KeyStem("kk").numbered(number)
        load = load.with_part(Part(key=key, rows=rows, size_bytes=0, path=f"p/{key}", source="s"))
        last[number] = rows
    assert load.rows == sum(last.values())


@given(st.sampled_from(LoadStatus), st.text())
def test_no_answer_of_the_service_breaks_a_load(status, word):
    load = Load(load_id="l", status=status).observed(LoadInfo(load_status=word))
    assert load.status is (LoadStatus.known(word) or status)


@given(st.binary(min_size=32, max_size=96))
def test_a_verifier_uses_only_letters_that_a_url_keeps(entropy):
    pkce = Pkce.from_entropy(entropy)
    assert re.fullmatch(r"[A-Za-z0-9_-]{43,128}", pkce.verifier)
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", pkce.challenge)


@given(st.text())
def test_no_text_is_a_crash_as_a_token(text):
    assert claims_of(text) is not None


@given(st.floats(allow_nan=False))
def test_a_float_that_is_not_finite_is_no_check_sum(value):
    try:
        CheckSums.parse({"sum(x)": value})
        assert math.isfinite(value)
    except ValueError:
        assert not math.isfinite(value)
