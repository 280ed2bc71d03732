"""One writer thread turns row groups into parts while the thread that reads gathers the next row group."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from comotion.adapters.parquet_codec.cutting import Cutter, Gathering
from comotion.adapters.parquet_codec.row_groups import Layout, PartFile
from comotion.domain.chunking import Cut

if TYPE_CHECKING:
    import pyarrow as pa


class Encoding:
    """The writing of one source's parts. All methods are for the reading thread.

    Memory: the row group that is being written, and the one that is being gathered.
    """

    def __init__(self, layout: Layout, cut: Cut) -> None:
        self._begun: queue.SimpleQueue[PartFile] = queue.SimpleQueue()
        self._inbox: queue.SimpleQueue[pa.Table | None] = queue.SimpleQueue()
        self._is_free = threading.Semaphore()
        self._gathering = Gathering(layout, cut)
        self._cutter = Cutter(layout, cut, self._begun.put)
        self._error: BaseException | None = None
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="comotion-encode", daemon=True)
        self._thread.start()

    def put(self, batch: pa.RecordBatch) -> None:
        """Take a batch; waits while the row group before the one it completes is written. Raises what stopped that."""
        self._check()
        self._hand_over(self._gathering.add(batch))

    def begun(self) -> Iterator[PartFile]:
        """The parts whose first bytes can be read, each once."""
        while not self._begun.empty():
            yield self._begun.get()

    def finish(self) -> None:
        """No more batches. Returns when the last part is complete; raises what stopped the writer."""
        self._hand_over(self._gathering.rest())
        self._inbox.put(None)
        self._thread.join()
        self._check()

    def stop(self, error: BaseException) -> None:
        """End the thread; the part that was being written raises ``error``, those nobody has taken are discarded."""
        self._stopping.set()
        self._cutter.stop(error)
        self._inbox.put(None)
        self._thread.join()
        self._cutter.stop(error)
        for part in self.begun():
            part.discard()

    def _hand_over(self, row_groups: Iterable[pa.Table]) -> None:
        for row_group in row_groups:
            self._is_free.acquire()
            self._check()
            self._inbox.put(row_group)

    def _check(self) -> None:
        if self._error is not None:
            raise self._error

    def _run(self) -> None:
        try:
            while (row_group := self._inbox.get()) is not None and not self._stopping.is_set():
                self._cutter.add(row_group)
                del row_group  # its memory, before the next one is waited for
                self._is_free.release()
            if not self._stopping.is_set():
                self._cutter.end()
        except BaseException as error:  # noqa: BLE001 - raised in the reading thread by _check
            self._error = error
            self._cutter.stop(error)
            self._is_free.release()
