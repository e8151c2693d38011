"""What must be known again a moment later, by whichever worker is asked: in one SQLite file, for ten minutes.

    ledger = Ledger(path)                                    opened once, used from one thread
    attempt = ledger.begin(sender, id, mark, digest, decide) a message came, for the first time or again
    ledger.finish(sender, id, answer, shelf)                 its answer, and what that leaves to choose and to read
    ledger.make_late(sender, id)                             it is not answered in time
    ledger.claim(sender, id)                                 whoever gets this sends the late answer, nobody else
    ledger.wait_for(sender, id)                              "1" will ask for it
    ledger.fetch(sender, id)                                 "1" asks for it
    ledger.forget(sender)

What a message means may depend on what was answered before it: "2" on the options, "继续" on the rest of a text.
So `decide` is asked once, when the message first comes, and a retry finds what was decided then.

Nobody is named here: senders are keyed hashes, and what is kept of a message is what it meant among our own
options, never its words.
"""

from __future__ import annotations

import dataclasses
import enum
import json
import time
from collections.abc import Callable
from pathlib import Path

from wence.replies import Option
from wence.state.database import open_database, transaction

TITLE = "微信的数据库"
SECONDS_KEPT = 600.0
SECONDS_BETWEEN_SWEEPS = 60.0

_SCHEMA_VERSION = 1
_SCHEMA = """
CREATE TABLE IF NOT EXISTS nonces (mark TEXT PRIMARY KEY, digest TEXT NOT NULL, seen REAL NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS messages (
    sender TEXT NOT NULL, id TEXT NOT NULL, tries INTEGER NOT NULL, meaning TEXT NOT NULL, words TEXT NOT NULL,
    answer TEXT, shelf TEXT, late INTEGER NOT NULL DEFAULT 0, seen REAL NOT NULL, PRIMARY KEY (sender, id)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS shelves (sender TEXT PRIMARY KEY, shelf TEXT NOT NULL, seen REAL NOT NULL) WITHOUT ROWID;
"""


class Meaning(str, enum.Enum):
    """What a message is about, as decided when it first came."""

    OWN_WORDS = "own words"
    """A question of its own."""
    OPTION = "option"
    """An option, whose question stands in `words`."""
    FETCH = "fetch"
    """The late answer to the message whose id stands in `words`."""
    SETTLED = "settled"
    """Answered at once."""


@dataclasses.dataclass(frozen=True)
class Shelf:
    """What a conversation was last given to choose from, what is left to be read, which answer is awaited."""

    options: tuple[Option, ...] = ()
    rest: tuple[str, ...] = ()
    waiting: str = ""


@dataclasses.dataclass(frozen=True)
class Decision:
    """What a message means; `answer` and `shelf` where that settles it."""

    meaning: Meaning
    words: str = ""
    answer: str | None = None
    shelf: Shelf | None = None


@dataclasses.dataclass(frozen=True)
class Attempt:
    """The state of a message at one of its tries."""

    tries: int
    meaning: Meaning
    words: str
    answer: str | None = None
    is_late: bool = False
    is_forged: bool = False


