"""Names that the lake accepts: of tables, of file keys, of columns. A value of these types is valid."""

import re
from collections.abc import Sequence
from typing import Self

from attrs import field, frozen

from comotion.domain.errors import ColumnCollision, InvalidName

LAKE_NAME = re.compile(r"[a-z_]+[a-z0-9_]*[a-z0-9]")
_RULE = "lower-case letters, digits and underscores, at least two, no digit first and no underscore last"


def _checked(what: str, text: object, *, suffix: str = "") -> str:
    if not isinstance(text, str) or not text or not LAKE_NAME.fullmatch(text + suffix):
        raise InvalidName(f"{text!r} is no {what}: use {_RULE} (for example {_suggestion(text)!r})")
    return text


def _table_name(text: object) -> str:
    return _checked("table name", text)


def _file_key(text: object) -> str:
    return _checked("file key", text)


def _suggestion(text: object) -> str:
    plain = re.sub(r"[^a-z0-9_]+", "_", str(text).lower()).strip("_").lstrip("0123456789").strip("_")
    return plain if LAKE_NAME.fullmatch(plain) else "my_name"


@frozen(order=True)
class TableName:
    """The name of a lake table (dash-api, section 2)."""

    text: str = field(converter=_table_name)

    def __str__(self) -> str:
        return self.text


@frozen(order=True)
class FileKey:
    """The name of one part within a load. Two parts under one key: the later one counts."""

    text: str = field(converter=_file_key)

    def __str__(self) -> str:
        return self.text


def _key_stem(text: object) -> str:
    return _checked("file key", text, suffix="_1")


@frozen(order=True)
class KeyStem:
    """What the keys of one source's parts begin with: ``{stem}_{n}`` is a FileKey for every n from 1."""

    text: str = field(converter=_key_stem)

    def __str__(self) -> str:
        return self.text

    def numbered(self, number: int) -> FileKey:
        """The key of the ``number``-th part, counted from 1."""
        return FileKey(f"{self.text}_{number}")

    @classmethod
    def of_file(cls, file_name: str) -> Self:
        """The file's name up to its first dot. Raises InvalidName naming the file."""
        try:
            return cls(file_name.split(".", 1)[0])
        except InvalidName as wrong:
            raise InvalidName(f"the file name {file_name!r} gives no file key: {wrong}; pass file_key") from None


def generated_key(uuid_text: str) -> str:
    """``x_`` and a uuid4, its hyphens turned to underscores: valid as a key and as a stem."""
    return "x_" + uuid_text.replace("-", "_")


def lake_column(name: object) -> str:
    """A column's name in a v2 lake table: lower case, each run of white space one underscore."""
    return re.sub(r"\s+", "_", str(name).lower())


def lake_columns(names: Sequence[object], *, source: str) -> list[str]:
    """The lake's names of a table's columns, in order.

    Raises
    ------
    ColumnCollision
        Two columns get the same name; the message names both.
    InvalidName
        A column has no name at all.
    """
    taken: dict[str, object] = {}
    for name in names:
        renamed = lake_column(name)
        if not renamed:
            raise InvalidName(f"{source}: a column without a name cannot be loaded; give it one")
        if renamed in taken:
            raise ColumnCollision(
                f"{source}: columns {taken[renamed]!r} and {name!r} would both be {renamed!r} in the lake; "
                "rename or drop one"
            )
        taken[renamed] = name
    return list(taken)
