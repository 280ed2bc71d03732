"""HttpClient over requests: exactly one request, and the exact reason why it got no answer.

requests' Session is left out on purpose: it follows redirects, keeps cookies and reads ``.netrc``. What is used is
its transport, with the proxies and the CA bundle that its users set in the environment. Whatever goes wrong while a
connection is being made (name, TCP, proxy, TLS) is NeverSent; once bytes may have left, it is AnswerLost.
"""

import os
import ssl
from urllib.parse import urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter
from requests.structures import CaseInsensitiveDict
from requests.utils import get_environ_proxies, select_proxy

from comotion._version import __version__
from comotion.adapters.requests_http.answer import Answer
from comotion.adapters.requests_http.body import Body
from comotion.adapters.requests_http.connections import (
    Transport,
    has_connected,
    is_without_certificates,
    reason_of,
    root_of,
)
from comotion.domain.endpoints import is_loopback
from comotion.domain.errors import AnswerLost, InvalidArgument, NeverSent, NotTrusted, ServiceUnreachable
from comotion.ports.http import HttpRequest, HttpResponse

CA_BUNDLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")
USER_AGENT = f"comotion-sdk/{__version__}"


class RequestsHttp:
    """Sends requests over pooled connections; one object serves all threads, and a fork gets a pool of its own.

    Parameters
    ----------
    connect_timeout_s : float
        For one address: TCP, proxy and TLS.
    read_timeout_s : float
        Longest silence while an answer is awaited or read.
    pool_size : int
        Idle connections kept a host; two a worker is right. More may be open at once, one a body being read.
    """

    def __init__(self, *, connect_timeout_s: float = 10.0, read_timeout_s: float = 60.0, pool_size: int = 8) -> None:
        self._connect_timeout_s = connect_timeout_s
        self._read_timeout_s = read_timeout_s
        self._pool_size = pool_size
        self._pool: tuple[int, HTTPAdapter] = (os.getpid(), Transport(pool_size))

    def send(self, request: HttpRequest) -> HttpResponse:
        body = Body(request)
        prepared = _prepared(request, body)
        read_timeout_s = self._read_timeout_s if request.timeout_s is None else request.timeout_s
        try:
            answer = self._transport().send(
                prepared,
                stream=True,
                timeout=(self._connect_timeout_s, read_timeout_s),
                verify=_ca_bundle(),
                proxies=_proxies(request.url),
            )
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            if body.error is not None:
                raise body.error from None  # the source of the body failed, not the network
            raise _no_answer(request, error) from root_of(error)
        return Answer(request.operation, answer.raw)

    def _transport(self) -> HTTPAdapter:
        """This process's pool. Sockets that a fork inherited belong to its parent and are left alone."""
        pool = self._pool
        if pool[0] != os.getpid():
            pool = self._pool = (os.getpid(), Transport(self._pool_size))
        return pool[1]


def _prepared(request: HttpRequest, body: Body) -> requests.PreparedRequest:
    """The request as requests' transport takes it. Its own preparation would rewrite ``%2E`` and signed URLs."""
    prepared = requests.PreparedRequest()
    prepared.method = request.method
    prepared.url = request.url
    prepared.hooks = {"response": []}
    prepared.headers = CaseInsensitiveDict({"User-Agent": USER_AGENT, "Accept-Encoding": "identity"})
    for name, value in request.headers.items():
        prepared.headers[name] = _sendable(request.operation, name, value)
    prepared.body = body.sendable()  # type: ignore[assignment]  # any iterable of bytes will do
    if body.size_bytes is not None:
        prepared.headers["Content-Length"] = str(body.size_bytes)
    return prepared


def _sendable(operation: str, name: str, value: str) -> str:
    """The value, if a header can hold it. http.client would show a refused one in its message, token and all."""
    if not value.isprintable() or max(value, default="") > "\xff":
        raise InvalidArgument(f"{operation}: the value of the header {name} has characters that cannot be sent")
    return value


def _ca_bundle() -> str | bool:
    return next((path for name in CA_BUNDLES if (path := os.environ.get(name))), True)


def _proxies(url: str) -> dict[str, str]:
    """The environment's proxies; none for this machine itself, whose loopback they cannot reach."""
    if is_loopback(urlsplit(url).hostname):
        return {}
    return dict(get_environ_proxies(url, no_proxy=None))


def _by_way_of(url: str) -> str:
    """The proxy, in words and without its password; empty where there is none."""
    proxy = select_proxy(url, _proxies(url))
    return f" through the proxy {proxy.rpartition('//')[2].rpartition('@')[2].rstrip('/')}" if proxy else ""


def _no_answer(request: HttpRequest, error: Exception) -> ServiceUnreachable:
    host = urlsplit(request.url).netloc.rpartition("@")[2]
    reason = reason_of(error)
    if has_connected(error):
        return AnswerLost(f"{request.operation}: {host} gave no answer: {reason}")
    host += _by_way_of(request.url)
    if is_without_certificates(error):
        named = next((f"{name}={path}" for name in CA_BUNDLES if (path := os.environ.get(name))), reason)
        return NotTrusted(f"{request.operation}: no connection to {host}: no certificates can be read ({named})")
    if isinstance(root_of(error), ssl.SSLCertVerificationError):
        return NotTrusted(
            f"{request.operation}: no connection to {host}: {reason}; "
            "if your network has a certificate authority of its own, name its file in REQUESTS_CA_BUNDLE"
        )
    return NeverSent(f"{request.operation}: no connection to {host}: {reason}")
