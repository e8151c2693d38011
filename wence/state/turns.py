"""The record of turns: what was asked and answered, masked, each turn a row of its own SQLite file.

    Turn                       one message and its reply
    TurnRecord(path, key)      the file, through a thread of its own; nothing here raises once it is open
      .find(sender, id)        the turn that a client's message id stands for
      .claim(sender, id)       the same, or else the right to take it, which one process at a time has
      .add(turn)               the turn as recorded, with its sequence number
      .history(sender, after)  the last turns of a sender
      .rate(sender, reply, …)  a citizen's feedback on a reply
      .replied(sender, reply)  the turn of a reply
      .forget(sender)          all turns of a sender, deleted
    RecordedTurns(path)        the file as another process reads it: what came before a turn, and after it,
                               and how many turns were counted

History, feedback and the repetition of messages come from here; the tracker keeps only what the dialogue
needs. How many turns there were is counted beside them (`wence.state.turn_counts`) and stays when they go.
A sender is stored as a pseudonym under a key, so that nobody who reads the file can tell who it
was, nor try out all telephone numbers. An `unavailable` reply is recorded, but never final: it is neither
history nor what a message id stands for.
"""

from __future__ import annotations

import asyncio
import dataclasses
import enum
import json
import secrets
import sqlite3
import time
import urllib.parse
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from wence.privacy import pseudonym
from wence.replies import Reply, Status
from wence.state import turn_counts
from wence.state.database import (
    SECONDS_A_DAY,
    SECONDS_BETWEEN_SWEEPS,
    DatabaseError,
    DatabaseThread,
    open_database,
    transaction,
)

TITLE = "轮次记录"
DAYS = 30.0
MOST_HISTORY = 50
# No citizen waits for the record longer than that; the reply is what counts.
PATIENCE = 0.25
# A turn ends sooner, or the process that took it has ended.
CLAIM_SECONDS = 10.0
SECONDS_BETWEEN_LOOKS = 0.1
CLAIM_ATTEMPTS = 2

_SCHEMA_VERSION = 1
_SCHEMA = (
    """
CREATE TABLE IF NOT EXISTS turns (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    reply_id TEXT NOT NULL UNIQUE,
    channel TEXT NOT NULL,
    sender TEXT NOT NULL,
    message_id TEXT,
    message TEXT NOT NULL,
    reply TEXT NOT NULL,
    status TEXT NOT NULL,
    facts TEXT NOT NULL,
    helpful INTEGER,
    reason TEXT,
    created REAL NOT NULL,
    expires REAL NOT NULL
);
CREATE UNIQUE INDEX IF NOT EXISTS turns_message ON turns (sender, message_id) WHERE message_id IS NOT NULL;
CREATE INDEX IF NOT EXISTS turns_sender ON turns (sender, sequence);
CREATE INDEX IF NOT EXISTS turns_expires ON turns (expires);
CREATE TABLE IF NOT EXISTS claims (
    sender TEXT NOT NULL,
    message_id TEXT NOT NULL,
    owner TEXT NOT NULL,
    expires REAL NOT NULL,
    PRIMARY KEY (sender, message_id)
) WITHOUT ROWID;
"""
    + turn_counts.SCHEMA
)
_COLUMNS = "sequence, reply_id, channel, message_id, message, reply, helpful, created"


def new_reply_id() -> str:
    """Return an id that no other reply has and nobody can guess."""
    return secrets.token_urlsafe(16)


@dataclasses.dataclass(frozen=True)
class Turn:
    """One message, masked, and its reply; `sequence` is None while, or because, it is not recorded."""

    channel: str
    sender: str
    message: str
    reply: Reply
    message_id: str | None = None
    reply_id: str = dataclasses.field(default_factory=new_reply_id)
    created: float = dataclasses.field(default_factory=time.time)
    sequence: int | None = None
    helpful: bool | None = None
    #: How the question was understood, as `wence.misses.understood` writes it; no citizen gets to see it.
    understood: Mapping[str, Any] | None = None

    @property
    def is_final(self) -> bool:
        """Whether the reply stands, however often the message is sent."""
        return self.reply.status is not Status.UNAVAILABLE


class _Claim(enum.Enum):
    """Why it is not said whose a turn is."""

    ELSEWHERE = "another process takes it at this moment"
    UNKNOWN = "the file failed"


