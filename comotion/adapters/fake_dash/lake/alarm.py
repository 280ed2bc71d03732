"""A statement is interrupted when somebody asks for it, or when its time is over; until it has heard."""

import threading
from typing import Any

AGAIN_S = 0.02


class Alarm:
    """Watches over one statement on a cursor.

    DuckDB forgets an interrupt that comes before the statement has begun, so it is said again until ``off``.

    Parameters
    ----------
    cursor : duckdb.DuckDBPyConnection
    after_s : float
        When it rings by itself, counted from ``on``.
    """

    def __init__(self, cursor: Any, after_s: float) -> None:
        self._cursor = cursor
        self.after_s = after_s
        self._rings = threading.Event()
        self._is_off = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="fake-dash-alarm", daemon=True)

    def on(self) -> None:
        """Begin to watch."""
        self._thread.start()

    @property
    def is_rung(self) -> bool:
        """Whether somebody asked for it, before ``off``."""
        return self._rings.is_set()

    def ring(self) -> None:
        """Interrupt the statement now, or as soon as it begins."""
        self._rings.set()

    def off(self) -> None:
        """Stop watching; the cursor hears nothing more."""
        self._is_off.set()
        self._rings.set()
        self._thread.join()

    def _watch(self) -> None:
        self._rings.wait(self.after_s)
        while not self._is_off.is_set():
            self._cursor.interrupt()
            self._is_off.wait(AGAIN_S)
