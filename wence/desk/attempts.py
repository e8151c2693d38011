"""How often somebody may try to log in: for each address, and for each name, whether there is such a person or not.

begin(connection, address, name, now)    note an attempt before its password is looked at; TooManyError
succeeded(connection, name)              forget what was tried with a name
waits(connection, names, now)            which names are locked

An attempt is noted first, so that many at once count as many. Five that fail within a quarter of an hour lock
the name for a quarter of an hour; names that nobody has are locked alike, so that locking tells nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from wence.desk import tokens
from wence.desk.errors import RefusedError
from wence.desk.tables import attempts

WINDOW_SECONDS = 15 * 60.0
MOST_FOR_NAME = 5
MOST_FOR_ADDRESS = 20
_KEPT_SECONDS = 24 * 3600.0


class TooManyError(RefusedError):
    """Too much was tried; nothing was looked at."""

    def __init__(self, seconds: float) -> None:
        self.seconds = math.ceil(seconds)
        minutes = math.ceil(seconds / 60)
        super().__init__(f"密码试错的次数太多，请 {minutes} 分钟以后再试，或请管理员在「人员」里解锁。")


def begin(connection: Connection, address: str, key: str, now: float) -> bool:
    """Note an attempt to log in with a name; TooManyError when there were too many.

    Returns whether it is the last one before the name is locked.
    """
    if connection.dialect.name == "postgresql":
        # SQLite's transaction that writes has locked already; here, two at once would not see each other.
        connection.execute(sa.text("LOCK TABLE attempts IN SHARE ROW EXCLUSIVE MODE"))
    connection.execute(sa.delete(attempts).where(attempts.c.time < now - _KEPT_SECONDS))
    name = tokens.hashed(key)
    tried = _times(connection, attempts.c.name == name, now)
    for times, most in (
        (tried, MOST_FOR_NAME),
        (_times(connection, attempts.c.address == address, now), MOST_FOR_ADDRESS),
    ):
        if len(times) >= most:
            raise TooManyError(times[-most] + WINDOW_SECONDS - now)
    connection.execute(sa.insert(attempts).values(time=now, address=address, name=name))
    return len(tried) + 1 == MOST_FOR_NAME


def succeeded(connection: Connection, key: str) -> None:
    """Forget what was tried with a name: the right password came, or an admin unlocks it."""
    connection.execute(sa.delete(attempts).where(attempts.c.name == tokens.hashed(key)))


def locked(connection: Connection, keys: Iterable[str], now: float) -> set[str]:
    """Return those of the names that are locked now."""
    counted = (
        sa.select(attempts.c.name)
        .where(attempts.c.time > now - WINDOW_SECONDS)
        .group_by(attempts.c.name)
        .having(sa.func.count() >= MOST_FOR_NAME)
    )
    found = set(connection.execute(counted).scalars())
    return {key for key in keys if tokens.hashed(key) in found}


def _times(connection: Connection, condition: Any, now: float) -> list[float]:
    recent = sa.select(attempts.c.time).where(condition, attempts.c.time > now - WINDOW_SECONDS)
    return list(connection.execute(recent.order_by(attempts.c.time)).scalars())
