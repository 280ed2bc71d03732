"""Calls of functions: find the signature, coerce the arguments, write the DuckDB text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve

from comotion.adapters.fake_dash.lake.analysis import walk
from comotion.adapters.fake_dash.lake.analysis.casts import coerce
from comotion.adapters.fake_dash.lake.analysis.operators import instant, is_comparable, is_orderable
from comotion.adapters.fake_dash.lake.analysis.typed import Field, Typed, mismatch, refusal
from comotion.adapters.fake_dash.lake.functions.known import UNSUPPORTED
from comotion.adapters.fake_dash.lake.functions.modifiers import Modifiers
from comotion.adapters.fake_dash.lake.functions.signature import Binding, Call, LambdaText, Pattern, Signature
from comotion.adapters.fake_dash.lake.functions.special import SPECIAL
from comotion.adapters.fake_dash.lake.functions.table import Function, functions
from comotion.adapters.fake_dash.lake.refusal import SqlNotSupported
from comotion.adapters.fake_dash.lake.sql import tree
from comotion.adapters.fake_dash.lake.types import DAY_TO_SECOND, UNKNOWN, YEAR_TO_MONTH, Type, common_type

if TYPE_CHECKING:
    from comotion.adapters.fake_dash.lake.analysis.expressions import Expressions


_NULL_TREATED = frozenset({"first_value", "last_value", "nth_value", "lead", "lag"})


def analyse_call(expressions: Expressions, node: tree.Call) -> Typed:
    """The translation of a call.

    Raises
    ------
    SqlRefused
        Where there is no such function, or none for these arguments.
    SqlNotSupported
        Where Trino has the function and this fake has not.
    """
    name = node.name.lower()
    special = SPECIAL.get(name)
    if special is not None and node.window is None:
        return special(expressions, node)
    function = functions().get(name)
    if function is None:
        if name in UNSUPPORTED:
            raise SqlNotSupported(name)
        raise refusal(node.at, f"Function '{name}' not registered", "FUNCTION_NOT_FOUND")
    _check_use(function, node)
    if function.kind == "aggregate" and node.window is None:
        return _aggregate(expressions, function, node)
    if node.window is not None and expressions.clause:
        raise refusal(node.at, f"{expressions.clause} cannot contain aggregations, window functions or grouping "
                               f"operations: [{walk.written(node)}]", "EXPRESSION_NOT_SCALAR")  # fmt: skip
    modifiers = _modifiers(expressions, function, node) if function.kind != "scalar" else None
    return resolve(expressions, function, node, modifiers)


def _check_use(function: Function, node: tree.Call) -> None:
    if function.kind == "scalar":
        for present, what in (
            (node.distinct, "DISTINCT"),
            (node.filter is not None, "FILTER"),
            (bool(node.order), "ORDER BY"),
        ):
            if present:
                raise refusal(
                    node.at,
                    f"{what} is not supported for non-aggregation function: {function.name}"
                    if what != "DISTINCT"
                    else "DISTINCT is not supported for non-aggregation functions",
                )
        if node.window is not None:
            raise refusal(
                node.at,
                f"Window functions cannot be applied to scalar function: {function.name}",
                "FUNCTION_NOT_WINDOW",
            )
    if function.kind == "window" and node.window is None:
        raise refusal(node.at, f"Window function {function.name} requires an OVER clause", "MISSING_OVER")
    if node.window is not None and node.distinct:
        raise refusal(node.at, "DISTINCT in window function parameters not yet supported")
    if node.ignore_nulls and function.name not in _NULL_TREATED:
        raise refusal(
            node.at, f"Cannot specify null treatment clause for {function.name} function", "NULL_TREATMENT_NOT_ALLOWED"
        )
    if node.window is not None and any(walk.has_window(a) for a in node.arguments):
        raise refusal(
            node.at,
            "Cannot nest window functions or row pattern measures inside window function arguments",
            "NESTED_WINDOW",
        )
    if node.star and function.name != "count":
        raise refusal(
            node.at,
            f"Unexpected parameters (*) for function {function.name}. Expected: {_expected(function)}",
            "FUNCTION_NOT_FOUND",
        )


def _aggregate(expressions: Expressions, function: Function, node: tree.Call) -> Typed:
    if expressions.clause is not None:
        raise refusal(node.at, f"{expressions.clause} cannot contain aggregations, window functions or grouping "
                               f"operations: [{walk.written(node)}]", "EXPRESSION_NOT_SCALAR")  # fmt: skip
    if expressions.grouping is None or expressions.source is None:
        raise refusal(
            node.at,
            f"Cannot nest aggregations inside aggregation '{function.name}': [{walk.written(node)}]",
            "NESTED_AGGREGATION",
        )
    if walk.has_window(node.arguments):
        raise refusal(
            node.at,
            f"Cannot nest window functions or row pattern measures inside aggregation '{function.name}'",
            "NESTED_WINDOW",
        )
    inner = evolve(expressions.source, grouping=None, source=None)
    modifiers = _modifiers(inner, function, node)
    return expressions.grouping.aggregate(resolve(inner, function, node, modifiers))


def _modifiers(expressions: Expressions, function: Function, node: tree.Call) -> Modifiers:
    filter_ = expressions.boolean(node.filter, "FILTER clause").sql if node.filter is not None else ""
    order = sort_text(expressions, node.order) if node.order else ""
    over = ""
    if node.window is not None:
        over = f"OVER ({_window(expressions, node.window)})"
    return Modifiers(node.distinct, order, filter_, over, node.ignore_nulls, node.overflow)


def sort_text(expressions: Expressions, items: tuple[tree.SortItem, ...]) -> str:
    return ", ".join(sort_key(expressions.analyse(item.key), item) for item in items)


def sort_key(value: Typed, item: tree.SortItem) -> str:
    """One key of an ORDER BY; NULLs come last unless told otherwise."""
    if not is_orderable(value.type):
        raise mismatch(item.at, f"Type {value.type} is not orderable, and therefore cannot be used in ORDER BY")
    sql = instant(value.sql, value.type)
    if sql.startswith("CAST(") and value.literal is not None:
        sql = f"({sql})"
    return f"{sql} {'DESC' if item.descending else 'ASC'} NULLS {'FIRST' if item.nulls_first else 'LAST'}"


def _window(expressions: Expressions, given: tree.Window | tree.Name) -> str:
    window = _named(expressions, given)
    pieces: list[str] = []
    if window.partition:
        keys = expressions.all(window.partition)
        for key, place in zip(keys, window.partition, strict=True):
            if not is_comparable(key.type):
                raise mismatch(
                    place.at,
                    f"{key.type} is not comparable, and therefore cannot be used in window function PARTITION BY",
                )
        pieces.append("PARTITION BY " + ", ".join(instant(k.sql, k.type) for k in keys))
    if window.order:
        wide = _range_key(expressions, window)
        order = sort_key(wide, window.order[0]) if wide is not None else sort_text(expressions, window.order)
        pieces.append("ORDER BY " + order)
    if window.frame is not None:
        pieces.append(_frame(expressions, window))
    return " ".join(pieces)


def _named(expressions: Expressions, given: tree.Window | tree.Name) -> tree.Window:
    if isinstance(given, tree.Name):
        found = expressions.windows.get(given.value.lower())
        if found is None:
            raise refusal(given.at, f"Cannot resolve WINDOW name {given.value}", "INVALID_WINDOW_REFERENCE")
        return _named(expressions, found)
    if given.base is None:
        return given
    base = _named(expressions, given.base)
    return tree.Window(
        None, base.partition or given.partition, given.order or base.order, given.frame or base.frame, at=given.at
    )


def _range_key(expressions: Expressions, window: tree.Window) -> Typed | None:
    """The number that a RANGE frame counts from, of a type that holds what it counts: 2 reaches to 0.5 by 1.5."""
    frame = window.frame
    if frame is None or frame.unit != "RANGE" or len(window.order) != 1:
        return None
    key = expressions.analyse(window.order[0].key)
    if not key.type.is_number:
        return None
    for _, size in (frame.start, frame.end):
        kind = common_type(key.type, expressions.analyse(size).type) if size is not None else None
        key = coerce(expressions.context, key, kind) if kind is not None else key
    return key


def _frame(expressions: Expressions, window: tree.Window) -> str:
    frame = window.frame
    assert frame is not None
    order = {"UNBOUNDED PRECEDING": 0, "PRECEDING": 1, "CURRENT ROW": 2, "FOLLOWING": 3, "UNBOUNDED FOLLOWING": 4}
    first, last = order[frame.start[0]], order[frame.end[0]]
    if first == 4 or last == 0 or first > last:
        raise refusal(
            frame.at,
            f"Window frame starting from {frame.start[0]} cannot end with {frame.end[0]}",
            "INVALID_WINDOW_FRAME",
        )
    if frame.unit == "GROUPS" and not window.order:
        raise refusal(frame.at, "Window frame of type GROUPS requires ORDER BY", "MISSING_ORDER_BY")
    sized = [bound for bound in (frame.start, frame.end) if bound[1] is not None]
    if frame.unit == "RANGE" and sized and len(window.order) != 1:
        raise refusal(
            frame.at,
            "Window frame of type RANGE PRECEDING or FOLLOWING requires single sort item in ORDER BY",
            "INVALID_ORDER_BY",
        )
    return (
        f"{frame.unit} BETWEEN {_bound(expressions, window, frame.start)} AND {_bound(expressions, window, frame.end)}"
    )


def _bound(expressions: Expressions, window: tree.Window, bound: tuple[str, tree.Expression | None]) -> str:
    word, size = bound
    if size is None:
        return word
    assert window.frame is not None
    value = expressions.analyse(size)
    if window.frame.unit != "RANGE":
        if not value.type.is_integer:
            raise mismatch(
                size.at,
                (
                    f"Window frame {window.frame.unit} value type must be exact numeric type with scale 0 "
                    f"(actual {value.type})"
                ),
            )
        return f"{_offset(expressions, value)} {word}"
    key = expressions.analyse(window.order[0].key)
    if key.type.is_zoned:
        raise SqlNotSupported("RANGE frame over a timestamp with time zone")
    if not (key.type.is_number or key.type.base in ("date", "timestamp", "time")):
        raise mismatch(
            window.order[0].at,
            (
                "Window frame of type RANGE PRECEDING or FOLLOWING requires that sort item type be "
                f"numeric, datetime or interval (actual: {key.type})"
            ),
        )
    if key.type.is_number != value.type.is_number:
        raise mismatch(
            size.at, f"Window frame RANGE value type ({value.type}) not compatible with sort item type ({key.type})"
        )
    if value.type == DAY_TO_SECOND:
        return f"to_microseconds({value.sql} * 1000) {word}"
    if value.type == YEAR_TO_MONTH:
        return f"to_months({value.sql}) {word}"
    wide = _range_key(expressions, window)
    return f"{coerce(expressions.context, value, wide.type).sql if wide is not None else value.sql} {word}"


def _offset(expressions: Expressions, value: Typed) -> str:
    """How many rows or groups a frame reaches; not every DuckDB refuses one below zero."""
    if isinstance(value.literal, int) and value.literal >= 0:
        return value.sql
    refused = expressions.context.fail(
        "Window frame offset value must not be negative or null", value.type, "INVALID_WINDOW_FRAME"
    )
    return f"CASE WHEN {value.sql} >= 0 THEN {value.sql} ELSE {refused} END"


# ---- finding the signature -------------------------------------------------------------------------------


def resolve(expressions: Expressions, function: Function, node: tree.Call, modifiers: Modifiers | None) -> Typed:
    """The call with its arguments coerced to the signature that fits best."""
    plain = [None if isinstance(a, tree.Lambda) else expressions.analyse(a) for a in node.arguments]
    for coercing in (False, True):
        for signature in function.signatures:
            binding = _bind(signature, plain, node, coerce=coercing)
            if binding is not None:
                found = _apply(expressions, signature, binding, plain, node, modifiers)
                if found is not None:
                    return found
    shown = ", ".join("function" if a is None else str(a.type) for a in plain)
    raise refusal(
        node.at, f"Unexpected parameters ({shown}) for function {function.name}. Expected: {_expected(function)}",
        "FUNCTION_NOT_FOUND",
    )  # fmt: skip


def _expected(function: Function) -> str:
    return ", ".join(str(signature) for signature in function.signatures)


def _bind(signature: Signature, arguments: list[Typed | None], node: tree.Call, *, coerce: bool) -> Binding | None:
    if not signature.takes(0 if node.star else len(arguments)):
        return None
    binding = Binding()
    for round_ in (1, 2) if coerce else (1,):  # twice, since a later argument may widen what an earlier one bound
        if round_ == 2:
            binding = Binding(types=dict(binding.types))
        for index, argument in enumerate(arguments):
            pattern = signature.pattern(index)
            if argument is None:
                lambda_ = node.arguments[index]
                assert isinstance(lambda_, tree.Lambda)
                if pattern.base != "function" or len(pattern.parts) != len(lambda_.parameters) + 1:
                    return None
            elif not binding.accepts(pattern, argument.type, coerce=coerce):
                return None
    return binding


def _apply(expressions: Expressions, signature: Signature, binding: Binding, plain: list[Typed | None], node: tree.Call,
           modifiers: Modifiers | None) -> Typed | None:  # fmt: skip
    context = expressions.context
    lambdas: list[LambdaText | None] = []
    for index, argument in enumerate(plain):
        pattern = signature.pattern(index)
        if argument is not None:
            lambdas.append(None)
            continue
        translated = _lambda(expressions, pattern, binding, node.arguments[index], signature)
        if translated is None:
            return None
        lambdas.append(translated)
    ready: list[Typed] = []
    for index, argument in enumerate(plain):
        if argument is None:
            ready.append(Typed("", UNKNOWN))
        else:
            ready.append(coerce(context, argument, _target(binding, signature.pattern(index), argument)))
    returns = signature.return_rule(binding, ready) if signature.return_rule else binding.fill(signature.returns)
    call = Call(context, signature.name, tuple(ready), returns, binding, node.at, tuple(lambdas))
    if modifiers is not None:
        call = evolve(call, modifiers=modifiers)
    written = signature.rule(call)
    return written if isinstance(written, Typed) else Typed(written, returns)


def _target(binding: Binding, pattern: Pattern, argument: Typed) -> Type:
    if argument.type.base == pattern.base and pattern.base in (
        "varchar",
        "char",
        "timestamp",
        "timestamp with time zone",
        "decimal",
    ):
        return argument.type
    return binding.fill(pattern)


def _lambda(
    expressions: Expressions, pattern: Pattern, binding: Binding, node: tree.Expression, signature: Signature
) -> LambdaText | None:
    assert isinstance(node, tree.Lambda)
    _check_lambda(node)
    context = expressions.context
    for _ in range(4):  # a state that widens as it goes (reduce) settles after a few rounds
        kinds = [binding.fill(part) for part in pattern.parts[:-1]]
        names = [context.fresh("x") for _ in node.parameters]
        fields = tuple(Field(p.value, n, k) for p, n, k in zip(node.parameters, names, kinds, strict=True))
        body = expressions.within(fields).analyse(node.body)
        result = pattern.parts[-1]
        before = dict(binding.types)
        if not binding.accepts(result, body.type, coerce=True):
            return None
        if binding.types == before or not any(_mentions(part, result.base) for part in pattern.parts[:-1]):
            break
    target = binding.fill(result)
    return LambdaText(tuple(names), coerce(context, body, target).sql, target)


def _check_lambda(node: tree.Lambda) -> None:
    aggregates = frozenset(name for name, one in functions().items() if one.kind != "scalar")
    if walk.has_aggregate(node.body, aggregates) or walk.has_window(node.body):
        raise refusal(
            node.at,
            "Lambda expression cannot contain aggregations, window functions or grouping operations",
            "EXPRESSION_NOT_SCALAR",
        )
    if any(
        isinstance(part, tree.Subquery | tree.Exists | tree.InQuery | tree.Quantified) for part in walk.parts(node.body)
    ):
        raise refusal(node.at, "Lambda expression cannot contain subqueries", "NOT_SUPPORTED")


def _mentions(pattern: Pattern, name: str) -> bool:
    return pattern.base == name or any(_mentions(part, name) for part in pattern.parts)