class TurnRecord:
    """The file of the turns, for the event loop."""

    def __init__(
        self,
        path: Path,
        key: bytes,
        days: float = DAYS,
        clock: Callable[[], float] = time.time,
        patience: float | None = PATIENCE,
    ) -> None:
        """Open the file at `path`; `DatabaseError` when that is impossible."""
        self._file = _TurnFile(path, key, days, clock)
        self._thread = DatabaseThread(TITLE, "这段时间的轮次没有记录，回复不受影响", patience)

    async def find(self, sender: str, message_id: str) -> Turn | None:
        """Return the turn with a client's message id; None when there is none, or the file fails."""
        return await self._thread.run(lambda: self._file.find(sender, message_id), None, reads=True)

    async def claim(self, sender: str, message_id: str) -> Turn | None:
        """Return the turn with a client's message id; None when there is none, and it is the caller's to take.

        While another process takes it, that one is waited for. `add` gives the claim back. A file that fails is
        tried for a while: better late than twice.
        """
        failures = 0
        unknown: Turn | _Claim | None = _Claim.UNKNOWN
        while failures < CLAIM_ATTEMPTS:
            claimed = await self._thread.run(lambda: self._file.claim(sender, message_id), unknown)
            if not isinstance(claimed, _Claim):
                return claimed
            failures += claimed is _Claim.UNKNOWN
            await asyncio.sleep(SECONDS_BETWEEN_LOOKS)
        return None

    async def add(self, turn: Turn) -> Turn:
        """Record a turn and return it with its sequence number, or without when the file fails.

        Where the message id stands for another turn already, that one is returned.
        """
        return await self._thread.run(lambda: self._file.add(turn), turn)

    async def history(self, sender: str, after: int = 0) -> list[Turn] | None:
        """Return the newest turns of a sender, oldest first; None when the file fails."""
        return await self._thread.run(lambda: self._file.history(sender, after), None, reads=True)

    async def rate(self, sender: str, reply_id: str, helpful: bool, reason: str | None) -> bool | None:
        """Keep the feedback on a reply; whether the sender has such a reply, None when the file fails."""
        return await self._thread.run(lambda: self._file.rate(sender, reply_id, helpful, reason), None)

    async def replied(self, sender: str, reply_id: str) -> Turn | None:
        """Return the sender's turn with a reply; None when there is none, or the file fails."""
        return await self._thread.run(lambda: self._file.replied(sender, reply_id), None, reads=True)

    async def forget(self, sender: str) -> int | None:
        """Delete the turns of a sender; how many there were, None when the file fails."""
        return await self._thread.run(lambda: self._file.forget(sender), None)

    def close(self) -> None:
        """Finish what is being written and close the file."""
        self._thread.close(self._file.close)


