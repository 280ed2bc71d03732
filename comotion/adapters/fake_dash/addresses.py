"""Host names and URLs of a world: which face and organisation a name means, and how answers name their links."""

import re
from typing import TYPE_CHECKING

from comotion.adapters.fake_dash.exchange import Request
from comotion.domain.endpoints import DEFAULT_ISSUER

if TYPE_CHECKING:
    from comotion.adapters.fake_dash.organisation import Organisation

_NAME = r"([a-z0-9](?:[a-z0-9_-]*[a-z0-9])?)"
_API = re.compile(rf"(?:{_NAME}\.)?{_NAME}\.api\.comodash\.io")
_DAILY_RUN = re.compile(rf"api\.{_NAME}\.comodash\.(?:io|com)")
_STORE = re.compile(r"(?:(?P<bucket>[a-z0-9.-]+)\.)?s3(?:[.-][a-z0-9-]+)*\.amazonaws\.com")
OTHER_NAMES = {"127.0.0.1": "localhost", "[::1]": "localhost", "localhost": "127.0.0.1"}
ISSUER_HOST = "auth.comotion.us"
V1_HOST = "api.comodash.io"


def bare(host: str) -> str:
    """A Host field's name without its port, lower case."""
    return re.sub(r":\d+$", "", host.strip().lower())


def face_of_host(host: str) -> str | None:
    """Which face the service's own host names mean: identity, v1, api, daily_run, object_store; None for others."""
    name = bare(host)
    if name == ISSUER_HOST:
        return "identity"
    if name == V1_HOST:
        return "v1"
    if _API.fullmatch(name):
        return "api"
    if _DAILY_RUN.fullmatch(name):
        return "daily_run"
    return "object_store" if _STORE.fullmatch(name) else None


def names_bucket(host: str) -> bool:
    """Whether a host name of the object store holds a bucket: ``bucket.s3...amazonaws.com``, ``bucket.localhost``."""
    name = bare(host)
    found = _STORE.fullmatch(name)
    return found["bucket"] is not None if found else name.endswith(".localhost")


def organisation_of_host(host: str) -> str | None:
    """The organisation a host name holds, in lower case as host names are; None where it holds none."""
    name = bare(host)
    api, daily_run = _API.fullmatch(name), _DAILY_RUN.fullmatch(name)
    if api:
        return api[2]
    return daily_run[1] if daily_run else None


def names_of(organisation: "Organisation") -> tuple[str, ...]:
    """The host names by which clients of an organisation know the service."""
    org, region = organisation.name.lower(), organisation.region
    stores = (f"s3.{region}.amazonaws.com", "s3.us-east-1.amazonaws.com", "s3.amazonaws.com")
    return (
        ISSUER_HOST,
        V1_HOST,
        f"{org}.api.comodash.io",
        f"*.{org}.api.comodash.io",  # its zones; OpenSSL takes no wildcard beside an underscore
        f"api.{org}.comodash.io",
        f"api.{org}.comodash.com",
        *stores,
        *(f"{organisation.bucket}.{store}" for store in stores),
    )


def asked_host(request: Request) -> str:
    """The name the client meant: Host, or what a proxy says it was."""
    forwarded = request.headers.get("X-Forwarded-Host", "").split(",")[0].strip()
    return bare(forwarded or request.host)


def issuer(request: Request) -> str:
    """The issuer as this client knows it."""
    return request.origin or DEFAULT_ISSUER


def bucket_url(request: Request, organisation: "Organisation") -> str:
    """Where this client reaches the organisation's bucket."""
    if request.origin is not None:
        return f"{request.origin}/{organisation.bucket}"
    return f"https://{organisation.bucket}.s3.{organisation.region}.amazonaws.com"


def link_url(request: Request, organisation: "Organisation") -> str:
    """The bucket's URL in a temporary link: on another host than the API, as the service's is.

    Clients that follow a redirect leave their bearer token behind only where the host changes, so a server links to
    its other name.
    """
    url = bucket_url(request, organisation)
    scheme, _, rest = url.partition("://")
    host, _, place = rest.partition("/")
    other = OTHER_NAMES.get(bare(host))
    return url if other is None else f"{scheme}://{other}{host.removeprefix(bare(host))}/{place}"
