"""Mathematical and bitwise functions."""

from __future__ import annotations

from collections.abc import Sequence

from comotion.adapters.fake_dash.lake.analysis.typed import Typed
from comotion.adapters.fake_dash.lake.functions.signature import Binding, Call
from comotion.adapters.fake_dash.lake.functions.table import Family, kernel
from comotion.adapters.fake_dash.lake.types import BIGINT, INTEGER, Type, decimal, duck

SCALARS = Family()
FAMILIES = (SCALARS,)
add = SCALARS.add

_INTS = ("tinyint", "smallint", "integer", "bigint")


def _whole_decimal(binding: Binding, arguments: Sequence[Typed]) -> Type:
    precision, scale = arguments[0].type.size
    return decimal(precision - scale + min(scale, 1), 0)


def _wider_decimal(binding: Binding, arguments: Sequence[Typed]) -> Type:
    precision, scale = arguments[0].type.size
    return decimal(precision + 1, scale) if scale else decimal(precision, 0)


def _same_decimal(binding: Binding, arguments: Sequence[Typed]) -> Type:
    return arguments[0].type


def _cut_decimal(binding: Binding, arguments: Sequence[Typed]) -> Type:
    precision, scale = arguments[0].type.size
    return decimal(max(precision - scale, 1), 0)


def _mod(call: Call) -> Typed:
    from comotion.adapters.fake_dash.lake.analysis.operators import arithmetic

    return arithmetic(call.context, "%", call.arguments[0], call.arguments[1], call.at)


# what is written first is tried first: whole numbers with decimals are decimals, not reals
for _type in _INTS:
    add(f"mod({_type}, {_type}) -> {_type}", _mod)
add("mod(decimal(p,s), decimal(q,t)) -> decimal(p,s)", _mod)
for _type in (*_INTS, "real", "double"):
    add(f"abs({_type}) -> {_type}", "abs($1)")
    add(f"ceiling({_type}) -> {_type}", "ceil($1)" if _type in ("real", "double") else "$1")
    add(f"ceil({_type}) -> {_type}", "ceil($1)" if _type in ("real", "double") else "$1")
    add(f"floor({_type}) -> {_type}", "floor($1)" if _type in ("real", "double") else "$1")
    add(f"sign({_type}) -> {_type}",
        f"CASE WHEN isnan($1) THEN $1 ELSE CAST(sign($1) AS {duck(Type(_type))}) END" if _type in ("real", "double")
        else f"CAST(sign($1) AS {duck(Type(_type))})")  # fmt: skip
for _type in ("real", "double"):
    add(f"mod({_type}, {_type}) -> {_type}", _mod)
add("abs(decimal(p,s)) -> decimal(p,s)", "abs($1)", _same_decimal)
add("sign(decimal(p,s)) -> decimal(1,0)", "CAST(sign($1) AS DECIMAL(1,0))")
for _name, _kernel in (("ceiling", "decimal_ceiling"), ("ceil", "decimal_ceiling"), ("floor", "decimal_floor")):
    add(f"{_name}(decimal(p,s)) -> decimal(p,s)", kernel(_kernel), _whole_decimal)


def _round_whole(call: Call) -> str:
    wide = [Typed(f"CAST({call.sql(0)} AS BIGINT)", BIGINT), call.arguments[1]]
    return f"CAST({call.kernel('round_bigint', wide, BIGINT)} AS {duck(call.returns)})"


for _type in _INTS:
    add(f"round({_type}) -> {_type}", "$1")
    add(f"round({_type}, integer) -> {_type}", _round_whole)
add("round(decimal(p,s)) -> decimal(p,s)", kernel("decimal_round"), _whole_decimal)
add("round(decimal(p,s), integer) -> decimal(p,s)", kernel("decimal_round"), _wider_decimal)
add("round(real) -> real", "round($1)")
add("round(double) -> double", "round($1)")
add("round(real, integer) -> real", kernel("round_real"))
add("round(double, integer) -> double", kernel("round_double"))
add("truncate(decimal(p,s)) -> decimal(p,s)", kernel("decimal_truncate"), _cut_decimal)
add("truncate(decimal(p,s), integer) -> decimal(p,s)", kernel("decimal_truncate"), _same_decimal)
add("truncate(real) -> real", "trunc($1)")
add("truncate(double) -> double", "trunc($1)")

for _name in (
    "acos",
    "asin",
    "atan",
    "cos",
    "cosh",
    "sin",
    "sinh",
    "tan",
    "tanh",
    "sqrt",
    "cbrt",
    "exp",
    "ln",
    "log2",
    "log10",
):
    add(f"{_name}(double) -> double", kernel())
