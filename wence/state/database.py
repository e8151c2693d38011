"""An SQLite file of ours, and the thread that alone touches it.

    open_database(path, title, schema, version)   the connection; `DatabaseError`, in Chinese, when there is none
    transaction(connection)                       all of a block, or nothing of it
    DatabaseThread(title, consequence)            runs work for the event loop, and lets no failure of the
      .run(work, otherwise)                       file reach a reply: it is logged once when it begins, and
                                                  once when it is over

A file is opened where its user is made, so that one that cannot be used stops the start.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

SECONDS_A_DAY = 86_400
SECONDS_BETWEEN_SWEEPS = 3_600
BUSY_SECONDS = 1.0  # another process may hold a file that long before a turn goes on without it
MOST_WAITING = 500  # work that waits for a file which hardly moves; what comes then is given up at once

logger = logging.getLogger(__name__)
_Result = TypeVar("_Result")


class DatabaseError(Exception):
    """A file of ours cannot be used; the message, in Chinese, says why."""


def open_database(
    path: Path, title: str, schema: str, version: int, busy_seconds: float = BUSY_SECONDS
) -> sqlite3.Connection:
    """Open the file at `path`, made with `schema` when it is new; `DatabaseError` when that is impossible."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Opened here and used in another thread, never in both at once.
        connection = sqlite3.connect(path, timeout=busy_seconds, isolation_level=None, check_same_thread=False)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA secure_delete = ON")  # what citizens have deleted is nowhere in the file
        (found,) = connection.execute("PRAGMA user_version").fetchone()
        if found not in (0, version):
            raise DatabaseError(
                f"{title} {path} 的版本是 {found}，本程序只能使用版本 {version}。请移走该文件后重新启动。"
            )
        connection.executescript(f"{schema}PRAGMA user_version = {version};")
    except (OSError, sqlite3.Error) as error:
        raise DatabaseError(
            f"{title} {path} 无法使用（{error}）。请检查该文件及其目录的读写权限；文件已损坏时，请移走后重新启动。"
        ) from error
    return connection


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Make all changes of the block, or none of them."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


class _TooMuchWaits(Exception):
    """The file moves so slowly that further work would only pile up."""


class DatabaseThread:
    """The one thread of a file, for a caller in the event loop who can go on without what it brings."""

    def __init__(self, title: str, consequence: str, patience: float | None = None) -> None:
        self._title = title
        self._consequence = consequence
        self._patience = patience
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="database")
        self._waiting = 0
        self._failing: set[bool] = set()  # whether reading fails (True), writing (False), or both

    async def run(self, work: Callable[[], _Result], otherwise: _Result, reads: bool = False) -> _Result:
        """Return what `work` returns; `otherwise` when it fails, or is not done within the patience.

        Work whose caller's patience is over is done all the same, later. `reads` is work that changes nothing.
        """
        try:
            result = await asyncio.wait_for(self._begin(work), self._patience)
        except Exception as error:
            if not self._failing:
                logger.error("%s读写失败，%s：%r", self._title, self._consequence, error)
            self._failing.add(reads)
            return otherwise
        # On a full disk reading goes on while nothing can be written: that is not yet the end of it.
        if reads in self._failing:
            self._failing.discard(reads)
            if not self._failing:
                logger.warning("%s已恢复正常。", self._title)
        return result

    def _begin(self, work: Callable[[], _Result]) -> asyncio.Future[_Result]:
        if self._waiting >= MOST_WAITING:
            raise _TooMuchWaits(f"{self._waiting} 件")
        future = asyncio.get_running_loop().run_in_executor(self._thread, work)
        self._waiting += 1
        future.add_done_callback(self._end)
        return asyncio.shield(future)

    def _end(self, future: asyncio.Future[_Result]) -> None:
        self._waiting -= 1
        if not future.cancelled():
            future.exception()  # nobody else may be left to take note of it

    def close(self, last: Callable[[], object]) -> None:
        """Finish what is waiting, then do the `last` thing."""
        self._thread.submit(last).result()
        self._thread.shutdown()
