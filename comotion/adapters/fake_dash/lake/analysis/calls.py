"""Calls of functions: find the signature, coerce the arguments, write the DuckDB text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import evolve

from comotion.adapters.fake_dash.lake.analysis import walk
from comotion.adapters.fake_dash.lake.analysis.casts import coerce
from comotion.adapters.fake_dash.lake.analysis.ordering import sort_text
from comotion.adapters.fake_dash.lake.analysis.typed import Field, Typed, refusal
from comotion.adapters.fake_dash.lake.analysis.windows import window_text
from comotion.adapters.fake_dash.lake.functions.known import UNSUPPORTED
from comotion.adapters.fake_dash.lake.functions.modifiers import Modifiers
from comotion.adapters.fake_dash.lake.functions.signature import Binding, Call, LambdaText, Pattern, Signature
from comotion.adapters.fake_dash.lake.functions.special import SPECIAL
from comotion.adapters.fake_dash.lake.functions.table import Function, functions
from comotion.adapters.fake_dash.lake.refusal import SqlNotSupported
from comotion.adapters.fake_dash.lake.sql import tree
from comotion.adapters.fake_dash.lake.types import UNKNOWN, Type

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
    if node.window is not None and node.filter is not None:
        raise refusal(node.at, "FILTER is not yet supported for window functions", "NOT_SUPPORTED")
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
        over = f"OVER ({window_text(expressions, node.window)})"
    return Modifiers(node.distinct, order, filter_, over, node.ignore_nulls, node.overflow)


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
