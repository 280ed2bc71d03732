"""Text functions, regular expressions, URLs."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from comotion.adapters.fake_dash.lake.analysis.typed import Typed
from comotion.adapters.fake_dash.lake.functions.signature import Binding, Call, ReturnRule, Rule
from comotion.adapters.fake_dash.lake.functions.table import Family, kernel
from comotion.adapters.fake_dash.lake.types import BIGINT, VARCHAR, Type, array

SCALARS = Family()
FAMILIES = (SCALARS,)
add = SCALARS.add

_NO_LENGTH = 2**31 - 1  # characters: a varchar that may be as long has no length
_ALL = Typed("9223372036854775807", BIGINT)


def _text(value: str) -> Typed:
    return Typed("'" + value.replace("'", "''") + "'", VARCHAR)


def _char_sum(binding: Binding, arguments: Sequence[Typed]) -> Type:
    return Type("char", (sum(a.type.size[0] for a in arguments),))


def _longest(holes: str, length: Callable[..., int]) -> ReturnRule:
    """A varchar as long as the lengths in these holes let it become; without a length where one of them has none."""

    def rule(binding: Binding, arguments: Sequence[Typed]) -> Type:
        sizes = [binding.sizes.get(hole) for hole in holes]
        found = length(*sizes) if None not in sizes else _NO_LENGTH
        return Type("varchar", (found,)) if found < _NO_LENGTH else VARCHAR

    return rule


add("contains(varchar, ipaddress) -> boolean", kernel("network_contains"))
add("chr(bigint) -> varchar(1)", kernel())
add("codepoint(varchar(1)) -> integer", kernel())
add("concat(varchar, varchar, ...) -> varchar", lambda call: f"({' || '.join(a.sql for a in call.arguments)})")
add("concat(char(x), char(y)) -> char(x)", "($1 || $2)", _char_sum)
add("concat_ws(varchar, array(varchar)) -> varchar", kernel("concat_ws_array"))
add("concat_ws(varchar, varchar, ...) -> varchar", kernel(keep_null=True))
add("hamming_distance(varchar, varchar) -> bigint", kernel())
add("levenshtein_distance(varchar, varchar) -> bigint", kernel())
add("length(varchar) -> bigint", "length($1)")
add(
    "length(char(x)) -> bigint",
    lambda call: f"CAST({call.arguments[0].type.size[0]} + 0 * length({call.sql(0)}) AS BIGINT)",
)
add("length(varbinary) -> bigint", "octet_length($1)")
add("lower(varchar(x)) -> varchar(x)", kernel())
add("upper(varchar(x)) -> varchar(x)", kernel())
add("lower(char(x)) -> char(x)", kernel())
add("upper(char(x)) -> char(x)", kernel())
add("lpad(varchar, bigint, varchar) -> varchar", kernel())
add("rpad(varchar, bigint, varchar) -> varchar", kernel())
add("lpad(varbinary, bigint, varbinary) -> varbinary", kernel("lpad_bytes"))
add("rpad(varbinary, bigint, varbinary) -> varbinary", kernel("rpad_bytes"))


def _trim(kernel_name: str, side: str) -> Rule:
    def rule(call: Call) -> str:
        found = call.kernel(kernel_name, [*call.arguments, _text(side)], VARCHAR)
        kind = call.returns
        return f"rpad({found}, {kind.size[0]}, ' ')" if kind.base == "char" else found

    return rule


for _name, _side in (("trim", "both"), ("ltrim", "left"), ("rtrim", "right")):
    for _type in ("varchar(x)", "char(x)"):
        add(f"{_name}({_type}) -> {_type}", _trim("trim_spaces", _side))
        add(f"{_name}({_type}, varchar) -> {_type}", _trim("trim_chars", _side))
add("luhn_check(varchar) -> boolean", kernel())
add("normalize(varchar, varchar) -> varchar", kernel())
add("replace(varchar(x), varchar) -> varchar(x)", "replace($1, $2, '')")
add(
    "replace(varchar(x), varchar, varchar(y)) -> varchar",
    kernel("replace_text"),
    _longest("xy", lambda x, y: x + y * (x + 1)),
)
add("reverse(varchar(x)) -> varchar(x)", kernel("reverse_text"))
add("reverse(varbinary) -> varbinary", kernel("reverse_bytes"))
add("soundex(varchar) -> varchar(4)", kernel())
add("split(varchar(x), varchar) -> array(varchar(x))", lambda call: call.kernel("split", [*call.arguments, _ALL]))
add("split(varchar(x), varchar, bigint) -> array(varchar(x))", kernel())
add("split_part(varchar(x), varchar, bigint) -> varchar(x)", kernel())
add("split_to_map(varchar, varchar, varchar) -> map(varchar,varchar)", kernel())
add("split_to_multimap(varchar, varchar, varchar) -> map(varchar,array(varchar))", kernel())
add("strpos(varchar, varchar) -> bigint", "strpos($1, $2)")
add("strpos(varchar, varchar, bigint) -> bigint", kernel("strpos_nth"))
add("starts_with(varchar, varchar) -> boolean", "starts_with($1, $2)")
for _name in ("substr", "substring"):
    add(
        f"{_name}(varchar(x), bigint) -> varchar(x)",
        lambda call: call.kernel("substr_from", [*call.arguments, _ALL], VARCHAR),
    )
    add(f"{_name}(varchar(x), bigint, bigint) -> varchar(x)", kernel("substr_from"))
    add(
        f"{_name}(char(x), bigint) -> varchar(x)",
        lambda call: call.kernel("substr_from", [*call.arguments, _ALL], VARCHAR),
    )
    add(f"{_name}(char(x), bigint, bigint) -> varchar(x)", kernel("substr_from"))
    add(f"{_name}(varbinary, bigint) -> varbinary", lambda call: call.kernel("substr_bytes", [*call.arguments, _ALL]))
    add(f"{_name}(varbinary, bigint, bigint) -> varbinary", kernel("substr_bytes"))
add("translate(varchar, varchar, varchar) -> varchar", kernel())
add("word_stem(varchar(x)) -> varchar(x)", lambda call: call.kernel("word_stem", [*call.arguments, _text("en")]))
add("word_stem(varchar(x), varchar) -> varchar(x)", kernel())
add("to_utf8(varchar) -> varbinary", "encode($1)")
add("to_utf8(char(x)) -> varbinary", "encode(rtrim($1, ' '))")
add("from_utf8(varbinary) -> varchar", kernel())
add("from_utf8(varbinary, varchar) -> varchar", kernel())
add(
    "from_utf8(varbinary, bigint) -> varchar",
    lambda call: call.kernel(
        "from_utf8", [call.arguments[0], Typed(call.kernel("chr", [call.arguments[1]], VARCHAR), VARCHAR)]
    ),
)
add(
    "format_number(bigint) -> varchar",
    lambda call: call.kernel("format_number", [Typed(f"CAST({call.sql(0)} AS DOUBLE)", Type("double"))]),
)
add("format_number(double) -> varchar", kernel())

# ---- regular expressions ----------------------------------------------------------------------------------

_ZERO, _ONE = Typed("CAST(0 AS BIGINT)", BIGINT), Typed("CAST(1 AS BIGINT)", BIGINT)
add("regexp_like(varchar, varchar) -> boolean", kernel())
add(
    "regexp_extract(varchar(x), varchar) -> varchar(x)",
    lambda call: call.kernel("regexp_extract", [*call.arguments, _ZERO]),
)
add("regexp_extract(varchar(x), varchar, bigint) -> varchar(x)", kernel())
add(
    "regexp_extract_all(varchar(x), varchar) -> array(varchar(x))",
    lambda call: call.kernel("regexp_extract_all", [*call.arguments, _ZERO]),
)
add("regexp_extract_all(varchar(x), varchar, bigint) -> array(varchar(x))", kernel())
add("regexp_count(varchar, varchar) -> bigint", kernel())
add(
    "regexp_position(varchar, varchar) -> integer",
    lambda call: call.kernel("regexp_position", [*call.arguments, _ONE, _ONE]),
)
add(
    "regexp_position(varchar, varchar, integer) -> integer",
    lambda call: call.kernel("regexp_position", [*call.arguments, _ONE]),
)
add("regexp_position(varchar, varchar, integer, integer) -> integer", kernel())
add(
    "regexp_replace(varchar(x), varchar) -> varchar(x)",
    lambda call: call.kernel("regexp_replace", [*call.arguments, _text("")]),
)
add(
    "regexp_replace(varchar(x), varchar, varchar(y)) -> varchar",
    kernel(),
    _longest("xy", lambda x, y: x + max(x * y // 2, y) * (x + 1)),
)
add("regexp_split(varchar(x), varchar) -> array(varchar(x))", kernel())


def _regexp_replace_by(call: Call) -> str:
    """Each match's groups go through the lambda; the texts between stay."""
    arguments = call.arguments[:2]
    found = call.lambdas[2]
    assert found is not None
    gaps = call.kernel("regexp_gaps", arguments, array(VARCHAR))
    groups = call.kernel("regexp_groups", arguments, array(array(VARCHAR)))
    filled = f"list_transform({groups}, {found.sql})"
    return call.kernel("woven", [Typed(gaps, array(VARCHAR)), Typed(filled, array(VARCHAR))], VARCHAR)


add("regexp_replace(varchar, varchar, function(array(varchar),varchar)) -> varchar", _regexp_replace_by)

# ---- URLs -------------------------------------------------------------------------------------------------


def _url_part(part: str) -> Rule:
    return lambda call: call.kernel("url_part", [*call.arguments, _text(part)], VARCHAR)


for _part in ("host", "protocol", "path", "query", "fragment"):
    add(f"url_extract_{_part}(varchar(x)) -> varchar(x)", _url_part(_part))
add("url_extract_port(varchar) -> bigint", kernel("url_port"))
add("url_extract_parameter(varchar(x), varchar) -> varchar(x)", kernel("url_parameter"))
add("url_encode(varchar(x)) -> varchar", kernel(), _longest("x", lambda x: x * 12))
add("url_decode(varchar(x)) -> varchar(x)", kernel())
