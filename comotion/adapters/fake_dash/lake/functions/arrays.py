"""Functions over arrays, those with lambdas among them."""

from __future__ import annotations

from comotion.adapters.fake_dash.lake.analysis.casts import convert
from comotion.adapters.fake_dash.lake.analysis.operators import is_orderable
from comotion.adapters.fake_dash.lake.analysis.typed import Typed, refusal
from comotion.adapters.fake_dash.lake.functions.signature import Call
from comotion.adapters.fake_dash.lake.functions.table import Family, kernel
from comotion.adapters.fake_dash.lake.types import BIGINT, VARCHAR, array

SCALARS = Family()
FAMILIES = (SCALARS,)
add = SCALARS.add


def _ordering(call: Call) -> str:
    if not is_orderable(call.arguments[0].type):
        message = (
            f"Unexpected parameters ({call.arguments[0].type}) for function {call.name}. "
            f"Expected: {call.name}(array(E)) E:orderable"
        )
        raise refusal(call.at, message, "FUNCTION_NOT_FOUND")
    return call.kernel(call.name)


for _name in ("array_sort", "array_max", "array_min"):
    add(f"{_name}(array(T)) -> {'array(T)' if _name == 'array_sort' else 'T'}", _ordering)
for _name in ("array_distinct", "shuffle"):
    add(f"{_name}(array(T)) -> array(T)", kernel())
for _name in ("array_union", "array_intersect", "array_except"):
    add(f"{_name}(array(T), array(T)) -> array(T)", kernel())
add("array_remove(array(T), T) -> array(T)", kernel())
add("array_position(array(T), T) -> bigint", kernel())
add("array_position(array(T), T, bigint) -> bigint", kernel())
add("array_histogram(array(T)) -> map(T,bigint)", kernel())
add("arrays_overlap(array(T), array(T)) -> boolean", kernel())
add("contains(array(T), T) -> boolean", kernel())
add("contains_sequence(array(T), array(T)) -> boolean", kernel())
add("cardinality(array(T)) -> bigint", "CAST(len($1) AS BIGINT)")
add("combinations(array(T), integer) -> array(array(T))", kernel())
add("ngrams(array(T), integer) -> array(array(T))", kernel())
add("reverse(array(T)) -> array(T)", "list_reverse($1)")
add("slice(array(T), bigint, bigint) -> array(T)", kernel("array_slice"))
add("trim_array(array(T), bigint) -> array(T)", kernel())
add("flatten(array(array(T))) -> array(T)", "flatten($1)")
add("repeat(T, bigint) -> array(T)", kernel("repeat_any", keep_null=True))


def _concat(call: Call) -> str:
    found = call.sql(0)
    for one in call.arguments[1:]:
        both = f"{found} IS NULL OR {one.sql} IS NULL"
        found = f"CASE WHEN {both} THEN NULL ELSE list_concat({found}, {one.sql}) END"
    return found


add("concat(array(T), array(T), ...) -> array(T)", _concat)
add("concat(array(T), T) -> array(T)", "CASE WHEN $1 IS NULL THEN NULL ELSE list_append($1, $2) END")
add("concat(T, array(T)) -> array(T)", "CASE WHEN $2 IS NULL THEN NULL ELSE list_prepend($1, $2) END")


def _element_at(call: Call) -> str:
    place = call.kernel("element_index", [Typed(f"len({call.sql(0)})", BIGINT), call.arguments[1]], BIGINT)
    return f"({call.sql(0)})[{place}]"


add("element_at(array(T), bigint) -> T", _element_at)


def _array_join(call: Call) -> str:
    element = call.arguments[0].type.element
    if element.parts:
        raise refusal(call.at, f"Input type {call.arguments[0].type} not supported", "INVALID_FUNCTION_ARGUMENT")
    name = call.context.fresh("e")
    text = convert(call.context, name, element, VARCHAR)
    items = call.sql(0) if text == name else f"list_transform({call.sql(0)}, lambda {name}: {text})"
    return call.kernel("array_text", [Typed(items, array(VARCHAR)), *call.arguments[1:]], VARCHAR)


add("array_join(array(T), varchar) -> varchar", _array_join)
add("array_join(array(T), varchar, varchar) -> varchar", _array_join)

# ---- sequences --------------------------------------------------------------------------------------------


def _sequence(call: Call) -> str:
    start, stop = call.arguments[:2]
    if len(call.arguments) == 3:
        return call.kernel("sequence")
    step = f"CASE WHEN {start.sql} <= {stop.sql} THEN 1 ELSE -1 END"
    return call.kernel("sequence", [start, stop, Typed(f"CAST({step} AS BIGINT)", BIGINT)])


add("sequence(bigint, bigint) -> array(bigint)", _sequence)
add("sequence(bigint, bigint, bigint) -> array(bigint)", _sequence)


def _day_sequence(call: Call) -> str:
    step = f"CASE WHEN {call.sql(0)} <= {call.sql(1)} THEN 86400000 ELSE -86400000 END"
    return call.kernel("sequence_dates", [*call.arguments, Typed(f"CAST({step} AS BIGINT)", BIGINT)])


add("sequence(date, date) -> array(date)", _day_sequence)
add("sequence(date, date, interval day to second) -> array(date)", kernel("sequence_dates"))
add("sequence(date, date, interval year to month) -> array(date)", kernel("sequence_date_months"))
add("sequence(timestamp(p), timestamp(p), interval day to second) -> array(timestamp(p))", kernel("sequence_moments"))
add(
    "sequence(timestamp(p), timestamp(p), interval year to month) -> array(timestamp(p))",
    kernel("sequence_moment_months"),
)

# ---- lambdas ----------------------------------------------------------------------------------------------

