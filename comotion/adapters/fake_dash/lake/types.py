"""Trino's types: their names, what coerces into what, how DuckDB and Arrow hold their values."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from attrs import evolve, field, frozen

if TYPE_CHECKING:
    pass

MAX_PRECISION = 38
INTEGERS = ("tinyint", "smallint", "integer", "bigint")
_DIGITS = {"tinyint": 3, "smallint": 5, "integer": 10, "bigint": 19}
_RANK = {"tinyint": 0, "smallint": 1, "integer": 2, "bigint": 3, "decimal": 4, "real": 5, "double": 6}
_ALIASES = {"int": "integer", "dec": "decimal", "numeric": "decimal"}
_PLAIN = frozenset(
    [
        "unknown",
        "boolean",
        "tinyint",
        "smallint",
        "integer",
        "bigint",
        "real",
        "double",
        "varbinary",
        "date",
        "json",
        "uuid",
        "ipaddress",
        "hyperloglog",
        "p4hyperloglog",
        "setdigest",
        "tdigest",
        "qdigest",
        "varchar",
        "char",
        "decimal",
        "time",
        "timestamp",
        "array",
        "map",
        "row",
        "jsonpath",
        "function",
        "color",
        "geometry",
        "sphericalgeography",
    ]
) | {"time with time zone", "timestamp with time zone", "interval day to second", "interval year to month"}

# the few that Trino does not write in lower case
_WRITTEN = {"hyperloglog": "HyperLogLog", "p4hyperloglog": "P4HyperLogLog", "setdigest": "SetDigest"}


@frozen
class Type:
    """A Trino type.

    Attributes
    ----------
    base : str
        ``bigint``, ``decimal``, ``varchar``, ``array``, ``timestamp with time zone`` ...
    size : tuple of int
        Precision and scale of a decimal, length of a varchar or char, precision of a time or timestamp.
    parts : tuple of Type
        Element of an array, key and value of a map, fields of a row, parameters and result of a function.
    names : tuple of str or None
        Field names of a row.
    zone : str or None
        The one zone all values are known to be shown in; never part of what makes two types equal.
    """

    base: str
    size: tuple[int, ...] = ()
    parts: tuple[Type, ...] = ()
    names: tuple[str | None, ...] = field(default=(), eq=False)
    zone: str | None = field(default=None, eq=False)

    def __str__(self) -> str:
        if self.base == "row":
            names = self.names or (None,) * len(self.parts)
            shown = (f"{_field(n)} {p}" if n is not None else str(p) for n, p in zip(names, self.parts, strict=True))
            return f"row({', '.join(shown)})"
        if self.base == "function":
            return f"function({', '.join(map(str, self.parts))})"
        if self.parts:
            return f"{self.base}({', '.join(map(str, self.parts))})"
        if self.base.endswith("with time zone") and self.size:
            return self.base.replace(" ", f"({self.size[0]}) ", 1)
        base = _WRITTEN.get(self.base, self.base)
        return f"{base}({','.join(map(str, self.size))})" if self.size else base

    @property
    def label(self) -> str:
        """The name in a result's metadata: as Athena, without the precision of a time or timestamp."""
        return re.sub(r"\b(time|timestamp)\(\d+\)", r"\1", str(self))

    @property
    def element(self) -> Type:
        return self.parts[0]

    @property
    def value(self) -> Type:
        return self.parts[1]

    @property
    def is_integer(self) -> bool:
        return self.base in INTEGERS

    @property
    def is_number(self) -> bool:
        return self.base in _RANK

    @property
    def is_floating(self) -> bool:
        return self.base in ("real", "double")

    @property
    def is_zoned(self) -> bool:
        return self.base == "timestamp with time zone"

    def holds(self, base: str) -> bool:
        """Whether this type is, or contains, a type of that base."""
        return self.base == base or any(part.holds(base) for part in self.parts)


def _field(name: str) -> str:
    return name if re.fullmatch(r"[a-zA-Z_][a-zA-Z0-9_]*", name) else '"' + name.replace('"', '""') + '"'


UNKNOWN, BOOLEAN, TINYINT, SMALLINT, INTEGER, BIGINT = map(
    Type, ("unknown", "boolean", "tinyint", "smallint", "integer", "bigint")
)
REAL, DOUBLE, VARCHAR, VARBINARY, DATE, JSON, UUID = map(
    Type, ("real", "double", "varchar", "varbinary", "date", "json", "uuid")
)
TIMESTAMP, ZONED = Type("timestamp", (3,)), Type("timestamp with time zone", (3,))
DAY_TO_SECOND, YEAR_TO_MONTH = Type("interval day to second"), Type("interval year to month")


