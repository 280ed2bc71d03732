"""A load: parts are put to it while it is OPEN, committing makes it PROCESSING, check sums decide SUCCESS or FAIL.

The service is the authority on the status; this machine says what may be asked of it and remembers
what this client put there.
"""

import re
from collections.abc import Iterable, Mapping
from enum import Enum
from types import MappingProxyType
from typing import Self

from attrs import evolve, field, frozen

from comotion.domain.answer import Answer, wire
from comotion.domain.errors import CheckSumsDiffer, InvalidArgument, LoadFailed, LoadNotOpen, UploadFailed
from comotion.domain.names import FileKey, TableName

MAX_PARTITIONS = 100
_CHECK_SUM = re.compile(r"check[ _-]?sum", re.IGNORECASE)  # the service has no error type of its own for it


class LoadType(Enum):
    """How a load's rows get into the table."""

    APPEND_ONLY = "APPEND_ONLY"


class LoadStatus(Enum):
    """Where a load stands."""

    OPEN = "OPEN"
    PROCESSING = "PROCESSING"
    SUCCESS = "SUCCESS"
    FAIL = "FAIL"

    def is_final(self) -> bool:
        return self in (LoadStatus.SUCCESS, LoadStatus.FAIL)

    @classmethod
    def known(cls, text: str) -> "LoadStatus | None":
        """The status of that name, or None for one this version does not know."""
        return cls.__members__.get(text)


class LoadEvent(Enum):
    """What can happen to a load."""

    PUT_PART = "put a part"
    COMMIT = "commit"
    SUMS_MATCH = "check sums match"
    SUMS_DIFFER = "check sums differ"


TRANSITIONS: Mapping[tuple[LoadStatus, LoadEvent], LoadStatus] = MappingProxyType(
    {
        (LoadStatus.OPEN, LoadEvent.PUT_PART): LoadStatus.OPEN,
        (LoadStatus.OPEN, LoadEvent.COMMIT): LoadStatus.PROCESSING,
        (LoadStatus.PROCESSING, LoadEvent.SUMS_MATCH): LoadStatus.SUCCESS,
        (LoadStatus.PROCESSING, LoadEvent.SUMS_DIFFER): LoadStatus.FAIL,
    }
)


def next_status(status: LoadStatus, event: LoadEvent, *, load_id: str = "") -> LoadStatus:
    """The status after ``event``. Raises LoadNotOpen where the table has no entry."""
    try:
        return TRANSITIONS[status, event]
    except KeyError:
        raise LoadNotOpen(f"load {load_id or '(new)'} is {status.value}: cannot {event.value}", status=400) from None


def _client_id(client_id: object) -> str | None:
    if client_id is None:
        return None
    if not str(client_id).strip():
        raise InvalidArgument(
            "load_as_service_client_id is empty: pass the service client's id, or leave it out where the data have "
            "a column service_client_id"
        )
    return str(client_id)


@frozen(kw_only=True)
class LoadDraft:
    """What a new load is asked for with.

    Raises
    ------
    InvalidArgument
        More than 100 partitions.
    """

    table: TableName
    load_type: LoadType = LoadType.APPEND_ONLY
    service_client_id: str | None = None
    partitions: tuple[str, ...] | None = None

    def __attrs_post_init__(self) -> None:
        if self.partitions is not None and len(self.partitions) > MAX_PARTITIONS:
            raise InvalidArgument(
                f"a load takes at most {MAX_PARTITIONS} partitions, not {len(self.partitions)}; split it"
            )

    @classmethod
    def parse(cls, table: object, load_type: object, service_client_id: object, partitions: object) -> Self:
        """From what a user passes; None is left out.

        Raises
        ------
        InvalidArgument
            An unknown load type, a table name that cannot be, an empty service client, or partitions that are no list.
        """
        known = [kind.value for kind in LoadType]
        if load_type is not None and load_type not in known:
            raise InvalidArgument(f"load_type is {' or '.join(known)}, not {load_type!r}")
        if isinstance(partitions, str) or not isinstance(partitions, Iterable | None):
            raise InvalidArgument(f"partitions is a list of names, not {partitions!r}")
        return cls(
            table=TableName(table),
            load_type=LoadType(load_type or LoadType.APPEND_ONLY.value),
            service_client_id=_client_id(service_client_id),
            partitions=None if partitions is None else tuple(partitions),
        )


