"""The tree of a statement, as Trino's grammar draws it; nodes that say the same are equal wherever they stand."""

from __future__ import annotations

from attrs import field, frozen

from comotion.adapters.fake_dash.lake.sql.lexer import Position


@frozen
class Node:
    """Anything that stands at a line and a column."""

    at: Position = field(eq=False, repr=False, kw_only=True)


class Expression(Node):
    """Anything that has a value."""


# ---- literals --------------------------------------------------------------------------------------------


@frozen
class Null(Expression):
    pass


@frozen
class Boolean(Expression):
    value: bool


@frozen
class Integer(Expression):
    value: int


@frozen
class Decimal(Expression):
    text: str


@frozen
class Double(Expression):
    text: str


@frozen
class String(Expression):
    value: str


@frozen
class Binary(Expression):
    value: bytes


@frozen
class TypedLiteral(Expression):
    """A word before a string: ``DATE '2020-01-01'``."""

    type_name: str
    text: str


@frozen
class Interval(Expression):
    sign: int
    text: str
    start: str
    end: str | None


# ---- names and calls -------------------------------------------------------------------------------------


@frozen
class Name(Expression):
    value: str
    quoted: bool = False


@frozen
class Dereference(Expression):
    base: Expression
    field: Name


@frozen
class SortItem(Node):
    key: Expression
    descending: bool
    nulls_first: bool


@frozen
class Frame(Node):
    unit: str
    start: tuple[str, Expression | None]
    end: tuple[str, Expression | None]


@frozen
class Window(Node):
    base: Name | None
    partition: tuple[Expression, ...]
    order: tuple[SortItem, ...]
    frame: Frame | None


@frozen
class Call(Expression):
    name: str
    arguments: tuple[Expression, ...]
    star: bool = False
    distinct: bool = False
    order: tuple[SortItem, ...] = ()
    filter: Expression | None = None
    window: Window | Name | None = None
    ignore_nulls: bool = False
    names: tuple[str | None, ...] = ()
    overflow: str | None = None


@frozen
class Lambda(Expression):
    parameters: tuple[Name, ...]
    body: Expression


# ---- operators -------------------------------------------------------------------------------------------


@frozen
class Unary(Expression):
    operator: str
    operand: Expression


@frozen
class Arithmetic(Expression):
    operator: str
    left: Expression
    right: Expression


@frozen
class Concat(Expression):
    left: Expression
    right: Expression


@frozen
class Comparison(Expression):
    operator: str
    left: Expression
    right: Expression


@frozen
class Quantified(Expression):
    operator: str
    quantifier: str
    left: Expression
    query: Query


@frozen
class Logical(Expression):
    operator: str
    terms: tuple[Expression, ...]


@frozen
class Not(Expression):
    operand: Expression


@frozen
class Between(Expression):
    operand: Expression
    low: Expression
    high: Expression


@frozen
class InList(Expression):
    operand: Expression
    items: tuple[Expression, ...]


@frozen
class InQuery(Expression):
    operand: Expression
    query: Query


@frozen
class Exists(Expression):
    query: Query


@frozen
class Like(Expression):
    operand: Expression
    pattern: Expression
    escape: Expression | None


@frozen
class IsNull(Expression):
    operand: Expression


@frozen
class IsDistinct(Expression):
    left: Expression
    right: Expression


@frozen
class Case(Expression):
    operand: Expression | None
    branches: tuple[tuple[Expression, Expression], ...]
    default: Expression | None


@frozen
class Cast(Expression):
    operand: Expression
    type_name: str
    safe: bool


@frozen
class Subquery(Expression):
    query: Query


@frozen
class Row(Expression):
    items: tuple[Expression, ...]
    names: tuple[str | None, ...] = ()


@frozen
class Array(Expression):
    items: tuple[Expression, ...]


@frozen
class Subscript(Expression):
    base: Expression
    index: Expression


