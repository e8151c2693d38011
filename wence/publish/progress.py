"""How far a publication has come, for whoever looks; and the lock that lets one publish at a time.

    with alone(settings): …               BusyError while somebody else does
    progress = Progress(settings, tell)
    progress.at(TRAIN, 0.4, "…")          written to WENCE_STATE/publish/progress.json, and told
    read_progress(settings)               what another process has come to

The lock is the kernel's: it is gone with the process that held it, however that ended.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import pathlib
import time
from collections.abc import Callable, Iterator
from typing import Any

from wence.durable import write_text
from wence.publish.errors import BusyError
from wence.settings import Settings

Tell = Callable[[str], None]

CHECK, TRAIN, EVALUATE, GATE, ACTIVATE, DONE = "check", "train", "evaluate", "gate", "activate", "done"
#: Where each step begins, as a share of the whole.
BEGINS = {CHECK: 0.0, TRAIN: 0.1, EVALUATE: 0.7, GATE: 0.95, ACTIVATE: 0.96, DONE: 1.0}


def folder_of(settings: Settings) -> pathlib.Path:
    """Return the folder of what publishing writes for itself."""
    return settings.state / "publish"


@contextlib.contextmanager
def alone(settings: Settings) -> Iterator[None]:
    """Let one process publish or roll back at a time; raises BusyError."""
    folder = folder_of(settings)
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise BusyError("正在发布另一批,请等它结束再试") from error
        yield


def is_running(settings: Settings) -> bool:
    """Whether somebody publishes or rolls back at this moment."""
    try:
        with alone(settings):
            return False
    except BusyError:
        return True


class Progress:
    """Writes down and tells how far a publication has come."""

    def __init__(self, settings: Settings, tell: Tell) -> None:
        self._file = folder_of(settings) / "progress.json"
        self._tell = tell
        self._began = time.time()
        self._step, self._step_began = "", time.monotonic()
        #: How many seconds each step that is over took.
        self.seconds: dict[str, float] = {}

    def at(self, step: str, part: float, words: str) -> None:
        """Say that a part (0 to 1) of a step is done; raises OSError."""
        if step != self._step:
            now = time.monotonic()
            if self._step:
                self.seconds[self._step] = round(self.seconds.get(self._step, 0.0) + now - self._step_began, 1)
            self._step, self._step_began = step, now
        begin = BEGINS[step]
        end = min([share for share in BEGINS.values() if share > begin], default=1.0)
        content = {
            "step": step,
            "share": round(begin + (end - begin) * min(max(part, 0.0), 1.0), 3),
            "words": words,
            "pid": os.getpid(),
            "began": self._began,
            "time": time.time(),
        }
        write_text(self._file, json.dumps(content, ensure_ascii=False))
        self._tell(words)


def read_progress(settings: Settings) -> dict[str, Any] | None:
    """Return what the running or the last publication has come to; None where there was none."""
    try:
        found: dict[str, Any] = json.loads((folder_of(settings) / "progress.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found
