"""Record batches in, Parquet parts out: encoding beside reading, each part readable while it grows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from attrs import frozen

from comotion.adapters.parquet_codec.encoding import Encoding
from comotion.adapters.parquet_codec.row_groups import Layout, PartFile
from comotion.domain.chunking import Cut
from comotion.domain.schema import Schema
from comotion.ports.tables import Batch

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["ParquetEncoder"]


@frozen(kw_only=True)
class ParquetEncoder:
    """Writes parts as Parquet files on local disk (a PartEncoder).

    Attributes
    ----------
    to_arrow : callable
        The Arrow schema that a Schema of the lake is written with.
    conform : callable
        ``conform(batch, arrow_schema, source=name)``: the batch cast to the schema, LossyValue where a value
        would change.
    compression : str
        ``"snappy"``, ``"zstd"``, ``"gzip"`` or ``"none"``.

    Notes
    -----
    Memory is two row groups and a batch, whatever the size of the source; disk is what the uploads have
    not yet discarded.
    """

    to_arrow: Callable[[Schema], pa.Schema]
    conform: Callable[..., pa.RecordBatch]
    compression: str = "snappy"

    def parts(
        self, batches: Iterable[Batch], *, schema: Schema, cut: Cut, source: str = "the source"
    ) -> Iterator[PartFile]:
        """Cut ``batches`` into parts; each is yielded when its first bytes can be read."""
        encoding = Encoding(self._layout(schema, source), cut)
        try:
            for batch in batches:
                encoding.put(cast("Any", batch))
                yield from encoding.begun()
            encoding.finish()
            yield from encoding.begun()
        except BaseException as error:
            encoding.stop(error)
            raise

    def empty_part(self, schema: Schema) -> PartFile:
        """A part of zero rows."""
        part = PartFile(number=1, layout=self._layout(schema, "an empty part"))
        part.finish()
        return part

    def _layout(self, schema: Schema, source: str) -> Layout:
        arrow = self.to_arrow(schema)
        conform = partial(self.conform, schema=arrow, source=source)
        return Layout(schema=arrow, conform=conform, compression=self.compression)
