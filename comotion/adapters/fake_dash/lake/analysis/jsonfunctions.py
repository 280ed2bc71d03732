"""JSON_VALUE, JSON_QUERY, JSON_EXISTS, JSON_OBJECT and JSON_ARRAY."""

from __future__ import annotations

from typing import TYPE_CHECKING

from comotion.adapters.fake_dash.lake.analysis.casts import coerce, convert
from comotion.adapters.fake_dash.lake.analysis.typed import Typed, mismatch, refusal, text
from comotion.adapters.fake_dash.lake.kernels.jsonpath_grammar import PathRefused, PathUnknown, parse_path
from comotion.adapters.fake_dash.lake.refusal import SqlNotSupported
from comotion.adapters.fake_dash.lake.sql import tree
from comotion.adapters.fake_dash.lake.types import BOOLEAN, JSON, VARCHAR, Type, UnknownType, can_coerce, parse_type

if TYPE_CHECKING:
    from comotion.adapters.fake_dash.lake.analysis.expressions import Expressions


def json_path_call(expressions: Expressions, node: tree.JsonPathCall) -> Typed:
    """A call that looks into a document by an SQL/JSON path."""
    context = expressions.context
    document = expressions.analyse(node.document)
    if document.type.base not in ("varchar", "char", "json", "unknown"):
        raise mismatch(node.document.at, f"Cannot read input of type {document.type} as JSON using formatting JSON")
    document = coerce(context, document, VARCHAR) if document.type.base != "json" else document
    try:
        parse_path(node.path)
    except PathUnknown as error:
        raise SqlNotSupported(f"{node.function} path: {error}") from None
    except PathRefused as error:
        raise refusal(node.at, str(error), "INVALID_PATH") from None
    passing = [(expressions.analyse(value), name) for value, name in node.passing]
    given = _variables(expressions, passing)
    if node.function == "json_exists":
        mode = node.on_error if isinstance(node.on_error, str) else "false"
        return Typed(_call(expressions, "json_exists", document, node.path, given, mode, "", BOOLEAN), BOOLEAN)
    if node.function == "json_query":
        return _query(expressions, node, document, given)
    return _value(expressions, node, document, given)


def _variables(expressions: Expressions, passing: list[tuple[Typed, str]]) -> Typed:
    context = expressions.context
    pieces: list[Typed] = []
    for value, name in passing:
        pieces.append(Typed(text(name), VARCHAR))
        pieces.append(Typed(context.kernel("json_from", [value], JSON, keep_null=True), VARCHAR))
    if not pieces:
        return Typed("'{}'", VARCHAR)
    return Typed(context.kernel("json_variables", pieces, VARCHAR, keep_null=True), VARCHAR)


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
    returns = _returned(node)
    if returns.base != "varchar":
        raise SqlNotSupported(f"json_query RETURNING {returns}")
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
    return Typed(expressions.context.kernel("json_query", arguments, VARCHAR), returns)


def _value(expressions: Expressions, node: tree.JsonPathCall, document: Typed, given: Typed) -> Typed:
    context = expressions.context
    returns = _returned(node)
    if returns.base not in ("varchar", "char", "boolean", "tinyint", "smallint", "integer", "bigint", "real", "double",
                            "decimal", "date", "timestamp"):  # fmt: skip
        raise mismatch(node.at, f"Invalid return type of function JSON_VALUE: {returns}")
    outcome = _call(
        expressions, "json_value", document, node.path, given, _mode(node.on_empty), _mode(node.on_error), VARCHAR
    )
    # the kernel answers with a mark and the text: 'v' a value, 'e' the empty default, 'r' the error default
    name = context.fresh("j")
    shown = f"substr({name}, 2)"
    value = convert(context, shown, VARCHAR, returns)
    if node.on_error is None or node.on_error == "null":
        value = f"TRY({value})" if returns.base != "varchar" else value
    elif isinstance(node.on_error, tree.Expression) and returns.base != "varchar":
        default = _default(expressions, node.on_error, returns)
        value = f"coalesce(TRY({value}), {default})"
    arms = [f"WHEN {name} IS NULL THEN NULL", f"WHEN left({name}, 1) = 'v' THEN {value}"]
    for mark, behaviour in (("e", node.on_empty), ("r", node.on_error)):
        if isinstance(behaviour, tree.Expression):
            default = _default(expressions, behaviour, returns)
            arms.append(f"WHEN left({name}, 1) = '{mark}' THEN {default}")
    body = f"CASE {' '.join(arms)} ELSE NULL END"
    return Typed(f"list_transform([{outcome}], lambda {name}: {body})[1]", returns)


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
    returns = _returned(node)
    if returns.base != "varchar":
        raise SqlNotSupported(f"{node.function} RETURNING {returns}")
    pieces: list[Typed] = [
        Typed("TRUE" if node.null_on_null else "FALSE", BOOLEAN),
        Typed("TRUE" if node.unique_keys else "FALSE", BOOLEAN),
    ]
    for key, value, formatted in node.members:
        if key is not None:
            name = expressions.analyse(key)
            if name.type.base not in ("varchar", "char", "unknown"):
                raise mismatch(key.at, f"Invalid type of JSON object key: {name.type}")
            pieces.append(coerce(context, name, VARCHAR))
        pieces.append(_member(expressions, value, formatted))
    return Typed(context.kernel(f"{node.function}_text", pieces, VARCHAR, keep_null=True), returns)


def _member(expressions: Expressions, node: tree.Expression, formatted: bool) -> Typed:
    context = expressions.context
    value = expressions.analyse(node)
    if (
        formatted
        or isinstance(node, tree.JsonBuild)
        or (isinstance(node, tree.JsonPathCall) and node.function == "json_query")
    ):
        return Typed(context.kernel("json_parse", [coerce(context, value, VARCHAR)], JSON), VARCHAR)
    if value.type.base == "unknown":
        return Typed("CAST(NULL AS VARCHAR)", VARCHAR)
    if value.type.base in (
        "varchar",
        "char",
        "boolean",
        "tinyint",
        "smallint",
        "integer",
        "bigint",
        "real",
        "double",
        "decimal",
        "json",
    ):
        return Typed(
            f"CASE WHEN {value.sql} IS NULL THEN NULL ELSE {convert(context, value.sql, value.type, JSON)} END", VARCHAR
        )
    shown = Typed(convert(context, value.sql, value.type, VARCHAR), VARCHAR)
    return Typed(
        f"CASE WHEN {value.sql} IS NULL THEN NULL ELSE {convert(context, shown.sql, VARCHAR, JSON)} END", VARCHAR
    )
