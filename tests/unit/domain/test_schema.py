import pytest

from comotion.domain.errors import SchemaConflict
from comotion.domain.schema import (
    NO_ROWS,
    Binary,
    Bool,
    Column,
    Date,
    Decimal,
    Float,
    Int,
    ListOf,
    Opaque,
    Schema,
    SchemaWidened,
    Seen,
    Struct,
    Text,
    Timestamp,
    Unseen,
    join,
    join_schemas,
    lost_digits,
    pandas_type,
)


@pytest.mark.parametrize(
    ("a", "b", "both"),
    [
        (Int(32), Int(64), Int(64)),
        (Int(32), Int(32, signed=False), Int(64)),
        (Int(64), Int(64, signed=False), None),
        (Int(64), Float(64), Float(64)),
        (Float(32), Float(64), Float(64)),
        (Decimal(10, 2), Decimal(12, 4), Decimal(12, 4)),
        (Decimal(38, 0), Decimal(38, 2), None),
        (Int(32), Decimal(10, 2), Decimal(12, 2)),
        (Decimal(10, 2), Float(64), None),
        (Timestamp("ms"), Timestamp("us"), Timestamp("us")),
        (Timestamp("us", "UTC"), Timestamp("us"), None),
        (Date(), Timestamp("us"), None),
        (Bool(), Int(64), None),
        (Text(), Int(64), None),
        (Unseen(), Text(), Text()),
        (NO_ROWS, Int(64), Int(64)),
        (NO_ROWS, Unseen(), Unseen()),
        (NO_ROWS, Unseen(Int(64)), NO_ROWS),
        (Unseen(Int(32)), Unseen(Int(64)), Unseen(Int(64))),
        (ListOf(Int(32)), ListOf(Unseen()), ListOf(Int(32))),
        (ListOf(Int(32)), ListOf(Float(64)), ListOf(Float(64))),
        (Opaque(token="x", label="map"), Opaque(token="x", label="other word"), Opaque(token="x", label="map")),
        (Opaque(token="x", label="map"), Opaque(token="y", label="map"), None),
    ],
)
def test_two_types_join_to_the_narrowest_that_holds_both_exactly(a, b, both):
    assert join(a, b) == join(b, a) == both


def test_structs_join_by_name():
    a = Struct((Column("x", Int(64)),))
    b = Struct((Column("y", Text()), Column("x", Float(64))))
    assert join(a, b) == Struct((Column("x", Float(64)), Column("y", Text())))
    assert join(a, Struct((Column("x", Text()),))) is None


def schema(**types):
    return Schema(tuple(Column(name, type_) for name, type_ in types.items()))


def test_sources_join_in_the_column_order_of_the_first():
    joined = join_schemas([("a", schema(x=Int(32), y=Text())), ("b", schema(y=Text(), x=Float(64)))])
    assert joined == schema(x=Float(64), y=Text())


def test_types_that_do_not_join_name_both_sources_and_the_column():
    with pytest.raises(SchemaConflict, match=r"'x' is int64 in b\.csv and string in c\.csv"):
        join_schemas([("a.csv", schema(x=Unseen())), ("b.csv", schema(x=Int(64))), ("c.csv", schema(x=Text()))])


@pytest.mark.parametrize(
    ("one", "other"), [(schema(x=Text()), schema(x=Text(), y=Text())), (schema(x=Text(), y=Text()), schema(x=Text()))]
)
def test_a_column_that_one_source_lacks_names_both(one, other):
    with pytest.raises(SchemaConflict, match=r"column 'y' is in . and not in ."):
        join_schemas([("a", one), ("b", other)])


def test_a_schema_describes_itself_for_a_receipt():
    assert schema(a=Decimal(9, 2), b=ListOf(Timestamp("us", "UTC")), c=Unseen()).described() == {
        "a": "decimal(9,2)",
        "b": "list<timestamp[us, UTC]>",
        "c": "double",
    }


@pytest.mark.parametrize(
    ("seen", "type_"),
    [
        (Seen.NOTHING, NO_ROWS),
        (Seen.NULL, Unseen()),
        (Seen.INTEGER, Int(64)),
        (Seen.INTEGER | Seen.NULL, Float(64)),
        (Seen.INTEGER | Seen.BEYOND_INT64, Int(64, signed=False)),
        (Seen.INTEGER | Seen.FLOAT, Float(64)),
        (Seen.BOOL | Seen.NULL, Bool()),
        (Seen.BOOL | Seen.INTEGER, Text()),
        (Seen.BOOL | Seen.FLOAT, Text()),
        (Seen.INTEGER | Seen.TEXT, Text()),
    ],
)
def test_a_column_has_the_type_that_pandas_would_give_it(seen, type_):
    assert pandas_type(seen) == type_


@pytest.mark.parametrize(
    ("seen", "guilty"),
    [
        (Seen.INTEGER | Seen.LARGE, Seen.NOTHING),
        (Seen.INTEGER | Seen.LARGE | Seen.NULL, Seen.LARGE),
        (Seen.INTEGER | Seen.LARGE | Seen.FLOAT, Seen.NOTHING),
        (Seen.INTEGER | Seen.LARGE | Seen.ROUNDED | Seen.FLOAT, Seen.ROUNDED),
        (Seen.INTEGER | Seen.BEYOND_INT64, Seen.NOTHING),
        (Seen.INTEGER | Seen.BEYOND_INT64 | Seen.NEGATIVE, Seen.BEYOND_INT64),
        (Seen.INTEGER | Seen.BEYOND_INT64 | Seen.BEYOND_UINT64, Seen.BEYOND_UINT64),
        (Seen.INTEGER | Seen.BEYOND_INT64 | Seen.BEYOND_UINT64 | Seen.TEXT, Seen.NOTHING),
    ],
)
def test_digits_are_lost_only_where_the_type_cannot_hold_them(seen, guilty):
    assert lost_digits(seen) == guilty


@pytest.mark.parametrize(
    ("kind", "word"),
    [
        (Unseen(), "double"),
        (Bool(), "boolean"),
        (Int(16, signed=False), "uint16"),
        (Float(16), "halffloat"),
        (Decimal(10, 2), "decimal(10,2)"),
        (Text(), "string"),
        (Binary(), "binary"),
        (Date(), "date"),
        (Timestamp("us"), "timestamp[us]"),
        (Timestamp("ms", "UTC"), "timestamp[ms, UTC]"),
        (ListOf(Int(32)), "list<int32>"),
        (Struct((Column("x", Int(64)), Column("y", Text()))), "struct<x: int64, y: string>"),
        (Opaque(token=object(), label="map<string, int64>"), "map<string, int64>"),
    ],
    ids=str,
)
def test_a_type_is_said_in_a_word(kind, word):
    assert str(kind) == word


def test_who_meets_a_wider_value_is_told_the_schema_to_start_again_with():
    wider = Schema((Column("x", Float(64)),))
    assert SchemaWidened(wider).schema is wider
