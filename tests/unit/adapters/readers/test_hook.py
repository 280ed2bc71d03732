"""``modify_lambda`` sees what the guide promises, once, and what it makes has one type for the load."""

import datetime as dt
from decimal import Decimal

import pandas as pd
import pyarrow as pa
import pytest

from comotion.domain.errors import DataError, DataWarning, InvalidArgument, SchemaConflict
from comotion.domain.schema import NO_ROWS, SchemaWidened, Unseen
from tests.unit.adapters.readers.reading import opened, read_all, table_of

CSV = b"a,b\n1,x\n2,y\n3,z\n4,w\n5,v\n"


class Seen:
    """A hook that notes what it was shown and changes nothing."""

    def __init__(self) -> None:
        self.rows: list[int] = []
        self.dtypes: list[list[str]] = []

    def __call__(self, frame: pd.DataFrame) -> None:
        self.rows.append(len(frame))
        self.dtypes.append([str(one) for one in frame.dtypes])


def test_without_a_chunk_size_the_hook_sees_the_whole_file_in_one_frame():
    seen = Seen()
    assert table_of(CSV, hook=seen).num_rows == 5
    assert seen.rows == [5]


def test_with_a_chunk_size_the_hook_sees_frames_of_so_many_rows():
    seen = Seen()
    assert table_of(CSV, hook=seen, rows=2).num_rows == 5
    assert seen.rows == [2, 2, 1]


def test_frames_have_the_types_of_the_whole_file_and_each_row_is_shown_once():
    seen = Seen()
    data = b"a,b\n" + b"1,x\n" * 300_000 + b"late,x\n"
    assert table_of(data, hook=seen, rows=100_000).num_rows == 300_001
    assert seen.rows == [100_000, 100_000, 100_000, 1]
    assert seen.dtypes == [["str", "str"]] * 4


def test_maps_pass_a_hook_unchanged():
    data = pa.table({"m": pa.array([[("a", 1)], None, []], pa.map_(pa.string(), pa.int32()))})
    seen = []
    table = table_of(data, hook=lambda frame: seen.extend(frame["m"].dropna()), rows=2)
    assert (table.schema.types, table["m"].to_pylist()) == (data.schema.types, data["m"].to_pylist())
    assert seen == [[("a", 1)], []]


def test_a_change_in_place_counts():
    def add(frame):
        frame["New Column"] = 7

    assert table_of(CSV, hook=add)["new_column"].to_pylist() == [7] * 5


def test_a_returned_frame_counts():
    assert table_of(CSV, hook=lambda frame: frame[frame["a"] > 3])["a"].to_pylist() == [4, 5]


def test_what_pop_leaves_behind_is_a_change_in_place():
    assert table_of(CSV, hook=lambda frame: frame.pop("b")).column_names == ["a"]


@pytest.mark.parametrize(
    "hook",
    [
        lambda frame: frame.set_index("a"),
        lambda frame: frame.groupby("a").max(),
        lambda frame: frame.pivot_table(index="a", aggfunc="max", values="b"),
    ],
)
def test_an_index_with_a_name_that_the_hook_leaves_behind_is_a_warning_once_and_a_note(hook):
    source = opened(CSV, hook=hook, rows=2)
    with pytest.warns(DataWarning, match="the index 'a' is not uploaded") as caught:
        assert read_all(source).column_names == ["b"]
    assert len([one for one in caught if one.category is DataWarning]) == 1
    assert len(source.notes()) == 1


def test_an_index_without_a_name_that_the_hook_leaves_behind_is_nothing_to_say(recwarn):
    source = opened(CSV, hook=lambda frame: frame[frame["a"] > 3])
    assert (len(read_all(source)), source.notes(), len(recwarn)) == (2, (), 0)


def test_anything_else_that_is_returned_is_refused():
    with pytest.raises(InvalidArgument, match="modify_lambda returned list"):
        table_of(CSV, hook=lambda frame: [frame])


def test_an_error_of_the_hook_is_the_users_own():
    with pytest.raises(ZeroDivisionError):
        table_of(CSV, hook=lambda frame: 1 / 0)


