"""Where missed questions are kept.

    store = MissStore(settings)
      .add(entries, before)      store entries of the spool, each once
      .find(Search(…))           missed questions, newest first
      .get(id)                   one of them
      .waiting(until)            those asked back until then of which it is open whether the citizen has left
      .settle(id, left)          say so
      .forget(sender, until)     delete what a hashed sender has asked
      .remove_texts(until)       remove the texts of what was asked before then; the counts stay
      .count()                   how many there are, by reason, those without texts included
      .copy_counts(changes)      store what has changed in how a record of turns counts them
      .copied_counts(source)     up to which change that has been done

Every call is one transaction; MissStoreError when the database fails. A miss is what its reply is: however
often an entry is added, and by however many writers, there is one row with each reason once.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from wence.misses import counts
from wence.misses.entries import Entry, Miss, Withdrawn
from wence.misses.tables import connect, forgotten, leave_no_trace, misses, reasons, transaction
from wence.misses.understood import Understood
from wence.misses.why import Why
from wence.settings import Settings
from wence.state.turn_counts import Changes
from wence.state.turns import Turn

Before = Callable[[Miss], "Turn | None"]


@dataclasses.dataclass(frozen=True)
class Search:
    """Which missed questions are wanted: asked since then, for this reason, so many at most."""

    since: float | None = None
    why: Why | None = None
    limit: int | None = None


@dataclasses.dataclass(frozen=True)
class Reason:
    """Why a question was missed, when that was known, and what the citizen wrote about it."""

    why: Why
    time: float
    words: str = ""


@dataclasses.dataclass(frozen=True)
class TurnBefore:
    """What was said just before."""

    time: float
    message: str
    status: str
    reply: str


@dataclasses.dataclass(frozen=True)
class StoredMiss:
    """A missed question as it is kept."""

    id: str
    asked: float
    channel: str
    sender: str
    message: str
    status: str
    reply: str
    facts: tuple[str, ...]
    understood: Understood | None
    model: str
    knowledge: str
    before: TurnBefore | None
    reasons: tuple[Reason, ...]


class MissStore:
    """The database; from one thread at a time."""

    def __init__(self, settings: Settings) -> None:
        """Open it; MissStoreError when that is impossible."""
        self._engine = connect(settings)

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    def add(self, entries: Iterable[Entry], before: Before = lambda miss: None) -> None:
        """Store entries; `before` finds the turn before a miss that is new."""
        forgets = False
        with transaction(self._engine, writes=True) as connection:
            for entry in entries:
                if isinstance(entry, Miss):
                    _add(connection, entry, before)
                elif isinstance(entry, Withdrawn):
                    _withdraw(connection, entry)
                else:
                    forgets = True
                    _forget(connection, entry.sender, entry.time)
        if forgets:
            leave_no_trace(self._engine)

    def find(self, search: Search) -> list[StoredMiss]:
        """Return the missed questions that are wanted, newest first, without those whose texts are removed."""
        wanted = sa.select(misses).where(misses.c.removed.is_(False))
        if search.since is not None:
            wanted = wanted.where(misses.c.asked >= search.since)
        if search.why is not None:
            for_it = sa.select(reasons.c.miss).where(reasons.c.why == search.why.value).correlate(None)
            wanted = wanted.where(misses.c.id.in_(for_it))
        wanted = wanted.order_by(misses.c.asked.desc(), misses.c.id)
        if search.limit is not None:
            wanted = wanted.limit(search.limit)
        with transaction(self._engine) as connection:
            return _read(connection, wanted)

    def get(self, miss: str) -> StoredMiss | None:
        """Return a missed question by its id, or None."""
        with transaction(self._engine) as connection:
            found = _read(connection, sa.select(misses).where(misses.c.id == miss, misses.c.removed.is_(False)))
        return found[0] if found else None

    def waiting(self, until: float) -> list[StoredMiss]:
        """Return what was asked back until then and is open; oldest first."""
        wanted = sa.select(misses).where(misses.c.waits.is_(True), misses.c.asked <= until).order_by(misses.c.asked)
        with transaction(self._engine) as connection:
            return _read(connection, wanted)

    def settle(self, miss: str, left: float | None) -> None:
        """Say that the citizen has left after `miss` was asked back, known at that time; or with None, has not."""
        with transaction(self._engine, writes=True) as connection:
            connection.execute(sa.update(misses).where(misses.c.id == miss).values(waits=False))
            if left is not None:
                _give_reason(connection, miss, Reason(Why.LEFT, left))

    def forget(self, sender: str, until: float) -> int:
        """Delete what a hashed sender has asked until then, also what still waits in the spool; how much it was."""
        with transaction(self._engine, writes=True) as connection:
            deleted = _forget(connection, sender, until)
        leave_no_trace(self._engine)
        return deleted

    def remove_texts(self, until: float) -> int:
        """Remove texts and sender of what was asked before then; of how many questions."""
        old = sa.and_(misses.c.asked < until, misses.c.removed.is_(False))
        with transaction(self._engine, writes=True) as connection:
            ids = sa.select(misses.c.id).where(old)
            connection.execute(sa.update(reasons).where(reasons.c.miss.in_(ids)).values(words=""))
            nothing = {"sender": "", "message": "", "reply": "", "understood": None, "before": None, "waits": False}
            removed: int = connection.execute(sa.update(misses).where(old).values(**nothing, removed=True)).rowcount
            connection.execute(sa.delete(forgotten).where(forgotten.c.until < until))
        if removed:
            leave_no_trace(self._engine)
        return removed

    def count(self) -> Mapping[Why, int]:
        """Return how many questions were missed for each reason, ever."""
        counted = sa.select(reasons.c.why, sa.func.count()).group_by(reasons.c.why)
        with transaction(self._engine) as connection:
            return {Why(why): number for why, number in connection.execute(counted)}

    def copy_counts(self, changes: Changes) -> None:
        """Store what has changed in how a record of turns counts them."""
        with transaction(self._engine, writes=True) as connection:
            counts.copy(connection, changes)

    def copied_counts(self, source: str) -> int:
        """Return the number of the last change of a record of turns that is stored."""
        with transaction(self._engine) as connection:
            return counts.copied(connection, source)


def _add(connection: Connection, miss: Miss, before: Before) -> None:
    until = connection.execute(sa.select(forgotten.c.until).where(forgotten.c.sender == miss.sender)).scalar()
    if until is not None and miss.asked <= until:
        return
    removed = connection.execute(sa.select(misses.c.removed).where(misses.c.id == miss.id)).scalar()
    if removed is None:
        turn = before(miss)
        values = {
            "id": miss.id,
            "asked": miss.asked,
            "channel": miss.channel,
            "sender": miss.sender,
            "message": miss.message,
            "status": miss.status.value,
            "reply": miss.reply,
            "facts": list(miss.facts),
            "understood": miss.understood.as_dict() if miss.understood else None,
            "model": miss.model,
            "knowledge": miss.understood.knowledge if miss.understood else "",
            "before": dataclasses.asdict(_turn_before(turn)) if turn else None,
            "waits": miss.why is Why.ASKED_BACK,
            "removed": False,
        }
        connection.execute(sa.insert(misses).values(**values))
    _give_reason(connection, miss.id, Reason(miss.why, miss.time, "" if removed else miss.reason))


def _turn_before(turn: Turn) -> TurnBefore:
    return TurnBefore(turn.created, turn.message, turn.reply.status.value, turn.reply.text)


def _give_reason(connection: Connection, miss: str, reason: Reason) -> None:
    """Note a reason; one that is there is replaced only by a later one, such as a feedback given again."""
    this = sa.and_(reasons.c.miss == miss, reasons.c.why == reason.why.value)
    found = connection.execute(sa.select(reasons.c.time).where(this)).scalar()
    if found is None:
        values = {"miss": miss, "why": reason.why.value, "time": reason.time, "words": reason.words}
        connection.execute(sa.insert(reasons).values(**values))
    elif found < reason.time:
        connection.execute(sa.update(reasons).where(this).values(time=reason.time, words=reason.words))


def _withdraw(connection: Connection, entry: Withdrawn) -> None:
    this = sa.and_(reasons.c.miss == entry.id, reasons.c.why == Why.NOT_HELPFUL.value, reasons.c.time <= entry.time)
    if connection.execute(sa.delete(reasons).where(this)).rowcount:
        others = sa.select(reasons.c.miss)
        connection.execute(sa.delete(misses).where(misses.c.id == entry.id, misses.c.id.not_in(others)))


def _forget(connection: Connection, sender: str, until: float) -> int:
    this = forgotten.c.sender == sender
    found = connection.execute(sa.select(forgotten.c.until).where(this)).scalar()
    if found is None:
        connection.execute(sa.insert(forgotten).values(sender=sender, until=until))
    elif found < until:
        connection.execute(sa.update(forgotten).where(this).values(until=until))
    theirs = sa.and_(misses.c.sender == sender, misses.c.asked <= until)
    ids = sa.select(misses.c.id).where(theirs)
    connection.execute(sa.delete(reasons).where(reasons.c.miss.in_(ids)))
    deleted: int = connection.execute(sa.delete(misses).where(theirs)).rowcount
    return deleted


def _read(connection: Connection, wanted: Any) -> list[StoredMiss]:
    rows = connection.execute(wanted).all()
    ids = wanted.with_only_columns(misses.c.id)
    why: dict[str, list[Reason]] = {}
    known = sa.select(reasons).where(reasons.c.miss.in_(ids)).order_by(reasons.c.time, reasons.c.why)
    for reason in connection.execute(known):
        why.setdefault(reason.miss, []).append(Reason(Why(reason.why), reason.time, reason.words))
    return [_stored(row, tuple(why.get(row.id, ()))) for row in rows]


def _stored(row: Any, found: tuple[Reason, ...]) -> StoredMiss:
    return StoredMiss(
        id=row.id,
        asked=row.asked,
        channel=row.channel,
        sender=row.sender,
        message=row.message,
        status=row.status,
        reply=row.reply,
        facts=tuple(row.facts),
        understood=Understood.from_dict(row.understood) if row.understood else None,
        model=row.model,
        knowledge=row.knowledge,
        before=TurnBefore(**row.before) if row.before else None,
        reasons=found,
    )
