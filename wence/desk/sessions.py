"""Who is signed in: sessions kept by the server, of which a browser holds only a random token.

begin(connection, user, now)      sign somebody in; the token for the cookie
find(connection, token, now)      the session of a cookie, unless it has expired or its person may no longer work here
end(connection, token)            sign out
end_all(connection, user)         sign somebody out everywhere; with `but`, everywhere else

A session ends 30 minutes after it was last used, and 12 hours after it began.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from wence.desk import tokens
from wence.desk.people import Person, Role
from wence.desk.tables import sessions, users

IDLE_SECONDS = 30 * 60.0
LONGEST_SECONDS = 12 * 3600.0
#: Use is noted this often at most: a page costs a write now and then, not each time.
NOTED_EVERY_SECONDS = 60.0


@dataclasses.dataclass(frozen=True)
class Session:
    """Somebody signed in at one browser."""

    token: str
    person: Person
    used: float
    notices: tuple[tuple[str, str], ...]


def begin(connection: Connection, user: int, now: float) -> str:
    """Sign a user in; return the token. Sessions that have expired are removed meanwhile."""
    expired = sa.or_(sessions.c.used < now - IDLE_SECONDS, sessions.c.created < now - LONGEST_SECONDS)
    connection.execute(sa.delete(sessions).where(expired))
    token = tokens.new()
    values = {"hash": tokens.hashed(token), "user": user, "created": now, "used": now, "notices": []}
    connection.execute(sa.insert(sessions).values(**values))
    return token


def find(connection: Connection, token: str, now: float) -> Session | None:
    """Return the session of a cookie, or None when there is none that is still good."""
    wanted = (
        sa.select(sessions.c.used, sessions.c.notices, users.c.id, users.c.name, users.c.role)
        .join(users, users.c.id == sessions.c.user)
        .where(
            sessions.c.hash == tokens.hashed(token),
            sessions.c.used >= now - IDLE_SECONDS,
            sessions.c.created >= now - LONGEST_SECONDS,
            users.c.active.is_(True),
        )
    )
    row = connection.execute(wanted).one_or_none()
    if row is None:
        return None
    person = Person(row.id, row.name, Role(row.role))
    return Session(token, person, row.used, tuple((kind, text) for kind, text in row.notices))


def note_use(connection: Connection, token: str, now: float) -> None:
    """Note that a session was used now."""
    connection.execute(sa.update(sessions).where(_of(token)).values(used=now))


def keep_notices(connection: Connection, token: str, notices: list[tuple[str, str]]) -> None:
    """Keep what is to be said on the next page, instead of what was kept before."""
    connection.execute(sa.update(sessions).where(_of(token)).values(notices=[list(notice) for notice in notices]))


def end(connection: Connection, token: str) -> None:
    """Sign out the browser with this token."""
    connection.execute(sa.delete(sessions).where(_of(token)))


def end_all(connection: Connection, user: int, but: str = "") -> int:
    """Sign a user out everywhere but at the browser with the token `but`; from how many."""
    theirs = sa.and_(sessions.c.user == user, sessions.c.hash != tokens.hashed(but))
    ended: int = connection.execute(sa.delete(sessions).where(theirs)).rowcount
    return ended


def _of(token: str) -> Any:
    return sessions.c.hash == tokens.hashed(token)
