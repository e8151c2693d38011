"""Which pages may ask: `Origins(listed)`, the sites of the setting WENCE_WEB_ORIGINS beside our own.

    .allows(origin, host)       whether a page of `origin` may ask a server that its browser knows as `host`
    .headers(origin)            what tells a browser so
    .preflight(origin)          what tells it so before it asks

No cookies are used: the token travels in a header of its own. So no origin is ever allowed credentials.
"""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

METHODS = "GET, POST, DELETE"
REQUEST_HEADERS = "authorization, content-type"
EXPOSED_HEADERS = "retry-after"
PREFLIGHT_SECONDS = 600
_USUAL_PORTS = {"http": 80, "https": 443}


class Origins:
    """The origins whose pages may ask; our own always may."""

    def __init__(self, listed: Iterable[str] = ()) -> None:
        self._listed = frozenset(listed)

    def allows(self, origin: str, host: str) -> bool:
        """Return whether pages of `origin` may ask; "" is a client that is no page."""
        return not origin or origin in self._listed or _is_own(origin, host)

    @staticmethod
    def headers(origin: str) -> dict[str, str]:
        """Return the headers that let an allowed origin read an answer."""
        headers = {"Vary": "Origin"}
        if origin:
            headers |= {"Access-Control-Allow-Origin": origin, "Access-Control-Expose-Headers": EXPOSED_HEADERS}
        return headers

    @classmethod
    def preflight(cls, origin: str) -> dict[str, str]:
        """Return the headers that answer the question whether an allowed origin may ask."""
        return cls.headers(origin) | {
            "Access-Control-Allow-Methods": METHODS,
            "Access-Control-Allow-Headers": REQUEST_HEADERS,
            "Access-Control-Max-Age": str(PREFLIGHT_SECONDS),
        }


def _is_own(origin: str, host: str) -> bool:
    """Return whether an origin is this server; behind a proxy its scheme is not ours."""
    try:
        parts = urlsplit(origin)
        usual = _USUAL_PORTS.get(parts.scheme)
        asked = urlsplit(f"//{host}")
        return (
            usual is not None
            and parts.hostname is not None
            and parts.hostname == asked.hostname
            and (parts.port or usual) == (asked.port or usual)
        )
    except ValueError:
        return False
