"""One request, and what is known about who makes it: made by wence.desk.guard before a handler runs.

Desk       what all requests share: settings, database, what hashes passwords, the clock
Visit      one request
visit(request)
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable
from typing import cast

from sqlalchemy.engine import Engine
from starlette.datastructures import FormData
from starlette.requests import Request

from wence.desk import sessions, tokens
from wence.desk.client import Client
from wence.desk.passwords import Hasher
from wence.desk.people import Person
from wence.desk.route import Route
from wence.desk.sessions import Session
from wence.misses import tables
from wence.proxies import Proxies
from wence.settings import Settings


@dataclasses.dataclass(frozen=True)
class Desk:
    """What all requests share."""

    settings: Settings
    engine: Engine
    hasher: Hasher
    proxies: Proxies
    routes: tuple[Route, ...]
    clock: Callable[[], float] = time.time


@dataclasses.dataclass
class Visit:
    """One request."""

    desk: Desk
    route: Route
    client: Client
    #: What the browser's cookie holds; of a new browser, what it is going to hold.
    token: str
    session: Session | None = None
    form: FormData = dataclasses.field(default_factory=FormData)
    #: What is still to be said.
    notices: list[tuple[str, str]] = dataclasses.field(default_factory=list)
    #: Whether the browser must know the token: a page with a form was made from it, or somebody signed in or out.
    is_token_in_use: bool = False

    @property
    def person(self) -> Person | None:
        """Who is signed in."""
        return self.session.person if self.session else None

    @property
    def signed_in(self) -> Person:
        """Who is signed in, where the route lets nobody else in."""
        assert self.session, "a route that asks who is signed in is not public"
        return self.session.person

    @property
    def csrf(self) -> str:
        """What a form must bring along."""
        self.is_token_in_use = True
        return tokens.csrf(self.token)

    def navigation(self) -> list[tuple[str, str]]:
        """Path and title of every page that this person may open from everywhere."""
        if not self.person:
            return []
        return [(route.path, route.title) for route in self.desk.routes if route.title and self.person.may(route.who)]

    def change_token(self, token: str) -> None:
        """Give the browser another token, because somebody has signed in or out."""
        self.token, self.session, self.is_token_in_use = token, None, True

    @property
    def has_more_to_say(self) -> bool:
        """Whether there is something that no page has said."""
        return bool(self.notices and self.session)

    def take_notices(self) -> list[tuple[str, str]]:
        """Return what is to be said, which then has been said."""
        said = list(self.session.notices if self.session else ()) + self.notices
        self.notices = []
        if self.session and self.session.notices:
            with tables.transaction(self.desk.engine, writes=True) as connection:
                sessions.keep_notices(connection, self.token, [])
        return said

    def keep_notices(self) -> None:
        """Keep what has not been said for the next page."""
        if self.session:
            with tables.transaction(self.desk.engine, writes=True) as connection:
                sessions.keep_notices(connection, self.token, [*self.session.notices, *self.notices])


def visit(request: Request) -> Visit:
    """Return what is known about a request."""
    return cast("Visit", request.state.visit)
