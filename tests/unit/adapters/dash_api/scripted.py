"""A network that answers what a test tells it to, and remembers what it was asked."""

import json
from collections.abc import Iterator

from comotion.domain.errors import AnswerLost
from comotion.ports.http import Headers, HttpRequest, HttpResponse


class Said:
    """One answer. ``breaks_off`` cuts the body after its last byte, as a lost connection would."""

    def __init__(self, status: int, body: object = b"", *, breaks_off: bool = False, **headers: str) -> None:
        self.status = status
        self.headers = Headers({name.replace("_", "-"): value for name, value in headers.items()})
        self.body = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.breaks_off = breaks_off
        self.is_closed = False

    def chunks(self, size_bytes: int) -> Iterator[bytes]:
        for at in range(0, len(self.body), size_bytes):
            yield self.body[at : at + size_bytes]
        if self.breaks_off:
            raise AnswerLost("the connection broke")

    def read(self) -> bytes:
        return b"".join(self.chunks(1 << 20))

    def close(self) -> None:
        self.is_closed = True


class ScriptedHttp:
    """An HttpClient with a list of answers; an exception among them is raised."""

    def __init__(self, *answers: HttpResponse | Exception) -> None:
        self.answers = list(answers)
        self.requests: list[HttpRequest] = []

    def send(self, request: HttpRequest) -> HttpResponse:
        self.requests.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    @property
    def asked(self) -> list[str]:
        return [f"{request.method} {request.url}" for request in self.requests]

    def sent(self) -> object:
        """The JSON of the last request."""
        body = self.requests[-1].body
        assert isinstance(body, bytes)
        return json.loads(body)
