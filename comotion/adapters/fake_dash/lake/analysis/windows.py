"""The window that a call is over: partitions, order and frame, as DuckDB text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from comotion.adapters.fake_dash.lake.analysis import walk
from comotion.adapters.fake_dash.lake.analysis.casts import coerce
from comotion.adapters.fake_dash.lake.analysis.operators import instant, is_comparable
from comotion.adapters.fake_dash.lake.analysis.ordering import sort_key, sort_text
from comotion.adapters.fake_dash.lake.analysis.typed import Typed, mismatch, refusal
from comotion.adapters.fake_dash.lake.refusal import SqlNotSupported
from comotion.adapters.fake_dash.lake.sql import tree
from comotion.adapters.fake_dash.lake.types import DAY_TO_SECOND, YEAR_TO_MONTH, common_type

if TYPE_CHECKING:
    from comotion.adapters.fake_dash.lake.analysis.expressions import Expressions


def window_text(expressions: Expressions, given: tree.Window | tree.Name) -> str:
    """What stands between the parentheses of OVER.

    Raises
    ------
    SqlRefused
        Where Trino has no such window.
    """
    window = resolved(given, expressions.windows)
    if walk.has_window((window.partition, window.order, window.frame)):
        raise refusal(
            window.at,
            "Cannot nest window functions or row pattern measures inside window specification",
            "NESTED_WINDOW",
        )
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


def resolved(given: tree.Window | tree.Name, known: Mapping[str, tree.Window]) -> tree.Window:
    """A window without the name of another in it.

    Raises
    ------
    SqlRefused
        Where there is no window of that name, or nothing may be added to it.
    """
    if isinstance(given, tree.Name):
        found = known.get(given.value.lower())
        if found is None:
            raise refusal(given.at, f"Cannot resolve WINDOW name {given.value}", "INVALID_WINDOW_REFERENCE")
        return found
    if given.base is None:
        return given
    base = resolved(given.base, known)
    if given.partition:
        raise refusal(
            given.partition[0].at,
            "WINDOW specification with named WINDOW reference cannot specify PARTITION BY",
            "INVALID_PARTITION_BY",
        )
    if given.order and base.order:
        raise refusal(
            given.order[0].at,
            "Cannot specify ORDER BY if referenced named WINDOW specifies ORDER BY",
            "INVALID_ORDER_BY",
        )
    if base.frame is not None:
        raise refusal(
            given.base.at, "Cannot reference named WINDOW containing frame specification", "INVALID_WINDOW_REFERENCE"
        )
    return tree.Window(None, base.partition, given.order or base.order, given.frame, at=given.at)


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
    if frame.unit == "RANGE" and sized and not window.order:
        raise refusal(
            frame.at, "Window frame of type RANGE PRECEDING or FOLLOWING requires ORDER BY", "MISSING_ORDER_BY"
        )
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
