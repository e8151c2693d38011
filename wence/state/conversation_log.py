"""Conversations as stored: one row each, in one SQLite file.

    StoredConversation   what a row holds: a sequence number, the slots before the first turn, the turns
    ConversationLog      the file: read, append, delete, list; opened once, used from one thread

The turns of a row stand in the order in which they were stored. No time stamp orders anything, so a
clock that is set back loses nothing. What a row cannot hold any more, the oldest turns, leaves behind
only what it did to the slots.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from wence.state.database import SECONDS_A_DAY, SECONDS_BETWEEN_SWEEPS, open_database, transaction

TITLE = "对话数据库"

Turn = Sequence[Mapping[str, Any]]
"""The events of one turn, as Rasa serialises them, beginning with what the user said."""

_SCHEMA_VERSION = 1
_SCHEMA = """
CREATE TABLE IF NOT EXISTS conversations (
    sender TEXT PRIMARY KEY,
    sequence INTEGER NOT NULL,
    slots BLOB NOT NULL,
    turns BLOB NOT NULL,
    updated REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS conversations_updated ON conversations (updated);
"""


@dataclass(frozen=True)
class StoredConversation:
    """The last turns of a conversation, and what the slots held before them."""

    sequence: int = 0
    slots: Mapping[str, Any] = field(default_factory=dict)
    turns: Sequence[bytes] = ()

    def events(self) -> list[dict[str, Any]]:
        """The events of all turns, in order."""
        return [event for turn in self.turns for event in json.loads(turn)]

    def followed_by(self, turns: Iterable[Turn], keep: int) -> StoredConversation:
        """This conversation with further turns, of which the last `keep` stay."""
        slots = dict(self.slots)
        further = [_as_line(turn) for turn in turns]
        together = [*self.turns, *further]
        surplus = max(0, len(together) - keep)
        for turn in together[:surplus]:
            _apply(json.loads(turn), slots)
        return StoredConversation(self.sequence + len(further), slots, tuple(together[surplus:]))


def _as_line(value: object) -> bytes:
    """JSON without a line break; lone surrogates pass, as Python's own reader lets them."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "surrogatepass")


def _apply(turn: Turn, slots: dict[str, Any]) -> None:
    for event in turn:
        if event["event"] == "slot":
            slots[event["name"]] = event["value"]
        elif event["event"] in ("restart", "reset_slots"):
            slots.clear()


class ConversationLog:
    """The conversations in an SQLite file; every call after the first from one thread only.

    A conversation that nobody continued for `days` days is gone: at once for a reader, and from the
    file within the hour in which anything is stored.
    """

    def __init__(self, path: Path, keep_turns: int, days: float, clock: Callable[[], float] = time.time) -> None:
        self._keep_turns = keep_turns
        self._lifetime = days * SECONDS_A_DAY
        self._clock = clock
        self._next_sweep = 0.0
        self._connection = open_database(path, TITLE, _SCHEMA, _SCHEMA_VERSION)

    def read(self, sender: str) -> StoredConversation | None:
        """The conversation of a sender; None when there is none, or it has expired."""
        row = self._connection.execute(
            "SELECT sequence, slots, turns FROM conversations WHERE sender = ? AND updated >= ?",
            (sender, self._clock() - self._lifetime),
        ).fetchone()
        if row is None:
            return None
        sequence, slots, turns = row
        return StoredConversation(sequence, json.loads(slots), tuple(turns.splitlines()))

    def append(self, sender: str, turns: Iterable[Turn], anew: Mapping[str, Any] | None = None) -> None:
        """Store further turns; with `anew`, forget those before and begin with these slots.

        What the row holds at this moment is what is continued, not what some caller read earlier: a
        conversation deleted in between stays deleted, and the turn of another writer stays.
        """
        with transaction(self._connection):
            before = self.read(sender) or StoredConversation()
            if anew is not None:
                before = StoredConversation(before.sequence, anew)
            after = before.followed_by(turns, self._keep_turns)
            self._connection.execute(
                "INSERT OR REPLACE INTO conversations VALUES (?, ?, ?, ?, ?)",
                (sender, after.sequence, _as_line(after.slots), b"\n".join(after.turns), self._clock()),
            )
            self._sweep()

    def delete(self, sender: str) -> bool:
        """Forget a conversation; whether there was one."""
        cursor = self._connection.execute("DELETE FROM conversations WHERE sender = ?", (sender,))
        return cursor.rowcount > 0

    def senders(self) -> list[str]:
        """All senders with a conversation."""
        rows = self._connection.execute(
            "SELECT sender FROM conversations WHERE updated >= ?", (self._clock() - self._lifetime,)
        )
        return [sender for (sender,) in rows]

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def _sweep(self) -> None:
        now = self._clock()
        if now >= self._next_sweep:
            self._connection.execute("DELETE FROM conversations WHERE updated < ?", (now - self._lifetime,))
            self._next_sweep = now + SECONDS_BETWEEN_SWEEPS
