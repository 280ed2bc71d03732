"""Aggregate functions."""

from __future__ import annotations

from collections.abc import Callable

from comotion.adapters.fake_dash.lake.analysis.casts import convert
from comotion.adapters.fake_dash.lake.analysis.operators import is_comparable, is_orderable
from comotion.adapters.fake_dash.lake.analysis.typed import Typed, mismatch, refusal, text
from comotion.adapters.fake_dash.lake.functions.arrays import _renamed
from comotion.adapters.fake_dash.lake.functions.signature import Call
from comotion.adapters.fake_dash.lake.functions.table import Family
from comotion.adapters.fake_dash.lake.refusal import SqlNotSupported
from comotion.adapters.fake_dash.lake.types import BIGINT, DOUBLE, VARCHAR, Type, array, duck, row

AGGREGATES = Family("aggregate")
FAMILIES = (AGGREGATES,)
add = AGGREGATES.add


def collected(
    call: Call, sql: str | None = None, kind: Type | None = None, *, keep: str = "", distinct: bool | None = None
) -> Typed:
    """All values of an argument as a list."""
    chosen = call.sql(0) if sql is None else sql
    found = call.aggregate("list", chosen, keep=keep, distinct=distinct)
    return Typed(found, array(kind or call.arguments[0].type))


def _comparable(call: Call) -> None:
    if call.modifiers.distinct:
        for one in call.arguments:
            if not is_comparable(one.type):
                raise mismatch(call.at, f"DISTINCT can only be applied to comparable types (actual: {one.type})")


# ---- counting --------------------------------------------------------------------------------------------


def _count(call: Call) -> str:
    if not call.arguments:
        return call.aggregate("count", "*")
    _comparable(call)
    value = call.arguments[0]
    return call.aggregate("count", f"({value.sql}).t" if value.type.is_zoned else value.sql)


add("count() -> bigint", _count)
add("count(T) -> bigint", _count)
add(
    "count_if(boolean) -> bigint",
    lambda call: call.aggregate("count", "1" if not call.modifiers.distinct else call.sql(0), keep=call.sql(0)),
)


def _approx_distinct(call: Call) -> str:
    value = call.arguments[0]
    if not is_comparable(value.type):
        raise mismatch(call.at, f"{value.type} is not comparable")
    return call.aggregate("count", f"({value.sql}).t" if value.type.is_zoned else value.sql, distinct=True)


add("approx_distinct(T) -> bigint", _approx_distinct)


def _approx_distinct_within(call: Call) -> str:
    value = call.arguments[1].literal
    if value is not None and not 0.0040625 <= float(str(value)) <= 0.26:
        raise refusal(call.at, f"Standard error must be in [0.0040625, 0.26]: {value}", "INVALID_FUNCTION_ARGUMENT")
    return _approx_distinct(call)


add("approx_distinct(T, double) -> bigint", _approx_distinct_within)

# ---- sums and means ---------------------------------------------------------------------------------------


def _floating(kernel: str) -> Callable[[Call], str]:
    """A sum or mean that does not depend on the order of rows; over a window, DuckDB's own."""

    def rule(call: Call) -> str:
        wide = f"CAST({call.sql(0)} AS DOUBLE)" if call.arguments[0].type.base != "double" else call.sql(0)
        if call.modifiers.over:
            native = {"exact_sum": "sum", "exact_avg": "avg"}[kernel]
            found = call.aggregate(native, wide)
        else:
            found = call.kernel(kernel, [collected(call, wide, DOUBLE)], DOUBLE)
        return convert(call.context, found, DOUBLE, call.returns)

    return rule


for _type in ("tinyint", "smallint", "integer", "bigint"):
    add(f"sum({_type}) -> bigint", lambda call: f"CAST({call.aggregate('sum')} AS BIGINT)")
add(
    "sum(decimal(p,s)) -> decimal(38,s)",
    lambda call: call.kernel("decimal_checked", [Typed(call.aggregate("sum"), call.returns)]),
)
add("sum(real) -> real", _floating("exact_sum"))
add("sum(double) -> double", _floating("exact_sum"))
for _type in ("interval day to second", "interval year to month"):
    add(f"sum({_type}) -> {_type}", lambda call: f"CAST({call.aggregate('sum')} AS {duck(call.returns)})")
    add(f"avg({_type}) -> {_type}", lambda call: f"CAST(round({call.aggregate('avg')}) AS {duck(call.returns)})")


