"""Sources reach the load exactly once, under one schema, whatever happens on the way."""

import threading
import warnings

import pytest

from comotion.application.consignment import Request
from comotion.application.part_keys import ExactKey, GivenOrNumbered
from comotion.domain.checksum import CheckSums
from comotion.domain.chunking import Cut
from comotion.domain.errors import (
    AnswerLost,
    ApiException,
    BadRequestException,
    BrokenAnswer,
    DataWarning,
    IllegalTransition,
    SchemaConflict,
    StorageRefused,
    Unauthorised,
    UnreadableSource,
    UploadFailed,
)
from comotion.domain.names import FileKey, KeyStem
from comotion.domain.schema import NO_ROWS, Float, Int, Text, Unseen
from comotion.ports.tables import SourceSpec

from .in_memory import RowsEncoder, RowsPart, RowsSource, World, request, schema

INT, DOUBLE, TEXT = Int(64), Float(64), Text()
A_INT, A_DOUBLE, A_TEXT = schema(a=INT), schema(a=DOUBLE), schema(a=TEXT)


def rows(*numbers):
    return [(number,) for number in numbers]


def source(*batches, name="a.csv", now=A_INT, **more):
    return RowsSource(name, list(batches), now, **more)


def test_a_source_is_cut_into_numbered_parts():
    world = World()
    world.load().upload([request(source(rows(1, 2, 3)), stem="k", rows=2)])
    assert {path: part.content for path, part in world.store.kept.items()} == {
        "loads/k_1": rows(1, 2),
        "loads/k_2": rows(3),
    }


def test_a_receipt_names_the_parts_in_their_order_and_the_columns():
    world = World()
    [receipt] = world.load().upload([request(source(rows(*range(23))), stem="k", rows=2)])
    assert [str(part.key) for part in receipt.parts] == [f"k_{n}" for n in range(1, 13)]
    assert (receipt.rows, receipt.columns) == (23, {"a": "int64"})


def test_rows_are_counted_from_what_is_stored():
    load = World().load()
    load.upload([request(source(rows(1, 2, 3)), rows=2)])
    assert load.load.rows == 3


def test_a_source_without_rows_is_one_part_of_zero_rows():
    world = World()
    world.load().upload([request(source())])
    assert world.store.rows() == []
    assert list(world.store.kept) == ["loads/src_1"]


def test_uploading_again_under_a_key_counts_its_rows_once():
    world = World()
    load = world.load()
    load.upload([request(source(rows(1, 2)), stem="k")])
    load.upload([request(source(rows(7)), stem="k")])
    assert (load.load.rows, world.store.rows()) == (1, rows(7))


def test_parts_of_an_earlier_upload_that_a_shorter_one_does_not_replace_are_emptied():
    world = World()
    load = world.load()
    load.upload([request(source(rows(1, 2, 3)), stem="k", rows=1)])
    load.upload([request(source(rows(9)), stem="k", rows=1)])
    assert world.store.rows() == rows(9)
    assert load.load.rows == 1


@pytest.mark.parametrize("wants_two", [False, True], ids=["one a part", "two a part"])
def test_no_more_requests_are_in_flight_than_workers(wants_two):
    world = World()
    world.store.wants_two = wants_two
    gate = threading.Semaphore(0)
    world.store.before = lambda path: gate.acquire(timeout=0.01) and None
    world.load().upload([request(source(*[rows(n) for n in range(20)]), rows=1)], max_workers=3)
    assert world.store.most_at_once == 3


def test_the_key_of_one_part_is_used_as_it_is():
    world = World()
    spec = SourceSpec(data=source(rows(1)), name="DataFrame")
    world.load().upload([Request(spec=spec, keys=ExactKey(FileKey("my_key")), cut=Cut())])
    assert world.loads.tickets == ["my_key"]


@pytest.mark.parametrize(
    ("given", "batches", "asked"),
    [
        (FileKey("mine"), [rows(1)], ["mine"]),
        (FileKey("mine"), [rows(1), rows(2)], ["mine_1", "mine_2"]),
        (None, [rows(1)], [None]),
        (None, [], [None]),
        (None, [rows(1), rows(2)], ["mine_1", "mine_2"]),
    ],
)
def test_one_part_goes_under_the_key_given_and_several_are_numbered(given, batches, asked):
    world = World()
    keys = GivenOrNumbered(key=given, stem=KeyStem("mine"))
    spec = SourceSpec(data=source(*batches), name="a.csv")
    world.load().upload([Request(spec=spec, keys=keys, cut=Cut(rows=1))], max_workers=1)
    assert world.loads.tickets == asked