@frozen(kw_only=True)
class UploadTicket(Answer):
    """Where one part goes and with which credentials (FileUploadResponse on the wire).

    Attributes
    ----------
    presigned_url, sts_credentials : object
        The two ways to put it there, as the service gave them; never shown.
    path, bucket : str
        The object's name, and where it is.
    """

    presigned_url: object = field(default=None, repr=False, metadata=wire("presigned_url"))
    sts_credentials: object = field(default=None, repr=False, metadata=wire("sts_credentials"))
    path: str = field(metadata=wire("path"))
    bucket: str = field(metadata=wire("bucket"))


@frozen(kw_only=True)
class LoadInfo(Answer):
    """What the service says of a load.

    Attributes
    ----------
    load_status : str
        ``"OPEN"``, ``"PROCESSING"``, ``"SUCCESS"``, ``"FAIL"``, or a word this version does not know.
    error_type, error_messages : str or None, list of str or None
        Why it is FAIL.
    """

    load_status: str = field(metadata=wire("LoadStatus"))
    error_type: str | None = field(default=None, metadata=wire("ErrorType"))
    error_messages: list[str] | None = field(default=None, metadata=wire("ErrorMessages"))

    def is_final(self) -> bool:
        """Whether it is SUCCESS or FAIL."""
        status = LoadStatus.known(self.load_status)
        return status is not None and status.is_final()

    def failure(self, load_id: str) -> LoadFailed | None:
        """The error that a FAIL stands for, naming ``load_id``; None for any other status."""
        if self.load_status != LoadStatus.FAIL.value:
            return None
        messages = tuple(message for message in self.error_messages or () if message.strip())
        reasons = messages or (self.error_type or "the service gave no reason",)
        said = " ".join((self.error_type or "", *reasons))
        kind = CheckSumsDiffer if _CHECK_SUM.search(said) else LoadFailed
        return kind(f"load {load_id} failed and the table is as it was: {'; '.join(reasons)}", reasons=reasons)


@frozen(kw_only=True)
class CommitAnswer(Answer):
    """What the service says to a commit."""

    message: str | None = field(default=None, metadata=wire("message"))


@frozen(kw_only=True)
class Part:
    """One file of a load, as stored."""

    key: FileKey | None  # None: the service chose the name
    rows: int
    size_bytes: int
    path: str
    source: str


@frozen(kw_only=True)
class Load:
    """A load as this client knows it: a value; every method that changes something returns a new one.

    Attributes
    ----------
    load_id : str or None
        None in a dry run.
    status : LoadStatus
        As this client drove it, or last read it.
    parts : mapping of object path to Part
        What stands in the load now; a part put again under its key replaces the earlier one.
    failed : mapping of text to reason
        Parts and sources that did not get there and were not put since: where they belong in the load, and why.
    """

    load_id: str | None
    status: LoadStatus = LoadStatus.OPEN
    parts: Mapping[str, Part] = field(factory=dict)
    failed: Mapping[str, str] = field(factory=dict)

    @property
    def rows(self) -> int:
        """Rows in the load, each key counted once whatever was retried."""
        return sum(part.rows for part in self.parts.values())

    def with_part(self, part: Part) -> Self:
        """A part was stored. Raises LoadNotOpen unless OPEN."""
        status = self._after(LoadEvent.PUT_PART)
        failed = {key: why for key, why in self.failed.items() if key != str(part.key)}
        return evolve(self, status=status, parts={**self.parts, part.path: part}, failed=failed)

    def with_failure(self, key: str, reason: str) -> Self:
        """A part, or a source, did not get there. Raises LoadNotOpen unless OPEN."""
        status = self._after(LoadEvent.PUT_PART)
        return evolve(self, status=status, failed={**self.failed, key: reason})

    def without_failure(self, key: str) -> Self:
        """What failed under ``key`` was put right."""
        return evolve(self, failed={other: why for other, why in self.failed.items() if other != key})

    def committed(self, *, despite_failures: bool = False) -> Self:
        """The commit was accepted.

        Raises
        ------
        UploadFailed
            A part failed and ``despite_failures`` was not asked for.
        LoadNotOpen
            The load is not OPEN.
        """
        status = self._after(LoadEvent.COMMIT)
        if self.failed and not despite_failures:
            first = next(iter(self.failed.values()))
            raise UploadFailed(
                f"load {self.load_id} is incomplete and was not committed: {len(self.failed)} upload(s) failed, "
                f"the first: {first}. Upload again under the same key, or pass despite_failures=True"
            )
        return evolve(self, status=status)

    def observed(self, info: LoadInfo) -> Self:
        """The service was asked: its word counts, also where this client would not have expected it."""
        status = LoadStatus.known(info.load_status)
        return self if status is None else evolve(self, status=status)

    def _after(self, event: LoadEvent) -> LoadStatus:
        return next_status(self.status, event, load_id=self.load_id or "")
