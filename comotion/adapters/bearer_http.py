"""HttpClient that proves who asks: adds the access token, and renews it once when the service says 401."""

from urllib.parse import urlsplit

from attrs import evolve

from comotion.domain.endpoints import is_loopback
from comotion.domain.errors import InvalidArgument
from comotion.ports.http import HttpClient, HttpRequest, HttpResponse
from comotion.ports.identity import TokenSource


class BearerHttp:
    """Sends through ``inner`` with ``Authorization: Bearer``.

    The token goes to the URL of the request and nowhere else: no client here follows redirects, and a URL
    that anybody on the way could read is refused. A 401 means that the request did not run, so any request may be
    sent again with a new token, once.

    Parameters
    ----------
    inner : HttpClient
    tokens : TokenSource
    """

    def __init__(self, inner: HttpClient, *, tokens: TokenSource) -> None:
        self._inner = inner
        self._tokens = tokens

    def send(self, request: HttpRequest) -> HttpResponse:
        _check_private(request)
        token = self._tokens.token()
        response = self._inner.send(_with(request, token))
        if response.status != 401:
            return response
        response.close()
        return self._inner.send(_with(request, self._tokens.renewed(token)))


def _with(request: HttpRequest, token: str) -> HttpRequest:
    return evolve(request, headers={**request.headers, "Authorization": f"Bearer {token}"})


def _check_private(request: HttpRequest) -> None:
    url = urlsplit(request.url)
    if url.scheme != "https" and not is_loopback(url.hostname):
        raise InvalidArgument(
            f"{request.operation}: a token is not sent over {url.scheme} to {url.hostname}: use https"
        )
