"""A stream of the user's stands where it stood when its upload fails, so that the same call can be made again."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Protocol, cast


class _Seekable(Protocol):
    def tell(self) -> int: ...
    def seek(self, offset: int, /) -> object: ...


@contextmanager
def put_back_on_failure(sources: Iterable[object]) -> Iterator[None]:
    """Seek the streams among ``sources`` back to where they stand now, if the block fails.

    One that cannot seek, or cannot tell where it stands (a text file in mid-iteration), is left as it is.
    """
    stood = [(cast("_Seekable", one), at) for one in sources if (at := _place(one)) is not None]
    try:
        yield
    except BaseException:
        for stream, at in stood:
            with suppress(OSError, ValueError):  # closed by then: what failed is what the user must see
                stream.seek(at)
        raise


def _place(source: object) -> int | None:
    try:
        if hasattr(source, "read") and source.seekable():  # type: ignore[attr-defined]
            return int(source.tell())  # type: ignore[attr-defined]
    except (AttributeError, OSError, ValueError):
        pass
    return None
