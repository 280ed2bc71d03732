"""How big a part is."""

from attrs import field, frozen

from comotion.domain.errors import InvalidArgument

MB = 1_000_000
DEFAULT_PART_BYTES = 128 * MB
ROW_GROUP_ROWS = 128 * 1024


def _positive_int(what: str, value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise InvalidArgument(f"{what} must be a whole number of at least 1, not {value!r}")


@frozen(kw_only=True)
class Cut:
    """Where one part ends and the next begins.

    Attributes
    ----------
    rows : int or None
        A part every so many rows (``chunksize``); None cuts by size.
    size_bytes : int
        Without ``rows``, a part ends with the row group that takes its Parquet file to this size.
    """

    rows: int | None = field(default=None)
    size_bytes: int = field(default=DEFAULT_PART_BYTES)

    def __attrs_post_init__(self) -> None:
        if self.rows is not None:
            _positive_int("chunksize", self.rows)
        _positive_int("the part size in bytes", self.size_bytes)

    def rows_left(self, rows: int) -> int | None:
        """How many more rows fit a part that holds ``rows``; None where rows do not decide."""
        return None if self.rows is None else self.rows - rows

    def is_full(self, *, rows: int, size_bytes: int) -> bool:
        """Whether a part with so many rows and written bytes is complete."""
        return size_bytes >= self.size_bytes if self.rows is None else rows >= self.rows
