"""JSON_VALUE, JSON_QUERY, JSON_EXISTS, JSON_OBJECT and JSON_ARRAY."""

from __future__ import annotations

from typing import TYPE_CHECKING

from comotion.adapters.fake_dash.lake.analysis.casts import NoSuchCast, coerce, convert
from comotion.adapters.fake_dash.lake.analysis.typed import Typed, mismatch, refusal, text
from comotion.adapters.fake_dash.lake.kernels.jsonpath_grammar import (
    Node,
    PathRefused,
    PathUnknown,
    parse_path,
    variables_of,
)
from comotion.adapters.fake_dash.lake.refusal import SqlNotSupported
from comotion.adapters.fake_dash.lake.sql import tree
from comotion.adapters.fake_dash.lake.types import (
    BIGINT,
    BOOLEAN,
    DOUBLE,
    INTEGERS,
    JSON,
    VARBINARY,
    VARCHAR,
    Type,
    UnknownType,
    can_coerce,
    decimal,
    duck,
    parse_type,
)

if TYPE_CHECKING:
    from comotion.adapters.fake_dash.lake.analysis.expressions import Expressions

_JSON_SCALARS = frozenset(INTEGERS) | {
    "unknown", "varchar", "char", "boolean", "real", "double", "decimal", "json",
}  # fmt: skip


def json_path_call(expressions: Expressions, node: tree.JsonPathCall) -> Typed:
    """A call that looks into a document by an SQL/JSON path."""
    document = _read(expressions, node.document)
    try:
        _, path = parse_path(node.path)
    except PathUnknown as error:
        raise SqlNotSupported(f"{node.function} path: {error}") from None
    except PathRefused as error:
        raise refusal(node.at, str(error), "INVALID_PATH") from None
    _check_variables(node, path)
    given = _variables(expressions, node.passing)
    if node.function == "json_exists":
        mode = node.on_error if isinstance(node.on_error, str) else "false"
        return Typed(_call(expressions, "json_exists", document, node.path, given, mode, "", BOOLEAN), BOOLEAN)
    if node.function == "json_query":
        return _query(expressions, node, document, given)
    return _value(expressions, node, document, given)


def _check_variables(node: tree.JsonPathCall, path: Node) -> None:
    given = {name for _, name in node.passing}
    for name in sorted(variables_of(path) - given):
        hint = ""
        if any(name.lower() == other.lower() for other in given):
            hint = f'. Try quoting "{name}" in the PASSING clause to match case'
        raise refusal(node.at, f"no value passed for parameter {name}{hint}", "INVALID_PATH")


def _read(expressions: Expressions, given: tree.JsonInput) -> Typed:
    """A document as the text of its JSON."""
    context, value = expressions.context, expressions.analyse(given.value)
    shape, _, encoding = (given.format or "JSON").partition(" ENCODING ")
    if value.type.base in ("varchar", "char", "unknown") and not encoding:
        return coerce(context, value, VARCHAR)
    if value.type.base == "varbinary":
        chosen = Typed(text(encoding or "UTF8"), VARCHAR)
        return Typed(context.kernel("json_decoded", [value, chosen], VARCHAR), VARCHAR)
    if value.type.base == "json" and given.format is None:
        return value
    raise mismatch(
        given.value.at, f"Cannot read input of type {value.type} as JSON using formatting {given.format or shape}"
    )


def _variables(expressions: Expressions, passing: tuple[tuple[tree.JsonInput, str], ...]) -> Typed:
    context = expressions.context
    pieces: list[Typed] = []
    for given, name in passing:
        kind = "document" if given.format is not None else "value"
        value = _read(expressions, given) if given.format is not None else _parameter(expressions, given.value)
        pieces += [Typed(text(name), VARCHAR), Typed(text(kind), VARCHAR), value]
    if not pieces:
        return Typed("'{}'", VARCHAR)
    return Typed(context.kernel("json_variables", pieces, VARCHAR, keep_null=True), VARCHAR)