class Ledger:
    """The file. Everything that is read and then written happens in one transaction."""

    def __init__(self, path: Path, clock: Callable[[], float] = time.time) -> None:
        """Open the file, and make it where there is none; DatabaseError when that is impossible."""
        self._clock = clock
        self._next_sweep = 0.0
        self._file = open_database(path, TITLE, _SCHEMA, _SCHEMA_VERSION)

    def begin(self, sender: str, message: str, mark: str, digest: str, decide: Callable[[Shelf], Decision]) -> Attempt:
        """Note that a message came under the nonce `mark`; forged, when another message came under it before."""
        with transaction(self._file):
            if not self._admit(mark, digest):
                return Attempt(0, Meaning.SETTLED, "", is_forged=True)
            row = self._file.execute(
                "UPDATE messages SET tries = tries + 1 WHERE sender = ? AND id = ?"
                " RETURNING tries, meaning, words, answer, late",
                (sender, message),
            ).fetchone()
            if row is not None:
                tries, meaning, words, answer, late = row
                return Attempt(tries, Meaning(meaning), words, answer, bool(late))
            decision = decide(self._shelf(sender))
            self._file.execute(
                "INSERT INTO messages VALUES (?, ?, 1, ?, ?, ?, NULL, 0, ?)",
                (sender, message, decision.meaning.value, decision.words, decision.answer, self._clock()),
            )
            if decision.shelf is not None:
                self._put(sender, decision.shelf)
            self._sweep()
            return Attempt(1, decision.meaning, decision.words, decision.answer)

    def admit(self, mark: str, digest: str) -> bool:
        """Whether a nonce is new, or came with the same message before."""
        with transaction(self._file):
            return self._admit(mark, digest)

    def finish(self, sender: str, message: str, answer: str, shelf: Shelf | None = None) -> tuple[str, bool]:
        """Store an answer; return the one that counts, which is the first, and whether it is to be sent later.

        With a shelf, that takes the place of the one before: at once, or when the answer is asked for.
        """
        with transaction(self._file):
            self._file.execute(
                "UPDATE messages SET answer = ?, shelf = ? WHERE sender = ? AND id = ? AND answer IS NULL",
                (answer, None if shelf is None else _packed(shelf), sender, message),
            )
            row = self._file.execute(
                "SELECT answer, late FROM messages WHERE sender = ? AND id = ?", (sender, message)
            ).fetchone()
            if row is None:
                # Forgotten meanwhile, because the citizen has gone: nothing of him is put back.
                return answer, False
            if shelf is not None and self._shelf(sender).waiting != message:
                self._put(sender, shelf)
            return row[0], bool(row[1])

    def answer_to(self, sender: str, message: str) -> str | None:
        """The answer to a message, if there is one yet."""
        row = self._file.execute(
            "SELECT answer FROM messages WHERE sender = ? AND id = ?", (sender, message)
        ).fetchone()
        return None if row is None else row[0]

    def make_late(self, sender: str, message: str) -> str | None:
        """Note that a message will be answered later; its answer, if it has just got one."""
        with transaction(self._file):
            row = self._file.execute(
                "UPDATE messages SET late = 1 WHERE sender = ? AND id = ? AND answer IS NULL RETURNING late",
                (sender, message),
            ).fetchone()
            return None if row is not None else self.answer_to(sender, message)

    def claim(self, sender: str, message: str) -> bool:
        """Whether the caller is the one to send a late answer."""
        with transaction(self._file):
            row = self._file.execute(
                "UPDATE messages SET late = 2 WHERE sender = ? AND id = ? AND late = 1 RETURNING late",
                (sender, message),
            ).fetchone()
            return row is not None

    def wait_for(self, sender: str, message: str) -> str | None:
        """Note that "1" asks for the answer to this message; its answer, if it has just got one."""
        with transaction(self._file):
            answer = self.answer_to(sender, message)
            if answer is None:
                self._put(sender, dataclasses.replace(self._shelf(sender), waiting=message))
            return answer

    def fetch(self, sender: str, message: str) -> str | None:
        """The late answer to a message, if there is one yet; what it leaves to choose and to read is in force now."""
        with transaction(self._file):
            row = self._file.execute(
                "SELECT answer, shelf FROM messages WHERE sender = ? AND id = ? AND answer IS NOT NULL",
                (sender, message),
            ).fetchone()
            if row is None:
                return None
            answer, shelf = row
            self._put(sender, _unpacked(shelf) if shelf else Shelf())
            return str(answer)

    def forget(self, sender: str) -> None:
        """Forget a sender."""
        with transaction(self._file):
            for table in ("messages", "shelves"):
                self._file.execute(f"DELETE FROM {table} WHERE sender = ?", (sender,))

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _admit(self, mark: str, digest: str) -> bool:
        self._file.execute("INSERT OR IGNORE INTO nonces VALUES (?, ?, ?)", (mark, digest, self._clock()))
        (known,) = self._file.execute("SELECT digest FROM nonces WHERE mark = ?", (mark,)).fetchone()
        return bool(known == digest)

    def _shelf(self, sender: str) -> Shelf:
        row = self._file.execute(
            "SELECT shelf FROM shelves WHERE sender = ? AND seen >= ?", (sender, self._clock() - SECONDS_KEPT)
        ).fetchone()
        return Shelf() if row is None else _unpacked(row[0])

    def _put(self, sender: str, shelf: Shelf) -> None:
        self._file.execute("INSERT OR REPLACE INTO shelves VALUES (?, ?, ?)", (sender, _packed(shelf), self._clock()))

    def _sweep(self) -> None:
        now = self._clock()
        if now >= self._next_sweep:
            for table in ("nonces", "messages", "shelves"):
                self._file.execute(f"DELETE FROM {table} WHERE seen < ?", (now - SECONDS_KEPT,))
            self._next_sweep = now + SECONDS_BETWEEN_SWEEPS


def _packed(shelf: Shelf) -> str:
    options = [(option.title, option.payload) for option in shelf.options]
    return json.dumps([options, shelf.rest, shelf.waiting], ensure_ascii=False)


def _unpacked(packed: str) -> Shelf:
    options, rest, waiting = json.loads(packed)
    return Shelf(tuple(Option(*pair) for pair in options), tuple(rest), waiting)
