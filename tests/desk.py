"""A desk for tests: the real application on a real SQLite file, and browsers that are signed in to it."""

from __future__ import annotations

import pathlib
import re

from starlette.testclient import TestClient

from wence import settings
from wence.desk import accounts, links, tables
from wence.desk.app import serving
from wence.desk.passwords import Hasher
from wence.desk.people import Role
from wence.desk.routes import ROUTES
from wence.desk.visit import Desk
from wence.misses.tables import transaction
from wence.proxies import Proxies

ADDRESS = "http://127.0.0.1:5006"
PASSWORD = "一句自己记得住的话吧"
_FIELD = re.compile(r'name="csrf" value="([^"]+)"')
_BODY = re.compile(r'data-csrf="([^"]+)"')


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


def desk_at(folder: pathlib.Path, clock: Clock) -> Desk:
    """Return a desk whose state is in a folder; its passwords are hashed as cheaply as can be."""
    wanted = settings.load({"WENCE_STATE": str(folder)})
    hasher = Hasher(time_cost=1, memory_kib=8)
    return Desk(wanted, tables.open_database(wanted), hasher, Proxies(), ROUTES, clock)


class Browser:
    """A browser at the desk, which sends forms as a page of the desk would."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.client = TestClient(serving(desk), base_url=ADDRESS, follow_redirects=False)

    def get(self, path: str):
        return self.client.get(path)

    def csrf(self, path: str = "/login") -> str:
        """Return the token of a page."""
        text = self.client.get(path).text
        found = _BODY.search(text) or _FIELD.search(text)
        assert found, text
        return found[1]

    def post(self, path: str, page: str = "/account", **fields: str):
        """Send the form of a page."""
        data = {"csrf": self.csrf(page), **fields}
        return self.client.post(path, data=data, headers={"Origin": ADDRESS})

    def log_in(self, name: str, password: str = PASSWORD):
        """Log in by the form."""
        return self.post("/login", "/login", name=name, password=password)


def add_person(desk: Desk, name: str, role: Role = Role.REVIEWER, password: str = PASSWORD) -> int:
    """Add somebody who can log in; return the number of the account."""
    with transaction(desk.engine, writes=True) as connection:
        account = accounts.add(connection, "测试", name, role)
        accounts.set_password(connection, "测试", account, desk.hasher.hash(password))
    return account.id


def signed_in(desk: Desk, name: str, role: Role = Role.REVIEWER) -> Browser:
    """Return the browser of a new person who is signed in."""
    add_person(desk, name, role)
    browser = Browser(desk)
    assert browser.log_in(name).status_code == 303
    return browser


def first_link(desk: Desk) -> str:
    """Return the path of the link for the first admin."""
    with transaction(desk.engine, writes=True) as connection:
        return links.PATH + links.for_first_admin(connection, desk.clock())