def _avg_decimal(call: Call) -> str:
    total = Typed(call.aggregate("sum"), Type("decimal", (38, call.returns.size[1])))
    return call.kernel("decimal_avg", [total, Typed(call.aggregate("count"), BIGINT)])


for _type in ("tinyint", "smallint", "integer", "bigint"):
    add(f"avg({_type}) -> double", lambda call: call.aggregate("avg"))
add("avg(decimal(p,s)) -> decimal(p,s)", _avg_decimal)
add("avg(real) -> real", _floating("exact_avg"))
add("avg(double) -> double", _floating("exact_avg"))


def _moment(name: str) -> Callable[[Call], str]:
    """An aggregate that looks at all values together."""

    def rule(call: Call) -> str:
        values = collected(call, f"CAST({call.sql(0)} AS DOUBLE)", DOUBLE)
        return f"CAST({call.kernel(name, [values], DOUBLE)} AS {duck(call.returns)})"

    return rule


for _name in ("skewness", "kurtosis", "geometric_mean", "entropy"):
    add(f"{_name}(double) -> double", _moment(_name))
add("geometric_mean(real) -> real", _moment("geometric_mean"))
for _name, _native in (
    ("stddev", "stddev_samp"),
    ("stddev_samp", "stddev_samp"),
    ("stddev_pop", "stddev_pop"),
    ("variance", "var_samp"),
    ("var_samp", "var_samp"),
    ("var_pop", "var_pop"),
):
    add(f"{_name}(double) -> double", (lambda native: lambda call: call.aggregate(native))(_native))
for _name in ("corr", "covar_pop", "covar_samp", "regr_slope", "regr_intercept", "regr_avgx", "regr_avgy", "regr_r2",
              "regr_sxx", "regr_sxy", "regr_syy"):  # fmt: skip
    add(f"{_name}(double, double) -> double", (lambda name: lambda call: _pairwise(call, name))(_name))
    add(f"{_name}(real, real) -> real", (lambda name: lambda call: f"CAST({_pairwise(call, name)} AS FLOAT)")(_name))
add("regr_count(double, double) -> bigint", lambda call: call.aggregate("regr_count"))


def _pairwise(call: Call, name: str) -> str:
    if name not in ("corr", "regr_slope", "regr_intercept"):
        return call.aggregate(name)
    # Trino shows no NaN and no infinity of these three, and DuckDB before 2.0 fails over such values
    y, x = call.sql(0), call.sql(1)
    are_finite = f"isfinite({y}) AND isfinite({x})"
    of_finite = call.aggregate(name, f"CASE WHEN {are_finite} THEN {y} END, {x}")
    of_all = call.aggregate("bool_and", f"CASE WHEN {y} IS NOT NULL AND {x} IS NOT NULL THEN {are_finite} END")
    return f"CASE WHEN {of_all} AND isfinite({of_finite}) THEN {of_finite} END"


# ---- least, greatest, any --------------------------------------------------------------------------------


def _extreme(name: str) -> Callable[[Call], str]:
    def rule(call: Call) -> str:
        kind = call.arguments[0].type
        if not is_orderable(kind):
            raise mismatch(call.at, f"Type {kind} is not orderable, and therefore cannot be used in {name}")
        if kind.parts and len(call.arguments) == 1:
            return call.kernel(
                f"array_{name}", [collected(call, keep=f"{call.sql(0)} IS NOT NULL", distinct=False)], kind
            )
        if kind.parts:
            return _ranked(call, name, call.arguments[0], _how_many(call, 1))
        if kind.is_floating and name == "max":
            if len(call.arguments) == 2:
                count = call.aggregate("any_value", call.sql(1), distinct=False, order="")
                return call.kernel("largest", [collected(call, distinct=False), Typed(count, BIGINT)], keep_null=True)
            numbers = call.aggregate(name, distinct=False, keep=f"NOT isnan({call.sql(0)})")
            return f"coalesce({numbers}, {call.aggregate(name, distinct=False)})"
        if len(call.arguments) == 2:
            return call.aggregate(name, f"{call.sql(0)}, {_how_many(call, 1)}", distinct=False)
        return call.aggregate(name, distinct=False)

    return rule