# ---- one schema


def test_sources_are_joined_before_the_first_byte_goes():
    world = World()
    world.load().upload(
        [
            request(source(rows(1), name="a.csv"), stem="k1"),
            request(source(rows(2.5), name="b.csv", now=A_DOUBLE), stem="k2"),
        ]
    )
    assert {part.written_as for part in world.store.kept.values()} == {A_DOUBLE}


def test_sources_that_cannot_be_joined_are_named_and_nothing_is_sent():
    world = World()
    load = world.load()
    requests = [
        request(source(rows(1), name="a.csv"), stem="k1"),
        request(source([("x",)], name="b.csv", now=A_TEXT), stem="k2"),
    ]
    with pytest.raises(SchemaConflict, match=r"a\.csv.*b\.csv"):
        load.upload(requests)
    assert world.store.kept == {}
    assert load.load.failed == {}


def test_a_source_that_widens_is_sent_again_under_its_keys():
    world = World()
    late = source(rows(1), rows(2), rows(3), wider=A_TEXT, widens_after=2)
    world.load().upload([request(late, stem="k", rows=1)])
    assert {path: part.written_as for path, part in world.store.kept.items()} == {
        f"loads/k_{n}": A_TEXT for n in (1, 2, 3)
    }
    assert world.store.rows() == rows(1, 2, 3)


def test_a_key_that_a_second_pass_does_not_need_is_emptied():
    class Shrinking(RowsSource):
        def batches(self):
            yield from super().batches() if self.wider else iter([rows(1)])

    world = World()
    load = world.load()
    late = Shrinking("a.csv", [rows(1), rows(2), rows(3)], A_INT, wider=A_TEXT, widens_after=2)
    load.upload([request(late, stem="k", rows=1)])
    assert world.store.rows() == rows(1)
    assert load.load.rows == 1


def test_sources_already_sent_are_sent_again_when_a_later_one_widens():
    world = World()
    first = source(rows(1), name="a.csv")
    late = source(rows(2), rows(2.5), name="b.csv", wider=A_DOUBLE, widens_after=1)
    load = world.load()
    load.upload([request(first, stem="k1"), request(late, stem="k2")])
    assert {part.written_as for part in world.store.kept.values()} == {A_DOUBLE}
    assert (first.passes, load.load.rows) == (2, 3)


def test_an_earlier_file_is_opened_and_sent_again_when_a_later_call_is_wider():
    world = World()
    load = world.load()
    load.upload([request(lambda: source(rows(1)), stem="k1", again=True)])
    load.upload([request(source(rows(2.5), name="b.csv", now=A_DOUBLE), stem="k2")])
    assert {part.written_as for part in world.store.kept.values()} == {A_DOUBLE}
    assert load.load.rows == 2


def test_a_later_narrower_source_is_written_under_the_schema_of_the_load():
    world = World()
    load = world.load()
    load.upload([request(source(rows(1.5), now=A_DOUBLE), stem="k1")])
    load.upload([request(source(rows(2), name="b.csv"), stem="k2")])
    assert world.store.kept["loads/k2_1"].written_as == A_DOUBLE
    assert world.store.puts == ["loads/k1_1", "loads/k2_1"]


def test_a_frame_that_is_gone_and_was_narrower_in_a_number_is_a_warning():
    world = World()
    load = world.load()
    load.upload([request(source(rows(1), name="DataFrame"), stem="k1")])
    with pytest.warns(DataWarning, match="DataFrame.*narrower"):
        load.upload([request(source(rows(2.5), name="b.csv", now=A_DOUBLE), stem="k2")])
    assert world.store.kept["loads/k1_1"].written_as == A_INT


def test_that_warning_comes_once():
    load = World().load()
    load.upload([request(source(rows(1), name="DataFrame"), stem="k1")])
    with pytest.warns(DataWarning):
        load.upload([request(source(rows(2.5), now=A_DOUBLE), stem="k2")])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        load.upload([request(source(rows(3.5), now=A_DOUBLE), stem="k3")])


def test_a_frame_that_is_gone_and_held_another_kind_is_an_error_that_names_both():
    load = World().load()
    load.upload([request(source(rows(None), name="DataFrame", now=schema(a=Unseen())), stem="k1")])
    with pytest.raises(SchemaConflict, match=r"DataFrame.*b\.csv"):
        load.upload([request(source([("x",)], name="b.csv", now=A_TEXT), stem="k2")])
    assert load.load.failed == {}