def test_a_column_it_adds_is_typed_once_and_the_hook_is_not_called_again():
    seen = Seen()

    def add(frame):
        seen(frame)
        frame["k"] = 1 if len(seen.rows) < 3 else 2.5

    source = opened(CSV, hook=add, rows=2)
    with pytest.raises(SchemaWidened):
        list(source.batches())
    assert read_all(source)["k"].to_pylist() == [1.0, 1.0, 1.0, 1.0, 2.5]
    assert seen.rows == [2, 2, 1]


def test_columns_that_differ_between_frames_are_refused():
    def add(frame):
        if frame["a"].iloc[0] > 1:
            frame["extra"] = 1

    with pytest.raises(SchemaConflict, match="'extra'"):
        table_of(CSV, hook=add, rows=2)


def test_types_that_cannot_be_one_are_refused():
    def add(frame):
        frame["k"] = "text" if frame["a"].iloc[0] > 1 else 1

    with pytest.raises(SchemaConflict, match="column 'k' int64 in one frame and string in another"):
        table_of(CSV, hook=add, rows=2)


def test_a_source_without_rows_is_one_frame_without_rows():
    seen = Seen()
    table_of(b"a,b\n", hook=seen, rows=2)
    assert seen.rows == [0]


def test_whole_numbers_with_nulls_of_a_typed_source_are_not_rounded():
    data = pa.table({"a": [2**53 + 1, None], "d": [dt.date(2024, 1, 2), None]})
    assert table_of(data, hook=lambda frame: None).to_pylist() == data.to_pylist()


def test_whole_numbers_among_nulls_in_lists_and_structs_are_not_rounded():
    data = pa.table({"l": [[2**53 + 1, None], []], "s": [{"x": 2**53 + 1}, {"x": None}]})
    assert table_of(data, hook=lambda frame: None).to_pylist() == data.to_pylist()


def test_types_that_pandas_does_not_have_are_those_of_the_source():
    data = pa.table(
        {
            "date": pa.array([None, None], pa.date32()),
            "flag": pa.array([None, None], pa.bool_()),
            "price": pa.array([Decimal("1.10"), None], pa.decimal128(10, 2)),
            "sizes": pa.array([[1, None], None], pa.list_(pa.int16())),
            "place": pa.array([{"x": None}, None], pa.struct([("x", pa.string())])),
        }
    )
    assert table_of(data, hook=lambda frame: None).equals(data)


@pytest.mark.parametrize(("data", "type_"), [(b"a,b\n1,\n", Unseen()), (b"a,b\n", NO_ROWS)])
def test_a_column_without_a_value_yields_to_the_type_of_another_file_with_a_hook_as_without(data, type_):
    assert opened(data, hook=lambda frame: None).schema().columns[1].type == type_


def test_a_type_that_the_hook_gives_is_not_undone():
    def change(frame):
        frame["a"] = frame["a"].astype("int8")
        frame["price"] = [Decimal("1.1234")] * len(frame)

    data = pa.table({"a": [1], "price": pa.array([Decimal("1.10")], pa.decimal128(10, 2))})
    assert table_of(data, hook=change).schema.types == [pa.int8(), pa.decimal128(5, 4)]


def test_a_frame_is_not_changed_by_the_hook_of_its_load():
    frame = pd.DataFrame({"a": [1, 2, 3]})
    table = table_of(frame, hook=lambda one: one.insert(0, "z", 1), rows=2)
    assert (table.column_names, list(frame.columns)) == (["z", "a"], ["a"])


def test_names_become_the_lakes_after_the_hook():
    seen = []
    table = table_of(b"My Column,b\n1,2\n", hook=lambda frame: seen.extend(frame.columns))
    assert (seen, table.column_names) == (["My Column", "b"], ["my_column", "b"])


def test_a_value_that_no_column_can_hold_is_refused():
    def mix(frame):
        frame["m"] = [1, "x", 2.5, None, b"y"]

    with pytest.raises(DataError, match="'m'"):
        table_of(CSV, hook=mix)
