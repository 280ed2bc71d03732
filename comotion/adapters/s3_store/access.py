"""The right to write one object: the ticket's keys, renewed through its owner before or when they expire.

Several threads send parts of one object; whichever finds the keys expired renews them for all.
"""

from datetime import datetime, timedelta
from threading import Lock

from comotion.adapters.s3_store.signing import Credentials
from comotion.adapters.s3_store.tickets import credentials_of
from comotion.domain.errors import StorageRefused
from comotion.domain.load import UploadTicket
from comotion.ports.storage import RenewTicket

AHEAD = timedelta(seconds=60)


class Access:
    """Keys for one ticket, always the newest."""

    def __init__(self, ticket: UploadTicket, renew: RenewTicket) -> None:
        self._ticket = ticket
        self._renew = renew
        self._credentials = credentials_of(ticket)
        self._trusts_expiry = True
        self._lock = Lock()

    def credentials(self, now: datetime) -> Credentials:
        """Keys that are good for another minute, as far as they say themselves."""
        with self._lock:
            known = self._credentials
            if self._trusts_expiry and _is_ending(known, now):
                known = self._renewed()
                # fresh keys that look expired mean that one of the two clocks is wrong: wait for the store's word
                self._trusts_expiry = not _is_ending(known, now)
            return known

    def renewed(self, refused: Credentials) -> Credentials:
        """Keys other than ``refused``, which the store no longer takes."""
        with self._lock:
            return self._renewed() if self._credentials == refused else self._credentials

    def _renewed(self) -> Credentials:
        ticket = self._renew()
        if (ticket.bucket, ticket.path) != (self._ticket.bucket, self._ticket.path):
            raise StorageRefused(
                f"the upload of {self._ticket.path} cannot go on: its credentials expired, and the new ticket is "
                "for another place; upload the part again"
            )
        self._credentials = credentials_of(ticket)
        return self._credentials


def _is_ending(credentials: Credentials, now: datetime) -> bool:
    return credentials.expires_at is not None and now >= credentials.expires_at - AHEAD