def _parameter(expressions: Expressions, node: tree.Expression) -> Typed:
    """A value passed along, as JSON text; what JSON has no form for goes as its own text."""
    context, value = expressions.context, expressions.analyse(node)
    if value.type.parts or value.type.base == "varbinary":
        raise mismatch(node.at, f"Unsupported type of JSON path parameter: {value.type}")
    if value.type.base not in _JSON_SCALARS:
        value = (
            coerce(context, value, VARCHAR)
            if can_coerce(value.type, VARCHAR)
            else Typed(convert(context, value.sql, value.type, VARCHAR), VARCHAR)
        )
    return Typed(context.kernel("json_from", [value], JSON, keep_null=True), VARCHAR)


def _call(
    expressions: Expressions,
    kernel: str,
    document: Typed,
    path: str,
    given: Typed,
    empty: str,
    error: str,
    returns: Type,
) -> str:
    arguments = [document, Typed(text(path), VARCHAR), given, Typed(text(empty), VARCHAR), Typed(text(error), VARCHAR)]
    return expressions.context.kernel(kernel, arguments, returns)


def _query(expressions: Expressions, node: tree.JsonPathCall, document: Typed, given: Typed) -> Typed:
    empty = node.on_empty if isinstance(node.on_empty, str) else "null"
    error = node.on_error if isinstance(node.on_error, str) else "null"
    how = f"{node.wrapper or 'without'}/{node.quotes or 'keep'}"
    if node.quotes == "omit" and node.wrapper in ("conditional", "unconditional"):
        raise refusal(node.at, "OMIT QUOTES behavior specified with WITH WRAPPER behavior", "INVALID_FUNCTION_ARGUMENT")
    arguments = [
        document,
        Typed(text(node.path), VARCHAR),
        given,
        Typed(text(how), VARCHAR),
        Typed(text(empty), VARCHAR),
        Typed(text(error), VARCHAR),
    ]
    return _written(expressions, node, expressions.context.kernel("json_query", arguments, VARCHAR))


def _written(expressions: Expressions, node: tree.JsonPathCall | tree.JsonBuild, sql: str) -> Typed:
    """JSON text as the type after RETURNING: cut to a length, or as bytes."""
    returns = _returned(node)
    encoding = (node.output or "").partition(" ENCODING ")[2]
    if returns.base in ("varchar", "char") and not encoding:
        return Typed(convert(expressions.context, sql, VARCHAR, returns), returns)
    if returns.base == "varbinary":
        arguments = [Typed(sql, VARCHAR), Typed(text(encoding or "UTF8"), VARCHAR)]
        return Typed(expressions.context.kernel("json_encoded", arguments, VARBINARY), VARBINARY)
    raise mismatch(node.at, f"Cannot output JSON value as {returns} using formatting {node.output or 'JSON'}")


def _value(expressions: Expressions, node: tree.JsonPathCall, document: Typed, given: Typed) -> Typed:
    context = expressions.context
    returns = _returned(node)
    if returns.base not in ("varchar", "char", "boolean", "tinyint", "smallint", "integer", "bigint", "real", "double",
                            "decimal", "date", "timestamp"):  # fmt: skip
        raise mismatch(node.at, f"Invalid return type of function JSON_VALUE: {returns}")
    outcome = _call(
        expressions, "json_value", document, node.path, given, _mode(node.on_empty), _mode(node.on_error), VARCHAR
    )
    name = context.fresh("j")
    failed = _when_failed(expressions, node, returns)
    arms = [f"WHEN {name} IS NULL THEN NULL"]
    for mark, kind in _MARKS.items():
        if mark == "n" and returns.is_integer:
            kind = decimal(38, 10)
        value = _scalar(expressions, f"substr({name}, 2)", kind, returns, failed)
        arms.append(f"WHEN left({name}, 1) = '{mark}' THEN {value}")
    for mark, behaviour in (("e", node.on_empty), ("r", node.on_error)):
        if isinstance(behaviour, tree.Expression):
            arms.append(f"WHEN left({name}, 1) = '{mark}' THEN {_default(expressions, behaviour, returns)}")
    body = f"CASE {' '.join(arms)} ELSE NULL END"
    return Typed(f"list_transform([{outcome}], lambda {name}: {body})[1]", returns)


