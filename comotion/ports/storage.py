"""The ObjectStore port: put one part where its ticket says."""

from collections.abc import Callable, Iterator
from typing import Protocol

from comotion.domain.load import UploadTicket


class PartBody(Protocol):
    """The bytes of one part, readable while they are still being written, and again from the start."""

    def chunks(self, size_bytes: int) -> Iterator[bytes]:
        """The bytes in order, each piece ``size_bytes`` long but the last. Waits for bytes not yet written.

        Raises whatever stopped the writer, when it was stopped.
        """
        ...

    def size_bytes(self) -> int:
        """The whole size. Waits until the last byte is written."""
        ...


RenewTicket = Callable[[], UploadTicket]
"""Asks for the same ticket again, with fresh credentials."""


class Spare(Protocol):
    """Requests that may be in flight besides the one that each ``put`` may always have."""

    def take(self) -> bool:
        """Whether one more may be in flight now; never waits."""
        ...

    def give_back(self) -> None:
        """One that was taken is over."""
        ...


class ObjectStore(Protocol):
    """Keeps parts. A part is there whole, or it is not there; putting it again replaces it."""

    def put(self, ticket: UploadTicket, body: PartBody, renew: RenewTicket, *, spare: Spare | None = None) -> None:
        """Store ``body`` under the ticket's bucket and path, one request at a time, or more with ``spare``.

        Raises
        ------
        StorageRefused
            The store said no, also to renewed credentials.
        ServiceUnreachable
            The store could not be reached within the retry policy.
        """
        ...
