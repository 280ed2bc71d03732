"""Functions over maps, and typeof."""

from __future__ import annotations

from comotion.adapters.fake_dash.lake.analysis.typed import Typed, text
from comotion.adapters.fake_dash.lake.functions.arrays import _renamed
from comotion.adapters.fake_dash.lake.functions.signature import Call
from comotion.adapters.fake_dash.lake.functions.table import Family, kernel
from comotion.adapters.fake_dash.lake.refusal import SqlNotSupported
from comotion.adapters.fake_dash.lake.types import VARCHAR, array, duck

SCALARS = Family()
FAMILIES = (SCALARS,)
add = SCALARS.add

add("map() -> map(unknown,unknown)", lambda call: f"CAST(MAP([], []) AS {duck(call.returns)})")
add("map(array(K), array(V)) -> map(K,V)", kernel("map_from_lists"))
add("map_from_entries(array(row(K,V))) -> map(K,V)", kernel())
add("multimap_from_entries(array(row(K,V))) -> map(K,array(V))", kernel())
add("map_entries(map(K,V)) -> array(row(K,V))", kernel())
add("map_keys(map(K,V)) -> array(K)", "map_keys($1)")
add("map_values(map(K,V)) -> array(V)", "map_values($1)")
add("map_concat(map(K,V), map(K,V), ...) -> map(K,V)", kernel())
add("cardinality(map(K,V)) -> bigint", "CAST(cardinality($1) AS BIGINT)")


def _element_at(call: Call) -> str:
    found = f"list_position(map_keys({call.sql(0)}), {call.sql(1)})"
    return f"map_values({call.sql(0)})[{found}]"


add("element_at(map(K,V), K) -> V", _element_at)


def _entries(call: Call) -> str:
    """A map as a list of pairs k and v, inside DuckDB."""
    index, found = call.context.fresh("i"), call.sql(0)
    pair = f"struct_pack(k := map_keys({found})[{index}], v := map_values({found})[{index}])"
    return f"list_transform(range(1, len(map_keys({found})) + 1), lambda {index}: {pair})"


def _each(call: Call, lambda_index: int) -> tuple[str, str]:
    """The name of a pair and the lambda's body over it."""
    found = call.lambdas[lambda_index]
    assert found is not None
    pair = call.context.fresh("p")
    return pair, _renamed(found.body, found.parameters, (f"({pair}).k", f"({pair}).v"))


def _made(call: Call, keys: str, values: str) -> str:
    arguments = [Typed(keys, array(call.returns.element)), Typed(values, array(call.returns.value))]
    return f"CASE WHEN {call.sql(0)} IS NULL THEN NULL ELSE {call.kernel('map_from_lists', arguments)} END"


def _map_filter(call: Call) -> str:
    pair, body = _each(call, 1)
    kept = f"list_filter({_entries(call)}, lambda {pair}: {body})"
    one = call.context.fresh("q")
    return _made(
        call, f"list_transform({kept}, lambda {one}: ({one}).k)", f"list_transform({kept}, lambda {one}: ({one}).v)"
    )


def _transform_values(call: Call) -> str:
    pair, body = _each(call, 1)
    return _made(call, f"map_keys({call.sql(0)})", f"list_transform({_entries(call)}, lambda {pair}: {body})")


def _transform_keys(call: Call) -> str:
    pair, body = _each(call, 1)
    return _made(call, f"list_transform({_entries(call)}, lambda {pair}: {body})", f"map_values({call.sql(0)})")


add("map_filter(map(K,V), function(K,V,boolean)) -> map(K,V)", _map_filter)
add("transform_values(map(K,V), function(K,V,R)) -> map(K,R)", _transform_values)
add("transform_keys(map(K,V), function(K,V,R)) -> map(R,V)", _transform_keys)


def _map_zip_with(call: Call) -> str:
    found = call.lambdas[2]
    assert found is not None
    a, b = call.sql(0), call.sql(1)
    kind = array(call.returns.element)
    keys = call.kernel("array_union", [Typed(f"map_keys({a})", kind), Typed(f"map_keys({b})", kind)], kind)
    key, triple = call.context.fresh("k"), call.context.fresh("t")
    one, two = (f"map_values({m})[list_position(map_keys({m}), {key})]" for m in (a, b))
    triples = f"list_transform({keys}, lambda {key}: struct_pack(k := {key}, v := {one}, w := {two}))"
    body = _renamed(found.body, found.parameters, (f"({triple}).k", f"({triple}).v", f"({triple}).w"))
    made = call.kernel("map_from_lists", [Typed(keys, array(call.returns.element)),
                                          Typed((f"list_transform({triples}, lambda "
                                                f"{triple}: {body})"), array(call.returns.value))])  # fmt: skip
    return f"CASE WHEN {a} IS NULL OR {b} IS NULL THEN NULL ELSE {made} END"


add("map_zip_with(map(K,V), map(K,W), function(K,V,W,R)) -> map(K,R)", _map_zip_with)
add("typeof(T) -> varchar", lambda call: Typed(text(str(call.arguments[0].type)), VARCHAR, str(call.arguments[0].type)))


def _unknown(call: Call) -> str:
    raise SqlNotSupported(call.name)


add("version() -> varchar", _unknown)
add("bar(double, bigint) -> varchar", _unknown)