# what the marks before the text of a scalar stand for; a decimal's text casts as its value does, but to whole numbers
_MARKS = {"s": VARCHAR, "b": BOOLEAN, "i": BIGINT, "d": DOUBLE, "n": VARCHAR}


def _when_failed(expressions: Expressions, node: tree.JsonPathCall, returns: Type) -> str | None:
    """What a value becomes that cannot be cast, None where that is an error."""
    if node.on_error == "error":
        return None
    if isinstance(node.on_error, tree.Expression):
        return _default(expressions, node.on_error, returns)
    return f"CAST(NULL AS {duck(returns)})"


def _scalar(expressions: Expressions, sql: str, kind: Type, returns: Type, failed: str | None) -> str:
    """The text of a scalar of that type, as what the function returns."""
    context = expressions.context
    try:
        value = convert(context, sql if kind == VARCHAR else convert(context, sql, VARCHAR, kind), kind, returns)
    except NoSuchCast:
        refused = f"Cannot cast value of type {kind} to declared return type of function JSON_VALUE: {returns}"
        return failed if failed is not None else context.fail(refused, returns, "JSON_VALUE_RESULT_ERROR")
    cannot_fail = kind == VARCHAR and returns.base in ("varchar", "char")
    return value if failed is None or cannot_fail else f"coalesce(TRY({value}), {failed})"


def _returned(node: tree.JsonPathCall | tree.JsonBuild) -> Type:
    """The type after RETURNING, varchar where nothing is said."""
    if node.returning is None:
        return VARCHAR
    try:
        return parse_type(node.returning)
    except UnknownType:
        raise mismatch(node.at, f"Unknown type: {node.returning}") from None


def _default(expressions: Expressions, node: tree.Expression, returns: Type) -> str:
    value = expressions.analyse(node)
    if not can_coerce(value.type, returns):
        raise mismatch(
            node.at, f"Function JSON_VALUE default result must evaluate to a {returns} (actual: {value.type})"
        )
    return coerce(expressions.context, value, returns).sql


def _mode(behaviour: tree.Expression | str | None) -> str:
    if isinstance(behaviour, tree.Expression):
        return "default"
    return behaviour or "null"


def build_json(expressions: Expressions, node: tree.JsonBuild) -> Typed:
    """JSON_OBJECT and JSON_ARRAY: text, with members in the order written."""
    context = expressions.context
    pieces: list[Typed] = [
        Typed("TRUE" if node.null_on_null else "FALSE", BOOLEAN),
        Typed("TRUE" if node.unique_keys else "FALSE", BOOLEAN),
    ]
    for key, value in node.members:
        if key is not None:
            name = expressions.analyse(key)
            if name.type.base not in ("varchar", "char", "unknown"):
                raise mismatch(key.at, f"Invalid type of JSON object key: {name.type}")
            pieces.append(coerce(context, name, VARCHAR))
        pieces.append(_member(expressions, value))
    return _written(expressions, node, context.kernel(f"{node.function}_text", pieces, VARCHAR, keep_null=True))


def _member(expressions: Expressions, given: tree.JsonInput) -> Typed:
    context, node = expressions.context, given.value
    if (
        given.format is not None
        or isinstance(node, tree.JsonBuild)
        or (isinstance(node, tree.JsonPathCall) and node.function == "json_query")
    ):
        return Typed(context.kernel("json_parse", [_read(expressions, given)], JSON), VARCHAR)
    value = expressions.analyse(node)
    if value.type.base == "unknown":
        return Typed("CAST(NULL AS VARCHAR)", VARCHAR)
    if value.type.base in _JSON_SCALARS:
        return Typed(
            f"CASE WHEN {value.sql} IS NULL THEN NULL ELSE {convert(context, value.sql, value.type, JSON)} END", VARCHAR
        )
    shown = Typed(convert(context, value.sql, value.type, VARCHAR), VARCHAR)
    return Typed(
        f"CASE WHEN {value.sql} IS NULL THEN NULL ELSE {convert(context, shown.sql, VARCHAR, JSON)} END", VARCHAR
    )
