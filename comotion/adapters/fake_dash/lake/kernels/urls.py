"""URLs, IP addresses and networks."""

from __future__ import annotations

import re
import urllib.parse
from functools import lru_cache
from typing import TYPE_CHECKING

from comotion.adapters.fake_dash.lake.kernels.registry import KernelRefusal, Kernels

if TYPE_CHECKING:
    from ipaddress import IPv4Address, IPv6Address

KERNELS = Kernels()


_URI = re.compile(
    r"(?:(?P<protocol>[A-Za-z][A-Za-z0-9+.-]*):)?(?://(?P<authority>[^/?#]*))?(?P<path>[^?#]*)"
    r"(?:\?(?P<query>[^#]*))?(?:#(?P<fragment>[^#]*))?"
)
_ILLEGAL = re.compile(r"[\s\x00-\x1f\x7f\\^`{|}<>\"]|%(?![0-9A-Fa-f]{2})")
_LABEL = "[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
_SERVER = re.compile(
    rf"(?:[^@]*@)?(?P<host>(?:{_LABEL}\.)*(?=[A-Za-z]){_LABEL}\.?|{_LABEL}\.?|\d{{1,3}}(?:\.\d{{1,3}}){{3}}"
    r"|\[[0-9A-Fa-f:.]+\])(?::(?P<port>\d{0,9}))?"
)


@lru_cache(maxsize=256)
def _parts(url: str) -> dict[str, str] | None:
    """The parts of a URL as java.net.URI tells them apart, None for what is no URI.

    Of an opaque one (``mailto:a@b.c``) there are no parts but its scheme and fragment; an authority that names no
    server (``http://a_b/``) has neither host nor port.
    """
    found = _URI.fullmatch(url)
    if found is None or _ILLEGAL.search(url):
        return None
    parts = {name: value or "" for name, value in found.groupdict().items()}
    server = _SERVER.fullmatch(parts["authority"])
    parts |= {name: value or "" for name, value in server.groupdict().items()} if server else {"host": "", "port": ""}
    if parts["protocol"] and found["authority"] is None and not parts["path"].startswith("/"):
        if not parts["path"]:
            return None
        parts |= {"path": "", "query": ""}
    return parts


@KERNELS()
def url_part(url: str, part: str) -> str | None:
    found = _parts(url)
    return urllib.parse.unquote(found[part]) if found is not None else None


@KERNELS()
def url_port(url: str) -> int | None:
    found = _parts(url)
    return int(found["port"]) if found is not None and found["port"] else None


@KERNELS()
def url_parameter(url: str, name: str) -> str | None:
    found = _parts(url)
    if found is None:
        return None
    for piece in found["query"].split("&"):
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


# ---- IP addresses: held as 16 bytes, an IPv4 address mapped into IPv6 ------------------------------------


@KERNELS()
def cast_varchar_to_ipaddress(text: str) -> bytes:
    import ipaddress

    try:
        return _held(ipaddress.ip_address(text))
    except ValueError:
        raise KernelRefusal(f"Cannot cast value to IPADDRESS: {text}", "INVALID_CAST_ARGUMENT") from None


def _held(address: IPv4Address | IPv6Address) -> bytes:
    return address.packed if address.version == 6 else bytes(10) + b"\xff\xff" + address.packed


@KERNELS()
def cast_varbinary_to_ipaddress(value: bytes) -> bytes:
    import ipaddress

    if len(value) not in (4, 16):
        raise KernelRefusal(f"Invalid IP address binary length: {len(value)}", "INVALID_CAST_ARGUMENT")
    return _held(ipaddress.ip_address(bytes(value)))


@KERNELS()
def address_text(held: bytes) -> str:
    return str(_address(held))


def _address(held: bytes) -> IPv4Address | IPv6Address:
    """The address of 16 bytes, IPv4 where it stands for one."""
    import ipaddress

    found = ipaddress.IPv6Address(bytes(held))
    return found.ipv4_mapped or found


@KERNELS()
def network_contains(network: str, held: bytes) -> bool:
    import ipaddress

    start, slash, length = network.partition("/")
    if not slash:
        raise KernelRefusal("Invalid CIDR")
    try:
        first = _address(_held(ipaddress.ip_address(start)))
    except ValueError:
        raise KernelRefusal("Invalid network IP address") from None
    if not length.isdigit() or int(length) > first.max_prefixlen:
        raise KernelRefusal("Invalid prefix length")
    return _address(held) in ipaddress.ip_network(f"{first}/{length}", strict=False)
