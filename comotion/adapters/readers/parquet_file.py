"""A Parquet file as it lies there: whether it can be sent without decoding, and that very file as a part."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, BinaryIO

from attrs import field, frozen

from comotion.adapters.readers.lake_types import lake_type
from comotion.adapters.readers.types import from_arrow
from comotion.domain.errors import DataError

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

READ_BY_ATHENA = frozenset({"SNAPPY", "UNCOMPRESSED", "GZIP", "ZSTD"})


@frozen(kw_only=True)
class FileAsItIs:
    """A file that is a part already (an EncodedPart and its PartBody).

    Attributes
    ----------
    open : callable
        A reader at the file's first byte, a new one each time.
    """

    open: Callable[[], BinaryIO] = field(repr=False)
    row_count: int
    size: int
    number: int = 1

    @property
    def body(self) -> "FileAsItIs":
        return self

    def rows(self) -> int:
        """Rows, as the footer says."""
        return self.row_count

    def rows_so_far(self) -> int:
        """All of them: it was written long ago."""
        return self.row_count

    def size_bytes(self) -> int:
        """Size of the file."""
        return self.size

    def chunks(self, size_bytes: int) -> Iterator[bytes]:
        """The file's bytes."""
        with self.open() as file:
            while piece := file.read(size_bytes):
                yield piece

    def discard(self) -> None:
        """The file stays: it is the user's."""


def is_right_for_the_lake(metadata: "pq.FileMetaData", schema: "pa.Schema", *, source: str) -> bool:
    """Whether the lake reads the file as it is, with the very types that decoding would give."""
    groups = (metadata.row_group(i) for i in range(metadata.num_row_groups))
    codecs = {group.column(i).compression for group in groups for i in range(group.num_columns)}
    return codecs <= READ_BY_ATHENA and all(_is_right(one.type, source) for one in schema)


def _is_right(type_: "pa.DataType", source: str) -> bool:
    import pyarrow.types as t

    try:
        return not t.is_null(type_) and from_arrow(lake_type(type_, what=source)) == from_arrow(type_)
    except DataError:
        return False
