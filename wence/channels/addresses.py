"""Where a request comes from.

is_direct(request)          whether it comes straight from this machine, through no proxy
Proxies(networks)           the reverse proxies whose word is believed, as the setting WENCE_PROXY names them
  .client(request)          the address of the client
  .host(request)            the host and port that the client's browser asked for
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable

from sanic.request import Request

FORWARDED_HEADERS = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip", "via")
_Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def is_direct(request: Request) -> bool:
    """Return whether a request comes from this machine itself, and not from elsewhere through a proxy on it."""
    address = _address(request.ip)
    return (
        address is not None
        and address.is_loopback
        and not any(header in request.headers for header in FORWARDED_HEADERS)
    )


class Proxies:
    """The reverse proxies in front of this server; none unless a setting names them."""

    def __init__(self, networks: Iterable[str] = ()) -> None:
        self._networks = tuple(ipaddress.ip_network(network) for network in networks)

    def client(self, request: Request) -> str:
        """Return the address of the client, as its nearest proxy saw it; of an IPv6 one only the network.

        What a client itself writes into X-Forwarded-For stands left of what a proxy of ours adds, and is
        never looked at.
        """
        nearest = _address(request.ip)
        if self._is_ours(nearest):
            for written in reversed(",".join(request.headers.getall("x-forwarded-for", [])).split(",")):
                address = _address(written.strip())
                if address is None:
                    break
                nearest = address
                if not self._is_ours(address):
                    break
        if isinstance(nearest, ipaddress.IPv6Address):
            return str(ipaddress.ip_network((nearest, 64), strict=False))
        return str(nearest)

    def host(self, request: Request) -> str:
        """Return the host that the browser asked, with its port where it is not the usual one."""
        if self._is_ours(_address(request.ip)) and "x-forwarded-host" in request.headers:
            return str(request.headers["x-forwarded-host"]).split(",")[-1].strip().lower()
        return str(request.headers.get("host", "")).lower()

    def _is_ours(self, address: _Address | None) -> bool:
        return address is not None and any(address in network for network in self._networks)


def _address(text: str) -> _Address | None:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address
