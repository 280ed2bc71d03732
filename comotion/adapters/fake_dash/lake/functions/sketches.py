"""HyperLogLog, t-digest, q-digest and set digest: kept exactly, so their answers are the ones they approximate."""

from __future__ import annotations

from comotion.adapters.fake_dash.lake.analysis.typed import Typed
from comotion.adapters.fake_dash.lake.functions.aggregates import collected
from comotion.adapters.fake_dash.lake.functions.signature import Call
from comotion.adapters.fake_dash.lake.functions.table import Family, kernel
from comotion.adapters.fake_dash.lake.types import BIGINT, DOUBLE, Type, array

AGGREGATES = Family("aggregate")
SCALARS = Family()
FAMILIES = (AGGREGATES, SCALARS)
_HASHES = array(BIGINT)


def _hashes(call: Call) -> str:
    hashed = call.context.kernel("value_hash", [call.arguments[0]], BIGINT)
    return call.aggregate("list", hashed, keep=f"{call.sql(0)} IS NOT NULL", distinct=True)


for _type in ("bigint", "double", "varchar", "varbinary"):
    AGGREGATES.add(f"approx_set({_type}) -> hyperloglog", _hashes)
    AGGREGATES.add(f"approx_set({_type}, double) -> hyperloglog", _hashes)
    if _type in ("bigint", "varchar"):
        AGGREGATES.add(f"make_set_digest({_type}) -> setdigest", _hashes)
for _type in ("hyperloglog", "setdigest"):
    AGGREGATES.add(f"{'merge' if _type == 'hyperloglog' else 'merge_set_digest'}({_type}) -> {_type}",
                   lambda call: call.kernel("hashes_merged", [Typed(collected(call).sql, array(_HASHES))]))  # fmt: skip
    SCALARS.add(f"cardinality({_type}) -> bigint", "CAST(len($1) AS BIGINT)")
SCALARS.add("empty_approx_set() -> hyperloglog", "CAST([] AS BIGINT[])")
SCALARS.add("intersection_cardinality(setdigest, setdigest) -> bigint", "CAST(len(list_intersect($1, $2)) AS BIGINT)")
SCALARS.add("jaccard_index(setdigest, setdigest) -> double", kernel("hashes_shared"))


def _tdigest(call: Call) -> str:
    values = collected(call, f"CAST({call.sql(0)} AS DOUBLE)", DOUBLE)
    weight = f"CAST({call.sql(1)} AS DOUBLE)" if len(call.arguments) == 2 else "CAST(1 AS DOUBLE)"
    return call.kernel("tdigest_made", [values, collected(call, weight, DOUBLE)])


AGGREGATES.add("tdigest_agg(double) -> tdigest", _tdigest)
AGGREGATES.add("tdigest_agg(double, double) -> tdigest", _tdigest)
AGGREGATES.add("merge(tdigest) -> tdigest", lambda call: call.kernel("tdigest_merged", [collected(call)]))
SCALARS.add("scale_tdigest(tdigest, double) -> tdigest", kernel("tdigest_scaled"))
SCALARS.add("value_at_quantile(tdigest, double) -> double", kernel("tdigest_value"))
SCALARS.add("values_at_quantiles(tdigest, array(double)) -> array(double)", kernel("tdigest_values"))


def _qdigest(call: Call) -> str:
    kind = call.arguments[0].type
    weight = call.sql(1) if len(call.arguments) > 1 else "CAST(1 AS BIGINT)"
    return call.kernel(
        "qdigest_sorted", [collected(call), collected(call, weight, BIGINT)], Type("qdigest", (), (kind,))
    )


for _type in ("bigint", "double", "real"):
    AGGREGATES.add(f"qdigest_agg({_type}) -> qdigest({_type})", _qdigest)
    AGGREGATES.add(f"qdigest_agg({_type}, bigint) -> qdigest({_type})", _qdigest)
    AGGREGATES.add(f"qdigest_agg({_type}, bigint, double) -> qdigest({_type})", _qdigest)
    AGGREGATES.add(
        f"merge(qdigest({_type})) -> qdigest({_type})", lambda call: call.kernel("qdigest_merged", [collected(call)])
    )
    SCALARS.add(f"value_at_quantile(qdigest({_type}), double) -> {_type}", kernel("qdigest_value"))
    SCALARS.add(f"values_at_quantiles(qdigest({_type}), array(double)) -> array({_type})", kernel("qdigest_values"))
    SCALARS.add(f"quantile_at_value(qdigest({_type}), {_type}) -> double", kernel("qdigest_share"))
