"""One writer thread turns batches into parts while the thread that reads them goes on reading."""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING

from comotion.adapters.parquet_codec.cutting import Cutter
from comotion.adapters.parquet_codec.row_groups import Layout, PartFile
from comotion.domain.chunking import Cut

if TYPE_CHECKING:
    import pyarrow as pa


class Encoding:
    """The writing of one source's parts. All methods are for the reading thread.

    Memory: one batch on its way, one being taken, and the rows of one row group.
    """

    def __init__(self, layout: Layout, cut: Cut) -> None:
        self._begun: queue.SimpleQueue[PartFile] = queue.SimpleQueue()
        self._inbox: queue.Queue[pa.RecordBatch | None] = queue.Queue(maxsize=1)
        self._cutter = Cutter(layout, cut, self._begun.put)
        self._error: BaseException | None = None
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="comotion-encode", daemon=True)
        self._thread.start()

    def put(self, batch: pa.RecordBatch) -> None:
        """Hand over a batch; waits until the one before is taken. Raises what stopped the writer."""
        self._check()
        self._inbox.put(batch)

    def begun(self) -> Iterator[PartFile]:
        """The parts whose first bytes can be read, each once."""
        while not self._begun.empty():
            yield self._begun.get()

    def finish(self) -> None:
        """No more batches. Returns when the last part is complete; raises what stopped the writer."""
        self._inbox.put(None)
        self._thread.join()
        self._check()

    def stop(self, error: BaseException) -> None:
        """End the thread; the part that was being written raises ``error``, those nobody has taken are discarded."""
        self._stopping.set()
        self._cutter.stop(error)
        if self._thread.is_alive():
            with contextlib.suppress(queue.Empty):
                self._inbox.get_nowait()
            self._inbox.put(None)
            self._thread.join()
        self._cutter.stop(error)
        for part in self.begun():
            part.discard()

    def _check(self) -> None:
        if self._error is not None:
            raise self._error

    def _run(self) -> None:
        try:
            while (batch := self._inbox.get()) is not None:
                self._cutter.add(batch)
            if not self._stopping.is_set():
                self._cutter.end()
        except BaseException as error:  # noqa: BLE001 - raised in the reading thread by _check
            self._error = error
            self._cutter.stop(error)
            while not self._stopping.is_set() and self._inbox.get() is not None:
                pass  # the reading thread must not wait for ever on a full queue
