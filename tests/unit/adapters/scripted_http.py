"""An HttpClient that answers from a list, and remembers what it was asked."""

from collections.abc import Iterator

from comotion.domain.errors import AnswerLost, ComotionError
from comotion.ports.http import Headers, HttpRequest


class Response:
    """An answer whose body may break off, and which knows whether it was closed."""

    def __init__(self, status=200, body=b"", headers=(), breaks_off=False):
        self.status = status
        self.headers = Headers(dict(headers))
        self.body = body
        self.breaks_off = breaks_off
        self.is_closed = False

    def read(self) -> bytes:
        return b"".join(self.chunks(1024))

    def chunks(self, size_bytes: int) -> Iterator[bytes]:
        yield from (self.body[at : at + size_bytes] for at in range(0, len(self.body), size_bytes))
        if self.breaks_off:
            raise AnswerLost("the answer broke off")

    def close(self) -> None:
        self.is_closed = True


class ScriptedHttp:
    """Answers the n-th request with the n-th outcome, and repeats the last; an error is raised."""

    def __init__(self, *outcomes: Response | ComotionError) -> None:
        self.outcomes = outcomes
        self.requests: list[HttpRequest] = []

    def send(self, request: HttpRequest) -> Response:
        self.requests.append(request)
        outcome = self.outcomes[min(len(self.requests), len(self.outcomes)) - 1]
        if isinstance(outcome, ComotionError):
            raise outcome
        return outcome
