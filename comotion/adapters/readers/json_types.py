"""What JSON values are, as column types, and what records have held so far."""

from collections.abc import Mapping

from attrs import define, field

from comotion.adapters.readers.json_dtype import Wanted
from comotion.domain.errors import LossyValue, SchemaConflict
from comotion.domain.schema import (
    EXACT_IN_DOUBLE,
    Bool,
    Column,
    ColumnType,
    Float,
    Int,
    ListOf,
    Schema,
    Struct,
    Text,
    Unseen,
    join,
)

Path = tuple[str, ...]


@define
class Observed:
    """The columns that records have had so far, in order of appearance.

    Attributes
    ----------
    source : str
        What errors call it.
    wanted : Wanted
        Columns whose types need no looking at.
    large : dict
        Where an integer beyond 2**53 was seen first: path to (line, number).
    """

    source: str
    wanted: Wanted = field(factory=Wanted)
    types: dict[str, ColumnType] = field(factory=dict)
    large: dict[Path, tuple[int, int]] = field(factory=dict)

    def add(self, record: Mapping[str, object], line: int) -> None:
        """Raises SchemaConflict, LossyValue."""
        for name, value in record.items():
            wanted = self.wanted.of(name)
            if wanted is not None:
                self.types[name] = wanted
                continue
            type_ = self._type_of(value, (name,), line)
            before = self.types.setdefault(name, Unseen())
            if type_ != before:
                self.types[name] = self._joined(before, type_, (name,), line)

    def schema(self) -> Schema:
        """The schema of what was seen. Raises LossyValue where a double would round an integer."""
        for path, (line, number) in self.large.items():
            if isinstance(self._at(path), Float) and abs(number) > EXACT_IN_DOUBLE:
                raise LossyValue(
                    f"{self.source}, line {line}: column {'.'.join(path)!r} holds {number} among fractions, which "
                    f"a double would round; pass dtype={{{path[0]!r}: 'str'}} to keep its digits"
                )
        return Schema(tuple(Column(name, type_) for name, type_ in self.types.items()))

    def _type_of(self, value: object, path: Path, line: int) -> ColumnType:
        match value:
            case None:
                return Unseen()
            case bool():
                return Bool()
            case int():
                return self._integer(value, path, line)
            case float():
                return Float(64)
            case str():
                return Text()
            case list():
                return ListOf(self._type_of_items(value, path, line))
            case dict():
                members = (Column(name, self._type_of(one, (*path, name), line)) for name, one in value.items())
                return Struct(tuple(members))
            case _:
                raise TypeError(type(value))

    def _integer(self, value: int, path: Path, line: int) -> ColumnType:
        if not -(2**63) <= value < 2**63:
            raise LossyValue(
                f"{self.source}, line {line}: column {'.'.join(path)!r} holds {value}, which is beyond 64 bits; "
                f"pass dtype={{{path[0]!r}: 'str'}}, or write it as text"
            )
        if abs(value) > EXACT_IN_DOUBLE:
            self.large.setdefault(path, (line, value))
        return Int(64)

    def _type_of_items(self, items: list[object], path: Path, line: int) -> ColumnType:
        type_: ColumnType = Unseen()
        for item in items:
            type_ = self._joined(type_, self._type_of(item, path, line), path, line)
        return type_

    def _joined(self, before: ColumnType, type_: ColumnType, path: Path, line: int) -> ColumnType:
        both = join(before, type_)
        if both is None:
            raise SchemaConflict(
                f"{self.source}, line {line}: column {'.'.join(path)!r} is {type_} here and {before} in lines "
                f"before: no type holds both; pass dtype={{{path[0]!r}: 'str'}}, or write one kind of value"
            )
        return both

    def _at(self, path: Path) -> ColumnType:
        type_: ColumnType = self.types[path[0]]
        for name in path[1:]:
            while isinstance(type_, ListOf):
                type_ = type_.item
            if isinstance(type_, Struct):
                type_ = next(one.type for one in type_.fields if one.name == name)
        while isinstance(type_, ListOf):
            type_ = type_.item
        return type_
