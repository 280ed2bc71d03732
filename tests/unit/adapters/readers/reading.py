"""How the tests of readers open a source and read it to its end."""

import io

import pyarrow as pa

from comotion.adapters.readers import open_source
from comotion.adapters.readers.types import schema_to_arrow
from comotion.domain.schema import SchemaWidened
from comotion.ports.tables import Source, SourceSpec


class OneWay(io.RawIOBase):
    """A stream that cannot seek, like a socket or a pipe."""

    def __init__(self, data: bytes) -> None:
        self._inner = io.BytesIO(data)

    def readable(self) -> bool:
        return True

    def read(self, size=-1, /):
        return self._inner.read(size)


def opened(data: object, *, name="file.csv", hook=None, rows=None, index=False, verbatim=False, **options):
    """The source of some bytes, a path, a stream or a table."""
    if isinstance(data, bytes):
        data = io.BytesIO(data)
    return open_source(
        SourceSpec(
            data=data, name=name, options=options, hook=hook, rows_per_frame=rows, index=index, verbatim=verbatim
        )
    )


def read_all(source: Source) -> pa.Table:
    """All rows under the source's last schema, as an uploader reads them."""
    while True:
        try:
            batches = list(source.batches())
        except SchemaWidened:
            continue
        return pa.Table.from_batches(batches, schema=schema_to_arrow(source.schema()))


def table_of(data: object, **how) -> pa.Table:
    source = opened(data, **how)
    try:
        return read_all(source)
    finally:
        source.close()


def types_of(data: object, **how) -> dict[str, str]:
    return {one.name: str(one.type) for one in table_of(data, **how).schema}