@frozen
class AtTimeZone(Expression):
    operand: Expression
    zone: Expression


@frozen
class Extract(Expression):
    part: str
    operand: Expression


@frozen
class Now(Expression):
    """CURRENT_DATE, LOCALTIMESTAMP and their like; CURRENT_USER too."""

    name: str
    precision: int | None = None


@frozen
class Grouping(Expression):
    items: tuple[Expression, ...]


@frozen
class JsonInput(Node):
    """A value, and the ``FORMAT JSON`` or ``FORMAT JSON ENCODING UTF16`` behind it, if there is one."""

    value: Expression
    format: str | None


@frozen
class JsonPathCall(Expression):
    """JSON_VALUE, JSON_QUERY and JSON_EXISTS."""

    function: str
    document: JsonInput
    path: str
    passing: tuple[tuple[JsonInput, str], ...]
    returning: str | None
    output: str | None
    wrapper: str | None
    quotes: str | None
    on_empty: Expression | str | None
    on_error: Expression | str | None


@frozen
class JsonBuild(Expression):
    """JSON_OBJECT and JSON_ARRAY."""

    function: str
    members: tuple[tuple[Expression | None, JsonInput], ...]
    null_on_null: bool
    unique_keys: bool
    returning: str | None
    output: str | None


# ---- relations -------------------------------------------------------------------------------------------


class Relation(Node):
    """Anything that has rows."""


@frozen
class Table(Relation):
    name: tuple[Name, ...]
    version: tuple[str, Expression] | None = None


@frozen
class Aliased(Relation):
    relation: Relation
    alias: Name
    columns: tuple[Name, ...]


@frozen
class Derived(Relation):
    query: Query
    lateral: bool


@frozen
class Unnest(Relation):
    items: tuple[Expression, ...]
    ordinality: bool


@frozen
class TableFunction(Relation):
    name: str
    arguments: tuple[tuple[str | None, Expression], ...]


@frozen
class Join(Relation):
    kind: str
    left: Relation
    right: Relation
    condition: Expression | None = None
    using: tuple[Name, ...] = ()
    natural: bool = False


@frozen
class Sampled(Relation):
    relation: Relation
    method: str
    percentage: Expression


# ---- queries ---------------------------------------------------------------------------------------------


@frozen
class Item(Node):
    value: Expression
    alias: Name | None


@frozen
class AllColumns(Node):
    target: Expression | None
    aliases: tuple[Name, ...]


@frozen
class GroupElement(Node):
    kind: str  # simple, rollup, cube, sets
    sets: tuple[tuple[Expression, ...], ...]


@frozen
class Select(Node):
    distinct: bool
    items: tuple[Item | AllColumns, ...]
    source: Relation | None
    where: Expression | None
    group: tuple[GroupElement, ...] | None
    group_distinct: bool
    having: Expression | None
    windows: tuple[tuple[Name, Window], ...]


@frozen
class SetOperation(Node):
    operator: str
    distinct: bool
    left: Body
    right: Body


@frozen
class Values(Node):
    rows: tuple[Expression, ...]


@frozen
class TableBody(Node):
    table: Table


@frozen
class With(Node):
    name: Name
    columns: tuple[Name, ...]
    query: Query


@frozen
class Query(Node):
    recursive: bool
    ctes: tuple[With, ...]
    body: Body
    order: tuple[SortItem, ...]
    offset: Expression | None
    limit: Expression | None
    ties: bool


Body = Select | SetOperation | Values | TableBody | Query


# ---- statements ------------------------------------------------------------------------------------------


@frozen
class Statement(Node):
    """One statement: what it is, how Athena counts it, and what it is about."""

    kind: str  # query, explain, show_tables, show_schemas, ...
    query: Query | None = None
    name: tuple[Name, ...] = ()
    pattern: str | None = None
    escape: str | None = None
    text: str | None = None
    arguments: tuple[Expression, ...] = ()
