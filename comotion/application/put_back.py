"""What an upload that failed has read of the user's streams: put back where it can be, else not taken a second time.

The same call made again would load what is left of such a stream, and nothing would say that the rest is missing.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Protocol, cast


class _Seekable(Protocol):
    def tell(self) -> int: ...
    def seek(self, offset: int, /) -> object: ...


@contextmanager
def put_back_on_failure(sources: Sequence[object], *, spent: list[object]) -> Iterator[None]:
    """If the block fails, seek the streams among ``sources`` back to where they stand now.

    Parameters
    ----------
    spent : list
        Gets those that can be read only once: that cannot seek, or cannot tell where they stand (a text file in
        mid-iteration), or are iterators (an Arrow reader).
    """
    stood = [(one, at) for one in sources if (at := _place(one)) is not None]
    try:
        yield
    except BaseException:
        for stream, at in stood:
            with suppress(OSError, ValueError):  # closed by then: what failed is what the user must see
                cast("_Seekable", stream).seek(at)
        placed = {id(stream) for stream, _ in stood}
        spent.extend(one for one in sources if _goes_by(one) and id(one) not in placed)
        raise


def _place(source: object) -> int | None:
    try:
        if hasattr(source, "read") and source.seekable():  # type: ignore[attr-defined]
            return int(source.tell())  # type: ignore[attr-defined]
    except (AttributeError, OSError, ValueError):
        pass
    return None


def _goes_by(source: object) -> bool:
    return hasattr(source, "read") or hasattr(source, "__next__")
