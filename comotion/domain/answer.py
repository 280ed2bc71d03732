"""An answer of the service is a frozen value that can say itself in the service's own member names."""

from collections.abc import Iterator
from enum import Enum

import attrs


def wire(name: str) -> dict[str, str]:
    """Metadata of a field: the member that it is written to."""
    return {"wire": name}


@attrs.frozen
class Answer:
    """Gives attrs values ``to_dict``: wire names as keys, members without a value left out."""

    def to_dict(self) -> dict[str, object]:
        """The answer with the service's member names; what has no value is left out."""
        return dict(self._members())

    def _members(self) -> Iterator[tuple[str, object]]:
        for field in attrs.fields(type(self)):
            value = getattr(self, field.name)
            if value is not None and "wire" in field.metadata:
                yield field.metadata["wire"], _plain(value)


def _plain(value: object) -> object:
    if isinstance(value, Answer):
        return value.to_dict()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, (tuple, list)):
        return [_plain(item) for item in value]
    return value
