"""Tables kept on disk in the order they came, each under its own schema."""

import tempfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa


class FrameSpool:
    """A list of Arrow tables in a temporary file; the last one is also at hand in memory."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile(prefix="comotion-frames-")  # noqa: SIM115 - lives as long as the source
        self._places: list[tuple[int, int]] = []
        self._last: pa.Table | None = None

    def __len__(self) -> int:
        return len(self._places)

    def append(self, table: "pa.Table") -> None:
        import pyarrow as pa

        start = self._file.seek(0, 2)
        with pa.ipc.new_stream(self._file, table.schema) as writer:
            writer.write_table(table)
        self._places.append((start, self._file.tell() - start))
        self._last = table

    def __getitem__(self, number: int) -> "pa.Table":
        import pyarrow as pa

        if number == len(self._places) - 1 and self._last is not None:
            last, self._last = self._last, None
            return last
        start, size = self._places[number]
        self._file.seek(start)
        return pa.ipc.open_stream(self._file.read(size)).read_all()

    def close(self) -> None:
        self._last = None
        self._file.close()
