"""URLs and networks."""

from __future__ import annotations

import re
import urllib.parse
from typing import TYPE_CHECKING

from comotion.adapters.fake_dash.lake.kernels.registry import KernelRefusal, Kernels

if TYPE_CHECKING:
    from ipaddress import IPv4Address, IPv6Address

KERNELS = Kernels()


def _parsed(url: str) -> urllib.parse.SplitResult | None:
    if re.search(r"[\s\\^`{|}<>\"]", url) or re.search(r"%(?![0-9A-Fa-f]{2})", url):
        return None
    try:
        found = urllib.parse.urlsplit(url)
        _ = found.port
    except ValueError:
        return None
    return found


@KERNELS()
def url_part(url: str, part: str) -> str | None:
    found = _parsed(url)
    if found is None:
        return None
    if part == "host":
        match = re.match(r"[a-zA-Z][\w+.-]*://(?:[^@/?#]*@)?(\[[^\]]*\]|[^:/?#]*)", url)
        return match[1] if match else ""
    chosen = {
        "protocol": found.scheme,
        "path": urllib.parse.unquote(found.path),
        "query": urllib.parse.unquote(found.query),
        "fragment": urllib.parse.unquote(found.fragment),
    }[part]
    if part == "protocol":
        return url.partition(":")[0] if found.scheme else ""
    return chosen


@KERNELS()
def url_port(url: str) -> int | None:
    found = _parsed(url)
    return found.port if found is not None else None


@KERNELS()
def url_parameter(url: str, name: str) -> str | None:
    found = _parsed(url)
    if found is None:
        return None
    for piece in found.query.split("&"):
        key, mark, value = piece.partition("=")
        if urllib.parse.unquote(key) == name:
            return urllib.parse.unquote_plus(value) if mark else ""
    return None


@KERNELS()
def url_encode(text: str) -> str:
    return urllib.parse.quote_plus(text, safe="*-._").replace("~", "%7E")


@KERNELS()
def url_decode(text: str) -> str:
    if re.search(r"%(?![0-9A-Fa-f]{2})", text):
        raise KernelRefusal(f"URLDecoder: Illegal hex characters in escape (%) pattern - {text}")
    return urllib.parse.unquote_plus(text)


@KERNELS()
def network_contains(network: str, address: str) -> bool:
    import ipaddress

    start, slash, length = network.partition("/")
    if not slash:
        raise KernelRefusal("Invalid CIDR")
    try:
        first = _unmapped(ipaddress.ip_address(start))
    except ValueError:
        raise KernelRefusal("Invalid network IP address") from None
    if not length.isdigit() or int(length) > first.max_prefixlen:
        raise KernelRefusal("Invalid prefix length")
    return _unmapped(ipaddress.ip_address(address)) in ipaddress.ip_network(f"{first}/{length}", strict=False)


def _unmapped(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address that an IPv6 address stands for, if it does."""
    return getattr(address, "ipv4_mapped", None) or address
