"""The desk as an application: `create(settings)`, everything that `python -m wence.desk` serves.

Around all routes stand wence.desk.headers (which hosts, what every answer says) and wence.desk.guard (who may).
"""

from __future__ import annotations

import time
from collections.abc import Callable

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route as StarletteRoute
from starlette.types import ASGIApp

from wence.desk import guard, tables
from wence.desk.headers import Headers, Hosts
from wence.desk.passwords import Hasher
from wence.desk.people import Who
from wence.desk.route import Route
from wence.desk.routes import ROUTES
from wence.desk.visit import Desk
from wence.proxies import Proxies
from wence.settings import Settings


def create(settings: Settings, hasher: Hasher | None = None, clock: Callable[[], float] = time.time) -> ASGIApp:
    """Return the desk for these settings; MissStoreError when its database cannot be used."""
    proxies = Proxies(settings.proxies)
    desk = Desk(settings, tables.open_database(settings), hasher or Hasher(), proxies, ROUTES, clock)
    return serving(desk)


def serving(desk: Desk) -> ASGIApp:
    """Return the application that serves the routes of a desk."""
    routes = [StarletteRoute(route.path, guard.endpoint(route, desk), methods=[route.method]) for route in desk.routes]
    # No route: it is answered like one, so that the page looks like the others.
    nowhere = guard.endpoint(Route.get("", _raise, Who.PUBLIC, counts_as_use=False), desk)

    async def missing(request: Request, error: Exception) -> Response:
        request.state.error = error
        return await nowhere(request)

    app = Starlette(routes=routes, exception_handlers={404: missing, 405: missing})
    app.router.redirect_slashes = False
    return Headers(Hosts(app, desk.settings, desk.proxies))


def _raise(request: Request) -> Response:
    error: HTTPException = request.state.error
    raise error
