"""How many questions were asked, in the database: copies of what the records of turns count.

    copied(connection, source)     up to which change a record has been copied
    copy(connection, changes)      what has changed in one since then

Numbers are copied as they stand, in one transaction with the number of the last change: copied again, or by two
writers, they are the same. A record that is behind, because an older copy of its file was put back, counts on
from there; what the database has beyond stays until it is overtaken.
"""

from __future__ import annotations

import dataclasses

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from wence.misses.tables import turn_counts, turn_sources
from wence.state.turn_counts import Changes, TurnCount


def copied(connection: Connection, source: str) -> int:
    """Return the number of the last change of a record that has been copied, 0 where nothing has."""
    found = connection.execute(sa.select(turn_sources.c.change).where(turn_sources.c.source == source)).scalar()
    return int(found or 0)


def copy(connection: Connection, changes: Changes) -> None:
    """Store what has changed, unless that or more of it has been copied already."""
    before = copied(connection, changes.source)
    if changes.change <= before:
        return
    for count in changes.counts:
        _put(connection, changes.source, count)
    this = turn_sources.c.source == changes.source
    if not connection.execute(sa.update(turn_sources).where(this).values(change=changes.change)).rowcount:
        connection.execute(sa.insert(turn_sources).values(source=changes.source, change=changes.change))


def _put(connection: Connection, source: str, count: TurnCount) -> None:
    key = {"source": source, "day": count.day, "channel": count.channel, "status": count.status, "facet": count.facet}
    this = sa.and_(*(turn_counts.c[name] == value for name, value in key.items()))
    numbers = {"asked": count.asked, "helpful": count.helpful, "not_helpful": count.not_helpful}
    if not connection.execute(sa.update(turn_counts).where(this).values(**numbers)).rowcount:
        connection.execute(sa.insert(turn_counts).values(**dataclasses.asdict(count), source=source))