def decimal(precision: int, scale: int) -> Type:
    return Type("decimal", (min(precision, MAX_PRECISION), scale))


def varchar(length: int) -> Type:
    return Type("varchar", (length,))


def array(element: Type) -> Type:
    return Type("array", (), (element,))


def map_of(key: Type, value: Type) -> Type:
    return Type("map", (), (key, value))


def row(parts: tuple[Type, ...], names: tuple[str | None, ...] = ()) -> Type:
    return Type("row", (), parts, names)


# ---- reading a type's name -------------------------------------------------------------------------------

_WORD = re.compile(r'"(?:[^"]|"")*"|[A-Za-z_][A-Za-z0-9_]*|\d+|[(),]')


_LONGEST = {"char": 65_536, "varchar": 2_147_483_646}


class UnknownType(ValueError):
    """A word that names no type of Trino's."""


@lru_cache(maxsize=2048)
def parse_type(text: str) -> Type:
    """The type that a text names.

    Raises
    ------
    UnknownType
        Where there is none of that name.
    """
    words = _WORD.findall(text)
    found, end = _read(words, 0)
    if end != len(words):
        raise UnknownType(text)
    return found


def _read(words: list[str], at: int) -> tuple[Type, int]:
    if at >= len(words):
        raise UnknownType(" ".join(words))
    base = words[at].lower()
    at += 1
    if base == "double" and words[at : at + 1] == ["precision"]:
        at += 1
    if base == "interval":
        return Type(" ".join(["interval", *words[at : at + 3]])), at + 3
    base = _ALIASES.get(base, base)
    sizes: list[int] = []
    parts: list[Type] = []
    names: list[str | None] = []
    if words[at : at + 1] == ["("]:
        at += 1
        while True:
            if words[at].isdigit():
                sizes.append(int(words[at]))
                at += 1
            else:
                name, at = _field_name(words, at, base)
                names.append(name)
                part, at = _read(words, at)
                parts.append(part)
            if at >= len(words) or words[at] not in (",", ")"):
                raise UnknownType(" ".join(words))
            at += 1
            if words[at - 1] == ")":
                break
    if base in ("time", "timestamp") and [w.lower() for w in words[at : at + 3]] in (
        ["with", "time", "zone"], ["without", "time", "zone"],
    ):  # fmt: skip
        base += " with time zone" if words[at].lower() == "with" else ""
        at += 3
    found = _checked(base, tuple(sizes), tuple(parts), tuple(names), " ".join(words))
    while words[at : at + 1] == ["array"]:
        found, at = array(found), at + 1
    return found, at


def _field_name(words: list[str], at: int, base: str) -> tuple[str | None, int]:
    following = words[at + 1] if at + 1 < len(words) else ""
    named = base == "row" and following not in (",", ")", "(", "with", "without", "precision", "")
    if base == "row" and following == "(" and words[at].startswith('"'):
        named = True
    if not named:
        return None, at
    word = words[at]
    return (word[1:-1].replace('""', '"') if word.startswith('"') else word), at + 1


def _checked(
    base: str, size: tuple[int, ...], parts: tuple[Type, ...], names: tuple[str | None, ...], text: str
) -> Type:
    if base not in _PLAIN:
        raise UnknownType(text)
    if base == "decimal":
        precision, scale = (*size, 0)[:2] if size else (MAX_PRECISION, 0)
        if not 1 <= precision <= MAX_PRECISION or scale > precision or len(size) > 2:
            raise UnknownType(text)
        return decimal(precision, scale)
    if base in _LONGEST:
        size = size or ((1,) if base == "char" else ())
        if size and size[0] > _LONGEST[base]:
            raise UnknownType(text)
    elif base.startswith(("timestamp", "time")):
        size = size or (3,)
    elif size:
        raise UnknownType(text)
    wanted = {"array": 1, "map": 2, "qdigest": 1}.get(base, 0)
    if base != "row" and len(parts) != wanted:
        raise UnknownType(text)
    return Type(base, size, parts, names if base == "row" else ())


# ---- what coerces into what ------------------------------------------------------------------------------


def integer_as_decimal(kind: Type) -> Type:
    return decimal(_DIGITS[kind.base], 0)


def can_coerce(source: Type, target: Type) -> bool:
    """Whether Trino turns a value of `source` into one of `target` unasked."""
    if source == target:
        return True
    found = common_type(source, target)
    return found is not None and found == target


