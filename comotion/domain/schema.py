"""Column types, and what two observations of one column have in common."""

from attrs import frozen


@frozen
class Column:
    """A column of a table: its lake name and its type."""

    name: str
    type: object


@frozen
class Schema:
    """The columns of a table, in order."""

    columns: tuple[Column, ...]