add("transform(array(T), function(T,U)) -> array(U)", "list_transform($1, $2)")
add("filter(array(T), function(T,boolean)) -> array(T)", "list_filter($1, $2)")


def _match(call: Call, kind: str) -> str:
    """Three-valued: what is unknown stays unknown unless another element settles it."""
    found = call.lambdas[1]
    assert found is not None
    truths = f"list_transform({call.sql(0)}, {found.sql})"
    yes, no = f"list_contains({truths}, TRUE)", f"list_contains({truths}, FALSE)"
    unknown = f"len(list_filter({truths}, lambda v: v IS NULL)) > 0"
    if kind == "any":
        return f"CASE WHEN {call.sql(0)} IS NULL THEN NULL WHEN {yes} THEN TRUE WHEN {unknown} THEN NULL ELSE FALSE END"
    if kind == "all":
        return f"CASE WHEN {call.sql(0)} IS NULL THEN NULL WHEN {no} THEN FALSE WHEN {unknown} THEN NULL ELSE TRUE END"
    return f"CASE WHEN {call.sql(0)} IS NULL THEN NULL WHEN {yes} THEN FALSE WHEN {unknown} THEN NULL ELSE TRUE END"


for _kind in ("any", "all", "none"):
    add(
        f"{_kind}_match(array(T), function(T,boolean)) -> boolean",
        (lambda kind: lambda call: _match(call, kind))(_kind),
    )


def _zip(call: Call) -> str:
    if any(not one.type.parts for one in call.arguments):
        raise refusal(call.at, "zip needs arrays")
    index = call.context.fresh("i")
    longest = f"greatest({', '.join(f'len({one.sql})' for one in call.arguments)})"
    fields = ", ".join(f"f{n} := ({one.sql})[{index}]" for n, one in enumerate(call.arguments))
    nulls = " OR ".join(f"{one.sql} IS NULL" for one in call.arguments)
    return (
        f"CASE WHEN {nulls} THEN NULL ELSE list_transform(range(1, {longest} + 1), lambda {index}: "
        f"struct_pack({fields})) END"
    )


for _count in range(2, 6):
    _letters = "TUVWX"[:_count]
    add(f"zip({', '.join(f'array({c})' for c in _letters)}) -> array(row({','.join(_letters)}))", _zip)


def _zip_with(call: Call) -> str:
    found = call.lambdas[2]
    assert found is not None
    index = call.context.fresh("i")
    one, two = (f"({call.sql(n)})[{index}]" for n in (0, 1))
    longest = f"greatest(len({call.sql(0)}), len({call.sql(1)}))"
    pairs = f"list_transform(range(1, {longest} + 1), lambda {index}: struct_pack(a := {one}, b := {two}))"
    pair = call.context.fresh("p")
    body = _renamed(found.body, found.parameters, (f"({pair}).a", f"({pair}).b"))
    nulls = f"{call.sql(0)} IS NULL OR {call.sql(1)} IS NULL"
    return f"CASE WHEN {nulls} THEN NULL ELSE list_transform({pairs}, lambda {pair}: {body}) END"


def _renamed(body: str, names: tuple[str, ...], values: tuple[str, ...]) -> str:
    """The body with fresh parameter names, which occur nowhere else, put into words."""
    import re

    for name, value in zip(names, values, strict=True):
        body = re.sub(rf"(?<![\w'\"]){name}(?![\w'\"])", value, body)
    return body


add("zip_with(array(T), array(U), function(T,U,R)) -> array(R)", _zip_with)


def _reduce(call: Call) -> str:
    step, finish = call.lambdas[2], call.lambdas[3]
    assert step is not None
    assert finish is not None
    state = call.context.fresh("s")
    items, seed = call.sql(0), call.sql(1)
    # DuckDB's list_reduce wants state and elements of one type: each is packed beside the other
    element, start = call.arguments[0].type.element, call.arguments[1].type
    from comotion.adapters.fake_dash.lake.types import duck

    a, b, item = call.context.fresh("a"), call.context.fresh("b"), call.context.fresh("e")
    packed = f"list_transform({items}, lambda {item}: struct_pack(s := CAST(NULL AS {duck(start)}), e := {item}))"
    first = f"struct_pack(s := {seed}, e := CAST(NULL AS {duck(element)}))"
    body = _renamed(step.body, step.parameters, (f"({a}).s", f"({b}).e"))
    folded = f"list_reduce({packed}, lambda {a}, {b}: struct_pack(s := {body}, e := ({b}).e), {first})"
    result = _renamed(finish.body, finish.parameters, (state,))
    return f"CASE WHEN {items} IS NULL THEN NULL ELSE list_transform([({folded}).s], lambda {state}: {result})[1] END"


add("reduce(array(T), S, function(S,T,S), function(S,R)) -> R", _reduce)


def _sort_by(call: Call) -> str:
    """Every pair is compared beforehand, in DuckDB; the sorting itself looks the answers up."""
    found = call.lambdas[1]
    assert found is not None
    items = call.sql(0)
    pair = call.context.fresh("p")
    i, j = call.context.fresh("i"), call.context.fresh("j")
    pairs = (f"flatten(list_transform({items}, lambda {i}: list_transform({items}, lambda {j}: "
             f"struct_pack(a := {i}, b := {j}))))")  # fmt: skip
    body = _renamed(found.body, found.parameters, (f"({pair}).a", f"({pair}).b"))
    ranks = f"list_transform({pairs}, lambda {pair}: CAST({body} AS BIGINT))"
    arguments = [call.arguments[0], Typed(f"len({items})", BIGINT), Typed(ranks, array(BIGINT))]
    return call.kernel("array_sort_ranked", arguments)


add("array_sort(array(T), function(T,T,bigint)) -> array(T)", _sort_by)
