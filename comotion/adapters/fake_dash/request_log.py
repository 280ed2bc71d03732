"""What reached a world and what it answered, in order, for a test to look at."""

from collections import deque
from collections.abc import Collection, Iterator
from datetime import datetime
from fnmatch import fnmatchcase
from threading import Lock

from attrs import field, frozen

from comotion.adapters.fake_dash.checks import check_operation
from comotion.ports.http import Headers

KEPT = 10_000
KEPT_BYTES = 64 << 20


@frozen(kw_only=True)
class Entry:
    """One exchange. Bodies are kept up to 64 KiB; of streams only what was read.

    Attributes
    ----------
    operation : str
        As in ``operations.py``; ``"unknown"`` where no face takes it.
    status : int
        0 where the connection was dropped before the status line.
    faults : tuple of str
        The faults that hit it.
    """

    number: int
    at: datetime
    operation: str
    organisation: str | None
    method: str
    host: str
    target: str = field(repr=False)
    headers: Headers = field(repr=False)
    body: bytes = field(repr=False)
    received_bytes: int
    status: int
    answer_headers: Headers = field(repr=False)
    answer: bytes = field(repr=False)
    faults: tuple[str, ...] = ()

    @property
    def kept_bytes(self) -> int:
        return len(self.body) + len(self.answer)

    def line(self) -> str:
        """The exchange on one line, without query, headers or bodies: they may hold secrets."""
        path = self.target.split("?", 1)[0]
        hit = f"  [{', '.join(self.faults)}]" if self.faults else ""
        head = f"{self.number:4} {self.at:%H:%M:%S} {self.status or '---'} {self.operation:24}"
        return f"{head} {self.method} {path}{hit}"


class RequestLog:
    """The last 10,000 exchanges of a world, fewer where their bodies would come to more than 64 MiB.

    Parameters
    ----------
    operations : collection of str
        What may be asked for; anything when left out.

    Examples
    --------
    ``[entry.operation for entry in world.log]``, ``world.log.of("create_load")``, ``len(world.log)``.
    """

    def __init__(self, operations: Collection[str] = ()) -> None:
        self._operations = operations
        self._entries: deque[Entry] = deque()
        self._bytes = 0
        self._count = 0
        self._lock = Lock()

    def next_number(self) -> int:
        with self._lock:
            self._count += 1
            return self._count

    def add(self, entry: Entry) -> None:
        with self._lock:
            self._entries.append(entry)
            self._bytes += entry.kept_bytes
            while len(self._entries) > KEPT or self._bytes > KEPT_BYTES:
                self._bytes -= self._entries.popleft().kept_bytes

    def of(self, *operations: str) -> list[Entry]:
        """The exchanges of these operations, or of what fits such a pattern (``"*_object"``).

        Raises
        ------
        ValueError
            No operation is called so; a count of none would prove nothing.
        """
        for name in operations:
            check_operation(name, self._operations)
        return [entry for entry in self if any(fnmatchcase(entry.operation, name) for name in operations)]

    def clear(self) -> None:
        with self._lock:
            self._entries.clear()
            self._bytes = 0

    def __iter__(self) -> Iterator[Entry]:
        with self._lock:
            return iter(list(self._entries))

    def __len__(self) -> int:
        return len(self._entries)

    def __getitem__(self, place: int) -> Entry:
        return list(self)[place]
