"""One-time links, which stand in for a password that nobody has to tell anybody: valid once, for a day at most.

for_first_admin(connection, now)       the link with which the first admin sets the desk up
for_password(connection, user, now)    the link with which somebody sets a password
find(connection, token, now)           whose it is; RefusedError when it is not valid
use(connection, token, now)            the same, and from then on it is not valid
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from wence.desk import accounts, tokens
from wence.desk.accounts import Account
from wence.desk.errors import RefusedError
from wence.desk.tables import links

VALID_SECONDS = 24 * 3600.0
PATH = "/link/"
_NOT_VALID = "这个链接已经用过、过期，或者不完整。请向管理员要一个新的。"


def for_first_admin(connection: Connection, now: float) -> str:
    """Return the token of a new link for the first admin; earlier ones are not valid any more."""
    connection.execute(sa.delete(links).where(links.c.user.is_(None)))
    return _make(connection, None, now)


def for_password(connection: Connection, user: int, now: float) -> str:
    """Return the token of a new link for somebody's password; earlier ones are not valid any more."""
    connection.execute(sa.delete(links).where(links.c.user == user))
    return _make(connection, user, now)


def find(connection: Connection, token: str, now: float) -> Account | None:
    """Return whose password a link sets, None for the first admin's; RefusedError when it is not valid."""
    wanted = sa.select(links.c.user).where(links.c.hash == tokens.hashed(token), links.c.until >= now)
    row = connection.execute(wanted).one_or_none()
    if row is None:
        raise RefusedError(_NOT_VALID)
    account = accounts.get(connection, row.user) if row.user is not None else None
    if not account.active if account else accounts.has_admin(connection):
        raise RefusedError(_NOT_VALID)
    return account


def use(connection: Connection, token: str, now: float) -> Account | None:
    """Return whose password a link sets, and end its validity; RefusedError when it is not valid."""
    account = find(connection, token, now)
    # Of two who use it at the same time, one finds it gone.
    if not connection.execute(sa.delete(links).where(links.c.hash == tokens.hashed(token))).rowcount:
        raise RefusedError(_NOT_VALID)
    return account


def _make(connection: Connection, user: int | None, now: float) -> str:
    token = tokens.new()
    values = {"hash": tokens.hashed(token), "user": user, "until": now + VALID_SECONDS}
    connection.execute(sa.insert(links).values(**values))
    return token