def test_a_source_that_is_left_half_way_is_not_read_any_more_while_the_error_is_handed_on():
    class Interrupted(RowsEncoder):
        def parts(self, batches, **_):
            yield RowsPart(1, next(iter(batches)), A_INT)
            raise KeyboardInterrupt

    world, left = World(), source(rows(1), rows(2))
    world.encoder = Interrupted()
    with pytest.raises(KeyboardInterrupt) as caught:
        world.load().upload([request(left)])
    assert (left.passes, left.passes_open) == (1, 0)  # although its frames still hold what they held
    assert caught.traceback


def test_a_source_without_rows_that_is_gone_yields_to_what_comes_after_it():
    world = World()
    load = world.load()
    load.upload([request(source(name="stream", now=schema(a=NO_ROWS)), stem="k1")])
    load.upload([request(source(rows(1), name="b.csv"), stem="k2")])
    assert {path: part.written_as for path, part in world.store.kept.items()} == {
        "loads/k1_1": A_INT,
        "loads/k2_1": A_INT,
    }
    assert (load.load.rows, load.load.failed) == (1, {})


def test_a_source_that_is_a_right_parquet_file_is_sent_as_it_is():
    world = World()
    as_it_is = RowsPart(1, rows(1, 2), A_INT)
    world.load().upload([request(source(rows(1, 2), as_it_is=as_it_is))])
    assert world.store.kept["loads/src_1"] is as_it_is


@pytest.mark.parametrize(
    "other", [{"rows": 1}, {"beside": A_DOUBLE}, {"size": 10**9}], ids=["chunksize", "wider load", "too big"]
)
def test_a_parquet_file_that_does_not_fit_as_it_is_is_encoded(other):
    world = World()
    as_it_is = RowsPart(1, rows(1, 2), A_INT, row_bytes=other.get("size", 10))
    requests = [request(source(rows(1, 2), as_it_is=as_it_is), rows=other.get("rows"))]
    if "beside" in other:
        requests.append(request(source(rows(0.5), name="b", now=other["beside"]), stem="k2"))
    world.load().upload(requests)
    assert as_it_is not in world.store.kept.values()


# ---- what goes wrong


def test_an_error_while_reading_is_raised_as_it_is_and_stops_the_load_from_being_committed():
    load = World().load()
    bad = source(rows(1), fails_with=UnreadableSource("a.csv, line 2: ragged"))
    with pytest.raises(UnreadableSource, match="line 2"):
        load.upload([request(bad, stem="k")])
    assert list(load.load.failed) == ["k_{n}"]
    with pytest.raises(UploadFailed, match=r"the first: .*\(key 'k'\): a.csv, line 2: ragged"):
        load.commit(CheckSums(), track_rows=True)


def test_a_source_that_cannot_be_opened_leaves_the_load_as_it_was():
    load = World().load()
    with pytest.raises(FileNotFoundError):
        load.upload([request(FileNotFoundError("no such file"))])
    assert load.load.failed == {}


def test_sources_that_were_not_reached_are_failures_too():
    load = World().load()
    bad = source(rows(1), fails_with=UnreadableSource("ragged"))
    with pytest.raises(UnreadableSource):
        load.upload([request(bad, stem="k1"), request(source(rows(1), name="b.csv"), stem="k2")])
    assert sorted(load.load.failed) == ["k1_{n}", "k2_{n}"]


def test_a_part_that_the_store_refuses_is_an_upload_failed_that_names_it():
    world = World()

    def refuse(path):
        raise StorageRefused("AccessDenied")

    world.store.before = refuse
    with pytest.raises(UploadFailed, match=r"a\.csv: the part 'k_1'.*AccessDenied") as failed:
        world.load().upload([request(source(rows(1)), stem="k")])
    assert isinstance(failed.value.__cause__, StorageRefused)


def test_a_store_that_cannot_be_reached_is_an_upload_failed():
    world = World()

    def lose(path):
        raise AnswerLost("broken pipe")

    world.store.before = lose
    with pytest.raises(UploadFailed, match="broken pipe"):
        world.load().upload([request(source(rows(1)))])


