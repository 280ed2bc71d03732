"""Who may reach the admin face and the console: programs and pages of this machine, no page of any other site."""

from urllib.parse import urlsplit

from comotion.adapters.fake_dash.addresses import bare
from comotion.adapters.fake_dash.exchange import Request
from comotion.adapters.fake_dash.refused import Refused

LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]", "::1"})


def guard(request: Request) -> None:
    """Refuse what a page of another site could have sent.

    A rebound DNS name shows in the Host field, a cross-site request in Origin or Sec-Fetch-Site; a request that
    changes something must be JSON or come with a same Origin, because a page may send a plain form anywhere.

    Raises
    ------
    Refused
        403, saying which of them it was.
    """
    if bare(request.host) not in LOOPBACK:
        raise Refused(403, "this face answers only to localhost, 127.0.0.1 and [::1]")
    origin = request.headers.get("Origin")
    if origin is not None and not _is_same(origin, request.host):
        raise Refused(403, "this face does not answer pages of another site")
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        raise Refused(403, "this face does not answer requests across sites")
    kind = request.headers.get("Content-Type", "").split(";")[0].strip().lower()
    if request.method not in ("GET", "HEAD") and origin is None and kind not in ("application/json", ""):
        raise Refused(403, "a request without an Origin carries JSON: send the header Content-Type: application/json")


def _is_same(origin: str, host: str) -> bool:
    try:
        return urlsplit(origin).netloc.lower() == host.lower()
    except ValueError:
        return False
