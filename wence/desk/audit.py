"""What was done at the desk: `record(…)` in the transaction of the change itself, `find(…)` to look it up.

The database refuses to change or delete what is recorded (wence/desk/tables.py).
"""

from __future__ import annotations

import dataclasses
import time
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from wence.desk.tables import audit

#: Who acts when nobody is signed in: the command line, and the desk itself.
COMMAND_LINE = "命令行"
DESK = "审核台"
_LONGEST_SUBJECT = 256


def record(
    connection: Connection, who: str, action: str, subject: str, before: object = None, after: object = None
) -> None:
    """Note that `who` did `action` to `subject`, in Chinese words; `before` and `after` are plain JSON data."""
    values = {
        "time": time.time(),
        "who": who,
        "action": action,
        "subject": subject[:_LONGEST_SUBJECT],
        "before": before,
        "after": after,
    }
    connection.execute(sa.insert(audit).values(**values))


@dataclasses.dataclass(frozen=True)
class Search:
    """Which records are wanted; an empty field wants all."""

    who: str = ""
    action: str = ""
    words: str = ""
    since: float | None = None
    until: float | None = None


@dataclasses.dataclass(frozen=True)
class Record:
    """One thing that was done."""

    id: int
    time: float
    who: str
    action: str
    subject: str
    before: Any
    after: Any


def find(connection: Connection, search: Search, offset: int, limit: int) -> tuple[list[Record], int]:
    """Return some of the records that are wanted, newest first, and how many there are."""
    condition = _condition(search)
    wanted = sa.select(audit).where(condition).order_by(audit.c.id.desc()).offset(offset).limit(limit)
    number: int = connection.execute(sa.select(sa.func.count()).select_from(audit).where(condition)).scalar_one()
    return [Record(**row) for row in connection.execute(wanted).mappings()], number


def names(connection: Connection) -> tuple[list[str], list[str]]:
    """Return everybody who did something, and every action, each once."""
    who, actions = (
        list(connection.execute(sa.select(column).distinct().order_by(column)).scalars())
        for column in (audit.c.who, audit.c.action)
    )
    return who, actions


def _condition(search: Search) -> Any:
    parts = [sa.true()]
    if search.who:
        parts.append(audit.c.who == search.who)
    if search.action:
        parts.append(audit.c.action == search.action)
    if search.words:
        parts.append(audit.c.subject.contains(search.words, autoescape=True))
    if search.since is not None:
        parts.append(audit.c.time >= search.since)
    if search.until is not None:
        parts.append(audit.c.time < search.until)
    return sa.and_(*parts)
