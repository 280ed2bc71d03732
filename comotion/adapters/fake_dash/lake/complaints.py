"""What DuckDB complains of, in the service's words; what has no words of the service's is a limit of the fake."""

from __future__ import annotations

import re
from collections.abc import Callable

from comotion.adapters.fake_dash.lake.kernels.registry import LIMIT, MARK_END, MARK_START
from comotion.adapters.fake_dash.lake.refusal import SqlNotSupported, SqlRefused
from comotion.adapters.fake_dash.lake.unforeseen import THIS_STATEMENT, said

_MARKED = re.compile(f"{MARK_START}(?P<kind>[A-Z_]+)\\|(?P<message>.*?){MARK_END}", re.S)
_WIDTHS = {"INT8": "tinyint", "INT16": "smallint", "INT32": "integer", "INT64": "bigint"}

_RULES: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], tuple[str, str]]], ...] = (
    (re.compile(r"Division by zero"), lambda m: ("Division by zero", "DIVISION_BY_ZERO")),
    (re.compile(r"Overflow in (\w+) of (INT\d+) \((.*?)\)!"), lambda m: _overflow(m[1], m[2], m[3])),
    (re.compile(r"Overflow in negation"), lambda m: ("bigint negation overflow", "NUMERIC_VALUE_OUT_OF_RANGE")),
    (
        re.compile(r"Overflow in .*?(DECIMAL|INT128|HUGEINT)"),
        lambda m: ("Decimal overflow", "NUMERIC_VALUE_OUT_OF_RANGE"),
    ),
    (
        re.compile(
            (
                r"Type (?:U?INT\d+|HUGEINT|U?INT128|DOUBLE|FLOAT) with value (\S+) can't be "
                r"cast.*?destination type (INT\d+)"
            ),
            re.S,
        ),
        lambda m: (f"Out of range for {_WIDTHS.get(m[2], m[2])}: {m[1]}", "NUMERIC_VALUE_OUT_OF_RANGE"),
    ),
    (
        re.compile(
            r"(?:Could not cast value|Casting value|Failed to cast) \"?(\S+?)\"? (?:to|from type "
            r"\S+ to) (?:type )?(DECIMAL\(\d+,\d+\))"
        ),
        lambda m: (f"Cannot cast DECIMAL '{m[1]}' to {m[2].replace(',', ', ')}", "INVALID_CAST_ARGUMENT"),
    ),
    (
        re.compile(r"Could not convert string \"(.*?)\" to DECIMAL\((\d+),(\d+)\)"),
        lambda m: (f"Cannot cast DOUBLE '{m[1]}' to DECIMAL({m[2]}, {m[3]})", "INVALID_CAST_ARGUMENT"),
    ),
    (
        re.compile(r"More than one row returned by a subquery"),
        lambda m: ("Scalar sub-query has returned multiple rows", "SUBQUERY_MULTIPLE_ROWS"),
    ),
    (
        re.compile(r"In a DISTINCT aggregate, ORDER BY expressions must appear"),
        lambda m: (
            ("For aggregate function with DISTINCT, ORDER BY expressions must appear in arguments"),
            "EXPRESSION_NOT_IN_DISTINCT",
        ),
    ),
    (
        re.compile(r"Map keys must be unique"),
        lambda m: ("Duplicate map keys are not allowed", "INVALID_FUNCTION_ARGUMENT"),
    ),
    (
        re.compile(r"list dimensions must be equal"),
        lambda m: ("The arguments must have the same length", "INVALID_FUNCTION_ARGUMENT"),
    ),
    (re.compile(r"Map keys can not be NULL"), lambda m: ("map key cannot be null", "INVALID_FUNCTION_ARGUMENT")),
    (
        re.compile(r"Invalid input for MIN/MAX: n value must be > 0"),
        lambda m: ("third argument of max_n/min_n must be a positive integer", "INVALID_FUNCTION_ARGUMENT"),
    ),
    (
        re.compile(r"Window \w+ (PRECEDING|FOLLOWING) expression cannot be negative", re.I),
        lambda m: ("Window frame offset value must not be negative or null", "INVALID_WINDOW_FRAME"),
    ),
)


def _overflow(operation: str, width: str, shown: str) -> tuple[str, str]:
    kind = _WIDTHS.get(width, width.lower())
    return f"{kind} {operation} overflow: {shown}", "NUMERIC_VALUE_OUT_OF_RANGE"


def said_by_service(error: Exception) -> Exception:
    """The refusal that a DuckDB error stands for, or the admission that this fake cannot run the statement."""
    message = str(error)
    marked = _MARKED.search(message)
    if marked is not None and marked["kind"] == LIMIT:
        return SqlNotSupported(marked["message"])
    if marked is not None:
        return SqlRefused(marked["message"], kind=marked["kind"])
    for pattern, words in _RULES:
        match = pattern.search(message)
        if match is not None:
            text, kind = words(match)
            return SqlRefused(text, kind=kind)
    name = type(error).__name__
    if name in ("OutOfRangeException", "ConversionException"):
        return SqlRefused(message.split("\n")[0].partition(": ")[2], kind="NUMERIC_VALUE_OUT_OF_RANGE")
    return SqlNotSupported(f"{THIS_STATEMENT} ({said(error)})")
