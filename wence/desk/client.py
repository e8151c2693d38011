"""The browser at the other end: `client(connection, proxies)`, through whatever proxies the settings name.

Client
  .address      what counts as one client for the limits
  .host         the host, with its port, that the browser asked for
  .is_secure    whether the browser came over TLS
"""

from __future__ import annotations

import dataclasses

from starlette.requests import HTTPConnection

from wence.proxies import Proxies


@dataclasses.dataclass(frozen=True)
class Client:
    """The browser at the other end."""

    address: str
    host: str
    is_secure: bool


def client(connection: HTTPConnection, proxies: Proxies) -> Client:
    """Return who is at the other end; what a proxy says counts only where the settings name it."""
    peer = connection.client.host if connection.client else ""
    headers = connection.headers
    host, scheme = headers.get("host", ""), connection.url.scheme
    if proxies.trusts(peer):
        host = headers.get("x-forwarded-host", host).split(",")[-1].strip()
        scheme = headers.get("x-forwarded-proto", scheme).split(",")[-1].strip()
    return Client(proxies.client(peer, headers.getlist("x-forwarded-for")), host.lower(), scheme == "https")
