"""The accounts of those who work at the desk; every change is recorded by whoever makes it (`by`).

everybody(connection)                       all accounts
get(connection, user), named(connection, name)
add(connection, by, name, role)             RefusedError: the name is taken or is none
set_role, set_active, set_password          RefusedError: the last admin stays one
has_admin(connection)                       whether anybody can look after the desk
"""

from __future__ import annotations

import dataclasses
import re
import time
import unicodedata
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from wence.desk import audit, sessions
from wence.desk.errors import RefusedError
from wence.desk.people import Person, Role
from wence.desk.tables import links, users

_NAME = re.compile(r"[\w·.\-@]{2,32}")


@dataclasses.dataclass(frozen=True)
class Account:
    """One account."""

    id: int
    name: str
    key: str
    role: Role
    password: str = dataclasses.field(repr=False)
    active: bool
    created: float
    seen: float | None

    @property
    def person(self) -> Person:
        """Whose account it is."""
        return Person(self.id, self.name, self.role)


def key_of(name: str) -> str:
    """Return a name as it is compared: case and width aside."""
    return unicodedata.normalize("NFKC", name).strip().casefold()


def everybody(connection: Connection) -> list[Account]:
    """Return all accounts, those in use first, by name."""
    return [_account(row) for row in connection.execute(sa.select(users).order_by(users.c.active.desc(), users.c.key))]


def get(connection: Connection, user: int) -> Account:
    """Return an account by its number; RefusedError when there is none."""
    row = connection.execute(sa.select(users).where(users.c.id == user)).one_or_none()
    if row is None:
        raise RefusedError("没有这个人，也许页面旧了，请刷新再看。")
    return _account(row)


def named(connection: Connection, name: str) -> Account | None:
    """Return the account with a name, or None."""
    row = connection.execute(sa.select(users).where(users.c.key == key_of(name))).one_or_none()
    return _account(row) if row else None


def has_admin(connection: Connection) -> bool:
    """Return whether there is an admin who can log in."""
    return bool(_admins(connection))


def add(connection: Connection, by: str, name: str, role: Role) -> Account:
    """Add somebody, who cannot log in before a password is set; RefusedError when the name will not do."""
    name = unicodedata.normalize("NFKC", name).strip()
    if not _NAME.fullmatch(name):
        raise RefusedError("名字要 2 到 32 个字，可以用汉字、字母、数字和 . - _ @ ·，中间不能有空格。")
    if named(connection, name):
        raise RefusedError(f"已经有一个人叫“{name}”，请换一个名字，例如加上科室。")
    values = {"name": name, "key": key_of(name), "role": role.value, "password": "", "active": True}
    connection.execute(sa.insert(users).values(**values, created=time.time()))
    audit.record(connection, by, "添加人员", name, None, {"角色": role.label})
    added = named(connection, name)
    assert added
    return added


def set_role(connection: Connection, by: str, account: Account, role: Role) -> None:
    """Make somebody a reviewer or an admin; RefusedError when no admin would be left."""
    if account.role is role:
        return
    if role is not Role.ADMIN:
        _spare(connection, account)
    connection.execute(sa.update(users).where(users.c.id == account.id).values(role=role.value))
    audit.record(connection, by, "改角色", account.name, {"角色": account.role.label}, {"角色": role.label})


def set_active(connection: Connection, by: str, account: Account, active: bool) -> None:
    """Let somebody work here or no more; RefusedError when no admin would be left."""
    if account.active == active:
        return
    if not active:
        _spare(connection, account)
        sessions.end_all(connection, account.id)
        connection.execute(sa.delete(links).where(links.c.user == account.id))
    connection.execute(sa.update(users).where(users.c.id == account.id).values(active=active))
    audit.record(connection, by, "启用" if active else "停用", account.name)


def set_password(connection: Connection, by: str, account: Account, kept: str, but: str = "") -> None:
    """Keep the hash of a new password, and sign its owner out everywhere but at the browser with the token `but`."""
    connection.execute(sa.update(users).where(users.c.id == account.id).values(password=kept))
    connection.execute(sa.delete(links).where(links.c.user == account.id))
    sessions.end_all(connection, account.id, but)
    audit.record(connection, by, "设密码", account.name)


def note_login(connection: Connection, account: Account, now: float) -> None:
    """Note when somebody logged in."""
    connection.execute(sa.update(users).where(users.c.id == account.id).values(seen=now))


def _spare(connection: Connection, account: Account) -> None:
    if account.id in (admins := _admins(connection)) and len(admins) == 1:
        raise RefusedError(f"“{account.name}”是最后一位能登录的管理员，请先另设一位管理员。")


def _admins(connection: Connection) -> list[int]:
    able = sa.and_(users.c.role == Role.ADMIN.value, users.c.active.is_(True), users.c.password != "")
    # Locked, so that of two admins who remove each other at the same time one is refused.
    return list(connection.execute(sa.select(users.c.id).where(able).with_for_update()).scalars())


def _account(row: Any) -> Account:
    return Account(**{**row._mapping, "role": Role(row.role)})
