"""Where a request comes from.

is_direct(request)          whether it comes straight from this machine, through no proxy
Proxies(networks)           the reverse proxies whose word is believed, as the setting WENCE_PROXY names them
  .client(request)          the address of the client
  .host(request)            the host and port that the client's browser asked for
"""

from __future__ import annotations

from collections.abc import Iterable

from sanic.request import Request

from wence import proxies
from wence.proxies import address

FORWARDED_HEADERS = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip", "via")


def is_direct(request: Request) -> bool:
    """Return whether a request comes from this machine itself, and not from elsewhere through a proxy on it."""
    peer = address(request.ip)
    return peer is not None and peer.is_loopback and not any(header in request.headers for header in FORWARDED_HEADERS)


class Proxies:
    """The reverse proxies in front of this server; none unless a setting names them."""

    def __init__(self, networks: Iterable[str] = ()) -> None:
        self._proxies = proxies.Proxies(networks)

    def client(self, request: Request) -> str:
        """Return the address of the client, as its nearest proxy saw it; of an IPv6 one only the network."""
        return self._proxies.client(request.ip, request.headers.getall("x-forwarded-for", []))

    def host(self, request: Request) -> str:
        """Return the host that the browser asked, with its port where it is not the usual one."""
        if self._proxies.trusts(request.ip) and "x-forwarded-host" in request.headers:
            return str(request.headers["x-forwarded-host"]).split(",")[-1].strip().lower()
        return str(request.headers.get("host", "")).lower()
