"""Check sums: SQL aggregates over a load's rows and the values they must have for the load to be taken."""

import math
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal

from attrs import field, frozen

from comotion.domain.errors import InvalidCheckSum

ROW_COUNT = "count(*)"
DOUBLE_TOLERANCE = 1e-9
Value = int | float | Decimal | str
Sent = int | float | str


def _unwrapped(value: object) -> object:
    """A numpy or Arrow scalar as the Python value it holds; what holds several is left as it is."""
    if getattr(getattr(value, "dtype", None), "kind", None) == "M":  # in nanoseconds, numpy would give a number
        value = value.astype("datetime64[us]")  # type: ignore[attr-defined]
    for method in ("item", "as_py"):
        inner = getattr(value, method, None)
        if callable(inner):
            try:
                return inner()
            except ValueError:
                return value
    return value


def parse_value(expression: str, value: object) -> Value:
    """A check sum's value as a plain Python scalar.

    Raises
    ------
    InvalidCheckSum
        None, NaN, an infinity, or something that is no scalar.
    """
    plain = _unwrapped(value)
    if isinstance(plain, bool):
        return "true" if plain else "false"
    if isinstance(plain, datetime):
        return plain.isoformat(sep=" ", timespec="milliseconds")
    if isinstance(plain, date):
        return plain.isoformat()
    if isinstance(plain, (int, float, Decimal)) and math.isfinite(plain):
        return plain
    if isinstance(plain, str) and plain:
        return plain
    raise InvalidCheckSum(f"the check sum {expression!r} needs a finite number or a text as its value, not {value!r}")


def parse_expression(expression: object) -> str:
    """A check sum's SQL text. Raises InvalidCheckSum when it is no text or blank."""
    if not isinstance(expression, str) or not expression.strip():
        raise InvalidCheckSum(f"a check sum is a SQL aggregate such as 'sum(salary)', not {expression!r}")
    return expression


def is_row_count(expression: str) -> bool:
    """Whether an expression is ``count(*)``, whatever its case and spacing."""
    return "".join(expression.lower().split()) == ROW_COUNT


def sent(value: Value) -> Sent:
    """A value as JSON carries it: a Decimal becomes a number where that loses no digit, else its text."""
    if not isinstance(value, Decimal):
        return value
    if value == value.to_integral_value():
        return int(value)
    return float(value) if Decimal(repr(float(value))) == value else str(value)


@frozen
class CheckSums:
    """Expressions and expected values, in the order given. Never changed, never shared with the caller's dict."""

    expected: Mapping[str, Value] = field(factory=dict)

    @classmethod
    def parse(cls, given: object) -> "CheckSums":
        """From the dict that a user passes (or None).

        Raises
        ------
        InvalidCheckSum
            No mapping, a blank expression, or a value that cannot be sent.
        """
        if given is None:
            return cls()
        if not isinstance(given, Mapping):
            raise InvalidCheckSum(f"check_sum is a dict of SQL aggregate to expected value, not {given!r}")
        return cls({parse_expression(sql): parse_value(sql, value) for sql, value in given.items()})

    def with_row_count(self, rows: int) -> "CheckSums":
        """These, and ``count(*)`` of the rows that were uploaded, unless a row count is among them already."""
        if any(is_row_count(expression) for expression in self.expected):
            return self
        return CheckSums({**self.expected, ROW_COUNT: rows})

    def to_wire(self) -> dict[str, Sent]:
        """The ``check_sum`` member of a commit."""
        return {expression: sent(value) for expression, value in self.expected.items()}

    def __bool__(self) -> bool:
        return bool(self.expected)

    def __iter__(self) -> Iterator[tuple[str, Value]]:
        return iter(self.expected.items())


def _as_number(value: object) -> int | float | Decimal | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, (int, float, Decimal)):
        return value
    if isinstance(value, str):
        try:
            number = Decimal(value.strip())
        except ArithmeticError:
            return None
        return number if number.is_finite() else None
    return None


def is_equal(expected: object, found: object) -> bool:
    """Whether an evaluated check sum has the value it must have.

    Whole numbers and decimals agree exactly, also with a number given as text; where either side is a float they
    agree within a relative tolerance of 1e-9, because the order of summation is not defined. Anything else agrees
    by its text.
    """
    left, right = _as_number(expected), _as_number(found)
    if left is None or right is None:
        return found is not None and _as_text(expected) == _as_text(found)
    if isinstance(left, float) and isinstance(right, (int, Decimal)):
        left = int(left) if left.is_integer() and isinstance(right, int) else left
    if isinstance(left, float) or isinstance(right, float):
        return math.isclose(float(left), float(right), rel_tol=DOUBLE_TOLERANCE, abs_tol=1e-12)
    return left == right


def _as_text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="milliseconds")
    return str(value)
