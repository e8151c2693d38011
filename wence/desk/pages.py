"""What a handler uses: who asks, what was sent, the database, and how to answer.

person(request)                       who is signed in
form(request)                         what was sent: fields and files
transaction(request, writes=False)    a connection to the database, for one `with` block
render(request, template, **context)  a page, or a part of one for htmx
redirect(request, path)               go on to another page, after something was changed
notice(request, text)                 say something on this page, or after `redirect` on the next one
paging(request, number, size)         which part of a long list is wanted
is_htmx(request)                      whether only a part of a page is wanted
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime
import hashlib
import math
import pathlib
from collections.abc import Iterator
from typing import Any, cast
from urllib.parse import urlencode

import jinja2
import markupsafe
from sqlalchemy.engine import Connection
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from wence.desk.people import Person
from wence.desk.visit import Visit, visit
from wence.local_time import LOCAL_TIME
from wence.misses import tables

FOLDER = pathlib.Path(__file__).parent
STATIC = FOLDER / "static"
PAGE_SIZE = 50
DONE, TROUBLE = "done", "trouble"


def person(request: Request) -> Person:
    """Return who is signed in; a handler of a route that is not public always has somebody."""
    return visit(request).signed_in


def form(request: Request) -> FormData:
    """Return what was sent with a request that changes something."""
    return visit(request).form


def field(request: Request, name: str, longest: int = 10_000) -> str:
    """Return a field of what was sent, trimmed and at most so long; nothing where it is missing or is a file."""
    value = form(request).get(name)
    return value.strip()[:longest] if isinstance(value, str) else ""


@contextlib.contextmanager
def transaction(request: Request, writes: bool = False) -> Iterator[Connection]:
    """Make all changes of the block or none; MissStoreError, which becomes an error page, when the database fails."""
    with tables.transaction(visit(request).desk.engine, writes) as connection:
        yield connection


def is_htmx(request: Request) -> bool:
    """Return whether htmx asks, which wants only the part of the page that it replaces."""
    return "hx-request" in request.headers and "hx-history-restore-request" not in request.headers


def notice(request: Request, text: str, kind: str = DONE) -> None:
    """Say something to whoever asks, on the page that is rendered next; TROUBLE where it is bad news."""
    visit(request).notices.append((kind, text))


def redirect(request: Request, path: str) -> Response:
    """Go on to another page of the desk."""
    if is_htmx(request):
        return Response(status_code=204, headers={"HX-Redirect": path})
    return RedirectResponse(path, status_code=303)


def render(request: Request, template: str, status: int = 200, **context: Any) -> HTMLResponse:
    """Return a template of templates/ as a page; every name that it uses must be given."""
    here = visit(request)
    usual = {
        "person": here.person,
        "csrf": here.csrf,
        "csrf_field": _csrf_field(here),
        "path": request.url.path,
        "navigation": here.navigation(),
        "notices": here.take_notices,
    }
    return HTMLResponse(_TEMPLATES.get_template(template).render({**usual, **context}), status)


@dataclasses.dataclass(frozen=True)
class Paging:
    """Which part of a long list is shown."""

    page: int
    pages: int
    number: int
    size: int
    query: tuple[tuple[str, str], ...]

    @property
    def offset(self) -> int:
        """How many come before."""
        return (self.page - 1) * self.size

    def address(self, page: int) -> str:
        """The address of another part of the same list."""
        return "?" + urlencode((*self.query, ("page", str(page))))


def paging(request: Request, number: int, size: int = PAGE_SIZE) -> Paging:
    """Return which part of a list of `number` is wanted; the nearest that there is."""
    pages = max(1, math.ceil(number / size))
    wanted = request.query_params.get("page", "")
    page = int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) < 10 else 1
    query = tuple((name, value) for name, value in request.query_params.multi_items() if name != "page" and value)
    return Paging(min(max(page, 1), pages), pages, number, size, query)


def local(moment: float) -> str:
    """Return a moment as it is shown, in local time."""
    return datetime.datetime.fromtimestamp(moment, LOCAL_TIME).strftime("%Y-%m-%d %H:%M")


def _csrf_field(here: Visit) -> markupsafe.Markup:
    return markupsafe.Markup('<input type="hidden" name="csrf" value="{}">').format(here.csrf)


def _static(name: str) -> str:
    """The address of a static file, which changes with its content: a browser keeps it for good."""
    if name not in _STATIC_VERSIONS:
        _STATIC_VERSIONS[name] = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]
    return f"/static/{name}?v={_STATIC_VERSIONS[name]}"


_STATIC_VERSIONS: dict[str, str] = {}
_TEMPLATES = jinja2.Environment(
    loader=jinja2.FileSystemLoader(FOLDER / "templates"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_TEMPLATES.globals.update(static=_static)
_TEMPLATES.filters.update(local=local)


def number(request: Request, name: str) -> int:
    """Return a number from the path, such as `{user:int}`."""
    return cast("int", request.path_params[name])