add("atan2(double, double) -> double", "atan2($1, $2)")
add("log(double, double) -> double", kernel())
add("power(double, double) -> double", kernel("java_power"))
add("pow(double, double) -> double", kernel("java_power"))
add("degrees(double) -> double", "degrees($1)")
add("radians(double) -> double", "radians($1)")
add("e() -> double", "CAST(2.718281828459045 AS DOUBLE)")
add("pi() -> double", "CAST(3.141592653589793 AS DOUBLE)")
add("infinity() -> double", "CAST('inf' AS DOUBLE)")
add("nan() -> double", "CAST('nan' AS DOUBLE)")
for _type in ("real", "double"):
    add(f"is_nan({_type}) -> boolean", "isnan($1)")
    add(f"is_finite({_type}) -> boolean", "isfinite($1)")
    add(f"is_infinite({_type}) -> boolean", "isinf($1)")

add("from_base(varchar(x), bigint) -> bigint", kernel())
add("to_base(bigint, bigint) -> varchar(64)", kernel())
add("width_bucket(double, double, double, bigint) -> bigint", kernel())
add("width_bucket(double, array(double)) -> bigint", kernel("width_bucket_bins"))
add("normal_cdf(double, double, double) -> double", kernel())
add("inverse_normal_cdf(double, double, double) -> double", kernel())
add("wilson_interval_lower(bigint, bigint, double) -> double", kernel("wilson_lower"))
add("wilson_interval_upper(bigint, bigint, double) -> double", kernel("wilson_upper"))
add("cosine_similarity(array(double), array(double)) -> double", kernel())
add("cosine_similarity(map(varchar,double), map(varchar,double)) -> double", kernel("cosine_similarity_maps"))
add("cosine_distance(array(double), array(double)) -> double", lambda call: f"(1 - {call.kernel('cosine_similarity')})")
add(
    "cosine_distance(map(varchar,double), map(varchar,double)) -> double",
    lambda call: f"(1 - {call.kernel('cosine_similarity_maps')})",
)
add("euclidean_distance(array(double), array(double)) -> double", "list_distance($1, $2)")
add("dot_product(array(double), array(double)) -> double", "list_inner_product($1, $2)")

for _name in ("random", "rand"):
    add(f"{_name}() -> double", "random()")
    for _type in _INTS:
        add(f"{_name}({_type}) -> {_type}", lambda call: _random(call, None))
        add(f"{_name}({_type}, {_type}) -> {_type}", lambda call: _random(call, call.arguments[0]))
    add(f"{_name}(double, double) -> double", kernel("random_double"))


def _random(call: Call, low: Typed | None) -> str:
    bounds = [Typed(f"CAST({one.sql} AS BIGINT)", BIGINT) for one in (low or Typed("0", INTEGER), call.arguments[-1])]
    return f"CAST({call.kernel('random_below', bounds, BIGINT)} AS {duck(call.returns)})"


add("bitwise_and(bigint, bigint) -> bigint", "($1 & $2)")
add("bitwise_or(bigint, bigint) -> bigint", "($1 | $2)")
add("bitwise_xor(bigint, bigint) -> bigint", "xor($1, $2)")
add("bitwise_not(bigint) -> bigint", "(~$1)")
add("bit_count(bigint, bigint) -> bigint", kernel())
for _type, _bits in (("tinyint", 8), ("smallint", 16), ("integer", 32), ("bigint", 64)):
    for _name in ("bitwise_left_shift", "bitwise_right_shift", "bitwise_right_shift_arithmetic"):
        add(f"{_name}({_type}, bigint) -> {_type}",
            (lambda name, bits: lambda call: _shift(call, name, bits))(_name, _bits))  # fmt: skip


def _shift(call: Call, name: str, bits: int) -> str:
    wide = Typed(f"CAST({call.sql(0)} AS BIGINT)", BIGINT)
    arguments = [wide, call.arguments[1], Typed(str(bits), INTEGER)]
    return f"CAST({call.kernel(name, arguments, BIGINT)} AS {duck(call.returns)})"


add("beta_cdf(double, double, double) -> double", kernel())
add("inverse_beta_cdf(double, double, double) -> double", kernel())
add("t_cdf(double, double) -> double", kernel())
add("t_pdf(double, double) -> double", kernel())
add("parse_data_size(varchar) -> decimal(38,0)", kernel())
