"""One call: a request out, and its body back, or the error that fits.

An answer that is lost, or an error status that leaves it open whether the operation ran, is OutcomeUnknown
where the operation may not be repeated.
"""

import codecs
import json
from collections.abc import Mapping

from attrs import field, frozen

from comotion.adapters.dash_api.faults import Asked, error_of, said, shown
from comotion.domain.errors import AnswerLost, ApiException, BrokenAnswer, OutcomeUnknown
from comotion.domain.pacing import Repeat, is_outcome_unknown
from comotion.ports.http import HttpClient, HttpRequest, HttpResponse

ACCEPT_JSON = {"Accept": "application/json"}
LOOK_FIRST = "it may have run all the same: look before trying again"


@frozen(kw_only=True)
class Call:
    """What is asked, and how its answer is to be understood.

    Attributes
    ----------
    asked : Asked
        Decides what an error status means.
    operation : str
        The same in words, with the id; every error begins with it.
    body : mapping, bytes or None
        A mapping is sent as JSON.
    headers : mapping
        Besides those that every call carries.
    answers : frozenset of int
        Error statuses that are answers here.
    secret : str or None
        Goes out with the request; no error may repeat it.
    """

    asked: Asked
    operation: str
    method: str
    url: str
    body: Mapping[str, object] | bytes | None = None
    headers: Mapping[str, str] = field(factory=dict, repr=False)
    repeat: Repeat = Repeat.FREELY
    answers: frozenset[int] = frozenset()
    secret: str | None = field(default=None, repr=False)

    def to_request(self) -> HttpRequest:
        headers = {**ACCEPT_JSON, **self.headers}
        body = self.body
        if isinstance(body, Mapping):
            headers["Content-Type"] = "application/json"
            body = json.dumps(body).encode()
        return HttpRequest(
            operation=self.operation,
            method=self.method,
            url=self.url,
            headers=headers,
            body=body,
            size_bytes=None if body is None else len(body),
            repeat=self.repeat,
        )


@frozen
class Answered:
    """Status and body of a success, or of an error status that is an answer; and how long an error asks to wait."""

    status: int
    body: bytes
    retry_after: str | None = None


def send(http: HttpClient, call: Call) -> Answered:
    """Make the call.

    Raises
    ------
    ApiException
        The service refused; the class is the one of faults.MEANINGS.
    OutcomeUnknown
        The operation may not be repeated and may have run.
    ServiceUnreachable
        No answer came, and the operation did not run or may be repeated.
    """
    try:
        response = http.send(call.to_request())
        try:
            answered = Answered(response.status, response.read(), response.headers.get("Retry-After"))
        finally:
            response.close()
    except (AnswerLost, BrokenAnswer) as lost:  # broken: in a coding that cannot be read
        if call.repeat is Repeat.FREELY:
            raise
        raise OutcomeUnknown(f"{lost}; {LOOK_FIRST}") from lost
    except OutcomeUnknown as unknown:
        if not unknown.status:
            raise
        answered = Answered(unknown.status, unknown.body)
    return _checked(call, answered)


def _checked(call: Call, answered: Answered) -> Answered:
    if 200 <= answered.status < 300 or answered.status in call.answers:
        return answered
    error = error_of(
        call.asked,
        call.operation,
        answered.status,
        answered.body,
        retry_after=answered.retry_after,
        secret=call.secret,
    )
    if is_outcome_unknown(call.repeat, answered.status):
        raise OutcomeUnknown(f"{error}; {LOOK_FIRST}", status=error.status) from error
    raise error


def order(http: HttpClient, call: Call) -> Answered:
    """Make a call whose success needs no body, but is no page: the service speaks JSON or plain text.

    Raises
    ------
    BrokenAnswer, OutcomeUnknown
        Something in between gave the answer; and besides, what ``send`` raises.
    """
    answered = send(http, call)
    if start_of(answered.body) != b"<":
        return answered
    page = said(shown(answered.body, call.secret))
    message = f"{call.operation}: the answer is a page ({page}); is there a proxy in between?"
    if call.repeat is Repeat.FREELY:
        raise BrokenAnswer(message)
    raise OutcomeUnknown(f"{message} If not, {LOOK_FIRST}")


def start_of(body: bytes) -> bytes:
    """Its first byte behind a byte order mark and white space, which tells a page from an answer; none of nothing."""
    return body.removeprefix(codecs.BOM_UTF8).lstrip()[:1]


def refused(asked: Asked, operation: str, response: HttpResponse) -> ApiException:
    """The error of a response whose body was not read yet."""
    try:
        body = response.read()
    except AnswerLost:
        body = b""
    finally:
        response.close()
    return error_of(asked, operation, response.status, body, retry_after=response.headers.get("Retry-After"))
