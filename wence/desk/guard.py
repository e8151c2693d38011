"""What stands before every handler: who asks, whether they may, and whether they really meant it.

endpoint(route, desk)     what Starlette calls for a route

In this order: the session of the cookie; for a change our own Origin, a body that is not too long, and the
CSRF token; then who may. A change without a session shows what was typed, so that it is not lost.
"""

from __future__ import annotations

import contextlib
import inspect
from collections.abc import Awaitable, Callable
from urllib.parse import quote, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Message

from wence.channels.origins import Origins
from wence.desk import pages, sessions, tokens, trouble
from wence.desk.client import client
from wence.desk.people import Who
from wence.desk.route import Route
from wence.desk.visit import Desk, Visit
from wence.misses import tables

TOKEN_FIELD = "csrf"
TOKEN_HEADER = "x-csrf-token"
SIGN_IN = "/login"
MOST_FIELDS = 1000
MOST_FILES = 5
_SECURE_COOKIE = "__Host-wence-desk"
_PLAIN_COOKIE = "wence-desk"


def endpoint(route: Route, desk: Desk) -> Callable[[Request], Awaitable[Response]]:
    """Return what answers requests for a route."""

    async def answer(request: Request) -> Response:
        try:
            here = await run_in_threadpool(_arrive, request, route, desk)
            response = await _answer(request, here)
            if here.has_more_to_say:
                await run_in_threadpool(here.keep_notices)
        except ClientDisconnect:
            return Response(status_code=400)
        # Whatever it is, nobody may see it but the log: it may quote what people typed.
        except Exception as error:
            response = await run_in_threadpool(trouble.page, request, error)
        return _with_cookie(request, response)

    return answer


def _arrive(request: Request, route: Route, desk: Desk) -> Visit:
    """Find out who asks."""
    other = client(request, desk.proxies)
    token = request.cookies.get(_cookie(other.is_secure), "")
    here = Visit(desk, route, other, token or tokens.new())
    request.state.visit = here
    if token:
        now = desk.clock()
        with tables.transaction(desk.engine) as connection:
            here.session = sessions.find(connection, token, now)
        if here.session and route.counts_as_use and here.session.used < now - sessions.NOTED_EVERY_SECONDS:
            with tables.transaction(desk.engine, writes=True) as connection:
                sessions.note_use(connection, token, now)
    return here


async def _answer(request: Request, here: Visit) -> Response:
    async with contextlib.AsyncExitStack() as stack:
        if here.route.changes:
            _check_origin(request, here)
            here.form = await _form(request, here.route)
            stack.push_async_callback(here.form.close)
            given = request.headers.get(TOKEN_HEADER) or here.form.get(TOKEN_FIELD)
            if not isinstance(given, str) or not tokens.same(given, tokens.csrf(here.token)):
                raise trouble.StalePageError
        if here.route.who is not Who.PUBLIC:
            if not here.person:
                return _sign_in(request, here)
            if not here.person.may(here.route.who):
                raise HTTPException(403)
        handler = here.route.handler
        if inspect.iscoroutinefunction(handler):
            done: Response = await handler(request)
            return done
        return await run_in_threadpool(handler, request)  # type: ignore[arg-type]


def _check_origin(request: Request, here: Visit) -> None:
    """Make sure that a change comes from a page of ours; every browser says from where it comes."""
    origin = request.headers.get("origin") or _origin(request.headers.get("referer", ""))
    if not origin or not Origins().allows(origin, here.client.host):
        raise trouble.ForeignOriginError
    if here.client.is_secure and not origin.startswith("https:"):
        raise trouble.ForeignOriginError


def _origin(referer: str) -> str:
    try:
        parts = urlsplit(referer)
    except ValueError:
        return ""
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""


async def _form(request: Request, route: Route) -> FormData:
    """Read what was sent; HTTPException when it is too long or no form."""
    length = 0
    receive = request.receive

    async def counted() -> Message:
        nonlocal length
        message = await receive()
        length += len(message.get("body", b""))
        if length > route.most_bytes:
            raise HTTPException(413)
        return message

    announced = request.headers.get("content-length", "0")
    if not announced.isdigit() or len(announced) > 12 or int(announced) > route.most_bytes:
        raise HTTPException(413)
    reader = Request(request.scope, counted)
    try:
        return await reader.form(max_files=MOST_FILES, max_fields=MOST_FIELDS, max_part_size=route.most_bytes)
    except MultiPartException as error:
        raise HTTPException(400) from error


def _sign_in(request: Request, here: Visit) -> Response:
    """Ask for a log-in; what was typed into a form is shown, so that it is not lost."""
    if here.route.changes:
        return trouble.expired(request)
    back = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    if pages.is_htmx(request):
        return Response(status_code=401)
    return pages.redirect(request, SIGN_IN if back == "/" else f"{SIGN_IN}?next={quote(back)}")


def _cookie(is_secure: bool) -> str:
    """The name of the cookie; over TLS one that no other site of the same domain can set."""
    return _SECURE_COOKIE if is_secure else _PLAIN_COOKIE


def _with_cookie(request: Request, response: Response) -> Response:
    here: Visit | None = getattr(request.state, "visit", None)
    if here and here.is_token_in_use:
        secure = here.client.is_secure
        name = _cookie(secure)
        if request.cookies.get(name) != here.token:
            response.set_cookie(name, here.token, path="/", secure=secure, httponly=True, samesite="strict")
    return response
