"""Moves missed questions from the spool to the database: `python -m wence.misses.writer`, started by wence.run.

    Mover(spool, open_store, turns)
      .move()               what waits in the spool; each entry is stored before its file is removed
      .count_turns()        how many turns the record of turns has counted
      .find_who_left()      those who said nothing more after the assistant asked back
      .remove_old(days)     texts older than that

A process of its own: nothing that it does, or that happens to it, is felt by a reply. Where the database
fails, it is opened again and again; meanwhile the spool keeps what comes.
"""

from __future__ import annotations

import contextlib
import logging
import pathlib
import signal
import threading
import time
from collections.abc import Callable

from wence import settings
from wence.misses import spool
from wence.misses.entries import Miss, entries_in
from wence.misses.errors import MissesError
from wence.misses.store import MissStore
from wence.misses.why import LEFT_AFTER_SECONDS, is_left
from wence.quiet import silence_deprecations
from wence.state.database import SECONDS_A_DAY, SECONDS_BETWEEN_SWEEPS, DatabaseError
from wence.state.turns import RecordedTurns, Turn

MOVE_EVERY_SECONDS = 1.0
COUNT_EVERY_SECONDS = 10.0
LOOK_FOR_LEFT_EVERY_SECONDS = 30.0

logger = logging.getLogger(__name__)


class Mover:
    """What stands between the spool and the database."""

    def __init__(
        self,
        folder: pathlib.Path,
        open_store: Callable[[], MissStore],
        turns: RecordedTurns,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._folder = folder
        self._open_store = open_store
        self._turns = turns
        self._clock = clock
        self._store: MissStore | None = None
        #: The record of turns whose counts were copied last, and up to which change; asked of the database first.
        self._counted: tuple[str, int] = ("", 0)
        #: How far each file of the spool has been stored.
        self._offsets: dict[pathlib.Path, int] = {}

    def move(self) -> None:
        """Store what waits in the spool; MissesError when the database fails, and OSError when the spool does."""
        found = spool.files(self._folder)
        self._offsets = {file: offset for file, offset in self._offsets.items() if file in found}
        for file in found:
            # Another writer may have removed it.
            with contextlib.suppress(FileNotFoundError):
                self._move(file)

    def _move(self, file: pathlib.Path) -> None:
        while True:
            offset = self._offsets.get(file, 0)
            data, end = spool.read(file, offset)
            if not data:
                break
            entries, broken = entries_in(data)
            if broken:
                logger.error("答漏的问题里有 %s 行读不懂，没有写入数据库：%s", broken, file)
            self._opened().add(entries, self._before)
            self._offsets[file] = end
        cut_off = spool.remove(file, offset)
        if cut_off:
            logger.warning("答漏的问题里有一行没有写完，丢弃 %s 字节：%s", cut_off, file)

    def count_turns(self) -> None:
        """Store how many turns were counted since the last time; MissesError when the database fails."""
        try:
            changes = self._turns.changes(*self._counted)
            if changes and changes.source != self._counted[0]:
                # All of it was read: this writer, or the file, is new.
                self._counted = changes.source, self._opened().copied_counts(changes.source)
                changes = self._turns.changes(*self._counted)
        except DatabaseError:
            return  # read again later
        if changes and changes.change > self._counted[1]:
            self._opened().copy_counts(changes)
            self._counted = changes.source, changes.change

    def find_who_left(self) -> None:
        """Give those who left after the assistant asked back that reason; MissesError when the database fails."""
        store, now = self._opened(), self._clock()
        for miss in store.waiting(now - LEFT_AFTER_SECONDS):
            try:
                spoke_again = self._turns.next_after(miss.sender, miss.id, miss.asked)
            except DatabaseError:
                return  # asked again later
            left = is_left(miss.asked, spoke_again, now)
            if left is not None:
                store.settle(miss.id, miss.asked + LEFT_AFTER_SECONDS if left else None)

    def remove_old(self, days: float) -> int:
        """Remove texts older than so many days; of how many questions. MissesError when the database fails."""
        return self._opened().remove_texts(self._clock() - days * SECONDS_A_DAY)

    def close(self) -> None:
        """Close the database; it is opened again when it is needed."""
        if self._store:
            self._store.close()
            self._store = None

    def _opened(self) -> MissStore:
        self._store = self._store or self._open_store()
        return self._store

    def _before(self, miss: Miss) -> Turn | None:
        try:
            return self._turns.before(miss.sender, miss.id, miss.asked)
        except DatabaseError:
            return None  # a miss is worth more than what came before it


class _Rounds:
    """What a writer does again and again, each thing as often as it needs to be."""

    def __init__(self, mover: Mover, keep_days: int) -> None:
        self._mover = mover
        self._keep_days = keep_days
        self._next_count = self._next_look = self._next_sweep = 0.0
        self._failing = False

    def go(self) -> None:
        """Do what is due; a failure is logged once when it begins and once when it is over."""
        try:
            self._mover.move()
            now = time.monotonic()
            if now >= self._next_count:
                self._mover.count_turns()
                self._next_count = now + COUNT_EVERY_SECONDS
            if now >= self._next_look:
                self._mover.find_who_left()
                self._next_look = now + LOOK_FOR_LEFT_EVERY_SECONDS
            if now >= self._next_sweep:
                self._mover.remove_old(self._keep_days)
                self._next_sweep = now + SECONDS_BETWEEN_SWEEPS
        except (MissesError, OSError) as error:
            if not self._failing:
                logger.error("答漏的问题暂时不能写入数据库，先留在 misses/ 里，回复不受影响：%s", error)
            self._failing = True
            self._mover.close()
            return
        if self._failing:
            self._failing = False
            logger.warning("答漏的问题又能写入数据库了。")


def write() -> None:
    """Move until told to stop, and once more then."""
    wanted = settings.load()
    logging.basicConfig(level=wanted.log_level, format="%(asctime)s %(levelname)s %(name)s - %(message)s")
    silence_deprecations()
    told = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: told.set())
    mover = Mover(wanted.spool_folder, lambda: MissStore(wanted), RecordedTurns(wanted.turns_file))
    rounds = _Rounds(mover, wanted.keep_days)
    while not told.is_set():
        rounds.go()
        told.wait(MOVE_EVERY_SECONDS)
    rounds.go()
    mover.close()


if __name__ == "__main__":
    write()
