"""The files of the web page, on the same port as the assistant: `/`, `/wence.js`, `/wence.css`, `/demo.css`.

Named in credentials.yml as `wence.channels.site.Site`; a channel without messages, because channels are how
Rasa lets us add routes. The script and its style sheet may be used by pages of any site; what they may ask
is decided by the web channel. The files are read again when they change.
"""

from __future__ import annotations

import gzip
import hashlib
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

from rasa.core.channels.channel import InputChannel
from sanic import Blueprint, Sanic
from sanic.request import Request
from sanic.response import HTTPResponse, empty
from sanic.response import json as json_response

from wence.channels.to_rasa import OnNewMessage
from wence.settings import PROJECT

WIDGET = PROJECT / "widget"
MISSING = "网页文件 {name} 不存在。请先生成网页组件，或从版本库恢复 widget/ 文件夹。"
CONTENT_SECURITY_POLICY = (
    "default-src 'self'; require-trusted-types-for 'script'; trusted-types 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'self'; object-src 'none'"
)
_OF_ANY_SITE = {
    "Cache-Control": "public, max-age=300",
    "Access-Control-Allow-Origin": "*",
    "Cross-Origin-Resource-Policy": "cross-origin",
}
_PAGE = {
    "Cache-Control": "no-cache",
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Referrer-Policy": "no-referrer",
}

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Page:
    """A file that is served: where it stands, what it is, and what is said with it."""

    file: str
    content_type: str
    headers: Mapping[str, str]


PAGES = {
    "/": Page("demo/index.html", "text/html; charset=utf-8", _PAGE),
    "/demo.css": Page("demo/demo.css", "text/css; charset=utf-8", {"Cache-Control": "no-cache"}),
    "/wence.js": Page("dist/wence.js", "text/javascript; charset=utf-8", _OF_ANY_SITE),
    "/wence.css": Page("dist/wence.css", "text/css; charset=utf-8", _OF_ANY_SITE),
}


@dataclass(frozen=True)
class _Content:
    stamp: tuple[int, int]
    plain: bytes
    packed: bytes
    tag: str


class Site(InputChannel):
    """Serves the files of the web page."""

    def __init__(self, folder: Path = WIDGET) -> None:
        self._folder = folder
        self._contents: dict[str, _Content] = {}
        self._missing: set[str] = set()

    @classmethod
    def name(cls) -> str:
        """Return the name of the channel."""
        return "site"

    @classmethod
    def from_credentials(cls, credentials: Mapping[str, Any] | None) -> Site:
        """Make the channel; there is nothing to be set."""
        return cls()

    def url_prefix(self) -> str:
        """Return the path of the channel, which is that of the whole server."""
        return "/"

    def blueprint(self, on_new_message: OnNewMessage) -> Blueprint:
        """Return the routes of the files."""
        blueprint = Blueprint("wence_site")

        async def serve(request: Request) -> HTTPResponse:
            return self.answer(request)

        for path in PAGES:
            if path != "/":
                blueprint.add_route(serve, path, methods=["GET", "HEAD"], name=path.strip("/").replace(".", "_"))

        def serve_root(request: Request) -> HTTPResponse | None:
            return self.answer(request) if request.path == "/" and request.method in ("GET", "HEAD") else None

        async def come_first(app: Sanic, _loop: object) -> None:
            # Rasa has a route of its own at `/`, which cannot be taken away: so this comes before all routes.
            app.request_middleware.appendleft(serve_root)

        blueprint.listener(come_first, "before_server_start")
        return blueprint

    def answer(self, request: Request) -> HTTPResponse:
        """Return the file that a request asks for, packed where the client can unpack it."""
        page = PAGES[request.path]
        content = self._content(page.file)
        if content is None:
            return json_response({"error": MISSING.format(name=f"widget/{page.file}")}, status=HTTPStatus.NOT_FOUND)
        headers = {**page.headers, "X-Content-Type-Options": "nosniff", "Vary": "Accept-Encoding", "ETag": content.tag}
        if content.tag in request.headers.get("if-none-match", "").replace("W/", "").split(", "):
            return empty(HTTPStatus.NOT_MODIFIED, headers)
        body = content.plain
        if "gzip" in request.headers.get("accept-encoding", ""):
            headers["Content-Encoding"] = "gzip"
            body = content.packed
        return HTTPResponse(body, HTTPStatus.OK, headers, page.content_type)

    def _content(self, name: str) -> _Content | None:
        known = self._contents.get(name)
        file = self._folder / name
        try:
            status = file.stat()
            stamp = (status.st_mtime_ns, status.st_size)
            if known is None or known.stamp != stamp:
                plain = file.read_bytes()
                tag = f'"{hashlib.sha256(plain).hexdigest()[:32]}"'
                known = _Content(stamp, plain, gzip.compress(plain, mtime=0), tag)
                self._contents[name] = known
        except OSError as error:
            if name not in self._missing:
                logger.error("%s（%s）", MISSING.format(name=f"widget/{name}"), error.strerror)
                self._missing.add(name)
            return None
        self._missing.discard(name)
        return known
