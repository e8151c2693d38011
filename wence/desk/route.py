"""What stands in the table of routes (wence/desk/routes.py).

Route.get(path, handler, who, title="")      shows something; with a title it stands in the navigation
Route.post(path, handler, who)               changes something: wants the CSRF token and our own Origin

A handler is a plain function, which runs in a thread of its own and may use the database, or a coroutine.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from wence.desk.people import Who

Handler = Callable[[Request], Response] | Callable[[Request], Awaitable[Response]]
FORM_BYTES = 256 * 1024


@dataclasses.dataclass(frozen=True)
class Route:
    """One thing that can be asked of the desk, and who may."""

    method: str
    path: str
    handler: Handler
    who: Who
    #: What it is called in the navigation; nothing: it does not stand there.
    title: str = ""
    #: How long what is sent to it may be.
    most_bytes: int = FORM_BYTES
    #: Whether asking for it counts as using the session; not for what a page asks for by itself.
    counts_as_use: bool = True

    @classmethod
    def get(cls, path: str, handler: Handler, who: Who, title: str = "", **more: Any) -> Route:
        """Return a route that shows something."""
        return cls("GET", path, handler, who, title, **more)

    @classmethod
    def post(cls, path: str, handler: Handler, who: Who, **more: Any) -> Route:
        """Return a route that changes something."""
        return cls("POST", path, handler, who, **more)

    @property
    def changes(self) -> bool:
        """Whether it changes something."""
        return self.method != "GET"
