"""The reverse proxies whose word is believed, as the setting WENCE_PROXY names them, and who stands behind them.

Proxies(networks)
  .trusts(peer)                 whether the other end of a connection is one of them
  .client(peer, forwarded)      the address of the client, from X-Forwarded-For where that may be believed
address(text)                   an address, or None
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class Proxies:
    """The reverse proxies in front of a server; none unless a setting names them."""

    def __init__(self, networks: Iterable[str] = ()) -> None:
        self._networks = tuple(ipaddress.ip_network(network) for network in networks)

    def trusts(self, peer: str) -> bool:
        """Return whether what `peer` says about its clients is believed."""
        return self._is_ours(address(peer))

    def client(self, peer: str, forwarded: Iterable[str]) -> str:
        """Return the address of the client, as its nearest proxy saw it; of an IPv6 one only the network.

        What a client itself writes into X-Forwarded-For stands left of what a proxy of ours adds, and is
        never looked at.
        """
        nearest = address(peer)
        if self._is_ours(nearest):
            for written in reversed(",".join(forwarded).split(",")):
                found = address(written.strip())
                if found is None:
                    break
                nearest = found
                if not self._is_ours(found):
                    break
        if isinstance(nearest, ipaddress.IPv6Address):
            return str(ipaddress.ip_network((nearest, 64), strict=False))
        return str(nearest)

    def _is_ours(self, peer: Address | None) -> bool:
        return peer is not None and any(peer in network for network in self._networks)


def address(text: str) -> Address | None:
    """Return the address that a text is, an IPv4 one also where it is written as an IPv6 one; or None."""
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return mapped or found
