"""Queries over HTTP (dash-api, section 2), and result files, whose link is never given the bearer token."""

from collections.abc import Iterator
from urllib.parse import urljoin

from attrs import frozen

from comotion.adapters.dash_api import wire
from comotion.adapters.dash_api.calls import ACCEPT_JSON, Call, order, refused, send, start_of
from comotion.adapters.dash_api.faults import Asked
from comotion.domain.endpoints import parse_base_url, segment
from comotion.domain.errors import BrokenAnswer, InvalidName
from comotion.domain.pacing import Repeat
from comotion.domain.query import QueryInfo
from comotion.ports.http import Headers, HttpClient, HttpRequest, HttpResponse

MAX_REDIRECTS = 5
REDIRECTS = frozenset({301, 302, 303, 307, 308})
# Whole bytes only: with a content coding, Content-Length would not count what is saved.
LINK_HEADERS = {"Accept": "*/*", "Accept-Encoding": "identity"}
RESULT_HEADERS = {**LINK_HEADERS, **ACCEPT_JSON}  # as every call; the file comes all the same
PAGES = ("text/html", "application/xhtml", "application/xml", "text/xml")


@frozen
class QueriesOverHttp:
    """The QueryGateway of the live service.

    Parameters
    ----------
    http : HttpClient
        Retries, and adds the bearer token.
    plain : HttpClient
        Retries, and adds nothing: what a redirect points to is fetched with it.
    base_url : str
        The v2 API of one organisation or zone.
    """

    http: HttpClient
    plain: HttpClient
    base_url: str

    def run(self, sql: str) -> str:
        operation = "run query"
        call = Call(
            asked=Asked.START_QUERY,
            operation=operation,
            method="POST",
            url=f"{self.base_url}/query",
            body=wire.query_body(sql),
            repeat=Repeat.ONLY_IF_NOT_RUN,
        )
        return wire.query_id(operation, send(self.http, call).body)

    def info(self, query_id: str) -> QueryInfo:
        operation = f"read query {query_id}"
        return wire.query_info(operation, send(self.http, self._call(operation, "GET", self._url(query_id))).body)

    def stop(self, query_id: str) -> None:
        order(self.http, self._call(f"stop query {query_id}", "DELETE", self._url(query_id)))

    def open_csv(self, query_id: str) -> HttpResponse:
        operation = f"download the result of query {query_id}"
        url, asked, client, headers = f"{self._url(query_id)}/csv", Asked.QUERY, self.http, RESULT_HEADERS
        for _ in range(MAX_REDIRECTS + 1):
            request = HttpRequest(operation=operation, method="GET", url=url, headers=headers, streamed=True)
            response = client.send(request)
            if response.status not in REDIRECTS:
                return _result(operation, asked, response)
            url = _target(operation, url, response)
            # Whatever the link's host: a temporary link is its own proof, and a token must not reach it.
            asked, client, headers = Asked.RESULT_FILE, self.plain, LINK_HEADERS
        raise BrokenAnswer(f"{operation}: more than {MAX_REDIRECTS} redirects")

    def _url(self, query_id: str) -> str:
        return f"{self.base_url}/query/{segment(query_id)}"

    def _call(self, operation: str, method: str, url: str) -> Call:
        return Call(asked=Asked.QUERY, operation=operation, method=method, url=url)


def _target(operation: str, url: str, response: HttpResponse) -> str:
    """Where a redirect points: https, or http on this machine. Its query is signed and is never shown."""
    location = response.headers.get("Location")
    response.close()
    if not location:
        raise BrokenAnswer(f"{operation}: a redirect ({response.status}) without a Location")
    target = urljoin(url, location)
    try:
        parse_base_url("link", target.split("?", 1)[0].split("#", 1)[0])
    except InvalidName:
        raise BrokenAnswer(f"{operation}: the redirect points to no https address") from None
    return target


def _result(operation: str, asked: Asked, response: HttpResponse) -> HttpResponse:
    """The response, if it is a result; an error status or an error page is none."""
    if response.status != 200:
        if 200 <= response.status < 300:
            response.close()
            raise BrokenAnswer(f"{operation}: HTTP {response.status} where a whole result was asked for")
        raise refused(asked, operation, response)
    content = response.headers.get("Content-Type", "").strip().lower()
    if content.startswith(PAGES):
        response.close()
        raise BrokenAnswer(f"{operation}: the answer is no result but {content.split(';')[0]}")
    return ResultResponse(operation, response, no_result=b"<{" if "json" in content else b"<")


class ResultResponse:
    """A result as it streams in. A body that turns out to be an error page is BrokenAnswer.

    ``no_result`` holds the characters that cannot begin a result: Athena's CSV begins with a quote.
    """

    def __init__(self, operation: str, response: HttpResponse, *, no_result: bytes) -> None:
        self._operation = operation
        self._response = response
        self._no_result = no_result

    @property
    def status(self) -> int:
        return self._response.status

    @property
    def headers(self) -> Headers:
        return self._response.headers

    def read(self) -> bytes:
        body = self._response.read()
        self._check(body)
        return body

    def chunks(self, size_bytes: int) -> Iterator[bytes]:
        first = True
        for piece in self._response.chunks(size_bytes):
            if first:
                self._check(piece)
            first = first and not piece
            yield piece

    def close(self) -> None:
        self._response.close()

    def _check(self, beginning: bytes) -> None:
        start = start_of(beginning)
        if start and start in self._no_result:
            self.close()
            raise BrokenAnswer(f"{self._operation}: the answer is a page, not a result")
