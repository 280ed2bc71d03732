"""Organisation, zone, suffix, issuer -> URLs. No name can change the host that a token is sent to."""

import re
from urllib.parse import quote, urlsplit

from attrs import field, frozen

from comotion.domain.errors import InvalidName

DEFAULT_ISSUER = "https://auth.comotion.us"
DEFAULT_DNS_SUFFIX = "comodash.io"
DAILY_RUN_DNS_SUFFIXES = ("comodash.io", "comodash.com")
V1_URL = "https://api.comodash.io/v1"
USER_CLIENT_ID = "comotion_cli"
_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9_-]*[A-Za-z0-9])?")
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def parse_host_name(what: str, text: object) -> str:
    """An organisation or zone. Raises InvalidName."""
    if not isinstance(text, str) or not _NAME.fullmatch(text):
        raise InvalidName(
            f"{text!r} is no {what}: use letters, digits, hyphens and underscores, "
            "beginning and ending with a letter or digit"
        )
    return text


def parse_base_url(what: str, text: object) -> str:
    """A base URL without its last slash: https, or http on loopback, and nothing but host, port and path.

    Raises
    ------
    InvalidName
        Any other scheme, a user, a query, a fragment, or no host.
    """
    wrong = InvalidName(
        f"{_shown(text)!r} is no {what}: use https://host without user, query or fragment "
        "(http only on localhost, 127.0.0.1 or [::1])"
    )
    if not isinstance(text, str) or not text.isascii() or any(c <= " " or c == "\\" for c in text):
        raise wrong
    try:
        url = urlsplit(text)
        host, _ = url.hostname, url.port
    except ValueError:
        raise wrong from None
    if not host or "@" in url.netloc or "?" in text or "#" in text:
        raise wrong
    if url.scheme != "https" and not (url.scheme == "http" and is_loopback(host)):
        raise wrong
    return text.rstrip("/")


def _shown(text: object) -> object:
    """The text without what may be a password."""
    return re.sub(r"//[^/@]*@", "//…@", text) if isinstance(text, str) else text


def is_loopback(host: str | None) -> bool:
    """Whether a host name is this machine's own, which nobody else can listen to."""
    return host in _LOOPBACK


def segment(identifier: object) -> str:
    """An id as one path segment, percent-encoded; ``.`` and ``..`` cannot climb. Raises InvalidName if empty."""
    text = str(identifier)
    if identifier is None or not text:
        raise InvalidName("an id is needed, and it was empty")
    return quote(text, safe="").replace(".", "%2E") if set(text) == {"."} else quote(text, safe="")


def _org(text: object) -> str:
    return parse_host_name("orgname", text)


def _issuer(text: object) -> str:
    return parse_base_url("issuer", text)


@frozen(kw_only=True)
class Realm:
    """One organisation at one issuer."""

    org: str = field(converter=_org)
    issuer: str = field(default=DEFAULT_ISSUER, converter=_issuer)

    @property
    def url(self) -> str:
        return f"{self.issuer}/auth/realms/{self.org}"

    @property
    def authorise_url(self) -> str:
        return f"{self.url}/protocol/openid-connect/auth"

    @property
    def token_url(self) -> str:
        return f"{self.url}/protocol/openid-connect/token"

    @property
    def logout_url(self) -> str:
        return f"{self.url}/protocol/openid-connect/logout"

    @property
    def account_url(self) -> str:
        return f"{self.url}/account"


def api_url(org: str, zone: str | None = None) -> str:
    """The v2 API of an organisation, or of one of its data zones."""
    parse_host_name("orgname", org)
    if zone is None:
        return f"https://{org}.api.comodash.io/v2"
    return f"https://{parse_host_name('zone', zone)}.{org}.api.comodash.io/v2"


def daily_run_url(org: str, dns_suffix: str = DEFAULT_DNS_SUFFIX) -> str:
    """The daily run of an organisation; only the two known suffixes, because the bearer token goes there."""
    if dns_suffix not in DAILY_RUN_DNS_SUFFIXES:
        raise InvalidName(f"dns_suffix is one of {', '.join(DAILY_RUN_DNS_SUFFIXES)}, not {dns_suffix!r}")
    return f"https://api.{parse_host_name('orgname', org)}.{dns_suffix}/superset"
