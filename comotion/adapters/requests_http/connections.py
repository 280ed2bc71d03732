"""Connections that tell whether they came about, which alone decides if a request may have been received."""

import logging
import re
import socket
import ssl
from collections.abc import Iterator
from http.client import HTTPException, IncompleteRead
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    InvalidHeader,
    LocationValueError,
    MaxRetryError,
    NewConnectionError,
    ProtocolError,
    ProxyError,
)
from urllib3.poolmanager import PoolManager

from comotion.adapters.requests_http.heads import WholeHead

HOSTS_KEPT = 16
UNUSABLE = (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema)  # of the service, or of a proxy
SIGNED_QUERY = re.compile(r"\?\S*(?:signature|token)=\S*", re.IGNORECASE)


class _PlainConnection(HTTPConnection):
    response_class = WholeHead

    def connect(self) -> None:
        try:
            super().connect()
        except (OSError, HTTPError, HTTPException) as error:
            raise NewConnectionError(self, "no connection") from error


class _TlsConnection(HTTPSConnection):
    response_class = WholeHead

    def connect(self) -> None:
        try:
            super().connect()
        except (OSError, HTTPError, HTTPException) as error:
            raise NewConnectionError(self, "no connection") from error
        # a body without length is whole only where TLS says that it has ended (RFC 9112, 8)
        self.sock.suppress_ragged_eofs = False  # type: ignore[union-attr]


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _PlainConnection


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _TlsConnection


def _hides_signatures(record: logging.LogRecord) -> bool:
    """urllib3 logs every target at level DEBUG; a signed one would open an object to whoever reads the log."""
    if isinstance(record.args, tuple):
        record.args = tuple(SIGNED_QUERY.sub("?…", part) if isinstance(part, str) else part for part in record.args)
    return True


class Transport(HTTPAdapter):
    """requests' transport; every failure to connect comes out of it as a NewConnectionError or ProxyError."""

    def __init__(self, pool_size: int) -> None:
        logging.getLogger("urllib3.connectionpool").addFilter(_hides_signatures)
        super().__init__(pool_connections=HOSTS_KEPT, pool_maxsize=pool_size, max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _PlainPool, "https": _TlsPool}

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> PoolManager:
        manager: PoolManager = super().proxy_manager_for(proxy, **kwargs)
        if not proxy.lower().startswith("socks"):
            manager.pool_classes_by_scheme = {"http": _PlainPool, "https": _TlsPool}
        return manager


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """The error, and what it was made of, outermost first."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        inner: BaseException | None = error.reason if isinstance(error, MaxRetryError) else None
        inner = inner or getattr(error, "original_error", None) or error.__cause__
        inner = inner or next((arg for arg in reversed(error.args) if isinstance(arg, BaseException)), None)
        error = inner or (None if error.__suppress_context__ else error.__context__)


def has_connected(error: Exception) -> bool:
    """Whether the request may have left: everything but a connection that did not come about.

    Nor did it with an unusable URL or proxy setting, or a CA bundle that cannot be read, which is a plain OSError.
    """
    if isinstance(error, UNUSABLE) or not isinstance(error, (requests.RequestException, HTTPError)):
        return False
    return not any(isinstance(link, (NewConnectionError, ConnectTimeoutError, ProxyError)) for link in _chain(error))


def is_without_certificates(error: Exception) -> bool:
    """Whether the CA bundle that was named is missing (a plain OSError), or holds none; the service was not asked."""
    root = root_of(error)
    if isinstance(root, ssl.SSLError):
        return root.reason == "NO_CERTIFICATE_OR_CRL_FOUND"
    return isinstance(error, OSError) and not isinstance(error, requests.RequestException)


def root_of(error: Exception) -> BaseException:
    """The innermost error: unlike those around it, it does not show the URL."""
    return list(_chain(error))[-1]


def reason_of(error: Exception) -> str:
    """What went wrong, in a few words without URL."""
    root = root_of(error)
    if isinstance(root, socket.gaierror):
        return "the host name could not be resolved"
    if isinstance(root, ssl.SSLCertVerificationError):
        return f"its TLS certificate was not accepted ({root.verify_message})"
    if isinstance(root, TimeoutError) or "timed out" in str(root):
        return "timed out"
    if isinstance(root, ssl.SSLError):
        return f"TLS failed ({root.reason or 'no TLS spoken'})"
    if isinstance(root, (InvalidHeader, requests.exceptions.InvalidHeader)):
        return "its answer contradicts itself in how long it is"
    if isinstance(root, requests.ConnectionError):
        return "the connection failed"
    unusable = next((link for link in _chain(error) if isinstance(link, LocationValueError)), root)
    if isinstance(unusable, (requests.RequestException, LocationValueError)):
        return f"the URL or a proxy setting is unusable ({type(unusable).__name__})"
    if isinstance(root, OSError):
        return root.strerror.lower() if root.strerror else str(root)
    if isinstance(root, (IncompleteRead, ProtocolError)) or (isinstance(root, HTTPException) and not str(root)):
        return "the connection was closed"
    return type(root).__name__