def common_type(left: Type, right: Type) -> Type | None:
    """The narrowest type that both coerce into, or None."""
    if left == right:
        if left.zone != right.zone or left.holds("timestamp with time zone"):
            return _merged(left, right)
        if left.base == "row" and left.names != right.names:
            return _merged(left, right)
        return left
    if left.base == "unknown":
        return right
    if right.base == "unknown":
        return left
    if left.is_number and right.is_number:
        return _common_number(left, right)
    if left.base == right.base:
        return _common_same_base(left, right)
    return _common_mixed(left, right) or _common_mixed(right, left)


def _merged(left: Type, right: Type) -> Type:
    names = tuple(a if a == b else None for a, b in zip(left.names, right.names, strict=False)) if left.names else ()
    if left.base == "row" and len(names) != len(left.parts):
        names = ()
    parts = tuple(_merged(a, b) for a, b in zip(left.parts, right.parts, strict=True))
    return evolve(left, zone=left.zone if left.zone == right.zone else None, parts=parts, names=names)


def _common_number(left: Type, right: Type) -> Type:
    if left.base == right.base and left.base != "decimal":
        return left
    if _RANK[left.base] > _RANK[right.base]:
        left, right = right, left
    if right.base != "decimal":
        return right
    if left.is_integer:
        left = integer_as_decimal(left)
    scale = max(left.size[1], right.size[1])
    whole = max(left.size[0] - left.size[1], right.size[0] - right.size[1])
    return decimal(whole + scale, scale)


def _common_same_base(left: Type, right: Type) -> Type | None:
    if left.parts or right.parts:
        if len(left.parts) != len(right.parts):
            return None
        parts = [common_type(a, b) for a, b in zip(left.parts, right.parts, strict=True)]
        if None in parts:
            return None
        named = len(left.names) == len(right.names)
        names = tuple(a if a == b else None for a, b in zip(left.names, right.names, strict=True)) if named else ()
        return Type(left.base, (), tuple(p for p in parts if p is not None), names)
    if left.base == "varchar" and not (left.size and right.size):
        return VARCHAR
    zone = left.zone if left.zone == right.zone else None
    return evolve(left, size=max(left.size, right.size), zone=zone)


def _common_mixed(left: Type, right: Type) -> Type | None:
    if left.base == "date" and right.base in ("timestamp", "timestamp with time zone"):
        return evolve(right, zone="UTC" if right.zone == "UTC" else None) if right.is_zoned else right
    if left.base == "timestamp" and right.is_zoned:
        return evolve(right, size=max(left.size, right.size), zone="UTC" if right.zone == "UTC" else None)
    if left.base == "time" and right.base == "time with time zone":
        return evolve(right, size=max(left.size, right.size))
    if left.base == "char" and right.base == "varchar":
        if right.size and right.size[0] <= left.size[0]:
            return left
        return Type("char", right.size) if right.size else VARCHAR
    if left.base == "p4hyperloglog" and right.base == "hyperloglog":
        return right
    return None


# ---- how DuckDB holds a value ----------------------------------------------------------------------------

_DUCK = {
    "unknown": "INTEGER", "boolean": "BOOLEAN", "tinyint": "TINYINT", "smallint": "SMALLINT", "integer": "INTEGER",
    "bigint": "BIGINT", "real": "FLOAT", "double": "DOUBLE", "varchar": "VARCHAR", "char": "VARCHAR",
    "varbinary": "BLOB", "date": "DATE", "time": "TIME", "timestamp": "TIMESTAMP", "json": "VARCHAR",
    "interval day to second": "BIGINT", "interval year to month": "INTEGER", "uuid": "UUID", "jsonpath": "VARCHAR",
    "timestamp with time zone": "STRUCT(t TIMESTAMP, z VARCHAR)", "ipaddress": "BLOB",
    "time with time zone": "STRUCT(t TIME, o INTEGER)",
    "hyperloglog": "BIGINT[]", "setdigest": "BIGINT[]", "tdigest": "STRUCT(v DOUBLE, w DOUBLE)[]",
}  # fmt: skip


@lru_cache(maxsize=4096)
def duck(kind: Type) -> str:
    """The DuckDB type that holds values of a Trino type."""
    if kind.base == "decimal":
        return f"DECIMAL({kind.size[0]},{kind.size[1]})"
    if kind.base == "array":
        return duck(kind.element) + "[]"
    if kind.base == "map":
        return f"MAP({duck(kind.element)}, {duck(kind.value)})"
    if kind.base == "row":
        return f"STRUCT({', '.join(f'f{i} {duck(part)}' for i, part in enumerate(kind.parts))})"
    if kind.base == "qdigest":
        return duck(kind.element) + "[]"
    return _DUCK[kind.base]


# ---- how Arrow holds a value -----------------------------------------------------------------------------