def test_a_ticket_that_the_service_refuses_is_a_failed_upload_that_keeps_the_answer():
    world = World()
    world.loads.refuses_ticket = BadRequestException("load is not open", status=400, body="because")
    with pytest.raises(UploadFailed, match="load is not open") as caught:
        world.load().upload([request(source(rows(1)))])
    assert isinstance(caught.value, ApiException)
    assert (caught.value.status, caught.value.body) == (400, "because")


def test_a_ticket_that_cannot_be_understood_is_a_failed_upload():
    world = World()
    world.loads.refuses_ticket = BrokenAnswer("the answer holds no path")
    with pytest.raises(UploadFailed, match="no path"):
        world.load().upload([request(source(rows(1)))])


def test_a_part_that_failed_gives_its_spool_space_back():
    world, parts = World(), []
    encode = world.encoder.parts

    def remembered(*given, **named):
        for part in encode(*given, **named):
            parts.append(part)
            yield part

    world.encoder.parts = remembered

    def refuse(path):
        raise StorageRefused("AccessDenied")

    world.store.before = refuse
    with pytest.raises(UploadFailed):
        world.load().upload([request(source(rows(1)))])
    assert [part.discarded for part in parts] == [True]


def test_a_token_that_is_refused_while_uploading_is_no_failed_upload():
    world = World()
    world.loads.refuses_ticket = Unauthorised("not with this token", status=401)
    with pytest.raises(Unauthorised):
        world.load().upload([request(source(rows(1)))])


def test_a_failed_part_ends_the_reading_soon():
    world = World()
    failed = threading.Event()

    class Endless(RowsSource):
        def batches(self):
            yield rows(1)
            failed.wait(10)
            for number in range(100_000):
                self.passes = number
                yield rows(number)

    def refuse(path):
        failed.set()
        raise StorageRefused("no")

    world.store.before = refuse
    endless = Endless("a.csv", [], A_INT)
    with pytest.raises(UploadFailed):
        world.load().upload([request(endless, rows=1)])
    assert endless.passes < 1000


def test_uploading_again_under_the_key_mends_a_failure():
    world = World()
    load = world.load()
    with pytest.raises(UnreadableSource):
        load.upload([request(source(rows(1), rows(2), fails_with=UnreadableSource("x")), stem="k", rows=1)])
    load.upload([request(source(rows(9)), stem="k", rows=1)])
    assert load.load.failed == {}
    assert (world.store.rows(), load.load.rows) == (rows(9), 1)


def test_a_file_that_failed_under_a_generated_key_keeps_it():
    load = World().load()
    stem = load.new_stem("a.csv")
    bad = source(fails_with=UnreadableSource("x"))
    with pytest.raises(UnreadableSource):
        load.upload([request(bad, stem=str(stem), again=True)])
    assert load.new_stem("a.csv") == stem
    assert load.new_stem("b.csv") != stem


def test_an_interrupt_stops_everything_and_is_passed_on():
    world = World()

    class Interrupted(RowsSource):
        def batches(self):
            yield rows(1)
            raise KeyboardInterrupt

    load = world.load()
    before = threading.active_count()
    with pytest.raises(KeyboardInterrupt):
        load.upload([request(Interrupted("a.csv", [], A_INT), stem="k", rows=1)])
    assert list(load.load.failed) == ["k_{n}"]
    assert threading.active_count() == before


def test_every_source_is_closed_whatever_happens():
    good, bad = source(rows(1)), source(fails_with=UnreadableSource("x"), name="b")
    with pytest.raises(UnreadableSource):
        World().load().upload([request(good, stem="k1"), request(bad, stem="k2")])
    assert good.closed
    assert bad.closed


def test_the_encoder_is_closed_when_the_upload_fails():
    world = World()

    def refuse(path):
        raise StorageRefused("no")

    world.store.before = refuse
    with pytest.raises(UploadFailed) as held:
        world.load().upload([request(source(*[rows(n) for n in range(50)]), rows=1)])
    assert world.encoder.closed == 1
    assert held.value.__traceback__ is not None  # which keeps the generator's frame alive


def test_a_note_on_the_data_is_in_the_receipt():
    load = World().load()
    [receipt] = load.upload([request(source(rows(1), note="leading zeros"))])
    assert receipt.notes == ("leading zeros",)


def test_a_committed_load_takes_no_more_sources():
    load = World().load()
    load.upload([request(source(rows(1)))])
    load.commit(CheckSums(), track_rows=True)
    with pytest.raises(IllegalTransition):
        load.upload([request(source(rows(1)))])