def _ranked(call: Call, name: str, key: Typed, count: str) -> str:
    """The first arguments by their keys, arrays or rows; DuckDB would order a NULL inside one."""
    value = call.arguments[0]
    pairs = collected(
        call, f"struct_pack(f0 := {value.sql}, f1 := {key.sql})", row((value.type, key.type)), distinct=False
    )
    # one number for all rows: a group has none of its own
    wanted = Typed(call.aggregate("any_value", count, distinct=False, order=""), BIGINT)
    return call.kernel(f"{name[:3]}_ranked", [pairs, wanted], array(value.type))


def _how_many(call: Call, place: int) -> str:
    """How many of the largest or smallest are asked for."""
    return call.context.kernel("top_count", [call.arguments[place], Typed(text(call.name), VARCHAR)], BIGINT)


def _extreme_by(name: str, native: str) -> Callable[[Call], str]:
    def rule(call: Call) -> str:
        key = call.arguments[1]
        if not is_orderable(key.type):
            raise mismatch(call.at, f"Type {key.type} is not orderable, and therefore cannot be used in {name}")
        if key.type.parts and len(call.arguments) == 2:
            return f"({_ranked(call, name, key, '1')})[1]"
        if key.type.parts:
            return _ranked(call, name, key, _how_many(call, 2))
        if len(call.arguments) == 3:
            one = call.context.fresh("e")
            many = call.aggregate(native, f"struct_pack(v := {call.sql(0)}), {key.sql}, {_how_many(call, 2)}")
            return f"list_transform({many}, lambda {one}: ({one}).v)"
        packed = f"struct_pack(v := {call.sql(0)}), {key.sql}"
        found = call.aggregate(native, packed)
        if key.type.is_floating and name == "max_by":
            found = f"coalesce({call.aggregate(native, packed, keep=f'NOT isnan({key.sql})')}, {found})"
        return f"({found}).v"

    return rule


for _name, _native in (("min", "arg_min"), ("max", "arg_max")):
    add(f"{_name}(T) -> T", _extreme(_name))
    add(f"{_name}(T, bigint) -> array(T)", _extreme(_name))
    add(f"{_name}_by(T, U) -> T", _extreme_by(f"{_name}_by", _native))
    add(f"{_name}_by(T, U, bigint) -> array(T)", _extreme_by(f"{_name}_by", _native))
for _name in ("arbitrary", "any_value"):
    add(f"{_name}(T) -> T", lambda call: call.aggregate("any_value", distinct=False))
for _name, _native in (("bool_and", "bool_and"), ("every", "bool_and"), ("bool_or", "bool_or")):
    add(f"{_name}(boolean) -> boolean", (lambda native: lambda call: call.aggregate(native))(_native))
for _name, _native in (("bitwise_and_agg", "bit_and"), ("bitwise_or_agg", "bit_or"), ("bitwise_xor_agg", "bit_xor")):
    add(f"{_name}(bigint) -> bigint", (lambda native: lambda call: call.aggregate(native))(_native))

# ---- collections ------------------------------------------------------------------------------------------


def _array_agg(call: Call) -> str:
    _comparable(call)
    if call.modifiers.distinct and not call.modifiers.order:
        found = collected(call, distinct=False)
        return call.kernel("array_distinct", [found], call.returns)
    return collected(call).sql


add("array_agg(T) -> array(T)", _array_agg)


def _listagg(call: Call) -> str:
    separator = call.sql(1) if len(call.arguments) == 2 else "''"
    found = call.aggregate("list", call.sql(0), keep=f"{call.sql(0)} IS NOT NULL")
    overflow = Typed(text(call.modifiers.overflow or ""), VARCHAR)
    return call.kernel("listagg", [Typed(found, array(VARCHAR)), Typed(separator, VARCHAR), overflow], VARCHAR)


add("listagg(varchar) -> varchar", _listagg)
add("listagg(varchar, varchar) -> varchar", _listagg)
add("histogram(T) -> map(T,bigint)", lambda call: call.kernel("histogram", [collected(call)]))
add("checksum(T) -> varbinary", lambda call: call.kernel("checksum", [collected(call)]))


