"""The HttpClient port: one request out, one answer back, or an error of the domain.

Retrying, bearer tokens and base URLs are HttpClients around an HttpClient.
An HttpClient never follows a redirect: who may see which header is the caller's decision.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Protocol

from attrs import field, frozen

from comotion.domain.pacing import Repeat

Body = bytes | Iterable[bytes] | None


class Headers(Mapping[str, str]):
    """Header fields by case-insensitive name; the last of several fields of one name counts."""

    def __init__(self, fields: Mapping[str, str] | Iterable[tuple[str, str]] = ()) -> None:
        pairs = fields.items() if isinstance(fields, Mapping) else fields
        self._fields = {name.lower(): (name, value) for name, value in pairs}

    def __getitem__(self, name: str) -> str:
        return self._fields[name.lower()][1]

    def __iter__(self) -> Iterator[str]:
        return (name for name, _ in self._fields.values())

    def __len__(self) -> int:
        return len(self._fields)

    def __repr__(self) -> str:
        return f"Headers({', '.join(sorted(self))})"


@frozen(kw_only=True)
class HttpRequest:
    """What is sent.

    Attributes
    ----------
    operation : str
        What it is for, in words, with the id: ``"read load 7f"``. Errors begin with it.
    repeat : Repeat
        Whether it may be sent again when its answer is lost.
    body : bytes, iterable of bytes, or None
        An iterable must be re-iterable, so that the request can be repeated; with one, ``size_bytes`` is given.
    timeout_s : float or None
        Read timeout that replaces the client's own.
    streamed : bool
        Whether the caller reads the body piece by piece. Otherwise a retrying client reads it whole before it
        returns, so that a body that breaks off counts as a failed attempt like any other.
    """

    operation: str
    method: str
    url: str = field(repr=False)  # may be signed
    headers: Mapping[str, str] = field(factory=dict, repr=False)
    body: Body = field(default=None, repr=False)
    size_bytes: int | None = None
    repeat: Repeat = Repeat.FREELY
    timeout_s: float | None = None
    streamed: bool = False


class HttpResponse(Protocol):
    """What came back. The body is read at most once, whole or in chunks; ``close`` gives the connection back."""

    @property
    def status(self) -> int: ...
    @property
    def headers(self) -> Headers: ...
    def read(self) -> bytes:
        """The whole body, decoded from any transfer or content coding. Raises AnswerLost when it breaks off."""
        ...

    def chunks(self, size_bytes: int) -> Iterator[bytes]:
        """The body in pieces of at most ``size_bytes``. Raises AnswerLost when it breaks off."""
        ...

    def close(self) -> None: ...


class HttpClient(Protocol):
    """Sends one request.

    Raises
    ------
    NeverSent
        It surely did not run: connection refused, no such host, TLS.
    AnswerLost
        It may have run: broken connection, read timeout.
    """

    def send(self, request: HttpRequest) -> HttpResponse: ...
