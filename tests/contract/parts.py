"""Bodies of parts, as an object store meets them: whole, growing, failing."""

import time
from collections.abc import Iterator

from attrs import field, frozen


@frozen
class Whole:
    """A part that is written already."""

    content: bytes = field(repr=False)

    def chunks(self, size_bytes: int) -> Iterator[bytes]:
        for start in range(0, len(self.content), size_bytes):
            yield self.content[start : start + size_bytes]

    def size_bytes(self) -> int:
        return len(self.content)


@frozen
class Growing(Whole):
    """A part that takes a while to be written."""

    def chunks(self, size_bytes: int) -> Iterator[bytes]:
        for chunk in super().chunks(size_bytes):
            time.sleep(0.01)
            yield chunk


class WriterStopped(Exception):
    """What stopped the writer."""


@frozen
class Stopping(Whole):
    """A part whose writer stops before the last chunk."""

    def chunks(self, size_bytes: int) -> Iterator[bytes]:
        yield from list(super().chunks(size_bytes))[:-1]
        raise WriterStopped("the source broke")

    def size_bytes(self) -> int:
        return len(self.content)