def _pairs(call: Call) -> Typed:
    kinds = (call.arguments[0].type, call.arguments[1].type)
    return collected(call, f"struct_pack(f0 := {call.sql(0)}, f1 := {call.sql(1)})", row(kinds))


add("map_agg(K, V) -> map(K,V)", lambda call: call.kernel("map_agg", [_pairs(call)]))
add("multimap_agg(K, V) -> map(K,array(V))", lambda call: call.kernel("multimap_agg", [_pairs(call)]))
add("map_union(map(K,V)) -> map(K,V)", lambda call: call.kernel("map_union", [collected(call)]))


def _histogram(call: Call) -> str:
    weight = call.sql(2) if len(call.arguments) == 3 else "CAST(1 AS DOUBLE)"
    pairs = collected(call, f"struct_pack(v := CAST({call.sql(1)} AS DOUBLE), w := {weight})", Type("tdigest"))
    pairs = Typed(pairs.sql, Type("tdigest"))
    buckets = call.aggregate("any_value", call.sql(0), distinct=False, order="")
    from comotion.adapters.fake_dash.lake.types import map_of

    made = call.kernel("numeric_histogram", [pairs, Typed(buckets, BIGINT)], map_of(DOUBLE, DOUBLE), keep_null=True)
    return made if call.returns.element.base == "double" else f"CAST({made} AS {duck(call.returns)})"


for _type in ("double", "real"):
    add(f"numeric_histogram(bigint, {_type}) -> map({_type},{_type})", _histogram)
    add(f"numeric_histogram(bigint, {_type}, double) -> map({_type},{_type})", _histogram)


def _frequent(call: Call) -> str:
    values = collected(call, call.sql(1), call.arguments[1].type)
    buckets = call.aggregate("any_value", call.sql(0), distinct=False, order="")
    return call.kernel("frequent", [values, Typed(buckets, BIGINT)], keep_null=True)


for _type in ("bigint", "varchar"):
    add(f"approx_most_frequent(bigint, {_type}, bigint) -> map({_type},bigint)", _frequent)


def _percentile(call: Call) -> str:
    values = collected(call, f"CAST({call.sql(0)} AS DOUBLE)", DOUBLE)
    weighted = len(call.arguments) > 2
    share = call.arguments[-1] if not (weighted and len(call.arguments) == 4) else call.arguments[2]
    weights = (
        collected(call, f"CAST({call.sql(1)} AS DOUBLE)", DOUBLE)
        if weighted
        else Typed("CAST(NULL AS DOUBLE[])", array(DOUBLE))
    )
    chosen = Typed(call.aggregate("any_value", share.sql, distinct=False, order=""), share.type)
    return call.kernel("approx_percentile", [values, weights, chosen], keep_null=True)


for _type in ("bigint", "F", "double"):
    add(f"approx_percentile({_type}, double) -> {_type}", _percentile)
    add(f"approx_percentile({_type}, array(double)) -> array({_type})", _percentile)
    add(f"approx_percentile({_type}, double, double) -> {_type}", _percentile)
    add(f"approx_percentile({_type}, double, array(double)) -> array({_type})", _percentile)


def _reduce_agg(call: Call) -> str:
    """The state is folded over the values; combining states of their own does not arise here."""
    step = call.lambdas[2]
    assert step is not None
    if call.modifiers.over:
        raise SqlNotSupported("reduce_agg over a window")
    state, element = call.arguments[1].type, call.arguments[0].type
    a, b = call.context.fresh("a"), call.context.fresh("b")
    packed = f"struct_pack(s := CAST(NULL AS {duck(state)}), e := {call.sql(0)})"
    values = call.aggregate("list", packed, keep=f"{call.sql(0)} IS NOT NULL")
    seed = call.aggregate("any_value", call.sql(1), distinct=False, order="")
    first = f"struct_pack(s := {seed}, e := CAST(NULL AS {duck(element)}))"
    body = _renamed(step.body, step.parameters, (f"({a}).s", f"({b}).e"))
    return f"(list_reduce({values}, lambda {a}, {b}: struct_pack(s := {body}, e := ({b}).e), {first})).s"


add("reduce_agg(T, S, function(S,T,S), function(S,S,S)) -> S", _reduce_agg)
