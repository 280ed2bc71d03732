"""Functions that only stand before OVER."""

from __future__ import annotations

from comotion.adapters.fake_dash.lake.functions.signature import Call
from comotion.adapters.fake_dash.lake.functions.table import Family

WINDOWS = Family("window")
FAMILIES = (WINDOWS,)
add = WINDOWS.add

for _name in ("row_number", "rank", "dense_rank"):
    add(f"{_name}() -> bigint", (lambda name: lambda call: call.aggregate(name, ""))(_name))
for _name in ("percent_rank", "cume_dist"):
    add(f"{_name}() -> double", (lambda name: lambda call: call.aggregate(name, ""))(_name))
add(
    "ntile(bigint) -> bigint",
    lambda call: call.aggregate("ntile", call.context.kernel("positive_buckets", call.arguments, call.returns)),
)
for _name in ("first_value", "last_value"):
    add(f"{_name}(T) -> T", (lambda name: lambda call: call.aggregate(name))(_name))


def _nth(call: Call) -> str:
    checked = call.context.kernel("positive_offset", [call.arguments[1]], call.arguments[1].type)
    return call.aggregate("nth_value", f"{call.sql(0)}, {checked}")


add("nth_value(T, bigint) -> T", _nth)


def _shifted(call: Call, name: str) -> str:
    offset = call.context.kernel("not_negative_offset", [call.arguments[1]], call.arguments[1].type)
    rest = [one.sql for one in call.arguments[2:]]
    return call.aggregate(name, ", ".join([call.sql(0), offset, *rest]))


for _name in ("lag", "lead"):
    add(f"{_name}(T) -> T", (lambda name: lambda call: call.aggregate(name))(_name))
    add(f"{_name}(T, bigint) -> T", (lambda name: lambda call: _shifted(call, name))(_name))
    add(f"{_name}(T, bigint, T) -> T", (lambda name: lambda call: _shifted(call, name))(_name))
