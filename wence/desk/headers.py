"""What every answer of the desk tells the browser, and by which names the desk may be called.

Headers(app)                     adds the headers
Hosts(app, settings, proxies)    refuses requests for other hosts: pages elsewhere whose name points here
"""

from __future__ import annotations

import socket
from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from wence.desk.client import client
from wence.proxies import Proxies, address
from wence.settings import Settings

#: Nothing inline, nothing from elsewhere, in no frame.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Not `no-referrer`: forms would then come from the Origin `null`.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
WRONG_HOST = "这个地址不是审核台的地址。请用管理员给您的地址；技术人员请检查设置 WENCE_DESK_HOSTS。\n"


class Headers:
    """Adds to every answer what protects it; nothing is kept by a browser unless a handler says so."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with the headers added."""

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(HEADERS)
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        await self._app(scope, receive, with_headers if scope["type"] == "http" else send)


class Hosts:
    """Refuses requests for hosts that are not ours."""

    def __init__(self, app: ASGIApp, settings: Settings, proxies: Proxies) -> None:
        self._app = app
        self._proxies = proxies
        self._names = frozenset(_names(settings))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or refuse a host that is not ours."""
        if scope["type"] == "http" and not self._is_ours(client(HTTPConnection(scope), self._proxies).host):
            await PlainTextResponse(WRONG_HOST, 400)(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _is_ours(self, host: str) -> bool:
        try:
            name = urlsplit(f"//{host}").hostname or ""
        except ValueError:
            return False
        # A page elsewhere can make its name point here, never an address.
        return name in self._names or address(name) is not None


def _names(settings: Settings) -> Iterable[str]:
    yield from ("localhost", socket.gethostname().lower(), settings.desk_host.lower())
    yield from settings.desk_hosts
