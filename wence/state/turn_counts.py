"""How many turns there were, by day, channel, status and facet, without a word of any of them.

    prepare(connection)          where it is missing, make the record's counts from the turns that are there
    count(connection, …)         one more, in the transaction that records the turn
    rate(connection, …)          a feedback, in the transaction that keeps it
    changes(path, source, after) what has changed since then, for another process

They stand in the file of the turns, so that a turn and its count are written together or not at all: each is
counted once whatever dies, and stays counted when its citizen deletes the conversation. They are whole
numbers as they stand, not differences: who copies them somewhere may do so again. `source` names this file
for as long as it lives; each change has a number, higher than those before.
"""

from __future__ import annotations

import dataclasses
import secrets
import sqlite3
import urllib.parse
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from wence.state.database import DatabaseError, transaction

#: The id of the message by which `wence run` finds out whether citizens get answers; no citizen asks that.
START_MESSAGE_ID = "wence-start"
BUSY_SECONDS = 1.0

SCHEMA = """
CREATE TABLE IF NOT EXISTS turn_counts (
    day TEXT NOT NULL,
    channel TEXT NOT NULL,
    status TEXT NOT NULL,
    facet TEXT NOT NULL,
    asked INTEGER NOT NULL,
    helpful INTEGER NOT NULL,
    not_helpful INTEGER NOT NULL,
    change INTEGER NOT NULL,
    PRIMARY KEY (day, channel, status, facet)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS turn_counts_change ON turn_counts (change);
CREATE TABLE IF NOT EXISTS counting (source TEXT NOT NULL, change INTEGER NOT NULL);
"""
# A day is one where the policy holds (Asia/Shanghai, which knows no summer time); the facet is the likeliest.
_DAY = "date({created} + 28800, 'unixepoch')"
_FACET = "coalesce(json_extract({reply}, '$.understood.readings[0][0]'), '')"
_CHANGE = "(SELECT change FROM counting)"
_KEY = "day, channel, status, facet"


@dataclasses.dataclass(frozen=True)
class TurnCount:
    """How many turns one day, channel, status and facet had, and how many were marked helpful or not."""

    day: str
    channel: str
    status: str
    facet: str
    asked: int
    helpful: int
    not_helpful: int


@dataclasses.dataclass(frozen=True)
class Changes:
    """What has changed in one file up to the change with this number."""

    source: str
    change: int
    counts: tuple[TurnCount, ...]


def prepare(connection: sqlite3.Connection) -> None:
    """Give a file that has none its counts, from the turns that stand in it."""
    if connection.execute("SELECT 1 FROM counting").fetchone():
        return
    with transaction(connection):
        # Another process may have been quicker.
        if connection.execute("SELECT 1 FROM counting").fetchone():
            return
        connection.execute("INSERT INTO counting VALUES (?, 1)", (secrets.token_hex(8),))
        connection.execute(
            f"INSERT INTO turn_counts SELECT {_DAY.format(created='created')}, channel, status,"
            f" {_FACET.format(reply='reply')}, count(*), sum(helpful IS 1), sum(helpful IS 0), 1"
            " FROM turns GROUP BY 1, 2, 3, 4"
        )


def count(
    connection: sqlite3.Connection, channel: str, status: str, created: float, understood: Mapping[str, Any] | None
) -> None:
    """Count a turn that was `created` then, in seconds since 1970."""
    readings = understood["readings"] if understood else ()
    facet = readings[0][0] if readings else ""
    connection.execute("UPDATE counting SET change = change + 1")
    connection.execute(
        f"INSERT INTO turn_counts VALUES ({_DAY.format(created='?')}, ?, ?, ?, 1, 0, 0, {_CHANGE})"
        " ON CONFLICT DO UPDATE SET asked = asked + 1, change = excluded.change",
        (created, channel, status, facet),
    )


def rate(connection: sqlite3.Connection, reply_id: str, helpful: bool) -> None:
    """Count a feedback on a reply, before it is kept with the turn, instead of the one that was there."""
    day, facet = _DAY.format(created="turns.created"), _FACET.format(reply="turns.reply")
    connection.execute("UPDATE counting SET change = change + 1")
    connection.execute(
        f"UPDATE turn_counts SET change = {_CHANGE},"
        " helpful = turn_counts.helpful + ? - (turns.helpful IS 1),"
        " not_helpful = turn_counts.not_helpful + ? - (turns.helpful IS 0)"
        f" FROM turns WHERE turns.reply_id = ? AND turn_counts.day = {day} AND turn_counts.channel = turns.channel"
        f" AND turn_counts.status = turns.status AND turn_counts.facet = {facet}",
        (helpful, not helpful, reply_id),
    )


def changes(path: Path, source: str, after: int) -> Changes | None:
    """Return what has changed in a file since the change `after` of `source`, or all of it for another source.

    None where there is no file yet; `DatabaseError` when it fails.
    """
    if not path.exists():
        return None
    try:
        connection = sqlite3.connect(f"file:{urllib.parse.quote(str(path))}?mode=ro", timeout=BUSY_SECONDS, uri=True)
        try:
            connection.execute("BEGIN")  # the number and the counts of one moment
            known = connection.execute("SELECT source, change FROM counting").fetchone()
            if known is None:
                return None
            since = after if known[0] == source else 0
            rows = connection.execute(
                f"SELECT {_KEY}, asked, helpful, not_helpful FROM turn_counts WHERE change > ? ORDER BY change",
                (since,),
            )
            return Changes(known[0], known[1], tuple(TurnCount(*row) for row in rows))
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise DatabaseError(f"轮次记录 {path} 读不出来（{error}）。") from error