class _TurnFile:
    """The SQLite file; every call after the first from one thread only."""

    def __init__(self, path: Path, key: bytes, days: float, clock: Callable[[], float]) -> None:
        self._key = key
        self._lifetime = days * SECONDS_A_DAY
        self._clock = clock
        self._next_sweep = 0.0
        # Of one process: among its own tasks the edge lets one at a time take a message.
        self._owner = secrets.token_hex(8)
        self._connection = open_database(path, TITLE, _SCHEMA, _SCHEMA_VERSION, busy_seconds=PATIENCE)
        try:
            turn_counts.prepare(self._connection)
        except sqlite3.Error as error:
            raise DatabaseError(f"{TITLE} {path} 无法使用（{error}）。请检查该文件及其目录的读写权限。") from error

    def find(self, sender: str, message_id: str) -> Turn | None:
        row = self._connection.execute(
            f"SELECT {_COLUMNS} FROM turns WHERE sender = ? AND message_id = ? AND expires > ?",
            (self._stored(sender), message_id, self._clock()),
        ).fetchone()
        return None if row is None else _turn(row, sender)

    def replied(self, sender: str, reply_id: str) -> Turn | None:
        row = self._connection.execute(
            f"SELECT {_COLUMNS} FROM turns WHERE sender = ? AND reply_id = ? AND expires > ?",
            (self._stored(sender), reply_id, self._clock()),
        ).fetchone()
        return None if row is None else _turn(row, sender)

    def claim(self, sender: str, message_id: str) -> Turn | _Claim | None:
        now = self._clock()
        # Read first: a full disk, which lets nothing be claimed, hides no turn that is recorded.
        before = self.find(sender, message_id)
        if before is not None:
            return before
        with transaction(self._connection):
            before = self.find(sender, message_id)
            if before is not None:
                return before
            row = self._connection.execute(
                "INSERT INTO claims VALUES (?, ?, ?, ?)"
                " ON CONFLICT DO UPDATE SET owner = excluded.owner, expires = excluded.expires"
                " WHERE claims.expires <= ? OR claims.owner = excluded.owner RETURNING expires",
                (self._stored(sender), message_id, self._owner, now + CLAIM_SECONDS, now),
            ).fetchone()
            return _Claim.ELSEWHERE if row is None else None

    def add(self, turn: Turn) -> Turn:
        message_id = turn.message_id if turn.is_final else None
        with transaction(self._connection):
            self._sweep()
            if turn.message_id is not None:
                self._connection.execute(
                    "DELETE FROM claims WHERE sender = ? AND message_id = ?",
                    (self._stored(turn.sender), turn.message_id),
                )
            if message_id is not None and (before := self.find(turn.sender, message_id)):
                return before
            cursor = self._connection.execute(
                "INSERT INTO turns (reply_id, channel, sender, message_id, message, reply, status, facts, created,"
                " expires) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    turn.reply_id,
                    turn.channel,
                    self._stored(turn.sender),
                    message_id,
                    turn.message,
                    # Beside the parts of the reply, where a file of an earlier version has room for it.
                    _json({**turn.reply.as_dict(), "understood": turn.understood}),
                    turn.reply.status.value,
                    _json(turn.reply.facts),
                    turn.created,
                    self._clock() + self._lifetime,
                ),
            )
            if turn.message_id != turn_counts.START_MESSAGE_ID:
                status = turn.reply.status.value
                turn_counts.count(self._connection, turn.channel, status, turn.created, turn.understood)
        return dataclasses.replace(turn, sequence=cursor.lastrowid)

    def history(self, sender: str, after: int) -> list[Turn]:
        rows = self._connection.execute(
            f"SELECT {_COLUMNS} FROM turns WHERE sender = ? AND sequence > ? AND expires > ? AND status != ?"
            " ORDER BY sequence DESC LIMIT ?",
            (self._stored(sender), after, self._clock(), Status.UNAVAILABLE.value, MOST_HISTORY),
        ).fetchall()
        return [_turn(row, sender) for row in reversed(rows)]

    def rate(self, sender: str, reply_id: str, helpful: bool, reason: str | None) -> bool:
        with transaction(self._connection):
            if self.replied(sender, reply_id) is None:
                return False
            turn_counts.rate(self._connection, reply_id, helpful)
            self._connection.execute(
                "UPDATE turns SET helpful = ?, reason = ? WHERE reply_id = ?", (helpful, reason, reply_id)
            )
        return True

    def forget(self, sender: str) -> int:
        self._connection.execute("DELETE FROM claims WHERE sender = ?", (self._stored(sender),))
        return self._connection.execute("DELETE FROM turns WHERE sender = ?", (self._stored(sender),)).rowcount

    def close(self) -> None:
        self._connection.close()

    def _stored(self, sender: str) -> str:
        return pseudonym(sender, self._key)

    def _sweep(self) -> None:
        now = self._clock()
        if now >= self._next_sweep:
            for table in ("turns", "claims"):
                self._connection.execute(f"DELETE FROM {table} WHERE expires <= ?", (now,))
            self._next_sweep = now + SECONDS_BETWEEN_SWEEPS


class RecordedTurns:
    """The file of the turns as another process reads it; senders are the pseudonyms that stand in it."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def before(self, sender: str, reply_id: str, created: float) -> Turn | None:
        """Return the last turn of a sender before another one; `DatabaseError` when the file fails."""
        row = self._first(
            f"SELECT {_COLUMNS} FROM turns WHERE sender = ? AND created < ? AND reply_id != ? AND status != ?"
            " ORDER BY sequence DESC LIMIT 1",
            (sender, created, reply_id, Status.UNAVAILABLE.value),
        )
        return None if row is None else _turn(row, sender)

    def next_after(self, sender: str, reply_id: str, created: float) -> float | None:
        """Return when a sender said something again after a turn; `DatabaseError` when the file fails."""
        row = self._first(
            "SELECT min(created) FROM turns WHERE sender = ? AND created >= ? AND reply_id != ?",
            (sender, created, reply_id),
        )
        return None if row is None else row[0]

    def changes(self, source: str, after: int) -> turn_counts.Changes | None:
        """Return what was counted since the change `after` of a source; `DatabaseError` when the file fails."""
        return turn_counts.changes(self._path, source, after)

    def _first(self, question: str, values: tuple[object, ...]) -> tuple[Any, ...] | None:
        if not self._path.exists():
            return None
        try:
            connection = sqlite3.connect(
                f"file:{urllib.parse.quote(str(self._path))}?mode=ro", timeout=PATIENCE, uri=True
            )
            try:
                row: tuple[Any, ...] | None = connection.execute(question, values).fetchone()
                return row
            finally:
                connection.close()
        except sqlite3.Error as error:
            raise DatabaseError(f"{TITLE} {self._path} 读不出来（{error}）。") from error


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _turn(row: sqlite3.Row | tuple[Any, ...], sender: str) -> Turn:
    sequence, reply_id, channel, message_id, message, stored, helpful, created = row
    reply = json.loads(stored)
    return Turn(
        channel=channel,
        sender=sender,
        message=message,
        reply=Reply.from_dict(reply),
        message_id=message_id,
        reply_id=reply_id,
        created=created,
        sequence=sequence,
        helpful=None if helpful is None else bool(helpful),
        understood=reply.get("understood"),
    )
